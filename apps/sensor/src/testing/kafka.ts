/**
 * A broker of Kafka for tests and benches. Debian has none; it has kcat, a producer and consumer on librdkafka, and in that library the broker its authors
 * test with, in memory (`test.mock.num.brokers`): the real protocol with groups and offsets, written by others, but no Apache Kafka. It says that it
 * speaks ListOffsets of version 5 and leaves a field of it out, and a group whose last member takes leave is never led again there: so what stands
 * between here takes that version from what it offers, and ends the connection of who takes leave. A partition there holds some megabytes only.
 *
 *     node kafka.ts        starts both, prints the port, and ends with its standard input
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { until } from './senders.ts';

/** A producer that stays, with the brokers in it, and the port of the first. */
export async function startCluster(): Promise<{ child: ChildProcess; port: number }> {
  const words = ['-P', '-t', 'none', '-b', 'none', '-X', 'test.mock.num.brokers=1', '-d', 'mock'];
  const child = spawn('kcat', words, { stdio: ['pipe', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.on('data', (bytes: Buffer) => {
    if (told.length < 10_000) told += bytes.toString();
  });
  const port = (): number | undefined => Number(/bootstrap\.servers=127\.0\.0\.1:(\d+)/.exec(told)?.[1]) || undefined;
  await until(() => port() !== undefined);
  return { child, port: port()! };
}

export type Between = {
  readonly port: number;
  /** Ends what is open, and refuses what comes. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
};

/** Hands everything on, names itself where the broker names its own address, and changes the one version that is not spoken right. */
export async function standBetween(broker: number): Promise<Between> {
  let isCut = false;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    if (isCut) return void client.destroy();
    const toBroker = connect(broker, '127.0.0.1');
    for (const socket of [client, toBroker]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        toBroker.destroy();
      });
    }
    client.on(
      'data',
      framed((frame) => {
        if (frame.readInt16BE(4) === leaveGroup) client.destroy();
        else toBroker.write(frame);
      }),
    );
    toBroker.on(
      'data',
      framed((frame) => client.write(changed(frame))),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const address = (of: number): Buffer => {
    const bytes = Buffer.from('\0\x09127.0.0.1\0\0\0\0', 'latin1');
    bytes.writeInt32BE(of, bytes.length - 4);
    return bytes;
  };
  const own = address(broker);
  const ours = address(port);
  // ListOffsets (2) from version 0 to 5, as it stands in the list of what is spoken.
  const wrong = Buffer.from([0, 2, 0, 0, 0, 5]);
  function changed(frame: Buffer): Buffer {
    for (let at = frame.indexOf(own); at >= 0; at = frame.indexOf(own, at + 1)) ours.copy(frame, at);
    const at = frame.length < 1_000 ? frame.indexOf(wrong) : -1;
    if (at >= 0) frame[at + 5] = 3;
    return frame;
  }
  return {
    port,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend: () => void (isCut = false),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** The request that a member takes leave with. */
const leaveGroup = 13;

/** Pieces of a stream as frames: a length of four bytes, and so many bytes. */
function framed(take: (frame: Buffer) => void): (bytes: Buffer) => void {
  let held = Buffer.alloc(0);
  return (bytes) => {
    held = Buffer.concat([held, bytes]);
    while (held.length >= 4 && held.length >= 4 + held.readInt32BE(0)) {
      const end = 4 + held.readInt32BE(0);
      take(Buffer.from(held.subarray(0, end)));
      held = held.subarray(end);
    }
  };
}

if (import.meta.main) {
  const { child, port } = await startCluster();
  const between = await standBetween(port);
  process.stdout.write(`${between.port}\n`);
  process.stdin.on('end', () => {
    child.kill('SIGKILL');
    void between.close();
  });
  process.stdin.resume();
}
