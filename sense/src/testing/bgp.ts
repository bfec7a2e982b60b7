/** A small builder of BGP messages and MRT records for tests: every byte written by hand, with known answers. */

import { parseAddress } from '@forewarn/base/ip';

export const n8 = (value: number): number[] => [value & 0xff];
export const n16 = (value: number): number[] => [(value >> 8) & 0xff, value & 0xff];
export const n32 = (value: number): number[] => [
  (value >>> 24) & 0xff,
  (value >>> 16) & 0xff,
  (value >>> 8) & 0xff,
  value & 0xff,
];
export const address = (text: string): number[] => [...parseAddress(text)!];

/** `192.0.2.0/24` or `7 192.0.2.0/24` with its path identifier. */
export function prefix(text: string): number[] {
  const [, id, base, length] = /^(?:(\d+) )?(.*)\/(\d+)$/.exec(text)!;
  const bits = Number(length);
  return [...(id === undefined ? [] : n32(Number(id))), bits, ...address(base!).slice(0, Math.ceil(bits / 8))];
}
export const prefixes = (...list: readonly string[]): number[] => list.flatMap(prefix);

/** A message with its header. */
export function message(type: number, body: readonly number[] = []): Uint8Array {
  return Uint8Array.from([...Array.from({ length: 16 }, () => 0xff), ...n16(19 + body.length), type, ...body]);
}

/** A path attribute; lengths above 255 have two bytes. */
export function attribute(flags: number, type: number, value: readonly number[]): number[] {
  return value.length > 255 ? [flags | 0x10, type, ...n16(value.length), ...value] : [flags, type, value.length, ...value];
}

export const origin = (value: number): number[] => attribute(0x40, 1, [value]);
export const nextHop = (text: string): number[] => attribute(0x40, 3, address(text));
export const med = (value: number): number[] => attribute(0x80, 4, n32(value));
export const localPref = (value: number): number[] => attribute(0x40, 5, n32(value));
export const atomicAggregate = (): number[] => attribute(0x40, 6, []);
export const aggregator = (as: number, ip: string, octets: 2 | 4 = 4): number[] =>
  attribute(0xc0, 7, [...(octets === 4 ? n32(as) : n16(as)), ...address(ip)]);
export const communities = (...list: readonly [number, number][]): number[] =>
  attribute(0xc0, 8, list.flatMap(([high, low]) => [...n16(high), ...n16(low)])); // oxfmt-ignore

/** Segments of a path: a list is a sequence, `{ set }` a set, `{ confederation }` a sequence of confederations. */
export type PathPart = readonly number[] | { set: readonly number[] } | { confederation: readonly number[] };

export function segments(parts: readonly PathPart[], octets: 2 | 4): number[] {
  return parts.flatMap((part) => {
    const [type, list] = 'set' in part ? [1, part.set] : 'confederation' in part ? [3, part.confederation] : [2, part];
    return [type, list.length, ...list.flatMap(octets === 4 ? n32 : n16)];
  });
}
export const asPath = (octets: 2 | 4, ...parts: readonly PathPart[]): number[] => attribute(0x40, 2, segments(parts, octets));
export const as4Path = (...parts: readonly PathPart[]): number[] => attribute(0xc0, 17, segments(parts, 4));

export const mpReach = (afi: number, safi: number, hop: string, routes: readonly number[]): number[] =>
  attribute(0x80, 14, [...n16(afi), safi, ...[address(hop)].flatMap((one) => [one.length, ...one]), 0, ...routes]);
export const mpUnreach = (afi: number, safi: number, routes: readonly number[]): number[] =>
  attribute(0x80, 15, [...n16(afi), safi, ...routes]);

export type UpdateParts = { withdrawn?: readonly number[]; attributes?: readonly number[]; announced?: readonly number[] };

export function update({ withdrawn = [], attributes = [], announced = [] }: UpdateParts): Uint8Array {
  return message(2, [...n16(withdrawn.length), ...withdrawn, ...n16(attributes.length), ...attributes, ...announced]);
}

export type OpenParts = { version?: number; as?: number; hold?: number; id?: string; capabilities?: readonly number[][] };
export const capability = (code: number, value: readonly number[] = []): number[] => [code, value.length, ...value];

export function open({ version = 4, as = 64_500, hold = 180, id = '192.0.2.1', capabilities = [] }: OpenParts): Uint8Array {
  const list = capabilities.flat();
  const parameters = list.length > 0 ? [2, list.length, ...list] : [];
  return message(1, [version, ...n16(as), ...n16(hold), ...address(id), parameters.length, ...parameters]);
}

