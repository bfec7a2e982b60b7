/** `forewarn sensor` against the real centre, with its real stores in a temporary folder. */

import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCenter, type RunningCenter } from '@forewarn/center/center';
import { ascii, conversation, pcap } from '@forewarn/sense/testing/packets';
import { run } from './run.ts';

const root = mkdtempSync(join(tmpdir(), 'forewarn-cli-sensor-'));
const data = join(root, 'data');
const tap = join(root, 'tap.pcap');
const startAt = 1_700_000_000;
let center: RunningCenter;
let token = '';
let administrator = '';

async function api<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(`${center.url}/api/v1${path}`, {
    ...init,
    headers: { authorization: `Bearer ${administrator}`, 'content-type': 'application/json' },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}

/** Conn records that the centre holds of the time of the capture. */
async function flowsStored(): Promise<number> {
  const range = 'from=2023-11-14T22:00:00Z&to=2023-11-14T23:00:00Z';
  const { buckets } = await api<{ buckets: number[] }>(`/records/conn/histogram?${range}`);
  return buckets.reduce((a, b) => a + b, 0);
}

/** An acknowledged batch is on the disk; it is searchable a moment later. */
async function settled(count: number): Promise<number> {
  const until = Date.now() + 30_000;
  while (Date.now() < until && (await flowsStored()) < count) await sleep(100);
  return flowsStored();
}

async function sensor(...args: string[]) {
  let out = '';
  let err = '';
  const code = await run(['sensor', ...args], {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    interactive: false,
    colour: false,
    width: 100,
    language: 'en',
    now: () => 0,
    readIn: () => Promise.resolve(new Uint8Array()),
  });
  return { code, out, err };
}

beforeAll(async () => {
  const request = ascii('GET / HTTP/1.1\r\nHost: plant.example\r\n\r\n');
  const packets = Array.from({ length: 60 }, (_, index) =>
    conversation(
      { from: '10.1.0.5', to: '10.2.0.9' },
      { source: 4000 + index, destination: 80 },
      [{ from: 'client', payload: request }],
      { ts: startAt + index },
    ),
  ).flat();
  writeFileSync(tap, pcap(packets.toSorted((a, b) => a.ts - b.ts)));
  center = await startCenter({ dataDir: data, port: 0, demo: false, listen: '127.0.0.1', tls: undefined, behindProxy: false });
  administrator = (JSON.parse(readFileSync(join(data, 'center.json'), 'utf8')) as { token: string }).token;
  const body = JSON.stringify({ id: 'tap-1', name: 'Tap of the test', networkType: 'internet' });
  ({ token } = await api<{ token: string }>('/sensors', { method: 'POST', body }));
});
afterAll(async () => {
  await center?.close();
  rmSync(root, { recursive: true, force: true });
});

test('records arrive; the file sent again is known, also from another spool and under another name', async () => {
  const first = await sensor('--to', center.url, '--token', token, '--spool', join(root, 'spool'), tap);
  expect(first).toMatchObject({ code: 0, err: '' });
  expect(first.out).toMatch(/tap\.pcap: \d+ packets read; 120 records in 1 batch acknowledged\.\n/);
  expect(await settled(60)).toBe(60);

  const renamed = join(root, 'renamed.pcap');
  writeFileSync(renamed, readFileSync(tap));
  const again = await sensor('--to', center.url, '--token', token, '--spool', join(root, 'other'), '--json', tap, renamed);
  expect(again.code).toBe(0);
  const lines = again.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines).toEqual([
    expect.objectContaining({ file: tap, batches: 1, repeated: 1, waiting: 0 }),
    expect.objectContaining({ file: renamed, batches: 1, repeated: 1, waiting: 0 }),
  ]);
  // A new file sent after it is stored after it: when it is there, what came before has been dealt with.
  const later = join(root, 'later.pcap');
  writeFileSync(
    later,
    pcap(conversation({ from: '10.1.0.6', to: '10.2.0.9' }, { source: 9, destination: 9 }, [], { ts: startAt + 90 })),
  );
  expect((await sensor('--to', center.url, '--token', token, '--spool', join(root, 'spool'), later)).code).toBe(0);
  expect(await settled(61)).toBe(61);

  const { items } = await api<{ items: { id: string; records: number }[] }>('/sensors');
  expect(items).toMatchObject([{ id: 'tap-1', records: 121 }]);
});

test('a bad file does not keep the good one back, and the exit code tells', async () => {
  const told = await sensor(
    '--to',
    center.url,
    '--token',
    token,
    '--spool',
    join(root, 'spool'),
    join(root, 'nowhere.pcap'),
    tap,
  );
  expect(told.code).toBe(1);
  expect(told.err).toContain('nowhere.pcap: There is no such file.');
  expect(told.out).toContain('known already');
});

test.each([
  ['a token that is none', () => 'nonsense', '401'],
  ['an administrator’s token, which is no sensor’s', () => administrator, '403'],
])('%s is refused, and the batch waits for the right one', async (_what, wrong, status) => {
  const spool = join(root, `spool-${status}`);
  const told = await sensor('--to', center.url, '--token', wrong(), '--spool', spool, tap);
  expect(told.code).toBe(1);
  expect(told.err).toContain(`with ${status}`);
  expect(told.err).toContain('1 batch waits');
  const after = await sensor('--to', center.url, '--token', token, '--spool', spool, tap);
  expect(after).toMatchObject({ code: 0, err: '' });
});

test('SIGTERM while the centre is away ends it: what it spooled waits', async () => {
  const script = fileURLToPath(new URL('forewarn.ts', import.meta.url));
  const spool = join(root, 'spool-away');
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address() as AddressInfo;
  await new Promise((done) => gone.close(done));
  const args = [script, 'sensor', '--to', `http://127.0.0.1:${port}`, '--token', token, '--spool', spool, tap];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let err = '';
  child.stderr.on('data', (text) => (err += text));
  const closed = once(child, 'close');
  while (!err.includes('trying again')) await once(child.stderr, 'data');
  child.kill('SIGTERM');
  expect((await closed)[0]).toBe(1);
  expect(err).toContain('does not answer (ECONNREFUSED)');
  expect(err).toContain('1 batch waits');
  expect(err).toContain('Start it again with the same file');
  const after = await sensor('--to', center.url, '--token', token, '--spool', spool, tap);
  expect(after).toMatchObject({ code: 0, err: '' });
});

test.each([
  [['--token', 'x', 'a.pcap'], 2, /--to URL/],
  [['--to', 'http://127.0.0.1:1', 'a.pcap'], 2, /--token TOKEN/],
  [['--to', 'http://127.0.0.1:1', '--token', 'x'], 2, /Name at least one capture/],
  [['--to', 'http://127.0.0.1:1', '--token', 'x\ny', 'a.pcap'], 2, /copy it again/],
  [['--to', 'centre.example', '--token', 'x', 'a.pcap'], 1, /is no address of a centre/],
  [['--to', 'ftp://centre.example', '--token', 'x', 'a.pcap'], 1, /is no address of a centre/],
])('%j ends with %i', async (args, code, message) => {
  const told = await sensor(...args, '--spool', join(root, 'unused'));
  expect(told.code).toBe(code);
  expect(told.err).toMatch(message);
});
