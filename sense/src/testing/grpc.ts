/** Calls of gRPC between a real client and a real server of HTTP/2, as bytes that went each way. */

import { once } from 'node:events';
import { connect as connectHttp2, createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, connect, createServer } from 'node:net';

/** A message with the prefix that calls have. */
export function grpcMessage(bytes: number, compressed = 0): Buffer {
  const framed = Buffer.alloc(5 + bytes, 0x41);
  framed[0] = compressed;
  framed.writeUInt32BE(bytes, 1);
  return framed;
}

export type Piece = { fromClient: boolean; bytes: Uint8Array };

/** What each call asks; the server answers `Watch` with three messages, `Chat` with two, `Refuse` with none, all others with one. */
const asked: readonly (readonly [method: string, messages: readonly Buffer[]])[] = [
  ['Get', [grpcMessage(20)]],
  ['Watch', [grpcMessage(20)]],
  ['Upload', [grpcMessage(70_000), grpcMessage(10, 1), grpcMessage(0)]],
  ['Chat', [grpcMessage(1), grpcMessage(2)]],
  ['Refuse', [grpcMessage(5)]],
];

/** Messages of all calls and their bytes, as they were made. */
export const grpcTruth = { calls: 5, messages: 8 + 7, bytes: 20 + 20 + 70_010 + 3 + 5 + 100 + 600 + 100 + 300 };

function answer(stream: ServerHttp2Stream, path: string): void {
  if (path.endsWith('/Refuse')) {
    // Nothing but trailers (PROTOCOL-HTTP2.md, "Trailers-Only").
    const head = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '7', 'grpc-message': 'ada may not' };
    stream.respond(head, { endStream: true });
    return;
  }
  const head = { ':status': 200, 'content-type': 'application/grpc+proto', 'grpc-encoding': 'gzip' };
  stream.respond(head, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': path.endsWith('/Watch') ? '14' : '0' }));
  stream.resume();
  stream.on('end', () => {
    const answers = path.endsWith('/Watch') ? 3 : path.endsWith('/Chat') ? 2 : 1;
    for (let i = 0; i < answers; i++) stream.write(grpcMessage(100 * (i + 1), i === 0 ? 1 : 0));
    stream.end();
  });
}

/** Lets them speak through a listener between them that notes every piece. */
export async function grpcTalk(): Promise<Piece[]> {
  const pieces: Piece[] = [];
  const server = createHttp2Server();
  server.on('stream', (stream: ServerHttp2Stream, headers) => answer(stream, String(headers[':path'])));
  const between = createServer((near) => {
    const far = connect((server.address() as AddressInfo).port, '127.0.0.1');
    near.on('data', (bytes: Buffer) => {
      pieces.push({ fromClient: true, bytes });
      far.write(bytes);
    });
    far.on('data', (bytes: Buffer) => {
      pieces.push({ fromClient: false, bytes });
      near.write(bytes);
    });
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    for (const socket of [near, far]) socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  between.listen(0, '127.0.0.1');
  await Promise.all([once(server, 'listening'), once(between, 'listening')]);
  const client = connectHttp2(`http://127.0.0.1:${(between.address() as AddressInfo).port}`);
  for (const [method, messages] of asked) {
    const stream = client.request({
      ':method': 'POST',
      ':path': `/shop.v1.Orders/${method}`,
      'content-type': 'application/grpc+proto',
      te: 'trailers',
      'grpc-timeout': '1500m',
      'user-agent': 'grpc-node/1.10',
    });
    for (const each of messages) stream.write(each);
    stream.end();
    stream.resume();
    await once(stream, 'close');
  }
  client.close();
  await once(client, 'close');
  between.close();
  server.close();
  return pieces;
}
