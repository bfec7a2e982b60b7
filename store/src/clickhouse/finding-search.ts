/**
 * The search of findings. What counts stands in PostgreSQL; here is a column each of what is filtered, grouped and counted, so that a page over a
 * million findings reads some megabytes and not their bodies. `resources/finding-due.ts` says what has changed; a later edition of a row
 * takes the place of an earlier one.
 *
 * Whose findings: the centre's members all; others those that their organisation has a part in, and of those only what its part shows.
 */

import type { AnyRecord } from '@forewarn/model/records/record';
import type { ExceptionTerms } from '@forewarn/model/noise';
import type { Predicate } from '@forewarn/model/query/query';
import { findingFields } from '@forewarn/model/finding-fields';
import { limits } from '../limits.ts';
import { Parameters } from './compile.ts';
import type { Engine } from './engine.ts';
import {
  all,
  concernsAlone,
  conditionsOf,
  earlySql,
  Eyes,
  findingColumns as columns,
  findingLevels,
  findingTable as table,
  readFindings,
  verdictCounts,
} from './finding-filter.ts';
import { FindingGroups, type GroupsAsked } from './finding-groups.ts';
import { database, storedName, type StoredColumn } from './tables.ts';

/** A finding as it is searched: the fields of conditions, and what decides who sees what. */
export type SearchedFinding = {
  id: string;
  edition: number;
  /** When it was first written, which never changes: it orders the table, so that what changes lies among few rows. */
  recordedAt: number;
  fields: AnyRecord;
  /** The organisation of the sensor that saw it; those that see it whole; those of its incident. */
  seenBy: string | null;
  whole: readonly string[];
  incident: string | null;
  incidentSeenBy: readonly string[];
  hiddenBy: string | null;
  verdict: string | null;
};

/** Whose eyes: all, or those of one organisation. */
export type FindingScope = 'all' | { readonly organisation: string };

export type FindingFilter = {
  /** Seconds: the finding's evidence overlaps the range. */
  from?: number | undefined;
  to?: number | undefined;
  level?: string | undefined;
  rule?: string | undefined;
  source?: string | undefined;
  target?: string | undefined;
  technique?: string | undefined;
  organisation?: string | undefined;
  link?: string | undefined;
  sensor?: string | undefined;
  networkType?: string | undefined;
  incident?: string | undefined;
  /** `none`: not judged yet. */
  verdict?: string | undefined;
  /** `no` unless said otherwise. */
  hidden?: 'no' | 'yes' | 'all' | undefined;
  hiddenBy?: string | undefined;
  /** The organisation of the sensor. */
  seenBy?: string | undefined;
  where?: Predicate | undefined;
  /** As `detect/noise` holds evidence against them. */
  times?: Pick<ExceptionTerms, 'from' | 'until' | 'weekly'> | undefined;
};

export const findingGroupings = [
  'rule-source',
  'rule',
  'source',
  'target',
  'technique',
  'level',
  'link',
  'organisation',
] as const;
export type FindingGrouping = (typeof findingGroupings)[number];

export type FindingGroup = {
  /** The values that its findings have in common, in the order of the grouping; '' where there is none. */
  key: string[];
  /** Where it is a group of one rule. */
  rule: { id: string; name: string; kind: string } | null;
  count: number;
  records: number;
  first: number;
  last: number;
  level: string;
  sources: number;
  techniques: string[];
  incidents: number;
  /** How many were judged, by verdict. */
  verdicts: { [verdict: string]: number };
  /** Findings in equal parts of the range by their last evidence. */
  spark: number[];
  /** Where it stands in the order, for who asks for those after it. */
  place: readonly [string, string];
};

export type FindingTotals = { count: number; hidden: number; levels: { [level: string]: number } };

/** Verdicts and counts of a rule, of all time. */
export type RuleCounts = {
  rule: string;
  name: string;
  kind: string;
  techniques: string[];
  hits: number;
  hidden: number;
  lastHit: number | null;
  verdicts: { [verdict: string]: number };
};

