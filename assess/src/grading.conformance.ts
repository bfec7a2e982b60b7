/**
 * Our content against reference data: every vector of `incident/grading-cn`, and every threshold and deadline of the
 * table of the 2025 measures. A value that the table calls unverified must never be shown as H here.
 */

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseSpan } from '@forewarn/base/time';
import { convert } from '@forewarn/model/condition';
import { assembleContent } from '@forewarn/model/content';
import { readFacts } from '@forewarn/model/factsheet';
import { lowestMark, type Condition, type Criterion, type Mark } from '@forewarn/model/grade';
import { compileScheme, grade } from './grade.ts';

const root = fileURLToPath(new URL('../../content/', import.meta.url));
const paths = ['facts', 'gradings', 'laws'].flatMap((folder) =>
  readdirSync(`${root}${folder}`, { recursive: true }).map((path) => `${folder}/${String(path)}`),
);
const files = paths.filter((path) => path.endsWith('.yaml')).map((path) => ({ path, text: readFileSync(root + path, 'utf8') }));
const { content } = assembleContent(files);

const data = process.env.FOREWARN_DATA_SET ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const tables = process.env.FOREWARN_STANDARDS ?? fileURLToPath(new URL('../../../shared/standards/tables', import.meta.url));
const vectorsFile = `${data}/incident/grading-cn/vectors.json`;
const tableFile = `${tables}/cn-reporting-2025.json`;
const matrixFile = `${tables}/grading-gbz20986-2007.json`;
const planFile = `${tables}/cn-emergency-plan-2017.json`;

