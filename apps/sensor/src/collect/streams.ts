/** Connections of senders of syslog, over TCP and TLS. A sender that can wait does: nothing is read while there is no room. */

import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { listenRefusal } from './datagrams.ts';
import { createFraming } from './framing.ts';
import type { ListenWish } from './wishes.ts';

/** Relays hold one connection each; a country's ministries have some hundred of them. Each may hold 2 MiB of a message that is not complete. */
const connectionsMax = 512;

/** A sender that is gone without a word is noticed so. */
const keepAliveMs = 60_000;

/** A greeting of TLS takes some packets; who does not end it holds a place. */
const handshakeMs = 10_000;

/** Asked to stop, what a sender has on its way is read so long. */
const farewellMs = 500;

export const limits = [
  {
    name: 'collect.connectionsMax',
    value: connectionsMax,
    unit: 'connections per listener',
    why: 'Relays hold one each; of a message that is not complete one holds up to 2 MiB. More are refused and counted.',
  },
  { name: 'collect.handshakeMs', value: handshakeMs, unit: 'ms', why: 'A greeting of TLS takes some packets.' },
] as const;

export type StreamTls = { certificate: string; key: string; authority?: string | undefined };

/** Takes the messages of one connection. */
export type Sender = { message(bytes: Uint8Array): void; end(): void };

export type StreamCounts = {
  /** Connections that were refused because there were too many. */
  refused: number;
  /** Connections that were ended because no message stood where one should begin. */
  unframed: number;
  /** Messages that were cut because of their length. */
  cut: number;
};

export type Streams = {
  readonly port: number;
  readonly counts: StreamCounts;
  /** Nothing is read until `resume`. */
  pause(): void;
  resume(): void;
  close(): Promise<void>;
};

/** Listens. Refusals: `sensor.collect.listen`, `sensor.collect.tls`. */
export async function openStreams(
  wish: ListenWish,
  tls: StreamTls | undefined,
  open: (address: string) => Sender,
  onFault: (fault: unknown) => void,
): Promise<Streams> {
  const counts: StreamCounts = { refused: 0, unframed: 0, cut: 0 };
  const sockets = new Set<Socket>();
  let isPaused = false;

  function take(socket: Socket): void {
    if (sockets.size >= connectionsMax) {
      counts.refused++;
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.setKeepAlive(true, keepAliveMs);
    const address = socket.remoteAddress ?? '';
    const sender = open(address.startsWith('::ffff:') ? address.slice(7) : address);
    const framing = createFraming((bytes) => sender.message(bytes));
    if (isPaused) socket.pause();
    socket.on('data', (bytes: Buffer) => {
      try {
        const before = framing.cut;
        if (!framing.push(bytes)) {
          counts.unframed++;
          socket.destroy();
        }
        counts.cut += framing.cut - before;
      } catch (fault) {
        onFault(fault);
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      try {
        framing.end();
        sender.end();
      } catch (fault) {
        onFault(fault);
      }
    });
  }

  let server: Server;
  try {
    server = wish.transport === 'tls' ? createTlsServer(tlsOptions(tls!), take) : createTcpServer(take);
  } catch (cause) {
    throw listenRefusal(wish.name, { message: (cause as Error).message, code: undefined });
  }
  // Who greets wrongly is not let in; that is no fault of ours.
  server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(listenRefusal(wish.name, { message: error.message, code: error.code })),
    );
    server.listen({ host: wish.host, port: wish.port }, resolve);
  });
  server.on('error', onFault);
  return {
    port: (server.address() as AddressInfo).port,
    counts,
    pause() {
      if (isPaused) return;
      isPaused = true;
      for (const socket of sockets) socket.pause();
    },
    resume() {
      if (!isPaused) return;
      isPaused = false;
      for (const socket of sockets) socket.resume();
    },
    close: () =>
      new Promise((resolve) => {
        const force = setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, farewellMs);
        server.close(() => {
          clearTimeout(force);
          resolve();
        });
        // The other side reads that nothing more is wanted; what it has sent is read still.
        for (const socket of sockets) socket.end();
      }),
  };
}

/** RFC 5425 asks for certificates of both sides; a sender's is only looked at where an authority for it is given. */
const tlsOptions = ({ certificate, key, authority }: StreamTls): TlsOptions => ({
  cert: certificate,
  key,
  minVersion: 'TLSv1.2',
  handshakeTimeout: handshakeMs,
  ...(authority === undefined ? {} : { ca: authority, requestCert: true, rejectUnauthorized: true }),
});
