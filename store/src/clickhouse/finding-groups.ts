/** Findings with something in common: which groups come first, and all about those. */

import { Parameters } from './compile.ts';
import type { Engine } from './engine.ts';
import { all, conditionsOf, Eyes, findingLevels, findingTable as table, readFindings, verdictCounts } from './finding-filter.ts';
import type { FindingFilter, FindingGroup, FindingGrouping, FindingScope } from './finding-search.ts';

export type GroupsAsked = { by: FindingGrouping; limit: number; after?: readonly [string, string] | undefined; parts: number };

/** What makes a group: its keys, and where a finding belongs to several, what it is counted in each of. */
type Grouped = {
  names: string[];
  /** As a list of texts, of a group. */
  key: string;
  /** `left array join …`, for keys that a finding has several of; it stands in those without any as ''. */
  join: string;
  /** `expression as k0, …`. */
  keys: string;
  /** A number for each group of which there may be as many as findings. */
  number: string | undefined;
  /** What gives the number, where the findings alone do not. */
  numbers: string;
};

function grouped(by: FindingGrouping, see: Eyes): Grouped {
  const of = (keys: readonly string[], join = '', number?: string): Grouped => {
    const names = keys.map((_key, at) => `k${at}`);
    return {
      names,
      key: `[${names.map((name) => `toString(${name})`).join(', ')}]`,
      join,
      keys: keys.map((sql, at) => `${sql} as k${at}`).join(', '),
      number,
      numbers: '',
    };
  };
  const several = (sql: string): Grouped => of(['kj'], `left array join ${sql} as kj`);
  switch (by) {
    case 'rule-source':
      return of(['rule', 'source'], '', '_pair');
    case 'source':
      return of(['source'], '', '_source');
    case 'target':
      return {
        names: ['k0'],
        key: '[any(kt)]',
        join: `left array join ${see.sql('targets')} as kt, ${see.targetNumbers} as kn`,
        keys: 'kn as k0, kt',
        number: 'kn',
        numbers: `left array join ${see.targetNumbers} as kn`,
      };
    case 'technique':
      return several('technique');
    case 'organisation':
      return several(see.sql('organisation'));
    case 'link':
      return of([`ifNull(${see.sql('link')}, '')`]);
    default:
      return of([by]);
  }
}

/** The gravest first, of those the last: one number for both, to a millisecond of all times until the year 30,000. */
const placeSql = '_rank * 1e12 + least(greatest(`to`, 0), 9e11)';

function afterSql(after: readonly [string, string] | undefined, parameters: Parameters): string {
  if (!after) return '';
  const place = Number(after[0]);
  if (!Number.isFinite(place)) return '';
  return `having (place, mark) < (${parameters.add('Float64', place)}, ${parameters.add('String', after[1])})`;
}

/** Findings of which the first page is made: a hundred groups of it, unless most of the gravest belong together. */
const foremostMax = 5_000;

export class FindingGroups {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async groups(scope: FindingScope, filter: FindingFilter, asked: GroupsAsked): Promise<FindingGroup[]> {
    const fine = asked.by === 'rule-source' || asked.by === 'source' || asked.by === 'target';
    if (!fine) return (await this.#details(scope, filter, asked)).map(groupOf);
    // There may be as many groups as findings: first which ones, by what orders them alone; then all about these few.
    const found = await this.#first(scope, filter, asked);
    if (found.length === 0) return [];
    const details = new Map((await this.#details(scope, filter, asked, found)).map((row) => [String(row[15]), row] as const));
    return found.flatMap((number) => {
      const row = details.get(number);
      return row ? [groupOf(row)] : [];
    });
  }

  /**
   * The numbers of the first groups, from the findings that stand first: a group stands where its first finding does. Undefined where so many of
   * them belong together that the groups must be counted out.
   */
  async #foremost(scope: FindingScope, filter: FindingFilter, { by, limit }: GroupsAsked): Promise<string[] | undefined> {
    const parameters = new Parameters();
    const see = new Eyes(scope, parameters);
    const numbers = by === 'target' ? see.targetNumbers : `[${grouped(by, see).number}]`;
    const conditions = conditionsOf(scope, filter, see, parameters);
    const rows = await this.#read(
      `select ${numbers}, ${placeSql} as place from ${table} final where ${all(conditions)} order by place desc limit ${foremostMax}`,
      parameters,
      filter,
    );
    // Of those at the last place there may be more than were read.
    const end = rows.length < foremostMax ? -Infinity : Number(rows.at(-1)![1]);
    const places = new Map<string, number>();
    for (const [of, place] of rows) {
      if (Number(place) <= end) break;
      for (const one of (of as string[]).length === 0 ? ['0'] : (of as string[]))
        if (!places.has(one)) places.set(one, Number(place));
    }
    if (places.size < limit && end !== -Infinity) return undefined;
    const ordered = [...places].sort(([a, at], [b, bt]) => bt - at || (a < b ? 1 : -1));
    return ordered.slice(0, limit).map(([one]) => one);
  }

