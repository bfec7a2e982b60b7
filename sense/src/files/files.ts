/**
 * Files that flows carry: counted, typed by their first bytes and hashed as they pass, and never kept. One `files` record is
 * written for each, with Zeek's names (base/frameworks/files).
 */

import { createHash, hash, type Hash } from 'node:crypto';
import type { AnyRecord } from '@forewarn/model/records/record';
import { uidOf } from '../flow/uid.ts';
import type { Limits } from '../limits.ts';
import type { FlowFacts } from '../protocols/follow.ts';
import { type ContentReader, Contents } from './contents/contents.ts';
import { mediaType, sniffBytes } from './media.ts';

/** Where a file comes from. */
export type FileOrigin = {
  /** Zeek's name of the protocol: `HTTP`, `SMTP`, `FTP_DATA`, `SMB`, `SSL`. */
  source: string;
  /** 0: sent by the originator of the flow. */
  direction: 0 | 1;
  ts: number;
  name?: string;
  /** Bytes that the sender stated. */
  totalBytes?: number;
  /** Bytes of it that came before, or never will: a range of a larger file begins here. Such a file has no type and no hashes. */
  offset?: number;
  /** How deep it lies in its carrier: 0, or the number of the part of a message. */
  depth?: number;
  /** The file that it was unpacked from. */
  parent?: string;
  /** What was asked for, where one asks for files by name of host and place (HTTP): such files may be read by what they are. */
  asked?: { readonly host?: string | undefined; readonly uri?: string | undefined };
};

/** A file that is passing. `bytes[start, end)` is valid only during the call. */
export type FileStream = {
  /** Zeek's `fuid`. */
  readonly id: string;
  /** Type by content, as far as its first bytes tell by now; certain from the 512th byte on, or after `end`. */
  readonly mediaType: string | undefined;
  /** The next bytes in order. */
  data(bytes: Uint8Array, start: number, end: number, ts: number): void;
  /** This many bytes are missing and will not come. */
  gap(length: number, ts: number): void;
  /** The file is over, wholly or cut off (`complete` false): writes its record. A second call does nothing. */
  end(ts: number, complete?: boolean): void;
};

/** The hashes that a file may get, and all that it gets unless a sensor chooses fewer. */
export const fileHashes = ['md5', 'sha1', 'sha256'] as const;
export type FileHash = (typeof fileHashes)[number];

/** A file of which nothing came for so long is given up (Zeek's `default_timeout_interval`). */
const timeoutSeconds = 120;

/** Held before hashing: most files are smaller and are hashed in one call, without a hash object. */
const blockBytes = 16_384;

/** Blocks kept for the next file; more at a time are rare, and fall to the garbage collector. */
const spareBlocksMax = 64;

export class Files {
  readonly #limits: Limits;
  readonly #seed: number;
  readonly #record: (log: string, record: AnyRecord) => void;
  readonly #hashes: readonly FileHash[];
  readonly #spare: Uint8Array[] = [];
  readonly #contents: Contents;
  #open = 0;

  constructor(
    limits: Limits,
    seed: number,
    record: (log: string, record: AnyRecord) => void,
    hashes: readonly FileHash[] = fileHashes,
  ) {
    this.#limits = limits;
    this.#seed = seed ^ 0x46494c45;
    this.#record = record;
    this.#contents = new Contents(record);
    this.#hashes = fileHashes.filter((each) => hashes.includes(each));
  }

  /** Files that are passing now. */
  get open(): number {
    return this.#open;
  }

  /** The `index`th file of the flow with this number, which give the file its name. */
  begin(facts: FlowFacts, origin: FileOrigin, flow: number, index: number): FileStream {
    // Beyond the ceiling a file is only counted: neither hashes nor its first bytes are held.
    const hashes = this.#open < this.#limits.openFilesMax ? this.#hashes : undefined;
    this.#open++;
    const id = `F${uidOf(this.#seed ^ Math.imul(index, 0x9e3779b1), flow).slice(1)}`;
    const write = (record: AnyRecord): void => {
      this.#open--;
      this.#record('files', record);
    };
    return new PassingFile(id, facts, origin, hashes, this.#spare, this.#contents, write);
  }
}

class PassingFile implements FileStream {
  readonly id: string;
  readonly #facts: FlowFacts;
  readonly #origin: FileOrigin;
  readonly #spare: Uint8Array[];
  readonly #contents: Contents;
  readonly #write: (record: AnyRecord) => void;
  readonly #algorithms: readonly FileHash[];
  #type: string | undefined;
  #typed = false;
  #block: Uint8Array | undefined;
  #content: ContentReader | undefined;
  #filled = 0;
  #hashes: Hash[] | undefined;
  #whole: boolean;
  #seen = 0;
  #missing = 0;
  #last: number;
  #ended = false;

