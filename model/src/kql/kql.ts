/**
 * The language of hunts: what analysts know of Kusto (KQL), read into the one algebra of `model/query`.
 *
 *     let busy = 20;
 *     conn
 *     | where id.resp_p == 443 and orig_bytes > 1mb and not(ipv4_is_private(id.resp_h))
 *     | summarize n = count(), hosts = dcount(id.orig_h), sum(orig_bytes) by id.resp_h, bin(ts, 1h)
 *     | where n > busy
 *     | top 20 by n
 *
 * Its source is a log (`conn`), several (`union conn, dns`), or all that were given (`search "text"`). Stages stand in the order in which they are
 * computed: where, search, summarize / distinct / count, where, sort, take / top; project anywhere after what it leaves out was used. What
 * the algebra cannot say (extend, join, …) is refused with its place and what to do; nothing is ignored.
 *
 * Two things differ from Kusto and are said in `docs/hunt.md`: `!=` and `!in` hold for missing values, and there are sizes (1mb).
 * Groups by a person's identifier are refused: accounts are looked for, not ranked.
 */

import type { Seconds } from '@forewarn/base/time';
import type { Aggregate, Predicate, Query } from '../query/query.ts';
import type { ColumnType, RecordType } from '../records/record.ts';
import { Conditions } from './conditions.ts';
import type { Value } from './reading.ts';
import { columnsOf, isCountable, nearest, type Columns, type HuntColumn } from './schema.ts';
import { aggregates, aggregateNames, notTaken, stageNames } from './stages.ts';
import { timesOf } from './times.ts';
import { kqlCharactersMax, kqlTokens, refuse } from './tokens.ts';

/** Logs in one question; each is read by itself, and a person looks at a handful. */
export const logsMax = 64;
/** Names that are given with `let`; a question has a handful. */
const letsMax = 100;

export const limits = [
  {
    name: 'hunt.characters',
    value: kqlCharactersMax,
    unit: 'characters',
    why: 'Longer questions are not typed; two thousand pasted addresses fit.',
  },
  { name: 'hunt.logs', value: logsMax, unit: 'logs', why: 'Each is read by itself, and a person looks at a handful.' },
  { name: 'hunt.names', value: letsMax, unit: 'names', why: 'Given with let; a question has a handful.' },
];

export type ResultColumn = { field: string; name: string; type: ColumnType };

export type Hunt = {
  /** Without a limit where none was asked for; its range holds what the question says of `ts`. */
  query: Query;
  /** What is shown of each row, in order; undefined: the records as they are. */
  columns: readonly ResultColumn[] | undefined;
  /** The column of `bin(ts, …)`, by its name, and the seconds. */
  bin: { name: string; seconds: number } | undefined;
};

export type HuntContext = {
  /** The present, for `ago()` and `now()`. */
  now: Seconds;
  recordTypes: readonly RecordType[];
  /** The logs that `search` without `in` looks into. */
  searched?: readonly string[] | undefined;
};

/** Reads a question. Throws the refusal `query.kql` with the position (`place.offset`, in characters from 0). */
export function parseKql(text: string, context: HuntContext): Hunt {
  return new Parser(text, context).hunt();
}

type Group = { by: string[]; every?: number; aggregates: Aggregate[] };
type Stage = 'records' | 'groups' | 'ordered' | 'limited' | 'projected';

class Parser {
  readonly #reading: Conditions;
  readonly #context: HuntContext;
  readonly #lets = new Map<string, readonly Value[]>();
  #columns: Columns = new Map();
  #where: Predicate[] = [];
  #having: Predicate[] = [];
  #group: Group | undefined;
  #bin: Hunt['bin'];
  #order: { field: string; descending?: boolean }[] | undefined;
  #limit: number | undefined;
  #stage: Stage = 'records';
  /** Only some columns are shown. */
  #chosen = false;

  constructor(text: string, context: HuntContext) {
    this.#reading = new Conditions(kqlTokens(text), context.now, this.#lets);
    this.#context = context;
  }

