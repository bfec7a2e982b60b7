/**
 * The courses that an incident may take. A course is told by one number, its quantile q: 0.05 for the lightest of ten, 0.95 for the gravest; in it
 * everything goes lightly or gravely together, so that ten courses span what may come without a table of how facts hang together.
 *
 *     lasts   after T of it, the chance that it is over within x more is x / (T + x): even chance within another T. In course q it ends
 *             after T·q / (1 − q) more. It is the least that one can say of how long something lasts without knowing what it is.
 *     grows   rate r per hour, which halves in the half-life: after h hours r·τ·(1 − e^(−h/τ)) more, with τ = half-life / ln 2, times a factor
 *             e^(spread·z), z the normal quantile of q. Of a single statement: nothing in half of the courses, up to doubling in the gravest.
 *     reaches services that rest on what was hit fall once it is out for longer than their users bear; where nobody says how long that
 *             is, in the graver half of the courses.
 *
 * Everything only grows with q and with time, so a graver course never has a lighter level.
 */

import type { Seconds } from '@forewarn/base/time';
import { convert } from '@forewarn/model/condition';
import {
  unitFamilies,
  type Fact,
  type FactCatalogue,
  type FactDefinition,
  type Facts,
  type FactValue,
} from '@forewarn/model/facts';
import { coursesCount, type ForecastModel, type Movement } from '@forewarn/model/forecast';

/** A statement as history has it: `at` since when it was known. */
export type Statement = { fact: string; value: FactValue; at: Seconds };

/** A service that rests on what was hit: whose users it takes with it when it falls, and after which outage. */
export type Reached = {
  business: string;
  users: { least: number; most: number };
  cnyPerHour: { least: number; most: number };
  /** Whether what was hit carries it by itself; otherwise it falls by what it depends on. */
  itself: boolean;
  toleratedOutageHours: number | null;
};

export type Known = {
  at: Seconds;
  /** Oldest first. */
  statements: readonly Statement[];
  reached: readonly Reached[];
  /** Contained or closed: nothing goes on. */
  over: boolean;
};

type Quantity = FactDefinition & { kind: 'quantity' };

/** The quantile of each course, from the lightest. */
export const quantiles: readonly number[] = Array.from({ length: coursesCount }, (_, i) => (i + 0.5) / coursesCount);

/** Two statements closer than this are one; a rate of seconds says nothing of hours. */
const apartSeconds = 60;
const hourSeconds = 3600;

/** z of the standard normal distribution, by Acklam's rational approximation (relative error below 1.2e-9). */
export function normalQuantile(q: number): number {
  const a = [-3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1, 2.506628277459239]; // oxfmt-ignore
  const b = [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1];
  const c = [-7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783]; // oxfmt-ignore
  const d = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416];
  const along = (list: readonly number[], x: number): number => list.reduce((sum, next) => sum * x + next, 0);
  const tail = 0.02425;
  if (q < tail || q > 1 - tail) {
    const x = Math.sqrt(-2 * Math.log(Math.min(q, 1 - q)));
    return (q < tail ? 1 : -1) * (along(c, x) / (along(d, x) * x + 1));
  }
  const x = q - 0.5;
  return (along(a, x * x) * x) / (along(b, x * x) * x * x + 1);
}

/** How a fact moves by its unit, where the model does not say that it stays. */
export function movementOf(definition: Quantity, model: ForecastModel): Exclude<Movement, 'reach'> {
  if (model.still.includes(definition.id)) return 'still';
  return (unitFamilies.time as readonly string[]).includes(definition.unit) ? 'lasting' : 'growing';
}

/** What a statement leaves in course q: the exact value, a place in its span, or, where it has no upper end, what lasts as long as that. */
export function stated(value: FactValue, q: number): number | undefined {
  if (value.kind === 'quantity') return value.value;
  if (value.kind !== 'interval') return undefined;
  return value.max === null ? value.min / (1 - q) : value.min + q * (value.max - value.min);
}

/** Of a span the middle, of one without end its beginning: what a rate is taken of. */
const central = (value: FactValue): number | undefined =>
  value.kind === 'quantity' ? value.value : value.kind === 'interval' ? (value.max === null ? value.min : (value.min + value.max) / 2) : undefined; // oxfmt-ignore

/** Per hour, from the first to the last statement within the memory; undefined of a single one. What shrinks was corrected, and does not go on shrinking. */
export function rateOf(statements: readonly Statement[], model: ForecastModel): number | undefined {
  const points = statements.flatMap(({ value, at }) => {
    const x = central(value);
    return x === undefined ? [] : [{ at, x }];
  });
  const last = points.at(-1);
  if (!last) return undefined;
  const within = points.filter(({ at }) => at >= last.at - model.memoryHours * hourSeconds && at <= last.at - apartSeconds);
  const first = within[0];
  return first && Math.max(0, ((last.x - first.x) / (last.at - first.at)) * hourSeconds);
}

