/**
 * `forewarn sensor --interface` with the real parts: tcpdump on a virtual cable, a network of its own for the sensor, the centre as a process
 * that can be killed. Every connection that was made must stand in the centre once, whatever happened on the way, or be counted as lost.
 */

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { FindingView, PacketRequestView, SensorView } from '@forewarn/model/api';
import type { PacketView, StreamView } from '@forewarn/model/packet';

const script = fileURLToPath(new URL('forewarn.ts', import.meta.url));

function missing(): string | undefined {
  const works = (...command: [string, ...string[]]): boolean => {
    try {
      execFileSync(command[0], command.slice(1), { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
  if (!works('tcpdump', '--version')) return 'tcpdump is missing';
  if (!works('ip', '-V')) return 'ip is missing';
  if (process.geteuid?.() !== 0) return 'networks are made by root alone';
  if (!works('ip', 'netns', 'add', 'fw-try')) return 'this machine makes no networks';
  works('ip', 'netns', 'delete', 'fw-try');
  if (!works('setpriv', '--reuid=tcpdump', '--clear-groups', 'test', '-r', script)) return 'only root can read the program';
  return undefined;
}

const lacking = missing();
if (lacking !== undefined) console.warn(`not run: ${lacking}`);
test.runIf(lacking?.endsWith('is missing'))('the tools are there in CI', () => {
  expect(process.env.CI, `${lacking}: install the packages in .ci/packages`).not.toBe('true');
});

const root = mkdtempSync(join(tmpdir(), 'forewarn-live-'));
const tag = String(process.pid % 10_000);
/** The sensor's network, and that of the traffic. `mgmt` leads to the centre, `tap` is what is captured. */
const net = { sensor: `fws${tag}`, traffic: `fwt${tag}` };
const cable = { mgmt: `fwm${tag}`, mgmtFar: `fwn${tag}`, tap: `fwp${tag}`, tapFar: `fwq${tag}` };
const address = { centre: '10.177.1.1', sensor: '10.177.1.2', server: '10.177.2.1', client: '10.177.2.2' };
const port = 4_500;

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
const within = (name: string, ...command: string[]): [string, string[]] => ['ip', ['netns', 'exec', name, ...command]];

/** A program of this machine, in one of the networks; its standard output and error as it says them. */
type Program = { process: ChildProcess; out: () => string; err: () => string; ended: Promise<number | null> };
const programs = new Set<ChildProcess>();
function start(command: string, args: string[], env: NodeJS.ProcessEnv = process.env): Program {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  programs.add(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  const ended = once(child, 'close').then(([code]) => {
    programs.delete(child);
    return code as number | null;
  });
  return { process: child, out: () => out, err: () => err, ended };
}

async function until(what: string, holds: () => boolean | Promise<boolean>, program?: Program): Promise<void> {
  const end = Date.now() + 150_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`It did not come to that: ${what}. ${program?.err() ?? ''}`);
    await sleep(100);
  }
}

/** The sensors of the running test: one that failed leaves none to the next. */
let sensors: Program[] = [];

const data = join(root, 'data');
let centre: Program;
const url = `http://${address.centre}:4180`;
const note = () => JSON.parse(readFileSync(join(data, 'center.json'), 'utf8')) as { token: string };

async function startCentre(): Promise<void> {
  rmSync(join(data, 'center.json'), { force: true });
  const args = [script, 'start', '--data', data, '--listen', address.centre, '--port', '4180', '--behind-proxy'];
  centre = start(process.execPath, args);
  await until('the centre runs', () => existsSync(join(data, 'center.json')), centre);
}

async function api<T>(path: string, init: RequestInit = {}, token = note().token): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}

const makeSensor = async (id: string): Promise<string> =>
  (await api<{ token: string }>('/sensors', { method: 'POST', body: JSON.stringify({ id, name: id, networkType: 'internet' }) }))
    .token;
const viewOf = (id: string) => api<SensorView>(`/sensors/${id}`);

function startSensor(token: string, spool: string, ...more: string[]): Program {
  const args = [script, 'sensor', '--to', url, '--spool', spool, '--interface', cable.tap, '--json', ...more];
  const sensor = start(...within(net.sensor, process.execPath, ...args), { ...process.env, FOREWARN_TOKEN: token });
  sensors.push(sensor);
  return sensor;
}

/** The sensor captures, and the centre has heard of it: what is sent from now on must be seen. */
async function captures(sensor: Program, id: string): Promise<void> {
  await until('the sensor captures', () => sensor.err().includes(`Capturing from ${cable.tap}.`), sensor);
  await until('the sensor reports', async () => (await viewOf(id)).state === 'working', sensor);
}

/** Makes connections from the traffic's network to the sensor's, each closed before the next; answers when the last one is. */
async function connect(count: number, toPort: number): Promise<void> {
  const program = `
    const { connect } = require('node:net');
    (async () => {
      for (let i = 0; i < ${count}; i++) await new Promise((done, fail) => {
        const socket = connect(${toPort}, '${address.server}', () => socket.end('x'));
        socket.on('close', done).on('error', fail).resume();
      });
    })();`;
  const client = start(...within(net.traffic, process.execPath, '-e', program));
  expect([await client.ended, client.err()]).toEqual([0, '']);
}

/** The flows of a sensor to a port that the centre holds, by their uid: once each, or it would have failed. */
async function flowsOf(toPort: number): Promise<number> {
  const uids = new Set<string>();
  let rows = 0;
  for (let cursor: string | null = null; ;) {
    const q = encodeURIComponent(`id.resp_p:${toPort}`);
    const page: { items: { uid: string }[]; next: string | null } = await api(
      `/records/conn?limit=200&q=${q}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    for (const { uid } of page.items) uids.add(uid);
    rows += page.items.length;
    if (page.next === null) break;
    cursor = page.next;
  }
  expect(rows).toBe(uids.size);
  return rows;
}

type StatsRow = { pkts_proc: number; pkts_link: number; pkts_dropped: number; missed_bytes: number };
const statsOf = async (id: string): Promise<StatsRow[]> =>
  (await api<{ items: StatsRow[] }>(`/records/stats?limit=200&q=${encodeURIComponent(`_sensor:"${id}"`)}`)).items;
const sum = (rows: readonly StatsRow[], name: keyof StatsRow): number => rows.reduce((all, row) => all + row[name], 0);

/** An account of the centre's organisation, and its token: what the local administrator may not do. */
async function tokenOf(role: 'duty-officer' | 'analyst'): Promise<string> {
  const { link } = await api<{ link: string }>('/accounts', {
    method: 'POST',
    body: JSON.stringify({ email: `${role}@live.example`, name: role, role }),
  });
  const page = { 'content-type': 'application/json', origin: url };
  const signedIn = await fetch(`${url}/api/v1/sessions/link`, {
    method: 'POST',
    headers: page,
    body: JSON.stringify({ token: link.split('/').at(-1) }),
  });
  const cookie = signedIn.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const made = await fetch(`${url}/api/v1/tokens`, {
    method: 'POST',
    headers: { ...page, cookie },
    body: JSON.stringify({ name: 'live' }),
  });
  return ((await made.json()) as { token: string }).token;
}

/** Frames of a capture file, however its times are written. */
function framesOf(capture: Buffer): string[] {
  const frames: string[] = [];
  for (let at = 24; at < capture.length; at += 16 + capture.readUInt32LE(at + 8)) {
    frames.push(capture.subarray(at + 16, at + 16 + capture.readUInt32LE(at + 8)).toString('hex'));
  }
  return frames;
}

describe.skipIf(lacking !== undefined)('a sensor on a line', () => {
  beforeAll(async () => {
    chmodSync(root, 0o755);
    mkdirSync(data);
    for (const name of Object.values(net)) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    ip('link', 'add', cable.mgmt, 'type', 'veth', 'peer', 'name', cable.mgmtFar);
    ip('link', 'set', cable.mgmtFar, 'netns', net.sensor);
    ip('address', 'add', `${address.centre}/24`, 'dev', cable.mgmt);
    ip('link', 'set', cable.mgmt, 'up');
    ip('-n', net.sensor, 'address', 'add', `${address.sensor}/24`, 'dev', cable.mgmtFar);
    ip('-n', net.sensor, 'link', 'set', cable.mgmtFar, 'up');
    ip('-n', net.sensor, 'link', 'add', cable.tap, 'type', 'veth', 'peer', 'name', cable.tapFar);
    ip('-n', net.sensor, 'link', 'set', cable.tapFar, 'netns', net.traffic);
    for (const [name, device, own] of [
      [net.sensor, cable.tap, address.server],
      [net.traffic, cable.tapFar, address.client],
    ] as const) {
      ip('-n', name, 'address', 'add', `${own}/24`, 'dev', device);
      ip('-n', name, 'link', 'set', device, 'up');
    }
    const server = `
      const { createServer } = require('node:net');
      for (const port of [${port}, ${port + 1}]) createServer((socket) => socket.on('error', () => {}).resume().end()).listen(port, '${address.server}');
      require('node:dgram').createSocket('udp4').bind(${port}, '${address.server}', () => console.log('ready'));`;
    const serving = start(...within(net.sensor, process.execPath, '-e', server));
    await until('the server listens', () => serving.out() !== '', serving);
    await startCentre();
  }, 120_000);

  afterAll(async () => {
    for (const child of programs) child.kill('SIGKILL');
    for (const name of Object.values(net)) {
      try {
        ip('netns', 'delete', name);
      } catch {
        // It was not made.
      }
    }
    await sleep(200);
    rmSync(root, { recursive: true, force: true });
  });

  afterEach(async () => {
    for (const sensor of sensors) sensor.process.kill('SIGKILL');
    await Promise.all(sensors.map(({ ended }) => ended));
    sensors = [];
    ip('link', 'set', cable.mgmt, 'up');
  });

  test('the link is cut, the centre is killed: every connection stands in the centre once', async () => {
    const token = await makeSensor('live-1');
    const sensor = startSensor(token, join(root, 'spool'));
    await captures(sensor, 'live-1');

    // Nothing of it is root: it has another user, and of all capabilities (CAP_NET_RAW is number 13) one.
    const status = readFileSync(`/proc/${sensor.process.pid}/status`, 'utf8');
    expect(/^Uid:\s+(\d+)\s+(\d+)\s+(\d+)/m.exec(status)!.slice(1).includes('0')).toBe(false);
    expect(/^CapEff:\s+(\w+)/m.exec(status)![1]).toBe('0000000000002000');
    expect(/^CapBnd:\s+(\w+)/m.exec(status)![1]).toBe('0000000000002000');

    await connect(200, port);
    ip('link', 'set', cable.mgmt, 'down');
    await connect(300, port);
    await sleep(4_000);
    ip('link', 'set', cable.mgmt, 'up');
    await connect(100, port);
    centre.process.kill('SIGKILL');
    await centre.ended;
    await connect(300, port);
    await startCentre();
    await connect(100, port);

    await until('all flows have arrived', async () => (await flowsOf(port)) >= 1_000, sensor);
    expect(await flowsOf(port)).toBe(1_000);
    const view = await viewOf('live-1');
    expect(view).toMatchObject({ report: { input: `interface ${cable.tap}`, dropped: 0, lost: { batches: 0, records: 0 } } });
    expect(view.report!.clock!.withinSeconds).toBeLessThan(10);
    sensor.process.kill('SIGTERM');
    expect(await sensor.ended).toBe(0);
    expect(JSON.parse(sensor.out())).toMatchObject({ input: 'interface', waiting: 0, lost: { records: 0 } });
    expect(await flowsOf(port)).toBe(1_000);
    // The last report stands in the centre: the sensor was stopped, it did not fall silent.
    expect((await viewOf('live-1')).state).toBe('stopped');
  }, 420_000);

  test('the kernel’s drops are counted to the packet, told at once, and found', async () => {
    const token = await makeSensor('live-2');
    const sensor = startSensor(token, join(root, 'spool-2'));
    await captures(sensor, 'live-2');
    sensor.process.kill('SIGSTOP');
    const blast = `
      const socket = require('node:dgram').createSocket('udp4');
      const bytes = Buffer.alloc(1_400);
      let left = 60_000;
      const more = () => {
        if (left === 0) return socket.close();
        for (let i = 0; i < 50 && left > 0; i++) { left--; socket.send(bytes, ${port}, '${address.server}'); }
        setImmediate(more);
      };
      more();`;
    const blasting = start(...within(net.traffic, process.execPath, '-e', blast));
    expect([await blasting.ended, blasting.err()]).toEqual([0, '']);
    sensor.process.kill('SIGCONT');
    await until('the drops are told', async () => (await viewOf('live-2')).troubles.includes('kernel-drops'), sensor);
    const { items } = await api<{ items: { rule: { id: string }; source: string; organisations: string[] }[] }>('/findings');
    expect(items.filter(({ source }) => source === 'live-2')).toMatchObject([{ rule: { id: 'behaviour:dropping-sensor' } }]);
    sensor.process.kill('SIGTERM');
    expect(await sensor.ended).toBe(0);
    await until('the last report is stored', async () => {
      const rows = await statsOf('live-2');
      return rows.length > 0 && sum(rows, 'pkts_proc') > 10_000 && (await viewOf('live-2')).state === 'stopped';
    });
    await sleep(1_000);
    const rows = await statsOf('live-2');
    expect(sum(rows, 'pkts_dropped')).toBeGreaterThan(1_000);
    expect(sum(rows, 'pkts_link')).toBeGreaterThanOrEqual(60_000);
    // What passed the filter was read or dropped, and nothing else became of it.
    expect(sum(rows, 'pkts_link')).toBe(sum(rows, 'pkts_proc') + sum(rows, 'pkts_dropped'));
  }, 420_000);

  test('a spool that is full drops its oldest, counts them and says so; what is left arrives once', async () => {
    const token = await makeSensor('live-3');
    const sensor = startSensor(token, join(root, 'spool-3'), '--spool-max', '40K');
    await captures(sensor, 'live-3');
    ip('link', 'set', cable.mgmt, 'down');
    let made = 0;
    for (let i = 0; i < 12; i++) {
      await connect(300, port + 1);
      made += 300;
      await sleep(500);
    }
    ip('link', 'set', cable.mgmt, 'up');
    await until('the loss is told', async () => (await viewOf('live-3')).report!.lost.records > 0, sensor);
    sensor.process.kill('SIGTERM');
    await sensor.ended;
    const told = JSON.parse(sensor.out()) as { lost: { records: number; batches: number }; waiting: number };
    if (told.waiting > 0) {
      const { startedAt } = (await viewOf('live-3')).report!;
      const after = startSensor(token, join(root, 'spool-3'), '--spool-max', '40K');
      const hasLeft = async (): Promise<boolean> => {
        const report = (await viewOf('live-3')).report!;
        return report.startedAt !== startedAt && report.spool.batches === 0;
      };
      await until('what waited has left', hasLeft, after);
      after.process.kill('SIGTERM');
      await after.ended;
    }
    await sleep(1_000);
    const stored = await flowsOf(port + 1);
    expect(told.lost.batches).toBeGreaterThan(0);
    expect(stored).toBeLessThan(made);
    // Every connection is stored or lost; among the lost records there may be reports as well, of which there are few.
    expect(told.lost.records - (made - stored)).toBeGreaterThanOrEqual(0);
    expect(told.lost.records - (made - stored)).toBeLessThan(20);
    type Told = { source: string; explanation: { values: { what: { text: string }[] } } };
    let found: Told | undefined;
    await until('the loss is found', async () => {
      const { items } = await api<{ items: Told[] }>('/findings');
      found = items.find(({ source }) => source === 'live-3');
      return found !== undefined;
    });
    expect(found!.explanation.values.what.map(({ text }) => text)).toEqual(['detect.sensor.lost']);
  }, 420_000);

  test('settings are followed and acknowledged; a filter that is none is refused with tcpdump’s words', async () => {
    const token = await makeSensor('live-4');
    const sensor = startSensor(token, join(root, 'spool-4'));
    await captures(sensor, 'live-4');
    const set = (after: number, values: object) =>
      api(`/sensors/live-4/settings`, { method: 'PUT', body: JSON.stringify({ after, values }) });
    await set(0, { filter: 'tcp and (' });
    await set(1, { filter: `not port ${port}`, flowsOnly: true });
    sensor.process.kill('SIGTERM');
    await sensor.ended;
    // Asked before the first packet: the next start works by them from its beginning.
    const next = startSensor(token, join(root, 'spool-4'));
    await until('they are in force', async () => (await viewOf('live-4')).settings.inForce === 2, next);
    await connect(5, port);
    await set(2, { filter: 'tcp and (' });
    next.process.kill('SIGTERM');
    await next.ended;
    const last = startSensor(token, join(root, 'spool-4'));
    await until('it is refused', async () => (await viewOf('live-4')).settings.refused !== null, last);
    expect((await viewOf('live-4')).settings).toMatchObject({ wanted: 3, inForce: 2, refused: { version: 3 } });
    expect((await viewOf('live-4')).settings.refused!.reason).toMatch(/syntax error/);
    last.process.kill('SIGTERM');
    await last.ended;
    expect(sum(await statsOf('live-4'), 'pkts_proc')).toBeLessThan(40);
    const { items } = await api<{ items: { action: string; object: string }[] }>('/audit?limit=200');
    const actions = items.filter(({ object }) => object === 'sensor/live-4').map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(['sensor.settings', 'sensor.settings.follow', 'sensor.settings.refuse']));
  }, 420_000);

  test('from a finding to its packets: kept at the sensor, asked for, given as the line had them; after a kill too', async () => {
    const { organisation: own } = await api<{ organisation: { id: string } }>('/me');
    const officer = await tokenOf('duty-officer');
    const ask = <T>(path: string, body?: object, method = body ? 'POST' : 'GET') =>
      api<T>(path, { method, ...(body ? { body: JSON.stringify(body) } : {}) }, officer);
    const named = (id: string) => ({ id, organisation: own.id, name: { en: id, zh: id } });
    const estate = async (kind: string, items: object[]): Promise<void> => {
      const body = JSON.stringify({ kind, format: 'json', text: JSON.stringify(items) });
      expect(await api('/estate/import', { method: 'POST', body })).toMatchObject({ imported: items.length, faults: [] });
    };
    await estate('networks', [
      { ...named('clients'), type: 'computer', addresses: [`${address.client}/32`], domains: [] },
      { ...named('servers'), type: 'computer', addresses: [`${address.server}/32`], domains: [] },
    ]);
    await estate('links', [
      { ...named('cable'), tier: 'user', role: 'primary', capacityMbps: 1000, from: 'clients', to: 'servers' },
    ]);
    const registered = { id: 'live-5', name: 'live-5', networkType: 'computer', link: 'cable' };
    const { token } = await api<{ token: string }>('/sensors', { method: 'POST', body: JSON.stringify(registered) });
    const policy = (after: number, values: object) => ask('/links/cable/policy', { after, values }, 'PUT');
    await policy(0, { depth: 'packets', keepHours: 1, keepBytes: 256_000_000, purpose: 'An attack is going on.' });

    const spool = join(root, 'spool-5');
    let sensor = startSensor(token, spool);
    await captures(sensor, 'live-5');
    expect(sensor.err()).toMatch(/Packets are kept for up to 1 h and 0\.256 GB, by edition 1/);
    // What the line has, by another program.
    const truth = join(root, 'truth.pcap');
    const filter = ['tcp', 'port', String(port)];
    const other = start(...within(net.traffic, 'tcpdump', '-i', cable.tapFar, '-U', '-w', truth, '-Z', 'root', ...filter));
    await until('the other captures', () => other.err().includes('listening on'), other);

    const probe = async (path: string): Promise<void> => {
      const program = `
        const { connect } = require('node:net');
        const text = 'GET ${path} HTTP/1.1\\r\\nHost: shop.example\\r\\nUser-Agent: sqlmap/1.8.2\\r\\n\\r\\n';
        connect(${port}, '${address.server}', function () { this.end(text); }).resume();`;
      const client = start(...within(net.traffic, process.execPath, '-e', program));
      expect([await client.ended, client.err()]).toEqual([0, '']);
    };
    await probe('/first');
    await probe('/second');
    const findings = async (): Promise<FindingView[]> => {
      const { items } = await api<{ items: FindingView[] }>('/findings');
      return items.filter(({ records }) => records.some(({ log }) => log === 'http'));
    };
    type Flow = { uid: string; ts: number; orig_pkts: number; resp_pkts: number; 'id.orig_p': number };
    const flows = async (): Promise<Flow[]> => {
      const q = encodeURIComponent(`_sensor:"live-5" id.resp_p:${port}`);
      const { items } = await api<{ items: Flow[] }>(`/records/conn?q=${q}`);
      return items.sort((a, b) => a.ts - b.ts);
    };
    await until('the flows and what was found of them are there', async () => (await flows()).length === 2, sensor);
    await until('it is found', async () => (await findings()).length > 0, sensor);
    const [first, second] = (await flows()) as [Flow, Flow];
    const finding = (await findings())[0]!;

    const packetsOf = async ({ uid }: Flow): Promise<PacketRequestView> => {
      const { id } = await ask<PacketRequestView>('/packet-requests', { log: 'conn', uid, finding: finding.id });
      let request: PacketRequestView;
      await until(
        'the sensor has answered',
        async () => {
          request = await ask<PacketRequestView>(`/packet-requests/${id}`);
          return request.state !== 'waiting';
        },
        sensor,
      );
      return request!;
    };
    const captureOf = async ({ id }: PacketRequestView): Promise<Buffer> => {
      const headers = { authorization: `Bearer ${officer}` };
      return Buffer.from(await (await fetch(`${url}/api/v1/packet-requests/${id}/pcap`, { headers })).arrayBuffer());
    };
    const onLine = ({ 'id.orig_p': client }: Flow): string[] =>
      framesOf(readFileSync(truth)).filter((frame) => {
        // Both ports, behind 14 bytes of Ethernet and 20 of IPv4.
        const ports = [parseInt(frame.slice(68, 72), 16), parseInt(frame.slice(72, 76), 16)];
        return ports.includes(client) && ports.includes(port);
      });

    const request = await packetsOf(first);
    expect(request).toMatchObject({ state: 'ready', packets: first.orig_pkts + first.resp_pkts, partial: [], sensor: 'live-5' });
    expect(framesOf(await captureOf(request))).toEqual(onLine(first));
    const list = await ask<{ items: unknown[]; total: number }>(`/packet-requests/${request.id}/packets`);
    expect(list.total).toBe(request.packets);
    const syn = await ask<PacketView>(`/packet-requests/${request.id}/packets/1`);
    expect(syn.layers.map(({ name }) => name)).toEqual(['frame', 'eth', 'ip', 'tcp']);
    const stream = await ask<StreamView>(`/packet-requests/${request.id}/stream`);
    expect(Buffer.from(stream.pieces[0]!.bytes, 'base64').toString()).toMatch(/^GET \/first HTTP\/1\.1\r\nHost: shop/);

    // What is kept survives the sensor.
    sensor.process.kill('SIGKILL');
    await sensor.ended;
    sensor = startSensor(token, spool);
    await captures(sensor, 'live-5');
    const later = await packetsOf(second);
    expect(later).toMatchObject({ state: 'ready', packets: second.orig_pkts + second.resp_pkts });
    expect(framesOf(await captureOf(later))).toEqual(onLine(second));

    const { items } = await api<{ items: { action: string; object: string; detail: { finding?: string } }[] }>(
      '/audit?limit=200',
    );
    const looks = items.filter(({ object }) => object === `packets/${request.id}`);
    expect(looks.map(({ action }) => action).sort()).toEqual(
      expect.arrayContaining(['packets.download', 'packets.request', 'packets.stream', 'packets.view']),
    );
    expect(looks.every(({ detail }) => detail.finding === finding.id)).toBe(true);

    // Only elements: the packets are gone from the sensor, and the answer says why there are none.
    await policy(1, { depth: 'elements' });
    await until('they are deleted', () => !existsSync(join(spool, 'packets')), sensor);
    const none = await packetsOf(first);
    expect(none.state).toBe('none');
    expect(none.reason).not.toBeNull();
    sensor.process.kill('SIGTERM');
    expect(await sensor.ended).toBe(0);
    other.process.kill('SIGTERM');
    await other.ended;
  }, 420_000);
});
