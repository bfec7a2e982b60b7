/** File transfers by FTP, with the names of Zeek 8's `ftp` log. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const ftp = {
  log: 'ftp',
  means: 'One FTP command with its reply: transfers, deletions, logins and announcements of data flows.',
  source: 'Zeek base/protocols/ftp; RFC 959, RFC 2428',
  columns: {
    ...connectionColumns,
    user: { type: 'string', class: 'personal', always: true, means: 'Name of the user, <unknown> before one was given.' },
    password: { type: 'string', class: 'secret', means: 'Never written.' },
    command: { type: 'string', class: 'technical', always: true, means: 'The command: RETR, STOR, DELE, PASV, …' },
    arg: { type: 'string', class: 'content', kept: 'uri-path', means: 'Its argument; of a transfer the URL of the file.' },
    mime_type: { type: 'string', class: 'technical', means: 'Type of the file, by its first bytes.' },
    file_size: { type: 'count', class: 'technical', unit: 'bytes', means: 'Size of the file as the server stated it.' },
    reply_code: { type: 'count', class: 'technical', means: 'Code of the reply.' },
    reply_msg: { type: 'string', class: 'content', means: 'Text of the reply; it may name users and files.' },
    'data_channel.passive': { type: 'bool', class: 'technical', means: 'The client opens the data flow.' },
    'data_channel.orig_h': { type: 'addr', class: 'technical', means: 'Who opens the data flow.' },
    'data_channel.resp_h': { type: 'addr', class: 'technical', means: 'Where it was announced to arrive.' },
    'data_channel.resp_p': { type: 'port', class: 'technical', means: 'The port there.' },
    fuid: { type: 'string', class: 'technical', means: 'The file of the data flow; it has a `files` record.' },
  },
} as const satisfies RecordType;

export type FtpRecord = RecordOf<typeof ftp>;
