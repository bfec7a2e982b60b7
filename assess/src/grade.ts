/**
 * Grading: facts and a scheme in, a grade out. Pure; nothing is remembered and nobody is asked.
 *
 *     criterion holds   yes        no         unknown
 *     proves            its level  –          –
 *     still allows      its level  –          its level
 *
 * The *floor* is the most serious level that some criterion proves; the *ceiling* the most serious level that some
 * criterion still allows. More harm can only raise either, and a fact that becomes known can only bring them together.
 */

import { Refusal } from '@forewarn/base/refusal';
import {
  comparisons,
  evaluate,
  rangeOf,
  resolve,
  showComparison,
  statedValue,
  ways,
  type Answer,
  type ConditionProblem,
  type Resolved,
  type ResolvedComparison,
} from '@forewarn/model/condition';
import { checkScheme } from '@forewarn/model/content';
import type { FactCatalogue, Facts, FactValue } from '@forewarn/model/facts';
import {
  lowestMark,
  type CriterionResult,
  type Dispute,
  type Grade,
  type GradingScheme,
  type Level,
  type Mark,
  type NextThreshold,
} from '@forewarn/model/grade';
import type { LocalText, Words } from '@forewarn/model/text';
import { formatPath } from '@forewarn/model/yaml';
import { quantityWords } from './words.ts';

/** A criterion with its condition resolved; the cells of matrices are criteria too. */
type CompiledCriterion = {
  id: string;
  level: number;
  article: string;
  means: LocalText;
  who?: LocalText;
  judged: boolean;
  mark: Mark;
  when: Resolved;
  alternatives: { when: Resolved; source: string }[];
};

/** A scheme made ready for grading. */
export type CompiledScheme = {
  readonly scheme: GradingScheme;
  readonly criteria: readonly CompiledCriterion[];
  readonly unless: Resolved | undefined;
};

/** Resolves a scheme's facts and units once. Refuses (`grading.scheme`) a scheme that does not fit the catalogue. */
export function compileScheme(scheme: GradingScheme, catalogue: FactCatalogue): CompiledScheme {
  const problems: ConditionProblem[] = checkScheme(scheme, catalogue);
  if (problems.length > 0) {
    const [{ path, message }] = problems as [ConditionProblem];
    throw new Refusal('grading.scheme', message, {
      place: { file: `gradings/${scheme.id}/scheme.yaml`, field: formatPath(path) },
    });
  }
  const criteria: CompiledCriterion[] = scheme.criteria.map((criterion) => ({
    id: criterion.id,
    level: criterion.level,
    article: criterion.article,
    means: criterion.means,
    ...(criterion.who ? { who: criterion.who } : {}),
    judged: criterion.judged ?? false,
    mark: lowestMark(criterion.citations.map((citation) => citation.mark)),
    when: resolve(criterion.when, catalogue, problems),
    alternatives: (criterion.alternatives ?? []).map(({ when, source }) => ({
      when: resolve(when, catalogue, problems),
      source,
    })),
  }));
  for (const matrix of scheme.matrices ?? []) {
    for (const [row, cells] of Object.entries(matrix.cells)) {
      for (const [column, level] of Object.entries(cells)) {
        // Levels never fall towards graver terms (checked above), so a cell reads "at least this row and this column".
        const when = {
          all: [
            { fact: matrix.rows, atLeast: row },
            { fact: matrix.columns, atLeast: column },
          ],
        };
        const unnamed = matrix.unnamed?.find((cell) => cell.row === row && cell.column === column);
        criteria.push({
          id: `${matrix.id}/${row}/${column}`,
          level,
          article: matrix.article,
          means: matrix.means,
          judged: matrix.judged ?? false,
          mark: lowestMark((unnamed ?? matrix).citations.map((citation) => citation.mark)),
          when: resolve(when, catalogue, problems),
          alternatives: [],
        });
      }
    }
  }
  return { scheme, criteria, unless: scheme.residual?.unless && resolve(scheme.residual.unless, catalogue, problems) };
}

/**
 * Grades. `floor` and `ceiling` are level numbers, 1 the most serious, or null for none. An incident that proves no
 * criterion has the scheme's residual level where there is one: being an incident, it has some impact, unless the
 * facts say it has none.
 */
