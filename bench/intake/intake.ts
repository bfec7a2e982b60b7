#!/usr/bin/env node
/**
 * How many events a second does each intake take, per core?
 *
 *     node bench/intake/intake.ts [--events 200000] [--rounds 3] [--only NAME…] [--json]
 */

import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { readBulk } from '@forewarn/center/intake/bulk';
import { createDocuments } from '@forewarn/center/intake/documents';
import { createFraming } from '@forewarn/sensor/collect/framing';
import { createExportReader } from '@forewarn/sense/exports/reader';
import { ipfixMessage, n16, n32, netflow5, netflow9, set, template } from '@forewarn/sense/exports/testing';
import { createLogIntake } from '@forewarn/sense/logs/intake';
import { readOtlpJson } from '@forewarn/sense/logs/otlp/otlp';
import { document, line } from './events.ts';
import { received, type Received } from './received.ts';

const at = 1_700_000_000;

/** Takes that many events, or a few more; answers how many, and how many were dropped on the way. */
type Intake = (events: number) => Promise<{ events: number; dropped: number }> | { events: number; dropped: number };

const flowFields = [[8, 4], [12, 4], [7, 2], [11, 2], [4, 1], [6, 1], [1, 4], [2, 4], [10, 4], [14, 4]]; // oxfmt-ignore
const flow = (n: number): number[] => [
  192,
  0,
  2,
  n & 255,
  198,
  51,
  100,
  n & 255,
  ...n16(40_000 + n),
  ...n16(443),
  6,
  27,
  ...n32(1_000 + n),
  ...n32(n),
  ...n32(1),
  ...n32(2), // oxfmt-ignore
];

/** Messages of flows, the first of which brings the template. */
function flows(first: Uint8Array | undefined, each: Uint8Array, inEach: number): Intake {
  return (events) => {
    let records = 0;
    const reader = createExportReader({ record: () => void records++, weird: () => undefined });
    const read = (bytes: Uint8Array): void =>
      reader.read({ bytes, start: 0, end: bytes.length, exporter: '192.0.2.9', port: 2055, at, datagram: true });
    if (first) read(first);
    for (let n = 0; n < events; n += inEach) read(each);
    return { events: records, dropped: 0 };
  };
}

const many = Array.from({ length: 30 }, (_, n) => flow(n));
const header = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 69, 0, 0, 60, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2, 156, 64, 1, 187, 0, 0, 0, 0, 0, 0, 0, 0, 80, 2]; // oxfmt-ignore
const sampled = [...n32(1), ...n32(16 + header.length), ...n32(1), ...n32(1_500), ...n32(4), ...n32(header.length), ...header];
const sample = [...n32(9), ...n32(3), ...n32(1_000), ...n32(5_000), ...n32(0), ...n32(3), ...n32(4), ...n32(1), ...sampled];
const samples = Array.from({ length: 7 }, () => [...n32(1), ...n32(sample.length), ...sample]).flat();
const sflow = Uint8Array.from([
  ...n32(5),
  ...n32(1),
  192,
  0,
  2,
  250,
  ...n32(1),
  ...n32(77),
  ...n32(1_000),
  ...n32(7),
  ...samples,
]);

function stream(framed: (text: string) => string): Intake {
  const block = Buffer.from(Array.from({ length: 1_000 }, (_, n) => framed(line(n))).join(''));
  return (events) => {
    let records = 0;
    const intake = createLogIntake({ name: 'syslog', at: () => at }, { record: () => void records++ });
    const decoder = new TextDecoder();
    const framing = createFraming((bytes) => intake.line(decoder.decode(bytes)));
    for (let n = 0; n < events; n += 1_000) {
      for (let from = 0; from < block.length; from += 65_536) framing.push(block.subarray(from, from + 65_536));
    }
    framing.end();
    intake.flush();
    return { events: records, dropped: 0 };
  };
}

const bulk: Intake = (events) => {
  const body = Buffer.from(Array.from({ length: 2_000 }, (_, n) => `{"create":{}}\n${JSON.stringify(document(n))}\n`).join(''));
  let taken = 0;
  for (let n = 0; n < events; n += 2_000) taken += readBulk(body, 'filebeat', at).items.length;
  return { events: taken, dropped: 0 };
};

