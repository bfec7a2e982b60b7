/** Records of AMQP, both of its protocols. Zeek has no log of it; the content of messages is never written. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const amqp_connect = {
  log: 'amqp_connect',
  means: 'A client’s sign-in at an AMQP broker, with what came of it.',
  source: 'AMQP 0-9-1 §1.4 (connection), OASIS AMQP 1.0 §2.7.1, §5.3; names of the fields there',
  columns: {
    ...connectionColumns,
    version: { type: 'string', class: 'technical', always: true, means: '0-9-1, 1.0 or another.' },
    server_product: { type: 'string', class: 'technical', means: 'Product and version of the broker.' },
    client_product: { type: 'string', class: 'technical', means: 'Product and version of the client.' },
    container_id: { type: 'string', class: 'technical', means: 'Name of the client (AMQP 1.0).' },
    mechanisms: { type: 'string', class: 'technical', means: 'Ways to sign in that the broker offers.' },
    mechanism: { type: 'string', class: 'technical', means: 'Way to sign in that the client chose.' },
    username: { type: 'string', class: 'personal', means: 'Account, where it was sent in clear.' },
    has_password: { type: 'bool', class: 'technical', means: 'A password was sent in clear; it is never written.' },
    vhost: { type: 'string', class: 'technical', means: 'Virtual host, or the host that the client asks for (AMQP 1.0).' },
    status: { type: 'enum', class: 'technical', means: 'open or refused; absent where neither was seen.' },
    reply_code: { type: 'count', class: 'technical', means: 'Why it was refused, or the outcome of signing in (AMQP 1.0).' },
    reply_text: { type: 'string', class: 'technical', means: 'The same in words.' },
  },
} as const satisfies RecordType;

export const amqp = {
  log: 'amqp',
  means: 'One command of AMQP: a message published or delivered, a queue or exchange made, bound or removed, a link attached.',
  source: 'AMQP 0-9-1 §1.5–1.8, OASIS AMQP 1.0 §2.7; names of the fields there',
  columns: {
    ...connectionColumns,
    is_orig: { type: 'bool', class: 'technical', always: true, means: 'Sent by the originator.' },
    channel: { type: 'count', class: 'technical', always: true, means: 'Channel.' },
    method: {
      type: 'string',
      class: 'technical',
      always: true,
      means: 'Command, such as basic.publish, queue.delete, transfer.',
    },
    exchange: { type: 'string', class: 'technical', means: 'Exchange; empty for the one that every queue has.' },
    exchange_type: { type: 'string', class: 'technical', means: 'direct, fanout, topic, headers, …' },
    routing_key: { type: 'string', class: 'technical', means: 'Routing key.' },
    queue: { type: 'string', class: 'technical', means: 'Queue.' },
    address: { type: 'string', class: 'technical', means: 'Node that a link leads to or comes from (AMQP 1.0).' },
    content_type: { type: 'string', class: 'technical', means: 'Media type of the message.' },
    payload_len: { type: 'count', class: 'technical', unit: 'bytes', means: 'Length of the message.' },
    redelivered: { type: 'bool', class: 'technical', means: 'It was delivered before.' },
    reply_code: { type: 'count', class: 'technical', means: 'Why a channel is closed or a message comes back.' },
    reply_text: { type: 'string', class: 'technical', means: 'The same in words.' },
  },
} as const satisfies RecordType;

export type AmqpConnectRecord = RecordOf<typeof amqp_connect>;
export type AmqpRecord = RecordOf<typeof amqp>;
