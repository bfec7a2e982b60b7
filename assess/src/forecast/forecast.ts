/** The forecast of an incident: its ten courses, graded at each horizon. Pure; what it does not know stays unknown. */

import type { FactCatalogue } from '@forewarn/model/facts';
import { bandShare, coursesCount, type ForecastFact, type ForecastModel, type ForecastPoint } from '@forewarn/model/forecast';
import type { Words } from '@forewarn/model/text';
import { levelsOf, type CompiledScheme } from '../grade.ts';
import { factsIn, quantiles, rateOf, type Known } from './course.ts';

/** The courses at the ends of the band, and the one that half of them reach: the fifth from above. */
const [lightestOf, expectedOf, gravestOf] = [1, coursesCount / 2, coursesCount - 2] as const;

/** Where the band of a fact lies and its middle: of ten courses, between the first and the second, and between the ninth and the tenth. */
const bandQuantiles = [(1 - bandShare) / 2, 0.5, (1 + bandShare) / 2] as const;

/** A level as a number that grows with seriousness; none is below all. */
export const seriousness = (level: number | null): number => (level === null ? -Infinity : -level);

/** The level that is proven by what is known now. */
export const levelNow = (compiled: CompiledScheme, known: Known): number | null => {
  const facts = Object.fromEntries(known.statements.map(({ fact, value }) => [fact, { id: fact, value }] as const));
  return levelsOf(compiled, facts).floor;
};

/** The expected level and its band at each horizon of the model. A level that is proven already is not lost again. */
export function forecast(
  compiled: CompiledScheme,
  catalogue: FactCatalogue,
  known: Known,
  model: ForecastModel,
): ForecastPoint[] {
  const proven = levelNow(compiled, known);
  return model.horizonsSeconds.map((horizonSeconds) => {
    const at = known.at + horizonSeconds;
    const courses = quantiles.map((q) => factsIn(known, catalogue, { model, at, q }));
    const levels = courses
      .map(({ facts }) => levelsOf(compiled, facts).floor)
      .map((level) => (seriousness(level) > seriousness(proven) ? level : proven))
      .sort((a, b) => Math.sign(seriousness(a) - seriousness(b)) || 0);
    return {
      horizonSeconds,
      lightest: levels[lightestOf]!,
      expected: levels[expectedOf]!,
      gravest: levels[gravestOf]!,
      courses: levels,
      facts: quantitiesOf(
        compiled,
        bandQuantiles.map((q) => factsIn(known, catalogue, { model, at, q })),
        catalogue,
        known,
      ),
    };
  });
}

/** Facts that are counted, at the ends of the band and in its middle. */
function quantitiesOf(
  compiled: CompiledScheme,
  courses: readonly ReturnType<typeof factsIn>[],
  catalogue: FactCatalogue,
  known: Known,
): ForecastFact[] {
  const stated = new Set(known.statements.map(({ fact }) => fact));
  // What nobody stated and the scheme does not ask for would be a number for nothing.
  const ids = new Set(
    courses.flatMap(({ movements }) => [...movements.keys()]).filter((id) => stated.has(id) || compiled.reads.has(id)),
  );
  const found: ForecastFact[] = [];
  for (const id of ids) {
    const definition = catalogue.get(id);
    if (definition?.kind !== 'quantity') continue;
    // In a course in which nothing is said of it, it is at least nothing.
    const [low, middle, high] = courses.map(({ facts }) => {
      const value = facts[id]?.value;
      return value?.kind === 'quantity' ? value.value : 0;
    });
    const last = known.statements.findLast(({ fact }) => fact === id)?.value;
    const now =
      last?.kind === 'quantity'
        ? { min: last.value, max: last.value }
        : last?.kind === 'interval'
          ? { min: last.min, max: last.max }
          : null;
    const movement = courses.map(({ movements }) => movements.get(id)).findLast((one) => one !== undefined)!;
    found.push({ fact: id, unit: definition.unit, movement, now, low: low!, middle: middle!, high: high! });
  }
  return found.sort((a, b) => (a.fact < b.fact ? -1 : 1));
}

/** Reasons in sentences: what lasts, what grows at which rate, how many services rest on what was hit. */
export function reasonsOf(compiled: CompiledScheme, catalogue: FactCatalogue, known: Known, model: ForecastModel): Words[] {
  if (known.over) return [{ text: 'assess.forecast.over' }];
  const words: Words[] = [];
  const end = known.at + model.horizonsSeconds.at(-1)!;
  const { movements } = factsIn(known, catalogue, { model, at: end, q: quantiles.at(-1)! });
  for (const [id, movement] of movements) {
    const definition = catalogue.get(id);
    if (!compiled.reads.has(id) || movement === 'still' || definition?.kind !== 'quantity') continue;
    const fact: Words = { text: `fact.${id}` };
    if (movement === 'growing') {
      const rate = rateOf(known.statements.filter((one) => one.fact === id), model); // oxfmt-ignore
      if (rate === undefined) words.push({ text: 'assess.forecast.single', values: { fact } });
      else if (rate === 0) words.push({ text: 'assess.forecast.flat', values: { fact } });
      else words.push({ text: 'assess.forecast.grows', values: { fact, rate: { text: `assess.quantity.${definition.unit}`, values: { value: Math.round(rate * 100) / 100 } } } }); // oxfmt-ignore
    } else words.push({ text: `assess.forecast.${movement}`, values: { fact } });
  }
  if (words.length === 0) return [{ text: 'assess.forecast.still' }];
  const dependents = known.reached.filter(({ itself }) => !itself).length;
  if (known.reached.length > 0)
    words.push({ text: 'assess.forecast.reached', values: { services: known.reached.length, dependents } });
  return words;
}
