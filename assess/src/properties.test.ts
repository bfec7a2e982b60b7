/**
 * What must hold for every scheme and whatever is stated: more harm never lowers a level, what is unknown never narrows a range
 * wrongly, and the order of facts never matters. Facts are drawn from those that the scheme reads, around the values it asks for.
 */

import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assembleContent } from '@forewarn/model/content';
import { comparisons } from '@forewarn/model/condition';
import type { Fact, FactDefinition, Facts, FactValue } from '@forewarn/model/facts';
import { compileScheme, grade, levelsOf, missingOf, type CompiledScheme } from './grade.ts';

const root = fileURLToPath(new URL('../../content/', import.meta.url));
const paths = ['facts', 'gradings'].flatMap((folder) =>
  readdirSync(`${root}${folder}`, { recursive: true }).map((path) => `${folder}/${String(path)}`),
);
const files = paths.filter((path) => path.endsWith('.yaml')).map((path) => ({ path, text: readFileSync(root + path, 'utf8') }));
const { content } = assembleContent(files);
const schemes = [...content.schemes.values()].map((scheme) => compileScheme(scheme, content.facts));

/** The values that a scheme compares a quantity with, and their neighbours. */
function telling(compiled: CompiledScheme, definition: FactDefinition & { kind: 'quantity' }): number[] {
  const asked = compiled.criteria
    .flatMap((criterion) => comparisons(criterion.when))
    .filter((comparison) => comparison.definition === definition)
    .flatMap(({ atLeast, above }) => [atLeast, above])
    .filter((value) => value !== undefined);
  const step = 1 / definition.stepsPerUnit;
  const near = [0, ...asked.flatMap((value) => [value - step, value, value + step])];
  const most = definition.max ?? Infinity;
  return [...new Set(near.map((value) => Math.max(0, Math.min(most, definition.whole ? Math.round(value) : value))))];
}

/** Any statement about a fact, from exact to unknown. */
function anyValue(compiled: CompiledScheme, definition: FactDefinition): fc.Arbitrary<FactValue> {
  const unknown = fc.constant<FactValue>({ kind: 'unknown' });
  switch (definition.kind) {
    case 'quantity': {
      const number = fc.constantFrom(...telling(compiled, definition));
      const interval = fc.tuple(number, fc.option(number)).map(([a, b]): FactValue => ({
        kind: 'interval',
        min: b === null ? a : Math.min(a, b),
        max: b === null ? null : Math.max(a, b),
      }));
      return fc.oneof(
        number.map((value): FactValue => ({ kind: 'quantity', value })),
        interval,
        unknown,
      );
    }
    case 'term': {
      const index = fc.nat(definition.terms.length - 1);
      const id = (i: number): string => definition.terms[i]!.id;
      return fc.oneof(
        index.map((i): FactValue => ({ kind: 'term', term: id(i) })),
        fc.tuple(index, index).map(([a, b]): FactValue => ({ kind: 'terms', min: id(Math.min(a, b)), max: id(Math.max(a, b)) })),
        unknown,
      );
    }
    case 'boolean':
      return fc.oneof(
        fc.boolean().map((value): FactValue => ({ kind: 'boolean', value })),
        unknown,
      );
    case 'set':
      return fc.oneof(
        fc.subarray(definition.members.map(({ id }) => id)).map((members): FactValue => ({ kind: 'set', members })),
        unknown,
      );
    case 'instant':
      return unknown;
  }
}

function anyFacts(compiled: CompiledScheme, definitions: readonly FactDefinition[]): fc.Arbitrary<Facts> {
  const one = fc
    .constantFrom(...definitions)
    .chain((definition) => anyValue(compiled, definition).map((value): Fact => ({ id: definition.id, value })));
  return fc
    .uniqueArray(one, { selector: (fact) => fact.id, maxLength: 14 })
    .map((facts) => Object.fromEntries(facts.map((fact) => [fact.id, fact])));
}

/** The least and the most serious exact value that a statement leaves. */
function ends(definition: FactDefinition, value: FactValue): [FactValue, FactValue] {
  switch (definition.kind) {
    case 'quantity': {
      if (value.kind === 'quantity') return [value, value];
      const [min, max] = value.kind === 'interval' ? [value.min, value.max] : [0, null];
      return [
        { kind: 'quantity', value: min },
        { kind: 'quantity', value: max ?? definition.max ?? 1e12 },
      ];
    }
    case 'term': {
      const ids = definition.terms.map((term) => term.id);
      if (value.kind === 'term') return [value, value];
      const [min, max] = value.kind === 'terms' ? [value.min, value.max] : [ids[0]!, ids.at(-1)!];
      return [
        { kind: 'term', term: min },
        { kind: 'term', term: max },
      ];
    }
    case 'boolean':
      if (value.kind === 'boolean') return [value, value];
      return [
        { kind: 'boolean', value: false },
        { kind: 'boolean', value: true },
      ];
    case 'set':
      if (value.kind === 'set') return [value, value];
      return [
        { kind: 'set', members: [] },
        { kind: 'set', members: definition.members.map(({ id }) => id) },
      ];
    case 'instant':
      return [value, value];
  }
}

