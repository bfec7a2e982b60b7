/**
 * Weighted scores over facts, as the CISA scoring system and the EuRepoC intensity have them. A fact that is unknown
 * gives an interval: from the least to the greatest points that its statement leaves.
 */

import type { FactCatalogue, FactDefinition, Facts, FactValue } from './facts.ts';
import type { Comparison, Score } from './grade.ts';
import type { Path } from './yaml.ts';

type Valued = { readonly definition: FactDefinition; readonly values: readonly number[]; readonly ids: readonly string[] };

/** A score with its definitions found; values stand in the order of the fact's terms or members. */
export type ResolvedScore = {
  readonly parts: readonly (Valued & { readonly weight: number })[];
  readonly times: Valued | undefined;
  readonly scale: Score['scale'];
};

/** Finds definitions and checks that every term and member has a value. Problems are pushed. */
export function resolveScore(
  score: Score,
  catalogue: FactCatalogue,
  problems: { path: Path; message: string }[],
  path: Path = [],
): ResolvedScore {
  const valued = (fact: string, values: { [id: string]: number }, at: Path): Valued | undefined => {
    const definition = catalogue.get(fact);
    if (definition?.kind !== 'term' && definition?.kind !== 'set') {
      problems.push({ path: [...at, 'fact'], message: `"${fact}" is no fact of terms or members.` });
      return undefined;
    }
    const ids = (definition.kind === 'term' ? definition.terms : definition.members).map(({ id }) => id);
    for (const id of ids)
      if (values[id] === undefined) problems.push({ path: [...at, 'values'], message: `"${id}" of "${fact}" has no value.` });
    for (const id of Object.keys(values))
      if (!ids.includes(id)) problems.push({ path: [...at, 'values', id], message: `The fact "${fact}" has no "${id}".` });
    const ordered = ids.map((id) => values[id] ?? 0);
    // Graver terms never give fewer points: more harm must not lower a level.
    if (definition.kind === 'term' && ordered.some((value, i) => i > 0 && value < ordered[i - 1]!))
      problems.push({ path: [...at, 'values'], message: `The values of "${fact}" fall towards graver terms.` });
    return { definition, values: ordered, ids };
  };
  const parts = score.parts.flatMap((part, i) => {
    const found = valued(part.fact, part.values, [...path, 'parts', i]);
    return found ? [{ ...found, weight: part.weight }] : [];
  });
  const times = score.times && valued(score.times.fact, score.times.values, [...path, 'times']);
  if (score.scale) {
    const sum = (pick: (...values: number[]) => number): number =>
      parts.reduce((total, part) => total + part.weight * pick(...part.values), 0);
    if (sum(Math.min) !== score.scale.min || sum(Math.max) !== score.scale.max)
      problems.push({
        path: [...path, 'scale'],
        message: `The sums run from ${sum(Math.min)} to ${sum(Math.max)}, the scale from ${score.scale.min} to ${score.scale.max}.`,
      });
  }
  return { parts, times, scale: score.scale };
}

/** The least and greatest value that a statement leaves. */
function valueRange({ definition, values, ids }: Valued, stated: FactValue): { min: number; max: number } {
  const least = Math.min(...values);
  const greatest = Math.max(...values);
  const value = (id: string): number => values[ids.indexOf(id)] ?? least;
  if (definition.kind === 'term') {
    if (stated.kind === 'term') return { min: value(stated.term), max: value(stated.term) };
    if (stated.kind === 'terms') return { min: value(stated.min), max: value(stated.max) };
  } else if (stated.kind === 'set') {
    // One option counts; of several the gravest.
    const counted = stated.members.length === 0 ? least : Math.max(...stated.members.map(value));
    return { min: counted, max: counted };
  }
  return { min: least, max: greatest };
}

const unknown: FactValue = { kind: 'unknown' };
const statedOf = (facts: Facts, { definition }: Valued): FactValue =>
  Object.hasOwn(facts, definition.id) ? facts[definition.id]!.value : unknown;

/** The score that the facts prove and the score that they still allow, unrounded; `of` is the greatest there is. */
export function scoreOf({ parts, times, scale }: ResolvedScore, facts: Facts): { min: number; max: number; of: number } {
  let [min, max, of] = [0, 0, 0];
  for (const part of parts) {
    const range = valueRange(part, statedOf(facts, part));
    min += part.weight * range.min;
    max += part.weight * range.max;
    of += part.weight * Math.max(...part.values);
  }
  if (times) {
    const factor = valueRange(times, statedOf(facts, times));
    min *= factor.min;
    max *= factor.max;
    of *= Math.max(...times.values);
  }
  if (!scale) return { min, max, of };
  const scaled = (sum: number): number =>
    Math.max(0, Math.min(scale.to, (scale.to * (sum - scale.min)) / (scale.max - scale.min)));
  return { min: scaled(min), max: scaled(max), of: scale.to };
}

/** Each part as it is shown: what is stated, and how many weighted points it gives. */
export function showScore({ parts, times }: ResolvedScore, facts: Facts): Comparison[] {
  const show = (part: Valued, weight: number): Comparison => {
    const stated = statedOf(facts, part);
    const { min, max } = valueRange(part, stated);
    return {
      fact: part.definition.id,
      stated,
      points: { min: weight * min, max: weight * max, of: weight * Math.max(...part.values) },
      holds: min === max ? 'yes' : 'unknown',
    };
  };
  return [...parts.map((part) => show(part, part.weight)), ...(times ? [show(times, 1)] : [])];
}

/** Whether what is stated of this fact leaves its points open. */
export function isOpen({ parts, times }: ResolvedScore, facts: Facts): string[] {
  return [...parts, ...(times ? [times] : [])]
    .filter((part) => {
      const { min, max } = valueRange(part, statedOf(facts, part));
      return min !== max;
    })
    .map(({ definition }) => definition.id);
}

/** For each part, its least term or member that alone lifts the proven score to `atLeast`, where there is one. */
export function lifts(
  score: ResolvedScore,
  facts: Facts,
  atLeast: number,
): { fact: string; term: string; kind: 'term' | 'set' }[] {
  return score.parts.flatMap((part) => {
    const order = part.ids.map((id, i) => ({ id, value: part.values[i]! })).toSorted((a, b) => a.value - b.value);
    const kind = part.definition.kind === 'term' ? ('term' as const) : ('set' as const);
    const found = order.find(({ id }) => {
      const value: FactValue = kind === 'term' ? { kind: 'term', term: id } : { kind: 'set', members: [id] };
      const lifted = { ...facts, [part.definition.id]: { id: part.definition.id, value } };
      return scoreOf(score, lifted).min >= atLeast;
    });
    return found ? [{ fact: part.definition.id, term: found.id, kind }] : [];
  });
}
