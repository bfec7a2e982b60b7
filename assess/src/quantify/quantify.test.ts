import { fileURLToPath } from 'node:url';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import { rangeOf } from '@forewarn/model/condition';
import { assembleContent } from '@forewarn/model/content';
import type { Facts, FactValue } from '@forewarn/model/facts';
import { readFacts } from '@forewarn/model/factsheet';
import type { QuantificationTable } from '@forewarn/model/quantification';
import { compileQuantification, quantify, reachOf } from './quantify.ts';

const folder = fileURLToPath(new URL('../../../content/', import.meta.url));
const files = ['facts', 'quantification'].flatMap((part) =>
  readdirSync(join(folder, part)).map((name) => ({
    path: `${part}/${name}`,
    text: readFileSync(join(folder, part, name), 'utf8'),
  })),
);
const { content, refusals } = assembleContent(files);
const table = content.quantification!;
const compiled = compileQuantification(table, content.facts);

const stated = (facts: { [id: string]: unknown }): Facts => {
  const read = readFacts(facts, content.facts);
  if (!read.ok) throw read.refusals[0]!;
  return read.value;
};
const made = (facts: { [id: string]: unknown }, id: string): FactValue | undefined =>
  quantify(compiled, stated(facts)).facts[id]?.value;

test('the proposed table fits the catalogue', () => {
  expect(refusals).toEqual([]);
  expect(table.ladders.length).toBeGreaterThan(0);
});

describe('ladders', () => {
  test('a term is reached at its threshold and not a step below', () => {
    expect(made({ persons_leaked: 999_999 }, 'personal_information_scale')).toEqual({ kind: 'term', term: 'none' });
    expect(made({ persons_leaked: 1_000_000 }, 'personal_information_scale')).toEqual({ kind: 'term', term: 'relatively_large' });
    expect(made({ persons_leaked: 100_000_000 }, 'personal_information_scale')).toEqual({ kind: 'term', term: 'massive' });
  });

  test('what is known in part gives the terms it allows, and unknown quantities leave the rest open', () => {
    expect(made({ persons_leaked: { min: 500_000, max: 20_000_000 } }, 'personal_information_scale')).toEqual({
      kind: 'terms',
      min: 'none',
      max: 'large',
    });
    expect(made({ service_outage_minutes: 40 }, 'system_loss')).toEqual({
      kind: 'terms',
      min: 'considerable',
      max: 'extremely_severe',
    });
    expect(made({ portal_outage_hours: 3 }, 'system_loss')).toBeUndefined();
  });

  test('what a person stated stays', () => {
    expect(made({ persons_leaked: 100_000_000, personal_information_scale: 'large' }, 'personal_information_scale')).toEqual({
      kind: 'term',
      term: 'large',
    });
  });
});

describe('indices', () => {
  const economy = { direct_loss_cny: 20_000_000, service_value_lost_cny: 0, user_hours_lost: 0, services_down: 0 };

  test('parts add up by their weights, read off the lines between points', () => {
    expect(made(economy, 'economic_operation_index')).toEqual({ kind: 'quantity', value: 28 });
    // Half-way between 0.4 at five and 0.7 at twenty million.
    expect(made({ ...economy, direct_loss_cny: 12_500_000 }, 'economic_operation_index')).toEqual({
      kind: 'quantity',
      value: 22,
    });
  });

  test('unknown parts reach from nothing to all of their weight', () => {
    expect(made({ direct_loss_cny: 20_000_000 }, 'economic_operation_index')).toEqual({ kind: 'interval', min: 28, max: 88 });
    expect(made({ portal_outage_hours: 1 }, 'economic_operation_index')).toBeUndefined();
  });

  test('an index that somebody stated counts for nothing', () => {
    const opinion: Facts = { social_stability_index: { id: 'social_stability_index', value: { kind: 'quantity', value: 100 } } };
    expect(quantify(compiled, opinion).facts).toEqual({});
  });

  test('lines between points', () => {
    const points = [{ at: 10, reach: 0.2 }, { at: 20, reach: 0.6 }]; // oxfmt-ignore
    expect([0, 9.9, 10, 15, 20, 1e12].map((value) => reachOf(points, value))).toEqual([0, 0, 0.2, 0.4, 0.6, 0.6]);
  });
});

