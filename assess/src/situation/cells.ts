/**
 * The arithmetic of the situation index. Everything is a plain function of the parts of one reading, in a fixed order, so that the same events
 * give the same number to the last digit.
 *
 *     event         load a (floor … ceiling)             content, times "ten times as many count like one more"
 *     organisation  r = 1 - (1 - a₁)(1 - a₂)…            or the average, as the component says
 *     place         R = w · max r + (1 - w) · Σ u r / Σ u   u: importance of the organisation; w: the share of the worst
 *     index         100 · Σ weight · R
 */

import {
  situationComponents,
  type Risk,
  type SituationBand,
  type SituationCell,
  type SituationComponent,
  type SituationEvent,
  type SituationPart,
  type SituationPlace,
  type SituationRules,
} from '@forewarn/model/situation';

/** What an event of this kind is worth: ten times as many count like one more; where the average is made, each counts by itself. */
export function loadOf(
  rules: SituationRules,
  { component, kind, degree, count }: Pick<SituationEvent, 'component' | 'kind' | 'degree' | 'count'>,
): Risk {
  const mean = rules.components.find(({ id }) => id === component)?.together === 'mean';
  const many = (degreeId: string): number => {
    const one = rules.loads[kind]?.[degreeId];
    if (one === undefined) throw new Error(`No load is stated for ${kind}, ${degreeId}.`);
    return mean ? one : 1 - (1 - one) ** (1 + Math.log10(count));
  };
  const [one, other] = [many(degree.least), many(degree.most)];
  return { floor: Math.min(one, other), ceiling: Math.max(one, other) };
}

/** The places in which an organisation stands. */
export function placesOf(part: SituationPart): SituationPlace[] {
  return [
    { dimension: 'whole', key: 'whole' },
    ...part.networkTypes.map((key) => ({ dimension: 'network-type' as const, key })),
    { dimension: 'sector', key: part.sector },
    ...part.regions.map((key) => ({ dimension: 'region' as const, key })),
    ...part.tiers.map((key) => ({ dimension: 'tier' as const, key })),
    { dimension: 'organisation', key: part.organisation },
  ];
}

/** Whether an organisation stands in a place. */
export const standsIn = (part: SituationPart, { dimension, key }: SituationPlace): boolean =>
  placesOf(part).some((place) => place.dimension === dimension && place.key === key);

/** Whether an event of an organisation that stands in a place counts there: what names nothing concerns all of its organisation. */
export function countsIn(event: SituationEvent, { dimension, key }: SituationPlace): boolean {
  const within = (named: readonly string[]): boolean => named.length === 0 || named.includes(key);
  if (dimension === 'network-type') return within(event.networkTypes);
  if (dimension === 'region') return within(event.regions);
  if (dimension === 'tier') return within(event.tiers);
  return true;
}

type Rule = SituationRules['components'][number];

/** Events of one component added up. Nothing on which an average could be made leaves everything open. */
function together({ together: how }: Rule, events: readonly SituationEvent[]): Risk {
  if (how === 'mean') {
    let [things, floor, ceiling] = [0, 0, 0];
    for (const { load, count } of events) {
      things += count;
      floor += count * load.floor;
      ceiling += count * load.ceiling;
    }
    return things === 0 ? { floor: 0, ceiling: 1 } : { floor: floor / things, ceiling: ceiling / things };
  }
  const none = events.reduce(
    (all, { load }) => ({ floor: all.floor * (1 - load.floor), ceiling: all.ceiling * (1 - load.ceiling) }),
    {
      floor: 1,
      ceiling: 1,
    },
  );
  return { floor: 1 - none.floor, ceiling: 1 - none.ceiling };
}

export type Risks = { readonly [component in SituationComponent]: Risk };

function eventsIn(part: SituationPart, place: SituationPlace): ReadonlyMap<SituationComponent, SituationEvent[]> {
  const byComponent = new Map<SituationComponent, SituationEvent[]>(situationComponents.map((id) => [id, []]));
  for (const event of part.events) if (countsIn(event, place)) byComponent.get(event.component)!.push(event);
  return byComponent;
}

