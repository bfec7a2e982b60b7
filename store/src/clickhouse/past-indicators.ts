/**
 * Records of the past that hold one of many values: what a new list of indicators is asked about. First which of the values occur at all, from the
 * projections that hold each value of a field once a part, with the first and the last time; then the records of those few. What comes is a superset:
 * names below a listed one, times and validity are told by whoever looks at the records as the stream does.
 */

import { parseNetwork, type Network } from '@forewarn/base/ip';
import type { Predicate } from '@forewarn/model/query/query';
import { limits } from '../limits.ts';
import { compilePredicate, Parameters } from './compile.ts';
import type { Engine } from './engine.ts';
import type { Taken } from './past.ts';
import { fieldsOf, rowOf, selected, type RecordRow, type Table } from './rows.ts';
import { whereSql, type RecordRange, type RecordScope } from './scope.ts';
import { places, type PastValues } from './indicator-places.ts';
import { tableOf, type StoredColumn } from './tables.ts';

/** What of a field was met in a range, and when first and last. */
type MetField = { readonly column: StoredColumn; readonly values: readonly string[]; readonly from: number; readonly to: number };

/** Which fields of which logs hold listed values, by log. */
export type Met = ReadonlyMap<string, readonly MetField[]>;

export type PastIndicators = {
  /** Which of the values occur in the range in anybody's records: what to read, and nothing to show. */
  meet(values: PastValues, range: RecordRange, taken?: Taken): Promise<Met>;
  /** Records of a scope in a part of that range that hold what was met, the oldest first. */
  read(
    scope: RecordScope,
    asked: { met: Met; range: RecordRange; limit: number },
    taken?: Taken,
  ): Promise<{ rows: RecordRow[]; cut: boolean }>;
};

/** Of values in one statement: they stand twice as long in its text, and there must be room for the rest. */
const valueCharacters = limits.statementCharacters.value * 0.4;

/** With more values in a set some of them seem to be in every granule: filters then cost more than they spare. */
const filteredMax = 30;

/** Networks of one statement: those of IPv6 are two comparisons each for every row. */
const networksAtOnce = 1_000;

/** Values of a field that one statement meets; a list that meets more names what everybody visits, and the first of them are looked at. */
const metMax = 20_000;

export function openPastIndicators({
  engine,
  tables,
  filled,
}: {
  readonly engine: Engine;
  readonly tables: ReadonlyMap<string, Table>;
  readonly filled: ReadonlySet<string>;
}): PastIndicators {
  const measured = async (sql: string, parameters: Parameters, settings: string[], taken?: Taken): Promise<unknown[][]> => {
    const { rows, rowsRead, bytesRead } = await engine.measure({ sql, parameters: parameters.values }, [
      `max_execution_time = ${limits.pastSeconds.value}`,
      ...settings,
    ]);
    if (taken) {
      taken.rows += rowsRead;
      taken.bytes += bytesRead;
    }
    return rows;
  };
  return {
    async meet(values, range, taken) {
      const met = new Map<string, MetField[]>();
      for (const { log, field, kind, part } of questions(values)) {
        const table = tables.get(log);
        const column = table?.names.get(field);
        if (!table || !column || !filled.has(log)) continue;
        const parameters = new Parameters();
        const asked = condition(kind, column, part, table, parameters);
        const [from, to] = [parameters.add('Float64', range.from), parameters.add('Float64', range.to)];
        const rows = await measured(
          `select ${column.sql} as met, min(ts) as first, max(ts) as last from ${tableOf(log)} where ${asked}
           group by met having last >= ${from} and first < ${to} order by first limit ${metMax}`,
          parameters,
          ['use_skip_indexes = 0'],
          taken,
        );
        if (rows.length === 0) continue;
        const listed = new Set(part);
        const found = column.vector
          ? rows.flatMap(([list]) => (list as string[]).filter((one) => listed.has(one)))
          : rows.map(([one]) => String(one));
        const first = rows.reduce((least, row) => Math.min(least, Number(row[1])), Infinity);
        const last = rows.reduce((most, row) => Math.max(most, Number(row[2])), -Infinity);
        const fields = met.get(log) ?? [];
        met.set(log, [...fields, { column, values: [...new Set(found)], from: first, to: last }]);
      }
      return met;
    },

    async read(scope, { met, range, limit }, taken) {
      const found: RecordRow[] = [];
      let cut = false;
      for (const [log, fields] of met) {
        const table = tables.get(log)!;
        const inRange = fields.filter(({ from, to }) => from < range.to && to >= range.from);
        if (inRange.length === 0) continue;
        const parameters = new Parameters();
        const conditions = inRange.map(({ column, values }) => {
          const set = parameters.add('Array(String)', values);
          return column.vector ? `arrayExists(x -> x in ${set}, ${column.sql})` : `ifNull(${column.sql} in ${set}, false)`;
        });
        const within = {
          from: Math.max(range.from, Math.min(...inRange.map(({ from }) => from))),
          to: range.to,
        };
        const where = whereSql(scope, { range: within }, fieldsOf(table), parameters);
        const { names, sql } = selected(table);
        const many = inRange.some(({ column, values }) => column.vector || values.length > filteredMax);
        const rows = await measured(
          `select ${sql} from ${tableOf(log)} where ${where} and (${conditions.join(' or ')}) order by ts limit ${limit + 1}`,
          parameters,
          many ? ['use_skip_indexes = 0'] : [],
          taken,
        );
        if (rows.length > limit) cut = true;
        for (const row of rows.slice(0, limit)) found.push(rowOf(names, row, log));
      }
      found.sort((a, b) => Number(a['ts']) - Number(b['ts']));
      return { rows: found, cut };
    },
  };
}

