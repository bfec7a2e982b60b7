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

import { mkdir, open as openFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Seconds } from '@forewarn/base/time';
import type { FlowOrder, RingStanding } from '@forewarn/model/sensor';
import { FlowJournal, notKept } from '@forewarn/sense/packets/flow-index';
import {
  capturedBytesMax,
  fileHeader,
  fileHeaderBytes,
  recordHeaderBytes,
  writableSeconds,
  writeRecordHeader,
} from '@forewarn/sense/packets/pcap';
import type { FlowNumber, PacketTrace } from '@forewarn/sense/trace';
import { collect, type FoundPackets } from './ring-find.ts';
import {
  lossesMax,
  meet,
  nameOf,
  openSegments,
  placeOf,
  readHistory,
  removeFiles,
  writeAll,
  writeIndex,
  type Block,
  type Segment,
  type Span,
  type Writing,
} from './ring-segments.ts';

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
