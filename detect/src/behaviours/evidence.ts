/** The records that a behaviour rests on, collected until it tells them: all at the first telling, afterwards what is new. */

import type { Seconds } from '@forewarn/base/time';
import type { RecordReference } from '@forewarn/model/finding';
import type { Sighting } from '../ledger.ts';
import { hourOf } from './behaviour.ts';

/** References kept, as many as a finding cites. */
const referencesMax = 100;

export class Evidence {
  from: Seconds = Infinity;
  to: Seconds = -Infinity;
  count = 0;
  /** The hour in which it began, once it is told; findings of one subject and hour are one. */
  window: Seconds | undefined;
  #references: RecordReference[] = [];
  #told = 0;

  add({ ts, reference }: { ts: Seconds; reference: RecordReference }, ended: Seconds = ts): void {
    this.from = Math.min(this.from, ts);
    this.to = Math.max(this.to, ended);
    this.count++;
    if (this.#references.length < referencesMax) this.#references.push(reference);
  }

  /** What a sighting says of its records; `undefined` when nothing is new since the last one. */
  tell(): Pick<Sighting, 'window' | 'from' | 'to' | 'records' | 'recordCount'> | undefined {
    if (this.count === this.#told) return undefined;
    this.window ??= hourOf(this.from);
    const recordCount = this.count - this.#told;
    this.#told = this.count;
    return { window: this.window, from: this.from, to: this.to, records: this.#references, recordCount };
  }
}
