/** Captures for the fuzz test: seeds built here, and the ways in which they are damaged. Everything follows from a seed. */

import { ascii, concat, conversation, ethernet, icmp, ip, pcap, pcapng, tcp, udp, type Timed } from './packets.ts';

/** A whole number from 0 up to, not including, the bound. */
export type Random = (bound: number) => number;

/** A generator for the `n`th case of a seed (splitmix32). */
export function random(seed: number, n: number): Random {
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(n + 1, 0x85ebca6b)) | 0;
  return (bound) => {
    state = (state + 0x9e3779b9) | 0;
    let value = state;
    value = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
    value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
    value ^= value >>> 15;
    return Math.floor(((value >>> 0) / 4_294_967_296) * bound);
  };
}

/** Packets that touch every layer, by what they are about. All are Ethernet frames. */
export function builtPackets(): { [K in 'dns' | 'http' | 'modbus' | 'tls' | 'fragments' | 'tunnels' | 'rest']: Timed[] } {
  const a = { from: '10.0.0.1', to: '10.0.0.2' };
  const b = { from: '2001:db8::1', to: '2001:db8::2' };
  const c = { from: '192.0.2.1', to: '192.0.2.2' };
  const t0 = 1_700_000_000;
  const name = Uint8Array.from([3, 119, 119, 119, 7, 101, 120, 97, 109, 112, 108, 101, 3, 111, 114, 103, 0]);
  const question = concat(Uint8Array.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), name, Uint8Array.from([0, 1, 0, 1]));
  const answer = concat(
    Uint8Array.from([0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]),
    name,
    Uint8Array.from([0, 1, 0, 1, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 93, 184, 216, 34]),
  );
  const dns: Timed[] = [
    { ts: t0, bytes: ethernet(udp(a, { source: 40_000, destination: 53 }, question)) },
    { ts: t0 + 0.01, bytes: ethernet(udp({ from: a.to, to: a.from }, { source: 53, destination: 40_000 }, answer)) },
    { ts: t0 + 0.02, bytes: ethernet(udp(b, { source: 40_001, destination: 53 }, question), { tags: [5, 6] }) },
  ];
  const http = conversation(a, { source: 50_000, destination: 80 }, [
    {
      from: 'client',
      payload: ascii('POST /a?b=c HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\nAuthorization: Basic YTpi\r\n\r\nhello'),
    },
    {
      from: 'server',
      payload: ascii('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n5\r\nhello\r\n0\r\n\r\n'),
    },
    { from: 'client', payload: ascii('GET /next HTTP/1.1\r\nHost: example.org\r\n\r\n') },
    { from: 'server', payload: ascii('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n') },
  ]);
  const modbus = conversation(a, { source: 50_001, destination: 502 }, [
    { from: 'client', payload: Uint8Array.from([0, 1, 0, 0, 0, 6, 1, 3, 0, 10, 0, 2]) },
    { from: 'server', payload: Uint8Array.from([0, 1, 0, 0, 0, 7, 1, 3, 4, 0, 1, 0, 2]) },
    { from: 'client', payload: Uint8Array.from([0, 2, 0, 0, 0, 6, 1, 5, 0, 1, 0xff, 0]) },
    { from: 'server', payload: Uint8Array.from([0, 2, 0, 0, 0, 3, 1, 0x85, 2]) },
  ]);
  const hello = clientHello();
  const tls = conversation(b, { source: 50_002, destination: 443 }, [
    { from: 'client', payload: hello.subarray(0, 40) },
    { from: 'client', payload: hello.subarray(40) },
    { from: 'server', payload: Uint8Array.from([0x15, 3, 3, 0, 2, 2, 40]) },
  ]);
  const large = udp(b, { source: 7, destination: 9 }, new Uint8Array(2000).fill(7)).subarray(40);
  const fragments: Timed[] = [0, 800, 1600].map((offset, i) => ({
    ts: t0 + i * 0.001,
    bytes: ethernet(
      ip(b, 17, large.slice(offset, offset + 800), { id: 77, fragment: { offset: offset / 8, more: offset < 1600 } }),
    ),
  }));
  const inner = udp(a, { source: 40_000, destination: 53 }, question);
  const tunnels: Timed[] = [
    ip(c, 4, inner),
    ip(c, 41, udp(b, { source: 1, destination: 2 }, ascii('x'))),
    ip(c, 47, concat(Uint8Array.from([0x30, 0, 8, 0, 0, 0, 0, 1, 0, 0, 0, 1]), inner)),
    ip(c, 47, concat(Uint8Array.from([0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]), ethernet(inner))),
    udp(c, { source: 5, destination: 4789 }, concat(Uint8Array.from([8, 0, 0, 0, 0, 0, 1, 0]), ethernet(inner, { tags: [9] }))),
    udp(c, { source: 5, destination: 6081 }, concat(Uint8Array.from([0, 0, 0x65, 0x58, 0, 0, 1, 0]), ethernet(inner))),
    udp(
      c,
      { source: 2152, destination: 2152 },
      concat(Uint8Array.from([0x36, 255, 0, 50, 0, 0, 0, 1, 0, 1, 0, 0x85, 1, 0x10, 0, 0]), inner),
    ),
    udp(c, { source: 3544, destination: 3544 }, udp(b, { source: 1, destination: 2 }, ascii('teredo'))),
    // On ports of their own, known by content.
    udp(
      c,
      { source: 51, destination: 32_900 },
      udp({ from: '2001::1', to: b.to }, { source: 1, destination: 2 }, ascii('teredo')),
    ),
    udp(c, { source: 52, destination: 32_900 }, concat(Uint8Array.from([0x30, 255, 0, inner.length, 0, 0, 0, 1]), inner)),
    udp(c, { source: 53_000, destination: 8472 }, concat(Uint8Array.from([8, 0, 0, 0, 0, 0, 1, 0]), ethernet(inner))),
    udp(
      c,
      { source: 54_000, destination: 32_900 },
      concat(Uint8Array.from([0x41, 0x52, 0x11, 4, 0, 0, 0, 1]), new Uint8Array(36), inner),
    ),
    udp(
      c,
      { source: 5, destination: 4790 },
      concat(Uint8Array.from([12, 0, 0, 4, 0, 0, 1, 0, 0x0f, 0xc2, 1, 1, 0, 0, 1, 255]), inner),
    ),
    udp(c, { source: 1701, destination: 1701 }, concat(Uint8Array.from([2, 2, 0, 1, 0, 2, 0, 2, 9, 9, 0xff, 3, 0, 0x21]), inner)),
    ip(c, 137, concat(Uint8Array.from([0, 1, 0x11, 64]), inner)),
    ip(c, 47, concat(Uint8Array.from([0x30, 1, 0x88, 0x0b, 0, 60, 0, 1, 0, 0, 0, 1, 0x21]), inner)),
  ].map((packet, i) => ({ ts: t0 + i, bytes: ethernet(packet) }));
  const rest: Timed[] = [
    { ts: t0, bytes: ethernet(icmp(a, 8, 0, ascii('ping'))) },
    { ts: t0 + 1, bytes: ethernet(icmp(b, 128, 0, ascii('ping'))) },
    { ts: t0 + 2, bytes: ethernet(icmp(a, 3, 1, inner.slice(0, 28))) },
    { ts: t0 + 3, bytes: ethernet(tcp(a, { source: 80, destination: 5 }, { flags: 'SA', sequence: 9, acknowledgement: 4 })) },
    { ts: t0 + 4, bytes: ethernet(new Uint8Array(46), { type: 0x0806 }) },
    { ts: t0 + 5, bytes: ethernet(concat(Uint8Array.from([0, 1, 0, 64, 0, 2, 1, 64]), inner), { type: 0x8847 }) },
    { ts: t0 + 6, bytes: ethernet(concat(Uint8Array.from([0x11, 0, 0, 1, 0, 99, 0, 0x21]), inner), { type: 0x8864 }) },
    { ts: t0 + 6, bytes: ethernet(concat(Uint8Array.from([0x0f, 0xc2, 1, 1, 0, 0, 1, 255]), inner), { type: 0x894f }) },
    { ts: t0 + 6, bytes: ethernet(concat(Uint8Array.from([1, 1, 0, 1, 0, 7, 8, 0]), inner), { type: 0x8909 }) },
    { ts: t0 + 7, bytes: ethernet(ip(b, 0, concat(Uint8Array.from([17, 0, 1, 4, 0, 0, 0, 0]), large.slice(0, 60)))) },
  ];
  return { dns, http, modbus, tls, fragments, tunnels, rest };
}

