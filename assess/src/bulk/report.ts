/**
 * Many incidents under every scheme: how levels are distributed, what is missing to settle them, and where schemes disagree.
 * Incidents pass one by one; only counts and a few examples are kept, so that memory does not grow with the collection.
 *
 * Two schemes *disagree* about a pair of incidents when one holds the first for graver and the other the second. Levels of
 * different schemes are never compared as such: a "3" is one thing here and another there. Over all pairs, `opposed` is the share of
 * those that both schemes order and order differently (after Goodman and Kruskal 1954: gamma = 1 − 2 · opposed).
 */

import type { FactCatalogue, Facts } from '@forewarn/model/facts';
import type { Mark, Scale } from '@forewarn/model/grade';
import { resolveScore, scoreOf, type ResolvedScore } from '@forewarn/model/score';
import { levelsOf, missingOf, type CompiledScheme } from '../grade.ts';
import type { BulkIncident } from './collection.ts';

/** Examples a person looks at one by one. */
const examplesMax = 10;

export const limits = [
  { name: 'bulk grading: examples', value: examplesMax, unit: 'incidents', why: 'A person looks at them one by one.' },
];

export type SchemeReport = {
  scheme: string;
  version: string;
  /** Incidents by what is proven and by what is still possible; the key is the level, "none" below every level. */
  proven: { [level: string]: number };
  possible: { [level: string]: number };
  /** Incidents whose level no unknown can change. */
  settled: number;
  /** Incidents of which a criterion is met; others have the residual level, or none. */
  withCriterion: number;
  marks: { [mark in Mark]: number };
  /** In how many incidents each fact could still raise the level, the most frequent first. */
  missing: { fact: string; incidents: number }[];
  /** Of a scheme that adds points: the least and greatest score that is proven, and the mean. */
  score: { least: number; mean: number; greatest: number } | undefined;
};

export type PairReport = {
  schemes: [string, string];
  /** Pairs of incidents that both schemes order by what is proven. */
  ordered: number;
  /** The share of these that they order differently; null when there is none. */
  opposed: number | null;
  /** Incidents that one scheme gives a level by a criterion and the other does not. */
  oneAlone: [number, number];
};

export type ScaleReport = { scale: string; known: number; values: { [value: string]: number } };

export type BulkReport = {
  incidents: number;
  /** Incidents with a fact that two words of their row contradict each other in, and those facts. */
  contradicted: { incidents: number; facts: { fact: string; incidents: number }[] };
  schemes: SchemeReport[];
  pairs: PairReport[];
  scales: ScaleReport[];
  /** The incidents that schemes judge least alike: how far up its own ladder each scheme places them, 0 (no level) to 1 (the gravest). */
  furthestApart: { id: string; name: string | undefined; apart: number; highest: string; lowest: string }[];
};

/** A scale made ready. */
export type CompiledScale = { readonly scale: Scale; readonly score: ResolvedScore };

export function compileScale(scale: Scale, catalogue: FactCatalogue): CompiledScale {
  return { scale, score: resolveScore(scale.score, catalogue, []) };
}

/** The value of a scale as it is published, or undefined while a part is unknown. */
export function scaleValue({ scale, score }: CompiledScale, facts: Facts): number | undefined {
  const { min, max } = scoreOf(score, facts);
  const unit = 10 ** scale.score.decimals;
  return min === max ? Math.round(min * unit) / unit : undefined;
}

