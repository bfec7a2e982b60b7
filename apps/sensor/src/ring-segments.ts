/** The files of a ring: its segments, how they are named, written, opened after a crash, and what the ring remembers of itself. */

import { open as openFile, readdir, readFile, rename, rm, stat, truncate, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Seconds } from '@forewarn/base/time';
import { PcapReader } from '@forewarn/sense/capture/pcap';
import { defaultLimits } from '@forewarn/sense/limits';
import { FlowJournal, indexHeadBytes, readIndexHead, type FileFacts } from '@forewarn/sense/packets/flow-index';
import { fileHeader, fileHeaderBytes, recordHeaderBytes } from '@forewarn/sense/packets/pcap';

/** Segments that are opened at a time. */
const openingMax = 32;

/** A capture is read in parts of so many bytes. */
export const readBytes = 256 * 1024;

/** Losses of which more than so many are known become fewer (`ring.ts`). */
export const lossesMax = 200;

export type Block = { bytes: Uint8Array; used: number; packets: number };

export type Segment = {
  /** Path without its ending. */
  readonly path: string;
  readonly linkType: number;
  readonly beganAt: Seconds;
  /** Times of its packets. */
  first: Seconds;
  last: Seconds;
  packets: number;
  /** Its writer was killed: of its last second something is missing. */
  readonly interrupted: boolean;
  /** Of the capture file, with what waits to be written. */
  bytes: number;
  indexBytes: number;
  /** Until it has its index. */
  writing: Writing | undefined;
};

export type Writing = {
  /** `settling`: no more packets come, but pieces of datagrams may be counted yet. `closing`: the index is being made. */
  stage: 'taking' | 'settling' | 'closing';
  settlingSince: Seconds;
  journal: FlowJournal;
  block: Block;
  pcap: FileHandle | undefined;
  flows: FileHandle | undefined;
  /** What the disk has of the capture for sure. */
  written: number;
  failed: boolean;
};

/** Since when there is a ring, the packet times of what it gave away, and what it could not keep. */
export type History = {
  beganAt: Seconds;
  gone: Span | null;
  dropped: number;
  /** When it could not, as far as no index tells of which flow; the oldest first. */
  losses: Span[];
};
export type Span = { from: Seconds; to: Seconds };

export const meet = (a: Span, b: Span): boolean => a.from <= b.to && a.to >= b.from;

