/** Sensors that run: a watched folder and a pipe, against a real server that behaves as the centre does, and as networks do. */

import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Batch } from '@forewarn/model/batch';
import {
  defaultSensorSettings,
  FlowPackets,
  NoPackets,
  OrdersAsked,
  SensorReport,
  type FlowOrder,
  type PacketsOrder,
  type SensorOrders,
} from '@forewarn/model/sensor';
import { readCapture } from '@forewarn/sense/read';
import { conversation, pcap } from '@forewarn/sense/testing/packets';
import { runSensor, type RunInput, type RunResult } from './run.ts';
import { openSpool, type WhenFull } from './spool.ts';

let root = '';
let server: Server;
let to = '';
/** What the server does with batches before it takes them again. */
let answers: ('take' | 503 | 401 | 422)[] = [];
let batches: Batch[] = [];
let reports: SensorReport[] = [];
let orders: SensorOrders['settings'] = null;
let packetsOrder: PacketsOrder | null = null;
let requests: FlowOrder[] = [];
/** What came of them, by their id. */
let given: { [id: string]: { told: FlowPackets; capture: Buffer } | NoPackets } = {};
/** Questions that are held open. */
let held: (() => void)[] = [];
let said: string[] = [];
/** The server's clock less the true one. */
let clockAhead = 0;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'forewarn-run-'));
  mkdirSync(join(root, 'in'));
  answers = [];
  batches = [];
  reports = [];
  orders = null;
  packetsOrder = null;
  requests = [];
  given = {};
  held = [];
  said = [];
  clockAhead = 0;
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      const answer = (status: number, body: object) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (request.url === '/api/v1/intake/reports') {
        reports.push(SensorReport.parse(JSON.parse(bytes.toString('utf8'))));
        return answer(200, { now: Date.now() / 1000 + clockAhead, settings: orders, packets: packetsOrder });
      }
      if (request.url === '/api/v1/intake/orders') {
        const { version } = OrdersAsked.parse(JSON.parse(bytes.toString('utf8')));
        const say = () => answer(200, { now: Date.now() / 1000, packets: packetsOrder, requests: requests.splice(0) });
        if (requests.length > 0 || version !== (packetsOrder?.version ?? 0)) return say();
        held.push(say);
        // Whoever has gone is not to be given what another asks for.
        response.on('close', () => {
          held = held.filter((other) => other !== say);
        });
        return undefined;
      }
      const [, wanted, none] = /^\/api\/v1\/intake\/packets\/([0-9a-f-]+)(\/none)?(?:\?|$)/.exec(request.url!) ?? [];
      if (wanted !== undefined) {
        const { searchParams } = new URL(request.url!, to);
        given[wanted] = none
          ? NoPackets.parse(JSON.parse(bytes.toString('utf8')))
          : { told: FlowPackets.parse(Object.fromEntries(searchParams)), capture: zstdDecompressSync(bytes) };
        return answer(200, {});
      }
      const status = answers.shift() ?? 'take';
      if (status !== 'take') return answer(status, {});
      const batch = JSON.parse(zstdDecompressSync(bytes).toString('utf8')) as Batch;
      const repeated = batches.some(({ id }) => id === batch.id);
      if (!repeated) batches.push(batch);
      return answer(200, { batch: batch.id, records: 0, repeated });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  to = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  rmSync(root, { recursive: true, force: true });
});

const capture = (flows: number, startAt = 1_700_000_000) =>
  pcap(
    Array.from({ length: flows }, (_, index) =>
      conversation({ from: '10.1.0.5', to: '10.2.0.9' }, { source: 1024 + index, destination: 7 }, [], {
        ts: startAt + index / 100,
        step: 0.001,
      }),
    ).flat(),
  );

/** A capture in the watched folder that was done so long ago. */
function put(name: string, bytes: Uint8Array, ageSeconds = 60): string {
  const path = join(root, 'in', name);
  writeFileSync(path, bytes);
  const at = Date.now() / 1000 - ageSeconds;
  utimesSync(path, at, at);
  return path;
}

/** Packets of so many flows. */
const capturedIn = (count: number): number =>
  count * conversation({ from: '10.1.0.5', to: '10.2.0.9' }, { source: 1, destination: 7 }, []).length;