/** A statement of more harm, or of the same. */
function graver(definition: FactDefinition, value: FactValue, by: number): FactValue {
  switch (definition.kind) {
    case 'quantity': {
      const most = definition.max ?? Infinity;
      if (value.kind === 'quantity') return { kind: 'quantity', value: Math.min(most, value.value + by) };
      if (value.kind !== 'interval') return value;
      return {
        kind: 'interval',
        min: Math.min(most, value.min + by),
        max: value.max === null ? null : Math.min(most, value.max + by),
      };
    }
    case 'term': {
      const ids = definition.terms.map((term) => term.id);
      const up = (term: string): string => ids[Math.min(ids.length - 1, ids.indexOf(term) + (by % 3))]!;
      if (value.kind === 'term') return { kind: 'term', term: up(value.term) };
      return value.kind === 'terms' ? { kind: 'terms', min: up(value.min), max: up(value.max) } : value;
    }
    case 'boolean':
      return value.kind === 'boolean' ? { kind: 'boolean', value: true } : value;
    case 'set':
      if (value.kind !== 'set') return value;
      return { kind: 'set', members: [...new Set([...value.members, definition.members[by % definition.members.length]!.id])] };
    case 'instant':
      return value;
  }
}

/** As a number in which less is more serious, with none at the end. */
const rank = (level: number | null): number => level ?? 99;
const valued = (facts: Facts, id: string, value: FactValue): Facts => ({ ...facts, [id]: { id, value } });

describe.each(schemes.map((compiled) => ({ id: compiled.scheme.id, compiled })))('grading by $id', ({ compiled }) => {
  const definitions = [...compiled.reads].map((id) => content.facts.get(id)!);
  const unless = compiled.unless ? comparisons(compiled.unless).map(({ definition }) => definition) : [];
  const stated = anyFacts(compiled, [...new Set([...definitions, ...unless])]);
  const given = (facts: Facts, id: string): FactValue => facts[id]?.value ?? { kind: 'unknown' };

  it('answers the same in any order of facts, in short and at length, and never has a ceiling below its floor', () => {
    fc.assert(
      fc.property(stated, (facts) => {
        const at = levelsOf(compiled, facts);
        const reversed = levelsOf(compiled, Object.fromEntries(Object.entries(facts).toReversed()));
        expect(reversed).toEqual(at);
        const long = grade(compiled, facts);
        expect([long.floor, long.ceiling, long.confidence]).toEqual([at.floor, at.ceiling, at.confidence]);
        expect(long.fired.map(({ criterion }) => criterion)).toEqual(at.fired);
        expect(rank(at.ceiling)).toBeLessThanOrEqual(rank(at.floor));
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it('never lowers floor or ceiling for more harm in any one fact', () => {
    fc.assert(
      fc.property(stated, fc.nat(), fc.constantFrom(1, 2, 100, 1_000_000), (facts, pick, by) => {
        const ids = Object.keys(facts);
        fc.pre(ids.length > 0);
        const id = ids[pick % ids.length]!;
        const less = levelsOf(compiled, facts);
        const more = levelsOf(compiled, valued(facts, id, graver(content.facts.get(id)!, facts[id]!.value, by)));
        expect(rank(more.floor)).toBeLessThanOrEqual(rank(less.floor));
        expect(rank(more.ceiling)).toBeLessThanOrEqual(rank(less.ceiling));
      }),
      { numRuns: 200, seed: 2 },
    );
  });

  it('never narrows for less knowledge: forgetting one fact proves nothing new and excludes nothing', () => {
    fc.assert(
      fc.property(stated, fc.nat(), (facts, pick) => {
        const ids = Object.keys(facts);
        fc.pre(ids.length > 0);
        const id = ids[pick % ids.length]!;
        const known = levelsOf(compiled, facts);
        const forgotten = levelsOf(compiled, valued(facts, id, { kind: 'unknown' }));
        expect(rank(forgotten.ceiling)).toBeLessThanOrEqual(rank(known.ceiling));
        // What has no proof left has the residual level: to exclude even that, one must know that there was no harm.
        const proven = forgotten.fired.length > 0 ? rank(forgotten.floor) : Infinity;
        expect(proven).toBeGreaterThanOrEqual(rank(known.floor));
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  it('keeps within floor and ceiling whatever the unknown turns out to be, and names what is missing', () => {
    fc.assert(
      fc.property(stated, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (facts, towards) => {
        const open = levelsOf(compiled, facts);
        const missing = missingOf(compiled, facts).map(({ fact }) => fact);
        // Every fact known, each at one end of what was stated of it.
        const known = Object.fromEntries(
          [...definitions, ...unless].map((definition, i) => {
            const value = ends(definition, given(facts, definition.id))[towards[i % towards.length] ? 1 : 0];
            return [definition.id, { id: definition.id, value }];
          }),
        );
        const settled = levelsOf(compiled, known);
        expect(rank(settled.floor)).toBeGreaterThanOrEqual(rank(open.ceiling));
        const proven = open.fired.length > 0 ? rank(open.floor) : Infinity;
        expect(rank(settled.floor)).toBeLessThanOrEqual(proven);
        expect(missingOf(compiled, known)).toEqual([]);
        // Only a clause that nobody read stays open when every fact is known, and only then is nothing missing of an open level.
        const unread = compiled.criteria.some((criterion) => criterion.unread);
        expect(unread || settled.ceiling === settled.floor).toBe(true);
        expect(unread || missing.length > 0 || open.ceiling === open.floor).toBe(true);
      }),
      { numRuns: 200, seed: 4 },
    );
  });
});
