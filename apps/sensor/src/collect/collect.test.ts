/** Collectors with real senders: what Debian has to send flows and logs, and bursts of our own. */

import { execFile, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Batch } from '@forewarn/model/batch';
import { conversation, pcap } from '@forewarn/sense/testing/packets';
import { netflow5 } from '@forewarn/sense/exports/testing';
import { openCollecting, type Collecting } from './collecting.ts';
import { kernelDrops } from './datagrams.ts';
import type { StreamTls } from './streams.ts';
import { has, toolPath, until } from '../testing/senders.ts';
import { collectWish } from './wishes.ts';

const run = promisify(execFile);
let root = '';
let batches: Batch[] = [];
let said: string[] = [];
let stop = new AbortController();
let open: Collecting | undefined;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'forewarn-collect-'));
  batches = [];
  said = [];
  stop = new AbortController();
  open = undefined;
});
afterEach(async () => {
  stop.abort();
  await open?.done.catch(() => undefined);
  rmSync(root, { recursive: true, force: true });
});

async function collect(wishes: readonly string[], more: { tls?: StreamTls; deliver?: (batch: Batch) => void } = {}) {
  open = await openCollecting({
    wishes: wishes.map(collectWish),
    tls: more.tls,
    batchRecords: () => 2_000,
    deliver: more.deliver ?? ((batch) => void batches.push(batch)),
    keep: (batch) => void batches.push(batch),
    clock: { now: () => Date.now() / 1000 },
    startedAt: 1,
    say: (sentence) => said.push(sentence),
    signal: stop.signal,
    room: () => Promise.resolve(),
  });
  return open;
}

const records = (log: string) => batches.flatMap(({ logs }) => logs[log] ?? []);

const capture = (): string => {
  const file = join(root, 'capture.pcap');
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  const turns = [
    { from: 'client', payload: encode('hello') },
    { from: 'server', payload: encode('world') },
  ] as const;
  const ends = { from: '192.0.2.1', to: '198.51.100.1' };
  writeFileSync(file, pcap(conversation(ends, { source: 40_000, destination: 80 }, turns, { ts: Date.now() / 1000 - 60 })));
  return file;
};

for (const version of ['5', '9', '10']) {
  test(`softflowd with version ${version}: both directions, with their bytes and packets`, async (context) => {
    if (!has('softflowd')) return context.skip();
    const { ports } = await collect(['netflow=127.0.0.1:0']);
    await run('softflowd', ['-r', capture(), '-n', `127.0.0.1:${ports[0]}`, '-v', version], {
      env: { PATH: toolPath },
      cwd: root,
    });
    await until(() => records('ipfix').length >= 2);
    const flows = records('ipfix');
    expect(flows).toHaveLength(2);
    for (const flow of flows) {
      expect(flow).toMatchObject({
        exporterIPv4Address: '127.0.0.1',
        exportProtocolVersion: Number(version),
        protocolIdentifier: 6,
      });
      expect(flow['packetDeltaCount']).toBeGreaterThan(0);
      expect(flow['octetDeltaCount']).toBeGreaterThan(40);
    }
    expect(new Set(flows.map((flow) => flow['sourceIPv4Address'])).size).toBe(2);
    expect(records('weird')).toEqual([]);
  });
}

/** Bytes that wait at a UDP port of this machine; undefined: nobody listens there. The kernel writes both in hexadecimal. */
function waitingAt(port: number): number | undefined {
  const at = port.toString(16).toUpperCase().padStart(4, '0');
  const line = readFileSync('/proc/net/udp', 'utf8').split('\n').find((one) => one.includes(`:${at} 00000000:0000`)); // oxfmt-ignore
  return line === undefined ? undefined : Number.parseInt(/ [0-9A-F]{8}:([0-9A-F]{8}) /.exec(line)![1]!, 16);
}

