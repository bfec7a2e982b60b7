/** Information elements of GTP: those that name subscribers, access points, tunnel endpoints and causes. Locations are passed over. */

import type { GtpRecord } from '@forewarn/model/records/telecom';
import { addressOf, labels, tbcd, word16, word32 } from '../digits.ts';

/** Tunnel endpoints of one message. */
export const endpointsMax = 16;

type Writable = { -readonly [K in keyof GtpRecord]: GtpRecord[K] };

/** Lengths of the elements of version 1 that state none (TS 29.060 table 37), of those below 128. */
const fixed: { readonly [type: number]: number } = {
  1: 1, 2: 8, 3: 6, 4: 4, 5: 4, 8: 1, 9: 28, 11: 1, 12: 3, 13: 1, 14: 1, 15: 1, 16: 4, 17: 4, 18: 5, 19: 1, 20: 1, 21: 1, 22: 9,
  23: 1, 24: 1, 25: 2, 26: 2, 27: 2, 28: 2, 29: 1, 117: 10, 118: 5, 119: 4, 120: 1, 121: 1, 126: 1, 127: 4,
}; // prettier-ignore

/** Elements of version 1, `bytes[start, end)`; false where one does not fit. */
export function elements1(record: Writable, bytes: Uint8Array, start: number, end: number): boolean {
  const teids: number[] = [];
  const hosts: string[] = [];
  const bearers: number[] = [];
  let right = true;
  for (let at = start; at < end;) {
    const type = bytes[at]!;
    let from = at + 1;
    let length = fixed[type];
    if (length === undefined) {
      if (type < 128 || at + 3 > end) {
        right = false;
        break;
      }
      length = word16(bytes, at + 1);
      from = at + 3;
    }
    const to = from + length;
    if (to > end) {
      right = false;
      break;
    }
    at = to;
    switch (type) {
      case 1:
        record.cause ??= bytes[from]!;
        break;
      case 2:
        record.imsi ??= tbcd(bytes, from, to);
        break;
      case 14:
        record.recovery ??= bytes[from]!;
        break;
      case 15:
        record.selection_mode ??= bytes[from]! & 3;
        break;
      case 16:
      case 17:
        if (teids.length < endpointsMax) teids.push(word32(bytes, from));
        break;
      case 18:
        if (teids.length < endpointsMax) teids.push(word32(bytes, from + 1));
        break;
      case 20:
        if (bearers.length < endpointsMax) bearers.push(bytes[from]! & 15);
        break;
      case 131:
        record.apn ??= labels(bytes, from, to);
        break;
      case 133: {
        const host = addressOf(bytes, from, length, to);
        if (host !== undefined && hosts.length < endpointsMax) hosts.push(host);
        break;
      }
      case 134:
        if (length > 1) record.msisdn ??= tbcd(bytes, from + 1, to);
        break;
      case 151:
        if (length > 0) record.rat_type ??= bytes[from]!;
        break;
      case 154:
        record.imei ??= tbcd(bytes, from, to);
        break;
    }
  }
  if (teids.length > 0) record.teids = teids;
  if (hosts.length > 0) record.endpoints = hosts;
  if (bearers.length > 0) record.bearers = bearers;
  return right;
}

/** Elements of version 2; bearer contexts hold further ones, one level deep (TS 29.274 §8.2.2 knows no deeper). */
export function elements2(record: Writable, bytes: Uint8Array, start: number, end: number, depth: number): boolean {
  let right = true;
  for (let at = start; at < end;) {
    if (at + 4 > end) return false;
    const type = bytes[at]!;
    const length = word16(bytes, at + 1);
    const from = at + 4;
    const to = from + length;
    if (to > end) return false;
    at = to;
    if (length === 0) continue;
    switch (type) {
      case 1:
        record.imsi ??= tbcd(bytes, from, to);
        break;
      case 2:
        // The cause of the message; each bearer has one of its own.
        if (depth === 0) record.cause ??= bytes[from]!;
        break;
      case 3:
        record.recovery ??= bytes[from]!;
        break;
      case 71:
        record.apn ??= labels(bytes, from, to);
        break;
      case 73:
        add(record, 'bearers', bytes[from]! & 15);
        break;
      case 75:
        record.imei ??= tbcd(bytes, from, to);
        break;
      case 76:
        record.msisdn ??= tbcd(bytes, from, to);
        break;
      case 82:
        record.rat_type ??= bytes[from]!;
        break;
      case 87:
        endpoint(record, bytes, from, to);
        break;
      case 93:
        if (depth === 0 && !elements2(record, bytes, from, to, 1)) right = false;
        break;
      case 128:
        record.selection_mode ??= bytes[from]! & 3;
        break;
    }
  }
  return right;
}

/** A fully qualified TEID (TS 29.274 §8.22): flags and kind, TEID, addresses of either version. */
function endpoint(record: Writable, bytes: Uint8Array, from: number, to: number): void {
  if (to - from < 5 || !add(record, 'teids', word32(bytes, from + 1))) return;
  let at = from + 5;
  for (const [bit, length] of [
    [0x80, 4],
    [0x40, 16],
  ] as const) {
    if (!(bytes[from]! & bit)) continue;
    const host = addressOf(bytes, at, length, to);
    if (host !== undefined) record.endpoints = [...(record.endpoints ?? []), host];
    at += length;
  }
}

function add(record: Writable, column: 'teids' | 'bearers', value: number): boolean {
  const list = record[column] ?? [];
  if (list.length >= endpointsMax) return false;
  if (column === 'teids' || !list.includes(value)) record[column] = [...list, value];
  return true;
}
