#!/usr/bin/env node
/**
 * Captures for the benches: the same bytes for everyone who has the same sources.
 *
 *     node bench/capture/capture.ts mixed|small MEGABYTES [--seed 1] [--out FILE] [--data DIR]
 *
 * `mixed`: all captures of `../shared/data/net` merged, as one link would carry them, in passes that follow one another with other
 * addresses and later times, so that each pass brings its flows anew. `small`: DNS questions, short HTTP exchanges and TLS
 * handshakes of many clients, made here. Without the data set `mixed` is made here too, from larger HTTP transfers.
 *
 * What is held is one pass, in memory; what is written goes to disk a megabyte at a time.
 */

import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { captureKind, kindBytes } from '@forewarn/sense/capture/kind';
import { PcapReader } from '@forewarn/sense/capture/pcap';
import { PcapngReader } from '@forewarn/sense/capture/pcapng';
import { createEngine } from '@forewarn/sense/engine';
import { defaultLimits } from '@forewarn/sense/limits';
import { link } from '@forewarn/sense/link/link';
import { isIp, Packet } from '@forewarn/sense/packet';
import { builtPackets, random } from '@forewarn/sense/testing/mutations';
import { ascii, concat, conversation, ethernet, udp, type Timed } from '@forewarn/sense/testing/packets';
import { remap } from './addresses.ts';

export type Profile = 'mixed' | 'small';

const dataRoot = process.env['FOREWARN_DATA_SET'] ?? resolve(import.meta.dirname, '../../../shared/data');

/** A pass begins so long after the one before: beyond the longest silence after which a flow is over. */
const passSeconds = 600;

/** A capture that lasts longer is pressed into this; they begin at any time within it. */
const spanSeconds = 60;

/** What stands on a link at the beginning of the first pass. */
const t0 = 1_700_000_000;

/** Longest frame that is taken over: what a jumbo frame and a loopback interface carry. */
const frameBytesMax = 65_535;

/** Packets of one pass in order of time: each with its place in one of the sources. */
type Pass = {
  readonly sources: readonly Source[];
  /** By packet: which source, where in its bytes, how many of them, how many on the wire, when. */
  readonly source: Uint16Array;
  readonly at: Uint32Array;
  readonly length: Uint32Array;
  readonly wire: Uint32Array;
  readonly ts: Float64Array;
};

/** One capture: its frames, all Ethernet, behind one another. */
type Source = { readonly name: string; readonly frames: Uint8Array };

export type Made = { path: string; packets: number; bytes: number; sha256: string; passes: number; sources: number };

/** The capture's path in the temporary folder; made when it is not there yet. */
export function benchCapture(profile: Profile, megabytes: number, seed = 1): string {
  return made(profile, megabytes, seed).path;
}

