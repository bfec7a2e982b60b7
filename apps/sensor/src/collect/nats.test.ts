/** Subscriptions at a real nats-server: streams with their durable consumers, and subjects as they are published. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, nanos, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Batch } from '@forewarn/model/batch';
import { openCollecting } from './collecting.ts';
import {
  event,
  freePort,
  full,
  has,
  startDaemon,
  subscriptionTrial,
  texts,
  until,
  type Daemon,
  type SubscriptionTrial,
} from '../testing/senders.ts';
import { collectWish } from './wishes.ts';

let root = '';
let port = 0;
let server: Daemon | undefined;
let sender: NatsConnection | undefined;
let trial: SubscriptionTrial;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'forewarn-nats-'));
  port = await freePort();
  trial = subscriptionTrial();
});
afterEach(async () => {
  await trial.end();
  await sender?.close();
  sender = undefined;
  await server?.stop();
  server = undefined;
  rmSync(root, { recursive: true, force: true });
});

async function start(...more: string[]): Promise<void> {
  server = await startDaemon('nats-server', ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', root, ...more], port);
}

async function stream(): Promise<void> {
  sender = await connect({ servers: `127.0.0.1:${port}` });
  await (await jetstreamManager(sender)).streams.add({ name: 'LOGS', subjects: ['logs.>'] });
}

/** Publishes events, each acknowledged by the server. */
async function publish(from: number, to: number): Promise<void> {
  const client = jetstream(sender!);
  for (let n = from; n < to; n += 500) {
    await Promise.all(Array.from({ length: Math.min(500, to - n) }, (_, k) => client.publish('logs.portal', event(n + k))));
  }
}

const wish = (rest = ''): string => `nats=127.0.0.1:${port}/logs.>?stream=LOGS${rest}`;

test('a stream: what stood there before and what comes; acknowledged when it is on the disk', async (context) => {
  if (!has('nats-server')) return context.skip();
  await start();
  await stream();
  await publish(0, 30);
  const { counted } = await trial.subscribe(wish());
  await publish(30, 60);
  await until(() => trial.messages().length >= 60);
  expect(trial.messages().toSorted()).toEqual(texts(60));
  expect(counted()).toMatchObject({ messages: 60, dropped: 0, down: false });
  const { consumers } = await jetstreamManager(sender!);
  await until(async () => (await consumers.info('LOGS', 'forewarn')).num_ack_pending === 0);
  // Nothing of it comes again to the next start.
  await trial.end();
  await trial.subscribe(wish());
  await publish(60, 61);
  await until(() => trial.messages().includes('event 60'));
  expect(trial.messages()).toHaveLength(61);
});

test('what found no room on the disk is not acknowledged, and comes again', async (context) => {
  if (!has('nats-server')) return context.skip();
  await start();
  await stream();
  const { consumers } = await jetstreamManager(sender!);
  await consumers.add('LOGS', { durable_name: 'own', ack_policy: AckPolicy.Explicit, ack_wait: nanos(500) });
  await trial.subscribe(wish('&durable=own'), full);
  await publish(0, 50);
  await until(() => trial.said.some((sentence) => sentence.startsWith('The spool is full.')));
  await trial.end();
  expect((await consumers.info('LOGS', 'own')).ack_floor.stream_seq).toBe(0);
  const { told } = await trial.subscribe(wish('&durable=own'));
  await until(() => trial.messages().length >= 50);
  expect(new Set(trial.messages()).size).toBe(50);
  expect(told().map(([name]) => name)).toContain('log_message_repeated');
});

test('a server that is started anew: the stream goes on where it was', async (context) => {
  if (!has('nats-server')) return context.skip();
  await start();
  await stream();
  const { counted } = await trial.subscribe(wish());
  await publish(0, 10);
  await until(() => trial.messages().length === 10);
  await sender!.close();
  await server!.stop();
  await until(() => counted().down);
  await start();
  sender = await connect({ servers: `127.0.0.1:${port}` });
  await publish(10, 20);
  await until(() => trial.messages().length >= 20);
  expect([...new Set(trial.messages())].toSorted()).toEqual(texts(20));
  expect(counted().starts).toBe(2);
});

test('without a stream: what is published, to one of a group; what finds no room is counted', async (context) => {
  if (!has('nats-server')) return context.skip();
  await start();
  sender = await connect({ servers: `127.0.0.1:${port}` });
  const subscription = await trial.subscribe(`nats=127.0.0.1:${port}/logs.*?group=sensors`);
  for (let n = 0; n < 20; n++) sender.publish('logs.portal', event(n));
  await until(() => trial.messages().length === 20);
  subscription.pause();
  for (let n = 20; n < 30; n++) sender.publish('logs.portal', event(n));
  await until(() => subscription.counted().dropped === 10);
  expect(subscription.counted()).toMatchObject({ messages: 20, dropped: 10 });
});

