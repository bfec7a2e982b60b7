/**
 * Windows of the algebra (`model/query/window.ts`) as ClickHouse SQL: several events within a time. The meaning stands there; the shared cases, and a
 * property that compares both engines, prove that they agree.
 *
 * A window that slides is not made anew for each event, which would cost the events times their neighbours. Each event comes in at its time and
 * goes out a time span after it; both are rows, in order, and running sums over them are what each window holds. Different values are
 * counted by the first and the last event of each run of a value within the time span. So the cost is that of sorting the events.
 *
 * A window that must be over begins where the one before ended, which only one event after the other can tell: a fold over the instants of
 * each group, cut where the group is silent for a time span.
 *
 * The records of each organisation are windows of their own, because private addresses repeat: a group begins with whose it is.
 *
 * The tables of a statement, from the inside out: *events* `(ts, k, g, v, c)`: time, source, group, value, and fields that a chain asks for;
 * *held* `(ts, start, number, g, c)`: the events at which a window holds.
 */

import { counts, isClosing, isNumeric, reach, type Bound, type WindowQuery } from '@forewarn/model/query/window';
import type { Predicate } from '@forewarn/model/query/query';
import { decimalPattern, type Parameters } from './compile.ts';
import type { Table } from './rows.ts';
import { tableOf, type StoredColumn } from './tables.ts';

export type WindowTables = {
  /** The tables of a log that have records; all of them for `*`. */
  of(log: string): readonly Table[];
  /** A field of a table. */
  find(table: Table, field: string): StoredColumn | undefined;
  /** What may be read of a table, and that the condition holds. */
  where(table: Table, condition: Predicate): string;
};

/** Where a window holds: `g` the organisation and the group, `ts` the instant of its newest event, `start` of its first, `number` what was compared. */
export const heldColumns = 'g, ts, start, number';

/** The statement whose rows are `heldColumns`, one an instant and group; undefined where none of the logs has records. */
export function compileWindow(window: WindowQuery, tables: WindowTables, parameters: Parameters): string | undefined {
  const held = new Compiler(tables, parameters).held(window, []);
  if (held === undefined) return undefined;
  return `select g, ts, min(start) as start, max(number) as number from (${held}) group by g, ts`;
}

/** From when on events must be read so that what holds from an instant on is known. */
export const windowBegin = (window: WindowQuery, from: number): number => from - reach(window);

class Compiler {
  readonly #tables: WindowTables;
  readonly #parameters: Parameters;

  constructor(tables: WindowTables, parameters: Parameters) {
    this.#tables = tables;
    this.#parameters = parameters;
  }

