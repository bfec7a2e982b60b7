/**
 * What a log format is: bytes, lines or objects of one source in, records under the source's own names out.
 *
 *     logs/evtx/   evtx.ts  binxml.ts  evtx.test.ts  cases/  README.md
 *
 * A format says which shapes it comes in. As a *file* of its own make (EVTX, Zeek's logs with their head) it recognises the first bytes and
 * reads the rest piece by piece. As *lines* it takes one line at a time, and as *events* one object of JSON at a time: files of lines and files of
 * JSON are cut up by `read.ts`, and whoever listens (syslog, `_bulk`, OTLP) hands single ones over through `intake.ts`, so both read alike. A
 * new format is a folder and one line in `index.ts`.
 *
 * Nothing here throws: what cannot be read is refused, with a word that says why, counted, and passed over.
 */

import type { Seconds } from '@forewarn/base/time';
import type { AnyRecord } from '@forewarn/model/records/record';

/** Why an event was refused. The words stand in accounts and are counted by them. */
export type RefusedReason =
  /** Longer than `eventBytesMax`. */
  | 'too-long'
  /** Nested deeper than `nestingMax`. */
  | 'too-deep'
  /** Not what the format demands: no JSON, a line with too few columns, a chunk that does not hold together. */
  | 'malformed'
  /** Ends before it is complete. */
  | 'cut'
  /** Well formed, but no format knows it. */
  | 'unrecognised'
  /** Would take more room than the input that it came in allows. */
  | 'too-large';

/** Where an event stood: a line from 1 on, or the offset of its first byte. */
export type EventPlace = { readonly line?: number; readonly offset?: number };

export type LogEmit = {
  /** Writes a record of the named log; the object is the caller's to give away. */
  record(log: string, record: AnyRecord): void;
  /** An event, or a part of the file, that could not be read. Who cuts files up adds the place. */
  refused(reason: RefusedReason, place?: EventPlace): void;
  /** The record at hand has fewer fields or elements than its event had: a ceiling was met. */
  shortened(): void;
};

/** What is known of where bytes come from. */
export type LogSource = {
  /** The file's or the listener's name. Names a log when nothing in it does (`dns.log`, `dns.json.gz` → `dns`). */
  readonly name: string;
  /** Of a listener: when what is at hand came. It is the time of an event that has none of its own, and says the year where a line has none. */
  at?(): Seconds | undefined;
  /** Of a file: its last change, which says the year where a line has none. */
  readonly changed?: Seconds | undefined;
};

/** Takes the bytes of one file in order. Each piece is only valid during the call. */
export type LogReader = {
  data(bytes: Uint8Array): void;
  /** No more bytes: what is held is written or refused. */
  end(): void;
};

/** Takes lines without their line feed, in order. */
export type LineReader = { line(text: string): void; end(): void };

/**
 * Hands what stands within a line – the message of a syslog line – to whichever format knows it; its record gets the fields of the envelope that it
 * has not itself. Answers false when none knows it.
 */
export type Within = (payload: string, envelope: AnyRecord) => boolean;

export type JsonObject = { readonly [name: string]: unknown };

export type LogFormat = {
  /** The folder's name. */
  readonly name: string;
  /** The logs it writes, as declared in `model/records`; `*` where its input names them. */
  readonly logs: readonly string[];
  readonly file?: {
    /** Are these the first bytes (up to `recognitionBytes`) of such a file? */
    recognise(start: Uint8Array, name: string): boolean;
    open(emit: LogEmit, source: LogSource): LogReader;
  };
  readonly lines?: {
    /** Is this a line of the format, by what stands in it? */
    owns(line: string): boolean;
    open(emit: LogEmit, source: LogSource, within: Within): LineReader;
  };
  readonly events?: {
    /** Is this object an event of the format, by what stands in it? */
    owns(event: JsonObject): boolean;
    take(event: JsonObject, emit: LogEmit, source: LogSource): void;
  };
};
