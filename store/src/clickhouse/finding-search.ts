/**
 * The search of findings. What counts stands in PostgreSQL; here is a column each of what is filtered, grouped and counted, so that a page over a
 * million findings reads some megabytes and not their bodies. `resources/finding-due.ts` says what has changed; a later edition of a row
 * takes the place of an earlier one.
 *
 * Whose findings: the centre's members all; others those that their organisation has a part in, and of those only what its part shows.
 */

import type { AnyRecord } from '@forewarn/model/records/record';
import { findingFields } from '@forewarn/model/finding-fields';
import type { ExceptionTerms, WeeklyWindow } from '@forewarn/model/noise';
import type { Predicate } from '@forewarn/model/query/query';
import { limits } from '../limits.ts';
import { compilePredicate, Parameters, type Fields } from './compile.ts';
import type { Engine } from './engine.ts';
import { database, recordColumns, storedName, type StoredColumn } from './tables.ts';

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
  rule: { id: string; name: string; kind: string };
  rules: number;
  count: number;
  records: number;
  first: number;
  last: number;
  level: string;
  sources: number;
  source: string;
  techniques: string[];
  incidents: number;
  /** How many were judged, by verdict. */
  verdicts: { [verdict: string]: number };
  /** Findings in equal parts of the range by their last evidence. */
  spark: number[];
  /** Where it stands in the order, for who asks for those after it. */
  place: string;
};

export type FindingTotals = { count: number; hidden: number; groups: number; levels: { [level: string]: number } };

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

export const findingLevels = ['informational', 'low', 'medium', 'high', 'critical'] as const;
const table = `${database}.${findingFields.log}`;
const columns = recordColumns(findingFields);
const byName = new Map(columns.map((column) => [column.name, column]));

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

/** Makes the table where there is none. */
export async function openFindingSearch(engine: Engine): Promise<FindingSearch> {
  const parts = [
    ...columns.map((column) => `${column.sql} ${storedType(column)}`),
    ...own.map(([name, type]) => `${name} ${type}`),
  ];
  await engine.write(
    `create table if not exists ${table} (${parts.join(', ')}) engine = ReplacingMergeTree(_edition)
      order by (_recorded, id) settings non_replicated_deduplication_window = ${limits.deduplicationWindow.value},
      fsync_after_insert = 1, fsync_part_directory = 1, min_free_disk_bytes_to_perform_insert = ${limits.freeBytesMin.value}`,
  );
  return new Search(engine);
}

/** Grouped by a technique or a target, a finding counts in each group that it belongs to. */
const keysOf = (by: FindingGrouping, see: Eyes): string[] => {
  switch (by) {
    case 'rule-source':
      return ['rule', 'source'];
    case 'target':
      return [`arrayJoin(if(empty(${see.sql('targets')}), [''], ${see.sql('targets')}))`];
    case 'technique':
      return [`arrayJoin(if(empty(technique), [''], technique))`];
    case 'organisation':
      return [`arrayJoin(${see.sql('organisation')})`];
    case 'link':
      return [`ifNull(${see.sql('link')}, '')`];
    default:
      return [by];
  }
};

/** What a scope sees of each column. */
class Eyes implements Fields {
  readonly #scope: FindingScope;
  readonly #parameters: Parameters;
  readonly own: readonly StoredColumn[];

  constructor(scope: FindingScope, parameters: Parameters) {
    this.#scope = scope;
    this.#parameters = parameters;
    this.own = columns.map((column) => ({ ...column, sql: this.sql(column.name) }));
  }

  find(name: string): StoredColumn | undefined {
    return this.own.find((column) => column.name === name);
  }

  /** Whose host was only acted upon is not shown the others; a search must not spell them out. Nor where others' sensors stand. */
  sql(name: string): string {
    const { sql, vector } = byName.get(name)!;
    if (this.#scope === 'all') return sql;
    const mine = this.#parameters.add('String', this.#scope.organisation);
    if (name === 'organisation') return `arrayFilter(x -> x = ${mine}, ${sql})`;
    if (name === 'targets' || name === 'explanation') return `if(has(_whole, ${mine}), ${sql}, ${vector ? '[]' : 'null'})`;
    if (name === 'sensor' || name === 'link' || name === 'networkType') return `if(_seen_by = ${mine}, ${sql}, null)`;
    return sql;
  }

  get incident(): string {
    if (this.#scope === 'all') return '_incident';
    return `if(has(_incident_seen_by, ${this.#parameters.add('String', this.#scope.organisation)}), _incident, '')`;
  }
}

class Search implements FindingSearch {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
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
    const conditions = this.#conditions(scope, filter, new Eyes(scope, parameters), parameters);
    if (after) {
      const to = parameters.add('Float64', after[0]);
      conditions.push(`(\`to\` < ${to} or (\`to\` = ${to} and id < ${parameters.add('String', after[1])}))`);
    }
    const rows = await this.#read(
      `select id, \`to\` from ${table} final where ${all(conditions)} order by \`to\` desc, id desc limit ${limit}`,
      parameters,
    );
    return rows.map(([id, to]) => ({ id: String(id), to: Number(to) }));
  }