class Tally {
  readonly #counts = new Map<string, number>();
  add(key: string): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }
  get size(): number {
    return this.#counts.size;
  }
  toObject(): { [key: string]: number } {
    return Object.fromEntries([...this.#counts].toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })));
  }
  mostFrequent(): { fact: string; incidents: number }[] {
    return [...this.#counts].map(([fact, incidents]) => ({ fact, incidents })).toSorted((a, b) => b.incidents - a.incidents);
  }
}

/** Levels go from 1 to 9; the tenth row and column are "none". */
const noLevel = 10;

/** Grades all of them under every scheme. */
export function bulkReport(
  schemes: readonly CompiledScheme[],
  scales: readonly CompiledScale[],
  incidents: Iterable<BulkIncident>,
): BulkReport {
  const columns = schemes.map((compiled) => ({
    compiled,
    proven: new Tally(),
    possible: new Tally(),
    missing: new Tally(),
    marks: { H: 0, M: 0, U: 0 },
    settled: 0,
    withCriterion: 0,
    score: { least: Infinity, sum: 0, greatest: -Infinity },
  }));
  const values = scales.map((compiled) => ({ compiled, known: 0, values: new Tally() }));
  const pairs = schemes.flatMap((_, i) => schemes.slice(i + 1).map((__, j) => ({ a: i, b: i + 1 + j })));
  const tables = pairs.map(() => new Uint32Array((noLevel + 1) * (noLevel + 1)));
  const alone = pairs.map((): [number, number] => [0, 0]);
  const contradictions = new Tally();
  const apart: BulkReport['furthestApart'] = [];
  let count = 0;
  let contradicted = 0;
  for (const { id, name, facts, contradicted: unclear } of incidents) {
    count++;
    if (unclear.length > 0) contradicted++;
    for (const fact of unclear) contradictions.add(fact);
    const answers = columns.map((column) => {
      const levels = levelsOf(column.compiled, facts);
      column.proven.add(String(levels.floor ?? 'none'));
      column.possible.add(String(levels.ceiling ?? 'none'));
      column.marks[levels.confidence]++;
      // The band that a score of nothing falls into is no criterion that was met.
      const met = levels.score ? levels.score.min > 0 : levels.fired.length > 0;
      if (met) column.withCriterion++;
      if (levels.floor === levels.ceiling) column.settled++;
      else for (const { fact } of missingOf(column.compiled, facts)) column.missing.add(fact);
      if (levels.score) {
        column.score.least = Math.min(column.score.least, levels.score.min);
        column.score.greatest = Math.max(column.score.greatest, levels.score.min);
        column.score.sum += levels.score.min;
      }
      return { floor: levels.floor ?? noLevel, met };
    });
    pairs.forEach(({ a, b }, i) => {
      const [left, right] = [answers[a]!, answers[b]!];
      tables[i]![left.floor * (noLevel + 1) + right.floor]!++;
      if (left.met && !right.met) alone[i]![0]++;
      if (right.met && !left.met) alone[i]![1]++;
    });
    for (const value of values) {
      const exact = scaleValue(value.compiled, facts);
      if (exact === undefined) continue;
      value.known++;
      value.values.add(String(exact));
    }
    remember(
      apart,
      { id, name },
      answers.map(({ floor, met }, i) => ({ scheme: schemes[i]!.scheme, floor, met })),
    );
  }
  return {
    incidents: count,
    contradicted: { incidents: contradicted, facts: contradictions.mostFrequent() },
    schemes: columns.map(({ compiled, proven, possible, missing, marks, settled, withCriterion, score }) => ({
      scheme: compiled.scheme.id,
      version: compiled.scheme.version,
      proven: proven.toObject(),
      possible: possible.toObject(),
      settled,
      withCriterion,
      marks,
      missing: missing.mostFrequent(),
      score: compiled.score && count > 0 ? { least: score.least, mean: score.sum / count, greatest: score.greatest } : undefined,
    })),
    pairs: pairs.map(({ a, b }, i) => {
      const { concordant, discordant } = order(tables[i]!);
      const ordered = concordant + discordant;
      return {
        schemes: [schemes[a]!.scheme.id, schemes[b]!.scheme.id],
        ordered,
        opposed: ordered === 0 ? null : discordant / ordered,
        oneAlone: alone[i]!,
      };
    }),
    scales: values.map(({ compiled, known, values: told }) => ({ scale: compiled.scale.id, known, values: told.toObject() })),
    furthestApart: apart,
  };
}

/** Pairs of incidents in a table of two schemes' levels that both order, alike and differently. */
function order(table: Uint32Array): { concordant: number; discordant: number } {
  const size = noLevel + 1;
  let [concordant, discordant] = [0, 0];
  for (let a = 1; a < size; a++) {
    for (let b = 1; b < size; b++) {
      const here = table[a * size + b]!;
      if (here === 0) continue;
      for (let c = a + 1; c < size; c++) {
        for (let d = 1; d < size; d++) {
          const there = table[c * size + d]!;
          if (d > b) concordant += here * there;
          else if (d < b) discordant += here * there;
        }
      }
    }
  }
  return { concordant, discordant };
}

/** Keeps the incidents that schemes place furthest apart; of equal ones the first. */
function remember(
  kept: BulkReport['furthestApart'],
  { id, name }: { id: string; name: string | undefined },
  answers: readonly { scheme: CompiledScheme['scheme']; floor: number; met: boolean }[],
): void {
  const placed = answers.map(({ scheme, floor, met }) => ({
    scheme: scheme.id,
    height: !met || floor === noLevel ? 0 : 1 - (floor - 1) / scheme.levels.length,
  }));
  if (placed.length < 2) return;
  const highest = placed.reduce((one, other) => (other.height > one.height ? other : one));
  const lowest = placed.reduce((one, other) => (other.height < one.height ? other : one));
  const apart = Math.round((highest.height - lowest.height) * 1000) / 1000;
  if (apart === 0 || (kept.length === examplesMax && apart <= kept.at(-1)!.apart)) return;
  kept.push({ id, name, apart, highest: highest.scheme, lowest: lowest.scheme });
  kept.sort((a, b) => b.apart - a.apart);
  if (kept.length > examplesMax) kept.pop();
}