  constructor(
    id: string,
    facts: FlowFacts,
    origin: FileOrigin,
    algorithms: readonly FileHash[] | undefined,
    spare: Uint8Array[],
    contents: Contents,
    write: (record: AnyRecord) => void,
  ) {
    this.id = id;
    this.#facts = facts;
    this.#origin = origin;
    this.#algorithms = algorithms ?? [];
    this.#whole = this.#algorithms.length > 0;
    this.#spare = spare;
    this.#contents = contents;
    this.#write = write;
    this.#last = origin.ts;
    if (!algorithms) this.#typed = true;
    if ((origin.offset ?? 0) > 0) {
      this.#missing = origin.offset!;
      this.#whole = false;
      this.#typed = true;
    }
  }

  get mediaType(): string | undefined {
    return this.#typed || !this.#block ? this.#type : mediaType(this.#block, 0, Math.min(this.#filled, sniffBytes));
  }

  data(bytes: Uint8Array, start: number, end: number, ts: number): void {
    if (this.#ended || end <= start) return;
    this.#last = ts;
    this.#seen += end - start;
    if (!this.#whole && this.#typed) {
      this.#content?.data(bytes, start, end);
      return;
    }
    for (let at = start; at < end;) {
      const block = (this.#block ??= this.#spare.pop() ?? new Uint8Array(blockBytes));
      const length = Math.min(end - at, blockBytes - this.#filled);
      block.set(bytes.subarray(at, at + length), this.#filled);
      this.#filled += length;
      this.#content?.data(bytes, at, at + length);
      at += length;
      if (!this.#typed && this.#filled >= sniffBytes) {
        this.#sniff();
        // Nobody wants hashes of it: the rest is only counted.
        if (!this.#whole) {
          this.#giveBack();
          this.#filled = 0;
          if (at < end) this.#content?.data(bytes, at, end);
          return;
        }
      }
      if (this.#filled === blockBytes) this.#flush();
    }
  }

  gap(length: number, ts: number): void {
    if (this.#ended) return;
    this.#last = ts;
    this.#missing += length;
    this.#whole = false;
    this.#sniff();
    this.#content?.gap();
    this.#flush();
  }

  end(ts: number, complete = true): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#sniff();
    const origin = this.#origin;
    const facts = this.#facts;
    const whole = this.#whole && complete;
    const record: { [name: string]: AnyRecord[string] } = {
      ts: origin.ts,
      fuid: this.id,
      uid: facts.uid,
      'id.orig_h': facts.originator,
      'id.orig_p': facts.originatorPort,
      'id.resp_h': facts.responder,
      'id.resp_p': facts.responderPort,
      source: origin.source,
      depth: origin.depth ?? 0,
      duration: Math.max(0, this.#last - origin.ts),
      is_orig: origin.direction === 0,
      seen_bytes: this.#seen,
      missing_bytes: this.#missing,
      timedout: !complete && (origin.offset !== undefined || ts - this.#last >= timeoutSeconds),
    };
    if (this.#type !== undefined) record['mime_type'] = this.#type;
    if (origin.name !== undefined) record['filename'] = origin.name;
    if (origin.totalBytes !== undefined) record['total_bytes'] = origin.totalBytes;
    if (origin.parent !== undefined) record['parent_fuid'] = origin.parent;
    if (whole && this.#seen > 0) {
      const rest = this.#block?.subarray(0, this.#filled) ?? new Uint8Array(0);
      for (const [i, algorithm] of this.#algorithms.entries()) {
        record[algorithm] = this.#hashes ? this.#hashes[i]!.update(rest).digest('hex') : hash(algorithm, rest, 'hex');
      }
    }
    this.#giveBack();
    this.#hashes = undefined;
    this.#content?.end(ts, complete && this.#missing === 0);
    this.#content = undefined;
    this.#write(record);
  }

  #sniff(): void {
    if (this.#typed) return;
    this.#type = this.mediaType;
    this.#typed = true;
    const { asked } = this.#origin;
    if (!asked || !this.#block || this.#filled === 0) return;
    const { ts } = this.#origin;
    const { uid, originator, originatorPort, responder, responderPort } = this.#facts;
    const head = {
      ts,
      uid,
      'id.orig_h': originator,
      'id.orig_p': originatorPort,
      'id.resp_h': responder,
      'id.resp_p': responderPort,
    };
    const place = { head, fuid: this.id, ts, ends: `${originator} ${responder}`, host: asked.host, uri: asked.uri };
    this.#content = this.#contents.reader(place, this.#block, 0, this.#filled);
    this.#content?.data(this.#block, 0, this.#filled);
  }

  #flush(): void {
    if (!this.#block || this.#filled === 0) return;
    if (this.#whole) {
      this.#hashes ??= this.#algorithms.map((algorithm) => createHash(algorithm));
      const block = this.#block.subarray(0, this.#filled);
      for (const each of this.#hashes) each.update(block);
    } else this.#giveBack();
    this.#filled = 0;
  }

  #giveBack(): void {
    if (this.#block && this.#spare.length < spareBlocksMax) this.#spare.push(this.#block);
    this.#block = undefined;
  }
}
