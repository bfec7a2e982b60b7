/** The record of WireGuard, with the names of corelight's zeek-spicy-wireguard. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const wireguard = {
  log: 'wireguard',
  means: 'A flow of a WireGuard tunnel: its handshakes, counted.',
  source:
    "corelight/zeek-spicy-wireguard; the WireGuard paper §5.4; the package's columns, and numbers of the session, cookies and data",
  columns: {
    ...connectionColumns,
    established: {
      type: 'bool',
      class: 'technical',
      always: true,
      means: 'A response answered an initiation that was seen: most likely the tunnel stood.',
    },
    initiations: {
      type: 'count',
      class: 'technical',
      always: true,
      means: 'Handshakes that were begun; many without a response: nobody answers.',
    },
    responses: { type: 'count', class: 'technical', always: true, means: 'Responses to them.' },
    cookies: {
      type: 'count',
      class: 'technical',
      always: true,
      means: 'Cookie replies: an end that says that it is under load.',
    },
    data: {
      type: 'count',
      class: 'technical',
      always: true,
      unit: 'packets',
      means: 'Packets of the tunnel, keepalives among them.',
    },
    sender_index: { type: 'count', class: 'technical', means: 'Number of the session of who sent the latest initiation.' },
    receiver_index: { type: 'count', class: 'technical', means: 'Number of the session of who responded last.' },
  },
} as const satisfies RecordType;

export type WireguardRecord = RecordOf<typeof wireguard>;