test('who may not, a stream that is not there, a consumer of another kind: a sentence that helps', async (context) => {
  if (!has('nats-server')) return context.skip();
  await start('--user', 'sensor', '--pass', 'word');
  const login = join(root, 'login');
  await expect(trial.subscribe(wish())).rejects.toMatchObject({
    code: 'sensor.collect.broker',
    message: expect.stringMatching(/authorization/i),
  });
  writeFileSync(login, 'sensor:word\n');
  await expect(trial.subscribe(wish(`&login=${login}`))).rejects.toMatchObject({ code: 'sensor.collect.broker', message: expect.stringMatching(/stream not found/i) }); // oxfmt-ignore
  sender = await connect({ servers: `127.0.0.1:${port}`, user: 'sensor', pass: 'word' });
  const { streams, consumers } = await jetstreamManager(sender);
  await streams.add({ name: 'LOGS', subjects: ['logs.>'] });
  await consumers.add('LOGS', { durable_name: 'all', ack_policy: AckPolicy.All });
  await expect(trial.subscribe(wish(`&durable=all&login=${login}`))).rejects.toMatchObject({ message: expect.stringMatching(/another kind/) }); // oxfmt-ignore
});

test('over TLS: the server shows who it is, and one that another authority vouches for is refused', async (context) => {
  if (!has('nats-server') || !has('openssl')) return context.skip();
  const file = (name: string): string => join(root, name);
  const words = 'req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost'.split(' ');
  for (const name of ['own', 'other']) {
    execFileSync('openssl', [...words, '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)], { stdio: 'ignore' });
  }
  const [authority, other] = ['own', 'other'].map((name) => readFileSync(file(`${name}.pem`), 'utf8')) as [string, string];
  await start('--tls', '--tlscert', file('own.pem'), '--tlskey', file('own.key'));
  sender = await connect({ servers: `localhost:${port}`, tls: { ca: authority } });
  await (await jetstreamManager(sender)).streams.add({ name: 'LOGS', subjects: ['logs.>'] });
  await publish(0, 10);
  const secured = `nats=tls:localhost:${port}/logs.>?stream=LOGS`;
  await expect(trial.subscribe(secured, undefined, { authority: other })).rejects.toMatchObject({
    code: 'sensor.collect.broker',
  });
  await trial.subscribe(secured, undefined, { authority });
  await until(() => trial.messages().length >= 10);
  expect(trial.messages().toSorted()).toEqual(texts(10));
});

test('a burst of 50,000 messages of a stream: each is taken', async (context) => {
  if (!has('nats-server')) return context.skip();
  await start();
  await stream();
  const { counted } = await trial.subscribe(wish());
  await publish(0, 50_000);
  await until(() => trial.messages().length >= 50_000);
  expect(new Set(trial.messages()).size).toBe(50_000);
  const { messages, dropped } = counted();
  // A machine so slow that the server sends some again shows them here.
  expect(messages).toBe(trial.messages().length);
  expect(dropped).toBe(0);
});

test('beside listeners: counted with them, fetched from while there is room, and what is refused is told in weird', async (context) => {
  if (!has('nats-server')) return context.skip();
  await start();
  await stream();
  const stop = new AbortController();
  const [delivered, kept]: [Batch[], Batch[]] = [[], []];
  let makeRoom: (() => void) | undefined;
  let isAsked = false;
  const room = new Promise<void>((resolve) => (makeRoom = resolve));
  const collecting = await openCollecting({
    wishes: ['syslog=udp:127.0.0.1:0', wish()].map(collectWish),
    tls: undefined,
    batchRecords: () => 2_000,
    deliver: (batch) => void delivered.push(batch),
    keep: (batch) => void kept.push(batch),
    clock: { now: () => Date.now() / 1000 },
    startedAt: 1,
    say: () => undefined,
    signal: stop.signal,
    room() {
      isAsked = true;
      return room;
    },
  });
  expect(collecting.ports).toHaveLength(1);
  // Nothing more is asked for than what was asked for before it was known that there is no room.
  await until(() => collecting.counted().starts === 2);
  const { consumers } = await jetstreamManager(sender!);
  const waiting = async (): Promise<number> => (await consumers.info('LOGS', 'forewarn')).num_waiting;
  await until(async () => (await waiting()) === 1);
  await until(async () => isAsked && (await waiting()) === 0);
  await publish(0, 100);
  expect(await consumers.info('LOGS', 'forewarn')).toMatchObject({ num_pending: 100, num_ack_pending: 0 });
  expect(collecting.counted().messages).toBe(0);
  makeRoom!();
  await jetstream(sender!).publish('logs.portal', '{"broken": ');
  await until(() => collecting.counted().messages >= 101);
  stop.abort();
  await collecting.done;
  expect(kept.flatMap(({ logs }) => logs['ecs'] ?? [])).toHaveLength(100);
  expect(kept.every(({ source }) => source === wish().split('?')[0])).toBe(true);
  const weird = delivered.flatMap(({ logs }) => logs['weird'] ?? []);
  expect(weird).toContainEqual(expect.objectContaining({ name: 'log_event_refused', source: wish().split('?')[0] }));
  expect(collecting.counted()).toMatchObject({ dropped: 0 });
});
