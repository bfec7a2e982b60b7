/** Sending against a real server that misbehaves as centres and networks do. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import type { Batch } from '@forewarn/model/batch';
import { ascii, conversation, pcap } from '@forewarn/sense/testing/packets';
import { drain, type Sent } from './send.ts';
import { sendCapture } from './sensor.ts';
import { openSpool, type Spool } from './spool.ts';

type Answer = (batch: Batch, response: ServerResponse, request: IncomingMessage) => void;

let root = '';
let spool: Spool;
let server: Server;
let to = '';
let answers: Answer[] = [];
let received: Batch[] = [];
let acknowledged: string[] = [];
let tokens = new Set<string | undefined>();
let stop: AbortController;

/** As the centre does. */
const acknowledge: Answer = (batch, response) => {
  const repeated = acknowledged.includes(batch.id);
  acknowledged.push(batch.id);
  const records = Object.values(batch.logs).reduce((sum, list) => sum + list.length, 0);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ batch: batch.id, records, repeated }));
};
const status =
  (code: number, body = '{}'): Answer =>
  (_batch, response) =>
    void response.writeHead(code, { 'content-type': 'application/json' }).end(body);
const reset: Answer = (_batch, _response, request) => void request.socket.resetAndDestroy();
/** The answer breaks off after its head. */
const half: Answer = (batch, response, request) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 500 });
  response.write(`{"batch":"${batch.id}"`, () => request.socket.destroy());
};

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'forewarn-sensor-'));
  spool = openSpool(join(root, 'spool'));
  answers = [];
  received = [];
  acknowledged = [];
  tokens = new Set();
  stop = new AbortController();
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      tokens.add(request.headers.authorization);
      const batch = JSON.parse(zstdDecompressSync(Buffer.concat(chunks)).toString('utf8')) as Batch;
      received.push(batch);
      (answers.shift() ?? acknowledge)(batch, response, request);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  to = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  spool.close();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  rmSync(root, { recursive: true, force: true });
});

const ends = { from: '10.1.0.5', to: '10.2.0.9' };
const capture = (flows: number) =>
  pcap(
    Array.from({ length: flows }, (_, index) =>
      conversation(ends, { source: 1024 + index, destination: 7 }, [], { ts: 1_700_000_000 + index / 100, step: 0.001 }),
    ).flat(),
  );

const none = (): Sent => ({ batches: 0, records: 0, repeated: 0 });
const options = (waits: string[] = []) => ({
  to,
  token: 'the-token',
  spool,
  signal: stop.signal,
  onWait: (reason: string) => void waits.push(reason),
});

async function refusalOf(promise: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await promise.then(
    () => new Error('It was not refused.'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Refusal);
  return error as Refusal;
}

test('a centre that fails in several ways loses nothing, and nothing is sent again after its acknowledgement', async () => {
  answers = [status(503), reset, acknowledge, half];
  const sent = none();
  const waits: string[] = [];
  const reading = await sendCapture({ name: '/captures/tap.pcap', chunks: [capture(2_500)] }, options(waits), sent);
  expect(reading.flows).toBe(2_500);
  expect(sent).toEqual({ batches: 2, records: 2_500, repeated: 0 });
  expect(waits).toEqual([
    `${to} answered 503`,
    expect.stringContaining('does not answer (ECONNRESET)'),
    expect.stringContaining('does not answer'),
  ]);
  const [first, second] = [received[0]!.id, received.at(-1)!.id];
  expect(received.map(({ id }) => id)).toEqual([first, first, first, second, second]);
  expect(acknowledged).toEqual([first, second]);
  expect(received[0]!.source).toBe('tap.pcap');
  expect([...tokens]).toEqual(['Bearer the-token']);
  expect(spool.waiting).toBe(0);
});

test('the same capture under another name and in other chunks is the same batches', async () => {
  const bytes = capture(50);
  await sendCapture({ name: 'a.pcap', chunks: [bytes] }, options(), none());
  const sent = none();
  await sendCapture({ name: 'renamed.pcap', chunks: [bytes.slice(0, 1000), bytes.slice(1000)] }, options(), sent);
  expect(sent).toEqual({ batches: 1, records: 50, repeated: 1 });
});

test.each([401, 403])('a token that is refused with %i stops the sensor, and the batch stays', async (code) => {
  answers = [status(code, '{"code":"session.required"}')];
  const refusal = await refusalOf(sendCapture({ name: 'a.pcap', chunks: [capture(3)] }, options(), none()));
  expect(refusal.code).toBe('sensor.refused');
  expect(refusal.advice).toContain('--token');
  expect(spool.waiting).toBe(1);
  const sent = none();
  await drain(options(), sent);
  expect(sent).toMatchObject({ batches: 1, records: 3 });
});

test.each([
  ['a page of a proxy', status(200, '<html>Welcome to the hotel</html>')],
  ['the acknowledgement of another batch', status(200, JSON.stringify({ batch: 'f'.repeat(64), records: 3, repeated: false }))],
])('%s lets no batch go', async (_what, answer) => {
  answers = [answer];
  const refusal = await refusalOf(sendCapture({ name: 'a.pcap', chunks: [capture(3)] }, options(), none()));
  expect(refusal.code).toBe('sensor.answer');
  expect(spool.waiting).toBe(1);
});

test('a redirect is not followed: the batch would arrive as a question for a page', async () => {
  answers = [(_batch, response) => void response.writeHead(302, { location: '/elsewhere' }).end()];
  expect((await refusalOf(sendCapture({ name: 'a.pcap', chunks: [capture(3)] }, options(), none()))).message).toContain('302');
  expect(received).toHaveLength(1);
  expect(spool.waiting).toBe(1);
});

test('stopped while the centre is away: what is spooled stays, and sending the file again completes it', async () => {
  answers = [
    (batch, response, request) => {
      stop.abort();
      status(503)(batch, response, request);
    },
  ];
  const bytes = capture(2_500);
  const refusal = await refusalOf(sendCapture({ name: 'a.pcap', chunks: [bytes] }, options(), none()));
  expect(refusal.code).toBe('sensor.stopped');
  expect(spool.waiting).toBe(2);
  stop = new AbortController();
  const sent = none();
  await sendCapture({ name: 'a.pcap', chunks: [bytes] }, options(), sent);
  expect(sent).toEqual({ batches: 4, records: 5_000, repeated: 2 });
  expect(new Set(acknowledged).size).toBe(2);
});

test('a spool that is full is told, and is not taken for a parser’s fault', async () => {
  spool.close();
  spool = openSpool(join(root, 'spool'), 100);
  const refusal = await refusalOf(sendCapture({ name: 'a.pcap', chunks: [capture(2_500)] }, options(), none()));
  expect(refusal.code).toBe('sensor.spool.full');
  expect(acknowledged).toEqual([]);
});

test('a password in the clear reaches neither the disk nor the centre', async () => {
  answers = [status(403)];
  const request = `GET /panel HTTP/1.1\r\nHost: plc.example\r\nAuthorization: Basic ${btoa('operator:hunter2-secret')}\r\n\r\n`;
  const bytes = pcap(conversation(ends, { source: 4002, destination: 80 }, [{ from: 'client', payload: ascii(request) }]));
  await refusalOf(sendCapture({ name: 'a.pcap', chunks: [bytes] }, options(), none()));
  const [name] = readdirSync(join(root, 'spool')).filter((file) => file.endsWith('.zst'));
  const text = zstdDecompressSync(readFileSync(join(root, 'spool', name!))).toString('utf8');
  expect(text).toContain('/panel');
  expect(text).not.toMatch(/hunter2|b3BlcmF0b3I6/);
});
