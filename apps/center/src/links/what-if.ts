/** What falls when a link, a network or an organisation is taken away. */

import { z } from 'zod';
import { whatFalls } from '@forewarn/know/weights/what-if';
import { WhatIfView } from '@forewarn/model/api';
import { Slug } from '@forewarn/model/estate';
import { businessNames } from '@forewarn/store/resources/link-weights';
import { route } from '../api/route.ts';
import { invalid } from '../refusals.ts';

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

const round = (span: { least: number; most: number }) => ({ least: Math.round(span.least), most: Math.round(span.most) });
const share = (value: number): number => Math.round(value * 1_000) / 1_000;

export const whatIf = route({
  method: 'get',
  path: '/what-if',
  access: 'estate:read',
  summary: 'Which services fall, for how many users and at what value an hour, when links, networks or organisations are gone.',
  query: z.object({ links: Ids.optional(), networks: Ids.optional(), organisations: Ids.optional() }),
  answer: WhatIfView,
  async handle({ center, scope, query }) {
    if (!query.links && !query.networks && !query.organisations) {
      throw invalid('links', 'Nothing is taken away.', 'Name links, networks or organisations, with commas between.');
    }
    const fallen = whatFalls(await center.estate.whole(), query);
    const names = await center.database.scoped(scope, (tx) => businessNames(tx, fallen.map(({ business }) => business))); // oxfmt-ignore
    // Services of others are counted, not named, and what they lose is theirs to know.
    const own = fallen.filter(({ business }) => names.has(business));
    const sum = (of: (one: (typeof own)[number]) => { least: number; most: number }) =>
      own.reduce((all, one) => ({ least: all.least + of(one).least, most: all.most + of(one).most }), { least: 0, most: 0 });
    return {
      fallen: own.slice(0, fallenMax).map((one) => ({
        business: one.business,
        name: names.get(one.business)!,
        organisation: one.organisation,
        share: { least: share(one.share.least), most: share(one.share.most) },
        users: round(one.users),
        cnyPerHour: round(one.cnyPerHour),
      })),
      count: own.length,
      others: fallen.length - own.length,
      users: round(sum(({ users }) => users)),
      cnyPerHour: round(sum(({ cnyPerHour }) => cnyPerHour)),
    };
  },
});