  hunt(): Hunt {
    const reading = this.#reading;
    while (reading.isWord('let')) this.#let();
    const from = this.#source();
    while (reading.take('|')) this.#stageOf();
    reading.take(';');
    if (reading.token.kind !== 'end')
      refuse(reading.token.at, `The question should end before ${reading.shown()}.`, 'Stages are separated by |.');
    const { where, range } = timesOf(this.#where);
    const shown =
      this.#chosen || this.#group ? [...this.#columns].map(([name, { field, type }]) => ({ field, name, type })) : undefined;
    return {
      query: {
        from,
        ...(where.length === 0 ? {} : { where: where.length === 1 ? where[0]! : { kind: 'and', of: where } }),
        ...(range ? { range } : {}),
        ...(this.#group ? { group: this.#group } : {}),
        ...(this.#having.length === 0 ? {} : { having: { kind: 'and', of: this.#having } }),
        ...(this.#order ? { order: this.#order } : {}),
        ...(this.#limit === undefined ? {} : { limit: this.#limit }),
        ...(this.#chosen ? { columns: [...new Set(shown!.map(({ field }) => field))] } : {}),
      },
      columns: shown,
      bin: this.#bin,
    };
  }

  #let(): void {
    const reading = this.#reading;
    reading.next();
    const { text, at } = reading.name('a name', 'Write let busy = 20;');
    if (this.#lets.size >= letsMax) refuse(at, `More than ${letsMax} names are given.`, 'Put values into a list.');
    if (/[.!~]/.test(text) || ['true', 'false', 'now', 'ago', 'dynamic', 'not', 'and', 'or'].includes(text))
      refuse(at, `"${text}" cannot be given as a name.`, 'Choose another name.');
    reading.expect('=', 'Write let busy = 20;');
    if (reading.isSign('('))
      refuse(
        reading.token.at,
        'Functions and tables are not given here.',
        'let names a value or a list: let bad = dynamic(["a", "b"]);',
      );
    this.#lets.set(text, reading.list());
    reading.expect(';', 'End it with a semicolon.');
  }

  #log(): string {
    const { text, at } = this.#reading.name('a log', 'Begin with a log: conn | where …');
    const names = this.#context.recordTypes.map(({ log }) => log);
    if (names.includes(text)) return text;
    const near = nearest(text, names);
    return refuse(
      at,
      `There is no log "${text.slice(0, 64)}".`,
      near.length > 0 ? `Near it: ${near.join(', ')}.` : 'Begin with a log: conn | where …',
    );
  }

  #logs(): string[] {
    const logs = [this.#log()];
    while (this.#reading.take(',')) logs.push(this.#log());
    return [...new Set(logs)];
  }

  #source(): string[] {
    const reading = this.#reading;
    const { at } = reading.token;
    let logs: string[];
    if (reading.isWord('union')) {
      reading.next();
      logs = this.#logs();
    } else if (reading.isWord('search') && reading.peek(1).kind !== 'sign') {
      reading.next();
      if (reading.take('in')) {
        reading.expect('(', 'Write search in (conn, dns) "text".');
        logs = this.#logs();
        reading.expect(')', 'Write search in (conn, dns) "text".');
      } else {
        logs = [...(this.#context.searched ?? this.#context.recordTypes.map(({ log }) => log))];
        if (logs.length > logsMax)
          refuse(at, `Here are ${logs.length} logs; ${logsMax} are the most.`, 'Name them: search in (conn, dns) "text".');
      }
      this.#words();
    } else logs = [this.#log()];
    if (logs.length > logsMax) refuse(at, `These are ${logs.length} logs; ${logsMax} are the most.`, 'Ask in several steps.');
    this.#columns = columnsOf(this.#context.recordTypes.filter(({ log }) => logs.includes(log)));
    return logs;
  }

  /** `"text" and "other"`: in whichever column. */
  #words(): void {
    const reading = this.#reading;
    for (;;) {
      const { token } = reading;
      if (token.kind !== 'string')
        refuse(token.at, `After search a text should stand, not ${reading.shown()}.`, 'Write search "text".');
      reading.next();
      if (token.text === '') refuse(token.at, 'An empty text is in everything.', 'Write a word.');
      this.#where.push({ kind: 'keyword', op: /[*?]/.test(token.text) ? 'like' : 'contains', value: token.text });
      if (reading.isWord('or'))
        refuse(
          reading.token.at,
          'Words of search stand with and.',
          'Ask for each by itself, or name a column: query has_any ("a", "b").',
        );
      if (!reading.take('and')) return;
    }
  }

  #stageOf(): void {
    const reading = this.#reading;
    const { text, at } = reading.name('a stage', `There are: ${stageNames.join(', ')}.`);
    switch (text) {
      case 'where':
        return this.#filter(at, () => reading.condition(this.#columns));
      case 'search':
        if (this.#stage !== 'records') refuse(at, 'search looks into records.', 'Put it before summarize, sort and take.');
        return this.#words();
      case 'summarize':
        return this.#summarize(at);
      case 'count':
        this.#grouping(at);
        this.#group = { by: [], aggregates: [{ kind: 'count', as: 'Count' }] };
        this.#columns = new Map([['Count', { field: 'Count', type: 'count', class: 'technical' }]]);
        return;
      case 'distinct':
        return this.#distinct(at);
      case 'sort':
      case 'order':
        reading.expect('by', `Write ${text} by ts desc.`);
        return this.#sort(at);
      case 'top':
        return this.#top(at);
      case 'take':
      case 'limit':
        return this.#take();
      case 'project':
      case 'project-keep':
        return this.#project();
      case 'project-away':
        return this.#projectAway();
      case 'project-rename':
        return this.#projectRename();
    }
    const near = nearest(text, ['where', 'summarize', 'project', 'sort', 'top', 'take', 'distinct', 'count', 'search']);
    refuse(
      at,
      notTaken.has(text) ? `${text} is not taken here.` : `${text.slice(0, 40)} begins no stage.`,
      notTaken.get(text) ?? (near.length > 0 ? `Near it: ${near.join(', ')}.` : `There are: ${stageNames.join(', ')}.`),
    );
  }

  #filter(at: number, read: () => Predicate): void {
    if (this.#limit !== undefined) refuse(at, 'After take and top nothing is left out any more.', 'Put where before them.');
    const condition = read();
    const whole = condition.kind === 'and' ? condition.of : [condition];
    (this.#group ? this.#having : this.#where).push(...whole);
  }

  #grouping(at: number): void {
    if (this.#group) refuse(at, 'Groups are made once.', 'Group by all at once: summarize … by a, b.');
    if (this.#stage !== 'records') refuse(at, 'Groups are made of all records.', 'Put it before sort, take, top and project.');
    this.#stage = 'groups';
  }

  #personal({ name, class: of, at }: HuntColumn & { name: string; at: number }): void {
    if (of === 'personal')
      refuse(
        at,
        `${name} is about persons, who are not counted one by one.`,
        `Count them (dcount(${name})), or group by hosts and services.`,
      );
  }

  #summarize(at: number): void {
    this.#grouping(at);
    const reading = this.#reading;
    const before = this.#columns;
    const group: Group = { by: [], aggregates: [] };
    const counted = new Map<string, HuntColumn>();
    if (!reading.isWord('by')) {
      do {
        const aggregate = this.#aggregate(before);
        if (counted.has(aggregate.as))
          refuse(aggregate.at, `There are two columns "${aggregate.as}".`, 'Give one a name: n = count().');
        counted.set(aggregate.as, { field: aggregate.as, type: aggregate.type, class: 'technical' });
        group.aggregates.push(aggregate.of);
      } while (reading.take(','));
    }
    const keys = new Map<string, HuntColumn>();
    if (reading.take('by')) {
      do {
        const key = this.#key(before, group);
        if (keys.has(key.name) || counted.has(key.name))
          refuse(key.at, `There are two columns "${key.name}".`, 'Give one a name: host = id.orig_h.');
        keys.set(key.name, key.column);
      } while (reading.take(','));
    } else if (group.aggregates.length === 0) {
      refuse(reading.token.at, 'Here should stand what is counted.', 'Write summarize n = count() by id.orig_h.');
    }
    const rowsOwn = [...group.by, ...(group.every === undefined ? [] : ['window'])];
    for (const name of counted.keys())
      if (rowsOwn.includes(name)) refuse(at, `"${name}" is counted and grouped by at once.`, 'Give the count another name.');
    this.#groupBy(group, keys, counted);
  }

  #groupBy(group: Group, keys: ReadonlyMap<string, HuntColumn>, counted: ReadonlyMap<string, HuntColumn>): void {
    // The algebra counts always; where nothing is counted the number is not shown.
    if (group.aggregates.length === 0) group.aggregates.push({ kind: 'count', as: 'count_' });
    this.#group = { ...group, by: [...new Set(group.by)] };
    this.#columns = new Map([...keys, ...counted]);
  }

  /** `n = count()`, `sum(orig_bytes)`. */
  #aggregate(columns: Columns): { as: string; of: Aggregate; type: ColumnType; at: number } {
    const reading = this.#reading;
    const { at } = reading.token;
    const advice = `There are: ${aggregateNames.map((name) => `${name}()`).join(', ')}.`;
    let given: string | undefined;
    if (reading.peek(1).kind === 'sign' && (reading.peek(1) as { text: string }).text === '=') {
      given = reading.name('a name', 'Write n = count().').text;
      reading.next();
    }
    const called = reading.name('what is counted', advice);
    if (!Object.hasOwn(aggregates, called.text))
      refuse(
        called.at,
        `${called.text.slice(0, 40)}() is not counted here.`,
        called.text.endsWith('if') ? 'Put its condition into where, before summarize.' : advice,
      );
    const kind = aggregates[called.text as keyof typeof aggregates];
    reading.expect('(', advice);
    if (kind === 'count') {
      reading.expect(')', 'count() takes nothing; dcount(column) counts different values.');
      const as = given ?? 'count_';
      return { as, of: { kind, as }, type: 'count', at };
    }
    const column = reading.column(columns);
    reading.expect(')', `${called.text}() takes one column.`);
    const numeric = isCountable(column.type);
    if (kind !== 'distinct' && !numeric)
      refuse(column.at, `${column.name} holds no numbers.`, 'sum, avg, min and max take numbers, durations and times.');
    const as = given ?? `${called.text}_${column.name}`;
    const type =
      kind === 'distinct'
        ? 'count'
        : kind === 'avg' && column.type === 'count'
          ? 'double'
          : (column.type.replace(/^vector\[(.*)\]$/, '$1') as ColumnType);
    return { as, of: { kind, field: column.field, as }, type, at };
  }

  /** `id.orig_h`, `host = id.orig_h`, `bin(ts, 1h)`. */
  #key(columns: Columns, group: Group): { name: string; column: HuntColumn; at: number } {
    const reading = this.#reading;
    const { at } = reading.token;
    let given: string | undefined;
    if (reading.peek(1).kind === 'sign' && (reading.peek(1) as { text: string }).text === '=') {
      given = reading.name('a name', 'Write host = id.orig_h.').text;
      reading.next();
    }
    if (reading.isWord('bin') || reading.isWord('floor')) {
      reading.next();
      const advice = 'Write bin(ts, 1h).';
      reading.expect('(', advice);
      const column = reading.column(columns);
      if (column.field !== 'ts') refuse(column.at, 'Only the time is cut into parts.', advice);
      reading.expect(',', advice);
      const every = reading.value();
      if (every.is !== 'span' || !(Number(every.value) > 0))
        refuse(every.at, 'A part of time is a span.', 'Write 30s, 5m, 1h or 1d.');
      reading.expect(')', advice);
      if (group.every !== undefined) refuse(at, 'Time is cut once.', 'Leave one bin out.');
      group.every = Number(every.value);
      const name = given ?? column.name;
      this.#bin = { name, seconds: group.every };
      return { name, column: { field: 'window', type: 'time', class: 'technical' }, at };
    }
    const column = reading.column(columns);
    this.#personal(column);
    group.by.push(column.field);
    const { field, type, class: of } = column;
    return { name: given ?? column.name, column: { field, type, class: of }, at };
  }

  #distinct(at: number): void {
    this.#grouping(at);
    const reading = this.#reading;
    const group: Group = { by: [], aggregates: [] };
    const keys = new Map<string, HuntColumn>();
    do {
      if (reading.isSign('*'))
        refuse(
          reading.token.at,
          'All columns together are different in every record.',
          'Name columns: distinct id.orig_h, id.resp_p.',
        );
      const { name, field, type, class: of, at: place } = reading.column(this.#columns);
      this.#personal({ name, field, type, class: of, at: place });
      group.by.push(field);
      keys.set(name, { field, type, class: of });
    } while (reading.take(','));
    this.#groupBy(group, keys, new Map());
  }

  #sorting(): { field: string; descending?: boolean } {
    const reading = this.#reading;
    const { field } = reading.column(this.#columns);
    const ascending = reading.take('asc');
    if (!ascending) reading.take('desc');
    if (reading.isWord('nulls'))
      refuse(reading.token.at, 'Where missing values stand is not chosen.', 'They come first in asc and last in desc.');
    return ascending ? { field } : { field, descending: true };
  }

  #sort(at: number): void {
    if (this.#limit !== undefined) refuse(at, 'What take left is not in an order.', 'Put sort before take.');
    this.#order = [this.#sorting()];
    while (this.#reading.take(',')) this.#order.push(this.#sorting());
    if (this.#stage !== 'projected') this.#stage = 'ordered';
  }

  #number(): number {
    const { token } = this.#reading;
    const value = this.#reading.value();
    if (value.is !== 'number' || !Number.isInteger(value.value) || Number(value.value) < 1)
      refuse(token.at, 'Here should stand a whole number from 1.', 'Write take 100.');
    return Number(value.value);
  }

  #take(): void {
    const number = this.#number();
    this.#limit = Math.min(number, this.#limit ?? number);
    this.#stage = 'limited';
  }

  #top(at: number): void {
    if (this.#limit !== undefined) refuse(at, 'What take left is not in an order.', 'Leave the take before it out.');
    const limit = this.#number();
    this.#reading.expect('by', 'Write top 20 by n.');
    this.#order = [this.#sorting()];
    this.#limit = limit;
    this.#stage = 'limited';
  }

  /** Which columns stand, and under which names; `name = column` gives another. */
  #project(): void {
    const reading = this.#reading;
    const kept = new Map<string, HuntColumn>();
    do {
      let given: string | undefined;
      if (reading.peek(1).kind === 'sign' && (reading.peek(1) as { text: string }).text === '=') {
        given = reading.name('a name', 'Write project host = id.orig_h.').text;
        reading.next();
      }
      const { name, field, type, class: of, at } = reading.column(this.#columns);
      if (reading.isSign('*') || reading.isSign('+') || reading.isSign('-') || reading.isSign('/') || reading.isSign('('))
        refuse(reading.token.at, 'Columns are not computed.', 'Name columns: project ts, id.orig_h.');
      if (kept.has(given ?? name)) refuse(at, `There are two columns "${given ?? name}".`, 'Name each once.');
      kept.set(given ?? name, { field, type, class: of });
    } while (reading.take(','));
    this.#shown(kept);
  }

  #projectAway(): void {
    const kept = new Map(this.#columns);
    do kept.delete(this.#reading.column(this.#columns).name);
    while (this.#reading.take(','));
    if (kept.size === 0) refuse(this.#reading.token.at, 'No column is left.', 'Leave one standing.');
    this.#shown(kept);
  }

  #projectRename(): void {
    const reading = this.#reading;
    let kept = this.#columns;
    do {
      const { text } = reading.name('a name', 'Write project-rename host = id.orig_h.');
      reading.expect('=', 'Write project-rename host = id.orig_h.');
      const { name } = reading.column(this.#columns);
      kept = new Map([...kept].map(([each, column]) => [each === name ? text : each, column]));
    } while (reading.take(','));
    this.#shown(kept);
  }

  #shown(kept: Columns): void {
    if (this.#bin) {
      const bin = [...kept].find(([, { field }]) => field === 'window');
      this.#bin = bin && { ...this.#bin, name: bin[0] };
    }
    this.#columns = kept;
    this.#chosen = true;
    if (this.#stage === 'records') this.#stage = 'projected';
  }
}
