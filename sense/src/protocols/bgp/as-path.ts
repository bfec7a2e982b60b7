/**
 * Paths of autonomous systems (RFC 4271 §4.3, confederations RFC 5065), of two or four octets a number, and how the two become one
 * (RFC 6793 §4.2.3).
 */

import { word16, word32 } from '../digits.ts';

/** Numbers of one path that are written. */
export const asPathMax = 1_000;

export const SET = 1;
export const SEQUENCE = 2;
const CONFEDERATION_SEQUENCE = 3;
const CONFEDERATION_SET = 4;

export type Segment = { readonly type: number; readonly numbers: readonly number[] };

/** Whether segments of numbers of `octets` fill the attribute: known types, none of them empty (RFC 7606 §7.2). */
export function segmentsFit(bytes: Uint8Array, start: number, end: number, octets: 2 | 4): boolean {
  let at = start;
  while (at < end) {
    if (end - at < 2) return false;
    const type = bytes[at]!;
    const numbers = bytes[at + 1]!;
    if (type < SET || type > CONFEDERATION_SET || numbers === 0) return false;
    at += 2 + numbers * octets;
  }
  return at === end;
}

/** The segments of a path that fits. */
export function readSegments(bytes: Uint8Array, start: number, end: number, octets: 2 | 4): Segment[] {
  const segments: Segment[] = [];
  for (let at = start; at < end;) {
    const count = bytes[at + 1]!;
    const numbers: number[] = [];
    for (let i = 0; i < count; i++) numbers.push(octets === 4 ? word32(bytes, at + 2 + i * 4) : word16(bytes, at + 2 + i * 2));
    segments.push({ type: bytes[at]!, numbers });
    at += 2 + count * octets;
  }
  return segments;
}

/** Length of a path as route selection counts it (RFC 4271 §9.1.2.2, RFC 5065 §5.3). */
export function lengthOf(segments: readonly Segment[]): number {
  let length = 0;
  for (const { type, numbers } of segments) {
    if (type === SEQUENCE) length += numbers.length;
    else if (type === SET) length++;
  }
  return length;
}

/** Numbers of four octets, which AS4_PATH carried past routers of two, in the place of AS_TRANS: the end of the path is that of AS4_PATH. */
export function joinPaths(path: readonly Segment[], four: readonly Segment[]): readonly Segment[] {
  let ahead = lengthOf(path) - lengthOf(four);
  if (ahead < 0) return path;
  const joined: Segment[] = [];
  for (const segment of path) {
    const confederation = segment.type === CONFEDERATION_SEQUENCE || segment.type === CONFEDERATION_SET;
    if (ahead === 0 && !confederation) break;
    if (confederation) joined.push(segment);
    else if (segment.type === SET) {
      joined.push(segment);
      ahead--;
    } else {
      joined.push({ type: SEQUENCE, numbers: segment.numbers.slice(0, ahead) });
      ahead -= Math.min(ahead, segment.numbers.length);
    }
  }
  // What was cut within one sequence goes on in it.
  for (const segment of four) {
    const last = joined.at(-1);
    if (last?.type === SEQUENCE && segment.type === SEQUENCE)
      joined[joined.length - 1] = { type: SEQUENCE, numbers: [...last.numbers, ...segment.numbers] };
    else joined.push(segment);
  }
  return joined;
}

/** The path as routers print it. What is beyond the ceiling is left out, and an ellipsis says so. */
export function pathText(segments: readonly Segment[]): string {
  const parts: string[] = [];
  let left = asPathMax;
  for (const { type, numbers } of segments) {
    const shown = numbers.length > left ? numbers.slice(0, left) : numbers;
    left -= shown.length;
    if (type === SEQUENCE) parts.push(shown.join(' '));
    else if (type === SET) parts.push(`{${shown.join(',')}}`);
    else if (type === CONFEDERATION_SEQUENCE) parts.push(`(${shown.join(' ')})`);
    else parts.push(`[${shown.join(',')}]`);
    if (left === 0) {
      parts.push('…');
      break;
    }
  }
  return parts.join(' ');
}

/** The autonomous system that originates a route, as origin validation takes it (RFC 6811 §2): the last of a sequence that is last. */
export function originOf(segments: readonly Segment[]): number | undefined {
  const last = segments.at(-1);
  return last?.type === SEQUENCE ? last.numbers.at(-1) : undefined;
}
