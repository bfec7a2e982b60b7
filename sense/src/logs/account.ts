/** What became of an input: nothing of it is dropped without a count. */

import type { AnyRecord } from '@forewarn/model/records/record';
import type { EventPlace, LogEmit, RefusedReason } from './format.ts';
import { limits } from './limits.ts';

export type LogAccount = {
  /** Records by log. */
  readonly logs: { readonly [log: string]: number };
  readonly records: number;
  /** Events that could not be read, by reason, with the place of the first. */
  readonly refused: { readonly [reason in RefusedReason]?: { readonly count: number; readonly first: EventPlace } };
  /** Records that lack fields or elements for a ceiling's sake. */
  readonly shortened: number;
};

export type LogSink = { record(log: string, record: AnyRecord): void };

/** Names of logs as they may come from an input, and so into names of files and tables. */
const logName = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** The log's name if it can be one, else `other`. */
export const logNameOf = (name: string): string => (logName.test(name) ? name : 'other');

/** `conn.log`, `/var/zeek/conn.00:00:00-01:00:00.log.gz`, `dns.json` → `conn`, `conn`, `dns`. */
export const logNamed = (file: string): string => logNameOf(file.split(/[\\/]/).at(-1)!.split('.')[0]!);

/** Counts what is emitted and hands it on. */
export class Accountant implements LogEmit {
  readonly #sink: LogSink;
  readonly #logs = new Map<string, number>();
  readonly #refused = new Map<RefusedReason, { count: number; first: EventPlace }>();
  #records = 0;
  #shortened = 0;

  constructor(sink: LogSink) {
    this.#sink = sink;
  }

  record(log: string, record: AnyRecord): void {
    const known = this.#logs.get(log);
    const name = known !== undefined || (this.#logs.size < limits.logNamesMax.value && logName.test(log)) ? log : 'other';
    this.#logs.set(name, (known ?? this.#logs.get(name) ?? 0) + 1);
    this.#records++;
    this.#sink.record(name, record);
  }

  refused(reason: RefusedReason, place: EventPlace = {}): void {
    const known = this.#refused.get(reason);
    if (known) known.count++;
    else this.#refused.set(reason, { count: 1, first: place });
  }

  shortened(): void {
    this.#shortened++;
  }

  account(): LogAccount {
    return {
      logs: Object.fromEntries(this.#logs),
      records: this.#records,
      refused: Object.fromEntries(this.#refused),
      shortened: this.#shortened,
    };
  }
}

/** The emit of what stands at a place: refusals get it. `place` is asked only when there is one. */
export function placed(emit: LogEmit, place: () => EventPlace): LogEmit {
  return {
    record: (log, record) => emit.record(log, record),
    refused: (reason, own) => emit.refused(reason, own ?? place()),
    shortened: () => emit.shortened(),
  };
}
