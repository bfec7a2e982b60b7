/** Makes transport streams whose faults are known: a programme of tables, picture, sound and clock at a constant rate, packet by packet. */

import { crc32 } from '../protocols/mpeg_ts/sections.ts';

export const packetBytes = 188;

export type Section = { table: number; id?: number; version?: number; body: Uint8Array | readonly number[]; next?: boolean };

const two = (value: number): [number, number] => [(value >> 8) & 0xff, value & 0xff];

/** A section of the long form, with its CRC. */
export function section({ table, id = 1, version = 0, body, next = false }: Section): Uint8Array {
  const length = 5 + body.length + 4;
  const bytes = new Uint8Array(3 + length);
  bytes.set([table, 0xb0 | (length >> 8), length & 0xff, ...two(id), 0xc0 | (version << 1) | (next ? 0 : 1), 0, 0]);
  bytes.set(body, 8);
  const crc = crc32(bytes, 0, bytes.length - 4);
  bytes.set([crc >>> 24, (crc >>> 16) & 0xff, (crc >>> 8) & 0xff, crc & 0xff], bytes.length - 4);
  return bytes;
}

/** Programme numbers and the PIDs of their PMTs. */
export const pat = (programs: { readonly [program: number]: number }, id = 1): Uint8Array =>
  section({
    table: 0,
    id,
    body: Object.entries(programs).flatMap(([program, pid]) => [...two(Number(program)), ...two(0xe000 | pid)]),
  });

export const caDescriptor = (system: number, pid: number): number[] => [9, 4, ...two(system), ...two(0xe000 | pid)];

export function pmt(program: number, pcrPid: number, streams: readonly (readonly [pid: number, type: number])[], descriptors: readonly number[] = []): Uint8Array {
  const body = [...two(0xe000 | pcrPid), ...two(0xf000 | descriptors.length), ...descriptors];
  for (const [pid, type] of streams) body.push(type, ...two(0xe000 | pid), 0xf0, 0);
  return section({ table: 2, id: program, body });
} // oxfmt-ignore

/** Services and their names, each name's bytes as they stand. */
export function sdt(services: { readonly [service: number]: string }, table = 0x42): Uint8Array {
  const body = [0, 1, 0xff];
  for (const [service, name] of Object.entries(services)) {
    const text = [...new TextEncoder().encode(name)];
    const descriptor = [0x48, 3 + text.length, 1, 0, text.length, ...text];
    body.push(...two(Number(service)), 0xfc, ...two(0x8000 | descriptor.length), ...descriptor);
  }
  return section({ table, body });
}

/** A TDT: the short form, without a CRC. */
export const tdt = (): Uint8Array => Uint8Array.of(0x70, 0x70, 5, 0xe1, 0x00, 0x12, 0x00, 0x00);

export type PacketOptions = {
  pid: number;
  /** Payload; what is missing to its end is stuffed. Absent: a packet without payload. */
  payload?: Uint8Array;
  begins?: boolean;
  pcr?: number;
  discontinuity?: boolean;
  scrambling?: number;
  damaged?: boolean;
};

/** Counts the continuity of each PID as it makes packets. */
export class Multiplexer {
  readonly #counters = new Map<number, number>();

  packet({
    pid,
    payload,
    begins = false,
    pcr,
    discontinuity = false,
    scrambling = 0,
    damaged = false,
  }: PacketOptions): Uint8Array {
    const bytes = new Uint8Array(packetBytes).fill(0xff);
    const before = this.#counters.get(pid) ?? 15;
    const counter = payload ? (before + 1) & 15 : before;
    this.#counters.set(pid, counter);
    bytes.set([0x47, (damaged ? 0x80 : 0) | (begins ? 0x40 : 0) | (pid >> 8), pid & 0xff]);
    const least = pcr === undefined ? (discontinuity ? 2 : 0) : 8;
    const room = packetBytes - 4 - (payload?.length ?? 0);
    const adaptation = Math.max(least, payload ? room : packetBytes - 4);
    bytes[3] = (scrambling << 6) | (adaptation > 0 ? 0x20 : 0) | (payload ? 0x10 : 0) | counter;
    if (adaptation > 0) {
      bytes[4] = adaptation - 1;
      if (adaptation > 1) bytes[5] = (discontinuity ? 0x80 : 0) | (pcr === undefined ? 0 : 0x10);
      if (pcr !== undefined) {
        const base = Math.floor(pcr / 300);
        const extension = pcr % 300;
        const high = Math.floor(base / 2);
        bytes.set([high >>> 24, (high >>> 16) & 0xff, (high >>> 8) & 0xff, high & 0xff, ((base & 1) << 7) | 0x7e | (extension >> 8), extension & 0xff], 6); // oxfmt-ignore
      }
    }
    if (payload) bytes.set(payload.subarray(0, packetBytes - 4 - adaptation), 4 + adaptation);
    return bytes;
  }