function read(file: string): any {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The data set's names of the schemes. */
const schemeOf: { readonly [profile: string]: string } = {
  'cac-2025': 'cn-reporting-2025',
  'miit-2017': 'cn-miit-2017',
  'miit-data-2024': 'cn-miit-data-2024',
};
const romans = ['I', 'II', 'III', 'IV'];

function floorOf(schemeId: string, facts: object): { floor: number | null; confidence: Mark } {
  const stated = readFacts(facts, content.facts);
  if (!stated.ok) throw new AggregateError(stated.refusals, stated.refusals[0]!.message);
  return grade(compileScheme(content.schemes.get(schemeId)!, content.facts), stated.value);
}

type Vector = { profile: string; facts: { [id: string]: number }; level: string };
const vectors: Vector[] = existsSync(vectorsFile) ? read(vectorsFile) : [];

describe.skipIf(vectors.length === 0)(`vectors of ${vectorsFile} (skipped when the data set is absent)`, () => {
  it.each(vectors.map((vector) => ({ name: `${vector.profile} ${JSON.stringify(vector.facts)} is ${vector.level}`, vector })))(
    '$name',
    ({ vector }) => {
      // "below III" states the floor: level IV where the scheme has a residual level, none where it has not.
      const scheme = content.schemes.get(schemeOf[vector.profile]!)!;
      const expected = vector.level.startsWith('below') ? (scheme.residual?.level ?? null) : romans.indexOf(vector.level) + 1;
      expect(floorOf(scheme.id, vector.facts).floor).toBe(expected);
    },
  );
});

const profilesFile = `${data}/incident/grading-cn/profiles.json`;
const profiles: any[] = existsSync(profilesFile) ? read(profilesFile).profiles : [];
/** Words of the data set for what are terms of ours. */
const termFacts: { readonly [metric: string]: (value: string) => object } = {
  area: (value) => ({
    users_offline_area: { nation: 'nation', 'several provinces': 'several_provinces', province: 'province', city: 'city' }[value],
  }),
  service: () => ({ large_dns_abnormal: true }),
};
const rows = profiles.flatMap((profile) =>
  Object.entries<any[]>(profile.any_of ?? {}).flatMap(([level, list]) =>
    list.map((row) => ({ profile: profile.id as string, level, row })),
  ),
);

describe.skipIf(rows.length === 0)('criteria of the profiles', () => {
  it.each(rows.map((each) => ({ name: `${each.profile} ${each.level}: ${each.row.text}`, ...each })))(
    '$name',
    ({ profile, level, row }) => {
      // A number that was not seen has no vector; what the data set says of it is that it was not checked.
      const facts =
        row.metric === null
          ? {}
          : typeof row.value === 'string'
            ? termFacts[row.metric]!(row.value)
            : { [row.metric]: row.value };
      const expected = row.metric === null ? { checked: false, floor: 4 } : { checked: true, floor: romans.indexOf(level) + 1 };
      expect({ checked: row.checked, floor: floorOf(schemeOf[profile]!, facts).floor }).toEqual(expected);
    },
  );
});

/** The criterion of a level whose condition compares this fact, with its threshold in the fact's unit. */
function criterionOf(level: number, fact: string): { threshold: number | string; mark: Mark; alternatives: (number | string)[] } {
  const thresholds = (condition: Condition): (number | string)[] => {
    if ('all' in condition) return condition.all.flatMap(thresholds);
    if ('any' in condition) return condition.any.flatMap(thresholds);
    if ('count' in condition) return condition.of.flatMap(thresholds);
    if (condition.fact !== fact || !('atLeast' in condition)) return [];
    const { atLeast } = condition;
    const definition = content.facts.get(fact)!;
    if (typeof atLeast !== 'object') return [atLeast];
    return definition.kind === 'quantity' ? [convert(atLeast.value, atLeast.unit, definition.unit)!] : [];
  };
  const found = content.schemes
    .get('cn-reporting-2025')!
    .criteria.filter((criterion: Criterion) => criterion.level === level && thresholds(criterion.when).length > 0);
  expect(found, `one criterion of level ${level} on ${fact}`).toHaveLength(1);
  const [criterion] = found as [Criterion];
  return {
    threshold: thresholds(criterion.when)[0]!,
    mark: lowestMark(criterion.citations.map((citation) => citation.mark)),
    alternatives: (criterion.alternatives ?? []).flatMap((alternative) => thresholds(alternative.when)),
  };
}

/** Table cells to our facts; a cell holds one or several values in its own units. */
const cells: {
  readonly [field: string]: (cell: any, level: number) => { fact: string; value: number | string; draft?: number }[];
} = {
  portal_outage_hours: (cell, level) => [
    { fact: level === 1 ? 'portal_outage_hours' : 'portal_outage_hours_city', value: cell.gte },
  ],
  cii_total_outage_hours: (cell) => [{ fact: 'cii_total_outage_hours', value: cell.gte, draft: cell.draft }],
  cii_main_function_outage_hours: (cell) => [{ fact: 'cii_main_function_outage_hours', value: cell.gte, draft: cell.draft }],
  cii_total_outage_minutes: (cell) => [{ fact: 'cii_total_outage_hours', value: cell.gte / 60, draft: cell.draft / 60 }],
  cii_main_function_outage_minutes: (cell) => [
    { fact: 'cii_main_function_outage_hours', value: cell.gte / 60, draft: cell.draft / 60 },
  ],
  population: (cell, level) => [
    { fact: level === 1 ? 'province_population_share' : 'city_population_share', value: cell.share_pct_gte / 100 },
    { fact: 'people_affected', value: cell.or_people_gte },
  ],
  data: (cell) => [{ fact: 'data_threat', value: String(cell.threat).replace(' ', '_') }],
  personal_info_people: (cell) => [{ fact: 'persons_leaked', value: cell.gte }],
  tampering: (cell) => [
    { fact: 'tampered_page_home_hours', value: cell.homepage_hours_gte ?? cell.homepage_minutes_gte / 60 },
    { fact: 'tampered_page_other_hours', value: cell.other_page_hours_gte },
    { fact: 'tampered_page_forwards', value: cell.reposts_gte },
    { fact: 'tampered_page_views', value: cell.views_gte },
  ],
  direct_loss_cny: (cell) => [{ fact: 'direct_loss_cny', value: cell.gte }],
};

describe.skipIf(!existsSync(tableFile))(`thresholds of ${tableFile}`, () => {
  const table = existsSync(tableFile) ? read(tableFile) : { thresholds: {}, deadlines: [], report_fields: [] };
  const all = Object.entries<any>(table.thresholds)
    .filter(([level]) => level !== '4')
    .flatMap(([level, fields]) => Object.entries<any>(fields).map(([field, cell]) => ({ level: Number(level), field, cell })));

  it('are all read', () => {
    expect(all.length).toBeGreaterThanOrEqual(24);
    expect(all.filter(({ field }) => !(field in cells))).toEqual([]);
    expect(content.schemes.get('cn-reporting-2025')!.residual!.level).toBe(4);
  });

  it.each(all)('level $level: $field', ({ level, field, cell }) => {
    for (const { fact, value, draft } of cells[field]!(cell, level)) {
      const ours = criterionOf(level, fact);
      const source = String(cell.source);
      // "share: press summary; people: draft value" speaks of two values at once.
      const part = new RegExp(`${fact === 'people_affected' ? 'people' : 'share'}: ([^;(]*)`).exec(source)?.[1] ?? source;
      const verified = /verified in stored copy/.test(part);
      const unverified = /recollection|draft value|unverified/.test(part);
      const marks: Mark[] = verified
        ? ['H']
        : /recollection|draft value/.test(part)
          ? ['U']
          : unverified
            ? ['M', 'U']
            : ['H', 'M', 'U'];
      expect({ fact, threshold: ours.threshold }).toEqual({ fact, threshold: value });
      expect(marks).toContain(ours.mark);
      expect(ours.alternatives).toEqual(expect.arrayContaining(draft === undefined ? [] : [draft]));
    }
  });

  const law = content.laws.get('cn-reporting-2025')!;
  /** The table's words for our ids. */
  const names: { readonly [words: string]: string } = {
    'operator, incident touches critical information infrastructure': 'cii-operator',
    'CII protection department': 'cii-protection-department',
    'central and state organs and their directly affiliated units': 'state-organ',
    'department cyberspace office': 'department-cyberspace-office',
    'any other network operator': 'network-operator',
    'provincial CAC': 'provincial-cac',
    'public security organ': 'public-security-organ',
    'national CAC': 'national-cac',
    'State Council public security department': 'state-council-public-security',
    "own department's cyberspace office": 'department-cyberspace-office',
    'provincial CAC where located': 'provincial-cac',
    'peer departments': 'peer-departments',
    'same channel': 'same-channel',
  };
  const special: { readonly [words: string]: string } = {
    'operator, suspected crime': 'crime-report',
    'important new development after a report': 'supplement',
    'handling finished': 'summary',
  };

  it.each((table.deadlines as any[]).map((row) => ({ name: `${row.reporter}${row.event ? `, ${row.event}` : ''}`, row })))(
    'deadline: $name',
    ({ row }) => {
      const id = special[row.event] ?? special[row.reporter];
      const duty = id
        ? law.duties.find((each) => each.id === id)!
        : law.duties.find((each) => each.reporter.includes(names[row.reporter]!) && each.metBy === 'reported')!;
      const seconds =
        row.max_days === undefined ? (row.max_minutes === null ? null : row.max_minutes * 60) : row.max_days * 86_400;
      expect(duty.within === 'promptly' ? null : parseSpan(duty.within)).toBe(seconds);
      expect(duty).toMatchObject({
        ...(row.min_level === undefined ? {} : { fromLevel: row.min_level }),
        ...(row.to === undefined ? {} : { to: row.to.map((words: string) => names[words]) }),
        ...(row.event === undefined ? { startedBy: row.from === 'receipt' ? 'received' : 'found' } : {}),
      });
      expect(duty.content.length).toBe(row.content?.length ?? duty.content.length);
    },
  );

  it('report fields: the same eight, the same two required first', () => {
    const ours = law.items.slice(0, 8).map(({ id, no, requiredFirst }) => ({ id, no, requiredFirst }));
    expect(ours).toEqual(
      table.report_fields.map((field: any) => ({ id: field.id, no: field.no, requiredFirst: field.required_first })),
    );
    expect(law.standing).toHaveLength(table.other_duties.length);
    expect(law.channels).toHaveLength(table.channels.length);
    // The table calls the wording of items 3 to 8 unverified.
    expect(law.items.slice(2, 8).map((item) => lowestMark(item.citations.map((citation) => citation.mark)))).not.toContain('H');
  });
});

describe.skipIf(!existsSync(matrixFile))(`the matrix of ${matrixFile}`, () => {
  const table = existsSync(matrixFile)
    ? read(matrixFile)
    : { test_vectors: [], matrix_importance_x_loss: {}, social_impact_to_level: {} };
  it('has the same cells, levels and social impacts', () => {
    expect(content.schemes.get('gbz-20986-2007')!.matrices![0]!.cells).toEqual(table.matrix_importance_x_loss);
    for (const [social, level] of Object.entries(table.social_impact_to_level))
      expect(floorOf('gbz-20986-2007', { social_impact: social }).floor).toBe(level);
    expect(content.schemes.get('gbz-20986-2007')!.levels.map(({ level, roman }) => ({ level, roman }))).toEqual(
      table.levels.map(({ level, roman }: any) => ({ level, roman })),
    );
  });
  it.each(table.test_vectors as any[])(
    '$importance × $loss, $social is $expect',
    ({ importance, loss, social, expect: expected }) => {
      expect(floorOf('gbz-20986-2007', { system_importance: importance, system_loss: loss, social_impact: social }).floor).toBe(
        expected,
      );
    },
  );
});

describe.skipIf(!existsSync(planFile))(`colours of ${planFile}`, () => {
  it('are those of the levels of every scheme', () => {
    const colours = read(planFile).warning.colours.map((each: any) => [each.for_level, each.colour]);
    const chinese = [...content.schemes.values()].filter(({ jurisdiction }) => jurisdiction === 'CN');
    expect(chinese).toHaveLength(6);
    for (const scheme of chinese) expect(scheme.levels.map((level) => [level.level, level.colour])).toEqual(colours);
  });
});