  async groups(
    scope: FindingScope,
    filter: FindingFilter,
    asked: { by: FindingGrouping; limit: number; after?: readonly [string, string] | undefined; parts: number },
  ): Promise<FindingGroup[]> {
    const parameters = new Parameters();
    const see = new Eyes(scope, parameters);
    const conditions = this.#conditions(scope, filter, see, parameters);
    const keys = keysOf(asked.by, see);
    const names = keys.map((_key, index) => `k${index}`);
    const key = names.length === 1 ? `[toString(k0)]` : `[${names.map((name) => `toString(${name})`).join(', ')}]`;
    // The gravest first, of those the last; one text says both, so that a page goes on after it.
    const order = `concat(toString(max(_rank)), leftPad(toString(toUInt64(greatest(max(\`to\`), 0) * 1000)), 16, '0'))`;
    const from = filter.from ?? 0;
    const seconds = Math.max(1, ((filter.to ?? from + 1) - from) / asked.parts);
    const bar = `least(${asked.parts - 1}, greatest(0, floor((\`to\` - ${parameters.add('Float64', from)}) / ${parameters.add('Float64', seconds)})))`;
    const having = asked.after
      ? `having (place, arrayStringConcat(${key}, '\\0')) < (${parameters.add('String', asked.after[0])}, ${parameters.add('String', asked.after[1])})`
      : '';
    const rows = await this.#read(
      `select ${key} as key, any(rule), any(\`rule.name\`), any(\`rule.kind\`), uniqExact(rule), count(), sum(records), min(\`from\`), max(\`to\`),
         max(_rank), uniq(source), any(source), arraySort(groupUniqArrayArray(3)(technique)), uniqIf(${see.incident}, ${see.incident} != ''),
         countIf(_verdict = 'true-positive'), countIf(_verdict = 'false-positive'), countIf(_verdict = 'expected'),
         countIf(_verdict = 'undetermined'), sumMap([toUInt16(${bar})], [toUInt32(1)]), ${order} as place
       from (select *, ${keys.map((sql, index) => `${sql} as k${index}`).join(', ')} from ${table} final where ${all(conditions)})
       group by ${names.join(', ')} ${having}
       order by place desc, arrayStringConcat(key, '\\0') desc limit ${asked.limit}`,
      parameters,
    );
    return rows.map((row) => {
      const spark = Array.from({ length: asked.parts }, () => 0);
      const [bars, counts] = row[18] as [number[], (string | number)[]];
      for (const [index, at] of bars.entries()) spark[at] = Number(counts[index]);
      return {
        key: row[0] as string[],
        rule: { id: String(row[1]), name: String(row[2]), kind: String(row[3]) },
        rules: Number(row[4]),
        count: Number(row[5]),
        records: Number(row[6]),
        first: Number(row[7]),
        last: Number(row[8]),
        level: findingLevels[Number(row[9])]!,
        sources: Number(row[10]),
        source: String(row[11]),
        techniques: row[12] as string[],
        incidents: Number(row[13]),
        verdicts: verdictCounts(row.slice(14, 18)),
        spark,
        place: String(row[19]),
      };
    });
  }

  async totals(scope: FindingScope, filter: FindingFilter): Promise<FindingTotals> {
    const parameters = new Parameters();
    // The choice among levels is shown with what each would give.
    const conditions = this.#conditions(
      scope,
      { ...filter, level: undefined, hidden: 'all' },
      new Eyes(scope, parameters),
      parameters,
    );
    const rows = await this.#read(
      `select level, countIf(_hidden = ''), countIf(_hidden != '') from ${table} final where ${all(conditions)} group by level`,
      parameters,
    );
    const totals: FindingTotals = { count: 0, hidden: 0, groups: 0, levels: {} };
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
    const conditions = this.#conditions(scope, { rule, hidden: 'all' }, new Eyes(scope, parameters), parameters);
    const rows = await this.#read(
      `select rule, count(), countIf(_hidden != ''), max(\`to\`), countIf(_verdict = 'true-positive'), countIf(_verdict = 'false-positive'),
         countIf(_verdict = 'expected'), countIf(_verdict = 'undetermined'), any(\`rule.name\`), any(\`rule.kind\`), groupUniqArrayArray(20)(technique)
       from ${table} final where ${all(conditions)}
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
    const conditions = this.#conditions(scope, filter, see, parameters);
    if (alone !== undefined) conditions.push(this.#alone(alone, parameters));
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
    const conditions = this.#conditions(scope, filter, new Eyes(scope, parameters), parameters);
    if (alone !== undefined) conditions.push(this.#alone(alone, parameters));
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

  /** As `createNoise` says of an organisation's own exceptions: what concerns nobody else. */
  #alone(organisation: string, parameters: Parameters): string {
    const mine = parameters.add('String', organisation);
    return `(_seen_by in ('', ${mine}) and notEmpty(organisation) and arrayAll(x -> x = ${mine}, organisation))`;
  }

  #conditions(scope: FindingScope, filter: FindingFilter, see: Eyes, parameters: Parameters): string[] {
    const conditions: string[] = [];
    const text = (value: string): string => parameters.add('String', value);
    if (scope !== 'all') conditions.push(`has(organisation, ${text(scope.organisation)})`);
    if (filter.from !== undefined) conditions.push(`\`to\` >= ${parameters.add('Float64', filter.from)}`);
    if (filter.to !== undefined) conditions.push(`\`from\` < ${parameters.add('Float64', filter.to)}`);
    for (const name of ['level', 'rule', 'source', 'link', 'sensor', 'networkType'] as const) {
      const value = filter[name];
      if (value !== undefined) conditions.push(`ifNull(${see.sql(name)} = ${text(value)}, false)`);
    }
    if (filter.target !== undefined) conditions.push(`has(${see.sql('targets')}, ${text(filter.target)})`);
    if (filter.technique !== undefined) conditions.push(`has(technique, ${text(filter.technique)})`);
    if (filter.organisation !== undefined) conditions.push(`has(${see.sql('organisation')}, ${text(filter.organisation)})`);
    if (filter.seenBy !== undefined) conditions.push(`_seen_by = ${text(filter.seenBy)}`);
    if (filter.incident !== undefined) conditions.push(`${see.incident} = ${text(filter.incident)}`);
    if (filter.verdict !== undefined) conditions.push(`_verdict = ${text(filter.verdict === 'none' ? '' : filter.verdict)}`);
    if (filter.hiddenBy !== undefined) conditions.push(`_hidden = ${text(filter.hiddenBy)}`);
    else if ((filter.hidden ?? 'no') !== 'all') conditions.push(filter.hidden === 'yes' ? `_hidden != ''` : `_hidden = ''`);
    if (filter.times) {
      const { from, until, weekly } = filter.times;
      conditions.push(`\`to\` <= ${parameters.add('Float64', until)}`);
      if (from !== null) conditions.push(`\`from\` >= ${parameters.add('Float64', from)}`);
      if (weekly !== null) conditions.push(weeklySql(weekly, parameters));
    }
    if (filter.where) conditions.push(compilePredicate(filter.where, see, parameters));
    return conditions;
  }

  #read(sql: string, parameters: Parameters): Promise<unknown[][]> {
    return this.#engine.read({ sql, parameters: parameters.values });
  }
}