export function grade(compiled: CompiledScheme, facts: Facts): Grade {
  const { scheme } = compiled;
  const answers = new Map<CompiledCriterion, Answer>(
    compiled.criteria.map((criterion) => [criterion, evaluate(criterion.when, facts)]),
  );
  const residual =
    scheme.residual && !(compiled.unless && evaluate(compiled.unless, facts) === 'yes') ? scheme.residual : undefined;
  const yes = compiled.criteria.filter((criterion) => answers.get(criterion) === 'yes');
  const floor = mostSerious([...yes.map(({ level }) => level), ...(residual ? [residual.level] : [])]);
  const open = compiled.criteria.filter((criterion) => answers.get(criterion) === 'unknown' && isGraver(criterion.level, floor));
  const ceiling = mostSerious([...open.map(({ level }) => level), ...(floor === null ? [] : [floor])]);
  const deciding = yes.filter((criterion) => criterion.level === floor);
  const fired = dropDominated(deciding);
  const confidence =
    fired.length > 0
      ? lowestMark(fired.map(({ mark }) => mark))
      : residual
        ? lowestMark(residual.citations.map(({ mark }) => mark))
        : lowestMark(compiled.criteria.map(({ mark }) => mark));
  const level = (number: number | null): Level | null => scheme.levels.find((each) => each.level === number) ?? null;
  const show = (criterion: CompiledCriterion): CriterionResult => ({
    criterion: criterion.id,
    level: criterion.level,
    article: criterion.article,
    means: criterion.means,
    ...(criterion.who ? { who: criterion.who } : {}),
    judged: criterion.judged,
    mark: criterion.mark,
    comparisons: comparisons(criterion.when).map((comparison) => showComparison(comparison, facts)),
  });
  const result: Grade = {
    scheme: scheme.id,
    version: scheme.version,
    floor,
    ceiling,
    floorLevel: level(floor),
    ceilingLevel: level(ceiling),
    confidence,
    fired: fired.map(show),
    alsoFired: yes
      .filter((criterion) => criterion.level !== floor)
      .sort(byLevel)
      .map(show),
    open: open.sort(byLevel).map(show),
    factsUsed: usedFacts(compiled, facts),
    factsMissing: missingFacts(open, facts),
    nextThresholds: nextThresholds(compiled, facts, floor, answers),
    disputes: disputes(compiled, facts, floor, answers),
    words: [],
  };
  return { ...result, words: explain(scheme, result) };
}

const byLevel = (a: { level: number }, b: { level: number }): number => a.level - b.level;

function mostSerious(levels: readonly number[]): number | null {
  return levels.length === 0 ? null : Math.min(...levels);
}

/** Whether the level is more serious than the other; anything is more serious than none. */
function isGraver(level: number, than: number | null): boolean {
  return than === null || level < than;
}

/** A matrix proves every cell below the one that is hit; only the cells that no other of the same level implies are reasons. */
function dropDominated(fired: CompiledCriterion[]): CompiledCriterion[] {
  const implies = (a: CompiledCriterion, b: CompiledCriterion): boolean => {
    const left = comparisons(a.when);
    const right = comparisons(b.when);
    return left.every(
      (comparison, i) => comparison.definition === right[i]!.definition && comparison.atLeast! >= right[i]!.atLeast!,
    );
  };
  const isCell = (criterion: CompiledCriterion): boolean => criterion.id.includes('/');
  const matrixOf = (criterion: CompiledCriterion): string => criterion.id.split('/')[0]!;
  return fired.filter(
    (criterion) =>
      !isCell(criterion) ||
      !fired.some(
        (other) => other !== criterion && isCell(other) && matrixOf(other) === matrixOf(criterion) && implies(other, criterion),
      ),
  );
}

/** Facts that are stated and that the scheme reads. */
function usedFacts(compiled: CompiledScheme, facts: Facts): string[] {
  const read = new Set(
    compiled.criteria.flatMap((criterion) => comparisons(criterion.when)).map(({ definition }) => definition.id),
  );
  return Object.keys(facts).filter((id) => read.has(id) && facts[id]!.value.kind !== 'unknown');
}

/** Facts whose unknown part leaves a more serious level open. */
function missingFacts(open: readonly CompiledCriterion[], facts: Facts): Grade['factsMissing'] {
  const missing = new Map<string, number>();
  for (const criterion of open) {
    for (const comparison of comparisons(criterion.when)) {
      if (evaluate(comparison, facts) !== 'unknown') continue;
      const { id } = comparison.definition;
      missing.set(id, Math.min(missing.get(id) ?? criterion.level, criterion.level));
    }
  }
  return [...missing].map(([fact, couldReach]) => ({ fact, couldReach })).sort((a, b) => a.couldReach - b.couldReach);
}