const sourcesOf = (log: string): string[] => batches.filter(({ logs }) => logs[log]).map(({ source }) => source);
const flows = (): number => batches.reduce((sum, { logs }) => sum + (logs['conn']?.length ?? 0), 0);

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (holds()) return;
    await sleep(50);
  }
  throw new Error(`It did not come to that: ${what}. ${said.join(' ')} ${JSON.stringify(reports.slice(-3))}`);
}

type Running = { stop(): Promise<RunResult>; ended: Promise<RunResult> };
function startRun(input: RunInput, { bytesMax = 1_000_000, whenFull = 'refuse' as WhenFull } = {}): Running {
  const directory = join(root, 'spool');
  const spool = openSpool(directory, bytesMax, whenFull);
  const stop = new AbortController();
  const ended = runSensor({
    input,
    centre: { to, token: 'the-token' },
    spool,
    directory,
    signal: stop.signal,
    clock: { now: () => Date.now() / 1000 },
    say: (sentence) => void said.push(sentence),
    reportSeconds: 1,
  }).finally(() => spool.close());
  ended.catch(() => undefined);
  return {
    ended,
    stop() {
      stop.abort();
      return ended;
    },
  };
}
const folder = (): RunInput => ({ kind: 'folder', directory: join(root, 'in') });

test('a folder: the oldest first, each once over a restart, what is not done or no capture is told or let be', async () => {
  put('b.pcap', capture(20, 1_700_000_100), 30);
  put('a.pcap', capture(10), 20);
  put('c.pcap.part', capture(5), 40);
  put('notes.pcap', Buffer.from('this is no capture at all, and is told'), 50);
  const first = startRun(folder());
  await until('both are sent', () => flows() === 30);
  expect(sourcesOf('conn')).toEqual(['b.pcap', 'a.pcap']);
  expect(said.join('\n')).toMatch(/notes\.pcap was not read: .*not a pcap/);
  await first.stop();
  const sent = batches.filter(({ logs }) => logs['conn']).length;

  renameSync(join(root, 'in', 'c.pcap.part'), join(root, 'in', 'c.pcap'));
  const second = startRun(folder());
  await until('the third is sent', () => flows() === 35);
  await second.stop();
  expect(batches.filter(({ logs }) => logs['conn'])).toHaveLength(sent + 1);
  expect(said.filter((sentence) => sentence.startsWith('notes.pcap'))).toHaveLength(1);
});

test('a file that grows after it was read is told with what was not taken', async () => {
  const path = put('a.pcap', capture(10));
  const run = startRun(folder());
  await until('it is sent', () => flows() === 10);
  appendFileSync(path, capture(1).subarray(24));
  await until('it is told', () => said.some((sentence) => /a\.pcap grew by \d+ bytes/.test(sentence)));
  await until('it is a trouble', () =>
    reports.some(({ stats }) => (stats['trouble'] as string[] | undefined)?.includes('files')),
  );
  await run.stop();
  expect(flows()).toBe(10);
});

test('stopped within a file, it is read again with the settings it was begun with: nothing is lost or doubled', async () => {
  orders = { version: 1, values: { ...defaultSensorSettings, batchRecords: 100 } };
  answers = Array.from({ length: 40 }, () => 503 as const);
  put('a.pcap', capture(3_000));
  // A spool with room for a part of it: reading waits.
  const first = startRun(folder(), { bytesMax: 20_000 });
  await until('it waits for room', () => readdirSync(join(root, 'spool')).filter((name) => name.endsWith('.zst')).length > 2);
  await first.stop();
  orders = { version: 2, values: { ...defaultSensorSettings, batchRecords: 5_000 } };
  answers = [];
  const second = startRun(folder(), { bytesMax: 20_000 });
  await until('all of it is there', () => flows() >= 3_000);
  await until('it is done', () => said.includes('a.pcap: read.'));
  await second.stop();
  expect(flows()).toBe(3_000);
  const uids = batches.flatMap(({ logs }) => (logs['conn'] ?? []).map((record) => record['uid']));
  expect(new Set(uids).size).toBe(3_000);
});

test('a pipe is sent whole, and its sensor says goodbye', async () => {
  const { packets, waiting, lost } = await startRun({ kind: 'stdin', chunks: [capture(50)] }, { whenFull: 'drop-oldest' }).ended;
  expect([packets > 100, waiting, lost.records, flows()]).toEqual([true, 0, 0, 50]);
  expect(reports.at(-1)).toMatchObject({ input: 'stdin', stopping: true });
  expect(reports[0]).toMatchObject({ stopping: false });
});

