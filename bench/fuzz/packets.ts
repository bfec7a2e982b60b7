/** What stands below the protocols: capture files, links, IP and its pieces, TCP, tunnels, and all of the engine at once. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Refusal } from '@forewarn/base/refusal';
import { captureKind, kindBytes } from '@forewarn/sense/capture/kind';
import { PcapReader } from '@forewarn/sense/capture/pcap';
import { PcapngReader } from '@forewarn/sense/capture/pcapng';
import type { Reader } from '@forewarn/sense/capture/reader';
import { createEngine, type Engine } from '@forewarn/sense/engine';
import { readCase as readFrameCase } from '@forewarn/sense/frames/trial';
import { defaultLimits, type Limits } from '@forewarn/sense/limits';
import { oddities } from '@forewarn/sense/oddities';
import { protocols } from '@forewarn/sense/protocols/index';
import type { Protocol } from '@forewarn/sense/protocols/protocol';
import type { Arrival } from '@forewarn/sense/protocols/trial';
import { builtPackets, builtSeeds } from '@forewarn/sense/testing/mutations';
import { ascii, concat, conversation, ethernet, ip, pcap, pcapng, tcp, udp, type Timed } from '@forewarn/sense/testing/packets';
import type { Family, Input, Subject, Witness } from './family.ts';
import { inputBytesMax } from './mutation.ts';
import { casesOf, foldersWithCases } from './parsers.ts';
import { sctpStarts } from './sctp.ts';

const t0 = 1_700_000_000;

// ---- capture files ------------------------------------------------------------------------------------------------

const dataRoot = process.env['FOREWARN_DATA_SET'] ?? resolve(import.meta.dirname, '../../../shared/data');

/** Captures that are small enough to begin with: those built here, and those of the data set where it is present. */
function captures(bytesMax: number): Uint8Array[] {
  const { dns, tls, rest, fragments } = builtPackets();
  const few = [...dns, ...tls.slice(0, 5), ...rest.slice(0, 4), ...fragments];
  const built = [
    ...[{}, { little: false }, { nano: true }, { little: false, nano: true }].map((options) => pcap(few, options)),
    pcapng(few),
    pcapng(few, { little: false, resolution: 9, linkTypes: [1, 101] }),
    pcapng(
      few.map((packet, i) => ({ ...packet, face: i % 2, block: (['enhanced', 'simple', 'obsolete'] as const)[i % 3]! })),
      { linkTypes: [1, 1], sections: 2 },
    ),
  ];
  return [...built, ...dataSet(bytesMax)];
}

