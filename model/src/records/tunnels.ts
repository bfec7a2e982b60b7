/** Tunnels: flows that carry others. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const tunnel = {
  log: 'tunnel',
  means: 'A flow that carries others inside: when it was discovered, and when it ended.',
  source: 'Zeek base/frameworks/tunnels',
  columns: {
    ...connectionColumns,
    tunnel_type: {
      type: 'enum',
      class: 'technical',
      always: true,
      means:
        'What carries: Tunnel::IP, ::GRE, ::VXLAN, ::GENEVE, ::TEREDO, ::GTPv1, ::AYIYA, ::L2TP, ::MPLS, ::ETHERIP, ::ETHERNET; ::HTTP and ::SOCKS of proxies, whose client port is written as 0.',
    },
    action: { type: 'enum', class: 'technical', always: true, means: 'Tunnel::DISCOVER or Tunnel::CLOSE.' },
  },
} as const satisfies RecordType;

export type TunnelRecord = RecordOf<typeof tunnel>;
