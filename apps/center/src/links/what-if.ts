/** What falls when something is taken away: links, nodes, networks, organisations, machines, services, products, makers, suppliers, origins. */

import { z } from 'zod';
import type { Fallen, Span, Taken } from '@forewarn/know/weights/what-if';
import { WhatIfView } from '@forewarn/model/api';
import { Slug, type Estate, type TakenKind } from '@forewarn/model/estate';
import { organisationsSeen } from '@forewarn/store/resources/estate-seen';
import { businessNames } from '@forewarn/store/resources/link-weights';
import { route } from '../api/route.ts';
import { invalid } from '../refusals.ts';
import { fallsOf } from '../topology/falls.ts';

/** Services that are named; the rest is in the sums. */
const fallenMax = 500;

/** Things that are taken away at a time. */
const takenMax = 100;

/** Ids between commas. */
const Ids = z
  .string()
  .max(10_000)
  .transform((text) => new Set(text.split(',').filter((id) => id !== '')))
  .refine((ids) => ids.size <= takenMax && [...ids].every((id) => Slug.safeParse(id).success));

/** One name as it is written: commas stand in names of firms. */
const Name = z
  .string()
  .min(1)
  .max(200)
  .transform((name) => new Set([name]));
const Countries = z
  .string()
  .regex(/^[A-Z]{2}(,[A-Z]{2}){0,99}$/)
  .transform((text) => new Set(text.split(',')));

const round = (span: Span): Span => ({ least: Math.round(span.least), most: Math.round(span.most) });
const share = (value: number): number => Math.round(value * 1_000) / 1_000;

const Query = z.object({
  links: Ids.optional(),
  nodes: Ids.optional(),
  networks: Ids.optional(),
  organisations: Ids.optional(),
  assets: Ids.optional(),
  businesses: Ids.optional(),
  products: Ids.optional(),
  makers: Name.optional(),
  suppliers: Name.optional(),
  origins: Countries.optional(),
} satisfies { [Kind in TakenKind]: z.ZodType });

export const whatIf = route({
  method: 'get',
  path: '/what-if',
  access: 'estate:read',
  summary:
    'Which services fall, for how many users, in which regions, at what value an hour and for how long, when something is gone: links, nodes, networks, organisations, assets, services, products, a maker, a supplier or countries of origin.',
  query: Query,
  answer: WhatIfView,
  async handle({ center, scope, query }) {
    if (Object.values(query).every((of) => of === undefined)) {
      throw invalid(
        'links',
        'Nothing is taken away.',
        'Name links, networks or other things, with commas between; or one maker or supplier.',
      );
    }
    const estate = await center.estate.whole();
    const seen = await center.database.scoped(scope, organisationsSeen);
    const fallen = fallsOf(estate)(ofTheAsker(estate, query, seen));
    const ids = new Set(fallen.flatMap(({ business, through }) => [business, ...through]));
    const names = await center.database.scoped(scope, (tx) => businessNames(tx, [...ids]));
    // Services of others are counted, not named, and what they lose is theirs to know.
    const own = fallen.filter(({ business }) => names.has(business));
    return {
      fallen: own.slice(0, fallenMax).map((one) => ({
        ...one,
        name: names.get(one.business)!,
        share: { least: share(one.share.least), most: share(one.share.most) },
        users: round(one.users),
        cnyPerHour: round(one.cnyPerHour),
        regions: [...one.regions],
        through: one.through.flatMap((id) => (names.has(id) ? [{ id, name: names.get(id)! }] : [])),
      })),
      regions: regionsOf(own),
      count: own.length,
      others: fallen.length - own.length,
      users: round(sum(own, ({ users }) => users)),
      cnyPerHour: round(sum(own, ({ cnyPerHour }) => cnyPerHour)),
    };
  },
});

/**
 * What others run on is not for the asker to try out: products, makers, suppliers, origins, assets and services are those that the asker sees. Lines and
 * networks of others may be named, since one's own services pass them.
 */
function ofTheAsker(estate: Estate, asked: Taken, seen: ReadonlySet<string>): Taken {
  const own = <Item extends { id: string; organisation: string }>(items: readonly Item[], fits: (item: Item) => boolean) =>
    new Set(items.filter((item) => seen.has(item.organisation) && fits(item)).map(({ id }) => id));
  const { makers, suppliers, origins, products, assets, businesses, ...lines } = asked;
  return {
    ...lines,
    assets: assets && own(estate.assets, ({ id }) => assets.has(id)),
    businesses: businesses && own(estate.businesses, ({ id }) => businesses.has(id)),
    products: own(
      estate.products,
      ({ id, maker, supplier, origin }) =>
        products?.has(id) === true ||
        makers?.has(maker) === true ||
        (supplier !== undefined && suppliers?.has(supplier) === true) ||
        (origin !== undefined && origins?.has(origin) === true),
    ),
  };
}

function sum(fallen: readonly Fallen[], of: (one: Fallen) => Span): Span {
  const all = { least: 0, most: 0 };
  for (const one of fallen) {
    all.least += of(one).least;
    all.most += of(one).most;
  }
  return all;
}

/** The regions that are served by what falls, those with the most users first. */
function regionsOf(fallen: readonly Fallen[]): WhatIfView['regions'] {
  const regions = Map.groupBy(
    fallen.flatMap((one) => one.regions.map((region) => ({ region, one }))),
    ({ region }) => region,
  );
  return [...regions]
    .map(([region, of]) => ({
      region,
      services: of.length,
      users: round(
        sum(
          of.map(({ one }) => one),
          ({ users }) => users,
        ),
      ),
    }))
    .sort((a, b) => b.users.most - a.users.most || (a.region < b.region ? -1 : 1));
}
