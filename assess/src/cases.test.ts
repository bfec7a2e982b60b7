/**
 * The schemes' own cases, and the proof that they watch every value: each threshold, each cell and each residual rule is
 * moved by its smallest step, and at least one case must then fail.
 */

import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { assembleContent } from '@forewarn/model/content';
import { convert } from '@forewarn/model/condition';
import type { FactCatalogue } from '@forewarn/model/facts';
import type { Condition, GradingScheme, Threshold } from '@forewarn/model/grade';
import { readContent } from '@forewarn/model/yaml';
import { GradingCases, failedCases } from './cases.ts';
import { compileScheme } from './grade.ts';

const root = fileURLToPath(new URL('../../content/', import.meta.url));
const paths = ['facts', 'gradings'].flatMap((folder) =>
  readdirSync(`${root}${folder}`, { recursive: true }).map((path) => `${folder}/${String(path)}`),
);
const files = paths.filter((path) => path.endsWith('.yaml')).map((path) => ({ path, text: readFileSync(root + path, 'utf8') }));
const { content, refusals } = assembleContent(files);

function casesOf(scheme: GradingScheme): GradingCases {
  const path = `gradings/${scheme.id}/cases.yaml`;
  const read = readContent(GradingCases, readFileSync(root + path, 'utf8'), path);
  if (!read.ok)
    throw new AggregateError(
      read.refusals,
      read.refusals.map((refusal) => `${refusal.place.line}: ${refusal.message}`).join('\n'),
    );
  return read.value;
}

/** A copy with one change, and a name for it. */
type Mutant = { name: string; scheme: GradingScheme };

/** Moves a threshold by one step of its fact, in whole steps, so that no rounding hides the move. */
function moved(threshold: Threshold, fact: string, by: 1 | -1, catalogue: FactCatalogue): Threshold | undefined {
  const definition = catalogue.get(fact)!;
  if (definition.kind === 'term') {
    const index = definition.terms.findIndex((term) => term.id === threshold) + by;
    return definition.terms[index]?.id;
  }
  if (definition.kind !== 'quantity' || typeof threshold === 'string') return undefined;
  const value = typeof threshold === 'number' ? threshold : convert(threshold.value, threshold.unit, definition.unit)!;
  return (Math.round(value * definition.stepsPerUnit) + by) / definition.stepsPerUnit;
}

/** Every condition with one comparison changed. */
function* conditionMutants(condition: Condition, catalogue: FactCatalogue): Iterable<{ name: string; condition: Condition }> {
  if ('count' in condition) {
    for (const [i, part] of condition.of.entries()) {
      for (const mutant of conditionMutants(part, catalogue))
        yield { name: mutant.name, condition: { ...condition, of: condition.of.with(i, mutant.condition) } };
      if (condition.of.length > condition.count)
        yield { name: `part ${i} of ${condition.count} removed`, condition: { ...condition, of: condition.of.toSpliced(i, 1) } };
    }
    for (const count of [condition.count - 1, condition.count + 1]) {
      if (count > 0 && count <= condition.of.length)
        yield { name: `${count} of ${condition.of.length}`, condition: { ...condition, count } };
    }
  } else if ('all' in condition || 'any' in condition) {
    const kind = 'all' in condition ? 'all' : 'any';
    const parts = 'all' in condition ? condition.all : condition.any;
    for (const [i, part] of parts.entries()) {
      for (const mutant of conditionMutants(part, catalogue)) {
        const changed = parts.with(i, mutant.condition);
        yield { name: mutant.name, condition: kind === 'all' ? { all: changed } : { any: changed } };
      }
    }
    if (parts.length > 1) {
      yield { name: `${kind} swapped`, condition: kind === 'all' ? { any: parts } : { all: parts } };
      for (const [i] of parts.entries()) {
        const fewer = parts.toSpliced(i, 1);
        yield { name: `${kind} without part ${i}`, condition: kind === 'all' ? { all: fewer } : { any: fewer } };
      }
    }
  } else if ('above' in condition) {
    for (const by of [1, -1] as const) {
      const above = moved(condition.above, condition.fact, by, catalogue);
      if (above !== undefined)
        yield { name: `${condition.fact} ${by > 0 ? '+' : '-'}1 step`, condition: { fact: condition.fact, above } };
    }
    yield { name: `${condition.fact} at the number itself`, condition: { fact: condition.fact, atLeast: condition.above } };
  } else if ('atLeast' in condition) {
    for (const by of [1, -1] as const) {
      const atLeast = moved(condition.atLeast, condition.fact, by, catalogue);
      if (atLeast !== undefined)
        yield { name: `${condition.fact} ${by > 0 ? '+' : '-'}1 step`, condition: { fact: condition.fact, atLeast } };
    }
  } else if (typeof condition.is === 'boolean') {
    yield { name: `${condition.fact} negated`, condition: { fact: condition.fact, is: !condition.is } };
  } else {
    const definition = catalogue.get(condition.fact)!;
    // Members of a set have no neighbours; one other member stands for all of them.
    const members = definition.kind === 'set' ? definition.members.filter(({ id }) => id !== condition.is).slice(-1) : [];
    for (const term of definition.kind === 'term' ? definition.terms : members) {
      if (term.id !== condition.is)
        yield { name: `${condition.fact} is ${term.id}`, condition: { fact: condition.fact, is: term.id } };
    }
  }
}

