/** The record of TFTP, with the names of the Zeek project's package spicy-tftp. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const tftp = {
  log: 'tftp',
  means: 'One file asked for or sent over TFTP.',
  source: 'zeek/spicy-tftp; RFC 1350, RFC 2347, RFC 2348',
  columns: {
    ...connectionColumns,
    wrq: { type: 'bool', class: 'technical', always: true, means: 'The client sends the file; else it asks for it.' },
    fname: { type: 'string', class: 'technical', always: true, means: 'Name of the file.' },
    mode: { type: 'string', class: 'technical', always: true, means: 'octet, netascii or mail.' },
    uid_data: { type: 'string', class: 'technical', means: 'The flow that carries the file, where that is another one.' },
    size: { type: 'count', class: 'technical', unit: 'bytes', always: true, means: 'Bytes of the file that were seen.' },
    block_sent: { type: 'count', class: 'technical', always: true, means: 'Blocks sent.' },
    block_acked: { type: 'count', class: 'technical', always: true, means: 'Blocks acknowledged.' },
    error_code: { type: 'count', class: 'technical', means: 'Error that ended it: 1 not found, 2 not allowed, …' },
    error_msg: { type: 'string', class: 'technical', means: 'Its words.' },
  },
} as const satisfies RecordType;

export type TftpRecord = RecordOf<typeof tftp>;