/** What one organisation's risks are in a place. */
export function risksOf(part: SituationPart, place: SituationPlace, rules: SituationRules): Risks {
  const byComponent = eventsIn(part, place);
  const risks = Object.fromEntries(rules.components.map((rule) => [rule.id, together(rule, byComponent.get(rule.id)!)])) as {
    [component in SituationComponent]: Risk;
  };
  // What nobody sees may hide more of it: as much again as is not covered.
  const seen = 1 - risks.coverage.ceiling;
  for (const { id, hidden } of rules.components)
    if (hidden) risks[id] = { floor: risks[id].floor, ceiling: 1 - (1 - risks[id].ceiling) * seen };
  return risks;
}

/** Counts the events of each component in a place. */
function countEvents(counts: Map<SituationComponent, number>, part: SituationPart, place: SituationPlace): void {
  for (const event of part.events)
    if (countsIn(event, place)) counts.set(event.component, (counts.get(event.component) ?? 0) + 1);
}

type Member = { importance: number; risks: Risks };

function blended({ id, worst }: Rule, members: readonly Member[]): Risk {
  let [sumFloor, sumCeiling, all, maxFloor, maxCeiling] = [0, 0, 0, 0, 0];
  for (const { importance, risks } of members) {
    const { floor, ceiling } = risks[id];
    all += importance;
    sumFloor += importance * floor;
    sumCeiling += importance * ceiling;
    maxFloor = Math.max(maxFloor, floor);
    maxCeiling = Math.max(maxCeiling, ceiling);
  }
  return {
    floor: clamp(worst * maxFloor + (1 - worst) * (sumFloor / all), 1),
    ceiling: clamp(worst * maxCeiling + (1 - worst) * (sumCeiling / all), 1),
  };
}

/** Binary fractions add up to a hair more than the whole. */
const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, value));

/** The name of a value. */
export const bandOf = (rules: Pick<SituationRules, 'bands'>, value: number): SituationBand =>
  (rules.bands.find(({ below }) => below === undefined || value < below) ?? rules.bands.at(-1)!).id;

function cellOf(
  place: SituationPlace,
  members: readonly Member[],
  counts: ReadonlyMap<SituationComponent, number>,
  rules: SituationRules,
): SituationCell {
  let [floor, ceiling] = [0, 0];
  let seen = 0;
  const components = rules.components.map((rule) => {
    const risk = blended(rule, members);
    const points = { floor: 100 * rule.weight * risk.floor, ceiling: 100 * rule.weight * risk.ceiling };
    floor += points.floor;
    ceiling += points.ceiling;
    if (rule.id === 'coverage') {
      const all = members.reduce((sum, { importance }) => sum + importance, 0);
      seen = clamp(1 - members.reduce((sum, { importance, risks }) => sum + importance * risks.coverage.ceiling, 0) / all, 1);
    }
    return { id: rule.id, risk, points, events: counts.get(rule.id) ?? 0 };
  });
  [floor, ceiling] = [clamp(floor, 100), clamp(ceiling, 100)];
  return {
    ...place,
    floor,
    ceiling,
    band: { floor: bandOf(rules, floor), ceiling: bandOf(rules, ceiling) },
    seen,
    components,
    organisations: members.length,
  };
}

const inOrder = (parts: readonly SituationPart[]): SituationPart[] =>
  parts.toSorted((a, b) => (a.organisation < b.organisation ? -1 : a.organisation > b.organisation ? 1 : 0));

/** The cell of one place; undefined where no organisation stands. */
export function situationCell(
  parts: readonly SituationPart[],
  place: SituationPlace,
  rules: SituationRules,
): SituationCell | undefined {
  const there = inOrder(parts.filter((part) => standsIn(part, place)));
  if (there.length === 0) return undefined;
  const counts = new Map<SituationComponent, number>();
  const members = there.map((part): Member => {
    countEvents(counts, part, place);
    return { importance: part.importance, risks: risksOf(part, place, rules) };
  });
  return cellOf(place, members, counts, rules);
}

/** The cells of all places where an organisation stands: one walk over the parts, however many places there are. */
export function situationCells(parts: readonly SituationPart[], rules: SituationRules): SituationCell[] {
  const walk = walkCells(parts, rules);
  for (let step = walk.next(); ; step = walk.next()) if (step.done) return step.value;
}

