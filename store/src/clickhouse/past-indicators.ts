/**
 * Records of the past that hold one of many values: what a new list of indicators is asked about. A statement goes over the columns of one
 * log once, with all values as one set, because a filter that errs in one of a hundred has nothing left to skip at a thousand values. What
 * comes is a superset: names below a listed one, times and validity are told by whoever looks at the records as the stream does.
 */

import { parseNetwork, type Network } from '@forewarn/base/ip';
import type { Predicate } from '@forewarn/model/query/query';
import { limits } from '../limits.ts';
import { compilePredicate, Parameters } from './compile.ts';
import type { Engine } from './engine.ts';
import type { Taken } from './past.ts';
import { fieldsOf, rowOf, selected, type RecordRow, type Table } from './rows.ts';
import { whereSql, type RecordRange, type RecordScope } from './scope.ts';
import { tableOf, type StoredColumn } from './tables.ts';

/** Values in their one writing (`detect/indicators/values.ts`). */
export type PastValues = {
  readonly addresses: readonly string[];
  readonly networks: readonly string[];
  readonly domains: readonly string[];
  readonly urls: readonly string[];
  readonly hashes: readonly string[];
};

export type PastIndicators = (
  scope: RecordScope,
  asked: { values: PastValues; range: RecordRange; limit: number },
  taken?: Taken,
) => Promise<{ rows: RecordRow[]; cut: boolean }>;

/** Fields by kind of value. A vector is asked by its elements. */
const places: { readonly [kind in keyof PastValues]: { readonly [log: string]: readonly string[] } } = {
  addresses: {
    conn: ['id.orig_h', 'id.resp_h'],
    ipfix: ['sourceIPv4Address', 'destinationIPv4Address', 'sourceIPv6Address', 'destinationIPv6Address'],
    dns: ['answers'],
  },
  networks: { conn: ['id.orig_h', 'id.resp_h'] },
  domains: { dns: ['query'], http: ['host'], ssl: ['server_name'], quic: ['server_name'] },
  urls: { http: ['host'] },
  hashes: { files: ['md5', 'sha1', 'sha256'], x509: ['fingerprint'], ssl: ['ja3', 'ja3s', 'cert_chain_fps'] },
};

/** Of values in one statement: they stand twice as long in its text, and there must be room for the rest. */
const valueCharacters = limits.statementCharacters.value * 0.4;

/** With more values in a set some of them seem to be in every granule: filters then cost more than they spare. */
const filteredMax = 30;

/** Networks of one statement: those of IPv6 are two comparisons each for every row. */
const networksAtOnce = 1_000;

export function openPastIndicators({
  engine,
  tables,
  filled,
}: {
  readonly engine: Engine;
  readonly tables: ReadonlyMap<string, Table>;
  readonly filled: ReadonlySet<string>;
}): PastIndicators {
  return async (scope, { values, range, limit }, taken) => {
    const found: RecordRow[] = [];
    let cut = false;
    const many = Object.values(values).some((of) => of.length > filteredMax);
    for (const [log, conditionsOf] of statements(values)) {
      const table = tables.get(log);
      if (!table || !filled.has(log)) continue;
      const parameters = new Parameters();
      const where = whereSql(scope, { range }, fieldsOf(table), parameters);
      const conditions = conditionsOf(table, parameters);
      if (conditions.length === 0) continue;
      const { names, sql } = selected(table);
      const { rows, rowsRead, bytesRead } = await engine.measure(
        {
          sql: `select ${sql} from ${tableOf(log)} where ${where} and (${conditions.join(' or ')}) order by ts limit ${limit + 1}`,
          parameters: parameters.values,
        },
        many ? ['use_skip_indexes = 0'] : [],
      );
      if (taken) {
        taken.rows += rowsRead;
        taken.bytes += bytesRead;
      }
      if (rows.length > limit) cut = true;
      for (const row of rows.slice(0, limit)) found.push(rowOf(names, row, log));
    }
    found.sort((a, b) => Number(a['ts']) - Number(b['ts']));
    return { rows: found, cut };
  };
}

type Statement = [log: string, conditions: (table: Table, parameters: Parameters) => string[]];

/** One for each log and as many values as fit. */
function* statements(values: PastValues): Generator<Statement> {
  for (const kind of Object.keys(places) as (keyof PastValues)[]) {
    for (const [log, fields] of Object.entries(places[kind])) {
      for (const part of parts(values[kind], kind === 'networks' ? networksAtOnce : Infinity)) {
        yield [
          log,
          (table, parameters) =>
            fields.flatMap((field) => {
              const column = table.names.get(field);
              return column ? condition(kind, column, part, table, parameters) : [];
            }),
        ];
      }
    }
  }
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
