/** Finding the packets of a flow in a ring. */

import { open as openFile, type FileHandle } from 'node:fs/promises';
import { flowBytesMax, type FlowOrder, type NoPackets, type PartReason } from '@forewarn/model/sensor';
import { findFlow, type FlowPlaces } from '@forewarn/sense/packets/flow-index';
import { capturedAt, capturedBytesMax, fileHeader, fileHeaderBytes, recordHeaderBytes } from '@forewarn/sense/packets/pcap';
import { meet, readBytes, readPart, type History, type Segment } from './ring-segments.ts';

/** The packets of one flow: a capture, in parts. */
export type FoundPackets =
  | { kind: 'packets'; pcap: Uint8Array[]; packets: number; bytes: number; part: PartReason[] }
  | { kind: 'none'; reason: Exclude<NoPackets['reason'], 'no-ring'>; detail: string };

export async function collect(
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