/** Link types of which a capture is built. */
const linkTypes = [0, 9, 12, 50, 101, 104, 105, 107, 108, 113, 119, 127, 192, 228, 239, 276, 281, 285];

/** Captures that touch every layer: link types, VLANs, fragments, tunnels, both file formats, the usual protocols. */
export function builtSeeds(): Uint8Array[] {
  const { dns, http, modbus, tls, fragments, tunnels, rest } = builtPackets();
  const all = [...dns, ...http, ...modbus, ...tls, ...fragments, ...tunnels, ...rest];
  return [
    pcap(all),
    pcap(all, { little: false, nano: true }),
    pcapng(all),
    pcapng(
      all.map((packet, i) => ({ ...packet, face: i % 2, block: (['enhanced', 'obsolete'] as const)[i % 2]! })),
      { little: false, linkTypes: [1, 1], resolution: 9, sections: 2 },
    ),
    pcap(http),
    pcap(tls),
    pcap(modbus),
    pcap(dns),
    pcap(tunnels),
    pcap(fragments),
    ...linkTypes.map((linkType) =>
      pcap(
        rest.map((packet) => ({ ts: packet.ts, bytes: packet.bytes.subarray(linkType === 101 || linkType === 12 ? 14 : 0) })),
        { linkType },
      ),
    ),
  ];
}

