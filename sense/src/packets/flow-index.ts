/**
 * Which packets of a capture file belong to which flow.
 *
 * While the file grows, a *journal* grows beside it, so that a crash loses no more than what was not yet written:
 *
 *     head    "FWJ1", link type (u32), begun at (f64)
 *     then    80000000h | flow (u32), uid (18), marks (u8), 0       a flow that the file has not seen before
 *     or      flow (u32), offset (u32)                              a packet of it, by where its head stands in the file
 *
 * When the file is done, an *index* takes the journal's place, in which a flow is found with a few reads:
 *
 *     head    56 bytes: what the file holds
 *     buckets u32 each, a power of two: number of a flow + 1, by the uid's hash; a bucket that is taken leads to the next
 *     flows   28 bytes each: uid (18), marks (u8), 0, first place in the list (u32), packets (u32)
 *     list    u32 each: offsets, those of a flow together and in the order of the packets
 *
 * All numbers are little-endian, as are the machines that Node and WebAssembly run on. What is read may be damaged: nothing here throws or loops for what a file says.
 */

import { mix } from '../flow/uid.ts';
import type { FlowNumber } from '../trace.ts';

/** As `flow/uid.ts` makes them. */
const uidBytes = 18;
const flowBytes = 28;
const definitionBytes = 24;
const entryBytes = 8;
export const journalHeadBytes = 16;
export const indexHeadBytes = 56;

const journalMagic = 0x314a5746;
const indexMagic = 0x31495746;
const definition = 0x8000_0000;
/** Marks of a flow: it began while this file was written; packets of it came that are not in the file. */
const begins = 1;
const misses = 2;
/** Marks of a file: it was not closed by who wrote it. */
const interrupted = 1;

/** The offset of a packet that was not kept. */
export const notKept = 0xffff_ffff;

/** What a capture file holds, as its index says. Times in seconds. */
export type FileFacts = {
  linkType: number;
  /** By the clock of who wrote it. */
  beganAt: number;
  /** Times of its packets. */
  first: number;
  last: number;
  packets: number;
  /** Bytes of the capture file. */
  bytes: number;
  /** Its writer was ended before it could close the file. */
  interrupted: boolean;
};

/** Where a flow's packets stand in a file. */
export type FlowPlaces = {
  /** In the order of the packets. */
  offsets: Uint32Array;
  /** Whether the flow began while the file was written. */
  begins: boolean;
  /** Whether packets of it came meanwhile that are not in the file. */
  misses: boolean;
};

/** The journal of one file. */
export class FlowJournal {
  readonly linkType: number;
  readonly beganAt: number;
  /** Flows of the reading at hand, by number. */
  readonly #slots = new Map<FlowNumber, number>();
  #uids = new Uint8Array(64 * 20);
  #flows = 0;
  #entries = new Uint32Array(512);
  #used = 0;
  // What `take` has handed over.
  #takenHead = false;
  #takenFlows = 0;
  #takenEntries = 0;

  constructor({ linkType, beganAt }: { linkType: number; beganAt: number }) {
    this.linkType = linkType;
    this.beganAt = beganAt;
  }

  get flows(): number {
    return this.#flows;
  }

  /** Packets in flows: one that rides in a tunnel counts for each flow it is in. */
  get entries(): number {
    return this.#used / 2;
  }

  /** Bytes of the index that would be made now, nearly. */
  get indexBytes(): number {
    return indexHeadBytes + this.#flows * (flowBytes + 8) + this.entries * 4;
  }

  /** Another capture is being read: its flows' numbers begin again. */
  newReading(): void {
    this.#slots.clear();
  }

  /** The packet whose head stands at `offset`, or `notKept`, is counted in the flow. `isFirst`: it is the first of it that was ever counted. */
  add(flow: FlowNumber, isFirst: boolean, offset: number, uidOf: (flow: FlowNumber) => string): void {
    let slot = this.#slots.get(flow);
    if (slot === undefined) {
      slot = this.#define(uidOf(flow), isFirst);
      this.#slots.set(flow, slot);
    }
    this.#enter(slot, offset);
  }

