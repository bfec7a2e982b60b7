/**
 * Messages in parts (RFC 2045, RFC 2046): headers and bodies of entities in entities, read as they pass.
 *
 *     headers ─▶ content ──────────────────────────────────┐
 *        ▲   ├─▶ preamble ─▶ --boundary ─▶ headers of a part │
 *        │   └─▶ headers of the message inside             │
 *        └──────────── --boundary ◀────────────────────────┘
 *
 * Every content becomes a file with its transfer coding undone. A line end is held back until the next line has shown
 * that it is no boundary, because the one before a boundary belongs to the boundary (RFC 2046 §5.1.1).
 */

import { lineFeed, textOf } from '../protocols/text.ts';
import type { FileStream } from './files.ts';
import { fileNameOf } from './name.ts';
import { Base64Decoder, QuotedPrintableDecoder, type TransferDecoder } from './transfer.ts';

/** Zeek's `MIME::max_depth`; real mail has some three levels. */
const depthMax = 100;

/** Entities of one message; a mailing-list digest has some hundreds. Further ones are passed over. */
const entitiesMax = 1_000;

/** RFC 5322 allows 998 bytes a line, folded headers any number of lines; lists of recipients are the longest. */
const headerBytesMax = 32_768;

/** A line may have 998 bytes (RFC 5322 §2.1.1). */
const lineBytesMax = 1_024;

/** A buffer for headers that is larger is not kept for the next part. */
const headerBytesKept = 2_048;

/** Header lines of an entity that are read; mail through many hands has some hundred. */
const headersMax = 512;

/** A boundary has up to 70 characters (RFC 2046 §5.1.1), before it two dashes, behind it two and white space. */
const boundaryBytesMax = 128;

/** The ceilings of this reader, for the reference. */
export const limits = [
  { name: 'mime.depthMax', value: depthMax, unit: 'levels', why: "Zeek's MIME::max_depth; real mail has some three." },
  {
    name: 'mime.entitiesMax',
    value: entitiesMax,
    unit: 'parts per message',
    why: 'A digest of a mailing list has some hundreds; further ones are passed over.',
  },
  {
    name: 'mime.headerBytesMax',
    value: headerBytesMax,
    unit: 'bytes per header',
    why: 'RFC 5322 sets no limit; lists of recipients are the longest, and mail servers refuse some 100 KiB of all headers.',
  },
  { name: 'mime.headersMax', value: headersMax, unit: 'lines per part', why: 'Mail through many hands has some hundred.' },
  {
    name: 'mime.boundaryBytesMax',
    value: boundaryBytesMax,
    unit: 'bytes per direction',
    why: 'RFC 2046 §5.1.1: 70 characters, with dashes before and behind and white space.',
  },
] as const;

/** Whom the reader tells. */
export type MimeHost = {
  /** A header, unfolded; `entity` counts from 1, the message itself. Names come in lower case. */
  header(entity: number, name: string, value: string, ts: number): void;
  /** The content of an entity begins; `undefined` when nobody wants it. `range` is that of a part of a larger file. */
  file(entity: number, name: string | undefined, range: string | undefined, ts: number): FileStream | undefined;
  weird(name: string, ts: number): void;
};

const leaf = 0;
const multipart = 1;
const message = 2;

/** One entity that is open. */
class Entity {
  readonly number: number;
  kind: 0 | 1 | 2 = leaf;
  /** With its two dashes; `undefined` when it has none or its last part is over. */
  boundary: Uint8Array | undefined = undefined;
  coding = '';
  name: string | undefined = undefined;
  range: string | undefined = undefined;
  file: FileStream | undefined = undefined;
  decoder: TransferDecoder | undefined = undefined;
  begun = false;
  headers = 0;

  constructor(number: number) {
    this.number = number;
  }
}

const headersState = 0;
const contentState = 1;
/** Preamble, epilogue, or what nobody reads. */
const passState = 2;

const crlf = Uint8Array.of(0x0d, 0x0a);
const lf = Uint8Array.of(0x0a);
const cr = Uint8Array.of(0x0d);
const none = new Uint8Array(0);

