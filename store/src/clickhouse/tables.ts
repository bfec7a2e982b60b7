/** Tables derived from the declarations of records: a column each, then the envelope, then the row's place in its batch. */

import type { ColumnType, RecordType } from '@forewarn/model/records/record';
import { limits } from '../limits.ts';

export const database = 'forewarn';

/** What a value is to a comparison. */
export type ValueKind = 'text' | 'address' | 'real' | 'count' | 'int' | 'bool';

/** A column as the compiler and the reader see it. `sql` is its quoted name. */
export type StoredColumn = {
  readonly name: string;
  readonly sql: string;
  readonly kind: ValueKind;
  readonly vector: boolean;
  readonly type: string;
};

const kinds: { readonly [type in ColumnType]: { kind: ValueKind; vector: boolean; type: string } } = {
  // Zeek's double of seconds, as it is: a record that is read back is the record that was sent.
  time: { kind: 'real', vector: false, type: 'Nullable(Float64)' },
  interval: { kind: 'real', vector: false, type: 'Nullable(Float64)' },
  double: { kind: 'real', vector: false, type: 'Nullable(Float64)' },
  string: { kind: 'text', vector: false, type: 'Nullable(String)' },
  enum: { kind: 'text', vector: false, type: 'LowCardinality(Nullable(String))' },
  // As text: rules compare addresses as texts too, and the reader gets back what was sent.
  addr: { kind: 'address', vector: false, type: 'Nullable(String)' },
  port: { kind: 'count', vector: false, type: 'Nullable(UInt64)' },
  count: { kind: 'count', vector: false, type: 'Nullable(UInt64)' },
  int: { kind: 'int', vector: false, type: 'Nullable(Int64)' },
  bool: { kind: 'bool', vector: false, type: 'Nullable(Bool)' },
  'vector[string]': { kind: 'text', vector: true, type: 'Array(String)' },
  'vector[count]': { kind: 'count', vector: true, type: 'Array(UInt64)' },
  'vector[interval]': { kind: 'real', vector: true, type: 'Array(Float64)' },
};

/** Quotes a name we declared; never one that came from outside. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

/**
 * A column's name in its table: the record's, but for vectors, whose dots become colons. ClickHouse takes `san.dns` and `san.uri`, when they are
 * arrays, for one nested structure and refuses rows in which they differ in length.
 */
export function storedName({ name, vector }: Pick<StoredColumn, 'name' | 'vector'>): string {
  return vector ? name.replaceAll('.', ':') : name;
}

/** What the centre adds to a record. */
export const envelopeColumns: readonly StoredColumn[] = [
  '_organisation',
  '_sensor',
  '_link',
  '_network_type',
  '_source',
  '_batch',
  '_marking',
].map((name) => ({
  name,
  sql: quoteName(name),
  kind: 'text',
  vector: false,
  type: name === '_link' ? 'LowCardinality(Nullable(String))' : 'LowCardinality(String)',
}));

/** The columns of a record type that are kept: all but secrets, which have no place to be written to. */
export function recordColumns(type: RecordType): readonly StoredColumn[] {
  return Object.entries(type.columns)
    .filter(([, column]) => column.class !== 'secret')
    .map(([name, column]) => {
      const stored = kinds[column.type];
      // The time orders the table and is in every record that is kept.
      return {
        name,
        sql: quoteName(storedName({ name, vector: stored.vector })),
        ...stored,
        ...(name === 'ts' ? { type: 'Float64' } : {}),
      };
    });
}

/** The table of a declared log. The engine's insert takes plain names only, so a log is named in letters, digits and underscores. */
export function tableOf(log: string): string {
  if (!/^[a-z][a-z0-9_]*$/.test(log)) throw new Error(`A log cannot be named "${log}".`);
  return `${database}.${log}`;
}

/**
 * The statements that make or extend the table of a record type. Partitions are years, bounded, because each is a folder of its own and a
 * capture may claim any time; the order by time serves what all questions have in common. Bloom filters find a host or a flow
 * without reading what lies between.
 */
export function tableStatements(type: RecordType): string[] {
  const columns = recordColumns(type);
  const all = [...columns, ...envelopeColumns];
  const sought = columns.filter(
    ({ kind, name, vector }) => !vector && (kind === 'address' || name === 'uid' || name === 'community_id'),
  );
  const parts = [
    ...all.map(({ sql, type: stored }) => `${sql} ${stored}`),
    '_row UInt32',
    ...sought.map(({ name, sql }) => `index ${quoteName(`by_${name}`)} ${sql} type bloom_filter(0.01) granularity 4`),
  ];
  const settings = [
    `non_replicated_deduplication_window = ${limits.deduplicationWindow.value}`,
    'fsync_after_insert = 1',
    'fsync_part_directory = 1',
    `min_free_disk_bytes_to_perform_insert = ${limits.freeBytesMin.value}`,
  ];
  return [
    `create table if not exists ${tableOf(type.log)} (${parts.join(', ')}) engine = MergeTree
      partition by toYear(toDateTime(least(greatest(ts, 946684800), 4102444799), 'UTC'))
      order by ts settings ${settings.join(', ')}`,
    ...all.map(
      ({ sql, type: stored }) => `alter table ${tableOf(type.log)} add column if not exists ${sql} ${stored} before _row`,
    ),
  ];
}