/** A TLS 1.2/1.3 client hello with a name, as a record. */
function clientHello(): Uint8Array {
  const host = ascii('www.example.org');
  const u16 = (value: number): number[] => [value >> 8, value & 255];
  const extension = (type: number, body: readonly number[]): number[] => [...u16(type), ...u16(body.length), ...body];
  const extensions = [
    ...extension(0, [...u16(host.length + 3), 0, ...u16(host.length), ...host]),
    ...extension(10, [0, 4, 0, 29, 0, 23]),
    ...extension(13, [0, 4, 4, 3, 8, 4]),
    ...extension(16, [0, 12, 2, 104, 50, 8, 104, 116, 116, 112, 47, 49, 46, 49]),
    ...extension(43, [4, 3, 4, 3, 3]),
  ];
  const body = [
    3,
    3,
    ...Array.from({ length: 32 }, (_, i) => i),
    0,
    0,
    6,
    0x13,
    1,
    0xc0,
    0x2f,
    0,
    0x9c,
    1,
    0,
    ...u16(extensions.length),
    ...extensions,
  ];
  const handshake = [1, 0, ...u16(body.length), ...body];
  return Uint8Array.from([22, 3, 1, ...u16(handshake.length), ...handshake]);
}

/** Values that break arithmetic more often than others. */
const telling = [0, 1, 2, 0x7f, 0x80, 0xff];

/**
 * One damaged capture of at most `bytesMax` bytes. Three of four classic captures keep their records whole and are
 * damaged within packets, so that the damage reaches the layers above the file.
 */
export function mutate(seeds: readonly Uint8Array[], dice: Random, bytesMax: number): Uint8Array {
  const seed = seeds[dice(seeds.length)]!;
  const other = seeds[dice(seeds.length)]!;
  const rounds = 1 + dice(12);
  const split = dice(4) > 0 ? splitRecords(seed, bytesMax) : undefined;
  if (split && split.records.length > 0) {
    for (let round = 0; round < rounds; round++) damageRecords(split.records, other, dice);
    return concat(split.header, ...split.records).slice(0, bytesMax);
  }
  let capture: Uint8Array = seed.slice(0, bytesMax);
  for (let round = 0; round < rounds && capture.length > 8; round++) {
    const at = dice(50) === 0 ? dice(capture.length) : Math.min(capture.length - 1, 24 + dice(capture.length));
    capture = damage(capture, at, other, dice).slice(0, bytesMax);
  }
  return capture;
}

