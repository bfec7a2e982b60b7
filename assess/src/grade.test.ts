import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import { assembleContent } from '@forewarn/model/content';
import { readFacts } from '@forewarn/model/factsheet';
import { Grade } from '@forewarn/model/grade';
import { languages, render, type Words } from '@forewarn/model/text';
import { compileScheme, grade } from './grade.ts';

const root = fileURLToPath(new URL('../../content/', import.meta.url));
const paths = ['facts', 'gradings', 'laws', 'text'].flatMap((folder) =>
  readdirSync(`${root}${folder}`, { recursive: true }).map((path) => `${folder}/${String(path)}`),
);
const files = paths
  .filter((path) => /\.(yaml|json)$/.test(path))
  .map((path) => ({ path, text: readFileSync(root + path, 'utf8') }));
const { content } = assembleContent(files);
const schemes = [...content.schemes.values()].map((scheme) => compileScheme(scheme, content.facts));
const guide = schemes.find(({ scheme }) => scheme.id === 'cn-reporting-2025')!;

function gradeOf(facts: object, compiled = guide): Grade {
  const read = readFacts(facts, content.facts);
  if (!read.ok) throw new AggregateError(read.refusals, read.refusals[0]!.message);
  return grade(compiled, read.value);
}

describe('a grade', () => {
  it('names what fired, with value, threshold, mark and article', () => {
    const [fired] = gradeOf({ cii_total_outage_hours: { value: 90, unit: 'minutes' } }).fired;
    expect(fired).toMatchObject({
      criterion: 'cii-total-2',
      level: 2,
      article: '附件/Annex II (2)',
      mark: 'U',
      comparisons: [
        { fact: 'cii_total_outage_hours', atLeast: 1, unit: 'hours', stated: { kind: 'quantity', value: 1.5 }, holds: 'yes' },
      ],
    });
  });

  it('shows the least sure mark where sources disagree, and the draft as a dispute', () => {
    const result = gradeOf({ cii_total_outage_hours: 1.5 });
    expect(result.confidence).toBe('U');
    expect(result.disputes).toMatchObject([{ criterion: 'cii-total-2', source: 'draft-2023', alternativeHolds: false }]);
  });

  it('shows a dispute that would raise the level', () => {
    // The final text asks for half of a province's people, the draft for three in ten.
    expect(gradeOf({ province_population_share: 0.4 }).disputes).toMatchObject([
      { criterion: 'population-1', level: 1, alternativeHolds: true },
    ]);
  });

  it('says which fact at which value gives the next level, the nearest first, and how far it is', () => {
    const [next, second] = gradeOf({ persons_leaked: 999_999, direct_loss_cny: 1_000_000 }).nextThresholds;
    expect(next).toMatchObject({
      level: 3,
      criterion: 'personal-information-3',
      needs: [{ fact: 'persons_leaked', atLeast: 1_000_000, distance: 1 }],
    });
    expect(second).toMatchObject({ needs: [{ fact: 'direct_loss_cny', distance: 4_000_000 }] });
  });

  it('lists facts that could still matter, and none that could not', () => {
    const result = gradeOf({ persons_leaked: 12_000_000 });
    const missing = result.factsMissing.map(({ fact }) => fact);
    expect(missing).toContain('direct_loss_cny');
    expect(missing).not.toContain('persons_leaked');
    // Half of a prefecture reaches level II at most, which is proven already.
    expect(missing).not.toContain('city_population_share');
    expect(result.factsUsed).toEqual(['persons_leaked']);
  });

  it('takes ten minutes however they are written', () => {
    for (const stated of [{ value: 10, unit: 'minutes' }, { value: 600, unit: 'seconds' }, 10 / 60]) {
      expect(gradeOf({ cii_total_outage_hours: stated }).floor).toBe(3);
    }
    expect(gradeOf({ cii_total_outage_hours: { value: 599, unit: 'seconds' } }).floor).toBe(4);
  });

  it('explains itself in words that both catalogues have', () => {
    const results = schemes.flatMap((compiled) => [
      gradeOf({}, compiled),
      gradeOf(
        { persons_leaked: 50_000_000, system_importance: 'special', system_loss: 'severe', province_population_share: 0.4 },
        compiled,
      ),
    ]);
    const words: Words[] = results.flatMap((result) => [
      ...result.words,
      ...result.nextThresholds.map((next) => next.words),
      ...result.disputes.map((dispute) => dispute.words),
    ]);
    expect(words.length).toBeGreaterThan(30);
    for (const language of languages) {
      for (const each of words) expect(render(each, content.texts[language], language)).not.toMatch(/[[\]{}]/);
    }
  });

  it('adds points into an interval while a category is unknown, and says what would lift it', () => {
    const nciss = schemes.find(({ scheme }) => scheme.id === 'us-nciss')!;
    const facts = {
      functional_impact: 'denial_noncritical',
      observed_activity: 'effect',
      activity_location: 'business_network',
      actor_character: 'criminal',
      information_impact: 'privacy',
      recoverability: 'supplemented',
      dependent_sectors: ['healthcare'],
    };
    const open = gradeOf(facts, nciss);
    expect([open.floor, open.ceiling]).toEqual([4, 3]);
    expect(open.score).toMatchObject({ of: 100 });
    expect(open.factsMissing).toEqual([{ fact: 'potential_impact', couldReach: 3 }]);
    const settled = gradeOf({ ...facts, potential_impact: 'moderate' }, nciss);
    expect(Math.round(settled.score!.min * 100) / 100).toBe(46.99);
    expect(settled.score!.min).toBe(settled.score!.max);
    // Whatever is said to lift it does lift it, alone.
    expect(settled.nextThresholds.length).toBeGreaterThan(0);
    for (const { needs, level } of settled.nextThresholds) {
      const [{ fact, atLeast, is }] = needs as [(typeof needs)[number]];
      const lifted = gradeOf({ ...facts, potential_impact: 'moderate', [fact]: is === undefined ? atLeast : [is] }, nciss);
      expect(lifted.floor).toBe(level);
    }
  });

  it('says when only a value that nobody read keeps a level possible', () => {
    const excerpt = schemes.find(({ scheme }) => scheme.id === 'cn-miit-data-2024')!;
    const known = { direct_loss_cny: 1, persons_leaked: 0, persons_sensitive_leaked: 0, telecom_outage_hours: 0 };
    const result = gradeOf(known, excerpt);
    expect(result).toMatchObject({ floor: null, ceiling: 3, factsMissing: [], fired: [] });
    expect(result.open).toMatchObject([{ criterion: 'direct-loss-3', unread: true, mark: 'U' }]);
    expect(result.words.map(({ text }) => text)).toContain('assess.grade.unread');
  });

  it('counts clauses, and shows of two-of-six no more ways than a person reads', () => {
    const dora = schemes.find(({ scheme }) => scheme.id === 'eu-dora')!;
    const result = gradeOf({ dora_entity: true, critical_functions_affected: true, incident_hours: 30 }, dora);
    expect([result.floor, result.ceiling]).toEqual([null, 1]);
    expect(result.nextThresholds.length).toBeLessThanOrEqual(24);
    // The nearest lacks one more threshold, not two.
    expect(result.nextThresholds[0]!.needs).toHaveLength(1);
    // Where one more threshold suffices, no way asks for that one and another.
    const alone = result.nextThresholds.filter(({ needs }) => needs.length === 1).map(({ needs }) => needs[0]!.fact);
    const longer = result.nextThresholds
      .filter(({ needs }) => needs.length > 1)
      .flatMap(({ needs }) => needs.map(({ fact }) => fact));
    expect(longer.filter((fact) => alone.includes(fact))).toEqual([]);
  });

  it('shows no threshold that only another kind of organisation could reach', () => {
    const nis2 = schemes.find(({ scheme }) => scheme.id === 'eu-nis2')!;
    const { nextThresholds } = gradeOf({ nis2_entity: ['dns'], service_outage_minutes: 25 }, nis2);
    expect(nextThresholds[0]).toMatchObject({
      criterion: 'dns-outage',
      needs: [{ fact: 'service_outage_minutes', above: 30, distance: 5 }],
    });
    expect(nextThresholds.flatMap(({ needs }) => needs.map(({ fact }) => fact))).not.toContain('nis2_entity');
    expect(gradeOf({ nis2_entity: [], service_outage_minutes: 25 }, nis2)).toMatchObject({ ceiling: null, nextThresholds: [] });
  });

  it('has the shape that the model declares', () => {
    for (const compiled of schemes) expect(() => Grade.parse(gradeOf({ persons_leaked: 5_000_000 }, compiled))).not.toThrow();
  });

  it('refuses a scheme that does not fit the catalogue, naming the field', () => {
    const broken = { ...guide.scheme, criteria: [{ ...guide.scheme.criteria[0]!, when: { fact: 'nothing_known', atLeast: 1 } }] };
    const refuse = (): unknown => compileScheme(broken, content.facts);
    expect(refuse).toThrow(Refusal);
    expect(refuse).toThrow(/nothing_known/);
  });
});