function* mutants(scheme: GradingScheme, catalogue: FactCatalogue): Iterable<Mutant> {
  for (const [i, criterion] of scheme.criteria.entries()) {
    for (const { name, condition } of conditionMutants(criterion.when, catalogue)) {
      yield {
        name: `${criterion.id}: ${name}`,
        scheme: { ...scheme, criteria: scheme.criteria.with(i, { ...criterion, when: condition }) },
      };
    }
    for (const level of [criterion.level - 1, criterion.level + 1]) {
      if (!scheme.levels.some((each) => each.level === level)) continue;
      yield {
        name: `${criterion.id}: level ${level}`,
        scheme: { ...scheme, criteria: scheme.criteria.with(i, { ...criterion, level }) },
      };
    }
    if (criterion.unread) {
      const { unread: _, ...read } = criterion;
      yield { name: `${criterion.id}: taken as read`, scheme: { ...scheme, criteria: scheme.criteria.with(i, read) } };
    }
    yield { name: `${criterion.id}: removed`, scheme: { ...scheme, criteria: scheme.criteria.toSpliced(i, 1) } };
  }
  for (const [i, matrix] of (scheme.matrices ?? []).entries()) {
    for (const [row, cells] of Object.entries(matrix.cells)) {
      for (const [column, cell] of Object.entries(cells)) {
        for (const level of [cell - 1, cell + 1]) {
          if (!scheme.levels.some((each) => each.level === level)) continue;
          const changed = { ...matrix, cells: { ...matrix.cells, [row]: { ...cells, [column]: level } } };
          yield { name: `${row}/${column} → ${level}`, scheme: { ...scheme, matrices: scheme.matrices!.with(i, changed) } };
        }
      }
    }
  }
  if (scheme.score) yield* scoreMutants(scheme, scheme.score);
  const { residual } = scheme;
  if (residual) {
    yield { name: 'residual removed', scheme: { ...scheme, residual: undefined } };
    if (scheme.levels.some(({ level }) => level === residual.level - 1))
      yield { name: 'residual one level up', scheme: { ...scheme, residual: { ...residual, level: residual.level - 1 } } };
    for (const { name, condition } of residual.unless ? conditionMutants(residual.unless, catalogue) : []) {
      yield { name: `residual: ${name}`, scheme: { ...scheme, residual: { ...residual, unless: condition } } };
    }
  }
}

/** Every weight, value and band moved a little. */
function* scoreMutants(scheme: GradingScheme, score: NonNullable<GradingScheme['score']>): Iterable<Mutant> {
  const changed = (change: Partial<typeof score>): GradingScheme => ({ ...scheme, score: { ...score, ...change } });
  for (const [i, part] of score.parts.entries()) {
    for (const by of [1, -1]) {
      const weight = part.weight + by;
      if (weight > 0)
        yield { name: `${part.fact}: weight ${weight}`, scheme: changed({ parts: score.parts.with(i, { ...part, weight }) }) };
      for (const [term, value] of Object.entries(part.values)) {
        const values = { ...part.values, [term]: value + by };
        yield {
          name: `${part.fact} ${term}: ${value + by}`,
          scheme: changed({ parts: score.parts.with(i, { ...part, values }) }),
        };
      }
    }
  }
  for (const [i, band] of score.bands.entries()) {
    for (const from of band.from === null ? [0, 1] : [band.from - 0.5, band.from + 0.5]) {
      yield { name: `band ${band.level} from ${from}`, scheme: changed({ bands: score.bands.with(i, { ...band, from }) }) };
    }
    if (band.from)
      yield { name: `band ${band.level} unread`, scheme: changed({ bands: score.bands.with(i, { ...band, from: null }) }) };
  }
}

/** A matrix whose cells fall towards graver terms is refused before any case is asked; that counts as noticed. */
function noticed(mutant: GradingScheme, cases: GradingCases): boolean {
  try {
    return failedCases(compileScheme(mutant, content.facts), content.facts, cases, 1).length > 0;
  } catch {
    return true;
  }
}

describe('grading schemes', () => {
  it('are content without a fault', () => {
    expect(refusals.map((refusal) => `${refusal.place.file}:${refusal.place.line} ${refusal.message}`)).toEqual([]);
    expect([...content.schemes.keys()].sort()).toEqual([
      'cn-miit-2017',
      'cn-miit-data-2024',
      'cn-plan-2017',
      'cn-reporting-2025',
      'eu-dora',
      'eu-nis2',
      'gbt-20986-2023',
      'gbz-20986-2007',
      'uk-ncsc',
      'us-nciss',
      'us-ppd41',
    ]);
  });

  describe.each([...content.schemes.values()].map((scheme) => ({ id: scheme.id, scheme })))('$id', ({ scheme }) => {
    const cases = casesOf(scheme);

    it('passes its own cases', () => {
      expect(failedCases(compileScheme(scheme, content.facts), content.facts, cases)).toEqual([]);
    });

    it('has a case that notices every changed threshold, level, cell and rule', () => {
      const all = [...mutants(scheme, content.facts)];
      const survived = all.filter((mutant) => !noticed(mutant.scheme, cases)).map((mutant) => mutant.name);
      expect(all.length).toBeGreaterThan(10);
      expect(survived).toEqual([]);
    });
  });
});
