/** Mail in transit, with the names of Zeek 8's `smtp` log. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const smtp = {
  log: 'smtp',
  means: 'One message on its way between mail servers or from a client, without its text; or an attempt at one.',
  source: 'Zeek base/protocols/smtp; RFC 5321, RFC 5322',
  columns: {
    ...connectionColumns,
    trans_depth: { type: 'count', class: 'technical', always: true, means: 'Position of the message in its connection, from 1.' },
    helo: { type: 'string', class: 'technical', means: 'The name that the client gave itself.' },
    mailfrom: { type: 'string', class: 'personal', means: 'Sender of the envelope.' },
    rcptto: { type: 'vector[string]', class: 'personal', means: 'Recipients of the envelope.' },
    date: { type: 'string', class: 'technical', means: 'The Date header.' },
    from: { type: 'string', class: 'personal', means: 'The From header.' },
    to: { type: 'vector[string]', class: 'personal', means: 'The To header.' },
    cc: { type: 'vector[string]', class: 'personal', means: 'The Cc header.' },
    reply_to: { type: 'string', class: 'personal', means: 'The Reply-To header.' },
    msg_id: { type: 'string', class: 'technical', means: 'The Message-ID header.' },
    in_reply_to: { type: 'string', class: 'content', means: 'The In-Reply-To header.' },
    subject: { type: 'string', class: 'content', means: 'The Subject header, as it was coded.' },
    x_originating_ip: { type: 'addr', class: 'technical', means: 'The X-Originating-IP header.' },
    first_received: {
      type: 'string',
      class: 'personal',
      means: 'The Received header that was added first; it may name the recipient.',
    },
    second_received: { type: 'string', class: 'personal', means: 'The Received header that was added second.' },
    last_reply: {
      type: 'string',
      class: 'content',
      means: 'The last reply of the server; it may name mailboxes. Challenges are left out.',
    },
    path: {
      type: 'vector[string]',
      class: 'technical',
      always: true,
      means: 'Hosts on the way, from the receiving server back, as far as the Received headers tell.',
    },
    user_agent: { type: 'string', class: 'technical', means: 'The program that wrote the message.' },
    tls: { type: 'bool', class: 'technical', always: true, means: 'The connection changed to TLS.' },
    fuids: {
      type: 'vector[string]',
      class: 'technical',
      always: true,
      means: 'Parts of the message; each has a `files` record.',
    },
  },
} as const satisfies RecordType;

export type SmtpRecord = RecordOf<typeof smtp>;
