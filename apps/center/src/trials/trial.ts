/**
 * A rule, a correlation or a question tried on what is stored. The range is looked through from its end, a slice after another: as long as a slice
 * takes little time the next is longer, and one that takes longer than a statement may is cut. So whatever the size of the store something is
 * soon seen, nobody else waits long, and it can be stopped between two slices.
 */

import { Refusal } from '@forewarn/base/refusal';
import { formatInstant } from '@forewarn/base/time';
import type { Predicate } from '@forewarn/model/query/query';
import { isClosing, type WindowQuery } from '@forewarn/model/query/window';
import { recordType } from '@forewarn/model/records/index';
import { isSecretField } from '@forewarn/model/records/open';
import type { AnyRecord } from '@forewarn/model/records/record';
import { subjectFields } from '@forewarn/model/finding';
import { trialExamplesMax, trialSubjectsMax, type Trial } from '@forewarn/model/trials';
import type { DayHits, Taken } from '@forewarn/store/clickhouse/past';
import type { RecordRange, Records, RecordScope } from '@forewarn/store/clickhouse/records';

/** What is tried. */
export type Tried =
  | { kind: 'rule' | 'query'; id: string | null; title: string; parts: readonly { log: string; where: Predicate }[] }
  | { kind: 'correlation'; id: string | null; title: string; window: WindowQuery; groupBy: readonly string[] };

/** Subjects counted at once; beyond it those with few hits are forgotten, and the others are right. */
const subjectsMax = 100_000;

/** A day is some hundredth of a second to some seconds of looking; what is less takes longer to ask than to look. */
const firstSliceSeconds = 86_400;

/** Shorter slices are not made: what takes ten seconds for a minute of records will not be done at all. */
const sliceSecondsMin = 60;

/** A slice that took less is followed by one of twice its length. */
const quickSeconds = 1;

/** Hits so far, of whatever is tried, stored or streamed. */
export class Hits {
  #days = new Map<string, number>();
  #subjects = new Map<string, Trial['subjects'][number]>();
  #logs = new Map<string, number>();
  #hits = 0;
  #first = Infinity;
  #last = -Infinity;
  readonly examples: { log: string; record: { [name: string]: unknown } }[] = [];

  get count(): number {
    return this.#hits;
  }