  /** The numbers of groups, the gravest first, of those the last. */
  async #first(scope: FindingScope, filter: FindingFilter, asked: GroupsAsked): Promise<string[]> {
    const { by, limit, after } = asked;
    const foremost = after ? undefined : await this.#foremost(scope, filter, asked);
    if (foremost) return foremost;
    const parameters = new Parameters();
    const see = new Eyes(scope, parameters);
    const { number, numbers } = grouped(by, see);
    const conditions = conditionsOf(scope, filter, see, parameters);
    const rows = await this.#read(
      `select toString(n) as mark, max(${placeSql}) as place
       from (select ${number} as n, _rank, \`to\` from ${table} final ${numbers} where ${all(conditions)})
       group by n ${afterSql(after, parameters)} order by place desc, mark desc limit ${limit}`,
      parameters,
      filter,
    );
    return rows.map(([mark]) => String(mark));
  }

  /** All about some groups, or about all of them in their order where there are few. */
  #details(
    scope: FindingScope,
    filter: FindingFilter,
    { by, limit, after, parts }: GroupsAsked,
    found?: readonly string[],
  ): Promise<unknown[][]> {
    const parameters = new Parameters();
    const see = new Eyes(scope, parameters);
    const { names, key, join, keys, number } = grouped(by, see);
    const conditions = conditionsOf(scope, filter, see, parameters);
    // Rule and source are what a finding's id is made of: they are the same in every edition, so that rows can be left out by them first.
    const list = found?.map((one) => `toUInt64(${parameters.add('UInt64', one)})`).join(', ');
    const chosen = list && `${number} in (${list})`;
    const first = chosen && by !== 'target' ? `prewhere ${chosen}` : '';
    // Targets are many of a finding: those of the groups are taken before they are laid out one by one.
    const rows =
      chosen && by === 'target'
        ? `(select *, _source, _targets from ${table} final where ${all(conditions)}${found?.includes('0') ? '' : ` and arrayExists(x -> x in (${list}), ${see.targetNumbers})`})`
        : `${table} final`;
    const where = chosen && by === 'target' ? chosen : all(conditions);
    const ofOneRule = by === 'rule' || by === 'rule-source';
    const techniques = ofOneRule ? 'any(technique)' : found ? 'groupUniqArrayArray(3)(technique)' : 'emptyArrayString()';
    const spark = `countResample(0, ${parts}, 1)(${barSql(filter, parts, parameters)})`;
    const ordered = found ? '' : `${afterSql(after, parameters)} order by place desc, mark desc limit ${limit}`;
    return this.#read(
      `select ${key} as key, ${ofOneRule ? 'any(rule), any(`rule.name`), any(`rule.kind`)' : `'', '', ''`}, count(), sum(records),
         min(\`from\`), max(\`to\`), max(_rank), ${by === 'source' || by === 'rule-source' ? '1' : 'uniqCombined(12)(_source)'}, ${techniques},
         uniqIf(_seen_incident, _seen_incident != ''),
         [sum(_verdict = 'true-positive'), sum(_verdict = 'false-positive'), sum(_verdict = 'expected'), sum(_verdict = 'undetermined')],
         max(${placeSql}) as place, ${spark}, ${found ? 'toString(any(_number))' : `arrayStringConcat(key, '\\0')`} as mark
       from (select *, _source, ${number ?? '0'} as _number, ${see.incident} as _seen_incident, ${keys} from ${rows} ${join} ${first} where ${where})
       group by ${names.join(', ')} ${ordered}`,
      parameters,
      filter,
    );
  }

  #read(sql: string, parameters: Parameters, filter: FindingFilter): Promise<unknown[][]> {
    return readFindings(this.#engine, sql, parameters, filter);
  }
}

/** Which of the equal parts of the range a finding's last evidence lies in. */
function barSql({ from = 0, to }: FindingFilter, parts: number, parameters: Parameters): string {
  const seconds = Math.max(1, ((to ?? from + 1) - from) / parts);
  const at = `(\`to\` - ${parameters.add('Float64', from)}) / ${parameters.add('Float64', seconds)}`;
  return `toUInt16(least(${parts - 1}, greatest(0, floor(${at}))))`;
}

/** The row as `#details` selects it. */
function groupOf(row: readonly unknown[]): FindingGroup {
  const [key, rule, name, kind, count, records, first, last, rank, sources, techniques, incidents, verdicts, place, spark, mark] =
    row;
  return {
    key: key as string[],
    rule: rule === '' ? null : { id: String(rule), name: String(name), kind: String(kind) },
    count: Number(count),
    records: Number(records),
    first: Number(first),
    last: Number(last),
    level: findingLevels[Number(rank)]!,
    sources: Number(sources),
    techniques: (techniques as string[]).slice(0, 3).sort(),
    incidents: Number(incidents),
    verdicts: verdictCounts(verdicts as unknown[]),
    spark: (spark as unknown[]).map(Number),
    place: [String(Number(place)), String(mark)],
  };
}
