/** Messages of system logs on their way, with the names of Zeek 8's `syslog` log. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const syslog = {
  log: 'syslog',
  means: 'One message of a system log on its way to a collector.',
  source: 'Zeek base/protocols/syslog; RFC 3164, RFC 5424, RFC 6587',
  columns: {
    ...connectionColumns,
    proto: { type: 'enum', class: 'technical', always: true, means: 'udp or tcp.' },
    facility: { type: 'string', class: 'technical', always: true, means: 'Part of the system that speaks: KERN, AUTH, LOCAL0.' },
    severity: { type: 'string', class: 'technical', always: true, means: 'How grave it is: EMERG to DEBUG.' },
    message: { type: 'string', class: 'content', always: true, means: 'The message behind its priority.' },
  },
} as const satisfies RecordType;

export type SyslogRecord = RecordOf<typeof syslog>;
