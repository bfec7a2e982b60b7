/** The record of RADIUS, with Zeek's names. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const radius = {
  log: 'radius',
  means: 'One authentication over RADIUS: who asked for what, and whether it was granted.',
  source: 'Zeek base/protocols/radius; RFC 2865, RFC 2868, RFC 2869; without any password, challenge or EAP message',
  columns: {
    ...connectionColumns,
    username: { type: 'string', class: 'personal', means: 'User who wants in.' },
    mac: {
      type: 'string',
      class: 'technical',
      means: "Hardware address of the user's device (Calling-Station-Id), where it is one.",
    },
    framed_addr: { type: 'addr', class: 'technical', means: 'Address the user is to have.' },
    tunnel_client: { type: 'string', class: 'technical', means: 'Where the tunnel of the user begins.' },
    connect_info: { type: 'string', class: 'technical', means: 'How the user is connected: CONNECT 54Mbps 802.11g.' },
    reply_msg: { type: 'string', class: 'content', means: 'Text of the server for the user.' },
    result: { type: 'string', class: 'technical', always: true, means: 'success, failed, or unknown where no answer was seen.' },
    ttl: { type: 'interval', class: 'technical', unit: 's', means: 'From the first request to the final answer.' },
  },
} as const satisfies RecordType;

export type RadiusRecord = RecordOf<typeof radius>;
