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
      const names = [
        read.package && `p ${read.package}`,
        read.cpe && `c ${read.cpe.product}`,
        read.product && `n ${read.product}`,
      ];
      for (const name of names) {
        if (name === undefined) continue;
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
    const names = [
      affected.package && `p ${affected.package}`,
      ...affected.cpes.map(({ product }) => `c ${product}`),
      affected.product && `n ${folded(affected.product)}`,
    ];
    const met = new Set<number>();
    for (const name of names) {
      for (const number of (name === undefined ? undefined : this.#byName.get(name)) ?? []) {
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
  /** An item may be meant by several entries: the clearest counts. */
  const found = new Map<InventoryItem, { is: Exposure['is'] | 'safe'; by: Exposure['by'] }>();
  for (const affected of vulnerability.affected) {
    for (const { item, read } of inventory.like(affected)) {
      const by = sameProduct(affected, read);
      if (by === undefined) continue;
      const status = statusOf(affected, read.version, read.type);
      const is = status === 'affected' ? 'exposed' : status === 'unknown' ? 'possibly' : 'safe';
      const before = found.get(item);
      if (!before || rank[is] > rank[before.is]) found.set(item, { is, by });
    }
  }
  const known = exploited.get(vulnerability.id);
  const probability = probabilities?.get(vulnerability.id)?.score;
  return [...found].flatMap(([item, { is, by }]) => {
    if (is === 'safe') return [];
    const points = { ...vulnerability.points, ...item.points, ...(known ? { Exploitation: 'active' } : {}) };
    const decision = decide(table, valued(table, points));
    return [{ vulnerability, item, is, by, decision, exploited: known, probability, due: known ? dueAt(known.due) : undefined }];
  });
}

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