  /** A section in as many packets as it takes, the last filled with ones. */
  table(pid: number, bytes: Uint8Array): Uint8Array[] {
    const packets: Uint8Array[] = [];
    let rest = Uint8Array.of(0, ...bytes);
    for (let begins = true; rest.length > 0; begins = false) {
      const payload = new Uint8Array(184).fill(0xff);
      payload.set(rest.subarray(0, 184));
      packets.push(this.packet({ pid, payload, begins }));
      rest = rest.slice(184);
    }
    return packets;
  }

  /** The first packet of a PES packet with a PTS. */
  pes(pid: number, pts: number, more: Partial<PacketOptions> = {}): Uint8Array {
    const payload = new Uint8Array(more.pcr === undefined ? 184 : 176).fill(pts & 0x7f);
    payload.set([0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5, 0x21, (pts >> 22) & 0xff, 1, (pts >> 7) & 0xff, 1]);
    return this.packet({ pid, payload, begins: true, ...more });
  }
}

/** One packet of a made stream and the time at which it is sent. */
export type Sent = { ts: number; bytes: Uint8Array };

export const ids = { pmt: 0x100, video: 0x101, audio: 0x102, program: 7, stream: 0x2a } as const;

/**
 * `seconds` of a stream of 2,000 packets a second (3 Mbit/s): PAT and PMT every 100 ms, SDT every second, PCR every 20 ms on the picture's PID, PTS
 * every 100 ms, the rest null packets. `alter` changes or removes (undefined) each packet.
 */
export function makeStream(seconds: number, alter: (packet: Sent, n: number) => Sent | undefined = (packet) => packet, from = 1_700_000_000): Sent[] {
  const mux = new Multiplexer();
  const sent: Sent[] = [];
  const queue: Uint8Array[] = [];
  const rate = 2_000;
  for (let n = 0; n < seconds * rate; n++) {
    const slot = n % (rate / 10);
    if (slot === 0) queue.push(...mux.table(0, pat({ [ids.program]: ids.pmt }, ids.stream)));
    if (slot === 1) queue.push(...mux.table(ids.pmt, pmt(ids.program, ids.video, [[ids.video, 0x1b], [ids.audio, 0x0f]]))); // oxfmt-ignore
    if (n % rate === 2) queue.push(...mux.table(0x11, sdt({ [ids.program]: 'Channel One' })));
    const pcr = Math.round((n * 27_000_000) / rate);
    const payload = new Uint8Array(184).fill(n & 0xff);
    let bytes: Uint8Array;
    if (n % 40 === 5) bytes = slot === 5 ? mux.pes(ids.video, n, { pcr }) : mux.packet({ pid: ids.video, payload: payload.subarray(8), pcr });
    else if (queue.length > 0) bytes = queue.shift()!;
    else if (slot === 6) bytes = mux.pes(ids.audio, n);
    else if (n % 4 === 0) bytes = mux.packet({ pid: ids.video, payload });
    else if (n % 40 === 7) bytes = mux.packet({ pid: ids.audio, payload });
    else bytes = mux.packet({ pid: 0x1fff, payload });
    const packet = alter({ ts: from + n / rate, bytes }, n);
    if (packet) sent.push(packet);
  }
  return sent;
} // oxfmt-ignore

export const pidOf = (bytes: Uint8Array): number => ((bytes[1]! & 0x1f) << 8) | bytes[2]!;

/** Packets side by side in datagrams of seven; the time is that of the last of them. */
export function datagrams(sent: readonly Sent[], each = 7): Sent[] {
  const list: Sent[] = [];
  for (let at = 0; at < sent.length; at += each) {
    const some = sent.slice(at, at + each);
    const bytes = new Uint8Array(some.length * packetBytes);
    for (const [i, one] of some.entries()) bytes.set(one.bytes, i * packetBytes);
    list.push({ ts: some.at(-1)!.ts, bytes });
  }
  return list;
}

export function joined(sent: readonly Sent[]): Uint8Array {
  const bytes = new Uint8Array(sent.length * packetBytes);
  for (const [i, one] of sent.entries()) bytes.set(one.bytes, i * packetBytes);
  return bytes;
}