/** Damages one record, or the order of them. A record's own length follows; the length on the wire may be left to lie. */
function damageRecords(records: Records, other: Uint8Array, dice: Random): void {
  const n = dice(records.length);
  const record = records[n]!;
  switch (dice(12)) {
    case 0: // Lost
      if (records.length > 1) records.splice(n, 1);
      return;
    case 1: // Repeated
      if (records.length < 2000) records.splice(dice(records.length), 0, record.slice());
      return;
    case 2: // Out of order
      records.push(...records.splice(n, 1));
      return;
    case 3: // The clock jumps
      record[dice(8)] = dice(256);
      return;
    default: {
      if (record.length <= 17) return;
      // The headers of a packet stand in its first bytes: they are damaged most.
      const reach = dice(2) ? Math.min(record.length - 16, 80) : record.length - 16;
      const damaged = concat(record.subarray(0, 16), damage(record.slice(16), dice(reach), other, dice));
      const length = damaged.length - 16;
      const little = records.little;
      for (let i = 0; i < 4; i++) damaged[8 + (little ? i : 3 - i)] = (length >>> (8 * i)) & 255;
      if (dice(3) > 0) for (let i = 0; i < 4; i++) damaged[12 + (little ? i : 3 - i)] = (length >>> (8 * i)) & 255;
      records[n] = damaged;
    }
  }
}

/** One kind of damage at a place, for which `bytes` may be written over; the answer may be longer or shorter. */
export function damage(bytes: Uint8Array, at: number, other: Uint8Array, dice: Random): Uint8Array {
  switch (dice(9)) {
    case 0: // One bit
      bytes[at]! ^= 1 << dice(8);
      return bytes;
    case 1: // One byte
      bytes[at] = dice(256);
      return bytes;
    case 2: // A telling byte
      bytes[at] = telling[dice(telling.length)]!;
      return bytes;
    case 3: {
      // A length or number that lies, in either byte order
      const value = [0, 1, 0xffff, 0x8000, dice(65_536), dice(64)][dice(6)]!;
      const swap = dice(2);
      bytes[at] = swap ? value & 255 : value >> 8;
      if (at + 1 < bytes.length) bytes[at + 1] = swap ? value >> 8 : value & 255;
      return bytes;
    }
    case 4: // Cut short
      return bytes.slice(0, Math.max(1, at));
    case 5: // A piece is missing: everything behind it shifts
      return concat(bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + dice(32))));
    case 6: // A piece is repeated
      return concat(bytes.subarray(0, Math.min(bytes.length, at + 1 + dice(128))), bytes.subarray(at));
    case 7: {
      // A piece of another capture
      const from = dice(other.length);
      bytes.set(other.subarray(from, Math.min(from + 1 + dice(200), from + bytes.length - at)), at);
      return bytes;
    }
    default: // A run of random bytes
      for (let i = at, end = Math.min(bytes.length, at + 1 + dice(16)); i < end; i++) bytes[i] = dice(256);
      return bytes;
  }
}

type Records = Uint8Array[] & { little: boolean };

/** The header and the records of a classic capture, as copies; undefined for every other file. */
function splitRecords(capture: Uint8Array, bytesMax: number): { header: Uint8Array; records: Records } | undefined {
  if (capture.length < 24) return undefined;
  const little = capture[3] === 0xa1 && capture[2] === 0xb2;
  if (!little && !(capture[0] === 0xa1 && capture[1] === 0xb2 && capture[2] === 0xc3)) return undefined;
  const records = Object.assign([] as Uint8Array[], { little });
  for (let at = 24; at + 16 <= capture.length && at < bytesMax;) {
    let length = 0;
    for (let i = 0; i < 4; i++) length = length * 256 + capture[at + 8 + (little ? 3 - i : i)]!;
    if (at + 16 + length > capture.length) break;
    records.push(capture.slice(at, at + 16 + length));
    at += 16 + length;
  }
  return { header: capture.slice(0, 24), records };
}
