/**
 * Datagrams in pieces (RFC 791, RFC 8200 §4.5), put together within ceilings. What came first stays: a later piece
 * fills only what is missing, and the difference is an oddity, because overlaps serve evasion (RFC 5722, RFC 1858).
 */

import type { Limits } from '../limits.ts';

type Piece = { from: number; bytes: Uint8Array };

type Waiting = {
  key: string;
  since: number;
  packets: number;
  ipBytes: number;
  held: number;
  /** Length of the payload, known once the last piece is there. */
  length: number;
  pieces: Piece[];
  protocol: number;
  /** The packets that it came in so far, where that is asked for. */
  from: number[];
};

/** A datagram that is whole again. */
export type Datagram = {
  payload: Uint8Array;
  protocol: number;
  /** Packets of the file that it came in, and the IP lengths of all pieces summed. */
  packets: number;
  ipBytes: number;
  /** The ordinals of the packets before the one that completed it, where ordinals were given. */
  earlier: readonly number[];
};

/** Oddities of pieces, Zeek's names. */
export type FragmentOddity =
  | 'fragment_overlap'
  | 'fragment_inconsistency'
  | 'fragment_size_inconsistency'
  | 'excessively_large_fragment'
  | 'excessively_small_fragment';

export class Fragments {
  readonly #limits: Limits;
  readonly #oddity: (name: FragmentOddity, ts: number) => void;
  /** Called with the number of packets of a datagram that never became whole. */
  readonly #lost: (packets: number) => void;
  readonly #waiting = new Map<string, Waiting>();
  #bytes = 0;

  constructor(limits: Limits, oddity: (name: FragmentOddity, ts: number) => void, lost: (packets: number) => void) {
    this.#limits = limits;
    this.#oddity = oddity;
    this.#lost = lost;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes one piece; `from` is its offset in the payload, `more` whether others follow. Answers the datagram when the
   * piece completes it. `counts` is 1 for a packet of the file and 0 for one that came in a tunnel, whose carrier is
   * counted already. `ordinal` is the packet's, where somebody wants to know which packets a datagram came in.
   */
  add(
    key: string,
    bytes: Uint8Array,
    start: number,
    end: number,
    from: number,
    more: boolean,
    protocol: number,
    ipBytes: number,
    counts: 0 | 1,
    ts: number,
    ordinal?: number,
  ): Datagram | undefined {
    this.#expire(ts);
    let one = this.#waiting.get(key);
    if (!one) {
      while (this.#waiting.size >= this.#limits.fragmentDatagramsMax) this.#dropOldest();
      one = { key, since: ts, packets: 0, ipBytes: 0, held: 0, length: -1, pieces: [], protocol, from: [] };
      this.#waiting.set(key, one);
    }
    one.packets += counts;
    one.ipBytes += ipBytes;
    const to = from + end - start;
    if (to > 65_535) {
      this.#oddity('excessively_large_fragment', ts);
      return undefined;
    }
    if (more && end - start < 64) this.#oddity('excessively_small_fragment', ts);
    if (!more) {
      if (one.length >= 0 && one.length !== to) this.#oddity('fragment_size_inconsistency', ts);
      else one.length = to;
    } else if (one.length >= 0 && to > one.length) this.#oddity('fragment_size_inconsistency', ts);
    if (from === 0) one.protocol = protocol;
    if (end > start) this.#insert(one, bytes, start, from, to, ts);
    const whole = this.#complete(one);
    if (whole) {
      this.#forget(one);
      return { payload: whole, protocol: one.protocol, packets: one.packets, ipBytes: one.ipBytes, earlier: one.from };
    }
    // As many as pieces may be held; what repeats them is not worth more room.
    if (ordinal !== undefined && one.from.length < this.#limits.fragmentPiecesMax) one.from.push(ordinal);
    while (this.#bytes > this.#limits.fragmentBytesMax) this.#dropOldest();
    return undefined;
  }

  /** No more packets: whatever waits is lost. */
  end(): void {
    while (this.#waiting.size > 0) this.#dropOldest();
  }

  #insert(one: Waiting, bytes: Uint8Array, start: number, from: number, to: number, ts: number): void {
    const { pieces } = one;
    let at = from;
    let i = 0;
    while (i < pieces.length && pieces[i]!.from + pieces[i]!.bytes.length <= at) i++;
    let overlap = false;
    let differs = false;
    while (at < to) {
      const held = pieces[i];
      if (held === undefined || held.from >= to) {
        this.#hold(one, i, at, bytes.slice(start + at - from, start + to - from));
        break;
      }
      if (held.from > at) {
        this.#hold(one, i, at, bytes.slice(start + at - from, start + held.from - from));
        at = held.from;
        i++;
        continue;
      }
      overlap = true;
      const stop = Math.min(held.from + held.bytes.length, to);
      for (let n = at; n < stop && !differs; n++) differs = bytes[start + n - from] !== held.bytes[n - held.from];
      at = stop;
      i++;
    }
    if (differs) this.#oddity('fragment_inconsistency', ts);
    else if (overlap) this.#oddity('fragment_overlap', ts);
  }

  #hold(one: Waiting, at: number, from: number, bytes: Uint8Array): void {
    if (one.pieces.length >= this.#limits.fragmentPiecesMax) return;
    one.pieces.splice(at, 0, { from, bytes });
    one.held += bytes.length;
    this.#bytes += bytes.length;
  }

  #complete(one: Waiting): Uint8Array | undefined {
    if (one.length < 0 || one.held < one.length) return undefined;
    let at = 0;
    for (const piece of one.pieces) {
      if (piece.from > at) return undefined;
      at = piece.from + piece.bytes.length;
      if (at >= one.length) break;
    }
    if (at < one.length) return undefined;
    const whole = new Uint8Array(one.length);
    for (const piece of one.pieces) {
      if (piece.from >= one.length) break;
      whole.set(piece.bytes.subarray(0, one.length - piece.from), piece.from);
    }
    return whole;
  }

  #expire(ts: number): void {
    for (const one of this.#waiting.values()) {
      if (one.since + this.#limits.fragmentSecondsMax > ts) return;
      this.#forget(one);
      this.#lost(one.packets);
    }
  }

  #dropOldest(): void {
    for (const one of this.#waiting.values()) {
      this.#forget(one);
      this.#lost(one.packets);
      return;
    }
  }

  #forget(one: Waiting): void {
    this.#waiting.delete(one.key);
    this.#bytes -= one.held;
  }
}