  #real(value: number): string {
    return this.#parameters.add('Float64', value);
  }

  /** The events of a window. `carried`: fields of the record that its chains ask for. */
  #events(window: WindowQuery, carried: readonly string[]): string | undefined {
    const sources = window.of.flatMap((source, k) => {
      if (source.kind === 'records') return this.#records(window, source, k, carried);
      const names = [...source.by, ...source.values, ...carried];
      const inner = this.#handedOn(source.window, names, counts(window));
      if (inner === undefined) return [];
      const at = (index: number): string => `heard[${index + 1}]`;
      const by = ['owner', ...source.by.map((_name, index) => at(index))];
      const values = source.values.map((_name, index) => at(source.by.length + index));
      const rest = carried.map((_name, index) => at(source.by.length + source.values.length + index));
      const number = isNumeric(window) ? this.#decimal(values[0]!) : undefined;
      return [
        this.#event(
          window,
          k,
          { by, values: number === undefined ? values : [number], carried: rest },
          `(select ts, c as heard, g[1]::Nullable(String) as owner from (${inner}))`,
          'true',
        ),
      ];
    });
    return sources.length === 0 ? undefined : sources.join(' union all ');
  }

  #records(
    window: WindowQuery,
    source: WindowQuery['of'][number] & { kind: 'records' },
    k: number,
    carried: readonly string[],
  ): string[] {
    return source.parts.flatMap(({ logs, where, by, values }) => {
      const tables = new Set(logs.flatMap((log) => this.#tables.of(log)));
      return [...tables].flatMap((table) => {
        const texts = (names: readonly string[]): string[] | undefined => {
          const found = names.map((name) => this.#tables.find(table, name));
          return found.includes(undefined) ? undefined : (found as StoredColumn[]).map(textSql);
        };
        const group = texts(by);
        const looked = isNumeric(window) ? this.#numbers(table, values) : texts(values);
        if (!group || !looked) return [];
        const rest = carried.map((name) => {
          const column = this.#tables.find(table, name);
          return column ? textSql(column) : 'null';
        });
        const condition = this.#tables.where(table, where);
        return [
          this.#event(
            window,
            k,
            { by: ['_organisation::Nullable(String)', ...group], values: looked, carried: rest },
            tableOf(table.log),
            condition,
          ),
        ];
      });
    });
  }

  #numbers(table: Table, [name]: readonly string[]): string[] | undefined {
    const column = name === undefined ? undefined : this.#tables.find(table, name);
    if (!column || column.kind === 'bool') return undefined;
    const isText = column.kind === 'text' || column.kind === 'address';
    if (isText) return [this.#decimal(textSql(column))];
    return [column.vector ? `if(length(${column.sql}) = 1, toFloat64(${column.sql}[1]), null)` : `toFloat64(${column.sql})`];
  }

  #decimal(text: string): string {
    return `if(length(${text}) < 400 and match(assumeNotNull(${text}), ${this.#parameters.add('String', decimalPattern)}), toFloat64OrNull(${text}), null)`;
  }

  #event(
    window: WindowQuery,
    k: number,
    { by, values, carried }: { by: readonly string[]; values: readonly string[]; carried: readonly string[] },
    from: string,
    where: string,
  ): string {
    const looked = isNumeric(window) || window.type === 'value_count' || window.type === 'value_percentile' ? values : [];
    const value =
      looked.length === 0
        ? `''`
        : looked.length === 1
          ? `assumeNotNull(${looked[0]})`
          : `toJSONString([${looked.map((one) => `assumeNotNull(${one})`).join(', ')}])`;
    const there = [...by, ...looked].map((one) => `isNotNull(${one})`);
    return `select ts, ${k} as k, ${list(
      'String',
      by.map((one) => `assumeNotNull(${one})`),
    )} as g, ${value} as v,
      ${list('Nullable(String)', carried)} as c from ${from} where ${[where, ...there].join(' and ')}`;
  }

  /** What chains of a window hear of: the events at which it holds, `(ts, c)`. */
  #handedOn(window: WindowQuery, carried: readonly string[], once: boolean): string | undefined {
    const held = this.held(window, carried);
    if (held === undefined || !once) return held;
    const seconds = this.#real(window.seconds);
    return `select tupleElement(one, 1) as ts, tupleElement(one, 2) as c, g from (
      select g, arrayJoin(arrayFold((told, each) -> if(each.1 >= told[-1].1 + ${seconds}, arrayPushBack(told, each), told),
        arraySort(groupArray((ts, c))) as every, [every[1]])) as one from (${held}) group by g)`;
  }

  held(window: WindowQuery, carried: readonly string[]): string | undefined {
    const events = this.#events(window, carried);
    if (events === undefined) return undefined;
    if (isClosing(window)) return this.#closing(window, events, carried.length > 0);
    if (window.type === 'temporal_ordered') return this.#ordered(window, events);
    return this.#sliding(window, events);
  }

  #sliding(window: WindowQuery, events: string): string {
    const { type, bounds, percentile } = window;
    const seconds = this.#real(window.seconds);
    const distinct = type === 'value_count' || type === 'temporal';
    const run = type === 'temporal' ? 'g, k' : 'g, v';
    const whole = 'rows between unbounded preceding and unbounded following';
    const neighbours = distinct
      ? `, lagInFrame(toNullable(ts)) over (partition by ${run} order by ts ${whole}) as before,
         leadInFrame(toNullable(ts)) over (partition by ${run} order by ts ${whole}) as after`
      : '';
    const comes = distinct ? `toInt64(before is null or before < ts - ${seconds})` : '1';
    const goes = distinct ? `toInt64(after is null or ts < after - ${seconds})` : '1';
    const running: string[] = ['sum(change) over w as size'];
    let number = 'toFloat64(size)';
    let condition: string | undefined;
    if (type === 'value_sum' || type === 'value_avg') {
      running.push('sumKahan(change * v) over w as total');
      number = type === 'value_sum' ? 'total' : 'total / size';
    } else if (type === 'value_percentile' && percentile === undefined) {
      running.push('sum(change) over (partition by g, v order by at, gone) as alike');
      number = '(100 * alike) / size';
    } else if (type === 'value_percentile') {
      // That a percentile is no less than a bound means: fewer numbers than its rank are less.
      const rank = `greatest(1, ceil(${this.#real(percentile! / 100)} * size))`;
      condition = bounds
        .map(({ op, value }, index) => {
          running.push(`sum(change * (v ${op === 'gt' ? '<=' : '<'} ${this.#real(value)})) over w as below${index}`);
          return `below${index} < ${rank}`;
        })
        .join(' and ');
      number = 'nan';
    }
    return `select ts, greatest(first, ifNull(begin, first)) as start, ${number} as number, g, c from (
      select *, ${running.join(', ')}, max(if(gone = 1, next, null)) over w as begin, min(ts) over (partition by g) as first from (
        select ts, g, v, next, tupleElement(turn, 1) as at, tupleElement(turn, 2) as gone, tupleElement(turn, 3) as change, tupleElement(turn, 4) as c from (
          select ts, g, v, next, arrayJoin([(ts, 0, toInt64(${comes}), c), (ts + ${seconds}, 1, -toInt64(${goes}), cast([], 'Array(Nullable(String))'))]) as turn
          from (select *, leadInFrame(toNullable(ts)) over (partition by g order by ts ${whole}) as next${neighbours} from (${events}))))
      window w as (partition by g order by at, gone))
      where gone = 0 and ${condition ?? this.#holds(bounds, 'number')}`;
  }

  #ordered({ of, seconds }: WindowQuery, events: string): string {
    // The latest begin of a chain that has come to each source in turn: of the first its newest event, of the next the begin at its newest event, ….
    let rows = `select *, max(if(k = 0, toNullable(ts), null)) over (partition by g order by ts) as b0 from (${events})`;
    const last = Math.max(0, of.length - 2);
    for (let k = 1; k <= last; k++) {
      rows = `select *, max(if(k = ${k}, b${k - 1}, null)) over (partition by g order by ts) as b${k} from (${rows})`;
    }
    return `select ts, assumeNotNull(b${last}) as start, toFloat64(${of.length}) as number, g, c from (${rows})
      where k = ${of.length - 1} and ifNull(b${last} >= ts - ${this.#real(seconds)}, false)`;
  }

  #closing({ type, bounds, percentile, seconds: span }: WindowQuery, events: string, isHeard: boolean): string {
    const seconds = this.#real(span);
    const rank = percentile === undefined ? '' : `toUInt64(greatest(1, ceil(${this.#real(percentile / 100)} * count())))`;
    const number = {
      event_count: 'toFloat64(count())',
      value_count: 'toFloat64(uniqExact(v))',
      temporal: 'toFloat64(uniqExact(k))',
      temporal_ordered: '0',
      value_sum: 'sumKahan(v)',
      value_avg: 'sumKahan(v) / count()',
      value_percentile: `arraySort(groupArray(v))[${rank}]`,
    }[type];
    // It holds at the events of its newest instant.
    const heard = isHeard
      ? 'arrayMap(one -> one.2, arrayFilter(one -> one.1 = ts, members))'
      : `[cast([], 'Array(Nullable(String))')]`;
    return `select ts, start, number, g, arrayJoin(${heard}) as c from (
      select max(at) as ts, min(at) as start, ${number} as number, g, ${isHeard ? 'groupArray((at, fields))' : '0'} as members from (
      select g, at, tupleElement(event, 1) as k, tupleElement(event, 2) as v, tupleElement(event, 3) as fields, begins,
        max(if(begins, at, -inf)) over (partition by g order by at, not begins) as begin from (
        select g, tupleElement(row, 1) as at, tupleElement(row, 2) as begins, tupleElement(row, 3) as event from (
          select g, arrayJoin(arrayConcat(
            arrayMap(instant -> (instant, true, every[1].2), arrayFold(
              (starts, instant) -> if(instant > starts[-1] + ${seconds}, arrayPushBack(starts, instant), starts), instants, [instants[1]])),
            arrayMap(one -> (one.1, false, one.2), every))) as row
          from (select g, arraySort(groupUniqArray(ts)) as instants, groupArray((ts, (k, v, c))) as every from (
            select *, sum(apart) over (partition by g order by ts rows unbounded preceding) as island from (
              select *, ifNull(ts > lagInFrame(toNullable(ts)) over (partition by g order by ts rows between unbounded preceding and current row) + ${seconds}, false) as apart
              from (${events})))
            group by g, island))))
      where not begins group by g, begin having ${this.#holds(bounds, 'number')})`;
  }

  #holds(bounds: readonly Bound[], number: string): string {
    return bounds.length === 0
      ? 'true'
      : bounds.map(({ op, value }) => `${number} ${signs[op]} ${this.#real(value)}`).join(' and ');
  }
}

const signs = { gt: '>', gte: '>=', lt: '<', lte: '<=', eq: '=', neq: '!=' } as const;

const list = (type: string, values: readonly string[]): string =>
  values.length === 0 ? `cast([], 'Array(${type})')` : `[${values.join(', ')}]::Array(${type})`;

/** A value as it is grouped by and compared; what is missing or empty is null. */
export function textSql({ kind, vector, sql }: StoredColumn): string {
  const text = (one: string): string => (kind === 'text' || kind === 'address' ? one : `toString(${one})`);
  if (!vector) return `nullIf(${text(sql)}::Nullable(String), '')`;
  return `multiIf(empty(${sql}), null, length(${sql}) = 1, nullIf(${text(`${sql}[1]`)}, ''), toJSONString(arrayMap(x -> ${text('x')}, ${sql})))`;
}
