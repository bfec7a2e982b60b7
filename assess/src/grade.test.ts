import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import { assembleContent } from '@forewarn/model/content';
import type { Fact, FactDefinition, Facts, FactValue } from '@forewarn/model/facts';
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

/** Any statement about a fact, from exact to unknown. */
function anyValue(definition: FactDefinition): fc.Arbitrary<FactValue> {
  const unknown = fc.constant<FactValue>({ kind: 'unknown' });
  if (definition.kind === 'quantity') {
    // Around every order of magnitude, so that all thresholds are met from both sides.
    const number =
      definition.max === 1
        ? fc.constantFrom(0, 0.1, 0.2999, 0.3, 0.4999, 0.5, 1)
        : fc.integer({ min: 0, max: 9 }).chain((power) => fc.integer({ min: 0, max: 10 ** power }));
    const exact = number.map((value): FactValue => ({ kind: 'quantity', value }));
    const interval = fc.tuple(number, fc.option(number)).map(([a, b]): FactValue => ({
      kind: 'interval',
      min: b === null ? a : Math.min(a, b),
      max: b === null ? null : Math.max(a, b),
    }));
    return fc.oneof(exact, interval, unknown);
  }
  if (definition.kind === 'term') {
    const index = fc.integer({ min: 0, max: definition.terms.length - 1 });
    const id = (i: number): string => definition.terms[i]!.id;
    return fc.oneof(
      index.map((i): FactValue => ({ kind: 'term', term: id(i) })),
      fc.tuple(index, index).map(([a, b]): FactValue => ({ kind: 'terms', min: id(Math.min(a, b)), max: id(Math.max(a, b)) })),
      unknown,
    );
  }
  if (definition.kind === 'boolean')
    return fc.oneof(
      fc.boolean().map((value): FactValue => ({ kind: 'boolean', value })),
      unknown,
    );
  return unknown;
}

const definitions = [...content.facts.values()];
const anyFacts: fc.Arbitrary<Facts> = fc
  .uniqueArray(
    fc
      .constantFrom(...definitions)
      .chain((definition) => anyValue(definition).map((value): Fact => ({ id: definition.id, value }))),
    { selector: (fact) => fact.id, maxLength: 12 },
  )
  .map((facts) => Object.fromEntries(facts.map((fact) => [fact.id, fact])));

/** As a number in which less is more serious, with none at the end. */
const rank = (level: number | null): number => level ?? 99;

/** An exact statement that lies within the one given. */
function narrowed(fact: Fact, definition: FactDefinition, towards: 'least' | 'most'): Fact {
  const { value } = fact;
  if (definition.kind === 'quantity') {
    const [min, max] = value.kind === 'interval' ? [value.min, value.max] : [0, null];
    if (value.kind === 'quantity') return fact;
    return { ...fact, value: { kind: 'quantity', value: towards === 'least' ? min : (max ?? definition.max ?? 1e12) } };
  }
  if (definition.kind === 'term' && value.kind !== 'term') {
    const ids = definition.terms.map((term) => term.id);
    const [min, max] = value.kind === 'terms' ? [value.min, value.max] : [ids[0]!, ids.at(-1)!];
    return { ...fact, value: { kind: 'term', term: towards === 'least' ? min : max } };
  }
  if (definition.kind === 'boolean' && value.kind === 'unknown')
    return { ...fact, value: { kind: 'boolean', value: towards === 'most' } };
  return fact;
}

describe.each(schemes.map((compiled) => ({ id: compiled.scheme.id, compiled })))('grading by $id', ({ compiled }) => {
  it('never has a ceiling less serious than its floor, and does not depend on the order of facts', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const result = grade(compiled, facts);
        const reversed = grade(compiled, Object.fromEntries(Object.entries(facts).toReversed()));
        return (
          rank(result.ceiling) <= rank(result.floor) && reversed.floor === result.floor && reversed.ceiling === result.ceiling
        );
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it('keeps within floor and ceiling whatever the unknown turns out to be', () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom('least' as const, 'most' as const), (facts, towards) => {
        const open = grade(compiled, facts);
        // Every fact known, each at one end of what was stated of it.
        const known = Object.fromEntries(
          definitions.map((definition) => [
            definition.id,
            narrowed(facts[definition.id] ?? { id: definition.id, value: { kind: 'unknown' } }, definition, towards),
          ]),
        );
        const settled = grade(compiled, known);
        const within =
          rank(settled.floor) >= rank(open.ceiling) && (towards === 'most' ? rank(settled.floor) <= rank(open.floor) : true);
        // At the least end only the residual level may fall away, because then all harm has been excluded.
        const proven = open.fired.length === 0 || rank(settled.floor) <= rank(open.floor);
        return within && proven && settled.floor === settled.ceiling;
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it('never lowers a level for more harm', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const ends = (towards: 'least' | 'most'): Facts =>
          Object.fromEntries(Object.values(facts).map((fact) => [fact.id, narrowed(fact, content.facts.get(fact.id)!, towards)]));
        return rank(grade(compiled, ends('most')).floor) <= rank(grade(compiled, ends('least')).floor);
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});