/** The same in steps of some milliseconds; `pause` lets others go first between them. */
export async function situationCellsAside(
  parts: readonly SituationPart[],
  rules: SituationRules,
  pause: () => Promise<unknown>,
): Promise<SituationCell[]> {
  const walk = walkCells(parts, rules);
  for (let step = walk.next(); ; step = walk.next()) {
    if (step.done) return step.value;
    await pause();
  }
}

/** Organisations of one step. */
const stepParts = 50;

function* walkCells(parts: readonly SituationPart[], rules: SituationRules): Generator<void, SituationCell[]> {
  const cells = new Map<string, { place: SituationPlace; members: Member[]; counts: Map<SituationComponent, number> }>();
  let walked = 0;
  for (const part of inOrder(parts)) {
    if (++walked % stepParts === 0) yield;
    for (const place of placesOf(part)) {
      const id = `${place.dimension} ${place.key}`;
      let cell = cells.get(id);
      if (!cell) cells.set(id, (cell = { place, members: [], counts: new Map() }));
      cell.members.push({ importance: part.importance, risks: risksOf(part, place, rules) });
      countEvents(cell.counts, part, place);
    }
  }
  return [...cells.values()].map(({ place, members, counts }) => cellOf(place, members, counts, rules));
}

/** The floor that is left of one component without each of its events, in their order; one walk forward and one back. */
function leftWithout({ together: how }: Rule, events: readonly SituationEvent[]): number[] {
  if (how === 'mean') {
    const things = events.reduce((all, { count }) => all + count, 0);
    const sum = events.reduce((all, { count, load }) => all + count * load.floor, 0);
    return events.map(({ count, load }) => (things === count ? 0 : (sum - count * load.floor) / (things - count)));
  }
  const after: number[] = [1];
  for (const { load } of events.toReversed()) after.push(after.at(-1)! * (1 - load.floor));
  let before = 1;
  return events.map(({ load }, i) => {
    const left = 1 - before * after[events.length - 1 - i]!;
    before *= 1 - load.floor;
    return left;
  });
}

export type OpenedPart = { part: SituationPart; risks: Risks; effect: number; events: (SituationEvent & { effect: number })[] };

/**
 * A place opened to what it is made of: its organisations, what each adds to the floor, and what each of their events does. The most telling
 * come first. Effects are told one at a time – what the floor would be without this one – so they need not add up.
 */
export function openPlace(
  parts: readonly SituationPart[],
  place: SituationPlace,
  rules: SituationRules,
): { organisations: SituationPart[]; open(part: SituationPart): OpenedPart } {
  const there = inOrder(parts.filter((part) => standsIn(part, place)));
  const risks = new Map(there.map((part) => [part.organisation, risksOf(part, place, rules)]));
  const all = there.reduce((sum, { importance }) => sum + importance, 0);
  const most = new Map(
    rules.components.map(({ id }) => {
      let [max, second] = [0, 0];
      for (const part of there) {
        const { floor } = risks.get(part.organisation)![id];
        if (floor > max) [max, second] = [floor, max];
        else second = Math.max(second, floor);
      }
      return [id, { max, second }];
    }),
  );
  /** By how many points the floor would be lower if one component of one organisation were `left`. */
  const fallen = (part: SituationPart, { id, weight, worst }: Rule, left: number): number => {
    const { floor } = risks.get(part.organisation)![id];
    const { max, second } = most.get(id)!;
    const maxLeft = floor === max ? Math.max(second, left) : max;
    return 100 * weight * (worst * (max - maxLeft) + ((1 - worst) * part.importance * (floor - left)) / all);
  };
  const effects = new Map(
    there.map((part) => [part.organisation, rules.components.reduce((sum, rule) => sum + fallen(part, rule, 0), 0)]),
  );
  return {
    organisations: there.toSorted((a, b) => effects.get(b.organisation)! - effects.get(a.organisation)!),
    open(part) {
      const byComponent = eventsIn(part, place);
      const events = rules.components.flatMap((rule) => {
        const own = byComponent.get(rule.id)!;
        return leftWithout(rule, own).map((left, i) => ({ ...own[i]!, effect: fallen(part, rule, left) }));
      });
      return {
        part,
        risks: risks.get(part.organisation)!,
        effect: effects.get(part.organisation)!,
        events: events.toSorted((a, b) => b.effect - a.effect || b.load.ceiling - a.load.ceiling || (a.id < b.id ? -1 : 1)),
      };
    },
  };
}