  add(log: string | undefined, { day, organisation, field, subject, hits, first, last }: DayHits): void {
    this.#hits += hits;
    this.#first = Math.min(this.#first, first);
    this.#last = Math.max(this.#last, last);
    const date = formatInstant(day * 86_400).slice(0, 10);
    this.#days.set(date, (this.#days.get(date) ?? 0) + hits);
    if (log !== undefined) this.#logs.set(log, (this.#logs.get(log) ?? 0) + hits);
    const value = subject.join(', ');
    if (value === '') return;
    const key = `${organisation}\n${field}\n${value}`;
    const known = this.#subjects.get(key);
    if (known) known.hits += hits;
    else if (this.#subjects.size < subjectsMax)
      this.#subjects.set(key, { organisation: organisation || null, field, value, hits });
  }

  shown(): Pick<Trial, 'hits' | 'first' | 'last' | 'days' | 'subjects' | 'examples' | 'logs'> {
    const most = (a: { hits: number }, b: { hits: number }): number => b.hits - a.hits;
    return {
      hits: this.#hits,
      first: this.#hits === 0 ? null : formatInstant(this.#first),
      last: this.#hits === 0 ? null : formatInstant(this.#last),
      days: [...this.#days].map(([day, hits]) => ({ day, hits })).sort((a, b) => (a.day < b.day ? -1 : 1)),
      subjects: [...this.#subjects.values()].sort(most).slice(0, trialSubjectsMax),
      examples: this.examples,
      logs: [...this.#logs].map(([log, hits]) => ({ log, hits })).sort(most),
    };
  }
}

export type RunningTrial = {
  shown(): Trial;
  /** Ends it after the slice at work; what was found stays. */
  stop(): void;
  /** Resolves when it is over, whatever its outcome. */
  readonly done: Promise<void>;
};

export type TrialOptions = {
  records: Records;
  scope: RecordScope;
  tried: Tried;
  range: RecordRange;
  id: string;
  /** Seconds that only go on. */
  watch: () => number;
  /** For all of it. */
  secondsMax: number;
};

/** Starts a trial; it never throws, what goes wrong is its `trouble`. */
export function startTrial({ records, scope, tried, range, id, watch, secondsMax }: TrialOptions): RunningTrial {
  const began = watch();
  const hits = new Hits();
  const taken: Taken = { rows: 0, bytes: 0 };
  const life: { state: Trial['state']; stopped: boolean; reached: number; seconds: number; trouble: Trial['trouble'] } = {
    state: 'running',
    stopped: false,
    reached: range.to,
    seconds: 0,
    trouble: null,
  };
  const parts = 'parts' in tried ? tried.parts : [];
  const missing = missingOf(tried);

  async function look(slice: RecordRange): Promise<void> {
    // Taken in only when all of the slice is known, so that one that is cut is not counted twice.
    const found: { log: string | undefined; hits: DayHits }[] = [];
    if (tried.kind === 'correlation') {
      const field = tried.groupBy.join(', ');
      for (const one of await records.past.windowDays(scope, { window: tried.window, range: slice }, taken)) {
        found.push({ log: undefined, hits: { ...one, field } });
      }
    }
    for (const { log, where } of parts) {
      for (const one of await records.past.days(scope, { log, where, range: slice, subjects: subjectFields }, taken)) {
        found.push({ log, hits: one });
      }
    }
    for (const { log, hits: one } of found) hits.add(log, one);
    if (found.length > 0 && hits.examples.length < trialExamplesMax) await exemplify(slice);
  }

  async function exemplify(slice: RecordRange): Promise<void> {
    const wanted = trialExamplesMax - hits.examples.length;
    const examples: { log: string; record: AnyRecord }[] = [];
    const newest = async (log: string, where: Predicate, within: RecordRange, limit: number): Promise<void> => {
      const rows = await records.query(
        scope,
        { from: [log], where, range: within, order: [{ field: 'ts', descending: true }], limit },
        taken,
      );
      for (const { _log, ...record } of rows) examples.push({ log, record: record as AnyRecord });
    };
    if (tried.kind === 'correlation') {
      const held = await records.past.windows(scope, { window: tried.window, range: slice, newest: true, limit: wanted }, taken);
      for (const { organisation, group, to } of held) {
        // The record at which it held: the newest of its group.
        for (const { log, where } of partsAt(tried.window, group)) {
          const before = examples.length;
          await newest(log, { kind: 'and', of: [where, ofOrganisation(organisation)] }, { from: to, to: to + 1e-6 }, 1);
          if (examples.length > before) break;
        }
      }
    }
    for (const { log, where } of parts) await newest(log, where, slice, wanted);
    examples.sort((a, b) => Number(b.record['ts']) - Number(a.record['ts']));
    hits.examples.push(...examples.slice(0, wanted).map(({ log, record }) => ({ log, record: withoutSecrets(log, record) })));
  }

  async function run(): Promise<void> {
    // Windows that begin where others ended cannot be cut.
    const whole = tried.kind === 'correlation' && isClosing(tried.window);
    let seconds = whole ? range.to - range.from : firstSliceSeconds;
    while (life.reached > range.from && !life.stopped) {
      const from = Math.max(range.from, life.reached - seconds);
      const at = watch();
      if (at - began > secondsMax) {
        life.state = 'stopped';
        life.trouble = {
          code: 'trial.time',
          message: `After ${secondsMax} s it was stopped.`,
          advice: 'Take a shorter range, or a rule that names rarer values.',
        };
        return;
      }
      try {
        await look({ from, to: life.reached });
        life.reached = from;
        if (watch() - at < quickSeconds) seconds *= 2;
      } catch (error) {
        const mayCut = error instanceof Refusal && (error.code === 'records.timeout' || error.code === 'records.memory');
        if (!mayCut || whole || seconds / 4 < sliceSecondsMin) throw error;
        seconds = Math.min(seconds, life.reached - from) / 4;
      }
      life.seconds = watch() - began;
    }
    life.state = life.reached > range.from ? 'stopped' : 'done';
  }

  const done = run()
    .catch((error: unknown) => {
      life.state = 'failed';
      const refusal = error instanceof Refusal ? error : undefined;
      life.trouble = {
        code: refusal?.code ?? 'trial.failed',
        message: refusal?.message ?? 'The trial failed.',
        advice: refusal?.advice ?? 'Try again; the log of the centre says more.',
      };
      if (!refusal) throw error;
    })
    .finally(() => (life.seconds = watch() - began));

  const span = range.to - range.from;
  return {
    done,
    stop: () => void (life.stopped = true),
    shown: () => ({
      id,
      state: life.state,
      of: { kind: tried.kind, id: tried.id, title: tried.title },
      from: formatInstant(range.from),
      to: formatInstant(range.to),
      reached: formatInstant(life.reached),
      progress: span > 0 ? (range.to - life.reached) / span : 1,
      read: { ...taken, seconds: life.state === 'running' ? watch() - began : life.seconds },
      ...hits.shown(),
      missing,
      trouble: life.trouble,
    }),
  };
}

const ofOrganisation = (value: string): Predicate => ({ kind: 'text', field: '_organisation', op: 'equals', value, cased: true });

/** The logs of a window's records and conditions, with what a group's values say of them. */
export function partsAt(window: WindowQuery, group: readonly string[]): { log: string; where: Predicate }[] {
  const ofGroup = (by: readonly string[]): Predicate[] =>
    by.map((field, index) => ({ kind: 'text', field, op: 'equals', value: group[index] ?? '', cased: true }));
  return window.of.flatMap((source) => {
    if (source.kind === 'window') {
      return partsAt(source.window, []).map(({ log, where }) => ({
        log,
        where: { kind: 'and', of: [where, ...ofGroup(source.by)] } satisfies Predicate,
      }));
    }
    return source.parts.flatMap(({ logs, where, by }) =>
      logs
        .filter((log) => log !== '*')
        .map((log) => ({
          log,
          where: { kind: 'and', of: [where, ...(group.length > 0 ? ofGroup(by) : [])] } satisfies Predicate,
        })),
    );
  });
}

/** What is asked for and not kept as it was, by log. */
function missingOf(tried: Tried): Trial['missing'] {
  const parts = 'parts' in tried ? tried.parts : partsAt(tried.window, []);
  const missing = new Map<string, Set<string>>();
  for (const { log, where } of parts) {
    const type = recordType(log);
    if (!type) continue;
    for (const field of fieldsOf(where)) {
      const column = Object.hasOwn(type.columns, field) ? type.columns[field] : undefined;
      const isKept = column ? column.class === 'technical' || column.kept !== undefined : !type.open;
      if (isKept) continue;
      const own = missing.get(log);
      if (own) own.add(field);
      else missing.set(log, new Set([field]));
    }
  }
  return [...missing].map(([log, fields]) => ({ log, fields: [...fields].sort() }));
}

function fieldsOf(predicate: Predicate): string[] {
  const fields: string[] = [];
  const open: Predicate[] = [predicate];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.kind === 'and' || next.kind === 'or') open.push(...next.of);
    else if (next.kind === 'not') open.push(next.of);
    else if ('field' in next) fields.push(next.field, ...(next.kind === 'fieldref' ? [next.other] : []));
  }
  return fields;
}

/** All but secrets. */
export function withoutSecrets(log: string, record: AnyRecord): { [name: string]: unknown } {
  const columns = recordType(log)?.columns ?? {};
  const shown = ([name, value]: [string, AnyRecord[string]]): boolean =>
    Object.hasOwn(columns, name) ? columns[name]!.class !== 'secret' : !isSecretField(name, value);
  return Object.fromEntries(Object.entries(record).filter(shown));
}
