/** What a scope and a filter become in the statements of the search of findings. */

import { findingFields } from '@forewarn/model/finding-fields';
import type { WeeklyWindow } from '@forewarn/model/noise';
import { compilePredicate, Parameters, type Fields } from './compile.ts';
import type { Engine } from './engine.ts';
import type { FindingFilter, FindingScope } from './finding-search.ts';
import { database, recordColumns, type StoredColumn } from './tables.ts';

export const findingTable = `${database}.${findingFields.log}`;
export const findingColumns = recordColumns(findingFields);
export const findingLevels = ['informational', 'low', 'medium', 'high', 'critical'] as const;

const byName = new Map(findingColumns.map((column) => [column.name, column]));

/** What a scope sees of each column. */
export class Eyes implements Fields {
  readonly #scope: FindingScope;
  readonly #parameters: Parameters;
  readonly own: readonly StoredColumn[];
  /** Whoever sees everything may have it looked through at once. */
  readonly words: string | undefined;

  constructor(scope: FindingScope, parameters: Parameters) {
    this.#scope = scope;
    this.#parameters = parameters;
    this.words = scope === 'all' ? '_words' : undefined;
    this.own = findingColumns.map((column) => ({ ...column, sql: this.sql(column.name) }));
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

  /** Numbers for the targets, in their order. */
  get targetNumbers(): string {
    if (this.#scope === 'all') return '_targets';
    return `if(has(_whole, ${this.#parameters.add('String', this.#scope.organisation)}), _targets, [])`;
  }

  get incident(): string {
    if (this.#scope === 'all') return '_incident';
    return `if(has(_incident_seen_by, ${this.#parameters.add('String', this.#scope.organisation)}), _incident, '')`;
  }
}

/** What must hold of a finding that is shown. */
export function conditionsOf(scope: FindingScope, filter: FindingFilter, see: Eyes, parameters: Parameters): string[] {
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

/** As `createNoise` says of an organisation's own exceptions: what concerns nobody else. */
export function concernsAlone(organisation: string, parameters: Parameters): string {
  const mine = parameters.add('String', organisation);
  return `(_seen_by in ('', ${mine}) and notEmpty(organisation) and arrayAll(x -> x = ${mine}, organisation))`;
}

/**
 * Ranges of time leave granules out before editions are told apart, which is right here: evidence only ever widens (`from_at`, `to_at`), so that a
 * later edition fits every range that an earlier one does.
 */
export function readFindings(
  engine: Engine,
  sql: string,
  parameters: Parameters,
  { from, to }: FindingFilter = {},
): Promise<unknown[][]> {
  const settings = ['use_skip_indexes_if_final = 1', 'use_skip_indexes_if_final_exact_mode = 0'];
  return engine.read({ sql, parameters: parameters.values }, from === undefined && to === undefined ? [] : settings);
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

/** A rule and a source are the same in every edition of a finding: rows are left out by them before anything else is read. */
export function earlySql({ rule, source }: FindingFilter, parameters: Parameters): string {
  const parts = [
    ...(rule === undefined ? [] : [`rule = ${parameters.add('String', rule)}`]),
    ...(source === undefined ? [] : [`source = ${parameters.add('String', source)}`]),
  ];
  return parts.length === 0 ? '' : `prewhere ${parts.join(' and ')}`;
}

export const all = (conditions: readonly string[]): string => (conditions.length === 0 ? 'true' : conditions.join(' and '));

export const verdictCounts = (counts: readonly unknown[]): { [verdict: string]: number } => ({
  'true-positive': Number(counts[0]),
  'false-positive': Number(counts[1]),
  expected: Number(counts[2]),
  undetermined: Number(counts[3]),
});
