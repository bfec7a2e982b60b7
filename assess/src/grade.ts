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
  factsRead,
  resolve,
  showComparison,
  type Answer,
  type ConditionProblem,
  type Resolved,
} from '@forewarn/model/condition';
import { checkScheme } from '@forewarn/model/check-scheme';
import type { FactCatalogue, Facts } from '@forewarn/model/facts';
import {
  lowestMark,
  type Comparison,
  type CriterionResult,
  type Dispute,
  type Grade,
  type GradingScheme,
  type Level,
  type Mark,
} from '@forewarn/model/grade';
import { isOpen, resolveScore, scoreOf, showScore, type ResolvedScore } from '@forewarn/model/score';
import type { LocalText, Words } from '@forewarn/model/text';
import { formatPath } from '@forewarn/model/yaml';
import { levelWords, nextThresholds } from './next-threshold.ts';

/** A criterion with its condition resolved; the cells of matrices and the bands of a score are criteria too. */
export type CompiledCriterion = {
  id: string;
  level: number;
  article: string;
  means: LocalText;
  who?: LocalText;
  judged: boolean;
  mark: Mark;
  unread: boolean;
  when: Resolved;
  alternatives: { when: Resolved; source: string }[];
};

/** A scheme made ready for grading. */
export type CompiledScheme = {
  readonly scheme: GradingScheme;
  readonly criteria: readonly CompiledCriterion[];
  readonly unless: Resolved | undefined;
  readonly score: ResolvedScore | undefined;
  /** Every fact that some criterion reads. */
  readonly reads: ReadonlySet<string>;
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
    unread: criterion.unread ?? false,
    when: criterion.unread
      ? { kind: 'unread', necessary: resolve(criterion.when, catalogue, problems) }
      : resolve(criterion.when, catalogue, problems),
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
          unread: false,
          when: resolve(when, catalogue, problems),
          alternatives: [],
        });
      }
    }
  }
  const score = scheme.score && resolveScore(scheme.score, catalogue, problems);
  if (scheme.score && score) criteria.push(...bands(scheme.score, score));
  return {
    scheme,
    criteria,
    unless: scheme.residual?.unless && resolve(scheme.residual.unless, catalogue, problems),
    score,
    reads: new Set(criteria.flatMap((criterion) => factsRead(criterion.when).map(({ id }) => id))),
  };
}

/** A band reads "a score of at least this"; one whose value nobody read lies somewhere above the next lower one. */
function bands(told: NonNullable<GradingScheme['score']>, score: ResolvedScore): CompiledCriterion[] {
  const points = told.parts.flatMap((part) => part.citations);
  return told.bands.map(({ level, from, article, means, citations }) => {
    const lower = told.bands.filter((band) => band.level > level).flatMap((band) => (band.from === null ? [] : [band.from]));
    return {
      id: `band-${level}`,
      level,
      article,
      means,
      judged: false,
      mark: lowestMark([...citations, ...points].map(({ mark }) => mark)),
      unread: from === null,
      when:
        from === null
          ? { kind: 'unread', necessary: { kind: 'score', score, atLeast: Math.max(0, ...lower), above: true } }
          : { kind: 'score', score, atLeast: from },
      alternatives: [],
    };
  });
}

/** What a scheme says in short: for many incidents at once, where the words and thresholds are not asked for. */
export type Levels = {
  floor: number | null;
  ceiling: number | null;
  /** The criteria that give the floor. */
  fired: string[];
  confidence: Mark;
  score: { min: number; max: number; of: number } | undefined;
};

/** Grades without explaining; the same floor, ceiling, criteria and mark as `grade`. */
export function levelsOf(compiled: CompiledScheme, facts: Facts): Levels {
  const judged = judge(compiled, facts);
  return {
    floor: judged.floor,
    ceiling: judged.ceiling,
    fired: judged.fired.map(({ id }) => id),
    confidence: judged.confidence,
    score: compiled.score && scoreOf(compiled.score, facts),
  };
}

/** Facts whose knowledge could still change the level, without the rest of the grade. */
export function missingOf(compiled: CompiledScheme, facts: Facts): Grade['factsMissing'] {
  return missingFacts(judge(compiled, facts).open, facts);
}

type Judged = {
  answers: ReadonlyMap<CompiledCriterion, Answer>;
  yes: CompiledCriterion[];
  open: CompiledCriterion[];
  fired: CompiledCriterion[];
  floor: number | null;
  ceiling: number | null;
  confidence: Mark;
};

