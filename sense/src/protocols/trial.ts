/** Runs one protocol over bytes without an engine: what the tests of the protocols stand on. */

import type { Seconds } from '@forewarn/base/time';
import type { AnyRecord } from '@forewarn/model/records/record';
import { Files } from '../files/files.ts';
import { defaultLimits } from '../limits.ts';
import type { Direction, Emit, ExpectedFlow, FlowView, Protocol, Transport } from './protocol.ts';

/** One call of the parser: bytes that arrived, or the number of bytes that are missing. */
export type Arrival =
  | { direction: Direction; ts: Seconds; bytes: Uint8Array }
  | { direction: Direction; ts: Seconds; missing: number };

export type Outcome = {
  records: { log: string; record: AnyRecord }[];
  weirds: { name: string; addl: string | undefined }[];
  confirmed: boolean;
  /** Services that were confirmed: its own, and those read within it. */
  services: string[];
  /** Flows that it announced. */
  expected: ExpectedFlow[];
  /** To whom it gave way, and the bytes of that piece that are the other's; what arrives later is not shown to it. */
  gaveWay: { service: string | undefined; rest: Uint8Array } | undefined;
};

/** A flow between two documentation addresses (RFC 5737). */
export function flowOf(transport: Transport, responderPort: number, originatorPort = 40_000, announced?: ExpectedFlow): FlowView {
  return {
    transport,
    uid: 'Ctrial',
    originatorPort,
    responderPort,
    announced,
    head: (ts) => ({
      ts,
      uid: 'Ctrial',
      'id.orig_h': '192.0.2.1',
      'id.orig_p': originatorPort,
      'id.resp_h': '198.51.100.1',
      'id.resp_p': responderPort,
    }),
  };
}

/** Takes what a parser says and keeps none of it. */
export const silent: Emit = {
  record: () => {},
  weird: () => {},
  confirm: () => {},
  giveWay: () => {},
  expect: () => {},
  file: () => ({ id: 'F', mediaType: undefined, data: () => {}, gap: () => {}, end: () => {} }),
};

/** Opens a parser, gives it every arrival, ends the flow one second after the last, and returns what it wrote. */
export function run(protocol: Protocol, flow: FlowView, arrivals: readonly Arrival[]): Outcome {
  const outcome: Outcome = { records: [], weirds: [], confirmed: false, services: [], expected: [], gaveWay: undefined };
  const files = new Files(defaultLimits, 0, (log, record) => void outcome.records.push({ log, record }));
  const { 'id.orig_h': originator, 'id.resp_h': responder, uid } = flow.head(0);
  const facts = { uid, originator, originatorPort: flow.originatorPort, responder, responderPort: flow.responderPort };
  let way: { from: number; service: string | undefined } | undefined;
  let opened = 0;
  const emit: Emit = {
    record: (log, record) => void outcome.records.push({ log, record }),
    weird: (name, _ts, addl) => void outcome.weirds.push({ name, addl }),
    confirm: (service = protocol.service) => {
      outcome.confirmed = true;
      if (!outcome.services.includes(service)) outcome.services.push(service);
    },
    giveWay: (from, service) => {
      way = { from, service };
    },
    expect: (expected) => void outcome.expected.push(expected),
    file: (origin) => files.begin(facts, origin, 0, ++opened),
  };
  const parser = (protocol.anew?.() ?? protocol).open(flow, emit);
  let last = 0;
  for (const arrival of arrivals) {
    last = arrival.ts;
    if ('missing' in arrival) {
      parser.gap(arrival.direction, arrival.missing, arrival.ts);
      continue;
    }
    // The parser may keep nothing of what it is shown: the copy is destroyed after the call.
    const padded = new Uint8Array(arrival.bytes.length + 8);
    padded.set(arrival.bytes, 4);
    parser.data(arrival.direction, padded, 4, 4 + arrival.bytes.length, arrival.ts);
    if (way) {
      outcome.gaveWay = { service: way.service, rest: padded.slice(way.from, 4 + arrival.bytes.length) };
      break;
    }
    padded.fill(0x5a);
  }
  parser.finish(last + 1);
  return outcome;
}

/** `0a 0b` and line breaks into bytes; `# …` is a remark. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/#.*$/gm, '').replace(/\s+/g, ''), 'hex'));
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

/** The same stream cut at the given places, each piece an arrival of its own at the same instant. */
export function cut(arrival: { direction: Direction; ts: Seconds; bytes: Uint8Array }, places: readonly number[]): Arrival[] {
  const { bytes } = arrival;
  const marks = [...new Set([0, ...places.map((place) => place % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  const pieces: Arrival[] = [];
  for (let i = 1; i < marks.length; i++) pieces.push({ ...arrival, bytes: bytes.subarray(marks[i - 1], marks[i]) });
  return pieces;
}

/** Seeded random bytes (xorshift32), so that a failure can be repeated. */
export function randomBytes(seed: number): (length: number) => Uint8Array {
  let state = seed | 1;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      bytes[i] = (state >>> 11) & 0xff;
    }
    return bytes;
  };
}

/** What `bytes.txt` of a case says was sent; `cases.test.ts` shows how it is written. */
export function readCase(text: string): { transport: Transport; port: number; arrivals: Arrival[] } {
  const first = /^# (tcp|udp|sctp) (\d+)/.exec(text);
  if (!first) throw new Error('bytes.txt begins with "# tcp 80" or the like');
  const arrivals: Arrival[] = [];
  for (const line of text.split('\n')) {
    const match = /^(\d+\.\d+) ([<>]) (.*)$/.exec(line);
    if (!match) continue;
    const ts = 1_700_000_000 + Number(match[1]);
    const direction = match[2] === '>' ? 0 : 1;
    const body = match[3]!;
    const gap = /^gap (\d+)$/.exec(body);
    if (gap) {
      arrivals.push({ direction, ts, missing: Number(gap[1]) });
      continue;
    }
    const parts = body.match(/"(?:[^"\\]|\\.)*"|[0-9a-fA-F]+/g) ?? [];
    const bytes = Buffer.concat(
      parts.map((part) => (part.startsWith('"') ? Buffer.from(JSON.parse(part), 'latin1') : hex(part))),
    );
    arrivals.push({ direction, ts, bytes });
  }
  return { transport: first[1] as Transport, port: Number(first[2]), arrivals };
}

/** The same arrivals, each cut at the given places. */
export function cutAll(arrivals: readonly Arrival[], places: readonly number[]): Arrival[] {
  return arrivals.flatMap((arrival) => ('bytes' in arrival ? cut(arrival, places) : [arrival]));
}
