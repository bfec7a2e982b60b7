import { describe, expect, test } from 'vitest';
import { GradingScheme } from '@forewarn/model/grade';
import { FactDefinition, type FactCatalogue, type Facts } from '@forewarn/model/facts';
import { QuantificationTable } from '@forewarn/model/quantification';
import { compileScheme } from '../grade.ts';
import { compileQuantification } from '../quantify/quantify.ts';
import { mostValuableFacts } from './next-fact.ts';
import { leastRegret } from './regret.ts';

const text = { en: 't', zh: '文' };
const four = { levels: [1, 2, 3, 4].map((level) => ({ level, roman: String(level), name: text, colour: 'red' as const })) };
const costs = { tooLow: 3, tooHigh: 1 };

describe('the least-regret level', () => {
  test('what is settled is acted at', () => {
    expect(leastRegret(four, { floor: 3, ceiling: 3 }, costs)).toEqual({ level: 3, worst: 0, rows: [{ level: 3, worst: 0 }] });
  });

  test('each level is held against the worst that may turn out', () => {
    expect(leastRegret(four, { floor: 4, ceiling: 2 }, costs)).toEqual({
      level: 2,
      worst: 2,
      rows: [
        { level: 2, worst: 2 },
        { level: 3, worst: 3 },
        { level: 4, worst: 6 },
      ],
    });
    // Where a level too low costs no more than one too high, the middle is advised.
    expect(leastRegret(four, { floor: 4, ceiling: 2 }, { tooLow: 1, tooHigh: 1 }).level).toBe(3);
  });

  test('none counts as a level, and of two alike the graver is advised', () => {
    expect(leastRegret(four, { floor: null, ceiling: 1 }, costs)).toMatchObject({ level: 2, worst: 3 });
    expect(leastRegret(four, { floor: null, ceiling: 4 }, { tooLow: 1, tooHigh: 1 })).toMatchObject({ level: 4, worst: 1 });
  });
});

const catalogue: FactCatalogue = new Map(
  [
    { id: 'people', kind: 'quantity', unit: 'persons', stepsPerUnit: 1, whole: true, name: text, means: text, knownFrom: ['person'] },
    { id: 'loss', kind: 'quantity', unit: 'CNY', stepsPerUnit: 1, name: text, means: text, knownFrom: ['person'] },
    { id: 'crime', kind: 'boolean', name: text, means: text, knownFrom: ['person'] },
    { id: 'reach', kind: 'term', terms: ['no', 'some', 'wide'].map((id) => ({ id, name: text })), name: text, means: text, knownFrom: ['person'] },
  ].map((one) => [one.id, FactDefinition.parse(one)]),
); // oxfmt-ignore
const criterion = (id: string, level: number, when: unknown) => ({
  id,
  level,
  article: '1',
  means: text,
  when,
  citations: [{ source: 's', mark: 'H' }],
});
const scheme = compileScheme(
  GradingScheme.parse({
    id: 's',
    title: text,
    short: text,
    version: '1',
    jurisdiction: 'X',
    sources: [{ id: 's', title: text }],
    levels: four.levels,
    residual: { level: 4, article: '1', means: text, citations: [{ source: 's', mark: 'H' }] },
    criteria: [
      criterion('people-1', 1, { fact: 'people', atLeast: 1000 }),
      criterion('people-3', 3, { fact: 'people', atLeast: 10 }),
      criterion('loss-2', 2, { fact: 'loss', above: 100 }),
      criterion('reach-2', 2, { fact: 'reach', atLeast: 'wide' }),
    ],
  }),
  catalogue,
);
const asked = { scheme, quantification: null, catalogue, costs };

describe('the most valuable next fact', () => {
  test('each stretch between thresholds is tried once, and the fact that narrows most stands first', () => {
    const [first, ...rest] = mostValuableFacts(asked, {});
    expect(first).toMatchObject({
      fact: 'people',
      settles: 1,
      outcomes: [
        { value: { kind: 'quantity', value: 0 }, floor: 4, ceiling: 2 },
        { value: { kind: 'quantity', value: 10 }, floor: 3, ceiling: 2 },
        { value: { kind: 'quantity', value: 1000 }, floor: 1, ceiling: 1 },
      ],
    });
    // Open were IV to I, worth 3 of regret; then IV to II, III to II, and nothing.
    expect(first!.saves).toBeCloseTo((1 + 2 + 3) / 3);
    expect(rest.map(({ fact }) => fact)).toEqual(['loss', 'reach']);
  });

  test('what is stated in part is tried within it, and "more than" by the least step above', () => {
    const people: Facts = { people: { id: 'people', value: { kind: 'interval', min: 20, max: 500 } } };
    expect(mostValuableFacts(asked, people).map(({ fact }) => fact)).toEqual(['loss', 'reach']);
    const [loss] = mostValuableFacts(asked, people);
    expect(loss!.outcomes.map(({ value }) => value)).toEqual([
      { kind: 'quantity', value: 0 },
      { kind: 'quantity', value: 101 },
    ]);
  });

  test('nothing is asked for when all is settled, or when nothing can change it', () => {
    const severe: Facts = { people: { id: 'people', value: { kind: 'quantity', value: 1000 } } };
    expect(mostValuableFacts(asked, severe)).toEqual([]);
  });

  test('where a table makes a word of quantities, the quantities are asked for too', () => {
    const table = QuantificationTable.parse({
      title: text,
      indices: [],
      ladders: [{ fact: 'reach', rungs: [{ term: 'wide', when: { fact: 'crime', is: true }, source: 's', confidence: 'U' }] }],
      regret: { ...costs, source: 's', confidence: 'U' },
      together: { families: {}, source: 's', confidence: 'U' },
    });
    const known: Facts = {
      people: { id: 'people', value: { kind: 'quantity', value: 1 } },
      loss: { id: 'loss', value: { kind: 'quantity', value: 1 } },
    };
    const worth = mostValuableFacts({ ...asked, quantification: compileQuantification(table, catalogue) }, known);
    expect(worth.map(({ fact, settles }) => [fact, settles])).toEqual([
      ['crime', 2],
      ['reach', 3],
    ]);
  });
});
