/**
 * What an incident did, as estate and traffic show it: machines that fell silent, outages of services, people-hours and value lost, users behind the
 * links on which it was seen. Intervals, because traffic is looked at in steps and a sensor that saw nothing proves nothing. Pure.
 *
 *     before the incident          since it began
 *     ▂▃▂▃▃▂▂▃  steady             ▂▃▁▁▁▁▁▁   no answer for six steps: between six and eight steps of outage
 *     ▁▁▂▁▁▁▁▁  now and then       nothing can be said of it
 *     nobody's records             not told: it might have answered
 */

import type { Asset, Business, Estate } from '@forewarn/model/estate';
import type { FactValue } from '@forewarn/model/facts';
import type { FactPart } from '@forewarn/model/grading-api';
import type { Words } from '@forewarn/model/text';
import type { Fallen, Span } from '../weights/what-if.ts';

/** In which steps of a range something was seen; the first steps lie before the incident. */
export type Steps = {
  /** Seconds of each step. */
  readonly seconds: number;
  /** Where the first step begins, and how many there are. */
  readonly from: number;
  readonly count: number;
  /** The first step that lies wholly after the incident began. */
  readonly since: number;
  /** Of each organisation, the steps in which its sensors saw anything at all. */
  readonly watched: ReadonlyMap<string, ReadonlySet<number>>;
  /** Of each organisation and address, the steps in which it answered somebody. */
  readonly answered: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<number>>>;
};

export type ImpactAsked = {
  readonly estate: Pick<Estate, 'assets' | 'businesses'>;
  /** Assets that the incident met, and those that carry the services it meets. */
  readonly assets: readonly Asset[];
  readonly steps: Steps;
};

export type Computed = { fact: string; value: FactValue; words: Words; parts: FactPart[] };
export type NotComputed = { fact: string; why: Words };

/** A machine is steady when it answered in so many of the watched steps before; seldom asked ones cannot be told from silent ones. */
const steadyShare = 0.75;
/** Fewer watched steps before the incident say nothing about what is steady. */
const stepsBeforeMin = 6;
/** So many silent steps at the end make a machine down; fewer are what a batch that is still on its way looks like. */
const silentStepsMin = 3;

/** Addresses of an asset that are single machines; what is registered as a range is not watched one by one. */
export const singleAddresses = (asset: Pick<Asset, 'addresses'>): string[] =>
  asset.addresses.filter((text) => !text.includes('/'));

/** The assets that were hit, and of the same organisations all that carry the same services. */
export function assetsMet(estate: Pick<Estate, 'assets'>, ids: ReadonlySet<string>): Asset[] {
  const hit = estate.assets.filter(({ id }) => ids.has(id));
  const organisations = new Set(hit.map(({ organisation }) => organisation));
  const met = new Set(hit.flatMap(({ businesses }) => businesses));
  return estate.assets.filter(
    ({ id, organisation, businesses }) =>
      ids.has(id) || (organisations.has(organisation) && businesses.some((business) => met.has(business))),
  );
}

type Watched = { asset: Asset; steady: ReadonlySet<number>[]; watched: ReadonlySet<number> };

/** Machines down, services down, the longest outage, people-hours and value lost; or why they cannot be told. */
export function serviceImpact({ estate, assets, steps }: ImpactAsked): { made: Computed[]; not: NotComputed[] } {
  const watched = assets.flatMap((asset): Watched[] => {
    const seen = steps.watched.get(asset.organisation) ?? new Set<number>();
    const answers = steps.answered.get(asset.organisation);
    const steady = singleAddresses(asset)
      .map((address) => answers?.get(address) ?? new Set<number>())
      .filter((set) => isSteady(set, seen, steps.since));
    return steady.length === 0 ? [] : [{ asset, steady, watched: seen }];
  });
  const facts = ['hosts_down', 'services_down', 'service_outage_minutes', 'user_hours_lost', 'service_value_lost_cny'];
  if (watched.length === 0) {
    const why: Words = { text: assets.length === 0 ? 'know.impact.no-asset' : 'know.impact.not-steady' };
    return { made: [], not: facts.map((fact) => ({ fact, why })) };
  }
  if (steps.count - steps.since < silentStepsMin)
    return { made: [], not: facts.map((fact) => ({ fact, why: { text: 'know.impact.too-soon' } })) };
  const values = { steady: watched.length, minutes: Math.round(steps.seconds / 60) };
  const made: Computed[] = [];
  const down = watched.filter((one) => isDown(one, steps));
  made.push({
    fact: 'hosts_down',
    value: { kind: 'quantity', value: down.length },
    words: { text: 'know.impact.hosts-down', values },
    parts: down.map(({ asset }) => ({
      kind: 'asset',
      id: asset.id,
      organisation: asset.organisation,
      value: { kind: 'quantity', value: 1 },
    })),
  });
  const byBusiness = new Map<string, Watched[]>();
  for (const one of watched) {
    for (const business of one.asset.businesses) byBusiness.set(business, [...(byBusiness.get(business) ?? []), one]);
  }
  const services = estate.businesses.flatMap((business) => {
    const carriers = byBusiness.get(business.id);
    return carriers ? [{ business, outage: outageOf(carriers, steps), down: carriers.every((one) => isDown(one, steps)) }] : [];
  });
  if (services.length === 0) {
    const why: Words = { text: 'know.impact.no-service' };
    return { made, not: facts.slice(1).map((fact) => ({ fact, why })) };
  }
  const told = { ...values, services: services.length };
  const parts = (of: (one: (typeof services)[number]) => Span): FactPart[] =>
    services
      .map((one) => ({ one, span: of(one) }))
      .filter(({ span }) => span.most > 0)
      .map(({ one: { business }, span }) => ({
        kind: 'business' as const,
        id: business.id,
        organisation: business.organisation,
        value: valueOf(span),
      }));
  const hours = ({ least, most }: Span, times: number): Span => ({ least: (least / 3600) * times, most: (most / 3600) * times });
  const fell = services.filter((one) => one.down);
  made.push({
    fact: 'services_down',
    value: { kind: 'quantity', value: fell.length },
    words: { text: 'know.impact.services-down', values: told },
    parts: fell.map(({ business }) => ({
      kind: 'business',
      id: business.id,
      organisation: business.organisation,
      value: { kind: 'quantity', value: 1 },
    })),
  });
  const minutes = ({ outage }: { outage: Span }): Span => ({ least: outage.least / 60, most: outage.most / 60 });
  const users = ({ business, outage }: { business: Business; outage: Span }): Span => hours(outage, business.usersServed);
  const value = ({ business, outage }: { business: Business; outage: Span }): Span => hours(outage, business.valuePerHourCny);
  const greatest = services
    .map(minutes)
    .reduce((a, b) => ({ least: Math.max(a.least, b.least), most: Math.max(a.most, b.most) }));
  made.push({
    fact: 'service_outage_minutes',
    value: valueOf(greatest),
    words: { text: 'know.impact.outage', values: told },
    parts: parts(minutes),
  });
  made.push({
    fact: 'user_hours_lost',
    value: valueOf(sum(services.map(users))),
    words: { text: 'know.impact.user-hours', values: told },
    parts: parts(users),
  });
  made.push({
    fact: 'service_value_lost_cny',
    value: valueOf(sum(services.map(value))),
    words: { text: 'know.impact.value', values: told },
    parts: parts(value),
  });
  return { made, not: [] };
}

