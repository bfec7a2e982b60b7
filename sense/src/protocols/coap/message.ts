/**
 * One message of CoAP over UDP (RFC 7252 §3).
 *
 *      0             1        2             4            4 + TKL
 *     ┌─────────────┬────────┬─────────────┬────────────┬──────────────────────┬──────┬─────────┐
 *     │ver│type│TKL │ code   │ message ID  │ token …    │ options …            │ 0xff │ payload │
 *     └─────────────┴────────┴─────────────┴────────────┴──────────────────────┴──────┴─────────┘
 */

import { textOf } from '../text.ts';

const textBytesMax = 1_024;
const optionsMax = 64;

export const limits = [
  {
    name: 'coap.textBytesMax',
    value: textBytesMax,
    unit: 'bytes',
    why: 'Path or query: four segments of the longest kind (RFC 7252 §5.10). What is longer is cut.',
  },
  {
    name: 'coap.optionsMax',
    value: optionsMax,
    unit: 'options per message',
    why: 'A path of a dozen segments and a query of as many; one with more is no message.',
  },
] as const;

export const typeNames = ['CON', 'NON', 'ACK', 'RST'] as const;

/** Shortest and longest value of the options that are registered (RFC 7252, 7641, 7959, 7967, 8613, 8768, 9175, 9177). */
const lengths: ReadonlyMap<number, readonly [number, number]> = new Map([
  [1, [0, 8]],
  [3, [1, 255]],
  [4, [1, 8]],
  [5, [0, 0]],
  [6, [0, 3]],
  [7, [0, 2]],
  [8, [0, 255]],
  [9, [0, 255]],
  [11, [0, 255]],
  [12, [0, 2]],
  [14, [0, 4]],
  [15, [0, 255]],
  [16, [1, 1]],
  [17, [0, 2]],
  [19, [0, 3]],
  [20, [0, 255]],
  [23, [0, 3]],
  [27, [0, 3]],
  [28, [0, 4]],
  [31, [0, 3]],
  [35, [1, 1_034]],
  [39, [1, 255]],
  [60, [0, 4]],
  [252, [1, 40]],
  [258, [0, 1]],
  [292, [0, 8]],
]);

const uriHost = 3;
const observe = 6;
const locationPath = 8;
const oscore = 9;
const uriPath = 11;
const contentFormat = 12;
const uriQuery = 15;
const block2 = 23;
const block1 = 27;
const proxyUri = 35;

/** A message, filled anew by each datagram. Numbers that are absent are -1. */
export class Message {
  type = 0;
  code = 0;
  id = 0;
  token = '';
  host = '';
  path = '';
  query = '';
  location = '';
  proxy = '';
  observe = -1;
  format = -1;
  block = -1;
  protected = false;
  /** Bytes of text in the options, all of them printable; -1 where some are not. */
  printable = 0;
  /** Options that are not registered, or longer or shorter than they may be. */
  unknown = 0;
  payloadStart = 0;
  payloadEnd = 0;

