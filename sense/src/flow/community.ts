/** Community ID version 1 (corelight/community-id-spec), seed 0: the flow hash that other tools compute alike. */

import { sha1Base64 } from '@forewarn/base/sha1';
import { kind, origin, ports, response, sixBit, stride } from './layout.ts';

/** ICMP types and the type that answers each (spec, and RFC 792, 950, 1256). */
const counterpart4: ReadonlyMap<number, number> = new Map([
  [8, 0],
  [0, 8],
  [13, 14],
  [14, 13],
  [15, 16],
  [16, 15],
  [10, 9],
  [9, 10],
  [17, 18],
  [18, 17],
]);

/** The same of ICMPv6 (RFC 4443, 4861, 2710, 4620, 6275). */
const counterpart6: ReadonlyMap<number, number> = new Map([
  [128, 129],
  [129, 128],
  [133, 134],
  [134, 133],
  [135, 136],
  [136, 135],
  [130, 131],
  [131, 130],
  [144, 145],
  [145, 144],
  [139, 140],
  [140, 139],
]);

/** The type that answers an ICMP type, or -1 where none does. */
export function icmpCounterpart(six: boolean, type: number): number {
  return (six ? counterpart6 : counterpart4).get(type) ?? -1;
}

const buffer = new Uint8Array(40);

/** `1:…` for TCP, UDP, ICMP, SCTP with their ports, for other protocols with the addresses alone. */
export function communityId(words: Int32Array, slot: number): string {
  const base = slot * stride;
  const kindOf = words[base + kind]!;
  const six = (kindOf & sixBit) !== 0;
  const protocol = kindOf & 0xff;
  const first = six ? 0 : 3;
  let from = words[base + ports]! >>> 16;
  let to = words[base + ports]! & 0xffff;
  let oneWay = false;
  if (protocol === (six ? 58 : 1)) {
    const answer = icmpCounterpart(six, from);
    if (answer < 0) oneWay = true;
    else to = answer;
  }
  // The smaller end goes first, so that both directions hash alike; a message without an answer has one direction.
  let swap = false;
  if (!oneWay) {
    let order = 0;
    for (let i = first; i < 4 && order === 0; i++) {
      order = (words[base + origin + i]! >>> 0) - (words[base + response + i]! >>> 0);
    }
    if (order === 0) order = from - to;
    swap = order > 0;
  }
  let at = 2;
  buffer[0] = 0;
  buffer[1] = 0;
  for (let end = 0; end < 2; end++) {
    const side = base + ((end === 0) === swap ? response : origin);
    for (let i = first; i < 4; i++) {
      const word = words[side + i]!;
      buffer[at++] = word >>> 24;
      buffer[at++] = word >>> 16;
      buffer[at++] = word >>> 8;
      buffer[at++] = word;
    }
  }
  buffer[at++] = protocol;
  buffer[at++] = 0;
  if (protocol === 6 || protocol === 17 || protocol === 132 || protocol === (six ? 58 : 1)) {
    if (swap) [from, to] = [to, from];
    buffer[at++] = from >>> 8;
    buffer[at++] = from;
    buffer[at++] = to >>> 8;
    buffer[at++] = to;
  }
  return `1:${sha1Base64(buffer, at)}`;
}