function isSteady(answered: ReadonlySet<number>, watched: ReadonlySet<number>, since: number): boolean {
  let seen = 0;
  let answers = 0;
  for (let step = 0; step < since; step++) {
    if (!watched.has(step)) continue;
    seen++;
    if (answered.has(step)) answers++;
  }
  return seen >= stepsBeforeMin && answers >= steadyShare * seen;
}

/** Silent in the last steps, all of which somebody watched; one that stopped being watched is not down. */
function isDown({ steady, watched }: Watched, { count }: Steps): boolean {
  for (let step = count - silentStepsMin; step < count; step++) {
    if (!watched.has(step) || steady.some((set) => set.has(step))) return false;
  }
  return true;
}

/** Seconds without an answer of any carrier since the incident began: surely, and perhaps, with the steps around and those nobody watched. */
function outageOf(carriers: readonly Watched[], { since, count, seconds }: Steps): Span {
  const answers = (step: number): boolean => carriers.some(({ steady }) => steady.some((set) => set.has(step)));
  const seen = (step: number): boolean => carriers.some(({ watched }) => watched.has(step));
  let sure = 0;
  let most = 0;
  let length = 0;
  let silent = 0;
  const end = (): void => {
    if (silent >= silentStepsMin) {
      sure += silent;
      // The last answer before and the first one after may lie anywhere within their steps.
      most += length + 2;
    }
    length = 0;
    silent = 0;
  };
  for (let step = since; step < count; step++) {
    if (answers(step)) end();
    else {
      length++;
      if (seen(step)) silent++;
    }
  }
  end();
  return { least: sure * seconds, most: Math.min(most, count - since) * seconds };
}

/** Users who would lose a service if the links on which it was seen were lost, as a share of each region's users; the greatest counts. */
export function shareBehindLinks(
  estate: Pick<Estate, 'businesses' | 'organisations'>,
  fallen: readonly Fallen[],
  links: number,
): Computed | NotComputed {
  const fact = 'users_behind_links_share';
  if (links === 0) return { fact, why: { text: 'know.impact.no-link' } };
  const regionOf = new Map(estate.organisations.map(({ id, region }) => [id, region]));
  const all = new Map<string, number>();
  for (const { organisation, regions, usersServed } of estate.businesses) {
    const home = regionOf.get(organisation);
    for (const region of regions ?? (home === undefined ? [] : [home])) all.set(region, (all.get(region) ?? 0) + usersServed);
  }
  const lost = new Map<string, Span>();
  for (const { regions, users } of fallen)
    for (const region of regions) lost.set(region, sum([lost.get(region) ?? { least: 0, most: 0 }, users]));
  const shares = [...lost].flatMap(([region, { least, most }]) => {
    const users = all.get(region) ?? 0;
    return users > 0 ? [{ region, share: { least: Math.min(1, least / users), most: Math.min(1, most / users) } }] : [];
  });
  const greatest = shares.reduce(
    (a, { share }) => ({ least: Math.max(a.least, share.least), most: Math.max(a.most, share.most) }),
    {
      least: 0,
      most: 0,
    },
  );
  return {
    fact,
    value: valueOf(greatest, 10_000),
    words: { text: 'know.impact.behind-links', values: { links } },
    parts: shares.map(({ region, share }) => ({ kind: 'region', id: region, organisation: null, value: valueOf(share, 10_000) })),
  };
}

function sum(spans: readonly Span[]): Span {
  return spans.reduce((all, { least, most }) => ({ least: all.least + least, most: all.most + most }), { least: 0, most: 0 });
}

/** Outwards to whole steps of the unit: what is told is never narrower than what was counted. */
function valueOf({ least, most }: Span, perUnit = 1): FactValue {
  const min = Math.floor(least * perUnit + 1e-6) / perUnit;
  const max = Math.ceil(most * perUnit - 1e-6) / perUnit;
  return min >= max ? { kind: 'quantity', value: min } : { kind: 'interval', min, max };
}