test('flows of a live pipe that has gone quiet end and leave; asked to stop, it does not wait for the next packet', async () => {
  const chunks = (async function* () {
    yield capture(5, Date.now() / 1000 - 30);
    await new Promise(() => undefined);
  })();
  const run = startRun({ kind: 'stdin', chunks }, { whenFull: 'drop-oldest' });
  await until('they have ended', () => flows() === 5);
  expect(await run.stop()).toMatchObject({ waiting: 0 });
});

test('what the centre refuses for good is put aside and told; a token that is refused holds all back until it counts', async () => {
  answers = [422, 401];
  put('a.pcap', capture(10));
  const run = startRun(folder());
  await until('the rest is there', () => batches.length > 0 && existsSync(join(root, 'spool', 'aside')));
  await until('it is in a report', () => reports.some(({ stats }) => stats['set_aside'] === 1));
  await run.stop();
  expect(said.join('\n')).toMatch(/put aside: The centre refused batch \w+ with 422/);
  expect(said.join('\n')).toMatch(/with 401/);
  expect(readdirSync(join(root, 'spool', 'aside'))).toHaveLength(1);
});

test('health: the same numbers go past the spool and into the log; the clock is measured against the centre’s answer', async () => {
  clockAhead = 100;
  put('a.pcap', capture(10));
  const run = startRun(folder());
  await until('three reports', () => reports.length >= 4);
  await run.stop();
  const { stats } = reports.find((one) => one.stats['clock_skew'] !== undefined)!;
  expect(stats['clock_skew']).toBeGreaterThan(-101);
  expect(stats['clock_skew']).toBeLessThan(-99);
  expect(stats['trouble']).toContain('clock');
  const rows = batches.flatMap(({ logs }) => logs['stats'] ?? []);
  expect(rows.length).toBeGreaterThan(2);
  expect(rows.reduce((sum, row) => sum + Number(row['pkts_proc']), 0)).toBe(60);
  // A report that went past the spool is the record in it, but for the first, which asks for settings alone.
  const told = new Set(reports.map((one) => JSON.stringify(one.stats)));
  expect(rows.every((row) => told.has(JSON.stringify(row)))).toBe(true);
});

test('settings: flows only, a parser off; kept over a restart without the centre, and acknowledged', async () => {
  orders = { version: 4, values: { ...defaultSensorSettings, flowsOnly: true, protocolsOff: ['dns'] } };
  const first = startRun(folder());
  await until('they are acknowledged', () => reports.some(({ settings }) => settings.version === 4));
  await first.stop();
  orders = null;
  reports = [];
  const second = startRun(folder());
  await until('they are still in force', () => reports.length > 0);
  await second.stop();
  expect(reports[0]!.settings).toEqual({ version: 4, refused: null });
});

const order = (version: number): PacketsOrder => ({ version, keepHours: 24, keepBytes: 1e9 });
let asked = 0;
/** Asks for a flow, as the centre does of a question that is held open. */
function ask(flow: { uid: string; from: number; to: number }): string {
  const id = `00000000-0000-4000-8000-${String(asked++).padStart(12, '0')}`;
  requests.push({ id, ...flow });
  for (const say of held.splice(0)) say();
  return id;
}
const recordOf = (port: number) =>
  batches.flatMap(({ logs }) => logs['conn'] ?? []).find((record) => record['id.orig_p'] === port)!;
const spanOf = (record: ReturnType<typeof recordOf>) => ({
  uid: record['uid'] as string,
  from: (record['ts'] as number) - 1,
  to: (record['ts'] as number) + 1,
});

