/** What would make a grade more serious: the nearest ways of meeting a criterion of the next level, with what is still wanting. */

import {
  evaluate,
  rangeOf,
  showComparison,
  statedValue,
  ways,
  type Answer,
  type Resolved,
  type ResolvedComparison,
} from '@forewarn/model/condition';
import type { Facts, FactValue } from '@forewarn/model/facts';
import type { GradingScheme, NextThreshold } from '@forewarn/model/grade';
import { lifts, scoreOf } from '@forewarn/model/score';
import type { Words } from '@forewarn/model/text';
import type { CompiledCriterion, CompiledScheme } from './grade.ts';
import { quantityWords } from '@forewarn/model/fact-words';

/** How near a comparison is to holding, 0 (nothing) to 1 (holds); null when the fact is unknown. */
function nearness(comparison: ResolvedComparison, value: FactValue): number | null {
  if (value.kind === 'unknown') return null;
  const range = rangeOf(comparison.definition, value);
  const wanted = comparison.atLeast ?? comparison.above;
  if (wanted === undefined || !range) return 0;
  return wanted <= 0 ? 1 : Math.max(0, Math.min(1, range.min / wanted));
}

/** So many next thresholds are kept with a grade; a page shows a dozen, and every grading keeps its own. */
const nextThresholdsMax = 24;

export const limits = [
  {
    name: 'grade: next thresholds',
    value: nextThresholdsMax,
    unit: 'thresholds',
    why: 'A page shows a dozen, and every grading keeps its own.',
  },
];

/**
 * What would give the next more serious level that the scheme knows: each way of meeting one of its criteria, with what
 * is still wanting. Stated facts come first, the nearest on top; unknown ones next; facts stated as nothing last.
 */
export function nextThresholds(
  compiled: CompiledScheme,
  facts: Facts,
  floor: number | null,
  answers: ReadonlyMap<CompiledCriterion, Answer>,
): NextThreshold[] {
  // What an unread clause wants is not known, and so is no threshold to show.
  const graver = compiled.criteria.filter(
    (criterion) => !criterion.unread && (floor === null || criterion.level < floor) && answers.get(criterion) !== 'yes',
  );
  if (graver.length === 0) return [];
  const target = Math.max(...graver.map(({ level }) => level));
  const aimed = graver.filter(({ level }) => level === target);
  const found = aimed.flatMap((criterion) => {
    const wantings = ways(criterion.when)
      .map((way) => way.filter((comparison) => evaluate(comparison, facts) !== 'yes'))
      // Harm grows, but a hospital does not become a bank: what a stated list lacks is no threshold to come nearer to.
      .filter((wanting) => !wanting.some((one) => one.definition.kind === 'set' && evaluate(one, facts) === 'no'));
    // Where one comparison suffices, every way that wants it and more says less.
    const alone = new Set(wantings.flatMap((wanting) => (wanting.length === 1 ? wanting : [])));
    return wantings
      .filter((wanting) => wanting.length === 1 || !wanting.some((one) => alone.has(one)))
      .map((wanting) => {
        const near = wanting.map((comparison) => nearness(comparison, statedValue(facts, comparison.definition.id)));
        const known = near.filter((each) => each !== null);
        const rank = known.length < near.length ? 0.0005 * known.length : Math.min(...known);
        return { criterion, wanting, rank };
      });
  });
  const scored = aimed.flatMap((criterion) =>
    criterion.when.kind === 'score' ? nextScore(compiled.scheme, criterion, criterion.when, facts) : [],
  );
  const near = found
    .sort((a, b) => b.rank - a.rank)
    .slice(0, nextThresholdsMax)
    .map(({ criterion, wanting }) => {
      const needs = wanting.map((comparison) => need(comparison, facts));
      return {
        level: target,
        criterion: criterion.id,
        article: criterion.article,
        means: criterion.means,
        mark: criterion.mark,
        needs,
        words: nextWords(compiled.scheme, target, needs),
      };
    });
  return [...scored, ...near];
}

