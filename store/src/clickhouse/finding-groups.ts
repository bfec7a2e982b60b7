/** Findings with something in common: which groups come first, and all about those. */

import { limits } from '../limits.ts';
import { Parameters } from './compile.ts';
import type { Engine } from './engine.ts';
import { all, conditionsOf, Eyes, findingLevels, findingTable as table, readFindings, verdictCounts } from './finding-filter.ts';
import type { FindingFilter, FindingGroup, FindingGrouping, FindingScope } from './finding-search.ts';

export type GroupsAsked = { by: FindingGrouping; limit: number; after?: readonly [string, string] | undefined; parts: number };

/** Grouped by a technique or a target, a finding counts in each group that it belongs to. */
function keysOf(by: FindingGrouping, see: Eyes): { keys: string[]; names: string[]; key: string } {
  const keys = keySql(by, see);
  const names = keys.map((_key, index) => `k${index}`);
  return { keys, names, key: `[${names.map((name) => `toString(${name})`).join(', ')}]` };
}

function keySql(by: FindingGrouping, see: Eyes): string[] {
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
}

/** The gravest first, of those the last: one number for both, to a millisecond of all times until the year 30,000. */
const placeSql = '_rank * 1e12 + least(greatest(`to`, 0), 9e11)';

function afterSql(after: readonly [string, string] | undefined, parameters: Parameters): string {
  if (!after) return '';
  const place = Number(after[0]);
  if (!Number.isFinite(place)) return '';
  return `having (place, joined) < (${parameters.add('Float64', place)}, ${parameters.add('String', after[1])})`;
}

export class FindingGroups {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async groups(
    scope: FindingScope,
    filter: FindingFilter,
    asked: { by: FindingGrouping; limit: number; after?: readonly [string, string] | undefined; parts: number },
  ): Promise<FindingGroup[]> {
    // There may be as many groups as findings: first which ones, by what orders them alone; then all about these few.
    const fine = asked.by === 'rule-source' || asked.by === 'source' || asked.by === 'target';
    const found = fine ? await this.#groupsInOrder(scope, filter, asked) : undefined;
    if (found?.length === 0) return [];
    const [details, bars] = await Promise.all([
      this.#details(scope, filter, asked, found),
      this.#bars(scope, filter, asked, found),
    ]);
    const sparks = new Map<string, number[]>();
    for (const [key, bar, count] of bars) {
      const name = (key as string[]).join('\0');
      let spark = sparks.get(name);
      if (!spark) sparks.set(name, (spark = Array.from({ length: asked.parts }, () => 0)));
      spark[Number(bar)] = Number(count);
    }
    const order = found && new Map(found.map((key, at) => [key.join('\0'), at]));
    const rows = order
      ? details
          .filter(([key]) => order.has((key as string[]).join('\0')))
          .sort(([x], [y]) => order.get((x as string[]).join('\0'))! - order.get((y as string[]).join('\0'))!)
      : details;
    return rows.map((row) => {
      const key = row[0] as string[];
      return {
        key,
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
        spark: sparks.get(key.join('\0')) ?? [],
        place: String(Number(row[18])),
      };
    });
  }

