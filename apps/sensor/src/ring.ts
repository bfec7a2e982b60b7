/**
 * The ring: packets of a key link, kept at the sensor for some hours or bytes and found again by their flow. They leave the sensor only
 * for one flow, when the centre asks for it.
 *
 *     SPOOL/packets/000000000012-20260314T091500Z.pcap      a segment: a plain capture, named by its place and its first packet
 *     SPOOL/packets/000000000012-20260314T091500Z.flows     while it is written: which packet belongs to which flow
 *     SPOOL/packets/000000000012-20260314T091500Z.index     when it is done: the same, to be looked up
 *     SPOOL/packets/ring.json                               since when there is a ring, and what it gave away
 *
 * Packets are copied into blocks, and one queue writes the blocks and whatever else is to be done on the disk, in order. So capturing never
 * waits for a disk: what finds the queue full, or cannot be written, is counted. Who reads files can wait, and does (`room`).
 *
 * A killed process loses the second that was not written yet. The next one cuts the torn packet off and makes the index from the journal.
 */

import {
  mkdir,
  open as openFile,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  truncate,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { Seconds } from '@forewarn/base/time';
import { flowBytesMax, type FlowOrder, type NoPackets, type PartReason, type RingStanding } from '@forewarn/model/sensor';
import { PcapReader } from '@forewarn/sense/capture/pcap';
import { defaultLimits } from '@forewarn/sense/limits';
import {
  FlowJournal,
  findFlow,
  indexHeadBytes,
  notKept,
  readIndexHead,
  type FileFacts,
  type FlowPlaces,
} from '@forewarn/sense/packets/flow-index';
import {
  capturedAt,
  capturedBytesMax,
  fileHeader,
  fileHeaderBytes,
  recordHeaderBytes,
  writableSeconds,
  writeRecordHeader,
} from '@forewarn/sense/packets/pcap';
import type { FlowNumber, PacketTrace } from '@forewarn/sense/trace';

/** Wireshark opens 64 MB in a moment, and the oldest part that leaves at once is a small one of the smallest ring. */
const segmentBytesMax = 64_000_000;

/** Of a quiet line: so much is older than the rest of its segment when it leaves. A month has 8,640 of them. */
const segmentSecondsMax = 300;

/**
 * Journal and index of so many packets take 25 MB of memory, and the index a tenth of a second, if each is a flow of its own, as in a scan
 * (measured). A kernel's buffer bears that pause.
 */
const segmentEntriesMax = 200_000;

/**
 * Four terabytes, the most that a policy can give, are 62,500 segments; of small packets alone they are more. A hundred thousand take 30 MB of
 * memory; a start opens them at some thousands a second. Beyond that the oldest leave.
 */
const segmentsMax = 100_000;

/** Segments that are opened at a time. */
const openingMax = 32;

/** Interfaces of several link types come in one pcapng; more than two have not been seen. Packets of others are not kept, and counted. */
const linkTypesMax = 4;

const blockBytes = 256 * 1024;

/** As much as the kernel's buffer holds: a disk that does not take it in the time of a full link's third of a second is too slow. */
const pendingBytesMax = 32_000_000;

/** Where readers can wait, they do so from here on. */
const pendingBytesPaced = 8_000_000;

/** Packets that may yet be counted in a flow: pieces of datagrams wait for one another, most for some milliseconds. */
const recentPackets = 1 << 15;

/** After its last packet, a segment may still be told of pieces. */
const settleSeconds = 2;

/** A disk that refused is tried again. */
const refusedSeconds = 5;

/** The room on the disk is looked at so often; a full gigabit writes 1.25 GB meanwhile. */
const diskSeconds = 10;

/** Jobs that the disk has not come to; a disk that hangs is not given more every second. */
const jobsMax = 16;

/** Losses nearer to one another than this are told as one, and of more than so many the oldest two become one. */
const lossSeconds = 60;
const lossesMax = 200;

/** An answer is read in parts of so many bytes, in which neighbouring packets come with one read. */
const readBytes = 256 * 1024;

/** What the centre orders. */
export type RingPolicy = { keepHours: number; keepBytes: number };

export type RingOptions = RingPolicy & {
  /** Made where it is not; nothing else may write there. */
  directory: string;
  clock: { now(): Seconds };
  /** Bytes of the disk that are others', such as what the spool may still grow by. */
  reserveBytes?: () => number;
  /** For tests: smaller segments. */
  segmentBytes?: number;
  segmentSeconds?: number;
};

/** The packets of one flow: a capture, in parts. */
export type FoundPackets =
  | { kind: 'packets'; pcap: Uint8Array[]; packets: number; bytes: number; part: PartReason[] }
  | { kind: 'none'; reason: Exclude<NoPackets['reason'], 'no-ring'>; detail: string };

export type Ring = {
  /** What a reading gives its packets to. One reading at a time; `uidOf` names its flows. */
  reading(uidOf: (flow: FlowNumber) => string): PacketTrace;
  /** To be called every second: what was gathered is written, what is old leaves. */
  tick(): void;
  /** The centre orders something else. */
  follow(policy: RingPolicy): void;
  /** Resolves when what waits to be written is little, or the signal ends it. */
  room(signal: AbortSignal): Promise<void>;
  readonly standing: RingStanding;
  /** What went wrong with the disk last; undefined when all is well. */
  readonly trouble: string | undefined;
  /** The packets of a flow. It does not throw: a disk that cannot be read is an answer. */
  find(asked: Pick<FlowOrder, 'uid' | 'from' | 'to'>): Promise<FoundPackets>;
  /** Writes what was gathered and makes the last index. */
  close(): Promise<void>;
};

type Block = { bytes: Uint8Array; used: number; packets: number };

type Segment = {
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

type Writing = {
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
type History = {
  beganAt: Seconds;
  gone: Span | null;
  dropped: number;
  /** When it could not, as far as no index tells of which flow; the oldest first. */
  losses: Span[];
};
type Span = { from: Seconds; to: Seconds };

const meet = (a: Span, b: Span): boolean => a.from <= b.to && a.to >= b.from;

/** Opens a ring, or makes one. A folder that cannot be made or read throws with the disk's words. */
export async function openRing(options: RingOptions): Promise<Ring> {
  const { directory, clock } = options;
  const segmentBytes = options.segmentBytes ?? segmentBytesMax;
  const segmentSeconds = options.segmentSeconds ?? segmentSecondsMax;
  let policy: RingPolicy = options;

  await mkdir(directory, { recursive: true, mode: 0o700 });
  const historyFile = join(directory, 'ring.json');
  const history = await readHistory(historyFile, clock.now());
  const segments: Segment[] = await openSegments(directory);
  let place = segments.reduce((highest, { path }) => Math.max(highest, placeOf(path)), 0) + 1;
  /** Those that take packets, by link type. */
  const taking = new Map<number, Segment>();

  let trouble: string | undefined;
  let refusedUntil = 0;
  let diskLookedAt = 0;
  /** What the disk has room for; more than the policy, mostly. */
  let diskBytes = Infinity;
  let historyChanged = true;
  let closed = false;

  // ---- the disk, one thing after another ----------------------------------------------------------------------------

  const queue: (() => Promise<void>)[] = [];
  let pendingBytes = 0;
  let working = false;
  let readers: (() => void)[] = [];

  function enqueue(job: () => Promise<void>): void {
    queue.push(job);
    if (working) return;
    working = true;
    setImmediate(() => void work());
  }

  async function work(): Promise<void> {
    for (let job = queue.shift(); job; job = queue.shift()) {
      try {
        await job();
      } catch (error) {
        trouble = (error as Error).message;
      }
      if (pendingBytes > pendingBytesPaced) continue;
      for (const wake of readers) wake();
      readers = [];
    }
    working = false;
  }

  /** Resolves when all that was asked of the disk up to now is done. */
  const done = (): Promise<void> => new Promise((resolve) => enqueue(async () => resolve()));

  function refuse(error: unknown): void {
    trouble = (error as Error).message;
    refusedUntil = clock.now() + refusedSeconds;
  }

  /** Of a disk that is full, the oldest segment gives its room once: were it full of other things, giving all away would not help. */
  async function withRoom(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      const first = segments.find(({ writing }) => !writing);
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC' || !first) throw error;
      await takeOut(first)();
      await act();
    }
  }

  /** Packets that are not kept; without `span` an index tells of which flows they are. */
  function lose(packets: number, span?: Span): void {
    history.dropped += packets;
    historyChanged = true;
    if (!span) return;
    const { losses } = history;
    const last = losses.at(-1);
    if (last && meet(span, { from: last.from - lossSeconds, to: last.to + lossSeconds })) widen(last, span);
    else losses.push({ ...span });
    if (losses.length > lossesMax) widen(losses[1]!, losses.shift()!);
  }

  // ---- what is kept -------------------------------------------------------------------------------------------------

  const bytesOf = (segment: Segment): number => segment.bytes + (segment.writing?.journal.indexBytes ?? segment.indexBytes);
  const held = (): number => segments.reduce((sum, segment) => sum + bytesOf(segment), 0);

  /** The segment is no more in the ring; what is returned removes its files. */
  function takeOut(segment: Segment): () => Promise<void> {
    segments.splice(segments.indexOf(segment), 1);
    if (segment.packets > 0) {
      const span = { from: segment.first, to: segment.last };
      if (history.gone) widen(history.gone, span);
      else history.gone = span;
      historyChanged = true;
    }
    return () => removeFiles(segment.path);
  }

  /** The oldest leave until the rest is within hours and bytes. What is being written stays. */
  function makeRoom(): void {
    const now = clock.now();
    const bytesMax = Math.min(policy.keepBytes, diskBytes);
    let bytes = held();
    for (const segment of segments.filter(({ writing }) => !writing)) {
      const isOld = segment.beganAt + policy.keepHours * 3600 <= now;
      if (!isOld && bytes <= bytesMax && segments.length <= segmentsMax) break;
      bytes -= bytesOf(segment);
      enqueue(takeOut(segment));
    }
  }

  /** A disk that is full stops the spool as well: the ring, which is the lesser, keeps away from its end. */
  async function lookAtDisk(): Promise<void> {
    const { bavail, bsize } = await statfs(directory);
    const bytes = held();
    refusedUntil = 0;
    diskBytes = Math.max(0, bytes + bavail * bsize - (options.reserveBytes?.() ?? 0));
    trouble = diskBytes < Math.max(bytes, segmentBytes) ? 'The disk has no room left for packets besides the spool.' : undefined;
    makeRoom();
    if (diskBytes >= segmentBytes) return;
    // What is being written ends, and leaves at the next look; nothing is begun before that.
    for (const segment of taking.values()) end(segment);
    refusedUntil = clock.now() + 2 * diskSeconds;
  }

  async function writeHistory(): Promise<void> {
    if (!historyChanged) return;
    historyChanged = false;
    await writeFile(`${historyFile}.part`, JSON.stringify(history), { mode: 0o600 });
    await rename(`${historyFile}.part`, historyFile);
  }

  // ---- a segment ----------------------------------------------------------------------------------------------------

  function begin(linkType: number, ts: Seconds): Segment | undefined {
    const now = clock.now();
    if (now < refusedUntil || taking.size >= linkTypesMax) return undefined;
    const block = newBlock(blockBytes);
    block.bytes.set(fileHeader(linkType));
    block.used = fileHeaderBytes;
    const segment: Segment = {
      path: join(directory, nameOf(place++, ts)),
      linkType,
      beganAt: now,
      first: ts,
      last: ts,
      packets: 0,
      interrupted: false,
      bytes: fileHeaderBytes,
      indexBytes: 0,
      writing: {
        stage: 'taking',
        settlingSince: now,
        journal: new FlowJournal({ linkType, beganAt: now }),
        block,
        pcap: undefined,
        flows: undefined,
        written: 0,
        failed: false,
      },
    };
    segments.push(segment);
    taking.set(linkType, segment);
    return segment;
  }

  /** It takes no more packets. */
  function end(segment: Segment): void {
    taking.delete(segment.linkType);
    // Segments that end faster than the clock ticks do not gather.
    for (const other of segments) {
      if (other.writing?.stage === 'settling' && other.linkType === segment.linkType) close(other, other.writing);
    }
    const writing = segment.writing!;
    flush(segment, writing);
    writing.stage = 'settling';
    writing.settlingSince = clock.now();
  }

  const spare: Uint8Array[] = [];
  const newBlock = (bytes: number): Block => ({
    bytes: (bytes === blockBytes ? spare.pop() : undefined) ?? new Uint8Array(bytes),
    used: 0,
    packets: 0,
  });

  /** Hands what was gathered to the disk; what follows begins with so many bytes. */
  function flush(segment: Segment, writing: Writing, next = 0): void {
    const { block } = writing;
    if (block.used > 0) {
      const lines = writing.journal.take();
      const bytes = block.bytes.length + lines.length;
      pendingBytes += bytes;
      enqueue(async () => {
        await write(segment, writing, block, lines);
        pendingBytes -= bytes;
        if (block.bytes.length === blockBytes && spare.length < jobsMax) spare.push(block.bytes);
      });
    }
    if (block.used > 0 || block.bytes.length < next) writing.block = newBlock(Math.max(blockBytes, next));
  }

  async function write(segment: Segment, writing: Writing, block: Block, lines: Uint8Array): Promise<void> {
    try {
      if (!writing.failed) {
        await withRoom(async () => {
          writing.pcap ??= await openFile(`${segment.path}.pcap`, 'wx+', 0o600);
          writing.flows ??= await openFile(`${segment.path}.flows`, 'wx', 0o600);
          // The packets first: of a journal that is torn the rest counts, of a capture what the journal tells.
          await writeAll(writing.pcap, block.bytes, block.used, writing.written);
          await writeAll(writing.flows, lines, lines.length, null);
        });
        writing.written += block.used;
        return;
      }
    } catch (error) {
      refuse(error);
      writing.failed = true;
      if (writing.stage === 'taking') end(segment);
    }
    segment.packets -= block.packets;
    segment.bytes -= block.used;
    lose(block.packets);
  }

  /** Its index takes the journal's place. */
  function close(segment: Segment, writing: Writing): void {
    flush(segment, writing);
    writing.stage = 'closing';
    enqueue(async () => {
      try {
        await writing.flows?.close();
        if (segment.packets > 0) {
          const { linkType, beganAt, first, last, packets, interrupted } = segment;
          const bytes = writing.written;
          await writing.pcap!.truncate(bytes);
          await writing.pcap!.datasync();
          const index = writing.journal.index({ linkType, beganAt, first, last, packets, interrupted, bytes });
          await withRoom(() => writeIndex(segment.path, index));
          segment.indexBytes = index.length;
          await rm(`${segment.path}.flows`, { force: true });
        }
      } catch (error) {
        // Nobody would find anything in it.
        refuse(error);
        lose(segment.packets);
        segment.packets = 0;
      } finally {
        segment.writing = undefined;
        await writing.pcap?.close();
      }
      if (segment.packets === 0) {
        lose(0, { from: segment.first, to: segment.last });
        await takeOut(segment)();
      }
      await writeHistory();
    });
  }

  // ---- packets ------------------------------------------------------------------------------------------------------

  /** Where the packets of late stand, by their number. */
  const recentNumbers = new Float64Array(recentPackets).fill(-1);
  const recentOffsets = new Uint32Array(recentPackets);
  const recentSegments: (Segment | undefined)[] = Array.from({ length: recentPackets });

  function remember(slot: number, number: number, segment: Segment, offset: number): void {
    recentNumbers[slot] = number;
    recentOffsets[slot] = offset;
    recentSegments[slot] = segment;
  }

  const packet: PacketTrace['packet'] = (number, bytes, start, stop, onWire, at, linkType) => {
    const slot = number & (recentPackets - 1);
    recentNumbers[slot] = -1;
    if (closed) return;
    const captured = Math.min(stop - start, capturedBytesMax);
    const length = recordHeaderBytes + captured;
    const ts = writableSeconds(at);
    let segment = taking.get(linkType);
    if (segment && isFull(segment, length)) {
      end(segment);
      makeRoom();
      segment = undefined;
    }
    if (pendingBytes + length > pendingBytesMax) {
      trouble = 'The disk takes packets slower than they come.';
      if (!segment) return lose(1, { from: ts, to: ts });
      remember(slot, number, segment, notKept);
      return lose(1);
    }
    segment ??= begin(linkType, ts);
    if (!segment) return lose(1, { from: ts, to: ts });
    const writing = segment.writing!;
    if (writing.block.used + length > writing.block.bytes.length) flush(segment, writing, length);
    const { block } = writing;
    writeRecordHeader(block.bytes, block.used, ts, captured, onWire);
    copy(bytes, start, captured, block.bytes, block.used + recordHeaderBytes);
    block.used += length;
    block.packets++;
    remember(slot, number, segment, segment.bytes);
    segment.bytes += length;
    segment.packets++;
    if (ts < segment.first) segment.first = ts;
    if (ts > segment.last) segment.last = ts;
  };

  const isFull = ({ bytes, packets, writing }: Segment, more: number): boolean =>
    bytes + more > segmentBytes || packets >= segmentEntriesMax || writing!.journal.entries >= segmentEntriesMax;

  return {
    reading(uidOf) {
      recentNumbers.fill(-1);
      for (const { writing } of segments) writing?.journal.newReading();
      /** Flows are numbered as they begin: one that is higher than all before was not counted before. */
      let highest = -1;
      return {
        packet,
        counted(number, flow) {
          const isFirst = flow > highest;
          if (isFirst) highest = flow;
          const slot = number & (recentPackets - 1);
          if (recentNumbers[slot] !== number) return;
          const { writing, first, last } = recentSegments[slot]!;
          // Its index is made already: the packet is there, but not to be found by its flow.
          if (!writing || writing.stage === 'closing') return lose(1, { from: first, to: last });
          writing.journal.add(flow, isFirst, recentOffsets[slot]!, uidOf);
        },
      };
    },
    tick() {
      const now = clock.now();
      if (closed || queue.length > jobsMax) return;
      for (const segment of segments) {
        const { writing } = segment;
        if (writing?.stage === 'taking') {
          if (now - segment.beganAt >= segmentSeconds) end(segment);
          else flush(segment, writing);
        } else if (writing?.stage === 'settling' && now - writing.settlingSince >= settleSeconds) close(segment, writing);
      }
      makeRoom();
      if (now - diskLookedAt >= diskSeconds) {
        diskLookedAt = now;
        enqueue(lookAtDisk);
      }
      if (historyChanged) enqueue(writeHistory);
    },
    follow(wanted) {
      policy = wanted;
      makeRoom();
    },
    async room(signal) {
      if (pendingBytes <= pendingBytesPaced || signal.aborted) return;
      await new Promise<void>((resolve) => {
        readers.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    },
    get standing() {
      const kept = segments.filter(({ packets }) => packets > 0);
      return {
        from: kept.length === 0 ? null : kept.reduce((least, { first }) => Math.min(least, first), Infinity),
        to: kept.length === 0 ? null : kept.reduce((most, { last }) => Math.max(most, last), -Infinity),
        bytes: held(),
        packets: kept.reduce((sum, { packets }) => sum + packets, 0),
        dropped: history.dropped,
      };
    },
    get trouble() {
      return trouble;
    },
    async find(asked) {
      try {
        for (const segment of segments) if (segment.writing?.stage === 'taking') flush(segment, segment.writing);
        await done();
        return await collect(asked, [...segments], history);
      } catch (error) {
        return { kind: 'none', reason: 'failed', detail: (error as Error).message.slice(0, 500) };
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      for (const segment of taking.values()) end(segment);
      for (const segment of segments) if (segment.writing?.stage === 'settling') close(segment, segment.writing);
      enqueue(writeHistory);
      await done();
    },
  };
}

/** The first holds the second as well. */
function widen(span: Span, other: Span): void {
  span.from = Math.min(span.from, other.from);
  span.to = Math.max(span.to, other.to);
}

/** Small packets are many, and a loop is done with them before a call would be. */
function copy(from: Uint8Array, start: number, length: number, to: Uint8Array, at: number): void {
  if (length > 96) to.set(from.subarray(start, start + length), at);
  else for (let i = 0; i < length; i++) to[at + i] = from[start + i]!;
}

/** Gives all packets away, because the centre says that none are to be kept. */
export async function removeRing(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}

// ---- finding --------------------------------------------------------------------------------------------------------

async function collect(
  { uid, ...span }: Pick<FlowOrder, 'uid' | 'from' | 'to'>,
  segments: readonly Segment[],
  history: History,
): Promise<FoundPackets> {
  const pcap: Uint8Array[] = [];
  const part = new Set<PartReason>();
  let packets = 0;
  let bytes = 0;
  let pcapBytes = fileHeaderBytes;
  let linkType: number | undefined;
  let hasFirst = false;
  let misses = false;
  const inTime = segments.filter(({ first, last, packets: some }) => some > 0 && meet(span, { from: first, to: last }));
  for (const segment of inTime) {
    const found = await openFlow(segment, uid);
    if (!found) continue;
    try {
      // A file that is read again, after a crash or when there was no room, has its flows again: what was found of the first time is left.
      if (found.begins && packets > 0) {
        pcap.length = 0;
        packets = 0;
        bytes = 0;
        pcapBytes = fileHeaderBytes;
        linkType = undefined;
        misses = false;
      }
      linkType ??= segment.linkType;
      // A capture has one link type; a flow that has two is in a file that somebody made up.
      if (linkType !== segment.linkType) continue;
      hasFirst ||= found.begins;
      misses ||= found.misses;
      for await (const { record, onWire } of packetsAt(found)) {
        if (pcapBytes + record.length > flowBytesMax) {
          part.add('cut');
          break;
        }
        const captured = record.length - recordHeaderBytes;
        if (onWire > captured) part.add('snap-length');
        pcap.push(record);
        pcapBytes += record.length;
        packets++;
        bytes += captured;
      }
    } finally {
      await found.close();
    }
    if (part.has('cut')) break;
  }
  const isGone = history.gone !== null && meet(span, history.gone);
  if (packets === 0) {
    if (isGone) return { kind: 'none', reason: 'expired', detail: '' };
    return {
      kind: 'none',
      reason: inTime.length === 0 && span.to < history.beganAt ? 'before-ring' : 'unknown-flow',
      detail: '',
    };
  }
  if (!hasFirst) part.add(isGone ? 'expired' : 'ring-later');
  // Of a segment that was not closed, something may be missing behind its end.
  const isTorn = inTime.some(({ interrupted, last }) => interrupted && span.to >= last);
  if (misses || isTorn || history.losses.some((loss) => meet(span, loss))) part.add('dropped');
  return { kind: 'packets', pcap: [fileHeader(linkType!), ...pcap], packets, bytes, part: [...part] };
}

type OpenFlow = FlowPlaces & { pcap: FileHandle; size: number; close(): Promise<void> };

/** A file to read; undefined when it has left the ring meanwhile. */
const openKept = (file: string): Promise<FileHandle | undefined> =>
  openFile(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

/** The flow's places in a segment, and its capture, which stays while it is open even if it leaves the ring. */
async function openFlow(segment: Segment, uid: string): Promise<OpenFlow | undefined> {
  const { writing, path } = segment;
  const places = writing ? writing.journal.find(uid, writing.written) : await lookUp(segment, uid);
  if (!places) return undefined;
  const pcap = await openKept(`${path}.pcap`);
  return pcap && { ...places, pcap, size: writing?.written ?? segment.bytes, close: () => pcap.close() };
}

async function lookUp({ path, indexBytes }: Segment, uid: string): Promise<FlowPlaces | undefined> {
  const index = await openKept(`${path}.index`);
  if (!index) return undefined;
  try {
    return await findFlow((at, length) => readPart(index, at, length), indexBytes, uid);
  } finally {
    await index.close();
  }
}

/** The packets at the places, with their heads; neighbours are read together. Where no packet stands the file is damaged: it is left out. */
async function* packetsAt({ offsets, pcap, size }: OpenFlow): AsyncGenerator<Found> {
  let part: Uint8Array = new Uint8Array(0);
  let partAt = 0;
  for (const offset of offsets) {
    let found = packetIn(part, offset - partAt);
    for (const length of [readBytes, recordHeaderBytes + capturedBytesMax]) {
      if (found) break;
      part = await readPart(pcap, offset, Math.min(length, Math.max(0, size - offset)));
      partAt = offset;
      found = packetIn(part, 0);
    }
    if (found) yield found;
  }
}

type Found = { record: Uint8Array; onWire: number };

/** A copy of the packet whose head stands at `at`, if all of it is there: one packet is not to hold on to its neighbours. */
function packetIn(part: Uint8Array, at: number): Found | undefined {
  const head = capturedAt(part, at);
  const end = at + recordHeaderBytes + (head?.captured ?? 0);
  return head && end <= part.length ? { record: part.slice(at, end), onWire: head.onWire } : undefined;
}

async function readPart(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(bytes, read, length - read, at + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return bytes.subarray(0, read);
}

// ---- files ----------------------------------------------------------------------------------------------------------

/** Whole or not: a disk that takes a part is full. `at`: null adds at the end. */
async function writeAll(file: FileHandle, bytes: Uint8Array, length: number, at: number | null): Promise<void> {
  let written = 0;
  while (written < length) {
    const { bytesWritten } = await file.write(bytes, written, length - written, at === null ? null : at + written);
    written += bytesWritten;
  }
}

async function writeIndex(path: string, bytes: Uint8Array): Promise<void> {
  const file = await openFile(`${path}.index.part`, 'w', 0o600);
  try {
    await writeAll(file, bytes, bytes.length, 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.index.part`, `${path}.index`);
}

async function removeFiles(path: string): Promise<void> {
  for (const ending of ['pcap', 'flows', 'index', 'index.part']) await rm(`${path}.${ending}`, { force: true });
}

const isSpan = (span: Span): boolean => Number.isFinite(span.from) && Number.isFinite(span.to);

async function readHistory(file: string, now: Seconds): Promise<History> {
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
const nameOf = (place: number, ts: Seconds): string =>
  `${String(place).padStart(12, '0')}-${new Date(Math.floor(ts) * 1000).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
const placeOf = (path: string): number => Number(/(\d{12})-[^/]*$/.exec(path)?.[1] ?? 0);

/** The segments of a folder, the oldest first; what was not closed is. */
async function openSegments(directory: string): Promise<Segment[]> {
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
