/** Who is exposed to what: an inventory against vulnerabilities, with what is known of exploitation, in the order in which to act. */

import type { Seconds } from '@forewarn/base/time';
import { decide, type Decision, type DecisionTable } from './decision.ts';
import { dueAt, type Probability } from './exploited.ts';
import {
  folded,
  readProduct,
  sameProduct,
  statusOf,
  type Affected,
  type Exploited,
  type Product,
  type ReadProduct,
  type Vulnerability,
} from './vulnerability.ts';

export type InventoryItem = Product & {
  organisation: string;
  asset: string;
  /** Points of SSVC that hold where it stands: `System Exposure`, `Human Impact`. */
  points?: { readonly [point: string]: string };
};

export type Exposure = {
  vulnerability: Vulnerability;
  item: InventoryItem;
  /** `possibly`: the version is not known, or cannot be compared. */
  is: 'exposed' | 'possibly';
  by: 'package' | 'cpe' | 'name';
  decision: Decision;
  exploited: Exploited | undefined;
  /** Of exploitation within 30 days. */
  probability: number | undefined;
  /** By when to act, where somebody has said so; seconds. */
  due: Seconds | undefined;
};

export type Known = {
  table: DecisionTable;
  exploited: ReadonlyMap<string, Exploited>;
  probabilities?: ReadonlyMap<string, Probability>;
};

const given = (names: readonly (string | undefined)[]): string[] => [...new Set(names.filter((name) => name !== undefined))];

/** The names that a product is looked up by. */
export const namesOf = ({ package: key, cpe, product }: ReadProduct): string[] =>
  given([key && `p ${key}`, cpe && `c ${cpe.product}`, product && `n ${product}`]);

/** The names of products that an entry may mean: whoever has none of them is not meant. */
export const namesMeant = ({ package: key, cpes, product }: Affected): string[] =>
  given([key && `p ${key}`, ...cpes.map((cpe) => `c ${cpe.product}`), product && `n ${folded(product)}`]);

/** Products by each of their names, so that a vulnerability is compared with those that it may mean and no others. */
export class Inventory {
  readonly #products: { item: InventoryItem; read: ReadProduct }[] = [];
  readonly #byName = new Map<string, number[]>();
  /** Items whose names say nothing. */
  readonly unreadable: InventoryItem[] = [];

  constructor(items: Iterable<InventoryItem>) {
    for (const item of items) {
      const read = readProduct(item);
      if (!read) {
        this.unreadable.push(item);
        continue;
      }
      const number = this.#products.push({ item, read }) - 1;
      for (const name of namesOf(read)) {
        const numbers = this.#byName.get(name);
        if (numbers) numbers.push(number);
        else this.#byName.set(name, [number]);
      }
    }
  }

  get size(): number {
    return this.#products.length;
  }

  /** Items that an entry may mean, each once. */
  *like(affected: Affected): Generator<{ item: InventoryItem; read: ReadProduct }> {
    const met = new Set<number>();
    for (const name of namesMeant(affected)) {
      for (const number of this.#byName.get(name) ?? []) {
        if (met.has(number)) continue;
        met.add(number);
        yield this.#products[number]!;
      }
    }
  }
}

/** All that of the inventory is exposed to a vulnerability, or possibly. */
export function exposuresOf(
  vulnerability: Vulnerability,
  inventory: Inventory,
  { table, exploited, probabilities }: Known,
): Exposure[] {
  const items = new Map<InventoryItem, ReadProduct>();
  for (const affected of vulnerability.affected) for (const { item, read } of inventory.like(affected)) items.set(item, read);
  const known = exploited.get(vulnerability.id);
  const probability = probabilities?.get(vulnerability.id)?.score;
  return [...items].flatMap(([item, read]) => {
    const match = matchOf(vulnerability, read);
    if (!match) return [];
    const decision = decideOn(table, { ...vulnerability.points, ...item.points }, known !== undefined);
    return [
      { vulnerability, item, ...match, decision, exploited: known, probability, due: known ? dueAt(known.due) : undefined },
    ];
  });
}

/** Whether a product is exposed, and by which of its names; undefined: it is not. Several entries may mean it: the clearest counts. */
export function matchOf(
  { affected }: Pick<Vulnerability, 'affected'>,
  read: ReadProduct,
): Pick<Exposure, 'is' | 'by'> | undefined {
  let found: { is: Exposure['is'] | 'safe'; by: Exposure['by'] } | undefined;
  for (const entry of affected) {
    const by = sameProduct(entry, read);
    if (by === undefined) continue;
    const status = statusOf(entry, read.version, read.type);
    const is = status === 'affected' ? 'exposed' : status === 'unknown' ? 'possibly' : 'safe';
    if (!found || rank[is] > rank[found.is]) found = { is, by };
  }
  return found && found.is !== 'safe' ? { is: found.is, by: found.by } : undefined;
}

/** Decides by points of whatever source; what is known to be exploited is so, whatever a source said before. */
export const decideOn = (table: DecisionTable, points: { readonly [point: string]: string }, exploited: boolean): Decision =>
  decide(table, valued(table, exploited ? { ...points, Exploitation: 'active' } : points));

/** A clear answer stands above an unclear one: who is exposed by one entry is not made safe by another. */
const rank = { safe: 0, possibly: 1, exposed: 2 } as const;

/** Only values that the table knows decide; another source's words leave the point open. */
const valued = (table: DecisionTable, points: { readonly [point: string]: string }): { [point: string]: string } =>
  Object.fromEntries(
    table.points.flatMap(({ name, values }) => (values.includes(points[name] ?? '') ? [[name, points[name]!]] : [])),
  );

/** In the order in which to act: the surest and gravest decision, then what is due first, what is most probable, what is gravest by score. */
export function inOrder(exposures: readonly Exposure[], table: DecisionTable): Exposure[] {
  const at = (outcome: string): number => table.outcomes.indexOf(outcome);
  return exposures.toSorted(
    (a, b) =>
      at(b.decision.floor) - at(a.decision.floor) ||
      rank[b.is] - rank[a.is] ||
      at(b.decision.ceiling) - at(a.decision.ceiling) ||
      (a.due ?? Infinity) - (b.due ?? Infinity) ||
      (b.probability ?? 0) - (a.probability ?? 0) ||
      (b.vulnerability.cvss ?? 0) - (a.vulnerability.cvss ?? 0) ||
      (a.vulnerability.id < b.vulnerability.id ? -1 : a.vulnerability.id > b.vulnerability.id ? 1 : 0) ||
      (a.item.asset < b.item.asset ? -1 : 1),
  );
}