test('nfreplay sends on what nfcapd took from softflowd; nfdump and we count the same', async (context) => {
  if (!has('softflowd') || !has('nfcapd') || !has('nfreplay')) return context.skip();
  const folder = join(root, 'nf');
  mkdirSync(folder);
  const port = 20_000 + (process.pid % 20_000);
  const daemon = spawn('nfcapd', ['-p', String(port), '-b', '127.0.0.1', '-l', folder, '-t', '60'], { stdio: 'ignore' });
  await until(() => waitingAt(port) !== undefined);
  await run('softflowd', ['-r', capture(), '-n', `127.0.0.1:${port}`, '-v', '9'], { env: { PATH: toolPath }, cwd: root });
  await until(() => waitingAt(port) === 0);
  await sleep(1_000);
  daemon.kill('SIGTERM');
  await new Promise((done) => daemon.on('exit', done));
  const file = join(
    folder,
    readdirSync(folder).find((name) => name.startsWith('nfcapd.'))!,
  );
  const { stdout } = await run('nfdump', ['-r', file, '-o', 'fmt:%byt,%pkt', '-q']);
  const theirs = stdout.trim().split('\n').map((line) => line.split(',').map(Number)); // oxfmt-ignore
  const { ports } = await collect(['netflow=127.0.0.1:0']);
  for (const version of ['5', '9']) {
    batches = [];
    await run('nfreplay', ['-r', file, '-H', '127.0.0.1', '-p', String(ports[0]), '-v', version]);
    await until(() => records('ipfix').length >= theirs.length);
    const ours = records('ipfix').map((flow) => [flow['octetDeltaCount'], flow['packetDeltaCount']]);
    expect(ours.toSorted()).toEqual(theirs.toSorted());
  }
});

test('pmacctd samples a capture as a switch does; every packet as tshark reads it', async (context) => {
  if (!has('pmacctd') || !has('tshark')) return context.skip();
  const { ports } = await collect(['sflow=127.0.0.1:0']);
  const settings = join(root, 'pmacctd.conf');
  const wishes = {
    plugins: 'sfprobe[switch]',
    sfprobe_receiver: `127.0.0.1:${ports[0]}`,
    sampling_rate: 1,
    pcap_savefile: capture(),
  };
  writeFileSync(settings, Object.entries(wishes).map(([name, value]) => `${name}: ${value}\n`).join('')); // oxfmt-ignore
  const fields = ['ip.src', 'ip.dst', 'tcp.srcport', 'tcp.dstport', 'tcp.flags', 'frame.len', 'ip.len'];
  const read = ['-r', capture(), '-T', 'fields', '-E', 'separator=,', ...fields.flatMap((field) => ['-e', field])];
  const { stdout } = await run('tshark', read);
  const theirs = stdout.trim().split('\n').map((line) => line.split(',').map((cell, i) => (i < 2 ? cell : Number(cell)))); // oxfmt-ignore
  // Its two processes end one another, and now and then one of them calls that a loss of connection: what arrives counts, not how it exits.
  await run('pmacctd', ['-f', settings], { env: { PATH: toolPath }, cwd: root }).catch((error: unknown) => {
    if (!String(error).includes('Exporting flows')) throw error;
  });
  await until(() => records('sflow').length >= theirs.length);
  const columns = ['src_ip', 'dst_ip', 'src_port', 'dst_port', 'tcp_flags', 'frame_length', 'length'];
  const ours = records('sflow').map((sample) => columns.map((column) => sample[column]));
  // The probe counts the frame's four bytes of checksum, which a capture lacks.
  expect(ours).toEqual(theirs.map((packet) => packet.with(5, Number(packet[5]) + 4)));
  expect(records('sflow')[0]).toMatchObject({ sampling_rate: 1, header_protocol: 1 });
  expect(records('weird')).toEqual([]);
});

test('logger over UDP and TCP, in the old form, the new one, and with lengths', async (context) => {
  if (!has('logger')) return context.skip();
  const { ports } = await collect(['syslog=udp:127.0.0.1:0', 'syslog=tcp:127.0.0.1:0']);
  const logger = (...more: string[]) => run('logger', ['-n', '127.0.0.1', '-t', 'guard', '-p', 'auth.warning', ...more]);
  await logger('-d', '-P', String(ports[0]), '--rfc3164', 'one');
  await logger('-d', '-P', String(ports[0]), '--rfc5424', 'two');
  await logger('-T', '-P', String(ports[1]), '--rfc5424', 'three');
  await logger('-T', '-P', String(ports[1]), '--octet-count', 'four');
  await until(() => records('syslog_message').length >= 4);
  expect(
    records('syslog_message')
      .map((record) => [record['msg'], record['facility'], record['severity']])
      .toSorted(),
  ).toEqual(['four', 'one', 'three', 'two'].map((text) => [text, 'AUTH', 'WARNING']));
  expect(new Set(records('syslog_message').map((record) => record['fromhost-ip']))).toEqual(new Set(['127.0.0.1']));
  expect(new Set(batches.map(({ source }) => source))).toEqual(new Set(['syslog=udp:127.0.0.1:0', 'syslog=tcp:127.0.0.1:0']));
});