test('packets: ordered, kept, asked for and given with their flow’s record; kept over a restart, and deleted when the order ends', async () => {
  packetsOrder = order(3);
  put('a.pcap', capture(30));
  const first = startRun(folder());
  await until('they are sent', () => flows() === 30);
  await until('it is acknowledged', () => reports.some((one) => one.packets?.version === 3));
  const record = recordOf(1030);
  const id = ask(spanOf(record));
  await until('they are given', () => id in given);
  const counted = (record['orig_pkts'] as number) + (record['resp_pkts'] as number);
  expect(given[id]).toMatchObject({ told: { packets: counted, part: [] } });
  const { capture: bytes } = given[id] as { capture: Buffer };
  const again: unknown[] = [];
  await readCapture([bytes], { sink: { record: (log, { uid: _uid, ...rest }) => void (log === 'conn' && again.push(rest)) } });
  const { uid: _uid, ...wanted } = record;
  expect(again).toEqual([wanted]);
  const none = ask({ uid: 'Cnone', from: 1_700_000_000, to: 1_700_000_001 });
  const early = ask({ uid: 'Cnone', from: 1, to: 2 });
  await until('why not is told', () => none in given && early in given);
  expect([given[none], given[early]]).toMatchObject([{ reason: 'unknown-flow' }, { reason: 'before-ring' }]);
  await until('the ring is in the report', () => reports.at(-1)?.packets?.ring?.packets === capturedIn(30));
  expect(reports.at(-1)).toMatchObject({
    packets: { version: 3, ring: { from: 1_700_000_000, dropped: 0 } },
    stats: { ring_max: 1e9, ring_packets: capturedIn(30), ring_dropped: 0 },
  });
  await first.stop();

  // The centre is away at the start: what was ordered still counts.
  const second = startRun(folder());
  const later = ask(spanOf(record));
  await until('they are given after a restart', () => later in given);
  expect(given[later]).toMatchObject({ told: { packets: counted } });
  packetsOrder = null;
  for (const say of held.splice(0)) say();
  await until('it has ended', () => reports.at(-1)?.packets?.version === 0);
  expect(existsSync(join(root, 'spool', 'packets'))).toBe(false);
  expect(existsSync(join(root, 'spool', 'packets.json'))).toBe(false);
  await second.stop();
  expect(said.filter((sentence) => /[Pp]ackets/.test(sentence))).toEqual([
    "Packets are kept for up to 24 h and 1 GB, by edition 3 of the link's policy.",
    'Packets are no longer kept; those that were are deleted.',
  ]);
});

test('packets of a pipe: kept from its beginning; of one that was begun before the order none are, and it says so', async () => {
  packetsOrder = order(1);
  const more = Promise.withResolvers<void>();
  const chunks = (async function* () {
    yield capture(5, Date.now() / 1000 - 30);
    await more.promise;
  })();
  const run = startRun({ kind: 'stdin', chunks }, { whenFull: 'drop-oldest' });
  await until('they have ended', () => flows() === 5);
  const id = ask(spanOf(recordOf(1024)));
  await until('they are given', () => id in given);
  expect(given[id]).toMatchObject({ told: { part: [] } });
  more.resolve();
  await run.ended;

  rmSync(join(root, 'spool'), { recursive: true });
  packetsOrder = null;
  reports = [];
  const open = Promise.withResolvers<void>();
  const late = startRun({
    kind: 'stdin',
    chunks: (async function* () {
      yield capture(5, Date.now() / 1000 - 30);
      await open.promise;
    })(),
  });
  await until('it reads', () => reports.some(({ stats }) => Number(stats['pkts_proc']) > 0));
  packetsOrder = order(2);
  await until('it says so', () => said.some((sentence) => /Of this stream none/.test(sentence)));
  await late.stop();
  expect(reports.at(-1)).toMatchObject({ packets: { version: 0 } });
});

test('a folder for packets that cannot be made is told, and nothing else suffers', async () => {
  mkdirSync(join(root, 'spool'));
  writeFileSync(join(root, 'spool', 'packets'), 'a file is in the way');
  packetsOrder = order(1);
  put('a.pcap', capture(10));
  const run = startRun(folder());
  await until('all is sent', () => flows() === 10);
  await until('it is told', () => reports.some(({ stats }) => (stats['trouble'] as string[] | undefined)?.includes('ring')));
  expect(reports.at(-1)).toMatchObject({ packets: { version: 0, ring: null } });
  expect(said.filter((sentence) => sentence.startsWith('Packets cannot be kept'))).toHaveLength(1);
  rmSync(join(root, 'spool', 'packets'));
  await until('it is mended', () => reports.at(-1)?.packets?.version === 1);
  await run.stop();
});

