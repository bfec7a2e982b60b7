/** Tables derived from the declarations of records: a column each, then the envelope, then the row's place in its batch. */

import type { ColumnType, RecordType } from '@forewarn/model/records/record';
import { limits } from '../limits.ts';
import { metFields } from './indicator-places.ts';

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

/** The minute of a record since 1970; far times are taken together, so that every one has a minute that a 64-bit integer holds. */
export const minuteSql = 'toInt64(floor(least(greatest(ts, -1e15), 1e15) / 60))';

/** Granules of 8,192 rows that one filter stands for: what occurs a hundred times in ten million rows still leaves nine tenths unread. */
const filterGranules = 1;

/** How many records each minute has of whom, and the sums of what is counted in them. */
/** The sum of a column, as the projection holds it: of 64-bit floating-point numbers, which no hostile count makes begin anew at zero. */
export const sumSql = ({ sql }: Pick<StoredColumn, 'sql'>): string => `sum(toFloat64(${sql}))`;

/** What is kept beside a table's rows so that a question need not read them all, by name, as the text that declares it. */
type Aid = { readonly kind: 'index' | 'projection'; readonly name: string; readonly sql: string };

/**
 * Bloom filters find a value that is rare without reading what lies between: an address, a port, an identifier, and every text as it is compared,
 * in small letters. A projection holds counts and sums of every minute, so that counting reads a row a minute; others hold each value of the
 * fields in which listed values are looked for once, so that a list of a thousand meets hosts and names and not their records. They lie in the same part
 * as its rows, come and go with them, and count a repeated batch no more than they do.
 */
function aidsOf(type: RecordType): Aid[] {
  const aids: Aid[] = [];
  const filter = (name: string, of: string): void => {
    aids.push({
      kind: 'index',
      name,
      sql: `index ${quoteName(name)} ${of} type bloom_filter(0.01) granularity ${filterGranules}`,
    });
  };
  for (const { name, sql, kind, vector } of recordColumns(type)) {
    if (vector) continue;
    const declared = type.columns[name]?.type;
    if (kind === 'address' || declared === 'port' || name === 'uid' || name === 'community_id') filter(`by_${name}`, sql);
    // An enumeration has few values, and each of them stands everywhere.
    if (kind === 'text' && declared !== 'enum') filter(`by_small_${name}`, `lowerUTF8(${sql})`);
  }
  const keys = [minuteSql, '_organisation', '_sensor', '_link', '_marking'].join(', ');
  const counted = recordColumns(type).filter(({ name }) =>
    ['bytes', 'packets', 'records'].includes(type.columns[name]?.unit ?? ''),
  );
  const sums = counted.filter(({ kind, vector }) => kind === 'count' && !vector).map((column) => `, ${sumSql(column)}`);
  aids.push({
    kind: 'projection',
    name: 'minutes',
    sql: `projection minutes (select ${keys}, count()${sums.join('')} group by ${keys})`,
  });
  const looked = metFields(type.log);
  for (const { name, sql } of recordColumns(type)) {
    if (!looked.includes(name)) continue;
    const projection = `met_${name}`;
    aids.push({
      kind: 'projection',
      name: projection,
      sql: `projection ${quoteName(projection)} (select ${sql}, min(ts), max(ts) group by ${sql})`,
    });
  }
  return aids;
}

/** The table as it is on the disk. */
export type TableOnDisk = {
  /** Types by name. */
  columns: Map<string, string>;
  /** What is kept beside its rows, by name; of a filter, for how many granules each. */
  aids: Map<string, { kind: Aid['kind']; granules: number }>;
  /** Some of its rows are from before, and nothing is at work to make it for them. */
  behind: boolean;
};

/**
 * The statements that make the table of a record type, or bring the one on the disk up to its declaration. Partitions are years, bounded, because
 * each is a folder of its own and a capture may claim any time; the order by time serves what all questions have in common. What is new
 * beside the rows is made for older ones in the background; until then questions read the rows, and answer the same.
 */
export function tableStatements(type: RecordType, before: TableOnDisk | undefined): string[] {
  const table = tableOf(type.log);
  const all = [...recordColumns(type), ...envelopeColumns];
  const aids = aidsOf(type);
  if (before) {
    const columns = all.filter((column) => !before.columns.has(storedName(column)));
    const current = new Map(aids.map((aid) => [aid.name, aid]));
    const outdated = [...before.aids].filter(
      ([name, { kind, granules }]) => current.get(name)?.kind !== kind || (kind === 'index' && granules !== filterGranules),
    );
    for (const [name] of outdated) before.aids.delete(name);
    const missing = aids.filter(({ name }) => !before.aids.has(name));
    return [
      ...columns.map(({ sql, type: stored }) => `alter table ${table} add column if not exists ${sql} ${stored}`),
      ...outdated.map(([name, { kind }]) => `alter table ${table} drop ${kind} if exists ${quoteName(name)}`),
      ...(missing.length > 0 ? [`alter table ${table} ${missing.map(({ sql }) => `add ${sql}`).join(', ')}`] : []),
      ...(missing.length > 0 || before.behind
        ? [
            `alter table ${table} ${aids.map(({ kind, name }) => `materialize ${kind} ${quoteName(name)}`).join(', ')} settings mutations_sync = 0`,
          ]
        : []),
    ];
  }
  const parts = [...all.map(({ sql, type: stored }) => `${sql} ${stored}`), '_row UInt32', ...aids.map(({ sql }) => sql)];
  const settings = [
    `non_replicated_deduplication_window = ${limits.deduplicationWindow.value}`,
    'fsync_after_insert = 1',
    'fsync_part_directory = 1',
    `min_free_disk_bytes_to_perform_insert = ${limits.freeBytesMin.value}`,
  ];
  return [
    `create table if not exists ${table} (${parts.join(', ')}) engine = MergeTree
      partition by toYear(toDateTime(least(greatest(ts, 946684800), 4102444799), 'UTC'))
      order by ts settings ${settings.join(', ')}`,
  ];
}
