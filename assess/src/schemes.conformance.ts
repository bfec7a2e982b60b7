/** Our schemes of other countries, and the classes, against the reference tables: every vector, weight, option, threshold and mark. */

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { comparisons } from '@forewarn/model/condition';
import { assembleContent } from '@forewarn/model/content';
import { readFacts } from '@forewarn/model/factsheet';
import { compileScheme, levelsOf } from './grade.ts';

const root = fileURLToPath(new URL('../../content/', import.meta.url));
const files = ['classes', 'facts', 'gradings']
  .flatMap((folder) => readdirSync(`${root}${folder}`, { recursive: true }).map((path) => `${folder}/${String(path)}`))
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path, text: readFileSync(root + path, 'utf8') }));
const { content } = assembleContent(files);

const tables = process.env.FOREWARN_STANDARDS ?? fileURLToPath(new URL('../../../shared/standards/tables', import.meta.url));
const present = existsSync(tables);
const read = (name: string): any => (present ? JSON.parse(readFileSync(`${tables}/${name}.json`, 'utf8')) : undefined);

const compiled = (id: string) => compileScheme(content.schemes.get(id)!, content.facts);
function judged(id: string, facts: object): ReturnType<typeof levelsOf> {
  const stated = readFacts(facts, content.facts);
  if (!stated.ok) throw stated.refusals[0]!;
  return levelsOf(compiled(id), stated.value);
}

/** Every number that criteria of one scheme and entity compare a fact with, as written. */
function asked(id: string, fact: string, criteria: RegExp): { above: number[]; atLeast: number[] } {
  const found = compiled(id)
    .criteria.filter((criterion) => criteria.test(criterion.id))
    .flatMap((criterion) => comparisons(criterion.when))
    .filter(({ definition }) => definition.id === fact);
  return {
    above: found.flatMap(({ above }) => above ?? []),
    atLeast: found.flatMap(({ atLeast }) => atLeast ?? []),
  };
}

