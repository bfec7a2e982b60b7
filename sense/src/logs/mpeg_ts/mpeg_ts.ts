/**
 * Files of MPEG transport streams: packets of 188 bytes one behind the other, of 192 with a time of arrival before each (M2TS), or of 204 with
 * sixteen bytes of error correction behind. They have no times but their own clock, so `ts` is in seconds from the beginning.
 */

import { Budget } from '../../protocols/mpeg_ts/budget.ts';
import { packetBytes, syncByte, TransportStream } from '../../protocols/mpeg_ts/stream.ts';
import type { LogEmit, LogFormat, LogReader } from '../format.ts';

/** Packets that must stand in a row for a file to be one, where it is that long: what TR 101 290 demands for synchronisation. */
const recognisedPackets = 5;

/** Length of a packet with what is around it, and where in it the sync byte stands. */
const layouts = [
  { length: 188, at: 0 },
  { length: 192, at: 4 },
  { length: 204, at: 0 },
] as const;
type Layout = (typeof layouts)[number];

function layoutOf(bytes: Uint8Array): Layout | undefined {
  return layouts.find(({ length, at }) => {
    const packets = Math.min(recognisedPackets, Math.floor(bytes.length / length));
    if (packets < 2) return false;
    for (let n = 0; n < packets; n++) if (bytes[n * length + at] !== syncByte) return false;
    return true;
  });
}

class TransportStreamFile implements LogReader {
  readonly #emit: LogEmit;
  readonly #stream: TransportStream;
  #layout: Layout | undefined;
  /** Less than two packets, or the beginning of the file until its layout is known. */
  #held: Uint8Array = new Uint8Array(0);
  #offset = 0;
  #over = false;

  constructor(emit: LogEmit) {
    this.#emit = emit;
    this.#stream = new TransportStream(
      { head: (ts) => ({ ts }), record: (log, record) => emit.record(log, record), isOrig: true, carriage: 'file' },
      new Budget(),
    );
  }

  data(piece: Uint8Array): void {
    if (this.#over) return;
    let bytes = piece;
    if (this.#held.length > 0) {
      bytes = new Uint8Array(this.#held.length + piece.length);
      bytes.set(this.#held);
      bytes.set(piece, this.#held.length);
    }
    if (!this.#layout) {
      if (bytes.length < recognisedPackets * 204) {
        this.#held = bytes.slice();
        return;
      }
      this.#begin(bytes);
      if (!this.#layout) return;
    }
    this.#read(bytes);
  }

  end(): void {
    if (this.#over) return;
    if (!this.#layout) {
      const bytes = this.#held;
      this.#begin(bytes);
      if (!this.#layout) return;
      this.#read(bytes);
    }
    const { length } = this.#layout;
    // Of the latest packets one may still be whole.
    if (this.#held.length >= length) this.#packet(this.#held, 0);
    if (this.#held.length % length !== 0) this.#emit.refused('cut', { offset: this.#offset });
    this.#stream.finish();
    this.#over = true;
  }

  #begin(bytes: Uint8Array): void {
    this.#layout = layoutOf(bytes);
    if (this.#layout) return;
    this.#emit.refused('malformed', { offset: 0 });
    this.#over = true;
  }

  #read(bytes: Uint8Array): void {
    const { length, at: sync } = this.#layout!;
    let at = 0;
    // One packet stays back: where synchronisation is lost, the next one tells where packets stand now.
    while (bytes.length - at >= 2 * length) {
      if (!this.#stream.inSync && (bytes[at + sync] !== syncByte || bytes[at + sync + length] !== syncByte)) {
        at++;
        continue;
      }
      this.#packet(bytes, at);
      at += length;
    }
    this.#offset += at;
    this.#held = bytes.slice(at);
  }

  #packet(bytes: Uint8Array, at: number): void {
    const start = at + this.#layout!.at;
    this.#stream.packets(bytes, start, start + packetBytes, 0);
  }
}

export const mpegTs: LogFormat = {
  name: 'mpeg_ts',
  logs: ['mpeg_ts', 'mpeg_ts_fault'],
  file: { recognise: (start) => layoutOf(start) !== undefined, open: (emit) => new TransportStreamFile(emit) },
};
