/** Every scheme together with the table that makes its words: more harm never lowers a level, knowing more never widens a range, order never matters. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { rangeOf } from '@forewarn/model/condition';
import { assembleContent } from '@forewarn/model/content';
import { isOnlyComputed, type Facts, type FactDefinition } from '@forewarn/model/facts';
import { compileScheme, levelsOf } from '../grade.ts';
import { ladderOf } from '../regret/regret.ts';
import { compileQuantification, quantify } from './quantify.ts';

const folder = fileURLToPath(new URL('../../../content/', import.meta.url));
const files = ['facts', 'gradings', 'quantification'].flatMap((part) =>
  readdirSync(join(folder, part), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => ({ path: `${part}/${name.replaceAll('\\', '/')}`, text: readFileSync(join(folder, part, name), 'utf8') })),
);
const { content } = assembleContent(files);
const table = compileQuantification(content.quantification!, content.facts);
const schemes = [...content.schemes.values()].map((scheme) => compileScheme(scheme, content.facts));

/** Quantities that the table reads: raising one moves words and levels alike. */
const quantities = [...content.facts.values()].filter(
  (definition): definition is FactDefinition & { kind: 'quantity' } =>
    definition.kind === 'quantity' &&
    !isOnlyComputed(definition) &&
    (table.indices.some(({ parts }) => parts.some(({ part }) => part.fact === definition.id)) ||
      /outage|people|leaked|share|loss/.test(definition.id)),
);
const most = ({ max }: FactDefinition & { kind: 'quantity' }): number => max ?? 1e9;
const interval = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));
const drawn = fc.record(
  Object.fromEntries(quantities.map(({ id }) => [id, fc.option(interval, { nil: undefined, freq: 2 })])),
) as fc.Arbitrary<{ [id: string]: [number, number] | undefined }>;

/** Powers, so that small and great thresholds are met alike. */
const valueOf = (definition: FactDefinition & { kind: 'quantity' }, share: number): number =>
  definition.max === undefined ? Math.round(1e9 ** share) - 1 : share * most(definition);

const factsOf = (all: { [id: string]: [number, number] | undefined }): { [id: string]: Facts[string] } =>
  Object.fromEntries(
    quantities.flatMap((definition) => {
      const pair = all[definition.id];
      if (!pair) return [];
      const [min, max] = pair.map((share) => valueOf(definition, share)).sort((a, b) => a - b) as [number, number];
      return [[definition.id, { id: definition.id, value: { kind: 'interval' as const, min, max } }]];
    }),
  );

const ranks = (facts: Facts): { floor: number; ceiling: number }[] =>
  schemes.map((scheme) => {
    const { floor, ceiling } = levelsOf(scheme, quantify(table, facts).facts);
    const order = ladderOf(scheme.scheme);
    return { floor: order.indexOf(floor), ceiling: order.indexOf(ceiling) };
  });

/** The schemes that something is so of. */
const named = (so: (i: number) => boolean): string[] => schemes.filter((_, i) => so(i)).map(({ scheme }) => scheme.id);

/** The same draws every time: a draw that fails is a case to keep, not a red day. */
const runs = { numRuns: 100, seed: 20_986 };

/**
 * An incident counts as having some impact, and so the residual level, until the facts exclude every impact. That exclusion is the one thing that, once
 * known, takes a floor away.
 */
const excluded = (i: number, exact: { floor: number }, open: { floor: number }): boolean =>
  schemes[i]!.scheme.residual?.unless !== undefined && exact.floor === 0 && open.floor === 1;

test('there is something to move', () => {
  expect([schemes.length > 10, quantities.length > 10]).toEqual([true, true]);
});

test('more of any quantity never lowers a level of any scheme', () => {
  fc.assert(
    fc.property(drawn, fc.constantFrom(...quantities), fc.double({ min: 0, max: 1, noNaN: true }), (all, definition, more) => {
      const facts = factsOf(all);
      const { min, max } = rangeOf(definition, facts[definition.id]?.value ?? { kind: 'quantity', value: 0 })!;
      const raise = (value: number): number => Math.min(most(definition), value + valueOf(definition, more));
      const state = (least: number, greatest: number): Facts => ({
        ...facts,
        [definition.id]: { id: definition.id, value: { kind: 'interval', min: least, max: greatest } },
      });
      const before = ranks(state(min, max));
      const after = ranks(state(raise(min), raise(max)));
      expect(named((i) => after[i]!.floor < before[i]!.floor || after[i]!.ceiling < before[i]!.ceiling)).toEqual([]);
    }),
    runs,
  );
});

test('to know a quantity exactly only narrows what is possible, and the order in which facts came never matters', () => {
  fc.assert(
    fc.property(drawn, fc.constantFrom(...quantities), fc.double({ min: 0, max: 1, noNaN: true }), (all, definition, share) => {
      const facts = factsOf(all);
      const open = ranks(facts);
      const turned = Object.fromEntries(Object.entries(facts).toReversed());
      expect(ranks(turned)).toEqual(open);
      const { min, max } = rangeOf(definition, facts[definition.id]?.value ?? { kind: 'unknown' })!;
      const value = min + (Math.min(max, most(definition)) - min) * share;
      const exact = ranks({ ...facts, [definition.id]: { id: definition.id, value: { kind: 'quantity', value } } });
      const fell = (i: number): boolean => exact[i]!.floor < open[i]!.floor && !excluded(i, exact[i]!, open[i]!);
      expect(named((i) => fell(i) || exact[i]!.ceiling > open[i]!.ceiling)).toEqual([]);
    }),
    runs,
  );
});
