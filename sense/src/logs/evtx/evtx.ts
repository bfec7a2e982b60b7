/**
 * Event log files of Windows from Vista on (.evtx): a head of 4 KB and chunks of 64 KB, each complete in itself. So a file that was copied while
 * it was written, cut, or damaged in places gives all events that are still whole.
 */

import type { LogEmit, LogFormat, LogReader } from '../format.ts';
import { eventOfElement } from '../windows/event.ts';
import { BinXml } from './binxml.ts';
import { Unreadable, fileTime } from './values.ts';

const headBytes = 4096;
const chunkBytes = 65_536;
/** Head of a chunk, with its tables of names and templates. */
const chunkHeadBytes = 512;
/** Signature, length, number and time of a record; behind its binary XML the length stands again. */
const recordHeadBytes = 24;
const recordMark = 0x0000_2a2a;

const startsWith = (bytes: Uint8Array, mark: string): boolean =>
  bytes.length >= mark.length && [...mark].every((c, i) => bytes[i] === c.charCodeAt(0));

export const evtx: LogFormat = {
  name: 'evtx',
  logs: ['windows'],
  file: {
    recognise: (start) => startsWith(start, 'ElfFile\0'),
    open: (emit) => new EvtxReader(emit),
  },
};

class EvtxReader implements LogReader {
  readonly #emit: LogEmit;
  readonly #chunk = new Uint8Array(chunkBytes);
  #filled = 0;
  /** Bytes of the file before the chunk at hand; the head is passed over. */
  #offset = 0;
  #passed = 0;

  constructor(emit: LogEmit) {
    this.#emit = emit;
  }

  data(bytes: Uint8Array): void {
    let at = 0;
    if (this.#passed < headBytes) {
      at = Math.min(bytes.length, headBytes - this.#passed);
      this.#passed += at;
      this.#offset = this.#passed;
    }
    while (at < bytes.length) {
      const taken = Math.min(bytes.length - at, chunkBytes - this.#filled);
      this.#chunk.set(bytes.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled === chunkBytes) this.#next(chunkBytes);
    }
  }

  end(): void {
    if (this.#passed < headBytes) this.#emit.refused('cut', { offset: this.#passed });
    if (this.#filled === 0) return;
    const cut = this.#filled;
    this.#chunk.fill(0, cut);
    this.#next(cut);
  }

  /** The chunk is complete, or ends at `length` with the file. */
  #next(length: number): void {
    readChunk(this.#chunk, length, this.#offset, this.#emit);
    this.#offset += length;
    this.#filled = 0;
  }
}

/** Writes the events of a chunk of which `length` bytes are there. */
function readChunk(chunk: Uint8Array, length: number, offset: number, emit: LogEmit): void {
  if (!startsWith(chunk, 'ElfChnk\0')) {
    // Chunks that were never used are empty.
    if (chunk.some((byte) => byte !== 0)) emit.refused(length < chunkBytes ? 'cut' : 'malformed', { offset });
    return;
  }
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  /** Where the records end by the head of the chunk, which is behind when the log was still open. */
  const free = Math.min(view.getUint32(48, true), chunkBytes);
  const xml = new BinXml(chunk);
  let at = chunkHeadBytes;
  let last: bigint | undefined;
  while (at + recordHeadBytes + 4 <= length) {
    const size = lengthOfRecord(view, at);
    if (size === 0) {
      if (at >= free) break;
      if (view.getUint32(at, true) === recordMark && at + view.getUint32(at + 4, true) > length) break;
      // Something is damaged here: the next record is where a head and its end agree.
      emit.refused('malformed', { offset: offset + at });
      do at += 8;
      while (at + recordHeadBytes + 4 <= length && lengthOfRecord(view, at) === 0);
      continue;
    }
    const number = view.getBigUint64(at + 8, true);
    // Behind the end may stand records of the time before the chunk was used anew.
    if (at >= free && last !== undefined && number !== last + 1n) break;
    last = number;
    readRecord(xml, view, at, size, offset, emit);
    at += size;
  }
  if (length < chunkBytes && length < free) emit.refused('cut', { offset: offset + at });
}

/** The length of the record at an offset, which must stand at both of its ends; 0 when there is none. */
function lengthOfRecord(view: DataView, at: number): number {
  if (view.getUint32(at, true) !== recordMark) return 0;
  const size = view.getUint32(at + 4, true);
  if (size < recordHeadBytes + 4 || at + size > view.byteLength) return 0;
  return view.getUint32(at + size - 4, true) === size ? size : 0;
}

function readRecord(xml: BinXml, view: DataView, at: number, size: number, offset: number, emit: LogEmit): void {
  try {
    const root = xml.record(at + recordHeadBytes, at + size - 4).find(({ name }) => name === 'Event');
    const record = root && eventOfElement(root);
    if (!record) {
      emit.refused('malformed', { offset: offset + at });
      return;
    }
    // When it was written, for events whose own time is missing.
    record['ts'] ??= fileTime(view.getBigUint64(at + 16, true));
    emit.record('windows', record);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    emit.refused(error.reason, { offset: offset + at });
  }
}
