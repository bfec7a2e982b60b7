/**
 * Prefixes as UPDATE messages carry them (RFC 4271 §4.3), with labels (RFC 8277), route distinguishers (RFC 4364) and path identifiers (RFC 7911).
 *
 *     ┌─────────┬────────────────┬─────────────────────────────────────────┐
 *     │ path id │ length in bits │ labels, distinguisher, bits of prefix … │
 *     └─────────┴────────────────┴─────────────────────────────────────────┘
 *      add-path                    label families, VPN
 */

import { formatAddress } from '@forewarn/base/ip';
import { word16, word32 } from '../digits.ts';

export type Prefixes = {
  readonly list: readonly string[];
  /** As many as prefixes, where they have some. */
  readonly pathIds: readonly number[] | undefined;
  /** A prefix does not fit: those before it are in the list. */
  readonly broken: boolean;
};

/** How the prefixes of a family are written; nothing where they are no prefixes (flow specifications, EVPN, link states). */
type Form = { readonly bits: 32 | 128; readonly labels: boolean; readonly distinguisher: boolean };

const formsOf = (bits: 32 | 128): { readonly [safi: number]: Form } => {
  const plain = { bits, labels: false, distinguisher: false };
  const vpn = { bits, labels: true, distinguisher: true };
  return { 1: plain, 2: plain, 3: plain, 4: { ...plain, labels: true }, 128: vpn, 129: vpn };
};
const forms: { readonly [afi: number]: { readonly [safi: number]: Form } } = { 1: formsOf(32), 2: formsOf(128) };

const formOf = (family: number): Form | undefined => forms[family >>> 8]?.[family & 0xff];

/** Bits of labels and distinguisher in front of the prefix at `at`, of which `length` bits are stated; more than `length` where they do not fit. */
function headBits(bytes: Uint8Array, at: number, length: number, { labels, distinguisher }: Form): number {
  let bits = 0;
  if (labels) {
    for (;;) {
      if (bits + 24 > length) return length + 1;
      const label = (word16(bytes, at + bits / 8) << 8) | bytes[at + bits / 8 + 2]!;
      bits += 24;
      // The bottom of the stack, or the value that withdrawals have in the place of labels (RFC 8277 §2.4).
      if ((label & 1) === 1 || label === 0x80_0000 || label === 0) break;
    }
  }
  return distinguisher ? bits + 64 : bits;
}

/** Where the prefix at `at` ends, its path identifier and length included; 0 where it does not fit. */
function endOf(bytes: Uint8Array, at: number, end: number, form: Form, addPath: boolean): number {
  const from = addPath ? at + 4 : at;
  if (from >= end) return 0;
  const length = bytes[from]!;
  const behind = from + 1 + ((length + 7) >> 3);
  if (behind > end) return 0;
  const head = form.labels ? headBits(bytes, from + 1, length, form) : 0;
  return length < head || length - head > form.bits ? 0 : behind;
}

/** Reads prefixes from `start` to `end`; `undefined` where the family has none. Never more than there are bytes. */
export function readPrefixes(
  bytes: Uint8Array,
  start: number,
  end: number,
  family: number,
  addPath: boolean,
): Prefixes | undefined {
  const form = formOf(family);
  if (!form) return undefined;
  const list: string[] = [];
  const pathIds: number[] | undefined = addPath ? [] : undefined;
  let at = start;
  while (at < end) {
    const behind = endOf(bytes, at, end, form, addPath);
    if (behind === 0) return { list, pathIds, broken: true };
    pathIds?.push(word32(bytes, at));
    list.push(prefixText(bytes, addPath ? at + 4 : at, form));
    at = behind;
  }
  return { list, pathIds, broken: false };
}

/** The prefix whose length stands at `at`, which is known to fit; bits behind its length do not count. */
function prefixText(bytes: Uint8Array, at: number, form: Form): string {
  const head = form.labels ? headBits(bytes, at + 1, bytes[at]!, form) : 0;
  const length = bytes[at]! - head;
  const from = at + 1 + head / 8;
  const text = addressText(bytes, from, length, form.bits);
  return form.distinguisher ? `${distinguisherText(bytes, from - 8)}:${text}` : text;
}

const room = new Uint8Array(16);

/** `length` bits from `from` on as a prefix of an address of `bits`. */
export function addressText(bytes: Uint8Array, from: number, length: number, bits: 32 | 128): string {
  const whole = length >> 3;
  const rest = length & 7;
  if (bits === 32) {
    let address = 0;
    for (let i = 0; i < 4; i++) address = (address << 8) | (i * 8 < length ? bytes[from + i]! : 0);
    if (length < 32) address &= length === 0 ? 0 : -1 << (32 - length);
    return `${address >>> 24}.${(address >>> 16) & 0xff}.${(address >>> 8) & 0xff}.${address & 0xff}/${length}`;
  }
  room.fill(0);
  for (let i = 0; i < whole; i++) room[i] = bytes[from + i]!;
  if (rest > 0) room[whole] = bytes[from + whole]! & (0xff << (8 - rest));
  return `${formatAddress(room, 0, 16)}/${length}`;
}

/** A route distinguisher (RFC 4364 §4.2): who gave it and its number. */
export function distinguisherText(bytes: Uint8Array, at: number): string {
  const type = word16(bytes, at);
  if (type === 1) return `${formatAddress(bytes, at + 2, 4)}:${word16(bytes, at + 6)}`;
  if (type === 2) return `${word32(bytes, at + 2)}:${word16(bytes, at + 6)}`;
  return `${word16(bytes, at + 2)}:${word32(bytes, at + 4)}`;
}

/**
 * Whether prefixes have path identifiers, where nobody has seen the session agree on it: without them they do not fit, or the route to everywhere
 * stands there three times (an identifier below 256 begins with its length of 0, thrice), and with them they do fit.
 */
export function looksLikeAddPath(bytes: Uint8Array, start: number, end: number, family: number): boolean {
  const form = formOf(family);
  if (!form) return false;
  let everywhere = 0;
  let at = start;
  while (at < end && at !== 0) {
    if (bytes[at] === 0 && ++everywhere > 2) break;
    at = endOf(bytes, at, end, form, false);
  }
  if (at === end) return false;
  at = start;
  while (at < end && at !== 0) at = endOf(bytes, at, end, form, true);
  return at === end && start < end;
}
