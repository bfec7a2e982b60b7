/** The open readers of frames that are not IP: which takes which, and what they may write. */

import type { AnyRecord } from '@forewarn/model/records/record';
import type { Limits } from '../limits.ts';
import type { OddityLog } from '../oddity-log.ts';
import type { Packet } from '../packet.ts';
import type { FrameEmit, FrameProtocol, FrameReader } from './frame.ts';

export type FrameTarget = {
  readonly limits: Limits;
  readonly oddities: OddityLog;
  record(log: string, record: AnyRecord): void;
  /** A reader threw: our fault, counted and survived. */
  fault(name: string, error: unknown): void;
};

/** Records of one second and reader. */
class Budget implements FrameEmit {
  readonly limits: Limits;
  readonly #source: string;
  readonly #target: FrameTarget;
  #second = Number.NaN;
  #written = 0;

  constructor(source: string, target: FrameTarget) {
    this.limits = target.limits;
    this.#source = source;
    this.#target = target;
  }

  record(log: string, record: AnyRecord): void {
    const ts = Number(record['ts']);
    const second = Math.floor(ts);
    if (second !== this.#second) {
      this.#second = second;
      this.#written = 0;
    }
    const most = this.limits.frameRecordsPerSecondMax;
    if (++this.#written <= most) this.#target.record(log, record);
    else if (this.#written === most + 1) this.weird('frame_flood', ts, log);
  }

  weird(name: string, ts: number, addl?: string): void {
    this.#target.oddities.note(name, ts, addl, this.#source);
  }
}

export class FrameReaders {
  readonly #target: FrameTarget;
  readonly #byName: ReadonlyMap<string, FrameReader>;
  /** Readers that have seen a frame: the others have nothing to do when time passes. */
  readonly #busy = new Map<string, FrameReader>();
  #advanced = Number.NEGATIVE_INFINITY;

  constructor(list: readonly FrameProtocol[], target: FrameTarget) {
    this.#target = target;
    this.#byName = new Map(list.map((one) => [one.name, one.open(new Budget(one.source, target))]));
  }

  /** A frame whose EtherType has the name `packet.word`. */
  frame(packet: Packet, ethernet: number): void {
    const name = packet.word;
    const reader = this.#byName.get(name);
    if (!reader) return;
    if (!this.#busy.has(name)) this.#busy.set(name, reader);
    this.#advance(packet.ts);
    try {
      reader.frame(packet, ethernet);
    } catch (error) {
      this.#target.fault(name, error);
    }
  }

  /** Time has come to `ts` without a frame. */
  advance(ts: number): void {
    if (this.#busy.size > 0) this.#advance(ts);
  }

  end(ts: number): void {
    for (const [name, reader] of this.#busy) this.#try(name, () => reader.end?.(ts));
    this.#busy.clear();
  }

  #advance(ts: number): void {
    if (!(ts >= this.#advanced + 1)) {
      // Captures may go back in time; then the clock does too.
      if (ts < this.#advanced - 1) this.#advanced = ts;
      return;
    }
    this.#advanced = ts;
    for (const [name, reader] of this.#busy) if (reader.advance) this.#try(name, () => reader.advance!(ts));
  }

  #try(name: string, what: () => void): void {
    try {
      what();
    } catch (error) {
      this.#target.fault(name, error);
    }
  }
}