const otlp: Intake = (events) => {
  const logRecords = Array.from({ length: 512 }, (_, n) => ({
    timeUnixNano: `${1_764_000_000_000 + n}000000`,
    severityNumber: 9,
    body: { stringValue: `request ${n} was answered` },
    attributes: [{ key: 'http.request.method', value: { stringValue: 'GET' } }],
  }));
  const body = JSON.stringify({ resourceLogs: [{ resource: { attributes: [] }, scopeLogs: [{ logRecords }] }] });
  let taken = 0;
  for (let n = 0; n < events; n += 512) {
    const read = readOtlpJson(JSON.parse(body));
    if (read.kind === 'malformed') throw new Error(read.why);
    const documents = createDocuments({ log: 'otel_log', source: 'otlp', arrivedAt: at });
    for (const { text, event } of read.records) documents.take(event, text);
    documents.batches(Buffer.from(body));
    taken += read.records.length;
  }
  return { events: taken, dropped: 0 };
};

const intakes: { readonly [name: string]: Intake } = {
  'netflow-5': flows(undefined, netflow5(30), 30),
  'netflow-9': flows(netflow9({}, set(0, template(256, flowFields))), netflow9({}, set(256, ...many)), 30),
  ipfix: flows(ipfixMessage({}, set(2, template(256, flowFields))), ipfixMessage({}, set(256, ...many)), 30),
  sflow: flows(undefined, sflow, 7),
  'syslog-lines': stream((text) => `${text}\n`),
  'syslog-lengths': stream((text) => `${text.length} ${text}`),
  bulk,
  'otlp-json': otlp,
};

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
    /** One intake, measured by this process. */
    measure: { type: 'string' },
  },
});

type Measured = Received & { seconds: number };

/** Given to the intake's own code, in this process. */
async function measure(name: string, events: number): Promise<Measured> {
  const intake = intakes[name]!;
  await intake(5_000);
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const taken = await intake(events);
  const { user, system } = process.cpuUsage(before);
  return { ...taken, cpuSeconds: (user + system) / 1e6, seconds: (performance.now() - startedAt) / 1000 };
}

/** Sent by another process. */
async function measureReceived(name: string, events: number): Promise<Measured> {
  const startedAt = performance.now();
  return { ...(await received[name]!(events)), seconds: (performance.now() - startedAt) / 1000 };
}

if (values.measure !== undefined) {
  const events = Number(values.events);
  console.log(
    JSON.stringify(await (Object.hasOwn(received, values.measure) ? measureReceived : measure)(values.measure, events)),
  );
} else {
  const names = [...Object.keys(intakes), ...Object.keys(received)];
  const unknown = values.only.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    console.error(`No intake is called ${unknown.join(' or ')}. There are: ${names.join(', ')}.`);
    process.exit(2);
  }
  const rows: object[] = [];
  if (!values.json) {
    console.log('| intake                | events/s per core | seconds | dropped |');
    console.log('| --------------------- | ----------------: | ------: | ------: |');
  }
  for (const name of names.filter((one) => values.only.length === 0 || values.only.includes(one))) {
    const rounds: Measured[] = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      const words = [import.meta.filename, '--measure', name, '--events', values.events];
      rounds.push(JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' })) as Measured);
    }
    rounds.sort((a, b) => a.cpuSeconds - b.cpuSeconds);
    const { events, cpuSeconds, seconds, dropped } = rounds[Math.floor(rounds.length / 2)]!;
    const eventsPerCoreSecond = Math.round(events / cpuSeconds);
    rows.push({ name, eventsPerCoreSecond, seconds, dropped });
    if (values.json) continue;
    const cells = [name.padEnd(21), eventsPerCoreSecond.toLocaleString('en').padStart(17), seconds.toFixed(2).padStart(7)];
    console.log(`| ${cells.join(' | ')} | ${String(dropped).padStart(7)} |`);
  }
  if (values.json) console.log(JSON.stringify(rows));
}
