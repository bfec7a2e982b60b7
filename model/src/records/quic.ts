/** QUIC as far as anyone on the path can read it, with the names of Zeek 8's `quic` log. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const quic = {
  log: 'quic',
  means: 'One QUIC connection, as far as its handshake is readable on the path.',
  source: 'Zeek base/protocols/quic; RFC 9000, RFC 9001, RFC 9369',
  columns: {
    ...connectionColumns,
    version: { type: 'string', class: 'technical', always: true, means: 'Version of the first packet: 1, quicv2, draft-29.' },
    client_initial_dcid: {
      type: 'string',
      class: 'technical',
      means: 'The first connection id that the client sent to; the keys of the first packets come from it.',
    },
    client_scid: { type: 'string', class: 'technical', means: 'Connection id that the client chose for itself.' },
    server_scid: { type: 'string', class: 'technical', means: 'Connection id that the server chose for itself.' },
    server_name: { type: 'string', class: 'technical', means: 'Server name indication of the client.' },
    client_protocol: { type: 'string', class: 'technical', means: 'First application protocol that the client offers (ALPN).' },
    history: {
      type: 'string',
      class: 'technical',
      always: true,
      means:
        'Order of packets, capitals from the client: i Initial, h Handshake, z 0-RTT, r Retry, s hello, c close, u unfamiliar version, x discarded, o short header (by powers of two).',
    },
  },
} as const satisfies RecordType;

export type QuicRecord = RecordOf<typeof quic>;