function dataSet(bytesMax: number): Uint8Array[] {
  const folder = join(dataRoot, 'net');
  if (process.env['CI'] === 'true' || !existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(?:pcap|pcapng|cap|trace)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .filter((path) => statSync(path).size <= bytesMax)
    .map((path) => new Uint8Array(readFileSync(path)));
}

/** The two readers of capture files, told where packets are and nothing more. */
class CaptureSubject implements Subject {
  readonly #witness: Witness;
  #reader: Reader | undefined;
  #opening = new Uint8Array(0);
  #packets = 0;
  #bytes = 0;

  constructor(witness: Witness) {
    this.#witness = witness;
  }

  begin(): void {
    this.#reader = undefined;
    this.#opening = new Uint8Array(0);
    this.#packets = 0;
    this.#bytes = 0;
  }

  arrive(arrival: Arrival): void {
    if ('missing' in arrival) return;
    this.#bytes += arrival.bytes.length;
    // The reader may keep nothing of a chunk: its copy is destroyed after the call.
    let chunk: Uint8Array = arrival.bytes.slice();
    if (!this.#reader) {
      chunk = this.#opening = concat(this.#opening, chunk);
      if (chunk.length < kindBytes) return;
      const kind = captureKind(chunk.subarray(0, kindBytes));
      const target = { packet: this.#packet };
      if (kind === 'pcap') this.#reader = new PcapReader(target, defaultLimits);
      else if (kind === 'pcapng') this.#reader = new PcapngReader(target, defaultLimits);
      else this.#reader = { push: () => {}, end: () => {}, stop: undefined };
    }
    this.#reader.push(chunk);
    chunk.fill(0x5a);
  }

  #packet = (bytes: Uint8Array, start: number, end: number, wireLength: number, ts: number, linkType: number): void => {
    if (!(start >= 0 && start <= end && end <= bytes.length && wireLength >= 0 && linkType >= 0)) {
      throw new Error(`a packet at ${start} to ${end} of ${bytes.length}, ${wireLength} on the wire, link type ${linkType}`);
    }
    if (!Number.isFinite(ts)) throw new Error(`a packet at ${ts}`);
    if (++this.#packets > this.#bytes) throw new Error('more packets than bytes');
    this.#witness.trait(`link ${linkType}`);
  };

  finish(): void {
    this.#reader?.end();
    const stop = this.#reader?.stop;
    if (stop && !(stop.name in oddities)) throw new Error(`"${stop.name}" is not in the catalogue`);
    if (stop) this.#witness.weird(stop.name);
  }

  end(): void {}
}

const one = (seed: number, bytes: Uint8Array): Input => ({ seed, arrivals: [{ direction: 0, ts: t0, bytes }] });

const capture: Family = {
  name: 'capture',
  starts: captures(4_096).map((bytes, seed) => one(seed, bytes)),
  inputsEach: 1_000,
  open: (witness) => new CaptureSubject(witness),
};

// ---- frames through the engine --------------------------------------------------------------------------------------

/** Takes every flow, so that what is above TCP and UDP is asked for and held. It knows what it must be given. */
const listener: Protocol = {
  service: 'dns',
  logs: ['dns'],
  transports: ['tcp', 'udp', 'sctp'],
  ports: [53],
  probe: (_bytes, start, end) => (end - start < 8 ? 'more' : 'yes'),
  open: (_flow, emit) => ({
    data: (_direction, bytes, start, end) => {
      if (!(start >= 0 && start < end && end <= bytes.length)) throw new Error(`bytes at ${start} to ${end} of ${bytes.length}`);
      emit.confirm();
    },
    gap: (_direction, length) => {
      if (!(length > 0)) throw new Error(`a gap of ${length} bytes`);
    },
    finish: () => {},
  }),
};

/** Ceilings that nearly every input reaches. */
const tight: Partial<Limits> = {
  flowsMax: 3,
  fragmentDatagramsMax: 2,
  fragmentBytesMax: 1500,
  fragmentPiecesMax: 3,
  pendingBytesPerDirectionMax: 400,
  pendingBytesMax: 700,
  pendingRangesMax: 2,
  probeBytesMax: 64,
  probeBytesTotalMax: 200,
  probePiecesMax: 2,
  tunnelParentsMax: 1,
  oddityRecordsPerFlowMax: 2,
  oddityRecordsPerNameMax: 5,
  kindsMax: 2,
};

/** Enough flows for what an engine meets here, and few enough that the ceiling is met. */
const some: Partial<Limits> = { flowsMax: 200 };

/** Each of these may write what its parser held, its tunnel's end, and itself. */
const flowsOpen = 200 * 16;

type Opening = { readonly limits: Partial<Limits>; readonly protocols: readonly Protocol[]; readonly verify: boolean };

class EngineSubject implements Subject {
  readonly #engine: Engine;
  readonly #witness: Witness;
  readonly #links: readonly number[] | undefined;
  readonly #ceiling: number;
  #link = 0;
  #shift = 0;
  #quiet = false;

  /** With `links` the frames of input `seed` are of that link type, in a pcapng file; else all are Ethernet in a pcap file. */
  constructor(witness: Witness, number: number, opening: Opening, links?: readonly number[]) {
    this.#witness = witness;
    this.#links = links;
    const limits = { ...defaultLimits, ...opening.limits };
    // TCP and SCTP hold as much each.
    this.#ceiling = limits.fragmentBytesMax + 2 * limits.pendingBytesMax + limits.probeBytesTotalMax;
    this.#engine = createEngine({
      protocols: opening.protocols,
      checksums: opening.verify ? 'verify' : 'ignore',
      networks: ['10.0.0.0/8', 'fe80::/10'],
      uidSeed: number,
      limits: opening.limits,
      sink: {
        record: (log, each) => {
          if (this.#quiet) return;
          witness.record(log, each);
          if (log === 'conn') witness.trait(`${String(each['conn_state'])} ${String(each['history'])}`);
          if (log !== 'weird') return;
          const name = String(each['name']);
          if (!(name in oddities)) throw new Error(`weird "${name}" is not in the catalogue`);
          witness.weird(name);
        },
      },
      fault: (service, error) => {
        throw new Error(`the parser of ${service} threw`, { cause: error });
      },
    });
    this.#engine.push(links ? pcapng([], { linkTypes: links }) : pcap([]));
  }

  begin(input: Input, n: number): void {
    this.#link = input.seed;
    // Most inputs meet the flows of those before them; every fourth comes when their time is over.
    this.#shift += n % 4 === 0 ? 4_000 : 0.5;
  }

  arrive(arrival: Arrival): void {
    if ('missing' in arrival) return;
    const { bytes } = arrival;
    const ts = Math.min(4_000_000_000, Math.max(0, arrival.ts + this.#shift));
    this.#engine.push(this.#links ? block(bytes, this.#link, ts) : record(bytes, ts));
    if (this.#engine.heldBytes() > this.#ceiling)
      throw new Error(`${this.#engine.heldBytes()} bytes are held, beyond ${this.#ceiling}`);
  }

  finish(): void {}

  end(): void {
    // What the flows of all inputs still write is not the last one's.
    this.#quiet = true;
    const account = this.#engine.end();
    if (this.#engine.heldBytes() !== 0) throw new Error(`${this.#engine.heldBytes()} bytes are still held at the end`);
    const sum = (counts: { [name: string]: number }): number => Object.values(counts).reduce((a, b) => a + b, 0);
    if (account.inFlows + sum(account.notIp) + sum(account.undecodable) !== account.packets) {
      throw new Error(`the account does not add up: ${JSON.stringify(account)}`);
    }
    if (account.stop) throw new Error(`the reader stopped: ${JSON.stringify(account.stop)}`);
    for (const name of Object.keys(account.oddities)) this.#witness.weird(name);
  }
}

/** A record of a pcap file. */
function record(bytes: Uint8Array, ts: number): Uint8Array {
  const whole = new Uint8Array(16 + bytes.length);
  const view = new DataView(whole.buffer);
  view.setUint32(0, ts, true);
  view.setUint32(4, (ts % 1) * 1e6, true);
  view.setUint32(8, bytes.length, true);
  view.setUint32(12, bytes.length, true);
  whole.set(bytes, 16);
  return whole;
}

/** An enhanced packet block of a pcapng file. */
function block(bytes: Uint8Array, face: number, ts: number): Uint8Array {
  const length = 32 + Math.ceil(bytes.length / 4) * 4;
  const whole = new Uint8Array(length);
  const view = new DataView(whole.buffer);
  const units = BigInt(Math.round(ts * 1e6));
  view.setUint32(0, 6, true);
  view.setUint32(4, length, true);
  view.setUint32(8, face, true);
  view.setUint32(12, Number(units >> 32n), true);
  view.setUint32(16, Number(units & 0xffffffffn), true);
  view.setUint32(20, bytes.length, true);
  view.setUint32(24, bytes.length, true);
  whole.set(bytes, 28);
  view.setUint32(length - 4, length, true);
  return whole;
}

/** Frames with their times, as they were captured. */
const frames = (seed: number, packets: readonly Timed[]): Input => ({
  seed,
  arrivals: packets.map(({ ts, bytes }): Arrival => ({ direction: 0, ts, bytes })),
});

/** Three of four engines have the usual ceilings, one has tight ones; half verify checksums. */
const opening = (number: number, each: number, parsers: readonly Protocol[]): Opening => {
  const turn = Math.floor(number / each);
  return { limits: turn % 4 === 3 ? tight : some, verify: turn % 2 === 1, protocols: parsers };
};

const engineInputsEach = 200;

function frameFamily(name: string, starts: readonly Input[], links?: readonly number[]): Family {
  return {
    name,
    starts,
    inputsEach: engineInputsEach,
    flowsOpen,
    open: (witness, number) => new EngineSubject(witness, number, opening(number, engineInputsEach, [listener]), links),
  };
}

const built = builtPackets();

/** All link types that are read, a few that are not, and one that nobody has. */
const links = [
  1, 0, 9, 12, 14, 50, 51, 100, 101, 104, 105, 107, 108, 113, 119, 127, 163, 192, 204, 219, 228, 229, 239, 276, 281, 284, 285,
  189, 60_000,
];

const u16 = (value: number): number[] => [value >> 8, value & 255];
const bytesOf = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** A frame of each link type with an IP packet behind its header, and others as they come in `rest`. */
function linkStarts(): Input[] {
  const four = ip({ from: '10.0.0.1', to: '10.0.0.2' }, 17, bytesOf(...u16(1), ...u16(2), ...u16(12), 0, 0, 1, 2, 3, 4));
  const six = ip({ from: '2001:db8::1', to: '2001:db8::2' }, 17, bytesOf(...u16(1), ...u16(2), ...u16(12), 0, 0, 1, 2, 3, 4));
  const snap = bytesOf(0xaa, 0xaa, 3, 0, 0, 0, 8, 0);
  const wireless = concat(bytesOf(0x08, 0, 0, 0), new Uint8Array(20), snap, four);
  const heads: { [type: number]: Uint8Array[] } = {
    0: [concat(bytesOf(2, 0, 0, 0), four), concat(bytesOf(30, 0, 0, 0), six)],
    9: [concat(bytesOf(0xff, 3, 0, 0x21), four), concat(bytesOf(0x57), six)],
    12: [four, six],
    50: [concat(bytesOf(0xff, 3, 0, 0x57), six)],
    51: [concat(bytesOf(0x11, 0, 0, 1, ...u16(four.length + 2), 0, 0x21), four)],
    100: [concat(snap, four)],
    104: [concat(bytesOf(0x0f, 0, 8, 0), four)],
    105: [wireless, concat(bytesOf(0x88, 1, 0, 0), new Uint8Array(22), snap, four)],
    107: [concat(bytesOf(0x18, 0x41, 3, 0xcc), four), concat(bytesOf(0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0), four)],
    108: [concat(bytesOf(0, 0, 0, 2), four)],
    113: [concat(bytesOf(0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0), four)],
    119: [concat(bytesOf(0, 0, 0, 0x44, 0, 0, 0, 144), new Uint8Array(136), wireless)],
    127: [concat(bytesOf(0, 0, 8, 0, 0, 0, 0, 0), wireless)],
    163: [concat(bytesOf(0x80, 0x21, 0x10, 1, 0, 0, 0, 64), new Uint8Array(56), wireless)],
    192: [concat(bytesOf(0, 0, 8, 0, 1, 0, 0, 0), ethernet(four)), concat(bytesOf(0, 0, 8, 0, 105, 0, 0, 0), wireless)],
    204: [concat(bytesOf(1, 0xff, 3, 0, 0x21), four)],
    219: [concat(bytesOf(0, 1, 0, 64, 0, 2, 1, 64), four)],
    239: [concat(bytesOf(2, 0, 0, 0, 8, 0, 1, 0, 0, 0, 0, 0, (four.length + 4) & 255, 0, 9, 0), four)],
    276: [concat(bytesOf(8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0), four)],
    281: [concat(new Uint8Array(12).fill(2), bytesOf(0, 0, 0, 1, 8, 0), four)],
    284: [concat(new Uint8Array(12).fill(2), bytesOf(0x40, 0, 0, 1, 8, 0), four)],
    285: [concat(new Uint8Array(12).fill(2), bytesOf(0xda, 0xda, 0, 0, 0x40, 0, 0, 1, 8, 0), four)],
  };
  return links.flatMap((type, seed) => {
    const own = (heads[type] ?? []).map((bytes) => frames(seed, [{ ts: t0, bytes }]));
    const raw = [12, 14, 101, 228, 229].includes(type) ? 14 : 0;
    return [...own, ...built.rest.map(({ ts, bytes }) => frames(seed, [{ ts, bytes: bytes.subarray(raw) }]))];
  });
}

/** Pieces in order, out of order, overlapping and missing, of both versions; options and extension headers. */
function ipStarts(): Input[] {
  const four = { from: '10.0.0.1', to: '10.0.0.2' };
  const six = { from: '2001:db8::1', to: '2001:db8::2' };
  const payload = (ends: typeof four): Uint8Array =>
    udp(ends, { source: 7, destination: 9 }, new Uint8Array(200).fill(7)).subarray(ends === six ? 40 : 20);
  const cut = (ends: typeof four, places: readonly [number, number][], id: number): Timed[] =>
    places.map(([from, to], i) => ({
      ts: t0 + i * 0.001,
      bytes: ethernet(ip(ends, 17, payload(ends).slice(from, to), { id, fragment: { offset: from / 8, more: to < 208 } })),
    }));
  const orders: [number, number][][] = [
    [
      [0, 80],
      [80, 160],
      [160, 208],
    ],
    [
      [160, 208],
      [80, 160],
      [0, 80],
    ],
    [
      [0, 88],
      [80, 160],
      [160, 208],
    ],
    [
      [0, 80],
      [160, 208],
    ],
    [
      [0, 80],
      [0, 80],
      [80, 208],
    ],
    [
      [0, 160],
      [160, 208],
      [80, 160],
    ],
  ];
  const pieces = orders.flatMap((order, i) => [cut(four, order, 100 + i), cut(six, order, 200 + i)]);
  const options = ip(four, 17, udp(four, { source: 1, destination: 2 }, ascii('options')).subarray(20), {
    options: bytesOf(0x44, 8, 5, 0, 1, 2, 3, 4, 0x83, 7, 4, 10, 0, 0, 1, 0),
  });
  const small = udp(six, { source: 1, destination: 2 }, ascii('extensions')).subarray(40);
  const chain = concat(
    bytesOf(60, 0, 5, 2, 0, 0, 1, 0), // hop by hop, then
    bytesOf(43, 0, 1, 4, 0, 0, 0, 0), // destination options, then
    bytesOf(51, 2, 4, 0, 0, 0, 0, 0, ...new Uint8Array(16)), // routing, then
    bytesOf(17, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, ...new Uint8Array(12).fill(9)), // authentication, then UDP
    small,
  );
  const whole: Timed[][] = [
    [{ ts: t0, bytes: ethernet(options) }],
    [{ ts: t0, bytes: ethernet(ip(six, 0, chain)) }],
    [{ ts: t0, bytes: ethernet(ip(six, 59, new Uint8Array(4))) }],
    ...built.rest.map((packet) => [packet]),
  ];
  return [...pieces, ...whole, built.fragments, built.dns].map((packets) => frames(0, packets));
}

/** Whole conversations, and what networks and senders make of them. */
function tcpStarts(): Input[] {
  const ends = { from: '10.0.0.1', to: '10.0.0.2' };
  const back = { from: ends.to, to: ends.from };
  const ports = { source: 50_000, destination: 80 };
  const backPorts = { source: 80, destination: 50_000 };
  const letters = (length: number): Uint8Array => ascii('abcdefghijklmnopqrstuvwxyz'.repeat(8)).subarray(0, length);
  const turns = [
    { from: 'client' as const, payload: letters(100) },
    { from: 'server' as const, payload: letters(150) },
    { from: 'client' as const, payload: letters(4) },
    { from: 'client' as const, payload: letters(60) },
  ];
  const plain = conversation(ends, ports, turns);
  const swapped = [...plain];
  [swapped[3], swapped[7]] = [swapped[7]!, swapped[3]!];
  const segment = (own: boolean, flags: string, sequence: number, acknowledgement = 0, payload?: Uint8Array): Uint8Array =>
    ethernet(
      tcp(own ? ends : back, own ? ports : backPorts, {
        flags,
        sequence: sequence >>> 0,
        acknowledgement: acknowledgement >>> 0,
        ...(payload ? { payload } : {}),
      }),
    );
  const timed = (...list: Uint8Array[]): Timed[] => list.map((bytes, i) => ({ ts: t0 + i * 0.01, bytes }));
  const shapes: Timed[][] = [
    plain,
    conversation({ from: '2001:db8::1', to: '2001:db8::2' }, ports, turns),
    swapped,
    plain.slice(2),
    plain.toReversed(),
    plain.filter((_, i) => i !== 5),
    plain.flatMap((packet) => [packet, packet]),
    // Numbers that pass zero.
    timed(
      segment(true, 'S', -50),
      segment(false, 'SA', -20, -49),
      segment(true, 'A', -49, -19),
      segment(true, 'PA', -49, -19, letters(100)),
      segment(false, 'PA', -19, 51, letters(60)),
      segment(true, 'PA', 51, 41, letters(8)),
      segment(true, 'R', 59),
    ),
    // Overlapping pieces above a hole, the hole filled last, with other bytes.
    timed(
      segment(true, 'S', 0),
      segment(false, 'SA', 0, 1),
      segment(true, 'PA', 101, 1, letters(50)),
      segment(true, 'PA', 121, 1, letters(80)),
      segment(true, 'PA', 91, 1, letters(120)),
      segment(true, 'PA', 301, 1, letters(10)),
      segment(true, 'PA', 1, 1, letters(100)),
      segment(false, 'A', 1, 400),
      segment(true, 'FA', 311, 1),
    ),
    // Both open, both close; data with SYN and with FIN; urgent; a keep-alive; a window of none.
    timed(
      segment(true, 'S', 9, 0, letters(20)),
      segment(false, 'S', 4),
      segment(true, 'SA', 9, 5),
      segment(false, 'SA', 4, 10),
      segment(true, 'FPUA', 30, 5, letters(9)),
      segment(false, 'FA', 5, 40),
    ),
    timed(
      segment(false, 'SA', 4, 10),
      segment(true, 'R', 10),
      segment(true, '', 10),
      segment(true, 'SF', 10),
      segment(true, 'SFRPAU', 10, 10),
    ),
    timed(
      segment(true, 'A', 1000, 2000, letters(1)),
      segment(false, 'A', 2000, 1001),
      segment(true, 'A', 1000, 2000, letters(1)),
      segment(true, 'A', 5_000_000, 2000, letters(10)),
    ),
  ];
  return shapes.map((packets) => frames(0, packets));
}

/** A flow of a protocol's case as packets. */
function packetsOf({ transport, port, arrivals }: ReturnType<typeof casesOf>[number]): Timed[] {
  const ends = { from: '10.0.0.1', to: '10.0.0.2' };
  const whole = arrivals.flatMap((each) => ('bytes' in each ? [each] : []));
  if (transport === 'tcp') {
    return conversation(
      ends,
      { source: 40_000, destination: port },
      whole.map(({ direction, bytes }) => ({ from: direction === 0 ? 'client' : 'server', payload: bytes })),
    );
  }
  return whole.map(({ direction, ts, bytes }) => ({
    ts,
    bytes: ethernet(
      direction === 0
        ? udp(ends, { source: 40_000, destination: port }, bytes)
        : udp({ from: ends.to, to: ends.from }, { source: port, destination: 40_000 }, bytes),
    ),
  }));
}

const tunnels = built.tunnels.map((packet) => frames(0, [packet]));

/** Each tunnel inside of another, and one that carries a whole conversation. */
function nestedTunnels(): Input[] {
  const outer = { from: '192.0.2.7', to: '192.0.2.8' };
  const inside = (frame: Uint8Array): Uint8Array =>
    ethernet(udp(outer, { source: 5, destination: 4789 }, concat(bytesOf(8, 0, 0, 0, 0, 0, 1, 0), frame)));
  const generic = (frame: Uint8Array): Uint8Array => ethernet(ip(outer, 47, concat(bytesOf(0, 0, 0x65, 0x58), frame)));
  return [
    ...built.tunnels.map((packet) => frames(0, [{ ...packet, bytes: inside(packet.bytes) }])),
    ...built.tunnels.map((packet) => frames(0, [{ ...packet, bytes: generic(inside(packet.bytes)) }])),
    frames(
      0,
      built.modbus.map((packet) => ({ ...packet, bytes: inside(packet.bytes) })),
    ),
    frames(
      0,
      built.fragments.map((packet) => ({ ...packet, bytes: generic(packet.bytes) })),
    ),
  ];
}

/** Conversations of all protocols, through everything. */
const engineStarts = [...foldersWithCases.flatMap((name) => casesOf(name).map(packetsOf)), ...Object.values(built)].map(
  (packets) => frames(0, packets),
);

const engine: Family = {
  name: 'engine',
  starts: engineStarts,
  inputsEach: engineInputsEach,
  flowsOpen,
  open: (witness, number) => new EngineSubject(witness, number, opening(number, engineInputsEach, protocols)),
};

// ---- whole captures -------------------------------------------------------------------------------------------------

/** A capture through a whole engine, as somebody would give it. */
class WholeSubject implements Subject {
  readonly #witness: Witness;
  #engine: Engine | undefined;

  constructor(witness: Witness) {
    this.#witness = witness;
  }

  begin(_input: Input, n: number): void {
    const witness = this.#witness;
    this.#engine = createEngine({
      protocols,
      checksums: n % 4 === 0 ? 'verify' : 'ignore',
      uidSeed: n,
      limits: n % 4 === 1 ? tight : some,
      sink: {
        record: (log, each) => {
          witness.record(log, each);
          if (log === 'weird') witness.weird(String(each['name']));
        },
      },
      fault: (service, error) => {
        throw new Error(`the parser of ${service} threw`, { cause: error });
      },
    });
  }

  arrive(arrival: Arrival): void {
    try {
      if ('bytes' in arrival) this.#engine?.push(arrival.bytes);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#engine = undefined;
    }
  }

  finish(): void {
    const whole = this.#engine;
    this.#engine = undefined;
    if (!whole) return;
    try {
      const account = whole.end();
      if (whole.heldBytes() !== 0) throw new Error(`${whole.heldBytes()} bytes are still held at the end`);
      const sum = (counts: { [name: string]: number }): number => Object.values(counts).reduce((a, b) => a + b, 0);
      if (account.inFlows + sum(account.notIp) + sum(account.undecodable) !== account.packets) {
        throw new Error(`the account does not add up: ${JSON.stringify(account)}`);
      }
      // Beyond the ceiling of kinds the account calls them so.
      for (const name of Object.keys(account.oddities))
        if (!(name in oddities) && name !== 'other') throw new Error(`"${name}" is not in the catalogue`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }

  end(): void {}
}

const whole: Family = {
  name: 'whole',
  starts: [...captures(inputBytesMax), ...builtSeeds().filter(({ length }) => length <= inputBytesMax)].map((bytes, seed) =>
    one(seed, bytes),
  ),
  inputsEach: 1_000,
  open: (witness) => new WholeSubject(witness),
};

/** What the cases of the protocols directly on Ethernet say was sent. */
function onEthernetStarts(): Input[] {
  const folder = resolve(import.meta.dirname, '../../sense/src/frames');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('bytes.txt'))
    .sort()
    .map((name) => frames(1, readFrameCase(readFileSync(join(folder, name), 'utf8'))));
}

export const packetFamilies: readonly Family[] = [
  capture,
  frameFamily('link', linkStarts(), links),
  frameFamily('on-ethernet', onEthernetStarts()),
  frameFamily('ip', ipStarts()),
  frameFamily('tcp', tcpStarts()),
  frameFamily(
    'sctp',
    sctpStarts.map((packets, seed) => frames(seed, packets)),
  ),
  frameFamily('tunnel', [...tunnels, ...nestedTunnels()]),
  engine,
  whole,
];