export const keepalive = (): Uint8Array => message(4);
export const notification = (code: number, subcode: number, data: readonly number[] = []): Uint8Array =>
  message(3, [code, subcode, ...data]);

/** A record of MRT (RFC 6396 §2); `microseconds` makes it one of extended time. */
export function mrt(
  ts: number,
  type: number,
  subtype: number,
  body: readonly number[] | Uint8Array,
  microseconds?: number,
): Uint8Array {
  const rest = microseconds === undefined ? [...body] : [...n32(microseconds), ...body];
  return Uint8Array.from([...n32(ts), ...n16(type), ...n16(subtype), ...n32(rest.length), ...rest]);
}

export type Ends = { peerAs: number; localAs: number; peer: string; local: string };

/** What stands before a message or a change of state in BGP4MP. */
export function ends({ peerAs, localAs, peer, local }: Ends, octets: 2 | 4): number[] {
  const as = octets === 4 ? n32 : n16;
  const ip = address(peer);
  return [...as(peerAs), ...as(localAs), ...n16(0), ...n16(ip.length === 4 ? 1 : 2), ...ip, ...address(local)];
}

export type Peer = { id: string; ip: string; as: number; octets?: 2 | 4 };

/** PEER_INDEX_TABLE (RFC 6396 §4.3.1). */
export function peerIndex(ts: number, collector: string, view: string, peers: readonly Peer[]): Uint8Array {
  const name = [...new TextEncoder().encode(view)];
  const list = peers.flatMap(({ id, ip, as, octets = 4 }) => {
    const bytes = address(ip);
    const type = (bytes.length === 16 ? 1 : 0) | (octets === 4 ? 2 : 0);
    return [type, ...address(id), ...bytes, ...(octets === 4 ? n32(as) : n16(as))];
  });
  return mrt(ts, 13, 1, [...address(collector), ...n16(name.length), ...name, ...n16(peers.length), ...list]);
}

export type RibEntry = { peer: number; originated: number; pathId?: number; attributes: readonly number[] };

/** Entries of a RIB of TABLE_DUMP_V2. */
export const ribEntries = (entries: readonly RibEntry[]): number[] => [
  ...n16(entries.length),
  ...entries.flatMap(({ peer, originated, pathId, attributes }) => [
    ...n16(peer),
    ...n32(originated),
    ...(pathId === undefined ? [] : n32(pathId)),
    ...n16(attributes.length),
    ...attributes,
  ]),
];

/** A message of BMP (RFC 7854 §4.1). */
export const bmp = (type: number, body: readonly number[] | Uint8Array): Uint8Array =>
  Uint8Array.from([3, ...n32(6 + body.length), type, ...body]);

/** An element: type, length, value. */
export const element = (type: number, value: readonly number[] | string): number[] => {
  const bytes = typeof value === 'string' ? [...new TextEncoder().encode(value)] : value;
  return [...n16(type), ...n16(bytes.length), ...bytes];
};

export type BmpPeer = {
  ip: string;
  as: number;
  id?: string;
  type?: number;
  flags?: number;
  distinguisher?: readonly number[];
  ts?: number;
};

/** The header of a peer (RFC 7854 §4.2); the flag of IPv6 follows the address. */
export function bmpPeer({
  ip,
  as,
  id = '192.0.2.1',
  type = 0,
  flags = 0,
  distinguisher = [...n32(0), ...n32(0)],
  ts = 0,
}: BmpPeer): number[] {
  const bytes = address(ip);
  const six = bytes.length === 16;
  const padding = six ? [] : Array.from({ length: 12 }, () => 0);
  return [
    type,
    flags | (six ? 0x80 : 0),
    ...distinguisher,
    ...padding,
    ...bytes,
    ...n32(as),
    ...address(id),
    ...n32(ts),
    ...n32(0),
  ];
}

/** What stands in a peer-up behind the header: the router's end and both OPENs. */
export const bmpUp = (local: string, sent: Uint8Array, received: Uint8Array): number[] => {
  const bytes = address(local);
  return [
    ...(bytes.length === 16 ? [] : Array.from({ length: 12 }, () => 0)),
    ...bytes,
    ...n16(179),
    ...n16(40_000),
    ...sent,
    ...received,
  ];
};
