/** On what single things the estate relies: makers, origins, suppliers and products, with their share of the assets; links and nodes that nothing stands in for. */

import type { Estate, TakenKind } from '@forewarn/model/estate';
import type { WeighedEstate } from './estate.ts';
import { compileFalls, type Fallen, type Falls, type Replaceability, type Span } from './what-if.ts';

export type RelianceKind = Extract<TakenKind, 'makers' | 'origins' | 'suppliers' | 'products' | 'links' | 'nodes'>;

export type Reliance = {
  kind: RelianceKind;
  id: string;
  /** Of the assets of which any product is told, the share that has one of its; of links and nodes null. */
  share: number | null;
  /** Its products. */
  products: number;
  assets: number;
  /** Services that fall in part or wholly without it, and those that fall wholly in any case. */
  falls: number;
  falling: number;
  users: Span;
  cnyPerHour: Span;
  /** How soon the least replaceable of its products that anything rests on is replaced. */
  lasts: Replaceability | null;
};

/** Of each kind so many are told, those with most assets, weight or capacity; a single one that falls below them hits little. */
const reliancesMax = 60;

/** A fall by the loss of a line's far end alone: a hundredth of the users is what is told as falling. */
const fallMin = 0.01;

/** Reliances of each kind, those with the most users first. `seen` says which services and things the asker may know of; others are left out. */
export function reliances(
  estate: Estate,
  weighed: Pick<WeighedEstate, 'links' | 'graph' | 'points'>,
  seen: (organisation: string) => boolean = () => true,
  falls: Falls = compileFalls(estate),
): Reliance[] {
  const told = (kind: RelianceKind, id: string, of: Pick<Reliance, 'share' | 'products' | 'assets'>): Reliance => {
    const fallen = falls({ [kind]: new Set([id]) }).filter(
      ({ organisation, share }) => seen(organisation) && share.most >= fallMin,
    );
    const sum = (value: (one: Fallen) => Span): Span =>
      fallen.reduce((all, one) => ({ least: all.least + value(one).least, most: all.most + value(one).most }), {
        least: 0,
        most: 0,
      });
    let lasts: Replaceability | null = null;
    for (const one of fallen) if (order.indexOf(one.lasts) > order.indexOf(lasts)) lasts = one.lasts;
    return {
      kind,
      id,
      ...of,
      falls: fallen.length,
      falling: fallen.filter(({ share }) => share.least > 1 - 1e-9).length,
      users: sum(({ users }) => users),
      cnyPerHour: sum(({ cnyPerHour }) => cnyPerHour),
      lasts,
    };
  };
  const found = [...ofProducts(estate, seen)].map(({ kind, id, ...of }) => told(kind, id, of));
  const none = { share: null, products: 0, assets: 0 };
  const ties = weighed.links
    .filter(({ link, ways }) => ways === 1 && link.from !== link.to && seen(link.organisation))
    .sort((a, b) => b.weight - a.weight || (a.link.id < b.link.id ? -1 : 1))
    .slice(0, reliancesMax);
  const capacity = new Map<string, number>();
  for (const { from, to, capacityMbps } of estate.links)
    for (const end of [from, to]) capacity.set(end, (capacity.get(end) ?? 0) + capacityMbps);
  const nodes = estate.nodes
    .filter(({ id, organisation }) => capacity.has(id) && seen(organisation))
    .sort((a, b) => capacity.get(b.id)! - capacity.get(a.id)! || (a.id < b.id ? -1 : 1))
    .slice(0, reliancesMax);
  found.push(...ties.map(({ link }) => told('links', link.id, none)), ...nodes.map(({ id }) => told('nodes', id, none)));
  return found
    .filter(({ falls: count, assets }) => count > 0 || assets > 0)
    .sort(
      (a, b) => b.users.most - a.users.most || b.users.least - a.users.least || b.assets - a.assets || (a.id < b.id ? -1 : 1),
    );
}

const order: readonly (Replaceability | null)[] = [null, 'days', 'weeks', 'months', 'none'];

/** Makers, origins, suppliers and products with the assets that have them, as a whole or as a component. */
function* ofProducts(
  estate: Estate,
  seen: (organisation: string) => boolean,
): Generator<Pick<Reliance, 'kind' | 'id' | 'share' | 'products' | 'assets'>> {
  const own = new Map(estate.products.filter(({ organisation }) => seen(organisation)).map((product) => [product.id, product]));
  const assetsOf = new Map<string, Set<string>>();
  const any = new Set<string>();
  const add = (product: string | undefined, asset: string): void => {
    if (product === undefined || !own.has(product)) return;
    any.add(asset);
    const known = assetsOf.get(product);
    if (known) known.add(asset);
    else assetsOf.set(product, new Set([asset]));
  };
  for (const { id, product } of estate.assets) add(product, id);
  for (const { asset, product } of estate.components) add(product, asset);
  for (const { assets, product } of estate.applications) for (const asset of assets) add(product, asset);
  for (const [kind, nameOf] of [
    ['makers', ({ maker }) => maker],
    ['origins', ({ origin }) => origin],
    ['suppliers', ({ supplier }) => supplier],
    ['products', ({ id }) => id],
  ] as const satisfies [RelianceKind, (product: Estate['products'][number]) => string | undefined][]) {
    const groups = Map.groupBy(own.values(), nameOf);
    const counted = [...groups].flatMap(([id, products]) => {
      if (id === undefined) return [];
      const assets = new Set(products.flatMap((product) => [...(assetsOf.get(product.id) ?? [])])).size;
      return [{ kind, id, products: products.length, assets, share: any.size === 0 ? 0 : assets / any.size }];
    });
    yield* counted.sort((a, b) => b.assets - a.assets || (a.id < b.id ? -1 : 1)).slice(0, reliancesMax);
  }
}