test('rsyslog over TLS; without a certificate of the authority nobody is let in', async (context) => {
  if (!has('rsyslogd') || !has('openssl')) return context.skip();
  const file = (name: string): string => join(root, name);
  const openssl = (...words: string[]) => run('openssl', words);
  const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  await openssl('req', '-x509', ...key, '-keyout', file('ca.key'), '-out', file('ca.pem'), '-subj', '/CN=Authority');
  for (const name of ['centre', 'sender']) {
    await openssl('req', ...key.slice(0, 3), '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`), '-subj', `/CN=${name}`);
    await openssl('x509', '-req', '-in', file(`${name}.csr`), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-out', file(`${name}.pem`), '-days', '2', '-CAcreateserial'); // oxfmt-ignore
  }
  const text = (name: string): string => readFileSync(file(name), 'utf8');
  const tls = { certificate: text('centre.pem'), key: text('centre.key'), authority: text('ca.pem') };
  const { ports } = await collect(['syslog=tls:127.0.0.1:0'], { tls });
  const plain = connect(ports[0]!, '127.0.0.1');
  plain.on('error', () => undefined);
  plain.write('<13>not encrypted\n');
  await new Promise((done) => plain.on('close', done));
  writeFileSync(file('in.log'), 'first line\nsecond line\n');
  writeFileSync(
    file('rsyslog.conf'),
    `global(workDirectory="${root}" DefaultNetstreamDriver="gtls" DefaultNetstreamDriverCAFile="${file('ca.pem')}"
  DefaultNetstreamDriverCertFile="${file('sender.pem')}" DefaultNetstreamDriverKeyFile="${file('sender.key')}")
module(load="imfile")
input(type="imfile" file="${file('in.log')}" tag="portal:" facility="local3" severity="error")
action(type="omfwd" target="127.0.0.1" port="${ports[0]}" protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"
  StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/certvalid")
`,
  );
  const daemon = spawn('rsyslogd', ['-n', '-f', file('rsyslog.conf'), '-i', file('rsyslog.pid')], {
    stdio: 'ignore',
    env: { PATH: toolPath },
  });
  try {
    await until(() => records('syslog_message').length >= 2);
  } finally {
    daemon.kill('SIGTERM');
    await new Promise((done) => daemon.on('exit', done));
  }
  const messages = records('syslog_message');
  expect(messages.map((record) => record['msg'])).toEqual(['first line', 'second line']);
  expect(messages[0]).toMatchObject({ facility: 'LOCAL3', severity: 'ERR' });
});

test('a burst of 50,000 datagrams: each is read, or counted as dropped', async () => {
  const { ports, counted } = await collect(['syslog=udp:127.0.0.1:0']);
  const socket = createSocket('udp4');
  const total = 50_000;
  let sent = 0;
  for (let n = 0; n < total; n++) {
    await new Promise<void>((done) => {
      socket.send(`<13>Nov 22 08:00:00 host portal[7]: event ${n} of many`, ports[0]!, '127.0.0.1', (error) => {
        if (!error) sent++;
        done();
      });
    });
  }
  socket.close();
  const { dropped } = await settled(counted);
  stop.abort();
  await open!.done;
  const after = counted();
  expect(after.messages + after.dropped).toBe(sent);
  expect(after.dropped).toBeGreaterThanOrEqual(dropped);
  expect(records('syslog_message')).toHaveLength(after.messages);
});

for (const count of ['lines', 'lengths'] as const) {
  test(`a burst of 50,000 messages over TCP, framed by ${count}: each is read, in two connections at once, or refused with its reason`, async () => {
    const { ports, counted } = await collect(['syslog=tcp:127.0.0.1:0']);
    const total = 50_000;
    const framed = (text: string): string => (count === 'lines' ? `${text}\n` : `${Buffer.byteLength(text)} ${text}`);
    // Every thousandth is half an object.
    const message = (n: number): string =>
      n % 1_000 === 999 ? '{"broken": ' : `<13>Nov 22 08:00:00 host portal[7]: event ${n} of many`;
    await Promise.all(
      [0, 1].map(async (half) => {
        const socket = connect(ports[0]!, '127.0.0.1');
        for (let n = half; n < total; n += 2) {
          if (!socket.write(framed(message(n)))) await new Promise((done) => socket.once('drain', done));
        }
        await new Promise<void>((done) => socket.end(done));
      }),
    );
    await until(() => counted().messages === total);
    stop.abort();
    await open!.done;
    expect(counted()).toMatchObject({ messages: total, dropped: 0 });
    expect(new Set(records('syslog_message').map(({ msg }) => msg)).size).toBe(total - 50);
    expect(records('weird')).toMatchObject([{ name: 'log_event_refused', addl: 'malformed (50)' }]);
  });
}

/** Counts that no longer change. */
async function settled(counted: Collecting['counted']) {
  for (let before = -1; ; await sleep(200)) {
    const now = counted();
    if (now.messages + now.dropped === before) return now;
    before = now.messages + now.dropped;
  }
}

test('the kernel’s own count: what a socket that nobody reads could not hold is exactly what is missing', async () => {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4_096 });
  let received = 0;
  socket.on('message', () => void received++);
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  const { port } = socket.address();
  const before = kernelDrops('127.0.0.1', port)!;
  // While this waits, this process reads nothing.
  const sender = `const s = require('node:dgram').createSocket('udp4'); let n = 0;
    const next = () => n++ < 2000 ? s.send('x'.repeat(200), ${port}, '127.0.0.1', next) : s.close(); next();`;
  execFileSync(process.execPath, ['-e', sender]);
  const dropped = kernelDrops('127.0.0.1', port)! - before;
  await until(() => received + dropped >= 2_000);
  await sleep(100);
  expect(received + dropped).toBe(2_000);
  expect(dropped).toBeGreaterThan(0);
  await new Promise<void>((done) => socket.close(done));
});