/** Answers every criterion. An incident that proves none has the residual level, unless the facts say it has no impact. */
function judge(compiled: CompiledScheme, facts: Facts): Judged {
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
  const fired = dropDominated(yes.filter((criterion) => criterion.level === floor));
  const confidence =
    fired.length > 0
      ? lowestMark(fired.map(({ mark }) => mark))
      : residual
        ? lowestMark(residual.citations.map(({ mark }) => mark))
        : lowestMark(compiled.criteria.map(({ mark }) => mark));
  return { answers, yes, open, fired, floor, ceiling, confidence };
}

/** Grades. `floor` and `ceiling` are level numbers, 1 the most serious, or null for none. */
export function grade(compiled: CompiledScheme, facts: Facts): Grade {
  const { scheme } = compiled;
  const { answers, yes, open, fired, floor, ceiling, confidence } = judge(compiled, facts);
  const level = (number: number | null): Level | null => scheme.levels.find((each) => each.level === number) ?? null;
  const show = (criterion: CompiledCriterion): CriterionResult => ({
    criterion: criterion.id,
    level: criterion.level,
    article: criterion.article,
    means: criterion.means,
    ...(criterion.who ? { who: criterion.who } : {}),
    judged: criterion.judged,
    mark: criterion.mark,
    ...(criterion.unread ? { unread: true } : {}),
    comparisons: shownComparisons(criterion.when, facts),
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
    factsUsed: Object.keys(facts).filter((id) => compiled.reads.has(id) && facts[id]!.value.kind !== 'unknown'),
    factsMissing: missingFacts(open, facts),
    nextThresholds: nextThresholds(compiled, facts, floor, answers),
    disputes: disputes(compiled, facts, floor, answers),
    ...(compiled.score ? { score: scoreOf(compiled.score, facts) } : {}),
    words: [],
  };
  return { ...result, words: explain(scheme, result) };
}

/** What was compared; of a score, the points of each of its parts. */
function shownComparisons(condition: Resolved, facts: Facts): Comparison[] {
  if (condition.kind === 'score') return showScore(condition.score, facts);
  if (condition.kind === 'unread') return shownComparisons(condition.necessary, facts);
  return comparisons(condition).map((comparison) => showComparison(comparison, facts));
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

/** Facts whose unknown part leaves a more serious level open. */
function missingFacts(open: readonly CompiledCriterion[], facts: Facts): Grade['factsMissing'] {
  const missing = new Map<string, number>();
  for (const criterion of open) {
    for (const id of openFacts(criterion.when, facts))
      missing.set(id, Math.min(missing.get(id) ?? criterion.level, criterion.level));
  }
  return [...missing].map(([fact, couldReach]) => ({ fact, couldReach })).sort((a, b) => a.couldReach - b.couldReach);
}

function openFacts(condition: Resolved, facts: Facts): string[] {
  if (condition.kind === 'score') return isOpen(condition.score, facts);
  if (condition.kind === 'unread') return openFacts(condition.necessary, facts);
  return comparisons(condition)
    .filter((comparison) => evaluate(comparison, facts) === 'unknown')
    .map(({ definition }) => definition.id);
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

function explain(scheme: GradingScheme, result: Grade): Words[] {
  const words: Words[] = [];
  if (result.fired.length > 0)
    words.push({ text: 'assess.grade.proven', values: { level: levelWords(scheme, result.floor), count: result.fired.length } });
  else if (result.floor === null) words.push({ text: 'assess.grade.nothing-proven' });
  else words.push({ text: 'assess.grade.residual', values: { level: levelWords(scheme, result.floor) } });
  if (result.ceiling === result.floor) words.push({ text: 'assess.grade.settled' });
  else if (result.factsMissing.length === 0)
    words.push({ text: 'assess.grade.unread', values: { level: levelWords(scheme, result.ceiling) } });
  else
    words.push({
      text: 'assess.grade.open',
      values: { level: levelWords(scheme, result.ceiling), count: result.factsMissing.length },
    });
  if (result.score) {
    const decimals = 10 ** (scheme.score?.decimals ?? 0);
    const { min, max, of } = result.score;
    // Rounded inwards: what is proven is never shown greater than it is.
    const values = { min: Math.floor(min * decimals) / decimals, max: Math.ceil(max * decimals) / decimals, of };
    words.push({
      text: min === max ? 'assess.grade.score' : 'assess.grade.score.range',
      values: min === max ? { ...values, min: Math.round(min * decimals) / decimals } : values,
    });
  }
  if (result.confidence !== 'H') words.push({ text: `assess.grade.mark.${result.confidence}` });
  if (result.fired.some((criterion) => criterion.judged)) words.push({ text: 'assess.grade.judged' });
  return words;
}
