/** Records as rows of their tables: what is selected, and what it becomes. */

import type { Aggregate } from '@forewarn/model/query/query';
import type { Fields } from './compile.ts';
import { undeclaredColumn } from '@forewarn/model/records/open';
import { literal } from './literals.ts';
import { envelopeColumns, storedName, type StoredColumn } from './tables.ts';

export type RecordRow = { readonly [column: string]: unknown };

export type Table = { log: string; columns: readonly StoredColumn[]; names: ReadonlyMap<string, StoredColumn> };

/** The fields of a log: its columns, and of one with an open-ended schema whatever else was kept of a record. */
export function fieldsOf({ names, columns }: Table): Fields {
  const rest = columns.find(({ name }) => name === undeclaredColumn);
  if (!rest) return { find: (name) => names.get(name), own: columns };
  const values = { ...rest, sql: `arrayMap(field -> substring(field, position(field, '=') + 1), ${rest.sql})` };
  return {
    find: (name) => names.get(name) ?? undeclared(rest, name),
    own: columns.map((column) => (column === rest ? values : column)),
  };
}

/** What was kept under a name that is not declared: each of its values stands as `name=value` among the others. */
function undeclared(rest: StoredColumn, name: string): StoredColumn {
  const start = literal('String', `${name}=`);
  const sql = `arrayMap(field -> substring(field, ${Buffer.byteLength(name) + 2}), arrayFilter(field -> startsWith(field, ${start}), ${rest.sql}))`;
  return { ...rest, name, sql };
}

/** All columns, or those chosen that the table has. */
export function selected(table: Table, chosen?: readonly string[]): { names: readonly StoredColumn[]; sql: string } {
  const wanted = chosen && new Set(chosen);
  const names = [...table.columns, ...envelopeColumns].filter(({ name }) => wanted?.has(name) ?? true);
  return { names, sql: names.length === 0 ? '1' : names.map(({ sql }) => sql).join(', ') };
}

/** The record with its vectors under the names of their columns. */
export function withNames(
  record: { readonly [name: string]: unknown },
  renamed: readonly StoredColumn[],
): { [name: string]: unknown } {
  const named: { [name: string]: unknown } = { ...record };
  for (const column of renamed) named[storedName(column)] = record[column.name];
  return named;
}

/** A record as it was sent: what is missing is left out, counts are numbers again. */
export function rowOf(columns: readonly StoredColumn[], values: readonly unknown[], log: string): RecordRow {
  const row: { [column: string]: unknown } = { _log: log };
  for (const [index, column] of columns.entries()) {
    const value = valueOf(column, values[index]);
    if (value !== null && value !== undefined) row[column.name] = value;
  }
  return row;
}

/** Counts come as text; intake lets none pass that a number cannot hold, and sums are numbers already. */
export function valueOf({ kind, vector }: StoredColumn, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (vector) {
    const elements = value as readonly unknown[];
    if (elements.length === 0) return null;
    return kind === 'count' || kind === 'int' ? elements.map(Number) : elements;
  }
  return kind === 'count' || kind === 'int' ? Number(value) : value;
}

export function aggregateSql(kind: Aggregate['kind'], column: StoredColumn | undefined): string {
  if (kind === 'count') return 'count()';
  if (!column) return kind === 'distinct' || kind === 'sum' ? '0' : 'null';
  const { sql, vector } = column;
  if (kind === 'distinct') return vector ? `uniqExactArray(${sql})` : `uniqExact(${sql})`;
  const numeric = column.kind === 'real' || column.kind === 'count' || column.kind === 'int';
  if (!numeric) return kind === 'sum' ? '0' : 'null';
  if (kind === 'sum') return vector ? `sum(arraySum(arrayMap(x -> toFloat64(x), ${sql})))` : `ifNull(sum(toFloat64(${sql})), 0)`;
  if (kind === 'avg') {
    return vector
      ? `sum(arraySum(arrayMap(x -> toFloat64(x), ${sql}))) / nullIf(sum(length(${sql})), 0)`
      : `avg(toFloat64(${sql}))`;
  }
  if (!vector) return `toFloat64(${kind}(${sql}))`;
  return `toFloat64(${kind}OrNullIf(${kind === 'min' ? 'arrayMin' : 'arrayMax'}(${sql}), notEmpty(${sql})))`;
}
