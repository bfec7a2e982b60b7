/** Where weird things are counted and written: all are counted, records of one name only up to a ceiling. */

import type { AnyRecord } from '@forewarn/model/records/record';
import { Tally } from './account.ts';
import type { Limits } from './limits.ts';
import type { FlowFacts } from './protocols/follow.ts';

export class OddityLog {
  readonly #tally: Tally;
  readonly #perNameMax: number;
  readonly #record: (log: string, record: AnyRecord) => void;

  constructor(limits: Limits, record: (log: string, record: AnyRecord) => void) {
    this.#tally = new Tally(limits.kindsMax);
    this.#perNameMax = limits.oddityRecordsPerNameMax;
    this.#record = record;
  }

  /** Counts one; answers whether a record of it may still be written. */
  count(name: string): boolean {
    return this.#tally.add(name) <= this.#perNameMax;
  }

  /** Writes one that was counted; `facts` are those of its flow. */
  write(name: string, ts: number, addl: string | undefined, source: string, facts?: FlowFacts): void {
    const detail = addl === undefined ? {} : { addl };
    if (!facts) {
      this.#record('weird', { ts, name, ...detail, source });
      return;
    }
    this.#record('weird', {
      ts,
      uid: facts.uid,
      'id.orig_h': facts.originator,
      'id.orig_p': facts.originatorPort,
      'id.resp_h': facts.responder,
      'id.resp_p': facts.responderPort,
      name,
      ...detail,
      source,
    });
  }

  /** Counts and writes one that belongs to no flow. */
  note(name: string, ts: number, addl: string | undefined, source: string): void {
    if (this.count(name)) this.write(name, ts, addl, source);
  }

  /** How many there were, by name. */
  toObject(): { [name: string]: number } {
    return this.#tally.toObject();
  }
}
