/** Subscriptions of Kafka, against the broker of `testing/kafka.ts`. */

import { spawn, type ChildProcess } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { standBetween, startCluster, type Between } from '../testing/kafka.ts';
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

async function start(): Promise<(rest?: string) => string> {
  const { child, port } = await startCluster();
  cluster = child;
  between = await standBetween(port);
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