export class MimeReader {
  readonly #host: MimeHost;
  readonly #stack: Entity[] = [];
  #state: 0 | 1 | 2 = headersState;
  #entities = 0;
  /** Any boundary is open. */
  #bounded = false;
  /** The header that may go on in the next line, and the line that a piece has cut. */
  #header: Uint8Array = none;
  #headerLength = 0;
  #lineFrom = 0;
  /** A line that may be a boundary, as far as it has come. */
  #line: Uint8Array = none;
  #lineLength = 0;
  #lineStart = true;
  /** The line end that may belong to a boundary. */
  #ending: Uint8Array = none;
  #over = false;

  /** `contentType` when the headers of the message were read by another already, as in HTTP. */
  constructor(host: MimeHost, contentType?: string) {
    this.#host = host;
    const entity = this.#open();
    if (contentType === undefined || entity === undefined) return;
    this.#contentType(entity, contentType);
    this.#begin(entity);
  }

  /** The next bytes of the message. */
  data(bytes: Uint8Array, start: number, end: number, ts: number): void {
    let at = start;
    while (at < end) {
      if (this.#state === headersState) at = this.#headers(bytes, at, end, ts);
      else if (this.#bounded) at = this.#lines(bytes, at, end, ts);
      else {
        this.#content(bytes, at, end, ts);
        return;
      }
    }
  }

  /** Bytes are missing; a boundary may have been among them. */
  gap(length: number, ts: number): void {
    this.#ending = none;
    this.#lineLength = 0;
    this.#lineStart = false;
    if (this.#state === headersState) {
      this.#headerLength = 0;
      this.#lineFrom = 0;
      this.#state = passState;
      return;
    }
    const entity = this.#stack.at(-1);
    if (this.#state !== contentState || !entity) return;
    if (!entity.begun) this.#first(entity, ts);
    entity.file?.gap(length, ts);
  }

  /** The message is over, or, where not `complete`, cut off. */
  end(ts: number, complete: boolean): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#state === headersState) {
      this.#headerDone(ts);
      this.#stack.length = 0;
      return;
    }
    this.#flush(ts);
    this.#release(ts);
    while (this.#stack.length > 0) this.#close(ts, complete);
  }

  #open(): Entity | undefined {
    if (this.#entities >= entitiesMax || this.#stack.length >= depthMax) return undefined;
    const entity = new Entity(++this.#entities);
    this.#stack.push(entity);
    this.#state = headersState;
    this.#headerLength = 0;
    this.#lineFrom = 0;
    return entity;
  }

  #close(ts: number, complete: boolean): void {
    const entity = this.#stack.pop()!;
    entity.decoder?.finish(ts);
    entity.file?.end(ts, complete);
  }

  // ---- headers --------------------------------------------------------------------------------------------------

  #headers(bytes: Uint8Array, start: number, end: number, ts: number): number {
    let stop = lineFeed(bytes, start, end);
    const ended = stop >= 0;
    if (!ended) stop = end;
    this.#keep(bytes, start, stop);
    if (!ended) return end;
    this.#headerLine(ts);
    return stop + 1;
  }

  #keep(bytes: Uint8Array, start: number, end: number): void {
    // A new line always has room: the header that it may continue was cut at its ceiling.
    const length = Math.min(end - start, headerBytesMax + lineBytesMax - this.#headerLength);
    const need = this.#headerLength + length;
    if (need > this.#header.length) {
      const larger = new Uint8Array(Math.min(headerBytesMax + lineBytesMax, Math.max(256, need * 2)));
      larger.set(this.#header.subarray(0, this.#headerLength));
      this.#header = larger;
    }
    this.#header.set(bytes.subarray(start, start + length), this.#headerLength);
    this.#headerLength = need;
  }

  /** A line of the headers has come whole; it stands behind the one that it may continue. */
  #headerLine(ts: number): void {
    const header = this.#header;
    const from = this.#lineFrom;
    let end = this.#headerLength;
    while (end > from && header[end - 1] === 0x0d) end--;
    this.#headerLength = end;
    if (from > 0 && end > from && isBlank(header[from]!)) {
      this.#headerLength = Math.min(end, headerBytesMax);
      this.#lineFrom = this.#headerLength;
      return;
    }
    // What stood before is complete; the new line moves to the front.
    this.#headerLength = from;
    if (from > 0) this.#headerDone(ts);
    if (end === from) {
      this.#headerLength = 0;
      this.#lineFrom = 0;
      this.#begin(this.#stack.at(-1)!);
      return;
    }
    header.copyWithin(0, from, end);
    this.#headerLength = Math.min(end - from, headerBytesMax);
    this.#lineFrom = this.#headerLength;
    // A boundary in the midst of headers ends their entity all the same.
    if (header[0] === 0x2d && this.#bounded && this.#boundary(header, 0, this.#headerLength, ts)) return;
  }

  #headerDone(ts: number): void {
    const header = this.#header;
    const end = this.#headerLength;
    this.#headerLength = 0;
    this.#lineFrom = 0;
    const entity = this.#stack.at(-1);
    let colon = 0;
    while (colon < end && header[colon] !== 0x3a) colon++;
    if (!entity || colon === 0 || colon === end || ++entity.headers > headersMax) return;
    let nameEnd = colon;
    while (nameEnd > 0 && isBlank(header[nameEnd - 1]!)) nameEnd--;
    let at = colon + 1;
    while (at < end && isBlank(header[at]!)) at++;
    const name = textOf(header, 0, Math.min(nameEnd, 64)).toLowerCase();
    const value = textOf(header, at, end);
    switch (name) {
      case 'content-type':
        this.#contentType(entity, value);
        break;
      case 'content-transfer-encoding':
        entity.coding = value.trim().toLowerCase();
        break;
      case 'content-disposition':
        entity.name = fileNameOf(value, 'filename') ?? entity.name;
        break;
      case 'content-range':
        entity.range = value;
    }
    this.#host.header(entity.number, name, value, ts);
  }

  #contentType(entity: Entity, value: string): void {
    const type = /^\s*([^\s;/]{1,64})\/([^\s;]{1,64})/.exec(value);
    const main = type?.[1]!.toLowerCase();
    if (main === 'multipart') {
      const match = /;\s*boundary\s*=\s*(?:"([^"]{1,124})"|([^\s;"]{1,124}))/i.exec(value);
      const boundary = match?.[1] ?? match?.[2];
      if (boundary === undefined) return;
      entity.kind = multipart;
      entity.boundary = Uint8Array.from(Buffer.from(`--${boundary.trimEnd()}`, 'latin1').subarray(0, boundaryBytesMax - 4));
    } else if (main === 'message' && type![2]!.toLowerCase() === 'rfc822') entity.kind = message;
    else entity.name = fileNameOf(value, 'name') ?? entity.name;
  }

  /** The headers of the entity are over. */
  #begin(entity: Entity): void {
    this.#lineStart = true;
    if (this.#header.length > headerBytesKept) this.#header = none;
    if (entity.kind === multipart) {
      this.#bounded = true;
      this.#state = passState;
    } else if (entity.kind === message && (entity.coding === '' || /^(?:7bit|8bit|binary)$/.test(entity.coding))) {
      if (!this.#open()) this.#state = passState;
    } else {
      entity.kind = leaf;
      this.#state = contentState;
    }
  }

  // ---- content --------------------------------------------------------------------------------------------------

  /** Lines that may be boundaries. Returns where reading goes on. */
  #lines(bytes: Uint8Array, start: number, end: number, ts: number): number {
    let at = start;
    if (this.#ending === cr) {
      // A CR was last: with the LF that follows it is a line end, without it is content.
      if (bytes[at] === 0x0a) {
        this.#ending = crlf;
        this.#lineStart = true;
        if (++at === end) return at;
      } else this.#release(ts);
    }
    if (this.#lineStart) {
      if (this.#lineLength > 0 || bytes[at] === 0x2d) return this.#candidate(bytes, at, end, ts);
      this.#release(ts);
      this.#lineStart = false;
    }
    // On to the next line that begins with a dash, or to the end of the piece.
    let scan = at;
    for (;;) {
      const stop = lineFeed(bytes, scan, end);
      if (stop < 0) {
        const held = bytes[end - 1] === 0x0d ? 1 : 0;
        this.#content(bytes, at, end - held, ts);
        if (held === 1) this.#ending = cr;
        return end;
      }
      if (stop + 1 < end && bytes[stop + 1] !== 0x2d) {
        scan = stop + 1;
        continue;
      }
      const whole = stop > at && bytes[stop - 1] === 0x0d;
      this.#content(bytes, at, whole ? stop - 1 : stop, ts);
      this.#ending = whole ? crlf : lf;
      this.#lineStart = true;
      return stop + 1;
    }
  }

  /** A line that begins with a dash. */
  #candidate(bytes: Uint8Array, start: number, end: number, ts: number): number {
    let stop = lineFeed(bytes, start, end);
    const ended = stop >= 0;
    if (!ended) stop = end;
    const length = this.#lineLength + stop - start;
    if (length <= boundaryBytesMax) {
      if (this.#lineLength === 0 && ended) {
        if (this.#boundary(bytes, start, stop, ts)) return stop + 1;
        this.#release(ts);
        this.#lineStart = false;
        return start;
      }
      if (this.#line === none) this.#line = new Uint8Array(boundaryBytesMax);
      this.#line.set(bytes.subarray(start, stop), this.#lineLength);
      this.#lineLength = length;
      if (!ended) return end;
      this.#lineLength = 0;
      if (this.#boundary(this.#line, 0, length, ts)) return stop + 1;
      this.#lineLength = length;
    } else if (this.#lineLength === 0) {
      this.#release(ts);
      this.#lineStart = false;
      return start;
    } else stop = start;
    // No boundary: the line is content, its end is seen from the piece at hand.
    this.#flush(ts);
    this.#lineStart = false;
    return stop;
  }

  /** Gives out a line end that was held, and what came of a line that is no boundary. */
  #flush(ts: number): void {
    this.#release(ts);
    const length = this.#lineLength;
    if (length === 0) return;
    this.#lineLength = 0;
    const held = this.#line[length - 1] === 0x0d ? 1 : 0;
    this.#content(this.#line, 0, length - held, ts);
    if (held === 1) this.#ending = cr;
  }

  #release(ts: number): void {
    const ending = this.#ending;
    if (ending === none) return;
    this.#ending = none;
    this.#content(ending, 0, ending.length, ts);
  }

  /** Is the line one of the open boundaries? Then what stands above it on the stack is over. */
  #boundary(bytes: Uint8Array, start: number, stop: number, ts: number): boolean {
    let end = stop;
    while (end > start && (isBlank(bytes[end - 1]!) || bytes[end - 1] === 0x0d)) end--;
    const length = end - start;
    if (length < 3 || bytes[start + 1] !== 0x2d) return false;
    for (let level = this.#stack.length - 1; level >= 0; level--) {
      const { boundary } = this.#stack[level]!;
      if (boundary === undefined || (length !== boundary.length && length !== boundary.length + 2)) continue;
      const last = length !== boundary.length;
      if (last && (bytes[end - 1] !== 0x2d || bytes[end - 2] !== 0x2d)) continue;
      let same = 2;
      while (same < boundary.length && bytes[start + same] === boundary[same]) same++;
      if (same < boundary.length) continue;
      this.#ending = none;
      while (this.#stack.length > level + 1) this.#close(ts, true);
      this.#state = passState;
      this.#lineStart = true;
      this.#headerLength = 0;
      this.#lineFrom = 0;
      if (last) {
        this.#stack[level]!.boundary = undefined;
        this.#bounded = this.#stack.some((entity) => entity.boundary !== undefined);
      } else if (!this.#open()) this.#host.weird('exceeded_mime_max_depth', ts);
      return true;
    }
    return false;
  }

  #content(bytes: Uint8Array, start: number, end: number, ts: number): void {
    if (this.#state !== contentState || end <= start) return;
    const entity = this.#stack.at(-1)!;
    if (!entity.begun) this.#first(entity, ts);
    if (!entity.file) return;
    if (entity.decoder) entity.decoder.push(bytes, start, end, ts);
    else entity.file.data(bytes, start, end, ts);
  }

  #first(entity: Entity, ts: number): void {
    entity.begun = true;
    const file = this.#host.file(entity.number, entity.name, entity.range, ts);
    if (!file) return;
    entity.file = file;
    const target = file.data.bind(file);
    if (entity.coding === 'base64') entity.decoder = new Base64Decoder(target);
    else if (entity.coding === 'quoted-printable') entity.decoder = new QuotedPrintableDecoder(target);
  }
}

const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09;
