/**
 * Tables of routes in MRT files (RFC 6396 §4.2, §4.3, RFC 8050): TABLE_DUMP, where each record is one route, and TABLE_DUMP_V2, where an index of
 * peers stands first and each record is one prefix with the routes of all peers.
 */

import { formatAddress } from '@forewarn/base/ip';
import type { BgpRibRecord } from '@forewarn/model/records/bgp';
import { printable, word16, word32 } from '../../protocols/digits.ts';
import { Attributes, type Reading } from '../../protocols/bgp/attributes.ts';
import { familyName, familyOf } from '../../protocols/bgp/names.ts';
import { addressText, readPrefixes } from '../../protocols/bgp/prefixes.ts';
import { attributeFields, odds } from '../../protocols/bgp/update.ts';
import type { Told } from './mrt.ts';

const viewBytesMax = 256;

/** A peer of the collector as the index tells it. */
type Peer = { readonly id: string; readonly ip: string; readonly as: number };

/** The index of peers, which the tables after it refer to. */
export type Index = { readonly collector: string; readonly view: string; readonly peers: readonly Peer[] };

const plain: Reading = { octets: 2, lenient: true, abbreviated: true, addPath: () => false };
const four: Reading = { octets: 4, abbreviated: true, addPath: () => false };

/** PEER_INDEX_TABLE; `undefined` where it does not fit. At most as many peers as a number of 16 bits counts. */
export function readIndex(bytes: Uint8Array, start: number, end: number): Index | undefined {
  if (end - start < 8) return undefined;
  const nameEnd = start + 6 + word16(bytes, start + 4);
  if (nameEnd + 2 > end) return undefined;
  const peers: Peer[] = [];
  let at = nameEnd + 2;
  for (let left = word16(bytes, nameEnd); left > 0; left--) {
    if (at + 5 > end) return undefined;
    const ip = (bytes[at]! & 1) === 1 ? 16 : 4;
    const as = (bytes[at]! & 2) === 2 ? 4 : 2;
    if (at + 5 + ip + as > end) return undefined;
    const asAt = at + 5 + ip;
    peers.push({
      id: formatAddress(bytes, at + 1, 4),
      ip: formatAddress(bytes, at + 5, ip),
      as: as === 4 ? word32(bytes, asAt) : word16(bytes, asAt),
    });
    at = asAt + as;
  }
  return {
    collector: formatAddress(bytes, start, 4),
    view: printable(bytes, start + 6, Math.min(nameEnd, start + 6 + viewBytesMax)),
    peers,
  };
}

type Written = { -readonly [K in keyof BgpRibRecord]: BgpRibRecord[K] };

/** TABLE_DUMP: one route; false where it does not fit. `octets` of the number of the peer, and of those in the path. */
export function readTableDump(bytes: Uint8Array, start: number, end: number, afi: 1 | 2, octets: 2 | 4, told: Told): boolean {
  const size = afi === 1 ? 4 : 16;
  const behind = start + 4 + size;
  const peerAt = behind + 6;
  const attributesAt = peerAt + size + octets + 2;
  if (attributesAt > end) return false;
  const length = bytes[behind]!;
  if (length > size * 8 || attributesAt + word16(bytes, attributesAt - 2) > end) return false;
  const asAt = peerAt + size;
  const record: Written = {
    ts: told.ts,
    peer_ip: formatAddress(bytes, peerAt, size),
    peer_asn: octets === 4 ? word32(bytes, asAt) : word16(bytes, asAt),
    family: familyName(familyOf(afi, 1)),
    prefix: addressText(bytes, start + 4, length, afi === 1 ? 32 : 128),
    originated: word32(bytes, behind + 2),
    view: String(word16(bytes, start)),
  };
  const reading = octets === 4 ? four : plain;
  route(record, bytes, attributesAt, attributesAt + word16(bytes, attributesAt - 2), reading, told);
  return true;
}

/** Families of the subtypes of TABLE_DUMP_V2, those with path identifiers six higher (RFC 8050 §4). */
const families: { readonly [subtype: number]: readonly [afi: 1 | 2, safi: number] } = {
  2: [1, 1],
  3: [1, 2],
  4: [2, 1],
  5: [2, 2],
};