test('a process that is busy loses nothing without a count: what the kernel dropped is told', async () => {
  const { ports, counted } = await collect(['netflow=127.0.0.1:0']);
  const socket = createSocket('udp4');
  const datagram = netflow5(30);
  let sent = 0;
  for (let n = 0; n < 6_000; n++) {
    socket.send(datagram, ports[0]!, '127.0.0.1', (error) => {
      if (!error) sent++;
    });
    if (n % 500 === 0) await sleep(1);
  }
  await new Promise<void>((done) => socket.close(done));
  await settled(counted);
  stop.abort();
  await open!.done;
  const { messages, dropped } = counted();
  expect(messages + dropped).toBe(sent);
  expect(records('ipfix')).toHaveLength(messages * 30);
});

test('connections beyond their number, nonsense, and lines that nobody knows are told with their number', async () => {
  const { ports } = await collect(['syslog=tcp:127.0.0.1:0']);
  const socket = connect(ports[0]!, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('99999999 <13>too long');
  await new Promise((done) => socket.on('close', done));
  const other = connect(ports[0]!, '127.0.0.1');
  other.end('a line without anything before it\n{"broken": \n');
  await new Promise((done) => other.on('close', done));
  stop.abort();
  await open!.done;
  expect(records('syslog_message')).toMatchObject([{ msg: 'a line without anything before it', severity: 'NOTICE' }]);
  expect(records('weird').map((record) => [record['name'], record['addl']])).toEqual([
    ['log_event_refused', 'malformed (1)'],
    ['log_connection_unframed', '(1)'],
  ]);
});

test('what cannot be listened on, or says nothing, is refused with a sentence that helps', async () => {
  const first = await collect(['syslog=tcp:127.0.0.1:0']);
  await expect(collect([`syslog=tcp:127.0.0.1:${first.ports[0]}`])).rejects.toMatchObject({ code: 'sensor.collect.listen' });
  await expect(collect(['netflow=192.0.2.1:2055'])).rejects.toMatchObject({ code: 'sensor.collect.listen' });
  for (const text of ['netflow', 'netflow=tcp:127.0.0.1:2055', 'snmp=127.0.0.1:162', 'syslog=udp:127.0.0.1:99999'])
    expect(() => collectWish(text)).toThrow('says nothing that can be collected');
  open = first;
  expect(existsSync(root)).toBe(true);
});