export type Previewed = {
  count: number;
  levels: { [level: string]: number };
  rules: { rule: string; name: string; count: number }[];
  days: { at: number; count: number }[];
  /** What must not be hidden: confirmed, or part of an incident. */
  grave: number;
  graveIds: string[];
  ids: string[];
};

export type FindingSearch = {
  put(rows: readonly SearchedFinding[]): Promise<void>;
  /** Ids, the last evidence first. */
  list(
    scope: FindingScope,
    filter: FindingFilter,
    page: { limit: number; after?: readonly [number, string] | undefined },
  ): Promise<{ id: string; to: number }[]>;
  groups(
    scope: FindingScope,
    filter: FindingFilter,
    asked: { by: FindingGrouping; limit: number; after?: readonly [string, string] | undefined; parts: number },
  ): Promise<FindingGroup[]>;
  totals(scope: FindingScope, filter: FindingFilter): Promise<FindingTotals>;
  rules(scope: FindingScope, rule?: string): Promise<RuleCounts[]>;
  preview(scope: FindingScope, filter: FindingFilter, only: { alone?: string | undefined }): Promise<Previewed>;
  /** Ids of what an exception would hide now, so many at most. */
  matching(scope: FindingScope, filter: FindingFilter, only: { alone?: string | undefined; limit: number }): Promise<string[]>;
  count(): Promise<number>;
};

/** Columns beside the fields. Texts are empty where there is nothing: they are filtered, never asked whether they exist. */
const own = [
  ['_recorded', 'Float64'],
  ['_edition', 'UInt64'],
  ['_rank', 'UInt8'],
  ['_seen_by', 'LowCardinality(String)'],
  ['_whole', 'Array(LowCardinality(String))'],
  ['_incident', 'String'],
  ['_incident_seen_by', 'Array(LowCardinality(String))'],
  ['_hidden', 'LowCardinality(String)'],
  ['_verdict', 'LowCardinality(String)'],
] as const;

/** Times and ids are in every row: without a mask of what is missing they are read twice as fast. */
const required = new Set(['id', 'from', 'to', 'rule', 'rule.name', 'rule.kind', 'level', 'source', 'records']);
const storedType = ({ name, type }: StoredColumn): string =>
  required.has(name) ? type.replace(/Nullable\((\w+)\)/, '$1') : type;

/**
 * By whole seconds, and not by the floating-point number itself: only of keys that are none does ClickHouse see that two parts have no rows in common, and then
 * `final` reads them as they are, with all threads; else it puts every row in its place among those of the other parts, with one.
 */
const orderSql = 'toUInt32(least(greatest(_recorded, 0), 4294967295)), id';

/** Makes the table where there is none. */
export async function openFindingSearch(engine: Engine): Promise<FindingSearch> {
  const parts = [
    ...columns.map((column) => `${column.sql} ${storedType(column)}`),
    ...own.map(([name, type]) => `${name} ${type}`),
    // Findings are written about when their evidence is seen: a range of time leaves most granules unread.
    'index by_to `to` type minmax granularity 1',
    'index by_from `from` type minmax granularity 1',
  ];
  const [before] = await engine.read({
    sql: `select sorting_key from system.tables where database = '${database}' and name = '${findingFields.log}'`,
    parameters: {},
  });
  // What was ordered otherwise is made again: it is but a copy, and the carrier fills an empty one.
  if (before && before[0] !== orderSql) await engine.write(`drop table ${table} sync`);
  await engine.write(
    `create table if not exists ${table} (${parts.join(', ')}) engine = ReplacingMergeTree(_edition)
      order by (${orderSql}) settings non_replicated_deduplication_window = ${limits.deduplicationWindow.value},
      fsync_after_insert = 1, fsync_part_directory = 1, min_free_disk_bytes_to_perform_insert = ${limits.freeBytesMin.value}`,
  );
  for (const [name, type, of] of derived) {
    await engine.write(`alter table ${table} add column if not exists ${name} ${type} materialized ${of}`);
  }
  return new Search(engine);
}