type Question = { log: string; field: string; kind: keyof PastValues; part: readonly string[] };

/** One for each field and as many values as fit: each field's own list of what was met is read by a statement of its own. */
function* questions(values: PastValues): Generator<Question> {
  for (const kind of Object.keys(places) as (keyof PastValues)[]) {
    for (const [log, fields] of Object.entries(places[kind])) {
      for (const field of fields) {
        for (const part of parts(fitting(kind, field, values[kind]), kind === 'networks' ? networksAtOnce : Infinity))
          yield { log, field, kind, part };
      }
    }
  }
}

/** Hexadecimal digits of each kind of hash. */
const hashDigits: { readonly [field: string]: number } = { md5: 32, sha1: 40, sha256: 64, fingerprint: 64, ja3: 32, ja3s: 32 };

/** A field that holds hashes of one kind is not asked for those of another. */
function fitting(kind: keyof PastValues, field: string, values: readonly string[]): readonly string[] {
  const digits = hashDigits[field];
  return kind === 'hashes' && digits !== undefined ? values.filter(({ length }) => length === digits) : values;
}

function* parts(values: readonly string[], countMax: number): Generator<readonly string[]> {
  let part: string[] = [];
  let characters = 0;
  for (const value of values) {
    if (part.length > 0 && (part.length >= countMax || characters + value.length > valueCharacters)) {
      yield part;
      part = [];
      characters = 0;
    }
    part.push(value);
    characters += value.length + 2;
  }
  if (part.length > 0) yield part;
}

const isDotted = (network: Network | undefined): network is Network => network?.bytes.length === 4;

function condition(
  kind: keyof PastValues,
  column: StoredColumn,
  values: readonly string[],
  table: Table,
  parameters: Parameters,
): string {
  const set = (of: readonly string[]): string => parameters.add('Array(String)', of);
  switch (kind) {
    case 'addresses':
    case 'hashes':
      // Hashes are written in small letters by our parsers; vectors are asked for any element.
      return column.vector
        ? `arrayExists(x -> x in ${set(values)}, ${column.sql})`
        : `ifNull(${column.sql} in ${set(values)}, false)`;
    case 'networks': {
      // Dotted ones by their leading bits as numbers of ours, each length of prefix once; the others one by one.
      const dotted = Map.groupBy(values.map(parseNetwork).filter(isDotted), ({ prefix }) => prefix);
      const number = `ifNull(toUInt32(toIPv4OrNull(${column.sql})), 0)`;
      const each = [...dotted].map(([prefix, networks]) => {
        const leading = networks.map(({ bytes }) =>
          Math.floor(bytes.reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** (32 - prefix)),
        );
        return `intDiv(${number}, ${2 ** (32 - prefix)}) in (${leading.join(', ')})`;
      });
      const others = values
        .filter((network) => network.includes(':'))
        .map((network): Predicate => ({ kind: 'cidr', field: column.name, network }));
      if (others.length > 0) each.push(compilePredicate({ kind: 'or', of: others }, fieldsOf(table), parameters));
      return each.length === 0 ? 'false' : `(${each.join(' or ')})`;
    }
    case 'domains': {
      // A name below a listed one has it as its last labels: as many as the listed one has.
      const byLabels = Map.groupBy(values, (name) => name.split('.').length);
      const name = `trim(trailing '.' from lower(${column.sql}))`;
      const each = [...byLabels].map(
        ([labels, names]) => `ifNull(substringIndex(${name}, '.', -${labels}) in ${set(names)}, false)`,
      );
      return `(${each.join(' or ')})`;
    }
    case 'urls': {
      // What comes after the path is not kept everywhere; whoever looks at the record compares the whole.
      const hosts = [...new Set(values.flatMap((url) => URL.parse(url)?.host ?? []))];
      return `ifNull(lower(${column.sql}) in ${set(hosts)}, false)`;
    }
  }
}
