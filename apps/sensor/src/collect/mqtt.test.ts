/** Subscriptions at a real mosquitto, with its own client as the sender; and at a broker that sends nonsense. */

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { array, assert, nat, property, uint8Array } from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Batch } from '@forewarn/model/batch';
import { createPackets, publishOf, subackCodes } from './mqtt-packets.ts';
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

const run = promisify(execFile);

let root = '';
let port = 0;
let broker: Daemon | undefined;
let trial: SubscriptionTrial;
let server: Server | undefined;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'forewarn-mqtt-'));
  port = await freePort();
  trial = subscriptionTrial();
});
afterEach(async () => {
  await trial.end();
  await broker?.stop();
  broker = undefined;
  await new Promise((done) => (server ? server.close(done) : done(undefined)));
  server = undefined;
  rmSync(root, { recursive: true, force: true });
});

/** Without the ceiling of a thousand messages that wait, beyond which mosquitto drops. */
const tuned = (): string =>
  `user root\nlistener ${port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location ${root}/\nmax_queued_messages 0\n`;

async function mosquitto(config = tuned()): Promise<void> {
  writeFileSync(join(root, 'mosquitto.conf'), config);
  broker = await startDaemon('mosquitto', ['-c', join(root, 'mosquitto.conf')], port);
}

const subscribe = (rest = '', keep?: (batch: Batch) => void, tls?: { authority: string }) =>
  trial.subscribe(`mqtt=${tls ? 'tls:' : ''}localhost:${port}/logs/#${rest}`, keep, tls);

/** Publishes lines, each as a message. */
async function publish(lines: readonly string[], ...more: string[]): Promise<void> {
  const child = spawn('mosquitto_pub', ['-h', 'localhost', '-p', String(port), '-t', 'logs/portal', '-q', '1', '-l', ...more]);
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  expect(await new Promise((done) => child.on('exit', done))).toBe(0);
}

for (const version of ['5', '3.1.1']) {
  test(`version ${version}: each message is a record of its kind; one that is none is counted`, async (context) => {
    if (!has('mosquitto') || !has('mosquitto_pub')) return context.skip();
    await mosquitto();
    const { told, counted } = await subscribe(`?version=${version}`);
    await publish([event(1), '<34>1 2026-11-22T08:00:00Z web1 sshd 77 - - Failed password', '{"broken": ', event(2)]);
    await until(() => trial.kept.flatMap(({ logs }) => Object.values(logs).flat()).length === 3);
    expect(trial.messages()).toEqual(['event 1', 'event 2']);
    expect(trial.kept.flatMap(({ logs }) => logs['syslog_message'] ?? [])).toMatchObject([
      { hostname: 'web1', 'app-name': 'sshd' },
    ]);
    expect(told()).toEqual([['log_event_refused', expect.stringMatching(/\(1\)$/)]]);
    expect(counted()).toMatchObject({ messages: 4, dropped: 0, down: false, starts: 1 });
  });
}

test('what found no room on the disk is not acknowledged, and comes again to the next start', async (context) => {
  if (!has('mosquitto') || !has('mosquitto_pub')) return context.skip();
  await mosquitto();
  await subscribe('', full);
  await publish(Array.from({ length: 50 }, (_, n) => event(n)));
  await until(() => trial.said.some((sentence) => sentence.startsWith('The spool is full.')));
  await trial.end();
  expect(trial.kept).toEqual([]);
  const { told } = await subscribe();
  await until(() => trial.messages().length >= 50);
  expect(trial.messages().toSorted()).toEqual(texts(50));
  // What had been on its way bears the mark of coming again.
  expect(told()).toEqual([['log_message_repeated', expect.stringMatching(/^\(\d+\)$/)]]);
});

test('when there is room again what waited goes on, and nothing is there twice', async (context) => {
  if (!has('mosquitto') || !has('mosquitto_pub')) return context.skip();
  await mosquitto();
  let isFull = true;
  await subscribe('', (batch) => (isFull ? full() : void trial.kept.push(batch)));
  await publish(Array.from({ length: 100 }, (_, n) => event(n)));
  await until(() => trial.said.some((sentence) => sentence.startsWith('The spool is full.')));
  isFull = false;
  await until(() => trial.messages().length >= 100);
  expect(trial.messages().toSorted()).toEqual(texts(100));
});

