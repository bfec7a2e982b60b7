/** On what businesses rest: assets, named by themselves, by an information system or by an application; and other businesses. */

import type { Estate } from '@forewarn/model/estate';

export type Carriers = {
  /** The assets of each business, by their place in the list. */
  assets: ReadonlyMap<string, ReadonlySet<number>>;
  /** The applications of each business, by their place in the list. */
  applications: ReadonlyMap<string, ReadonlySet<number>>;
};

export function carriersOf(estate: Pick<Estate, 'assets' | 'systems' | 'applications'>): Carriers {
  const assets = new Map<string, Set<number>>();
  const applications = new Map<string, Set<number>>();
  const add = (map: Map<string, Set<number>>, business: string, thing: number): void => {
    const known = map.get(business);
    if (known) known.add(thing);
    else map.set(business, new Set([thing]));
  };
  const indexOf = new Map(estate.assets.map(({ id }, i) => [id, i]));
  for (const [i, { businesses }] of estate.assets.entries()) for (const business of businesses) add(assets, business, i);
  for (const { businesses, assets: own } of [...estate.systems, ...estate.applications]) {
    for (const business of businesses) {
      for (const id of own) {
        const i = indexOf.get(id);
        if (i !== undefined) add(assets, business, i);
      }
    }
  }
  for (const [i, { businesses }] of estate.applications.entries())
    for (const business of businesses) add(applications, business, i);
  return { assets, applications };
}

/** Who depends on each business. */
export function dependentsOf({ businesses }: Pick<Estate, 'businesses'>): ReadonlyMap<string, readonly string[]> {
  const known = new Set(businesses.map(({ id }) => id));
  const dependents = new Map<string, string[]>();
  for (const { id, dependsOn } of businesses) {
    for (const on of new Set(dependsOn)) {
      if (!known.has(on) || on === id) continue;
      const list = dependents.get(on);
      if (list) list.push(id);
      else dependents.set(on, [id]);
    }
  }
  return dependents;
}

/**
 * The most of what is stated of a business and of all that depend on it, however far; each business is passed once, so circles end. What is nothing is
 * absent.
 */
export function mostOfDependents(
  own: ReadonlyMap<string, number>,
  dependencies: ReadonlyMap<string, readonly string[]>,
): Map<string, number> {
  const most = new Map<string, number>();
  for (const [first, value] of [...own].sort(([, a], [, b]) => b - a)) {
    const open = [first];
    for (let business = open.pop(); business !== undefined; business = open.pop()) {
      if (most.has(business)) continue;
      most.set(business, value);
      open.push(...(dependencies.get(business) ?? []));
    }
  }
  return most;
}
