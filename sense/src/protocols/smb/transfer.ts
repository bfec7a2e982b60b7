/**
 * Contents of files in the order in which they lie in the file. Clients ask for many pieces at once, and servers answer as they come
 * by them: a piece that comes too early waits until those before it have come, within bounds.
 *
 *     asked      0 ──── 64 K ──── 128 K ──── 192 K
 *     answered   0, 128 K (waits), 64 K, (128 K goes on), 192 K
 */

import type { Seconds } from '@forewarn/base/time';
import type { FileStream } from '../../files/files.ts';

/** Bytes that wait of one file; eight reads of the largest size that Windows uses by itself, 1 MB. */
export const aheadBytesMax = 8_388_608;

/** Pieces that wait of one file: Windows keeps at most 64 requests for one under way. */
export const aheadPiecesMax = 64;

/** Bytes that wait of all files together. */
export const aheadBytesTotalMax = 67_108_864;

/** What waits now, of all flows that this thread reads. It is given back when a file ends, whichever way. */
let waitingBytes = 0;

/** A piece that came too early. */
type Piece = { offset: number; bytes: Uint8Array; filled: number };

/** The bytes of one file that pass in one direction. */
export class Transfer {
  readonly stream: FileStream;
  /** Place in the file behind what was handed on. */
  next = 0;
  private readonly ahead: Piece[] = [];
  private aheadBytes = 0;

  /** Place in the file behind all that was seen, what waits included. */
  get reached(): number {
    const last = this.ahead.at(-1);
    return last ? Math.max(this.next, last.offset + last.filled) : this.next;
  }

  constructor(stream: FileStream) {
    this.stream = stream;
  }

  /** Makes room for a piece that came too early; `undefined` where there is none. */
  hold(offset: number, count: number): Piece | undefined {
    if (
      this.ahead.length >= aheadPiecesMax ||
      this.aheadBytes + count > aheadBytesMax ||
      waitingBytes + count > aheadBytesTotalMax
    ) {
      return undefined;
    }
    const piece: Piece = { offset, bytes: new Uint8Array(count), filled: 0 };
    let place = this.ahead.length;
    while (place > 0 && this.ahead[place - 1]!.offset > offset) place--;
    this.ahead.splice(place, 0, piece);
    this.aheadBytes += count;
    waitingBytes += count;
    return piece;
  }

  /** Forgets a piece of which bytes are missing. */
  drop(piece: Piece): void {
    const place = this.ahead.indexOf(piece);
    if (place >= 0) this.release(place);
  }

  data(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.stream.data(bytes, start, end, ts);
    this.next += end - start;
    if (this.ahead.length > 0) this.drain(ts);
  }

  missing(length: number, ts: Seconds): void {
    this.stream.gap(length, ts);
    this.next += length;
    this.drain(ts);
  }

  /** Hands on all that waits before `offset`, with holes, and leaves a hole up to there. */
  advance(offset: number, ts: Seconds): void {
    while (this.ahead.length > 0 && this.ahead[0]!.offset < offset) this.pass(ts);
    if (offset > this.next) this.missing(offset - this.next, ts);
  }

  /** Hands on what waits and has come to its turn. */
  drain(ts: Seconds): void {
    while (this.ahead.length > 0) {
      const [piece] = this.ahead;
      if (piece!.offset > this.next || piece!.filled < piece!.bytes.length) return;
      this.pass(ts);
    }
  }

  end(ts: Seconds, complete: boolean): void {
    while (this.ahead.length > 0) this.pass(ts);
    this.stream.end(ts, complete);
  }

  /** Hands on the first piece that waits. */
  private pass(ts: Seconds): void {
    const { offset, bytes, filled } = this.ahead[0]!;
    this.release(0);
    if (offset > this.next) {
      this.stream.gap(offset - this.next, ts);
      this.next = offset;
    }
    const known = this.next - offset;
    if (known >= filled) return;
    this.stream.data(bytes, known, filled, ts);
    this.next = offset + filled;
  }

  private release(place: number): void {
    const [piece] = this.ahead.splice(place, 1);
    this.aheadBytes -= piece!.bytes.length;
    waitingBytes -= piece!.bytes.length;
  }
}

/** Contents of a file that one message carries, which may go on behind what is shown of it. */
export class Bulk {
  private transfer: Transfer | undefined;
  /** Where they are kept while they wait. */
  private piece: Piece | undefined;
  private left = 0;
  /** How many of the next bytes were seen before. */
  private seen = 0;

  /** `count` bytes of the file lie at `place`; the first of them are `bytes[start, end)`. */
  begin(transfer: Transfer, place: number, count: number, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.end();
    this.transfer = transfer;
    this.left = count;
    if (place > transfer.next) {
      this.piece = transfer.hold(place, count);
      if (!this.piece) transfer.advance(place, ts);
    }
    this.seen = this.piece ? 0 : Math.min(count, Math.max(0, transfer.next - place));
    this.data(bytes, start, end, ts);
  }

  data(bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const { transfer, piece } = this;
    if (!transfer) return;
    const stop = Math.min(end, start + this.left);
    this.left -= stop - start;
    if (piece) {
      piece.bytes.set(bytes.subarray(start, stop), piece.filled);
      piece.filled += stop - start;
      if (this.left === 0) transfer.drain(ts);
    } else {
      const known = Math.min(this.seen, stop - start);
      this.seen -= known;
      if (stop > start + known) transfer.data(bytes, start + known, stop, ts);
    }
    if (this.left === 0) this.done();
  }

  missing(length: number, ts: Seconds): void {
    const { transfer } = this;
    if (!transfer) return;
    if (this.piece) {
      // The rest of the piece would lie at a wrong place; all of it becomes a hole.
      this.end();
      return;
    }
    const count = Math.min(length, this.left);
    this.left -= count;
    const known = Math.min(this.seen, count);
    this.seen -= known;
    if (count > known) transfer.missing(count - known, ts);
    if (this.left === 0) this.done();
  }

  /** The message is over, or was lost. */
  end(): void {
    if (this.piece && this.left > 0) this.transfer?.drop(this.piece);
    this.done();
  }

  private done(): void {
    this.transfer = undefined;
    this.piece = undefined;
    this.left = 0;
  }
}
