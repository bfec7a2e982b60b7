/** The tables that say what a stream carries (ISO/IEC 13818-1 §2.4.4, EN 300 468 §5.2). `bytes[start, end)` is a section whose CRC is right. */

import { word16 } from '../digits.ts';
import { dvbText } from './names.ts';

export const programsMax = 128;
export const streamsOfProgramMax = 128;
export const systemsMax = 16;
const nameBytesMax = 128;

/** Behind the eight bytes of the long head; before the CRC. */
const bodyAt = 8;
const crcBytes = 4;

/** Programme number to the PID of its PMT, of one section of the PAT; number 0 names the PID of the NIT. */
export function readPat(bytes: Uint8Array, start: number, end: number, take: (program: number, pid: number) => void): void {
  for (let at = start + bodyAt; at + 4 <= end - crcBytes; at += 4) take(word16(bytes, at), word16(bytes, at + 2) & 0x1fff);
}

export type ProgramMap = {
  pcrPid: number;
  /** PID and stream_type of each stream. */
  streams: [pid: number, type: number][];
  /** PIDs of entitlement messages, and the systems that they are for. */
  access: [pid: number, system: number][];
};

/** One PMT. Descriptors other than those of conditional access are passed over. */
export function readPmt(bytes: Uint8Array, start: number, end: number): ProgramMap | undefined {
  const stop = end - crcBytes;
  if (start + 12 > stop) return undefined;
  const map: ProgramMap = { pcrPid: word16(bytes, start + 8) & 0x1fff, streams: [], access: [] };
  let at = start + 12 + (word16(bytes, start + 10) & 0xfff);
  if (at > stop) return undefined;
  readAccess(bytes, start + 12, at, map.access);
  while (at + 5 <= stop && map.streams.length < streamsOfProgramMax) {
    const descriptors = at + 5;
    const next = descriptors + (word16(bytes, at + 3) & 0xfff);
    if (next > stop) return undefined;
    map.streams.push([word16(bytes, at + 1) & 0x1fff, bytes[at]!]);
    readAccess(bytes, descriptors, next, map.access);
    at = next;
  }
  return map;
}

/** CA descriptors (tag 9): the system and the PID of its messages. Of a CAT, all between head and CRC. */
export function readAccess(bytes: Uint8Array, start: number, end: number, access: [pid: number, system: number][]): void {
  for (let at = start; at + 2 <= end;) {
    const next = at + 2 + bytes[at + 1]!;
    if (next > end) return;
    if (bytes[at] === 9 && next - at >= 6 && access.length < systemsMax * 4)
      access.push([word16(bytes, at + 4) & 0x1fff, word16(bytes, at + 2)]);
    at = next;
  }
}

export const readCat = (bytes: Uint8Array, start: number, end: number, access: [pid: number, system: number][]): void =>
  readAccess(bytes, start + bodyAt, end - crcBytes, access);

/** Service number and name of each service in a section of the SDT. */
export function readSdt(bytes: Uint8Array, start: number, end: number, take: (service: number, name: string) => void): void {
  const stop = end - crcBytes;
  for (let at = start + 11; at + 5 <= stop;) {
    const next = at + 5 + (word16(bytes, at + 3) & 0xfff);
    if (next > stop) return;
    for (let place = at + 5; place + 2 <= next;) {
      const after = place + 2 + bytes[place + 1]!;
      if (after > next) break;
      // service_descriptor: type, provider, name (EN 300 468 §6.2.33).
      if (bytes[place] === 0x48 && place + 4 <= after) {
        const name = place + 4 + bytes[place + 3]!;
        if (name < after) {
          const last = name + 1 + bytes[name]!;
          if (last <= after) take(word16(bytes, at), dvbText(bytes, name + 1, Math.min(last, name + 1 + nameBytesMax)));
        }
      }
      place = after;
    }
    at = next;
  }
}

/** What streams are (ISO/IEC 13818-1 table 2-34; ATSC A/53, SCTE 35; GY/T 257 for AVS). */
const types: { readonly [type: number]: string } = {
  0x01: 'MPEG-1 video', 0x02: 'MPEG-2 video', 0x03: 'MPEG-1 audio', 0x04: 'MPEG-2 audio', 0x05: 'private sections', 0x06: 'private PES',
  0x0a: 'DSM-CC', 0x0b: 'DSM-CC', 0x0c: 'DSM-CC', 0x0d: 'DSM-CC', 0x0f: 'AAC', 0x10: 'MPEG-4 video', 0x11: 'AAC LATM', 0x15: 'metadata',
  0x1b: 'AVC', 0x20: 'MVC', 0x21: 'JPEG 2000', 0x24: 'HEVC', 0x33: 'VVC', 0x42: 'AVS', 0x81: 'AC-3', 0x86: 'SCTE 35', 0x87: 'E-AC-3',
  0xd2: 'AVS2', 0xd4: 'AVS3', 0xea: 'VC-1',
}; // prettier-ignore

export const typeName = (type: number): string => types[type] ?? `type 0x${type.toString(16).padStart(2, '0')}`;

/** Pictures and sound never pause; subtitles, data and cues do. */
const steady: ReadonlySet<number> = new Set([
  1, 2, 3, 4, 0x0f, 0x10, 0x11, 0x1b, 0x20, 0x21, 0x24, 0x33, 0x42, 0x81, 0x87, 0xd2, 0xd4, 0xea,
]);
export const isSteady = (type: number): boolean => steady.has(type);

/** Names of the PIDs that EN 300 468 §5.1.3 and ISO/IEC 13818-1 table 2-3 fix. */
export const fixedPids: { readonly [pid: number]: string } = {
  0x00: 'PAT', 0x01: 'CAT', 0x02: 'TSDT', 0x10: 'NIT', 0x11: 'SDT/BAT', 0x12: 'EIT', 0x13: 'RST', 0x14: 'TDT/TOT', 0x1e: 'DIT', 0x1f: 'SIT',
  0x1ffb: 'PSIP', 0x1fff: 'null',
}; // prettier-ignore