test('a broker that goes away is asked again, and what came meanwhile waits in its session', async (context) => {
  if (!has('mosquitto') || !has('mosquitto_pub')) return context.skip();
  await mosquitto();
  const { counted } = await subscribe();
  await publish([event(1)]);
  await until(() => trial.messages().length === 1);
  await broker!.stop();
  await until(() => counted().down);
  await mosquitto();
  await publish([event(2)]);
  await until(() => trial.messages().length === 2);
  expect(counted()).toMatchObject({ starts: 2, down: false });
  expect(trial.said.some((sentence) => /Trying again in/.test(sentence))).toBe(true);
});

test('TLS and a password; without either nobody is let in, with a sentence that helps', async (context) => {
  if (!has('mosquitto') || !has('mosquitto_pub') || !has('mosquitto_passwd') || !has('openssl')) return context.skip();
  const file = (name: string): string => join(root, name);
  const words = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
  ];
  await run('openssl', [...words, '-keyout', file('key.pem'), '-out', file('cert.pem')]);
  await run('mosquitto_passwd', ['-b', '-c', file('users'), 'sensor', 'word:with colon']);
  await run('chmod', ['-R', 'a+rX', root]);
  await mosquitto(
    `user root\nlistener ${port} 127.0.0.1\ncertfile ${file('cert.pem')}\nkeyfile ${file('key.pem')}\nallow_anonymous false\npassword_file ${file('users')}\n`,
  );
  const authority = (await run('cat', [file('cert.pem')])).stdout;
  writeFileSync(file('login'), 'sensor:word:with colon\n');
  writeFileSync(file('wrong'), 'sensor:another\n');
  await expect(subscribe(`?login=${file('wrong')}`, undefined, { authority })).rejects.toMatchObject({
    code: 'sensor.collect.broker',
  });
  await expect(subscribe(`?login=${file('none')}`, undefined, { authority })).rejects.toMatchObject({
    code: 'sensor.collect.login',
  });
  await expect(subscribe(`?login=${file('login')}`)).resolves.toBeDefined();
  expect(trial.said.at(-1)).toMatch(/Trying again/);
  await trial.end();
  await subscribe(`?login=${file('login')}`, undefined, { authority });
  await publish([event(1)], '--cafile', file('cert.pem'), '-u', 'sensor', '-P', 'word:with colon');
  await until(() => trial.messages().length === 1);
});

test('a burst of 50,000 messages: each is taken, and on the disk before it is acknowledged', async (context) => {
  if (!has('mosquitto') || !has('mosquitto_pub')) return context.skip();
  await mosquitto(`${tuned()}max_inflight_messages 1000\n`);
  const { counted } = await subscribe();
  await publish(Array.from({ length: 50_000 }, (_, n) => event(n)));
  await until(() => trial.messages().length >= 50_000);
  expect(new Set(trial.messages()).size).toBe(50_000);
  const { messages, dropped } = counted();
  expect(messages).toBe(trial.messages().length);
  expect(dropped).toBe(0);
});

test('any bytes in any pieces: packets are the same, or the stream is ended', () => {
  const packets = (pieces: readonly Uint8Array[]): unknown[] => {
    const taken: unknown[] = [];
    const cutter = createPackets((packet) => {
      taken.push([
        packet.kind,
        packet.flags,
        [...packet.body],
        publishOf(packet, 5),
        publishOf(packet, 4),
        subackCodes(packet, 5),
      ]);
    });
    for (const piece of pieces) if (!cutter.push(piece)) return [...taken, 'ended'];
    return taken;
  };
  const bytes = uint8Array({ maxLength: 400 });
  assert(
    property(bytes, array(nat(60), { minLength: 1, maxLength: 50 }), (all, lengths) => {
      const pieces: Uint8Array[] = [];
      for (let at = 0, n = 0; at < all.length; n++) {
        const length = 1 + lengths[n % lengths.length]!;
        pieces.push(all.subarray(at, at + length));
        at += length;
      }
      expect(JSON.stringify(packets(pieces))).toBe(JSON.stringify(packets([all])));
    }),
    { numRuns: 500 },
  );
});

test('a broker that sends nonsense is left, and asked again', async () => {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    socket.end(Buffer.from([0x20, 0xff, 0xff, 0xff, 0xff, 0x01]));
  });
  await new Promise<void>((done) => server!.listen(0, '127.0.0.1', done));
  ({ port } = server.address() as AddressInfo);
  const { counted } = await subscribe();
  await until(() => trial.said.some((sentence) => /no MQTT/.test(sentence)));
  expect(counted()).toMatchObject({ messages: 0, starts: 0, down: true });
});
