/** One service with all that stands behind it: systems, programs, machines, what they are made of, and the links that carry it. */

import { BusinessPicture } from '@forewarn/model/topology-api';
import type { Business } from '@forewarn/model/estate';
import { findEstate } from '@forewarn/store/resources/estate';
import { organisationsSeen } from '@forewarn/store/resources/estate-seen';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import { found } from '../refusals.ts';

/** Things of one kind that a page shows; the lists show all. */
const shownMax = 300;

const round = (value: number): number => Math.round(value * 10_000) / 10_000;

export const businessPicture = route({
  method: 'get',
  path: '/businesses/{id}/picture',
  access: 'estate:read',
  summary: 'A service with its surfaces, what it rests on, what depends on it, and the links that carry it.',
  params: Id,
  answer: BusinessPicture,
  async handle({ center, scope, params }) {
    const { business, seen } = await center.database.scoped(scope, async (tx) => ({
      business: found<Business>(await findEstate(tx, 'businesses', params.id)),
      seen: await organisationsSeen(tx),
    }));
    const [estate, weighed] = [await center.estate.whole(), await center.estate.weights()];
    let others = 0;
    let left = 0;
    /** Of what fits, what the asker sees, the first of it; the rest is counted. */
    const sifted = <Item extends { organisation: string }>(items: readonly Item[], fits: (item: Item) => boolean): Item[] => {
      const all = items.filter(fits);
      const own = all.filter(({ organisation }) => seen.has(organisation));
      others += all.length - own.length;
      left += Math.max(0, own.length - shownMax);
      return own.slice(0, shownMax);
    };
    const names = new Map(estate.businesses.filter((one) => seen.has(one.organisation)).map(({ id, name }) => [id, name]));
    const carries = ({ businesses }: { businesses: readonly string[] }): boolean => businesses.includes(business.id);
    const systems = sifted(estate.systems, carries);
    const applications = sifted(estate.applications, carries);
    const named = new Set([...systems, ...applications].flatMap(({ assets }) => assets));
    const assets = sifted(estate.assets, (asset) => carries(asset) || named.has(asset.id));
    const assetIds = new Set(assets.map(({ id }) => id));
    const systemIds = new Set(systems.map(({ id }) => id));
    const components = sifted(estate.components, ({ asset }) => assetIds.has(asset));
    const productIds = new Set([...assets, ...applications, ...components].map(({ product }) => product));
    const links = weighed.links.flatMap(({ link, weight, ways, carries: services }) => {
      const carried = services.find((one) => one.business === business.id);
      if (!carried) return [];
      return [{ ...link, weight: round(weight), share: round(carried.share), ways }];
    });
    return {
      business,
      regions:
        business.regions ?? estate.organisations.filter(({ id }) => id === business.organisation).map(({ region }) => region),
      dependsOn: (business.dependsOn ?? []).map((id) => ({ id, name: names.get(id) ?? null })),
      dependents: sifted(estate.businesses, ({ dependsOn }) => dependsOn?.includes(business.id) === true).map(({ id, name }) => ({
        id,
        name,
      })),
      systems,
      data: sifted(estate.data, ({ system }) => systemIds.has(system)),
      applications,
      assets,
      components,
      products: sifted(estate.products, ({ id }) => productIds.has(id)),
      links: sifted(links, () => true).sort((a, b) => b.share - a.share || b.weight - a.weight || (a.id < b.id ? -1 : 1)),
      others,
      left,
    };
  },
});