describe.skipIf(!present)(`reference tables of ${tables} (skipped when they are absent)`, () => {
  describe('NCISS', () => {
    const table = read('nciss') ?? { categories: [], test_vectors: [], priority: [] };
    const score = content.schemes.get('us-nciss')!.score!;
    const factOf: { readonly [category: string]: string } = {
      location_of_observed_activity: 'activity_location',
      actor_characterization: 'actor_character',
      cross_sector_dependency: 'dependent_sectors',
    };
    it('has the weights, options and limits of the model', () => {
      const ours = score.parts.map(({ fact, weight, values }) => [fact, weight, Object.values(values)]);
      const theirs = table.categories.map(({ id, weight, options }: any) => [
        factOf[id] ?? id,
        weight,
        options.map((one: any) => one.value),
      ]);
      expect(ours).toEqual(theirs);
      expect(score.scale).toEqual({ min: table.min_possible, max: table.max_possible, to: 100 });
    });
    it.each(table.test_vectors as any[])('scores $expect_score', ({ selected_values: values, expect_score: expected }) => {
      const facts = Object.fromEntries(
        score.parts.map(({ fact, values: ours }) => {
          const category = Object.keys(values).find((id) => (factOf[id] ?? id) === fact)!;
          const term = Object.entries(ours).find(([, value]) => value === values[category])![0];
          return [fact, content.facts.get(fact)!.kind === 'set' ? [term] : term];
        }),
      );
      const { min, max } = judged('us-nciss', facts).score!;
      expect([Math.round(min * 100) / 100, Math.round(max * 100) / 100]).toEqual([expected, expected]);
    });
    it('has the unverified bands as U, and does not fill in the one that is not known', () => {
      const bands = [...score.bands].toReversed();
      expect(bands.map(({ from }) => from)).toEqual([
        0,
        null,
        ...table.priority.slice(2).map((one: any) => one.band_unverified[0]),
      ]);
      expect(
        content.schemes
          .get('us-nciss')!
          .levels.map(({ colour }) => colour)
          .toReversed(),
      ).toEqual(table.priority.map((one: any) => one.colour));
      for (const { citations } of bands) expect(citations.map(({ mark }) => mark)).toContain('U');
    });
  });

  it('PPD-41 has the levels and colours of the table, none of them marked sure', () => {
    const table = read('us-ppd41-circia');
    const scheme = content.schemes.get('us-ppd41')!;
    expect(scheme.levels.map(({ roman, name, colour }) => ({ level: Number(roman), name: name.en, colour }))).toEqual(
      table.severity_schema.map(({ level, name, colour }: any) => ({ level, name, colour })),
    );
    expect(compiled('us-ppd41').criteria.every(({ mark }) => mark === 'U')).toBe(true);
  });

  it('the United Kingdom has the six categories by name, and 4 and 5 as unverified', () => {
    const [table] = read('other-jurisdictions').rows;
    const scheme = content.schemes.get('uk-ncsc')!;
    expect(scheme.levels.map(({ roman, name }) => [roman, name.en])).toEqual(
      table.levels.map(({ cat, name }: any) => [`C${cat}`, cat === 1 ? 'National cyber emergency' : name]),
    );
    for (const { level, mark } of compiled('uk-ncsc').criteria)
      expect([level, mark]).toEqual([level, level === 4 || level === 5 ? 'U' : 'H']);
  });

  describe('DORA', () => {
    const table = read('dora') ?? { test_vectors: [] };
    const others = [
      { clients_affected: 100_001 },
      { reflected_in_media: true },
      { incident_hours: 25 },
      { member_states_affected: 2 },
    ];
    it.each(table.test_vectors as any[])(
      'critical $critical, malicious $malicious_access_data_loss, $others other thresholds: major $major',
      ({ critical, malicious_access_data_loss: malicious, others: count, major }) => {
        const facts = {
          dora_entity: true,
          critical_functions_affected: critical,
          supervised_service_affected: false,
          malicious_access: false,
        };
        const met = Object.assign({}, ...others.slice(0, count));
        expect(judged('eu-dora', { ...facts, malicious_access_data_loss: malicious, ...met }).floor).toBe(major ? 1 : null);
      },
    );
    it('asks for the numbers of article 9', () => {
      const [first] = [table.thresholds['9_1_clients_counterparts_transactions_any']];
      const number = (key: string): number => first.find((one: any) => key in one)[key];
      const all = /two-thresholds/;
      expect(asked('eu-dora', 'clients_affected', all).above).toEqual([number('clients_gt')]);
      expect(asked('eu-dora', 'clients_affected_share', all).above).toEqual([number('clients_pct_gt') / 100]);
      expect(asked('eu-dora', 'counterparts_affected_share', all).above).toEqual([number('counterparts_pct_gt') / 100]);
      expect(asked('eu-dora', 'transactions_affected_share', all).above).toEqual([
        number('transactions_count_pct_of_daily_avg_gt') / 100,
      ]);
      expect(asked('eu-dora', 'transaction_amount_affected_share', all).above).toEqual([
        number('transactions_amount_pct_of_daily_avg_gt') / 100,
      ]);
      expect(asked('eu-dora', 'incident_hours', all).above).toEqual([24]);
      expect(asked('eu-dora', 'critical_service_downtime_hours', all).above).toEqual([2]);
      expect(asked('eu-dora', 'member_states_affected', all).atLeast).toEqual([
        table.thresholds['9_4_geography'].member_states_gte,
      ]);
      expect(asked('eu-dora', 'costs_and_losses_eur', all).above).toEqual([
        table.thresholds['9_6_economic'].cost_and_loss_eur_gt,
      ]);
    });
  });

  describe('NIS2', () => {
    const table = read('nis2')?.ir_2024_2690 ?? { entity_rules: [] };
    const names: { readonly [entity: string]: string } = { msp_mssp: 'managed_service', social_network: 'social_platform' };
    /** "Same as cdn" is written out. */
    const rulesOf = (rule: any): any[] =>
      typeof rule.any === 'string' ? rulesOf(table.entity_rules.find((other: any) => rule.any.endsWith(other.entity))) : rule.any;
    const verified = (src: string | undefined): boolean => /^(1 % )?verified/.test(src ?? '');

    it('knows every kind of entity that the regulation names', () => {
      const nis2 = content.facts.get('nis2_entity')!;
      const ours = nis2.kind === 'set' ? nis2.members.map(({ id }) => id) : [];
      expect(ours).toEqual([...table.entity_rules.map(({ entity }: any) => names[entity] ?? entity), 'other']);
    });

    it.each((table.entity_rules as any[]).map((rule) => ({ entity: names[rule.entity] ?? rule.entity, rule })))(
      'has the numbers and marks for $entity',
      ({ entity, rule }) => {
        const own = new RegExp(`^${entity.replaceAll('_', '-')}-`);
        const above = (fact: string): number[] => asked('eu-nis2', fact, own).above;
        const sure = rulesOf(rule).filter((clause) => verified(clause.src) && rule.src === undefined).length;
        /** What the table asks of a fact, over all clauses of the entity. */
        const told = (number: (clause: any) => number | undefined): number[] =>
          rulesOf(rule)
            .map(number)
            .filter((one) => one !== undefined);
        const share = (limit: any): number | undefined =>
          limit?.users_gt === undefined ? undefined : (limit.users_pct_gt ?? limit.pct_gt) / 100;
        expect({
          outage: above('service_outage_minutes'),
          slow: above('slow_resolution_minutes'),
          week: above('weekly_outage_minutes'),
          limited: above('service_limited_minutes'),
          usersLimited: [above('users_limited'), above('users_limited_share')],
          usersWithout: [above('users_without_service'), above('users_without_service_share')],
          usersCompromised: [above('users_data_compromised'), above('users_data_compromised_share')],
        }).toEqual({
          outage: told((clause) => clause.total_outage_min_gt ?? (clause.total_outage === true ? 0 : undefined)),
          slow: told((clause) => (clause.avg_response_s_gt === undefined ? undefined : clause.for_min_gt)),
          week: told((clause) => clause.unavailable_total_min_gt),
          limited: told((clause) => clause.limited_availability?.for_min_gt),
          usersLimited: [
            told((clause) => clause.limited_availability?.users_gt),
            told((clause) => share(clause.limited_availability)),
          ],
          usersWithout: [
            told((clause) => clause.total_outage_users?.users_gt),
            told((clause) => share(clause.total_outage_users)),
          ],
          usersCompromised: [
            told((clause) => clause.compromise_users?.users_gt),
            told((clause) => share(clause.compromise_users)),
          ],
        });
        const marks = compiled('eu-nis2')
          .criteria.filter((criterion) => own.test(criterion.id))
          .map(({ mark }) => mark);
        expect(marks.filter((mark) => mark === 'H')).toHaveLength(sure);
        // One clause of article 14 speaks of a share that is verified and a number that is not: two criteria of ours.
        expect(marks.length).toBe(rulesOf(rule).length + (entity === 'trust_service' ? 1 : 0));
      },
    );

    it('asks for the loss of article 3', () => {
      const loss = table.art3_any.find(({ id }: any) => id === 'a');
      expect(asked('eu-nis2', 'direct_loss_eur', /^loss$/).above).toEqual([loss.loss_eur_gt]);
      expect(asked('eu-nis2', 'turnover_loss_share', /^loss$/).above).toEqual([loss.turnover_pct_gt / 100]);
    });
  });

  describe('GB/T 20986-2023', () => {
    const table = read('grading-gbt20986-2023');
    const classes = content.classes.get('gbt-20986-2023')!;
    it('has the matrix and the social harms', () => {
      const scheme = content.schemes.get('gbt-20986-2023')!;
      expect(scheme.matrices![0]!.cells).toEqual(table.matrix_importance_x_loss);
      for (const [harm, level] of Object.entries(table.social_harm_to_level))
        expect(judged('gbt-20986-2023', { social_impact: harm }).floor).toBe(level);
      expect(compiled('gbt-20986-2023').criteria.every(({ mark }) => mark === 'U')).toBe(true);
    });
    it('has the ten categories and their classes', () => {
      expect(
        classes.classes.map(({ code, name, subclasses }) => [code, name, subclasses.map((one) => [one.code, one.name])]),
      ).toEqual(
        table.categories.map(({ code, en, zh, subcategories }: any) => [
          code,
          { en, zh },
          (subcategories ?? []).map((one: any) => [one.code, { en: one.en, zh: one.zh }]),
        ]),
      );
    });
    it('takes the proposed map of the reference taxonomy, but for the content of information', () => {
      const theirs = read('rsit').classes.flatMap(({ predicate, types }: any) =>
        types
          .filter((one: any) => /^\d/.test(one.gbt20986_2023_suggested ?? '') && !one.gbt20986_2023_suggested.startsWith('04'))
          .map((one: any) => [`${predicate}:${one.value}`, one.gbt20986_2023_suggested]),
      );
      expect(Object.entries(classes.rsit!)).toEqual(theirs);
      expect(Object.keys(classes.rsit!).filter((type) => type.startsWith('abusive-content'))).toEqual([]);
    });
  });
});