/** How near a comparison is to holding, 0 (nothing) to 1 (holds); null when the fact is unknown. */
function nearness(comparison: ResolvedComparison, value: FactValue): number | null {
  if (value.kind === 'unknown') return null;
  const range = rangeOf(comparison.definition, value);
  if (comparison.atLeast === undefined || !range) return 0;
  return comparison.atLeast <= 0 ? 1 : Math.max(0, Math.min(1, range.min / comparison.atLeast));
}

/**
 * What would give the next more serious level that the scheme knows: each way of meeting one of its criteria, with what
 * is still wanting. Stated facts come first, the nearest on top; unknown ones next; facts stated as nothing last.
 */
function nextThresholds(
  compiled: CompiledScheme,
  facts: Facts,
  floor: number | null,
  answers: ReadonlyMap<CompiledCriterion, Answer>,
): NextThreshold[] {
  const graver = compiled.criteria.filter((criterion) => isGraver(criterion.level, floor) && answers.get(criterion) !== 'yes');
  if (graver.length === 0) return [];
  const target = Math.max(...graver.map(({ level }) => level));
  const found = graver
    .filter(({ level }) => level === target)
    .flatMap((criterion) =>
      ways(criterion.when).map((way) => {
        const wanting = way.filter((comparison) => evaluate(comparison, facts) !== 'yes');
        const near = wanting.map((comparison) => nearness(comparison, statedValue(facts, comparison.definition.id)));
        const known = near.filter((each) => each !== null);
        const rank = known.length < near.length ? 0.0005 * known.length : Math.min(...known);
        return { criterion, wanting, rank };
      }),
    );
  return found
    .sort((a, b) => b.rank - a.rank)
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
}

function need(comparison: ResolvedComparison, facts: Facts): NextThreshold['needs'][number] {
  const { holds: _, ...shown } = showComparison(comparison, facts);
  const range = shown.stated.kind === 'unknown' ? undefined : rangeOf(comparison.definition, shown.stated);
  const distance = range && comparison.atLeast !== undefined ? comparison.atLeast - range.min : null;
  return { ...shown, distance };
}

/** Criteria that another text would answer otherwise, where that would change the level. */
function disputes(
  compiled: CompiledScheme,
  facts: Facts,
  floor: number | null,
  answers: ReadonlyMap<CompiledCriterion, Answer>,
): Dispute[] {
  const found: Dispute[] = [];
  for (const criterion of compiled.criteria) {
    for (const { when, source } of criterion.alternatives) {
      const own = answers.get(criterion);
      const other = evaluate(when, facts);
      const raises = other === 'yes' && own !== 'yes' && isGraver(criterion.level, floor);
      const lowers = own === 'yes' && other === 'no' && criterion.level === floor;
      if (!raises && !lowers) continue;
      found.push({
        criterion: criterion.id,
        level: criterion.level,
        source,
        alternativeHolds: raises,
        comparisons: comparisons(when).map((comparison) => showComparison(comparison, facts)),
        words: {
          text: raises ? 'assess.dispute.raises' : 'assess.dispute.lowers',
          values: {
            source: { text: `grade.${compiled.scheme.id}.source.${source}` },
            level: levelWords(compiled.scheme, criterion.level),
          },
        },
      });
    }
  }
  return found;
}

function levelWords(scheme: GradingScheme, level: number | null): Words {
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

function explain(scheme: GradingScheme, result: Grade): Words[] {
  const words: Words[] = [];
  if (result.fired.length > 0)
    words.push({ text: 'assess.grade.proven', values: { level: levelWords(scheme, result.floor), count: result.fired.length } });
  else if (result.floor === null) words.push({ text: 'assess.grade.nothing-proven' });
  else words.push({ text: 'assess.grade.residual', values: { level: levelWords(scheme, result.floor) } });
  if (result.ceiling === result.floor) words.push({ text: 'assess.grade.settled' });
  else
    words.push({
      text: 'assess.grade.open',
      values: { level: levelWords(scheme, result.ceiling), count: result.factsMissing.length },
    });
  if (result.confidence !== 'H') words.push({ text: `assess.grade.mark.${result.confidence}` });
  if (result.fired.some((criterion) => criterion.judged)) words.push({ text: 'assess.grade.judged' });
  return words;
}
