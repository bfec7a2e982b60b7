/** The record of SNMP, with Zeek's names. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const snmp = {
  log: 'snmp',
  means: 'One SNMP session: the messages between one manager and one agent.',
  source: 'Zeek base/protocols/snmp; RFC 1157, RFC 3416, RFC 3412; without community, which is a password',
  columns: {
    ...connectionColumns,
    duration: { type: 'interval', class: 'technical', unit: 's', always: true, means: 'From the first to the last message.' },
    version: { type: 'string', class: 'technical', always: true, means: '1, 2c or 3.' },
    username: { type: 'string', class: 'personal', means: 'User of version 3 (the first one).' },
    get_requests: { type: 'count', class: 'technical', always: true, means: 'Variables asked for by Get and GetNext.' },
    get_bulk_requests: { type: 'count', class: 'technical', always: true, means: 'Variables asked for by GetBulk.' },
    get_responses: { type: 'count', class: 'technical', always: true, means: 'Variables in responses.' },
    set_requests: { type: 'count', class: 'technical', always: true, means: 'Variables that somebody asked to change.' },
    display_string: { type: 'string', class: 'technical', means: 'What the agent says it is (sysDescr).' },
    up_since: { type: 'time', class: 'technical', unit: 's', means: 'Since when the agent says it runs (sysUpTime).' },
  },
} as const satisfies RecordType;

export type SnmpRecord = RecordOf<typeof snmp>;