export async function readPart(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(bytes, read, length - read, at + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return bytes.subarray(0, read);
}

/** Whole or not: a disk that takes a part is full. `at`: null adds at the end. */
export async function writeAll(file: FileHandle, bytes: Uint8Array, length: number, at: number | null): Promise<void> {
  let written = 0;
  while (written < length) {
    const { bytesWritten } = await file.write(bytes, written, length - written, at === null ? null : at + written);
    written += bytesWritten;
  }
}

export async function writeIndex(path: string, bytes: Uint8Array): Promise<void> {
  const file = await openFile(`${path}.index.part`, 'w', 0o600);
  try {
    await writeAll(file, bytes, bytes.length, 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.index.part`, `${path}.index`);
}

export async function removeFiles(path: string): Promise<void> {
  for (const ending of ['pcap', 'flows', 'index', 'index.part']) await rm(`${path}.${ending}`, { force: true });
}

const isSpan = (span: Span): boolean => Number.isFinite(span.from) && Number.isFinite(span.to);

export async function readHistory(file: string, now: Seconds): Promise<History> {
  try {
    const { beganAt, gone, dropped, losses } = JSON.parse(await readFile(file, 'utf8')) as History;
    const isWhole = Number.isFinite(beganAt) && Number.isSafeInteger(dropped) && (gone === null || isSpan(gone));
    if (isWhole && losses.length <= lossesMax && losses.every(isSpan)) return { beganAt, gone, dropped, losses };
  } catch {
    // There was no ring yet, or a crash has spoiled what it remembers.
  }
  return { beganAt: now, gone: null, dropped: 0, losses: [] };
}

const segmentName = /^(\d{12})-\d{8}T\d{6}Z\.(pcap|flows|index|index\.part)$/;
/** Its place, and the time of its first packet for people. */
export const nameOf = (place: number, ts: Seconds): string =>
  `${String(place).padStart(12, '0')}-${new Date(Math.floor(ts) * 1000).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
export const placeOf = (path: string): number => Number(/(\d{12})-[^/]*$/.exec(path)?.[1] ?? 0);

/** The segments of a folder, the oldest first; what was not closed is. */
export async function openSegments(directory: string): Promise<Segment[]> {
  const endings = new Map<string, Set<string>>();
  for (const name of await readdir(directory)) {
    const ending = segmentName.exec(name)?.[2];
    if (ending === undefined) continue;
    const path = join(directory, name.slice(0, -ending.length - 1));
    endings.set(path, (endings.get(path) ?? new Set()).add(ending));
  }
  const found = [...endings].sort(([a], [b]) => (a < b ? -1 : 1));
  const segments: Segment[] = [];
  for (let at = 0; at < found.length; at += openingMax) {
    const some = await Promise.all(found.slice(at, at + openingMax).map(([path, has]) => openSegment(path, has)));
    segments.push(...some.filter((segment) => segment !== undefined));
  }
  return segments;
}

async function openSegment(path: string, has: ReadonlySet<string>): Promise<Segment | undefined> {
  const segment = has.has('pcap') ? ((await readSegment(path)) ?? (await mendSegment(path))) : undefined;
  if (!segment) await removeFiles(path);
  else for (const ending of ['flows', 'index.part']) if (has.has(ending)) await rm(`${path}.${ending}`, { force: true });
  return segment;
}

/** By its index; undefined where that is missing, or not this capture's. */
async function readSegment(path: string): Promise<Segment | undefined> {
  let index: FileHandle;
  try {
    index = await openFile(`${path}.index`, 'r');
  } catch {
    return undefined;
  }
  try {
    const { size: indexBytes } = await index.stat();
    const facts = readIndexHead(await readPart(index, 0, indexHeadBytes), indexBytes);
    const { size } = await stat(`${path}.pcap`);
    if (!facts || facts.bytes !== size) return undefined;
    const { linkType, beganAt, first, last, packets, bytes, interrupted } = facts;
    return { path, linkType, beganAt, first, last, packets, bytes, interrupted, indexBytes, writing: undefined };
  } finally {
    await index.close();
  }
}

/** Of a segment that was not closed: the torn packet is cut off, and the index is made from the journal. */
async function mendSegment(path: string): Promise<Segment | undefined> {
  let first = Infinity;
  let last = -Infinity;
  let packets = 0;
  let whole = fileHeaderBytes;
  let linkType = 0;
  const reader = new PcapReader(
    {
      packet(_bytes, start, end, _onWire, ts, type) {
        linkType = type;
        first = Math.min(first, ts);
        last = Math.max(last, ts);
        whole += recordHeaderBytes + end - start;
        packets++;
      },
    },
    defaultLimits,
  );
  const pcap = await openFile(`${path}.pcap`, 'r');
  let modifiedAt: number;
  try {
    modifiedAt = (await pcap.stat()).mtimeMs / 1000;
    for (let at = 0; ; at += readBytes) {
      const part = await readPart(pcap, at, readBytes);
      if (at === 0 && !isOurs(part)) return undefined;
      reader.push(part);
      if (part.length < readBytes) break;
    }
  } finally {
    await pcap.close();
  }
  if (packets === 0) return undefined;
  await truncate(`${path}.pcap`, whole);
  const written = await readFile(`${path}.flows`).catch(() => new Uint8Array(0));
  const journal = FlowJournal.read(written) ?? new FlowJournal({ linkType, beganAt: modifiedAt });
  const { beganAt } = journal;
  const facts: FileFacts = { linkType, beganAt, first, last, packets, bytes: whole, interrupted: true };
  const index = journal.index(facts);
  await writeIndex(path, index);
  return { path, ...facts, indexBytes: index.length, writing: undefined };
}

/** Whether the bytes open a capture as we write it. */
function isOurs(bytes: Uint8Array): boolean {
  if (bytes.length < fileHeaderBytes) return false;
  const linkType = bytes[20]! | (bytes[21]! << 8);
  return fileHeader(linkType).every((byte, at) => bytes[at] === byte);
}