  /** All about some groups, or about all of them in their order where they are few. */
  #details(
    scope: FindingScope,
    filter: FindingFilter,
    asked: { by: FindingGrouping; limit: number; after?: readonly [string, string] | undefined },
    found: readonly (readonly string[])[] | undefined,
  ): Promise<unknown[][]> {
    const parameters = new Parameters();
    const see = new Eyes(scope, parameters);
    const { from, names, key } = this.#grouped(scope, filter, asked.by, see, parameters, found);
    const many = (grouping: FindingGrouping[], sql: string): string => (grouping.includes(asked.by) ? '1' : sql);
    const having = found ? '' : afterSql(asked.after, parameters);
    const ordered = found ? '' : `order by place desc, joined desc limit ${asked.limit}`;
    return this.#read(
      `select ${key} as key, any(rule), any(\`rule.name\`), any(\`rule.kind\`), ${many(['rule', 'rule-source'], 'uniq(rule)')}, count(), sum(records),
         min(\`from\`), max(\`to\`), max(_rank), ${many(['source', 'rule-source'], 'uniqCombined(12)(source)')}, any(source),
         arraySort(groupUniqArrayArray(3)(technique)), uniqIf(_seen_incident, _seen_incident != ''),
         sum(_verdict = 'true-positive'), sum(_verdict = 'false-positive'), sum(_verdict = 'expected'), sum(_verdict = 'undetermined'),
         max(${placeSql}) as place, arrayStringConcat(key, '\\0') as joined
       from (select *, ${see.incident} as _seen_incident, ${from}) group by ${names.join(', ')} ${having} ${ordered}`,
      parameters,
      filter,
    );
  }

  /** Findings of each group in equal parts of the range. */
  #bars(
    scope: FindingScope,
    filter: FindingFilter,
    asked: { by: FindingGrouping; parts: number },
    found: readonly (readonly string[])[] | undefined,
  ): Promise<unknown[][]> {
    const parameters = new Parameters();
    const { from, names, key } = this.#grouped(scope, filter, asked.by, new Eyes(scope, parameters), parameters, found);
    const begin = filter.from ?? 0;
    const seconds = Math.max(1, ((filter.to ?? begin + 1) - begin) / asked.parts);
    const bar = `toUInt16(least(${asked.parts - 1}, greatest(0, floor((\`to\` - ${parameters.add('Float64', begin)}) / ${parameters.add('Float64', seconds)}))))`;
    return this.#read(
      `select ${key} as key, bar, count() from (select ${bar} as bar, ${from}) group by ${names.join(', ')}, bar limit ${limits.groupsMax.value}`,
      parameters,
      filter,
    );
  }

  /** The keys and rows of groups; of those found, or of all. */
  #grouped(
    scope: FindingScope,
    filter: FindingFilter,
    by: FindingGrouping,
    see: Eyes,
    parameters: Parameters,
    found: readonly (readonly string[])[] | undefined,
  ): { from: string; names: string[]; key: string } {
    const { keys, names, key } = keysOf(by, see);
    const conditions = conditionsOf(scope, filter, see, parameters);
    // Rule and source are what a finding's id is made of: they are the same in every edition, so that rows can be left out by them first.
    let first = '';
    if (found && by !== 'target') {
      const wanted = names.map((_name, at) => {
        const values = [...new Set(found.map((one) => one[at]!))];
        return `${keys[at]} in ${parameters.add('Array(String)', values)}`;
      });
      first = `prewhere ${wanted.join(' and ')}`;
    } else if (found) {
      const place = parameters.add(
        'Array(String)',
        found.map(([value]) => value!),
      );
      const none = found.some(([value]) => value === '') ? ` or empty(${see.sql('targets')})` : '';
      conditions.push(`(hasAny(${see.sql('targets')}, ${place})${none})`);
    }
    return {
      from: `${keys.map((sql, at) => `${sql} as k${at}`).join(', ')} from ${table} final ${first} where ${all(conditions)}`,
      names,
      key,
    };
  }

  /** The keys of groups, the gravest first, of those the last. */
  async #groupsInOrder(
    scope: FindingScope,
    filter: FindingFilter,
    asked: { by: FindingGrouping; limit: number; after?: readonly [string, string] | undefined },
  ): Promise<string[][]> {
    const parameters = new Parameters();
    const { from, names } = this.#grouped(scope, filter, asked.by, new Eyes(scope, parameters), parameters, undefined);
    const anyOf = names.map((name) => `toString(any(${name}))`);
    // Grouped by one number each, which takes half the time that texts take.
    const rows = await this.#read(
      `select [${anyOf.join(', ')}] as key, max(${placeSql}) as place, arrayStringConcat(key, '\\0') as joined
       from (select _rank, \`to\`, ${from}) group by cityHash64(${names.join(', ')}) ${afterSql(asked.after, parameters)}
       order by place desc, joined desc limit ${asked.limit}`,
      parameters,
      filter,
    );
    return rows.map(([values]) => values as string[]);
  }

  #read(sql: string, parameters: Parameters, filter: FindingFilter): Promise<unknown[][]> {
    return readFindings(this.#engine, sql, parameters, filter);
  }
}