describe('what is always so', () => {
  const asked = [
    ...new Set(table.indices.flatMap(({ parts }) => parts.map(({ fact }) => fact))),
    'city_population_share',
    'service_outage_minutes',
    'persons_leaked',
  ];
  const values = fc.record(
    Object.fromEntries(
      asked.map((fact) => {
        const definition = content.facts.get(fact)!;
        const most = definition.kind === 'quantity' ? (definition.max ?? 1e9) : 1;
        const number = fc.double({ min: 0, max: most, noNaN: true });
        return [
          fact,
          fc.option(
            fc.tuple(number, number).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) })),
            { nil: undefined },
          ),
        ];
      }),
    ),
  );
  const factsOf = (all: { [fact: string]: { min: number; max: number } | undefined }): Facts =>
    Object.fromEntries(
      Object.entries(all).flatMap(([id, value]) => (value ? [[id, { id, value: { kind: 'interval' as const, ...value } }]] : [])),
    );
  const rangesOf = (facts: Facts): Map<string, { min: number; max: number }> => {
    const { facts: all } = quantify(compiled, facts);
    return new Map(
      [...table.indices, ...table.ladders].map(({ fact }) => [
        fact,
        rangeOf(content.facts.get(fact)!, all[fact]?.value ?? { kind: 'unknown' })!,
      ]),
    );
  };

  test('more harm never makes less of a word or an index', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(...asked), fc.double({ min: 0, max: 1e9, noNaN: true }), (all, fact, more) => {
        const before = all[fact] ?? { min: 0, max: 0 };
        const cap =
          content.facts.get(fact)!.kind === 'quantity' ? ((content.facts.get(fact) as { max?: number }).max ?? Infinity) : 1;
        const raised = { min: Math.min(cap, before.min + more), max: Math.min(cap, before.max + more) };
        const less = rangesOf(factsOf({ ...all, [fact]: before }));
        const greater = rangesOf(factsOf({ ...all, [fact]: raised }));
        for (const [id, range] of less) {
          expect(greater.get(id)!.min).toBeGreaterThanOrEqual(range.min);
          expect(greater.get(id)!.max).toBeGreaterThanOrEqual(range.max);
        }
      }),
      { numRuns: 100, seed: 2023 },
    );
  });

  test('to know more only narrows: what is exact lies within what the interval gave', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
        const open = rangesOf(factsOf(all));
        const exact = Object.fromEntries(
          asked.map((fact) => {
            const { min, max } = all[fact] ?? { min: 0, max: 0 };
            const at = min + (max - min) * share;
            return [fact, { min: at, max: at }];
          }),
        );
        for (const [id, range] of rangesOf(factsOf(exact))) {
          expect(range.min).toBeGreaterThanOrEqual(open.get(id)!.min);
          expect(range.max).toBeLessThanOrEqual(open.get(id)!.max);
        }
      }),
      { numRuns: 100, seed: 2023 },
    );
  });
});

describe('what a table may not be', () => {
  const changed = (change: (copy: QuantificationTable) => void): (() => unknown) => {
    const copy = structuredClone(table);
    change(copy);
    return () => compileQuantification(copy, content.facts);
  };
  test.each<[string, (copy: QuantificationTable) => void, RegExp]>([
    ['points that fall', (copy) => (copy.indices[0]!.parts[0]!.points[2]!.reach = 0.1), /Points must rise/],
    ['weights that do not make 1', (copy) => (copy.indices[0]!.parts[0]!.weight = 0.5), /must make 1/],
    ['a fact that is not there', (copy) => (copy.indices[0]!.parts[0]!.fact = 'mood'), /no quantity/],
    [
      'terms out of order',
      (copy) => (copy.ladders[0]!.rungs = copy.ladders[0]!.rungs.toReversed()),
      /from the less to the more serious/,
    ],
    ['the least term', (copy) => (copy.ladders[0]!.rungs[0]!.term = 'none'), /no term above the least/],
    [
      'a word made of another word',
      (copy) => (copy.ladders[0]!.rungs[0]!.when = { fact: 'system_loss', atLeast: 'minor' }),
      /follows from this table itself/,
    ],
    [
      'more harm that makes less of it',
      (copy) => (copy.ladders[0]!.rungs[0]!.when = { fact: 'suspected_crime', is: false }),
      /atLeast or above/,
    ],
  ])('%s', (_, change, message) => {
    expect(changed(change)).toThrow(Refusal);
    expect(changed(change)).toThrow(message);
  });
});
