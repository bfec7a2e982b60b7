/**
 * What routers, switches and probes export of traffic, read datagram by datagram.
 *
 *     exports/netflow/   v5, whose records have one shape
 *     exports/ipfix/     NetFlow v9 and IPFIX, whose records have the shape of templates that come in between
 *     exports/sflow/     sFlow v5: sampled packets and counters
 *
 * The first bytes say which it is. Anybody can send to a collector's port: all that is kept of an exporter (templates, sampling, numbers)
 * stands under a ceiling, and none of it is made by a datagram that is not read to its end.
 */

import type { Seconds } from '@forewarn/base/time';
import type { AnyRecord } from '@forewarn/model/records/record';

/** One message of an exporter. `bytes[start, end)` is valid only during the call. */
export type ExportMessage = {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** The exporter's address, as addresses are written in records, and its port. */
  readonly exporter: string;
  readonly port: number;
  /** When it came, where that is known; a file does not tell. */
  readonly at: Seconds | undefined;
  /** Whether messages may be lost and come out of order; a file, or a stream, loses none. */
  readonly datagram: boolean;
};

export type ExportSink = {
  record(log: string, record: AnyRecord): void;
  /** `name` stands in the catalogue `oddities.ts`. */
  weird(name: string, ts: Seconds, addl?: string): void;
};

/** What was counted since the reading began. */
export type ExportCounts = {
  messages: number;
  /** Records written. */
  records: number;
  /** Messages that are of no known kind, or damaged. */
  bad: number;
  /** Sets of records whose template had not come (yet). */
  withoutTemplate: number;
  /** What is missing by the exporters' own numbers: flows (v5), messages (v9, sFlow), records (IPFIX). */
  lost: number;
  /** Records above the ceiling of one message. */
  refused: number;
};

export const noExports = (): ExportCounts => ({
  messages: 0,
  records: 0,
  bad: 0,
  withoutTemplate: 0,
  lost: 0,
  refused: 0,
});

/** Numbers in network order, without a view for every message. */
export const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
export const u32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
/** Undefined above 2^53, where a number would not be exact; no honest counter of bytes is. */
export function u64(bytes: Uint8Array, at: number): number | undefined {
  const value = u32(bytes, at) * 0x1_0000_0000 + u32(bytes, at + 4);
  return Number.isSafeInteger(value) ? value : undefined;
}

export const macOf = (bytes: Uint8Array, at: number): string => {
  let text = '';
  for (let i = 0; i < 6; i++) text += `${i === 0 ? '' : ':'}${bytes[at + i]!.toString(16).padStart(2, '0')}`;
  return text;
};
