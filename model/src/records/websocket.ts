/** WebSocket, with the names of Zeek 8's `websocket` log. */

import { connectionColumns, type RecordOf, type RecordType } from './record.ts';

export const websocket = {
  log: 'websocket',
  means: 'One WebSocket connection, as its handshake over HTTP agreed it.',
  source: 'Zeek base/protocols/websocket; RFC 6455',
  columns: {
    ...connectionColumns,
    host: { type: 'string', class: 'technical', means: 'The Host header of the request.' },
    uri: {
      type: 'string',
      class: 'content',
      kept: 'uri-path',
      means: 'The request target. At the centre the query part is cut unless the link policy names it.',
    },
    user_agent: { type: 'string', class: 'technical', means: 'The User-Agent header of the request.' },
    subprotocol: { type: 'string', class: 'technical', means: 'The subprotocol that the server chose.' },
    client_protocols: { type: 'vector[string]', class: 'technical', means: 'Subprotocols that the client offered.' },
    server_extensions: { type: 'vector[string]', class: 'technical', means: 'Extensions that the server chose.' },
    client_extensions: { type: 'vector[string]', class: 'technical', means: 'Extensions that the client offered.' },
  },
} as const satisfies RecordType;

export type WebsocketRecord = RecordOf<typeof websocket>;