/** One prefix of TABLE_DUMP_V2 with its routes; false where it does not fit. Routes before what does not fit are written. */
export function readRib(bytes: Uint8Array, start: number, end: number, subtype: number, index: Index, told: Told): boolean {
  const addPath = subtype >= 8;
  const known = families[addPath ? subtype - 6 : subtype];
  if (!known) return readGeneric(bytes, start, end, addPath, index, told);
  const [afi, safi] = known;
  if (end - start < 7) return false;
  const length = bytes[start + 4]!;
  const behind = start + 5 + ((length + 7) >> 3);
  if (length > (afi === 1 ? 32 : 128) || behind + 2 > end) return false;
  const of = { family: familyName(familyOf(afi, safi)), prefix: addressText(bytes, start + 5, length, afi === 1 ? 32 : 128) };
  return entries(bytes, behind, end, of, addPath, index, told);
}

/** RIB_GENERIC (RFC 6396 §4.3.3): the family stands in the record. */
function readGeneric(bytes: Uint8Array, start: number, end: number, addPath: boolean, index: Index, told: Told): boolean {
  if (end - start < 9) return false;
  const family = familyOf(word16(bytes, start + 4), bytes[start + 6]!);
  // RFC 8050 has the path identifier before the prefix; OpenBGPD and GoBGP write it in each entry, as in other tables.
  for (const before of addPath ? [true, false] : [false]) {
    const at = start + 7 + (before ? 4 : 0);
    const behind = at + 1 + (((bytes[at] ?? 0) + 7) >> 3);
    if (behind + 2 > end || (addPath && !entriesFit(bytes, behind, end, !before))) continue;
    const list = readPrefixes(bytes, at, behind, family, false);
    // Routes that are no prefixes have a form of their own, which nobody but their family knows.
    if (!list || list.broken) return list === undefined;
    const of: Partial<Written> & { family: string; prefix: string } = { family: familyName(family), prefix: list.list[0]! };
    if (before) of.path_id = word32(bytes, start + 7);
    return entries(bytes, behind, end, of, addPath && !before, index, told);
  }
  return false;
}

/** Whether entries fill what is left. */
function entriesFit(bytes: Uint8Array, start: number, end: number, addPath: boolean): boolean {
  const head = addPath ? 12 : 8;
  let at = start + 2;
  for (let left = word16(bytes, start); left > 0; left--) {
    if (at + head > end) return false;
    at += head + word16(bytes, at + head - 2);
  }
  return at === end;
}

function entries(
  bytes: Uint8Array,
  start: number,
  end: number,
  of: Partial<Written> & { family: string; prefix: string },
  addPath: boolean,
  index: Index,
  told: Told,
): boolean {
  const head = addPath ? 12 : 8;
  let at = start + 2;
  let known = true;
  for (let left = word16(bytes, start); left > 0; left--) {
    if (at + head > end) return false;
    const from = at + head;
    const behind = from + word16(bytes, from - 2);
    const peer = index.peers[word16(bytes, at)];
    if (behind > end) return false;
    const record: Written = { ts: told.ts, collector: index.collector, ...of, originated: word32(bytes, at + 2) };
    if (index.view !== '') record.view = index.view;
    if (peer) {
      record.peer_ip = peer.ip;
      record.peer_asn = peer.as;
      record.peer_bgp_id = peer.id;
    }
    if (addPath) record.path_id = word32(bytes, at + 6);
    route(record, bytes, from, behind, four, told);
    at = behind;
    // A route of a peer that the index does not have is told without it.
    known &&= peer !== undefined;
  }
  return known;
}

/** Writes one route with its attributes. */
function route(record: Written, bytes: Uint8Array, from: number, to: number, reading: Reading, told: Told): void {
  const attributes = new Attributes().read(bytes, from, to, reading);
  if (attributes.harm > 0) told.odd(odds[attributes.harm]!, attributes.errors.join(', '));
  if (attributes.shortened) told.shortened();
  told.record('bgp_rib', Object.assign(record, attributeFields(attributes)));
}
