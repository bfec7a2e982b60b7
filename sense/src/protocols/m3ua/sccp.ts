/** Headers of SCCP (ITU-T Q.713): the type of a message, its addresses, and where its data are. */

import type { SccpRecord } from '@forewarn/model/records/telecom';
import { messageTypes } from './codes.ts';
import { readTcap } from './tcap.ts';

// Message types that carry data without a connection (Q.713 §4).
const UDT = 9;
const UDTS = 10;
const XUDT = 17;
const XUDTS = 18;
const LUDT = 19;
const LUDTS = 20;
const CONNECTION_REQUEST = 1;

/** The optional parameter that tells the parts of a long message (Q.713 §3.17). */
const SEGMENTATION = 0x10;

/** What did not fit: nothing, the headers of SCCP, or what TCAP says. */
export type Fault = undefined | 'sccp' | 'tcap';

/** Reads `bytes[start, end)` into the record. */
export function readSccp(record: SccpRecord, bytes: Uint8Array, start: number, end: number): Fault {
  const type = bytes[start]!;
  record.message = messageTypes[type] ?? `unknown-${type}`;
  switch (type) {
    case UDT:
    case UDTS:
      if (type === UDTS && start + 1 < end) record.return_cause = bytes[start + 1]!;
      return connectionless(record, bytes, start + 2, end, 3, false);
    case XUDT:
    case XUDTS:
      if (type === XUDTS && start + 1 < end) record.return_cause = bytes[start + 1]!;
      return connectionless(record, bytes, start + 3, end, 4, false);
    case LUDT:
    case LUDTS:
      if (type === LUDTS && start + 1 < end) record.return_cause = bytes[start + 1]!;
      return connectionless(record, bytes, start + 3, end, 4, true);
    case CONNECTION_REQUEST: {
      const called = variable(bytes, start + 5, end, false);
      return called && address(record, 'called', bytes, called.from, called.to) ? undefined : 'sccp';
    }
    default:
      return undefined;
  }
}

type Part = { from: number; to: number };

/** The parameter that the pointer at `place` leads to (Q.713 §1.5), behind its length. */
function variable(bytes: Uint8Array, place: number, end: number, isLong: boolean, longData = false): Part | undefined {
  if (place + (isLong ? 2 : 1) > end) return undefined;
  // Pointers count from themselves; those of two bytes from their second, and their lower byte comes first.
  const at = isLong ? place + 1 + (bytes[place]! | (bytes[place + 1]! << 8)) : place + bytes[place]!;
  const head = longData ? 2 : 1;
  if (at <= place || at + head > end) return undefined;
  const length = longData ? bytes[at]! | (bytes[at + 1]! << 8) : bytes[at]!;
  const from = at + head;
  return from + length > end ? undefined : { from, to: from + length };
}

function connectionless(
  record: SccpRecord,
  bytes: Uint8Array,
  pointers: number,
  end: number,
  count: 3 | 4,
  isLong: boolean,
): Fault {
  const step = isLong ? 2 : 1;
  const called = variable(bytes, pointers, end, isLong);
  const calling = variable(bytes, pointers + step, end, isLong);
  const data = variable(bytes, pointers + 2 * step, end, isLong, isLong);
  if (!called || !calling || !data) return 'sccp';
  const right = [
    address(record, 'called', bytes, called.from, called.to),
    address(record, 'calling', bytes, calling.from, calling.to),
  ].every(Boolean);
  const part = count === 4 ? segment(bytes, pointers + 3 * step, end, isLong) : 'whole';
  // Of a message in parts only the first has the beginning of TCAP, and that is cut.
  const answer = part === 'later' ? true : readTcap(record, bytes, data.from, data.to);
  if (!right) return 'sccp';
  return answer || part !== 'whole' ? undefined : 'tcap';
}

/** Which part of a long message it is, by the optional parameter. */
function segment(bytes: Uint8Array, place: number, end: number, isLong: boolean): 'whole' | 'first' | 'later' {
  if (place + (isLong ? 2 : 1) > end) return 'whole';
  const pointer = isLong ? bytes[place]! | (bytes[place + 1]! << 8) : bytes[place]!;
  if (pointer === 0) return 'whole';
  for (let at = place + (isLong ? 1 : 0) + pointer; at + 2 < end && bytes[at] !== 0; at += 2 + bytes[at + 1]!) {
    if (bytes[at] !== SEGMENTATION) continue;
    const first = (bytes[at + 2]! & 0x80) !== 0;
    const remaining = bytes[at + 2]! & 15;
    return first ? (remaining === 0 ? 'whole' : 'first') : 'later';
  }
  return 'whole';
}

/** A party (Q.713 §3.4): point code, subsystem, global title, each where a bit says so. */
function address(record: SccpRecord, party: 'called' | 'calling', bytes: Uint8Array, start: number, end: number): boolean {
  if (start >= end) return false;
  const indicator = bytes[start]!;
  let at = start + 1;
  if (indicator & 1) {
    if (at + 2 > end) return false;
    record[`${party}_pc`] = (bytes[at]! | (bytes[at + 1]! << 8)) & 0x3fff;
    at += 2;
  }
  if (indicator & 2) {
    if (at + 1 > end) return false;
    record[`${party}_ssn`] = bytes[at++]!;
  }
  const kind = (indicator >> 2) & 15;
  if (kind === 0) return true;
  // Bytes before the digits: nature of address; translation type; that with numbering plan; and with nature of address.
  const head = [0, 1, 1, 2, 3][kind];
  if (head === undefined || at + head > end) return false;
  // Whether the last byte holds one digit only: in the nature of address, or in the encoding scheme.
  const odd = kind === 1 ? (bytes[at]! & 0x80) !== 0 : kind >= 3 && (bytes[at + 1]! & 15) === 1;
  const digits = bcd(bytes, at + head, end, odd);
  if (digits !== '') record[`${party}_gt`] = digits;
  return true;
}

const digitsMax = 32;

function bcd(bytes: Uint8Array, start: number, end: number, odd: boolean): string {
  let digits = '';
  for (let at = start; at < end && digits.length < digitsMax; at++) {
    digits += (bytes[at]! & 15).toString(16);
    if (at + 1 < end || !odd) digits += (bytes[at]! >> 4).toString(16);
  }
  // Some fill with ones as well.
  return digits.replace(/f+$/, '');
}