/** All values as text, in small letters: a word in any field is one walk, not twenty. */
const wordsSql = `concat(${columns
  .map(({ sql, vector }) => (vector ? `arrayStringConcat(${sql}, '\\0')` : `ifNull(toString(${sql}), '')`))
  .map((text) => `lowerUTF8(${text}), '\\0'`)
  .join(', ')})`;

/** Numbers for what groups are made of – to group by a number takes half the time that texts take – and what words are looked for in. */
const derived = [
  ['_pair', 'UInt64', 'cityHash64(rule, source)'],
  ['_source', 'UInt64', 'cityHash64(source)'],
  ['_targets', 'Array(UInt64)', 'arrayMap(x -> cityHash64(x), targets)'],
  ['_words', 'String', wordsSql],
] as const;

class Search implements FindingSearch {
  readonly #engine: Engine;
  readonly #groups: FindingGroups;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#groups = new FindingGroups(engine);
  }

  async put(rows: readonly SearchedFinding[]): Promise<void> {
    if (rows.length === 0) return;
    const lines = rows.map(({ id, edition, recordedAt, fields, seenBy, whole, incident, incidentSeenBy, hiddenBy, verdict }) => {
      const line: { [name: string]: unknown } = { ...fields, id };
      for (const column of columns) {
        const stored = storedName(column);
        if (stored === column.name) continue;
        line[stored] = line[column.name];
        delete line[column.name];
      }
      return JSON.stringify({
        ...line,
        _recorded: recordedAt,
        _edition: edition,
        _rank: Math.max(0, findingLevels.indexOf(fields['level'] as (typeof findingLevels)[number])),
        _seen_by: seenBy ?? '',
        _whole: whole,
        _incident: incident ?? '',
        _incident_seen_by: incidentSeenBy,
        _hidden: hiddenBy ?? '',
        _verdict: verdict ?? '',
      });
    });
    const token = `${rows[0]!.edition}-${rows.at(-1)!.edition}-${rows.length}`;
    await this.#engine.insert({ table, lines: Buffer.from(lines.join('\n')), token });
  }

  async list(
    scope: FindingScope,
    filter: FindingFilter,
    { limit, after }: { limit: number; after?: readonly [number, string] | undefined },
  ): Promise<{ id: string; to: number }[]> {
    const parameters = new Parameters();
    const conditions = conditionsOf(scope, filter, new Eyes(scope, parameters), parameters);
    if (after) {
      const to = parameters.add('Float64', after[0]);
      conditions.push(`(\`to\` < ${to} or (\`to\` = ${to} and id < ${parameters.add('String', after[1])}))`);
    }
    const rows = await this.#read(
      `select id, \`to\` from ${table} final ${earlySql(filter, parameters)} where ${all(conditions)} order by \`to\` desc, id desc limit ${limit}`,
      parameters,
      filter,
    );
    return rows.map(([id, to]) => ({ id: String(id), to: Number(to) }));
  }

  groups(scope: FindingScope, filter: FindingFilter, asked: GroupsAsked): Promise<FindingGroup[]> {
    return this.#groups.groups(scope, filter, asked);
  }

  async totals(scope: FindingScope, filter: FindingFilter): Promise<FindingTotals> {
    const parameters = new Parameters();
    // The choice among levels is shown with what each would give.
    const conditions = conditionsOf(
      scope,
      { ...filter, level: undefined, hidden: 'all' },
      new Eyes(scope, parameters),
      parameters,
    );
    const rows = await this.#read(
      `select level, countIf(_hidden = ''), countIf(_hidden != '') from ${table} final where ${all(conditions)} group by level`,
      parameters,
      filter,
    );
    const totals: FindingTotals = { count: 0, hidden: 0, levels: {} };
    for (const [level, shown, hidden] of rows) {
      const count =
        filter.hidden === 'yes' ? Number(hidden) : filter.hidden === 'all' ? Number(shown) + Number(hidden) : Number(shown);
      totals.levels[String(level)] = count;
      if (filter.level !== undefined && filter.level !== level) continue;
      totals.count += count;
      totals.hidden += Number(hidden);
    }
    return totals;
  }

  async rules(scope: FindingScope, rule?: string): Promise<RuleCounts[]> {
    const parameters = new Parameters();
    const conditions = conditionsOf(scope, { rule, hidden: 'all' }, new Eyes(scope, parameters), parameters);
    const rows = await this.#read(
      `select rule, count(), countIf(_hidden != ''), max(\`to\`), countIf(_verdict = 'true-positive'), countIf(_verdict = 'false-positive'),
         countIf(_verdict = 'expected'), countIf(_verdict = 'undetermined'), any(\`rule.name\`), any(\`rule.kind\`), groupUniqArrayArray(20)(technique)
       from ${table} final ${earlySql({ rule }, parameters)} where ${all(conditions)}
       group by rule limit ${limits.groupsMax.value}`,
      parameters,
    );
    return rows.map((row) => ({
      rule: String(row[0]),
      name: String(row[8]),
      kind: String(row[9]),
      techniques: row[10] as string[],
      hits: Number(row[1]),
      hidden: Number(row[2]),
      lastHit: Number(row[3]),
      verdicts: verdictCounts(row.slice(4, 8)),
    }));
  }

  async preview(scope: FindingScope, filter: FindingFilter, { alone }: { alone?: string | undefined }): Promise<Previewed> {
    const parameters = new Parameters();
    const see = new Eyes(scope, parameters);
    const conditions = conditionsOf(scope, filter, see, parameters);
    if (alone !== undefined) conditions.push(concernsAlone(alone, parameters));
    const grave = `(_verdict = 'true-positive' or ${see.incident} != '')`;
    const rows = await this.#read(
      `select level, rule, any(\`rule.name\`), toInt64(floor(\`to\` / 86400)) * 86400 as day, count(), countIf(${grave}),
         groupArrayIf(50)(id, ${grave}), groupArray(5)(id) from ${table} final where ${all(conditions)}
       group by level, rule, day order by day desc limit ${limits.groupsMax.value}`,
      parameters,
    );
    const previewed: Previewed = { count: 0, levels: {}, rules: [], days: [], grave: 0, graveIds: [], ids: [] };
    const rules = new Map<string, { rule: string; name: string; count: number }>();
    const days = new Map<number, number>();
    for (const [level, rule, name, day, count, graves, graveIds, ids] of rows) {
      const n = Number(count);
      previewed.count += n;
      previewed.grave += Number(graves);
      previewed.levels[String(level)] = (previewed.levels[String(level)] ?? 0) + n;
      const known = rules.get(String(rule));
      if (known) known.count += n;
      else rules.set(String(rule), { rule: String(rule), name: String(name), count: n });
      days.set(Number(day), (days.get(Number(day)) ?? 0) + n);
      if (previewed.graveIds.length < 50)
        previewed.graveIds.push(...(graveIds as string[]).slice(0, 50 - previewed.graveIds.length));
      if (previewed.ids.length < 10) previewed.ids.push(...(ids as string[]).slice(0, 10 - previewed.ids.length));
    }
    previewed.rules = [...rules.values()].sort((a, b) => b.count - a.count).slice(0, 20);
    previewed.days = [...days].map(([at, count]) => ({ at, count })).sort((a, b) => a.at - b.at);
    return previewed;
  }

  async matching(
    scope: FindingScope,
    filter: FindingFilter,
    { alone, limit }: { alone?: string | undefined; limit: number },
  ): Promise<string[]> {
    const parameters = new Parameters();
    const conditions = conditionsOf(scope, filter, new Eyes(scope, parameters), parameters);
    if (alone !== undefined) conditions.push(concernsAlone(alone, parameters));
    const rows = await this.#read(
      `select id from ${table} final where ${all(conditions)} order by \`to\` desc limit ${limit}`,
      parameters,
    );
    return rows.map(([id]) => String(id));
  }

  async count(): Promise<number> {
    const [row] = await this.#read(`select count() from ${table}`, new Parameters());
    return Number(row![0]);
  }

  #read(sql: string, parameters: Parameters, filter?: FindingFilter): Promise<unknown[][]> {
    return readFindings(this.#engine, sql, parameters, filter);
  }
}
