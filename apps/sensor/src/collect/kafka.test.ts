/**
 * Subscriptions of Kafka. Debian has no broker; it has kcat, a producer and consumer on librdkafka, and in that library the broker its authors test
 * with, in memory (`test.mock.num.brokers`): the real protocol with groups and offsets, written by others, but no Apache Kafka. It says that it
 * speaks ListOffsets of version 5 and leaves a field of it out, and a group whose last member takes leave is never led again there: so what stands
 * between here takes that version from what it offers, and ends the connection of who takes leave.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { event, full, has, subscriptionTrial, texts, until, type SubscriptionTrial } from '../testing/senders.ts';

let cluster: ChildProcess | undefined;
let between: Between | undefined;
let trial: SubscriptionTrial;

beforeEach(() => {
  trial = subscriptionTrial();
});
afterEach(async () => {
  await trial.end();
  await between?.close();
  between = undefined;
  const ended = new Promise((done) => (cluster ? cluster.on('exit', done) : done(undefined)));
  cluster?.kill('SIGKILL');
  await ended;
  cluster = undefined;
});

/** A producer that stays, with the brokers in it; answers the port of the first. */
async function startCluster(): Promise<number> {
  const words = ['-P', '-t', 'none', '-b', 'none', '-X', 'test.mock.num.brokers=1', '-d', 'mock'];
  const child = spawn('kcat', words, { stdio: ['pipe', 'ignore', 'pipe'] });
  cluster = child;
  let told = '';
  child.stderr.on('data', (bytes: Buffer) => {
    if (told.length < 10_000) told += bytes.toString();
  });
  const port = (): number | undefined => Number(/bootstrap\.servers=127\.0\.0\.1:(\d+)/.exec(told)?.[1]) || undefined;
  await until(() => port() !== undefined);
  return port()!;
}

type Between = {
  readonly port: number;
  /** Ends what is open, and refuses what comes. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
};

/** Hands everything on, names itself where the broker names its own address, and changes the one version that is not spoken right. */
async function standBetween(broker: number): Promise<Between> {
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

async function start(): Promise<(rest?: string) => string> {
  between = await standBetween(await startCluster());
  // A topic is made when somebody first asks for it.
  await produce([event(0)]);
  return (rest = '') => `kafka=127.0.0.1:${between!.port}/logs${rest}`;
}

/** Lines, each as a record, to all partitions; returns when the broker has acknowledged them. */
async function produce(lines: readonly string[], ...more: string[]): Promise<void> {
  const child = spawn('kcat', ['-P', '-b', `127.0.0.1:${between!.port}`, '-t', 'logs', '-q', ...more]);
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  expect(await new Promise((done) => child.on('exit', done))).toBe(0);
}

const events = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, n) => event(from + n));

for (const packing of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
  test(`records packed with ${packing}, of all partitions: what stood there before and what comes`, async (context) => {
    if (!has('kcat')) return context.skip();
    const wish = await start();
    const { counted } = await trial.subscribe(wish());
    await produce(events(1, 500), '-X', `compression.codec=${packing}`);
    await until(() => trial.messages().length >= 500);
    expect(trial.messages().toSorted()).toEqual(texts(500));
    expect(counted()).toMatchObject({ messages: 500, dropped: 0, down: false });
  });
}

test('offsets are committed when what stands before them is on the disk: what found no room comes again', async (context) => {
  if (!has('kcat')) return context.skip();
  const wish = await start();
  await trial.subscribe(wish('?group=own'), full);
  await produce(events(1, 50));
  await until(() => trial.said.some((sentence) => sentence.startsWith('The spool is full.')));
  await trial.end();
  expect(trial.kept).toEqual([]);
  await trial.subscribe(wish('?group=own'));
  await until(() => trial.messages().length >= 50);
  expect([...new Set(trial.messages())].toSorted()).toEqual(texts(50));
  await trial.end();
  // And what was committed does not.
  const before = trial.messages().length;
  await produce([event(50)]);
  await trial.subscribe(wish('?group=own'));
  await until(() => trial.messages().includes('event 50'));
  expect(trial.messages()).toHaveLength(before + 1);
});

test('connections that are cut are made again, and nothing is left out', async (context) => {
  if (!has('kcat')) return context.skip();
  const wish = await start();
  const { counted } = await trial.subscribe(wish());
  await until(() => trial.messages().length >= 1);
  between!.cut();
  await until(() => counted().down);
  between!.mend();
  await produce(events(1, 20));
  await until(() => new Set(trial.messages()).size >= 20);
  expect([...new Set(trial.messages())].toSorted()).toEqual(texts(20));
  expect(counted()).toMatchObject({ down: false });
});

test('a burst of 50,000 records: each is taken', async (context) => {
  if (!has('kcat')) return context.skip();
  const wish = await start();
  const { counted } = await trial.subscribe(wish());
  await produce(events(1, 50_000));
  await until(() => new Set(trial.messages()).size >= 50_000);
  expect(counted().messages).toBe(trial.messages().length);
});