/** An interface that nothing else uses; made by root alone. */
const device = `fwd${process.pid % 10_000}`;
const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
const makeDevice = (): void => {
  ip('link', 'add', device, 'type', 'veth', 'peer', 'name', `${device}b`);
  ip('link', 'set', `${device}b`, 'up');
  ip('link', 'set', device, 'up');
};
const lacking = (() => {
  try {
    execFileSync('tcpdump', ['--version'], { stdio: 'ignore' });
  } catch {
    return 'tcpdump is missing';
  }
  try {
    makeDevice();
    ip('link', 'delete', device);
    return undefined;
  } catch {
    return 'no interface can be made here';
  }
})();
if (lacking !== undefined) console.warn(`not run: ${lacking}`);
test.runIf(lacking === 'tcpdump is missing')('tcpdump is here', () => {
  expect(process.env.CI, 'tcpdump is missing: install the packages in .ci/packages').not.toBe('true');
});

test.skipIf(lacking !== undefined)(
  'new settings begin a new capture; an interface that goes is told, and captured when it is back',
  async () => {
    makeDevice();
    try {
      const run = startRun({ kind: 'interface', device }, { whenFull: 'drop-oldest' });
      const troubles = (): string[] => (reports.at(-1)?.stats['trouble'] as string[] | undefined) ?? [];
      await until('it captures', () => reports.some(({ stats }) => stats['capture_starts'] === 1));
      orders = { version: 3, values: { ...defaultSensorSettings, filter: 'tcp and (' } };
      await until('it cannot follow', () => reports.some(({ settings }) => settings.refused?.version === 3));
      expect(reports.at(-1)).toMatchObject({
        settings: { version: 0, refused: { reason: expect.stringMatching(/syntax error/) } },
      });
      orders = { version: 4, values: { ...defaultSensorSettings, filter: 'not port 22', snapLength: 100 } };
      await until('it has followed', () => reports.at(-1)?.settings.version === 4);
      await until('it is well', () => troubles().length === 0);
      ip('link', 'set', device, 'down');
      await until('it is told', () => troubles().includes('capture-down'));
      ip('link', 'set', device, 'up');
      await until('it is well again', () => troubles().length === 0);
      ip('link', 'delete', device);
      await until('it is told that it is gone', () => troubles().includes('capture-down'));
      makeDevice();
      await until('it captures once more', () => troubles().length === 0);
      await run.stop();
      expect(reports.at(-1)).toMatchObject({ stopping: true, settings: { version: 4, refused: null } });
      const rows = batches.flatMap(({ logs }) => logs['stats'] ?? []);
      expect(rows.reduce((all, row) => all + Number(row['capture_starts']), 0)).toBeGreaterThanOrEqual(3);
      expect(rows.reduce((all, row) => all + Number(row['capture_down']), 0)).toBeGreaterThan(0);
    } finally {
      try {
        ip('link', 'delete', device);
      } catch {
        // It is gone.
      }
    }
  },
);

test.skipIf(lacking !== undefined)(
  'an interface that is not there is refused at the start, with the words of tcpdump',
  async () => {
    const error: unknown = await startRun({ kind: 'interface', device: 'no-such-if' }).ended.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'sensor.capture', message: expect.stringMatching(/No such device/) });
  },
);

test('what others send goes the way of all records, and the report says what came', async () => {
  const { collectWish } = await import('./collect/wishes.ts');
  const running = startRun({ kind: 'collect', wishes: [collectWish('syslog=tcp:127.0.0.1:0')] }, { whenFull: 'drop-oldest' });
  await until('it listens', () => said.some((sentence) => sentence.includes('on port')));
  const port = Number(/on port (\d+)/.exec(said.join(' '))![1]);
  const socket = connect(port, '127.0.0.1');
  for (let n = 0; n < 500; n++) socket.write(`<13>Nov 22 08:00:00 host portal[7]: event ${n}\n`);
  socket.end();
  const messages = (): number => batches.reduce((sum, { logs }) => sum + (logs['syslog_message']?.length ?? 0), 0);
  await until('all have arrived', () => messages() === 500);
  await until('the report says so', () => reports.some(({ input, stats }) => input === 'collect' && stats['pkts_proc'] === 500));
  const { packets, waiting } = await running.stop();
  expect({ packets, waiting }).toEqual({ packets: 500, waiting: 0 });
  expect(batches.find(({ logs }) => logs['syslog_message'])!.source).toBe('syslog=tcp:127.0.0.1:0');
});