/** `detect/noise/weekly.ts` in SQL: first and last evidence in one occurrence, by the clocks of the zone. */
function weeklySql({ days, start, minutes, zone }: WeeklyWindow, parameters: Parameters): string {
  const place = parameters.add('String', zone);
  const minuteOfWeek = (column: string): string => {
    const local = `toTimeZone(toDateTime64(floor(least(greatest(${column}, 0), 4e9)), 0, 'UTC'), ${place})`;
    return `toInt64(toDayOfWeek(${local}, 2)) * 1440 + toHour(${local}) * 60 + toMinute(${local})`;
  };
  const [hour, minute] = start.split(':').map(Number) as [number, number];
  const any = days.map((day) => {
    const begin = day * 1_440 + hour * 60 + minute;
    const a = `modulo(${minuteOfWeek('`from`')} - ${begin} + 10080, 10080)`;
    const b = `modulo(${minuteOfWeek('`to`')} - ${begin} + 10080, 10080)`;
    return `(${a} < ${minutes} and ${b} < ${minutes} and ${a} <= ${b})`;
  });
  return `(\`to\` - \`from\` <= ${(minutes + 120) * 60} and (${any.join(' or ')}))`;
}

const all = (conditions: readonly string[]): string => (conditions.length === 0 ? 'true' : conditions.join(' and '));

const verdictCounts = (counts: readonly unknown[]): { [verdict: string]: number } => ({
  'true-positive': Number(counts[0]),
  'false-positive': Number(counts[1]),
  expected: Number(counts[2]),
  undetermined: Number(counts[3]),
});
