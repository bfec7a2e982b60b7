/**
 * A small builder of packets and capture files for tests: every header written by hand, with known answers. Not for
 * scenarios – those are made by `prepare`, which detection must not know.
 */

import { parseAddress } from '@forewarn/base/ip';
import { fold, sumWords } from '../ip/checksum.ts';

export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

const u16 = (value: number): number[] => [(value >> 8) & 255, value & 255];
const u32 = (value: number): number[] => [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

/** An Ethernet frame; `tags` are 802.1Q identifiers from the outermost. */
export function ethernet(payload: Uint8Array, options: { type?: number; tags?: readonly number[] } = {}): Uint8Array {
  const type = options.type ?? (payload[0]! >> 4 === 6 ? 0x86dd : 0x0800);
  const tags = (options.tags ?? []).flatMap((tag) => [0x81, 0x00, ...u16(tag)]);
  return concat(Uint8Array.from([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, ...tags, ...u16(type)]), payload);
}

export type Ends = { from: string; to: string };

/** An IP packet of either version, by the form of the addresses. */
export function ip(
  ends: Ends,
  protocol: number,
  payload: Uint8Array,
  options: { id?: number; fragment?: { offset: number; more: boolean }; options?: Uint8Array; total?: number } = {},
): Uint8Array {
  const from = parseAddress(ends.from)!;
  const to = parseAddress(ends.to)!;
  if (from.length === 16) {
    const pieces: Uint8Array[] = [];
    let next = protocol;
    if (options.fragment) {
      pieces.push(
        Uint8Array.from([
          protocol,
          0,
          ...u16((options.fragment.offset << 3) | (options.fragment.more ? 1 : 0)),
          ...u32(options.id ?? 1),
        ]),
      );
      next = 44;
    }
    const body = concat(...pieces, payload);
    return concat(Uint8Array.from([0x60, 0, 0, 0, ...u16(options.total ?? body.length), next, 64]), from, to, body);
  }
  const extra = options.options ?? new Uint8Array(0);
  const header = concat(
    Uint8Array.from([
      0x40 | (5 + extra.length / 4),
      0,
      ...u16(options.total ?? 20 + extra.length + payload.length),
      ...u16(options.id ?? 1),
      ...u16((options.fragment?.offset ?? 0) | (options.fragment?.more ? 0x2000 : 0)),
      64,
      protocol,
      0,
      0,
    ]),
    from,
    to,
    extra,
  );
  const sum = 0xffff - fold(sumWords(header, 0, header.length, 0));
  header[10] = sum >> 8;
  header[11] = sum & 255;
  return concat(header, payload);
}

function withChecksum(ends: Ends, protocol: number, segment: Uint8Array, at: number): Uint8Array {
  const from = parseAddress(ends.from)!;
  const to = parseAddress(ends.to)!;
  const pseudo = sumWords(from, 0, from.length, sumWords(to, 0, to.length, protocol + segment.length));
  let sum = 0xffff - fold(sumWords(segment, 0, segment.length, pseudo));
  if (sum === 0 && protocol === 17) sum = 0xffff;
  segment[at] = sum >> 8;
  segment[at + 1] = sum & 255;
  return segment;
}

export type Ports = { source: number; destination: number };

export function udp(ends: Ends, ports: Ports, payload: Uint8Array): Uint8Array {
  const segment = concat(
    Uint8Array.from([...u16(ports.source), ...u16(ports.destination), ...u16(8 + payload.length), 0, 0]),
    payload,
  );
  return ip(ends, 17, withChecksum(ends, 17, segment, 6));
}

/** Flags by letter: S, A, F, R, P, U. */
export function tcp(
  ends: Ends,
  ports: Ports,
  segment: {
    flags: string;
    sequence: number;
    acknowledgement?: number;
    window?: number;
    payload?: Uint8Array;
    checksum?: number;
  },
): Uint8Array {
  const bits = [...'FSRPAU'].reduce((sum, letter, bit) => sum | (segment.flags.includes(letter) ? 1 << bit : 0), 0);
  const bytes = concat(
    Uint8Array.from([
      ...u16(ports.source),
      ...u16(ports.destination),
      ...u32(segment.sequence),
      ...u32(segment.acknowledgement ?? 0),
      0x50,
      bits,
      ...u16(segment.window ?? 64_240),
      0,
      0,
      0,
      0,
    ]),
    segment.payload ?? new Uint8Array(0),
  );
  withChecksum(ends, 6, bytes, 16);
  if (segment.checksum !== undefined) [bytes[16], bytes[17]] = u16(segment.checksum) as [number, number];
  return ip(ends, 6, bytes);
}

export function icmp(ends: Ends, type: number, code: number, payload: Uint8Array): Uint8Array {
  const six = ends.from.includes(':');
  const bytes = concat(Uint8Array.from([type, code, 0, 0, 0, 1, 0, 1]), payload);
  if (six) return ip(ends, 58, withChecksum(ends, 58, bytes, 2));
  const sum = 0xffff - fold(sumWords(bytes, 0, bytes.length, 0));
  bytes[2] = sum >> 8;
  bytes[3] = sum & 255;
  return ip(ends, 1, bytes);
}

/** A packet at its time; `wire` is its length before the snap length cut it. */
export type Timed = { ts: number; bytes: Uint8Array; wire?: number };

/** A classic capture file. */
export function pcap(
  packets: readonly Timed[],
  options: { little?: boolean; nano?: boolean; linkType?: number } = {},
): Uint8Array {
  const little = options.little ?? true;
  const word = (value: number): number[] => (little ? u32(value).toReversed() : u32(value));
  const half = (value: number): number[] => (little ? u16(value).toReversed() : u16(value));
  const magic = options.nano ? 0xa1b23c4d : 0xa1b2c3d4;
  const parts: Uint8Array[] = [
    Uint8Array.from([
      ...word(magic),
      ...half(2),
      ...half(4),
      ...word(0),
      ...word(0),
      ...word(262_144),
      ...word(options.linkType ?? 1),
    ]),
  ];
  for (const { ts, bytes, wire } of packets) {
    const seconds = Math.floor(ts);
    const fraction = Math.round((ts - seconds) * (options.nano ? 1e9 : 1e6));
    parts.push(
      Uint8Array.from([...word(seconds), ...word(fraction), ...word(bytes.length), ...word(wire ?? bytes.length)]),
      bytes,
    );
  }
  return concat(...parts);
}

/** A block-structured capture file: one section, an interface for each link type, enhanced packet blocks. */
export function pcapng(
  packets: readonly (Timed & { face?: number; block?: 'enhanced' | 'simple' | 'obsolete' })[],
  options: { little?: boolean; linkTypes?: readonly number[]; resolution?: number; sections?: number } = {},
): Uint8Array {
  const little = options.little ?? true;
  const word = (value: number): number[] => (little ? u32(value).toReversed() : u32(value));
  const half = (value: number): number[] => (little ? u16(value).toReversed() : u16(value));
  const block = (type: number, body: Uint8Array): Uint8Array => {
    const padding = new Uint8Array((4 - (body.length % 4)) % 4);
    const length = word(12 + body.length + padding.length);
    return concat(Uint8Array.from([...word(type), ...length]), body, padding, Uint8Array.from(length));
  };
  const resolution = options.resolution ?? 6;
  const parts: Uint8Array[] = [];
  for (let section = 0; section < (options.sections ?? 1); section++) {
    parts.push(
      block(0x0a0d0d0a, Uint8Array.from([...word(0x1a2b3c4d), ...half(1), ...half(0), ...word(0xffffffff), ...word(0xffffffff)])),
    );
    for (const linkType of options.linkTypes ?? [1]) {
      parts.push(
        block(
          1,
          Uint8Array.from([
            ...half(linkType),
            0,
            0,
            ...word(0),
            ...half(9),
            ...half(1),
            resolution,
            0,
            0,
            0,
            ...half(0),
            ...half(0),
          ]),
        ),
      );
    }
    for (const { ts, bytes, wire, face, block: kind } of packets) {
      const units = BigInt(Math.round(ts * 1e6)) * 10n ** BigInt(resolution - 6);
      const high = Number(units >> 32n);
      const low = Number(units & 0xffffffffn);
      const lengths = [...word(bytes.length), ...word(wire ?? bytes.length)];
      if (kind === 'simple') parts.push(block(3, concat(Uint8Array.from(word(bytes.length)), bytes)));
      else if (kind === 'obsolete') {
        parts.push(block(2, concat(Uint8Array.from([...half(face ?? 0), 0, 0, ...word(high), ...word(low), ...lengths]), bytes)));
      } else parts.push(block(6, concat(Uint8Array.from([...word(face ?? 0), ...word(high), ...word(low), ...lengths]), bytes)));
    }
  }
  return concat(...parts);
}

/** One side of a conversation sends and the other acknowledges: a whole connection from SYN to the last ACK. */
export function conversation(
  ends: Ends,
  ports: Ports,
  turns: readonly { from: 'client' | 'server'; payload: Uint8Array }[],
  options: { ts?: number; step?: number } = {},
): Timed[] {
  const back: Ends = { from: ends.to, to: ends.from };
  const backPorts: Ports = { source: ports.destination, destination: ports.source };
  let ts = options.ts ?? 1_700_000_000;
  const step = options.step ?? 0.01;
  let client = 1000;
  let server = 5000;
  const packets: Timed[] = [];
  const send = (from: 'client' | 'server', flags: string, payload?: Uint8Array): void => {
    const own = from === 'client';
    packets.push({
      ts: Math.round(ts * 1e6) / 1e6,
      bytes: ethernet(
        tcp(own ? ends : back, own ? ports : backPorts, {
          flags,
          sequence: own ? client : server,
          acknowledgement: flags.includes('A') ? (own ? server : client) : 0,
          ...(payload ? { payload } : {}),
        }),
      ),
    });
    ts += step;
    const length = (payload?.length ?? 0) + (flags.includes('S') || flags.includes('F') ? 1 : 0);
    if (own) client += length;
    else server += length;
  };
  send('client', 'S');
  send('server', 'SA');
  send('client', 'A');
  for (const turn of turns) {
    send(turn.from, 'PA', turn.payload);
    send(turn.from === 'client' ? 'server' : 'client', 'A');
  }
  send('client', 'FA');
  send('server', 'FA');
  send('client', 'A');
  return packets;
}
