/** Errors of one stream: how many of each kind in the interval at hand, and when a kind begins and ends. */

import type { Seconds } from '@forewarn/base/time';
import type { MpegTsFaultRecord, MpegTsRecord } from '@forewarn/model/records/broadcast';
import { type IndicatorName, indicators, placeOf } from './indicators.ts';

/** A kind of error has ended when it has not come for so long. */
export const quietSeconds = 10;
/** PIDs that one fault names. */
export const faultPidsMax = 16;

/** Why an error was counted. */
export type Reason =
  | 'absent'
  | 'scrambled'
  | 'wrong_table'
  | 'malformed'
  | 'lost'
  | 'repeated'
  | 'late'
  | 'step'
  | 'inaccurate'
  | 'unreferenced'
  | 'marked'
  | 'checksum'
  | 'sync';

type Fault = { first: Seconds; last: Seconds; count: number; reason: Reason; pids: number[] };

export type FaultHead = Pick<MpegTsFaultRecord, 'is_orig' | 'carriage' | 'ssrc' | 'transport_stream_id'>;

export class Faults {
  readonly #write: (record: Omit<MpegTsFaultRecord, keyof FaultHead>) => void;
  readonly #counts = indicators.map(() => 0);
  readonly #running: (Fault | undefined)[] = Array.from({ length: indicators.length });

  constructor(write: (record: Omit<MpegTsFaultRecord, keyof FaultHead>) => void) {
    this.#write = write;
  }

  /** An error of the kind, on a PID where it is of one; `times` where several were found at once. */
  error(kind: IndicatorName, reason: Reason, now: Seconds, pid?: number): void {
    const place = placeOf[kind];
    this.#counts[place]!++;
    const fault = this.#running[place];
    if (fault) {
      fault.last = now;
      fault.count++;
      if (pid !== undefined && fault.pids.length < faultPidsMax && !fault.pids.includes(pid)) fault.pids.push(pid);
      return;
    }
    const began: Fault = { first: now, last: now, count: 1, reason, pids: pid === undefined ? [] : [pid] };
    this.#running[place] = began;
    this.#tell(place, began, 'onset');
  }

  /** Ends the kinds that have not come for `quietSeconds`. */
  rest(now: Seconds): void {
    for (let place = 0; place < indicators.length; place++) {
      const fault = this.#running[place];
      if (fault && now - fault.last >= quietSeconds) this.#end(place, fault);
    }
  }

  /** The stream is over. */
  finish(): void {
    for (const [place, fault] of this.#running.entries()) if (fault) this.#end(place, fault);
  }

  /** Writes the counters into the record of an interval, and begins the next one. */
  count(record: MpegTsRecord): void {
    for (const [place, { column }] of indicators.entries()) record[column] = this.#counts[place]!;
    this.#counts.fill(0);
  }

  #end(place: number, fault: Fault): void {
    this.#running[place] = undefined;
    this.#tell(place, fault, 'end');
  }

  #tell(place: number, fault: Fault, state: 'onset' | 'end'): void {
    const { name, number } = indicators[place]!;
    const { first, last, count, reason, pids } = fault;
    this.#write({
      ts: state === 'end' ? last : first,
      state,
      indicator: name,
      number,
      priority: Number(number[0]),
      reason,
      pids: [...pids],
      count,
      ...(state === 'end' ? { duration: Math.round((last - first) * 1e6) / 1e6 } : {}),
    });
  }
}
