/** Calls of gRPC. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

const messages = { type: 'count', class: 'technical', always: true, unit: 'messages' } as const;
const bytes = { type: 'count', class: 'technical', always: true, unit: 'bytes' } as const;

export const grpc = {
  log: 'grpc',
  means:
    'One gRPC call in clear text: which method of which service, how many messages went each way, how it ended. Never what they say.',
  source: 'gRPC over HTTP/2 (grpc/grpc: PROTOCOL-HTTP2.md)',
  columns: {
    ...connectionColumns,
    trans_depth: {
      type: 'count',
      class: 'technical',
      always: true,
      means: 'Position in its connection, as in the http record of the call.',
    },
    host: { type: 'string', class: 'technical', means: 'The server that was asked (:authority).' },
    service: { type: 'string', class: 'technical', means: 'The service, with its package: google.pubsub.v1.Publisher.' },
    method: { type: 'string', class: 'technical', means: 'The method of the service.' },
    content_type: {
      type: 'string',
      class: 'technical',
      always: true,
      means: 'Content type, with the coding of messages: application/grpc+proto.',
    },
    encoding: { type: 'string', class: 'technical', means: 'How messages may be compressed: gzip, identity.' },
    streaming: {
      type: 'enum',
      class: 'technical',
      always: true,
      means: 'Which side sent more than one message: none, client, server, both.',
    },
    request_messages: { ...messages, means: 'Messages of the client.' },
    response_messages: { ...messages, means: 'Messages of the server.' },
    request_message_bytes: { ...bytes, means: 'Their bytes, without prefixes, as they say themselves.' },
    response_message_bytes: { ...bytes, means: 'Their bytes, without prefixes, as they say themselves.' },
    request_message_max: { ...bytes, means: 'Largest message of the client.' },
    response_message_max: { ...bytes, means: 'Largest message of the server.' },
    compressed_messages: { type: 'count', class: 'technical', unit: 'messages', means: 'Messages that are compressed.' },
    timeout: { type: 'interval', class: 'technical', unit: 's', means: 'How long the client is ready to wait.' },
    http_status: { type: 'count', class: 'technical', means: 'Status of HTTP, which is 200 also where the call fails.' },
    status: { type: 'count', class: 'technical', means: 'Status of the call; 0 is success.' },
    status_name: { type: 'string', class: 'technical', means: 'Name of the status: UNAVAILABLE.' },
    duration: {
      type: 'interval',
      class: 'technical',
      unit: 's',
      always: true,
      means: 'From the request to the end of the call.',
    },
    complete: {
      type: 'bool',
      class: 'technical',
      always: true,
      means: 'Whether both directions were seen to their end without a gap.',
    },
  },
} as const satisfies RecordType;

export type GrpcRecord = RecordOf<typeof grpc>;