/** A fact's value in course q at a moment, in its unit; undefined when nothing was stated of it. */
export function courseOf(
  definition: Quantity,
  statements: readonly Statement[],
  { model, at, over, q }: { model: ForecastModel; at: Seconds; over: boolean; q: number },
): number | undefined {
  const last = statements.at(-1);
  const value = last && stated(last.value, q);
  if (last === undefined || value === undefined) return undefined;
  const hours = Math.max(0, at - last.at) / hourSeconds;
  const most = definition.max ?? Infinity;
  const bounded = (x: number): number => Math.min(most, definition.whole ? Math.round(x) : x);
  const movement = movementOf(definition, model);
  if (over || movement === 'still') return bounded(value);
  if (movement === 'lasting') {
    const lasted = convert(value, definition.unit, 'hours')!;
    const more = Math.min(hours, (lasted * q) / (1 - q));
    return bounded(value + convert(more, 'hours', definition.unit)!);
  }
  const tau = model.halfLifeHours / Math.LN2;
  const effective = tau * (1 - Math.exp(-hours / tau));
  const rate = rateOf(statements, model);
  const more =
    rate === undefined
      ? value * (2 ** ((effective / model.doublingHours) * Math.max(0, 2 * q - 1)) - 1)
      : rate * effective * Math.exp(model.spread * normalQuantile(q));
  return bounded(value + more);
}

/** The facts of one course at a moment. What is unknown stays unknown. */
export function factsIn(
  known: Known,
  catalogue: FactCatalogue,
  { model, at, q }: { model: ForecastModel; at: Seconds; q: number },
): { facts: Facts; movements: ReadonlyMap<string, Movement> } {
  const byFact = new Map<string, Statement[]>();
  for (const statement of known.statements) byFact.set(statement.fact, [...(byFact.get(statement.fact) ?? []), statement]);
  const facts: { [id: string]: Fact } = {};
  const movements = new Map<string, Movement>();
  /** The longest outage of this course, hours; null while nothing is said to be out. */
  let outageHours: number | null = null;
  for (const [id, statements] of byFact) {
    const definition = catalogue.get(id);
    const last = statements.at(-1)!;
    if (definition?.kind !== 'quantity') {
      facts[id] = { id, value: definition?.kind === 'term' ? termIn(definition, last.value, q) : last.value };
      continue;
    }
    const value = courseOf(definition, statements, { model, at, over: known.over, q });
    facts[id] = { id, value: value === undefined ? last.value : { kind: 'quantity', value } };
    if (value === undefined) continue;
    movements.set(id, known.over ? 'still' : movementOf(definition, model));
    if (model.outages.includes(id) && value > 0)
      outageHours = Math.max(outageHours ?? 0, convert(value, definition.unit, 'hours')!);
  }
  const lost = byFact.get('availability_lost')?.at(-1)?.value;
  const lostAt = byFact.get('availability_lost_at')?.at(-1)?.value;
  if (lost?.kind === 'boolean' && lost.value && lostAt?.kind === 'quantity') {
    const lasted = Math.max(0, known.at - lostAt.value) / hourSeconds;
    const more = known.over ? 0 : Math.min(Math.max(0, at - known.at) / hourSeconds, (lasted * q) / (1 - q));
    outageHours = Math.max(outageHours ?? 0, lasted + more);
  }
  if (outageHours === null) return { facts, movements };
  const fallen = known.reached.filter(({ itself, toleratedOutageHours: bears }) => itself || (bears === null ? q > 0.5 : outageHours! > bears)); // oxfmt-ignore
  const sum = (part: (one: Reached) => { least: number; most: number }): number =>
    fallen.reduce((total, one) => total + part(one).least + q * (part(one).most - part(one).least), 0);
  const measured = { users: sum(({ users }) => users), value: sum(({ cnyPerHour }) => cnyPerHour) * outageHours };
  for (const { fact, of } of model.reach) {
    const definition = catalogue.get(fact);
    if (definition?.kind !== 'quantity') continue;
    const value = of === 'user-hours' ? measured.users * outageHours : measured[of];
    const own = facts[fact]?.value;
    // What people said is not lowered by what the estate lets expect, and what they did not speak of is not raised from nothing by nothing.
    if (value <= 0 || (own?.kind === 'quantity' && own.value >= value)) continue;
    facts[fact] = { id: fact, value: { kind: 'quantity', value: definition.whole ? Math.round(value) : value } };
    movements.set(fact, 'reach');
  }
  return { facts, movements };
}

/** Of a span of terms, the lighter in light courses and the graver in grave ones. */
function termIn(definition: FactDefinition & { kind: 'term' }, value: FactValue, q: number): FactValue {
  if (value.kind !== 'terms') return value;
  const [from, to] = [value.min, value.max].map((id) => definition.terms.findIndex((term) => term.id === id));
  const at = from! + Math.min(to! - from!, Math.floor(q * (to! - from! + 1)));
  return { kind: 'term', term: definition.terms[at]!.id };
}
