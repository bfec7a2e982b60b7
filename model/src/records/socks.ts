/** Proxies that speak SOCKS, with the names of Zeek 8's `socks` log. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const socks = {
  log: 'socks',
  means: 'One request to a SOCKS proxy: where it shall connect to, and its answer.',
  source: 'Zeek base/protocols/socks; RFC 1928, RFC 1929; SOCKS 4 and 4A (NEC)',
  columns: {
    ...connectionColumns,
    version: { type: 'count', class: 'technical', always: true, means: 'Version of SOCKS, 4 or 5.' },
    user: { type: 'string', class: 'personal', means: 'Account at the proxy.' },
    password: { type: 'string', class: 'secret', means: 'Never written.' },
    status: { type: 'string', class: 'technical', means: 'Answer of the proxy: succeeded, Connection refused.' },
    'request.host': { type: 'addr', class: 'technical', means: 'Address that was asked for.' },
    'request.name': { type: 'string', class: 'technical', means: 'Name that was asked for.' },
    request_p: { type: 'port', class: 'technical', means: 'Port that was asked for.' },
    'bound.host': { type: 'addr', class: 'technical', means: 'Address that the proxy uses.' },
    'bound.name': { type: 'string', class: 'technical', means: 'Name that the proxy uses.' },
    bound_p: { type: 'port', class: 'technical', means: 'Port that the proxy uses.' },
  },
} as const satisfies RecordType;

export type SocksRecord = RecordOf<typeof socks>;
