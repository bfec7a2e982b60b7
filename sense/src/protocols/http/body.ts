/**
 * A body as it passes: its transfer coding is already undone, its content coding is undone here, its parts are told
 * apart, and what comes out becomes files. Nothing is kept but the window of a compressed one.
 *
 *     bytes ─▶ gzip, deflate ─▶ parts (multipart/…) ─▶ files
 */

import type { FileStream } from '../../files/files.ts';
import { type MimeHost, MimeReader } from '../../files/mime.ts';
import type { DnsExchange } from './dns.ts';
import { type ContentTarget, Inflater } from './inflate.ts';

/** Zeek's `HTTP::max_files_orig` and `max_files_resp`: files of one message that its record names. */
export const namedFilesMax = 15;

/** Compressed bodies that are unpacked at a time; each has a window of 64 KiB. The oldest makes room. */
export const inflatersMax = 1_024;

/** Where a range lies in its file (RFC 9110 §14.4). */
export type ContentRange = { start: number; total: number | undefined };

/** What a body needs of the parser that reads its message. */
export type BodyHost = {
  /** A file begins in the body. `whole` when it is all of the body as it was sent, so that its stated length is that of the file. */
  file(body: Body, name: string | undefined, range: string | undefined, whole: boolean, ts: number): FileStream;
  weird(name: string, ts: number): void;
};

export class Body implements ContentTarget, MimeHost {
  /** Bytes of content. */
  length = 0;
  readonly #host: BodyHost;
  #inflater: Inflater | undefined;
  #parts: MimeReader | undefined;
  #file: FileStream | undefined;
  #name: string | undefined;
  #compressed = false;
  #bare = false;
  #files: FileStream[] = [];
  #names: string[] = [];
  #ts = 0;
  /** Who reads the body as a message of DNS, beside the file that it is. */
  #dns: DnsExchange | undefined;
  #dnsFrom: 0 | 1 = 0;
  /** What somebody wrote to somebody: only its length is told, since a hash would tell whether two have written the same. */
  #unread = false;
  /** A gap, or a coding that could not be undone: the rest is only counted. */
  #lost = false;

  constructor(host: BodyHost) {
    this.#host = host;
  }

  /** Begins a body; `coding` is its content coding in lower case, `contentType` that of a body of several parts. */
  open(coding: string, contentType: string | undefined, name: string | undefined): void {
    this.length = 0;
    this.#file = undefined;
    this.#name = name;
    this.#lost = false;
    this.#dns = undefined;
    this.#unread = false;
    if (this.#files.length > 0) {
      this.#files = [];
      this.#names = [];
    }
    this.#parts = contentType === undefined ? undefined : new MimeReader(this, contentType);
    this.#bare = coding === 'deflate';
    this.#compressed = this.#bare || coding === 'gzip' || coding === 'x-gzip';
  }

  /** The body that was just opened becomes no file. */
  leaveUnread(): void {
    this.#unread = true;
  }

  /** The body that was just opened is a message of DNS. */
  carriesDns(exchange: DnsExchange, direction: 0 | 1): void {
    this.#dns = exchange;
    this.#dnsFrom = direction;
  }

  /** The next bytes of the body. */
  add(bytes: Uint8Array, start: number, end: number, ts: number): void {
    if (end <= start) return;
    this.#ts = ts;
    if (!this.#compressed) {
      this.content(bytes, start, end);
      return;
    }
    if (this.#lost) return;
    const inflater = (this.#inflater ??= borrow(this, this.#bare));
    inflater.push(bytes, start, end, this);
    if (!inflater.broken) return;
    if (inflater.exceeded) this.#host.weird('HTTP_excessive_inflation', ts);
    else this.#host.weird('inflate_failed', ts);
    this.lose();
  }

  /** The coding cannot be undone any further. */
  lose(): void {
    this.#lost = true;
    this.#giveBack();
    this.#file?.gap(0, this.#ts);
    this.#parts?.gap(0, this.#ts);
  }

  /** Bytes that are missing from the capture but belong to the body. */
  skip(length: number, ts: number): void {
    this.#ts = ts;
    this.length += length;
    this.#dns = undefined;
    if (this.#compressed) {
      if (!this.#lost) this.lose();
      return;
    }
    if (this.#unread) return;
    if (this.#parts) this.#parts.gap(length, ts);
    else (this.#file ??= this.#begin(ts)).gap(length, ts);
  }

  /** Ends the body, `complete` when its end was seen. */
  close(ts: number, complete: boolean): void {
    const whole = complete && !this.#lost && (!this.#compressed || this.#inflater === undefined || this.#inflater.done);
    this.#giveBack();
    this.#dns?.end(this.#dnsFrom, whole, ts);
    this.#dns = undefined;
    this.#parts?.end(ts, whole);
    this.#file?.end(ts, whole);
    this.#parts = undefined;
    this.#file = undefined;
  }

  /** Names of the files, as the record of the message lists them. */
  get fuids(): string[] | undefined {
    return this.#files.length === 0 ? undefined : this.#files.map(({ id }) => id);
  }

  get names(): string[] | undefined {
    return this.#names.length === 0 ? undefined : this.#names;
  }

  get types(): string[] | undefined {
    if (this.#files.length === 0) return undefined;
    const types = this.#files.map(({ mediaType }) => mediaType).filter((type) => type !== undefined);
    return types.length === 0 ? undefined : types;
  }

  /** Content comes out of its coding. */
  content(bytes: Uint8Array, start: number, end: number): void {
    this.length += end - start;
    if (this.#unread) return;
    this.#dns?.add(bytes, start, end);
    if (this.#parts) this.#parts.data(bytes, start, end, this.#ts);
    else (this.#file ??= this.#begin(this.#ts)).data(bytes, start, end, this.#ts);
  }

  // What the reader of parts tells.

  header(): void {}

  file(_entity: number, name: string | undefined, range: string | undefined, ts: number): FileStream {
    return this.#list(this.#host.file(this, name, range, false, ts), name);
  }

  weird(name: string, ts: number): void {
    this.#host.weird(name, ts);
  }

  #begin(ts: number): FileStream {
    return this.#list(this.#host.file(this, this.#name, undefined, !this.#compressed, ts), this.#name);
  }

  #list(file: FileStream, name: string | undefined): FileStream {
    if (this.#files.length < namedFilesMax && !this.#files.includes(file)) this.#files.push(file);
    if (name !== undefined && this.#names.length < namedFilesMax) this.#names.push(name);
    return file;
  }

  #giveBack(): void {
    if (!this.#inflater) return;
    giveBack(this, this.#inflater);
    this.#inflater = undefined;
  }
}

/** Inflaters in use, in the order in which they were lent, and those that wait for the next body. */
const lent = new Map<Inflater, Body>();
const idle: Inflater[] = [];

function borrow(body: Body, bare: boolean): Inflater {
  let inflater = idle.pop();
  if (!inflater && lent.size >= inflatersMax) {
    // Whoever holds one the longest is the likeliest to have stopped sending.
    const [[oldest, holder]] = lent as unknown as [[Inflater, Body]];
    holder.lose();
    inflater = idle.pop() ?? oldest;
  }
  inflater ??= new Inflater();
  inflater.reset(bare);
  lent.set(inflater, body);
  return inflater;
}

function giveBack(body: Body, inflater: Inflater): void {
  if (lent.get(inflater) !== body) return;
  lent.delete(inflater);
  idle.push(inflater);
}