  /** Reads a datagram; false where it is no message. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    if (!headFits(bytes, start, end)) return false;
    const first = bytes[start]!;
    this.type = (first >> 4) & 3;
    this.code = bytes[start + 1]!;
    this.id = (bytes[start + 2]! << 8) | bytes[start + 3]!;
    const tokenEnd = start + 4 + (first & 15);
    if (tokenEnd > end) return false;
    this.token = Buffer.prototype.latin1Slice.call(bytes, start + 4, tokenEnd);
    this.host = '';
    this.path = '';
    this.query = '';
    this.location = '';
    this.proxy = '';
    this.observe = -1;
    this.format = -1;
    this.block = -1;
    this.protected = false;
    this.printable = 0;
    this.unknown = 0;
    this.payloadStart = end;
    this.payloadEnd = end;
    return this.#options(bytes, tokenEnd, end);
  }

  #options(bytes: Uint8Array, start: number, end: number): boolean {
    let number = 0;
    let count = 0;
    for (let at = start; at < end;) {
      const head = bytes[at++]!;
      if (head === 0xff) {
        // A marker without a payload is a format error (§3).
        this.payloadStart = at;
        return at < end;
      }
      let delta = head >> 4;
      let length = head & 15;
      if (delta === 15 || length === 15 || ++count > optionsMax) return false;
      if (delta === 13) delta = 13 + (bytes[at++] ?? 0);
      else if (delta === 14) {
        delta = 269 + ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
        at += 2;
      }
      if (length === 13) length = 13 + (bytes[at++] ?? 0);
      else if (length === 14) {
        length = 269 + ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
        at += 2;
      }
      number += delta;
      if (at > end || length > end - at) return false;
      const range = lengths.get(number);
      // An option of another length than it may have is to be treated like one that is not known (§5.4.3).
      if (range === undefined || length < range[0] || length > range[1]) this.unknown++;
      else this.#option(number, bytes, at, at + length);
      at += length;
    }
    return true;
  }

  #option(number: number, bytes: Uint8Array, start: number, end: number): void {
    switch (number) {
      case uriHost:
        this.host = this.#text(bytes, start, end);
        break;
      case uriPath:
        if (this.path.length < textBytesMax) this.path += `/${this.#text(bytes, start, end)}`;
        break;
      case uriQuery:
        if (this.query.length < textBytesMax) this.query += `${this.query === '' ? '' : '&'}${this.#text(bytes, start, end)}`;
        break;
      case locationPath:
        if (this.location.length < textBytesMax) this.location += `/${this.#text(bytes, start, end)}`;
        break;
      case proxyUri:
        this.proxy = this.#text(bytes, start, end);
        break;
      case observe:
        this.observe = numberOf(bytes, start, end);
        break;
      case contentFormat:
        this.format = numberOf(bytes, start, end);
        break;
      case block1:
      case block2:
        this.block = Math.floor(numberOf(bytes, start, end) / 16);
        break;
      case oscore:
        this.protected = true;
        break;
      default:
    }
  }

  #text(bytes: Uint8Array, start: number, end: number): string {
    for (let at = start; at < end && this.printable >= 0; at++) {
      if (bytes[at]! < 0x20 || bytes[at] === 0x7f) this.printable = -1;
      else this.printable++;
    }
    return textOf(bytes, start, end);
  }
}

function numberOf(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 256 + bytes[at]!;
  return value;
}

/** Whether version, type, token length and code are those of a message. */
export function headFits(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start]!;
  if (end - start < 4 || (first & 0xc0) !== 0x40 || (first & 15) > 8) return false;
  const code = bytes[start + 1]!;
  // An empty message is four bytes: an acknowledgement, a reset or a ping.
  if (code === 0) return first !== 0x50 && (first & 15) === 0 && end - start === 4;
  const type = (first >> 4) & 3;
  if (code < 0x20) return code <= 7 && type < 2;
  return type < 3 && statusName(code) !== undefined;
}

const methods = ['', 'GET', 'POST', 'PUT', 'DELETE', 'FETCH', 'PATCH', 'iPATCH'] as const;
export const methodName = (code: number): string => methods[code]!;

const statuses: ReadonlyMap<number, string> = new Map([
  [0x41, 'Created'],
  [0x42, 'Deleted'],
  [0x43, 'Valid'],
  [0x44, 'Changed'],
  [0x45, 'Content'],
  [0x5f, 'Continue'],
  [0x80, 'Bad Request'],
  [0x81, 'Unauthorized'],
  [0x82, 'Bad Option'],
  [0x83, 'Forbidden'],
  [0x84, 'Not Found'],
  [0x85, 'Method Not Allowed'],
  [0x86, 'Not Acceptable'],
  [0x88, 'Request Entity Incomplete'],
  [0x89, 'Conflict'],
  [0x8c, 'Precondition Failed'],
  [0x8d, 'Request Entity Too Large'],
  [0x8f, 'Unsupported Content-Format'],
  [0x96, 'Unprocessable Entity'],
  [0x9d, 'Too Many Requests'],
  [0xa0, 'Internal Server Error'],
  [0xa1, 'Not Implemented'],
  [0xa2, 'Bad Gateway'],
  [0xa3, 'Service Unavailable'],
  [0xa4, 'Gateway Timeout'],
  [0xa5, 'Proxying Not Supported'],
  [0xa8, 'Hop Limit Reached'],
]);

/** A response's code in words (IANA CoRE Parameters). */
export const statusName = (code: number): string | undefined => statuses.get(code);

/** `2.05` */
export const codeText = (code: number): string => `${code >> 5}.${String(code & 31).padStart(2, '0')}`;