/** The same with its packets, bytes and SHA-256. */
export function made(profile: Profile, megabytes: number, seed = 1): Made {
  const folder = join(tmpdir(), 'forewarn-bench');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${profile}-${megabytes}-${seed}.pcap`);
  const facts = `${path}.json`;
  if (existsSync(path) && existsSync(facts)) return JSON.parse(readFileSync(facts, 'utf8')) as Made;
  const result = writeCapture(profile, megabytes, seed, path);
  writeFileSync(facts, JSON.stringify(result));
  return result;
}

/** Writes a capture of so many megabytes, or little less. */
export function writeCapture(profile: Profile, megabytes: number, seed: number, path: string, data = dataRoot): Made {
  const pass = profile === 'mixed' ? (merged(data, seed) ?? generated(profile, seed)) : generated(profile, seed);
  const limit = megabytes * 1e6;
  const file = openSync(`${path}.part`, 'w');
  const hash = createHash('sha256');
  const block = new Uint8Array(1 << 20);
  const view = new DataView(block.buffer);
  let filled = 24;
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 262_144, true);
  view.setUint32(20, 1, true);
  const flush = (): void => {
    const bytes = block.subarray(0, filled);
    hash.update(bytes);
    for (let at = 0; at < filled;) at += writeSync(file, bytes, at);
    filled = 0;
  };
  let written = 24;
  let packets = 0;
  let passes = 0;
  for (let full = false; !full; passes++) {
    for (let i = 0; i < pass.ts.length; i++) {
      const length = pass.length[i]!;
      if (written + 16 + length > limit) {
        full = true;
        break;
      }
      if (filled + 16 + length > block.length) flush();
      // A whole number of microseconds, so that no rounding differs from one machine to another.
      const micros = Math.round((t0 + passes * passSeconds + pass.ts[i]!) * 1e6);
      view.setUint32(filled, Math.floor(micros / 1e6), true);
      view.setUint32(filled + 4, micros % 1e6, true);
      view.setUint32(filled + 8, length, true);
      view.setUint32(filled + 12, Math.max(length, pass.wire[i]!), true);
      const frame = block.subarray(filled + 16, filled + 16 + length);
      const at = pass.at[i]!;
      frame.set(pass.sources[pass.source[i]!]!.frames.subarray(at, at + length));
      // Each capture of each pass gets addresses of its own: what two captures call 10.0.0.1 are two hosts.
      remap(frame, maskOf(seed, passes * pass.sources.length + pass.source[i]!));
      filled += 16 + length;
      written += 16 + length;
      packets++;
    }
  }
  flush();
  closeSync(file);
  renameSync(`${path}.part`, path);
  return { path, packets, bytes: written, sha256: hash.digest('hex'), passes, sources: pass.sources.length };
}

/** The n-th of 65,536 changes of an address, each once before the first comes again. One of them changes nothing. */
function maskOf(seed: number, n: number): number {
  // 3 generates all numbers below the prime 65,537, so its powers pass through all of them.
  let power = 1;
  let base = 3;
  for (let exponent = (n + seed * 7_919) % 65_536; exponent > 0; exponent = Math.floor(exponent / 2)) {
    if (exponent % 2 === 1) power = (power * base) % 65_537;
    base = (base * base) % 65_537;
  }
  return power & 0xffff;
}

// ---- merged from the data set ---------------------------------------------------------------------------------------

/** All captures below the folder, each but once; `undefined` where there are none. */
function merged(data: string, seed: number): Pass | undefined {
  const folder = join(data, 'net');
  if (!existsSync(folder)) return undefined;
  const paths = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(?:pcap|pcapng|cap|trace)$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    // By their bytes, not as a language would sort them.
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const sources: { source: Source; packets: Frame[] }[] = [];
  const known = new Set<string>();
  for (const name of paths) {
    const bytes = new Uint8Array(readFileSync(join(folder, name)));
    const digest = createHash('sha256').update(bytes).digest('hex');
    // Several sources of the data set hold the same captures.
    if (known.has(digest)) continue;
    known.add(digest);
    const packets = framesOf(bytes);
    if (packets.length === 0) continue;
    sources.push({ source: { name, frames: joined(packets) }, packets });
  }
  return sources.length === 0 ? undefined : inOrder(sources, seed);
}

type Frame = { ts: number; bytes: Uint8Array; wire: number };

/** All frames behind one another. */
function joined(packets: readonly Frame[]): Uint8Array {
  const whole = new Uint8Array(packets.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes } of packets) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  return whole;
}

/** Packets of a capture of whatever format and link, as Ethernet frames: what is no IP on another link is left out. */
function framesOf(file: Uint8Array): Frame[] {
  const found: Frame[] = [];
  const packet = new Packet();
  const target = {
    packet: (bytes: Uint8Array, start: number, end: number, wireLength: number, ts: number, linkType: number): void => {
      if (end - start > frameBytesMax) return;
      if (linkType === 1) {
        if (end - start >= 14) found.push({ ts, bytes: bytes.slice(start, end), wire: wireLength });
        return;
      }
      Object.assign(packet, { bytes, at: start, end, wireEnd: start + wireLength, vlan: 0, innerVlan: 0, ts });
      if (link(packet, linkType, defaultLimits.linkTagsMax) !== isIp || packet.at >= packet.end) return;
      const inside = bytes.slice(packet.at, packet.end);
      found.push({ ts, bytes: ethernet(inside), wire: 14 + packet.wireEnd - packet.at });
    },
  };
  const kind = captureKind(file.subarray(0, kindBytes));
  if (kind !== 'pcap' && kind !== 'pcapng') return [];
  const reader = kind === 'pcap' ? new PcapReader(target, defaultLimits) : new PcapngReader(target, defaultLimits);
  reader.push(file);
  reader.end();
  return found;
}

/** All packets in order of time; each source begins somewhere in the pass and is pressed into its span. */
function inOrder(all: readonly { source: Source; packets: readonly Frame[] }[], seed: number): Pass {
  const count = all.reduce((sum, { packets }) => sum + packets.length, 0);
  const source = new Uint16Array(count);
  const at = new Uint32Array(count);
  const length = new Uint32Array(count);
  const wire = new Uint32Array(count);
  const ts = new Float64Array(count);
  let n = 0;
  for (const [number, { packets }] of all.entries()) {
    const begins = random(seed, number)(spanSeconds * 1e6) / 1e6;
    const first = packets[0]!.ts;
    const lasts = packets.reduce((longest, each) => Math.max(longest, each.ts - first), 0);
    const scale = lasts > spanSeconds ? spanSeconds / lasts : 1;
    let place = 0;
    for (const packet of packets) {
      source[n] = number;
      at[n] = place;
      length[n] = packet.bytes.length;
      wire[n] = packet.wire;
      ts[n] = begins + Math.min(spanSeconds, Math.max(0, (packet.ts - first) * scale));
      place += packet.bytes.length;
      n++;
    }
  }
  // Packets of the same instant stay as they stood.
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort((a, b) => ts[a]! - ts[b]! || a - b);
  const sorted = <T extends Uint16Array | Uint32Array | Float64Array>(values: T, into: T): T => {
    for (let i = 0; i < count; i++) into[i] = values[order[i]!]!;
    return into;
  };
  return {
    sources: all.map((each) => each.source),
    source: sorted(source, new Uint16Array(count)),
    at: sorted(at, new Uint32Array(count)),
    length: sorted(length, new Uint32Array(count)),
    wire: sorted(wire, new Uint32Array(count)),
    ts: sorted(ts, new Float64Array(count)),
  };
}

// ---- made here ------------------------------------------------------------------------------------------------------

/** Clients of one pass; each asks a name, every third fetches a page, every third opens a TLS connection. */
const clients = 5_000;

function generated(profile: Profile, seed: number): Pass {
  const packets: Frame[] = [];
  const name = Uint8Array.from([3, 119, 119, 119, 7, 101, 120, 97, 109, 112, 108, 101, 3, 111, 114, 103, 0]);
  const question = concat(Uint8Array.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), name, Uint8Array.from([0, 1, 0, 1]));
  const answer = concat(
    Uint8Array.from([0, 1, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]),
    name,
    Uint8Array.from([0, 1, 0, 1, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 93, 184, 216, 34]),
  );
  const tls = handshake();
  const page = new Uint8Array(profile === 'small' ? 200 : 1400).fill(120);
  const add = ({ ts, bytes }: Timed): void => void packets.push({ ts, bytes, wire: bytes.length });
  for (let n = 0; n < clients; n++) {
    const dice = random(seed, n);
    const client = `10.1.${(n >> 8) & 255}.${n & 255}`;
    const ts = n * 0.003;
    const port = 1024 + dice(60_000);
    const dns = { from: client, to: '10.0.0.53' };
    // Transaction and third letter of the name are the client's own.
    question[0] = answer[0] = dice(256);
    question[1] = answer[1] = dice(256);
    question[15] = answer[15] = 97 + dice(26);
    add({ ts, bytes: ethernet(udp(dns, { source: port, destination: 53 }, question)) });
    add({ ts: ts + 0.001, bytes: ethernet(udp({ from: dns.to, to: dns.from }, { source: 53, destination: port }, answer)) });
    const options = { ts: ts + 0.002, step: 0.002 };
    if (n % 3 === 0) {
      const turns = [
        {
          from: 'client' as const,
          payload: ascii(`GET /${dice(1e6)} HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: bench\r\n\r\n`),
        },
        {
          from: 'server' as const,
          payload: concat(ascii(`HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n`), page),
        },
      ];
      conversation({ from: client, to: '192.0.2.80' }, { source: port, destination: 80 }, turns, options).forEach(add);
    } else if (n % 3 === 1) {
      conversation({ from: client, to: '192.0.2.43' }, { source: port, destination: 443 }, tls, options).forEach(add);
    }
  }
  return inOrder([{ source: { name: profile, frames: joined(packets) }, packets }], seed);
}

/** A hello and its answer in TLS 1.3 (RFC 8446), then records that only the peers can read. */
function handshake(): { from: 'client' | 'server'; payload: Uint8Array }[] {
  // The hello of the built packets, whose two pieces are the fourth and the sixth packet of their conversation.
  const hello = concat(...[3, 5].map((i) => builtPackets().tls[i]!.bytes.subarray(74)));
  const answer = [2, 0, 0, 86, 3, 3, ...Array.from({ length: 32 }, (_, i) => 255 - i), 0, 0x13, 1, 0, 0, 46];
  answer.push(0, 43, 0, 2, 3, 4, 0, 51, 0, 36, 0, 29, 0, 32, ...Array.from({ length: 32 }, (_, i) => i * 7));
  const record = (type: number, body: readonly number[]): Uint8Array =>
    Uint8Array.from([type, 3, 3, body.length >> 8, body.length & 255, ...body]);
  const sealed = (length: number): number[] => Array.from({ length }, (_, i) => (i * 151 + length) & 255);
  return [
    { from: 'client', payload: hello },
    { from: 'server', payload: concat(record(22, answer), record(20, [1]), record(23, sealed(40))) },
    { from: 'client', payload: concat(record(20, [1]), record(23, sealed(53)), record(23, sealed(90))) },
    { from: 'server', payload: record(23, sealed(120)) },
  ];
}

/** Packets in the capture, and its bytes; the file is read piece by piece. */
export function measure(path: string): { packets: number; bytes: number } {
  const engine = createEngine({ flowsOnly: true, sink: { record: () => {} } });
  const chunk = new Uint8Array(1 << 20);
  const file = openSync(path, 'r');
  let bytes = 0;
  for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
    engine.push(chunk.subarray(0, length));
    bytes += length;
  }
  closeSync(file);
  return { packets: engine.end().packets, bytes };
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: 'string', default: '1' }, out: { type: 'string' }, data: { type: 'string', default: dataRoot } },
  });
  const [profile, size] = positionals;
  const [megabytes, seed] = [Number(size), Number(values.seed)];
  if ((profile !== 'mixed' && profile !== 'small') || !(megabytes > 0) || !Number.isSafeInteger(seed) || seed < 0) {
    console.error('node bench/capture/capture.ts mixed|small MEGABYTES [--seed 1] [--out FILE] [--data DIR]');
    process.exit(2);
  }
  if (profile === 'mixed' && !existsSync(join(values.data, 'net'))) {
    console.error(`${join(values.data, 'net')} is not there: larger HTTP transfers take the place of its captures.`);
  }
  const { path, packets, bytes, sha256, passes, sources } =
    values.out === undefined ? made(profile, megabytes, seed) : writeCapture(profile, megabytes, seed, values.out, values.data);
  console.log(`${path}: ${bytes} bytes, ${packets} packets, ${passes} passes over ${sources} captures\nsha256 ${sha256}`);
}
