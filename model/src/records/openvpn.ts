/** The record of OpenVPN. Corelight's zeek-spicy-openvpn has names and no log; the names are its own. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const openvpn = {
  log: 'openvpn',
  means: 'A flow of an OpenVPN tunnel: its sessions, how their control is protected, and packets by kind.',
  source: "names of corelight/zeek-spicy-openvpn, which has no log of its own; OpenVPN's ssl_pkt.h and tls_crypt.h",
  columns: {
    ...connectionColumns,
    session_id: { type: 'string', class: 'technical', means: 'Number of the session that the client chose (the latest).' },
    remote_session_id: { type: 'string', class: 'technical', means: 'Number that the server chose.' },
    answered: {
      type: 'bool',
      class: 'technical',
      always: true,
      means: 'The server answered with its own reset: both have the same static keys, if any.',
    },
    protection: {
      type: 'enum',
      class: 'technical',
      means:
        'How control is protected below TLS: none, tls-auth, tls-crypt or tls-crypt-v2; absent where the beginning was not seen.',
    },
    hmac_len: {
      type: 'count',
      class: 'technical',
      unit: 'bytes',
      means: 'Length of the code: 16 MD5, 20 SHA1, 32 SHA256, 48 SHA384, 64 SHA512.',
    },
    opcodes: {
      type: 'vector[string]',
      class: 'technical',
      always: true,
      means: 'Kinds of packets in the order in which they first came.',
    },
    resets: { type: 'count', class: 'technical', always: true, means: 'Sessions that a client began.' },
    soft_resets: { type: 'count', class: 'technical', always: true, means: 'Packets that begin new keys within a session.' },
    control: {
      type: 'count',
      class: 'technical',
      unit: 'packets',
      always: true,
      means: 'Packets of control, resets among them.',
    },
    acks: { type: 'count', class: 'technical', unit: 'packets', always: true, means: 'Packets that only acknowledge.' },
    data: { type: 'count', class: 'technical', unit: 'packets', always: true, means: 'Packets of the tunnel.' },
    peer_id: {
      type: 'count',
      class: 'technical',
      means: 'Number that the server gave the client, by which it is known when its address changes.',
    },
  },
} as const satisfies RecordType;

export type OpenvpnRecord = RecordOf<typeof openvpn>;
