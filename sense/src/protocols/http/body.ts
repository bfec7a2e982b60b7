/**
 * Counts a body and looks at its first bytes. Keeps at most `sniffBytes` of it, and only until its type is known.
 *
 * The length of a gzip body is that of the content, as in Zeek: the last four bytes of the format say it, so nothing
 * needs to be unpacked (RFC 1952 §2.3.1). A body that was not seen to its end, or whose trailer promises more than
 * gzip can do, counts as it was sent.
 */

import { inflateHead } from './inflate.ts';
import { mediaType, sniffBytes } from '../../files/media.ts';

/** Deflate makes at most 1,032 bytes of one (258 bytes for two bits); zlib documents 1030:1 as its limit. */
const expansionMax = 1_032;

const unpacked = new Uint8Array(sniffBytes);

export class BodyMeter {
  /** Bytes of the body without its transfer coding. */
  private sent = 0;
  private type: string | undefined = undefined;
  private known = false;
  private head: Uint8Array | undefined = undefined;
  private headLength = 0;
  private compressed = false;
  private gzip = false;
  private whole = true;
  private trailer = 0;

  /** Begins a body; `encoding` is its content coding, lower case. A body of several parts has no type of its own. */
  open(encoding: string, parts: boolean): void {
    this.sent = 0;
    this.type = undefined;
    this.known = parts;
    this.headLength = 0;
    this.gzip = encoding === 'gzip' || encoding === 'x-gzip';
    this.compressed = this.gzip || encoding === 'deflate';
    this.whole = true;
  }

  /** The next bytes of the body; `last` when its end is known to be here. */
  add(bytes: Uint8Array, start: number, end: number, last: boolean): void {
    if (end <= start) return;
    this.sent += end - start;
    if (!this.known) this.sniff(bytes, start, end, last);
    if (!this.gzip) return;
    for (let i = Math.max(start, end - 4); i < end; i++) this.trailer = (this.trailer >>> 8) | (bytes[i]! << 24);
  }

  /** Bytes that are missing from the capture but belong to the body. */
  skip(length: number): void {
    this.sent += length;
    this.whole = false;
    if (!this.known) this.decide();
  }

  /** Ends the body, `complete` when its end was seen; returns its type, if its first bytes told one. */
  close(complete: boolean): string | undefined {
    if (!this.known) this.decide();
    if (!complete) this.whole = false;
    return this.type;
  }

  /** Bytes of content; see above for compressed bodies. */
  get length(): number {
    if (!this.gzip || !this.whole || this.sent < 18) return this.sent;
    const content = this.trailer >>> 0;
    return content <= this.sent * expansionMax ? content : this.sent;
  }

  private sniff(bytes: Uint8Array, start: number, end: number, last: boolean): void {
    if (this.headLength === 0 && (last || end - start >= sniffBytes)) {
      this.look(bytes, start, Math.min(end, start + sniffBytes));
      return;
    }
    const length = Math.min(end - start, sniffBytes - this.headLength);
    this.head ??= new Uint8Array(sniffBytes);
    this.head.set(bytes.subarray(start, start + length), this.headLength);
    this.headLength += length;
    if (this.headLength === sniffBytes) this.decide();
  }

  private decide(): void {
    if (this.headLength > 0) this.look(this.head!, 0, this.headLength);
    this.known = true;
  }

  private look(bytes: Uint8Array, start: number, end: number): void {
    this.known = true;
    if (!this.compressed) {
      this.type = mediaType(bytes, start, end);
      return;
    }
    const length = inflateHead(bytes, start, end, unpacked);
    this.type = mediaType(unpacked, 0, length);
  }
}