/** What would lift a score to its next band: each part that could do it alone. */
function nextScore(
  scheme: GradingScheme,
  { id: criterion, level, article, means, mark }: CompiledCriterion,
  { score, atLeast }: Resolved & { kind: 'score' },
  facts: Facts,
): NextThreshold[] {
  const about = { level, criterion, article, means, mark };
  const alone = lifts(score, facts, atLeast).map(({ fact, term, kind }): NextThreshold => {
    const needs = [
      { fact, ...(kind === 'term' ? { atLeast: term } : { is: term }), stated: statedValue(facts, fact), distance: null },
    ];
    return { ...about, needs, words: nextWords(scheme, level, needs) };
  });
  if (alone.length > 0) return alone;
  const { min } = scoreOf(score, facts);
  const decimals = 10 ** (scheme.score?.decimals ?? 0);
  const values = {
    level: levelWords(scheme, level),
    from: atLeast,
    now: Math.floor(min * decimals) / decimals,
  };
  return [{ ...about, needs: [], words: { text: 'assess.next.score', values } }];
}

function need(comparison: ResolvedComparison, facts: Facts): NextThreshold['needs'][number] {
  const { holds: _, ...shown } = showComparison(comparison, facts);
  const range = shown.stated.kind === 'unknown' ? undefined : rangeOf(comparison.definition, shown.stated);
  const wanted = comparison.atLeast ?? comparison.above;
  const distance = range && wanted !== undefined ? wanted - range.min : null;
  return { ...shown, distance };
}

/** A level of a scheme by its name. */
export function levelWords(scheme: GradingScheme, level: number | null): Words {
  return level === null ? { text: 'assess.grade.none' } : { text: `grade.${scheme.id}.level.${level}` };
}

/** What is wanted of a fact, in words. */
function wantedWords(wanted: NextThreshold['needs'][number]): Words {
  const fact: Words = { text: `fact.${wanted.fact}` };
  if (typeof wanted.atLeast === 'number' && wanted.unit) {
    const atLeast = quantityWords(wanted.atLeast, wanted.unit);
    if (wanted.distance === null) return { text: 'assess.need.unknown', values: { fact, atLeast } };
    return { text: 'assess.need.more', values: { fact, atLeast, distance: quantityWords(wanted.distance, wanted.unit) } };
  }
  if (typeof wanted.above === 'number' && wanted.unit) {
    const above = quantityWords(wanted.above, wanted.unit);
    if (wanted.distance === null) return { text: 'assess.need.above.unknown', values: { fact, above } };
    return { text: 'assess.need.above', values: { fact, above, distance: quantityWords(wanted.distance, wanted.unit) } };
  }
  if (typeof wanted.above === 'string')
    return { text: 'assess.need.above.term', values: { fact, above: { text: `fact.${wanted.fact}.${wanted.above}` } } };
  if (typeof wanted.is === 'string')
    return { text: 'assess.need.is', values: { fact, is: { text: `fact.${wanted.fact}.${wanted.is}` } } };
  if (wanted.is === false) return { text: 'assess.need.false', values: { fact } };
  if (typeof wanted.atLeast === 'string')
    return { text: 'assess.need.term', values: { fact, atLeast: { text: `fact.${wanted.fact}.${wanted.atLeast}` } } };
  return { text: 'assess.need.true', values: { fact } };
}

function nextWords(scheme: GradingScheme, level: number, needs: NextThreshold['needs']): Words {
  const [first, ...rest] = needs.map(wantedWords);
  if (!first) return { text: 'assess.next.nothing', values: { level: levelWords(scheme, level) } };
  const all = rest.reduce<Words>((left, right) => ({ text: 'assess.need.and', values: { left, right } }), first);
  return { text: 'assess.next', values: { level: levelWords(scheme, level), needs: all } };
}
