/**
 * Files that are read beside being hashed: manifests of streaming and public warnings, told by their first bytes. What a reader holds is bounded; the
 * bytes themselves go nowhere.
 */

import type { Seconds } from '@forewarn/base/time';
import type { AnyRecord } from '@forewarn/model/records/record';
import { capContent } from './cap.ts';
import { dashContent } from './dash.ts';
import { hlsContent } from './hls.ts';
import { Fetched } from './fetched.ts';

/** Bytes of texts that readers hold until they are whole, of all files together. */
const heldBytesTotalMax = 33_554_432;
/** Files that are read at a time. */
const readersMax = 1_024;

/** The ceilings of these readers, for the reference. */
export const limits = [
  { name: 'contents.heldBytesTotalMax', value: heldBytesTotalMax, unit: 'bytes of all files', why: 'Texts that are read when they are whole (DASH, CAP): sixty-four of the longest. Beyond it they are not read.' },
  { name: 'contents.readersMax', value: readersMax, unit: 'files at a time', why: 'A player fetches a playlist in milliseconds; further ones are hashed and not read.' },
] as const; // oxfmt-ignore

/** Where a file came from, for the record of what it says. */
export type Origin = {
  /** The head of the record. */
  readonly head: AnyRecord;
  readonly fuid: string;
  readonly ts: Seconds;
  /** The two ends, by address: what is compared is of one pair, which one reader reads where several share a capture. */
  readonly ends: string;
  readonly host?: string | undefined;
  readonly uri?: string | undefined;
};

export type ContentHost = {
  record(log: string, record: AnyRecord): void;
  /** Earlier fetches of the same place. */
  readonly fetched: Fetched;
  /** Asks for room for so many bytes; false: there is none. A negative number gives it back. */
  room(bytes: number): boolean;
};

/** Reads one file. `bytes[start, end)` is valid only during the call. */
export type ContentReader = {
  data(bytes: Uint8Array, start: number, end: number): void;
  /** Bytes are missing. */
  gap(): void;
  /** No more bytes; `whole` when none is missing at its end either. */
  end(ts: Seconds, whole: boolean): void;
};

export type Content = {
  /** Are these the first bytes of such a file? `text` holds them, blanks before them left out. */
  begins(text: string): boolean;
  open(origin: Origin, host: ContentHost): ContentReader;
};

const contents: readonly Content[] = [hlsContent, dashContent, capContent];

/** Logs that these readers write: a protocol whose files name their place writes them too. */
export const contentLogs = ['media_manifest', 'cap_alert'] as const;

/** How much of a file is looked at: documents of XML say in their root what they are. */
const lookedAt = 2_048;

export class Contents implements ContentHost {
  readonly fetched = new Fetched();
  readonly #record: (log: string, record: AnyRecord) => void;
  #held = 0;
  #open = 0;

  constructor(record: (log: string, record: AnyRecord) => void) {
    this.#record = record;
  }

  record(log: string, record: AnyRecord): void {
    this.#record(log, record);
  }

  room(bytes: number): boolean {
    if (this.#held + bytes > heldBytesTotalMax) return false;
    this.#held += bytes;
    return true;
  }

  /** A reader for the file that begins with these bytes, or none. */
  reader(origin: Origin, bytes: Uint8Array, start: number, end: number): ContentReader | undefined {
    let at = start;
    if (end - at >= 3 && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3;
    while (at < end && bytes[at]! <= 0x20) at++;
    // A playlist or a document; pages of the web, which are most documents, are passed over by their second letter.
    if (bytes[at] !== 0x23 && (bytes[at] !== 0x3c || isPage(bytes, at + 1, end))) return undefined;
    if (this.#open >= readersMax) return undefined;
    const text = Buffer.prototype.latin1Slice.call(bytes, at, Math.min(end, at + lookedAt));
    const content = contents.find((each) => each.begins(text));
    if (!content) return undefined;
    this.#open++;
    const reader = content.open(origin, this);
    return {
      data: (from, first, last) => reader.data(from, first, last),
      gap: () => reader.gap(),
      end: (ts, whole) => {
        this.#open--;
        reader.end(ts, whole);
      },
    };
  }
}

/** `<!DOCTYPE html`, `<html`, `<head`. */
function isPage(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 1 >= end) return true;
  const first = bytes[at]! | 0x20;
  const second = bytes[at + 1]! | 0x20;
  return (first === 0x21 && second === 0x64) || first === 0x68;
}
