/**
 * One message of BGP (RFC 4271 §4.1), as it stands on the wire and in MRT files.
 *
 *     ┌──────────────────────────┬────────┬──────┬────────┐
 *     │ marker: 16 bytes of 0xff │ length │ type │ body … │
 *     └──────────────────────────┴────────┴──────┴────────┘
 */

import type { BgpSessionRecord } from '@forewarn/model/records/bgp';
import { word16 } from '../digits.ts';
import type { Reading } from './attributes.ts';
import {
  details,
  errors,
  familyName,
  familyOf,
  KEEPALIVE,
  nameOf,
  NOTIFICATION,
  OPEN,
  refreshes,
  ROUTE_REFRESH,
  UPDATE,
} from './names.ts';
import { readOpen, type Opened } from './open.ts';
import { readUpdate, type Reader, type Tally } from './update.ts';

export const headerBytes = 19;

/** The longest message (RFC 8654), and the longest without its capability. */
export const messageBytesMax = 65_535;
export const plainBytesMax = 4_096;

/** Shortest messages by type (RFC 4271 §4, 2918 §3). */
const leastBytes: readonly number[] = [0, 29, 23, 21, 19, 23];

type Told = { -readonly [K in keyof BgpSessionRecord]: BgpSessionRecord[K] };

/** Whether a message of this type can have this length. */
export function fits(type: number, length: number): boolean {
  const least = leastBytes[type];
  if (least === undefined || least === 0 || length < least) return false;
  if (type === KEEPALIVE) return length === headerBytes;
  return length <= (type === OPEN ? plainBytesMax : messageBytesMax);
}

/** What one end has said of itself, and what follows from both. */
export class Session {
  readonly opened: [Opened | undefined, Opened | undefined] = [undefined, undefined];

  /** How the messages of one end are read. */
  reading(direction: 0 | 1): Reading {
    const own = this.opened[direction];
    const other = this.opened[direction === 0 ? 1 : 0];
    // Four octets where both can; who has said that he cannot decides alone.
    const octets = own && other ? (own.fourOctets && other.fourOctets ? 4 : 2) : (own ?? other)?.fourOctets === false ? 2 : 0;
    return {
      octets,
      addPath(family) {
        if (own && ((own.addPath.get(family) ?? 0) & 2) === 0) return false;
        if (other && ((other.addPath.get(family) ?? 0) & 1) === 0) return false;
        return own && other ? true : undefined;
      },
    };
  }
}

/** What a message was. */
export type Message = { readonly type: number; readonly opened?: Opened; readonly tally?: Tally };

/** Reads one message that is wholly there, its header included, and whose type and length fit. */
export function readMessage(bytes: Uint8Array, start: number, end: number, reading: Reading, reader: Reader): Message {
  const type = bytes[start + 18]!;
  const from = start + headerBytes;
  if (type === UPDATE) return { type, tally: readUpdate(bytes, from, end, reading, reader) };
  if (type === KEEPALIVE) return { type };
  const record = { ...reader.head(), event: '' } as Told;
  if (type === OPEN) {
    const opened = readOpen(bytes, from, end)!;
    if (opened.broken) reader.odd('bgp_malformed_open');
    record.peer_asn ??= opened.fields.asn!;
    reader.record('bgp_session', Object.assign(record, opened.fields, { event: 'open' }));
    return { type, opened };
  }
  if (type === NOTIFICATION) {
    const code = bytes[from]!;
    const subcode = bytes[from + 1]!;
    record.event = 'notification';
    record.error_code = code;
    record.error = nameOf(errors, code);
    record.error_subcode = subcode;
    const detail = details[code]?.[subcode];
    if (detail !== undefined) record.error_detail = detail;
  } else if (type === ROUTE_REFRESH) {
    const kind = bytes[from + 2]!;
    record.event = 'route-refresh';
    record.families = [familyName(familyOf(word16(bytes, from), bytes[from + 3]!))];
    record.refresh = end - from > 4 ? 'orf' : (refreshes[kind] ?? `unknown-${kind}`);
  }
  reader.record('bgp_session', record);
  return { type };
}