  #define(uid: string, isFirst: boolean): number {
    const slot = this.#flows++;
    if (this.#flows * 20 > this.#uids.length) {
      const more = new Uint8Array(this.#uids.length * 2);
      more.set(this.#uids);
      this.#uids = more;
    }
    writeUid(this.#uids, slot * 20, uid);
    this.#uids[slot * 20 + uidBytes] = isFirst ? begins : 0;
    return slot;
  }

  #enter(slot: number, offset: number): void {
    if (this.#used === this.#entries.length) {
      const more = new Uint32Array(this.#entries.length * 2);
      more.set(this.#entries);
      this.#entries = more;
    }
    this.#entries[this.#used++] = slot;
    this.#entries[this.#used++] = offset;
  }

  /** What is new since it was last called, as it is added to the journal's file. */
  take(): Uint8Array<ArrayBuffer> {
    const head = this.#takenHead ? 0 : journalHeadBytes;
    const newFlows = this.#flows - this.#takenFlows;
    const newEntries = (this.#used - this.#takenEntries) / 2;
    const bytes = new Uint8Array(head + newFlows * definitionBytes + newEntries * entryBytes);
    const view = new DataView(bytes.buffer);
    let at = 0;
    if (head > 0) {
      view.setUint32(0, journalMagic, true);
      view.setUint32(4, this.linkType, true);
      view.setFloat64(8, this.beganAt, true);
      at = head;
    }
    for (let slot = this.#takenFlows; slot < this.#flows; slot++) {
      view.setUint32(at, (definition | slot) >>> 0, true);
      bytes.set(this.#uids.subarray(slot * 20, slot * 20 + 20), at + 4);
      at += definitionBytes;
    }
    bytes.set(new Uint8Array(this.#entries.buffer, this.#takenEntries * 4, newEntries * entryBytes), at);
    this.#takenHead = true;
    this.#takenFlows = this.#flows;
    this.#takenEntries = this.#used;
    return bytes;
  }

  /** Where the flow's packets stand, as far as they lie before `end`; undefined when the file has none of it. */
  find(uid: string, end = notKept): FlowPlaces | undefined {
    const wanted = new Uint8Array(uidBytes);
    writeUid(wanted, 0, uid);
    // The last: a capture that is read again has its flows again.
    for (let slot = this.#flows - 1; slot >= 0; slot--) {
      if (!sameUid(this.#uids, slot * 20, wanted)) continue;
      const offsets: number[] = [];
      let isMissing = false;
      for (let i = 0; i < this.#used; i += 2) {
        if (this.#entries[i] !== slot) continue;
        const offset = this.#entries[i + 1]!;
        if (offset < end) offsets.push(offset);
        else isMissing = true;
      }
      if (offsets.length === 0) return undefined;
      const isFirst = this.#uids[slot * 20 + uidBytes] === begins;
      return { offsets: inOrder(Uint32Array.from(offsets)), begins: isFirst, misses: isMissing };
    }
    return undefined;
  }

  /** The index of the file, of which the first `facts.bytes` count. */
  index(facts: FileFacts): Uint8Array<ArrayBuffer> {
    const flows = this.#flows;
    // Half full at most, a bucket's chain is short.
    let buckets = 1;
    while (buckets < flows * 2) buckets *= 2;
    const counts = new Uint32Array(flows);
    let listed = 0;
    for (let i = 0; i < this.#used; i += 2) {
      if (this.#entries[i + 1]! >= facts.bytes) continue;
      counts[this.#entries[i]!]!++;
      listed++;
    }
    const flowsAt = indexHeadBytes + buckets * 4;
    const listAt = flowsAt + flows * flowBytes;
    const bytes = new Uint8Array(listAt + listed * 4);
    const view = new DataView(bytes.buffer);
    writeHead(view, facts, { buckets, flows, listed });
    const list = new Uint32Array(bytes.buffer, listAt, listed);
    const next = new Uint32Array(flows);
    for (let slot = 0, place = 0; slot < flows; slot++) {
      next[slot] = place;
      const at = flowsAt + slot * flowBytes;
      bytes.set(this.#uids.subarray(slot * 20, slot * 20 + 20), at);
      view.setUint32(at + 20, place, true);
      view.setUint32(at + 24, counts[slot]!, true);
      place += counts[slot]!;
      // Without packets it is not to be found.
      if (counts[slot] === 0) continue;
      let bucket = hashOf(this.#uids, slot * 20) & (buckets - 1);
      for (;;) {
        const other = view.getUint32(indexHeadBytes + bucket * 4, true);
        // A capture that is read again has its flows again: the last counts.
        if (other === 0 || sameUid(bytes, flowsAt + (other - 1) * flowBytes, this.#uids, slot * 20)) break;
        bucket = (bucket + 1) & (buckets - 1);
      }
      view.setUint32(indexHeadBytes + bucket * 4, slot + 1, true);
    }
    for (let i = 0; i < this.#used; i += 2) {
      const offset = this.#entries[i + 1]!;
      if (offset >= facts.bytes) {
        bytes[flowsAt + this.#entries[i]! * flowBytes + uidBytes]! |= misses;
        continue;
      }
      list[next[this.#entries[i]!]!++] = offset;
    }
    return bytes;
  }

  /** A journal as it was written, up to where it was torn; undefined when it is none. */
  static read(bytes: Uint8Array): FlowJournal | undefined {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < journalHeadBytes || view.getUint32(0, true) !== journalMagic) return undefined;
    const journal = new FlowJournal({ linkType: view.getUint32(4, true) & 0xffff, beganAt: view.getFloat64(8, true) });
    for (let at = journalHeadBytes; at + entryBytes <= bytes.length;) {
      const word = view.getUint32(at, true);
      if (word >= definition) {
        // They were written in their order; another number is damage, and what follows it cannot be trusted.
        if (at + definitionBytes > bytes.length || word - definition !== journal.#flows) break;
        const isFirst = (bytes[at + 4 + uidBytes]! & begins) !== 0;
        journal.#define(String.fromCharCode(...bytes.subarray(at + 4, at + 4 + uidBytes)), isFirst);
        at += definitionBytes;
      } else {
        if (word >= journal.#flows) break;
        journal.#enter(word, view.getUint32(at + 4, true));
        at += entryBytes;
      }
    }
    return journal;
  }
}

type Sizes = { buckets: number; flows: number; listed: number };

function writeHead(view: DataView, facts: FileFacts, { buckets, flows, listed }: Sizes): void {
  view.setUint32(0, indexMagic, true);
  view.setUint32(4, facts.interrupted ? interrupted : 0, true);
  view.setUint32(8, facts.linkType, true);
  view.setUint32(12, buckets, true);
  view.setUint32(16, flows, true);
  view.setUint32(20, listed, true);
  view.setUint32(24, facts.packets, true);
  view.setUint32(28, facts.bytes, true);
  view.setFloat64(32, facts.beganAt, true);
  view.setFloat64(40, facts.first, true);
  view.setFloat64(48, facts.last, true);
}

/** What the head of an index says; undefined when it is none, or says what cannot be. */
export function readIndexHead(head: Uint8Array, indexBytes: number): (FileFacts & Sizes) | undefined {
  if (head.length < indexHeadBytes) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, indexHeadBytes);
  if (view.getUint32(0, true) !== indexMagic) return undefined;
  const buckets = view.getUint32(12, true);
  const flows = view.getUint32(16, true);
  const listed = view.getUint32(20, true);
  const beganAt = view.getFloat64(32, true);
  const first = view.getFloat64(40, true);
  const last = view.getFloat64(48, true);
  if (buckets === 0 || (buckets & (buckets - 1)) !== 0 || flows > buckets) return undefined;
  if (indexHeadBytes + buckets * 4 + flows * flowBytes + listed * 4 !== indexBytes) return undefined;
  if (![beganAt, first, last].every(Number.isFinite)) return undefined;
  return {
    linkType: view.getUint32(8, true),
    interrupted: (view.getUint32(4, true) & interrupted) !== 0,
    buckets,
    flows,
    listed,
    packets: view.getUint32(24, true),
    beganAt,
    first,
    last,
    bytes: view.getUint32(28, true),
  };
}

/** Reads so many bytes of a file from a place; fewer at its end. */
export type ReadAt = (at: number, length: number) => Promise<Uint8Array>;

/** Buckets that are read at once; the chains of a table half full are shorter. */
const bucketsAtOnce = 64;

/** Finds a flow in an index of so many bytes. Undefined when it is not there, or the index is damaged where it would be. */
export async function findFlow(read: ReadAt, indexBytes: number, uid: string): Promise<FlowPlaces | undefined> {
  const head = readIndexHead(await read(0, indexHeadBytes), indexBytes);
  if (!head || head.flows === 0) return undefined;
  const wanted = new Uint8Array(uidBytes);
  writeUid(wanted, 0, uid);
  const flowsAt = indexHeadBytes + head.buckets * 4;
  const listAt = flowsAt + head.flows * flowBytes;
  let bucket = hashOf(wanted, 0) & (head.buckets - 1);
  for (let passed = 0; passed < head.buckets;) {
    const count = Math.min(bucketsAtOnce, head.buckets - bucket);
    const part = await read(indexHeadBytes + bucket * 4, count * 4);
    if (part.length < count * 4) return undefined;
    const words = new DataView(part.buffer, part.byteOffset, part.length);
    for (let i = 0; i < count; i++, passed++) {
      const number = words.getUint32(i * 4, true);
      if (number === 0 || number > head.flows) return undefined;
      const row = await read(flowsAt + (number - 1) * flowBytes, flowBytes);
      if (row.length < flowBytes) return undefined;
      if (!sameUid(row, 0, wanted)) continue;
      const view = new DataView(row.buffer, row.byteOffset, flowBytes);
      const place = view.getUint32(20, true);
      const packets = view.getUint32(24, true);
      if (place + packets > head.listed) return undefined;
      const list = await read(listAt + place * 4, packets * 4);
      if (list.length < packets * 4) return undefined;
      const offsets = new Uint32Array(packets);
      const listed = new DataView(list.buffer, list.byteOffset, list.length);
      for (let at = 0; at < packets; at++) offsets[at] = listed.getUint32(at * 4, true);
      return { offsets: inOrder(offsets), begins: (row[uidBytes]! & begins) !== 0, misses: (row[uidBytes]! & misses) !== 0 };
    }
    bucket = (bucket + count) & (head.buckets - 1);
  }
  return undefined;
}

/** As the packets came: pieces of a datagram are counted late. */
const inOrder = (offsets: Uint32Array): Uint32Array => {
  for (let i = 1; i < offsets.length; i++) if (offsets[i - 1]! > offsets[i]!) return offsets.sort();
  return offsets;
};

function writeUid(bytes: Uint8Array, at: number, uid: string): void {
  for (let i = 0; i < uidBytes; i++) bytes[at + i] = i < uid.length ? uid.charCodeAt(i) : 0;
}

function sameUid(bytes: Uint8Array, at: number, uid: Uint8Array, uidAt = 0): boolean {
  for (let i = 0; i < uidBytes; i++) if (bytes[at + i] !== uid[uidAt + i]) return false;
  return true;
}

/** FNV-1a, finished as in MurmurHash3: uids are well mixed already, and no stranger chooses them. */
function hashOf(bytes: Uint8Array, at: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < uidBytes; i++) hash = Math.imul(hash ^ bytes[at + i]!, 0x01000193);
  return mix(hash) >>> 0;
}
