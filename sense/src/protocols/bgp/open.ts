/**
 * OPEN (RFC 4271 §4.2) with its capabilities (RFC 5492), also where there are more parameters than 255 bytes hold (RFC 9072).
 *
 *     ┌─────────┬────┬───────────┬────────────┬────────┬───────────────────────────────────────────────────┐
 *     │ version │ AS │ hold time │ identifier │ length │ parameters: type 2 · length · code, length, value │
 *     └─────────┴────┴───────────┴────────────┴────────┴───────────────────────────────────────────────────┘
 */

import { formatAddress } from '@forewarn/base/ip';
import type { BgpSessionRecord } from '@forewarn/model/records/bgp';
import { printable, word16, word32 } from '../digits.ts';
import { capabilities as names, familyName, familyOf, nameOf, roles } from './names.ts';

/** Capabilities, and families in them, of one OPEN that are written. */
export const capabilitiesMax = 64;
const textBytesMax = 255;

type Told = { -readonly [K in keyof BgpSessionRecord]?: BgpSessionRecord[K] };

/** What an OPEN tells of how its sender writes UPDATE messages. */
export type Opened = {
  readonly fields: Told;
  readonly fourOctets: boolean;
  /** By family: 1 takes several paths, 2 sends them, 3 both. */
  readonly addPath: ReadonlyMap<number, number>;
  /** A parameter or capability does not fit. */
  readonly broken: boolean;
};

const fixedBytes = 10;
const directions: readonly string[] = ['', 'receive', 'send', 'send/receive'];

/** Reads what stands behind the header; `undefined` where not even the fixed part is there. */
export function readOpen(bytes: Uint8Array, start: number, end: number): Opened | undefined {
  if (end - start < fixedBytes) return undefined;
  const fields: Told = {
    version: bytes[start]!,
    asn: word16(bytes, start + 1),
    hold_time: word16(bytes, start + 3),
    bgp_id: formatAddress(bytes, start + 5, 4),
  };
  const reader = new Capabilities(bytes, fields);
  // A length of 255 with a parameter of type 255 says that lengths have two bytes.
  const extended = bytes[start + 9] === 0xff && end - start >= fixedBytes + 3 && bytes[start + 10] === 0xff;
  const from = start + fixedBytes + (extended ? 3 : 0);
  const length = extended ? word16(bytes, start + 11) : bytes[start + 9]!;
  const broken = from + length !== end || !reader.parameters(from, end, extended ? 2 : 1);
  if (reader.all.length > 0) fields.capabilities = reader.all;
  if (reader.families.length > 0) fields.families = reader.families;
  if (reader.paths.length > 0) fields.add_path = reader.paths;
  return { fields, fourOctets: reader.fourOctets, addPath: reader.addPath, broken };
}

class Capabilities {
  readonly all: string[] = [];
  readonly families: string[] = [];
  readonly paths: string[] = [];
  readonly addPath = new Map<number, number>();
  fourOctets = false;
  readonly #bytes: Uint8Array;
  readonly #fields: Told;

  constructor(bytes: Uint8Array, fields: Told) {
    this.#bytes = bytes;
    this.#fields = fields;
  }

  /** Parameters with lengths of one or two bytes; false where one does not fit. */
  parameters(start: number, end: number, size: 1 | 2): boolean {
    const bytes = this.#bytes;
    for (let at = start; at < end;) {
      if (at + 1 + size > end) return false;
      const length = size === 2 ? word16(bytes, at + 1) : bytes[at + 1]!;
      const from = at + 1 + size;
      if (from + length > end) return false;
      if (bytes[at] === 2 && !this.#list(from, from + length)) return false;
      at = from + length;
    }
    return true;
  }

  #list(start: number, end: number): boolean {
    const bytes = this.#bytes;
    for (let at = start; at < end;) {
      if (at + 2 > end || at + 2 + bytes[at + 1]! > end) return false;
      const behind = at + 2 + bytes[at + 1]!;
      if (!this.#capability(bytes[at]!, at + 2, behind)) return false;
      at = behind;
    }
    return true;
  }

  #capability(code: number, from: number, to: number): boolean {
    const bytes = this.#bytes;
    const name = nameOf(names, code);
    if (this.all.length < capabilitiesMax && !this.all.includes(name)) this.all.push(name);
    switch (code) {
      case 1:
        if (to - from !== 4) return false;
        if (this.families.length < capabilitiesMax)
          this.families.push(familyName(familyOf(word16(bytes, from), bytes[from + 3]!)));
        return true;
      case 9:
        if (to - from !== 1) return false;
        this.#fields.role = roles[bytes[from]!] ?? `unknown-${bytes[from]}`;
        return true;
      case 65:
        if (to - from !== 4) return false;
        this.fourOctets = true;
        this.#fields.asn = word32(bytes, from);
        return true;
      case 69:
        if ((to - from) % 4 !== 0) return false;
        for (let at = from; at < to && this.addPath.size < capabilitiesMax; at += 4) this.#paths(at);
        return true;
      case 73:
        return this.#name(from, to);
      case 75: {
        // Drafts have a length before the text, and some software has none.
        const counted = to - from > 0 && bytes[from] === to - from - 1;
        this.#fields.software = printable(bytes, counted ? from + 1 : from, to);
        return true;
      }
    }
    return true;
  }

  #paths(at: number): void {
    const bytes = this.#bytes;
    const family = familyOf(word16(bytes, at), bytes[at + 2]!);
    const direction = directions[bytes[at + 3]!];
    // Other values do not count (RFC 7911 §4).
    if (direction === undefined || direction === '' || this.addPath.has(family)) return;
    this.addPath.set(family, bytes[at + 3]!);
    this.paths.push(`${familyName(family)} ${direction}`);
  }

  /** Host and domain, each with its length before it. */
  #name(from: number, to: number): boolean {
    const bytes = this.#bytes;
    const host = from < to ? from + 1 + bytes[from]! : to + 1;
    if (host > to) return false;
    const domain = host < to ? host + 1 + bytes[host]! : host;
    if (domain > to) return false;
    const parts = [printable(bytes, from + 1, host), printable(bytes, host + 1, domain)].filter((part) => part !== '');
    if (parts.length > 0) this.#fields.router_name = parts.join('.').slice(0, textBytesMax);
    return true;
  }
}
