/**
 * Whom a warning reaches: matched against the estate, its inventory and its exposures, then decided by the one exit. Who is surely concerned stands
 * apart from who only possibly is.
 */

import type { Concern, EstateIndex } from '@forewarn/know/concern';
import { isWarned, readWarned, type ReadWarned } from '@forewarn/know/exposure/warned';
import type { EgressDecision } from '@forewarn/model/api';
import type { Words } from '@forewarn/model/text';
import type { ConcernCertainty, WarningScope } from '@forewarn/model/warning';
import { egress, type Passage } from '@forewarn/share/egress';
import type { Transaction } from '@forewarn/store/postgres/database';
import { organisationsExposed } from '@forewarn/store/resources/exposures';
import {
  assetsExposed,
  audiencesOf,
  holdersOf,
  openExposures,
  productsNamedFor,
  type Delivered,
} from '@forewarn/store/resources/warning-audience';
import type { Warning } from '@forewarn/store/resources/warnings';

export type Concerned = {
  organisation: string;
  certainty: ConcernCertainty;
  reasons: Words[];
  /** Open exposures and products in the named versions; null: the scope names neither. */
  exposed: number | null;
};

export type Audience = {
  matched: Concerned[];
  decisions: EgressDecision[];
  passages: Passage[];
};

/** Fields of a warning and what they hold: its author's words about machines, and names registered for machines. */
const fields = { title: 'technical', scope: 'technical', mattersToNote: 'technical', measuresToTake: 'technical' } as const;

/** What of the inventory a scope means. */
export type Inventory = {
  /** By organisation: those who have it. */
  concerned: Concerned[];
  /** Assets that have it; empty unless the scope asks who relies on them. */
  assets: ReadonlySet<string>;
};

/** Whose components are exposed to the vulnerabilities of a scope, or are a product in one of its versions. In the centre's scope. */
export async function inventoryOf(tx: Transaction, scope: WarningScope): Promise<Inventory> {
  const found = new Map<string, Concerned>();
  const assets = new Set<string>();
  const add = (organisation: string, certainty: ConcernCertainty, reason: Words): void => {
    const there = found.get(organisation);
    if (!there) {
      found.set(organisation, { organisation, certainty, reasons: [reason], exposed: 0 });
      return;
    }
    if (certainty === 'sure') there.certainty = 'sure';
    if (there.reasons.length < reasonsMax) there.reasons.push(reason);
  };
  const vulnerabilities = scope.vulnerabilities ?? [];
  if (vulnerabilities.length > 0) {
    for (const { organisation, vulnerability, sure, possibly } of await organisationsExposed(tx, vulnerabilities)) {
      if (sure > 0) add(organisation, 'sure', { text: 'know.concern.exposed', values: { vulnerability, count: sure } });
      if (possibly > 0)
        add(organisation, 'possibly', { text: 'know.concern.exposed.possibly', values: { vulnerability, count: possibly } });
    }
    for (const [organisation, open] of await openExposures(tx, vulnerabilities)) found.get(organisation)!.exposed = open;
    if (scope.dependents) for (const asset of await assetsExposed(tx, vulnerabilities)) assets.add(asset);
  }
  for (const { organisation, product, certainty, count, assets: on } of await holdersOfWarned(tx, scope)) {
    const text = certainty === 'sure' ? 'know.concern.product' : 'know.concern.product.possibly';
    add(organisation, certainty, { text, values: { product, count } });
    found.get(organisation)!.exposed! += count;
    if (scope.dependents) for (const asset of on) assets.add(asset);
  }
  return { concerned: [...found.values()], assets };
}

type Holder = { organisation: string; product: string; certainty: ConcernCertainty; count: number; assets: string[] };

/** Who has the products of a scope in one of its versions. */
async function holdersOfWarned(tx: Transaction, { products = [], dependents = false }: WarningScope): Promise<Holder[]> {
  const holders: Holder[] = [];
  for (const read of products.map((one) => readWarned(one)).filter((one): one is ReadWarned => !('unreadable' in one))) {
    const matched = new Map<number, ConcernCertainty>();
    for (const { id, product } of await productsNamedFor(tx, read.names)) {
      const certainty = isWarned(read, product);
      if (certainty) matched.set(id, certainty);
    }
    const byOrganisation = new Map<string, Holder>();
    for (const { product, organisation, assets, count } of await holdersOf(tx, [...matched.keys()], dependents)) {
      const certainty = matched.get(product)!;
      const key = `${organisation}\n${certainty}`;
      const there = byOrganisation.get(key);
      if (there) {
        there.count += count;
        there.assets.push(...assets);
      } else byOrganisation.set(key, { organisation, product: read.words, certainty, count, assets });
    }
    holders.push(...byOrganisation.values());
  }
  return holders;
}

/** A sentence a reason; nobody reads more of them. */
const reasonsMax = 20;

/** Organisations that have this warning: they stay concerned, and are told of the next edition even when they have mended everything. */
export async function toldBefore(tx: Transaction, id: string): Promise<string[]> {
  return (await audiencesOf(tx, [id])).get(id)!.flatMap(({ organisation, part }) => (part === 'warned' ? [organisation] : []));
}

/** Whom a warning reaches. `told`: whoever has it, where the inventory decides. Pure. */
export function audienceOf(
  index: EstateIndex,
  warning: Pick<Warning, 'id' | 'owner' | 'body'>,
  { inventory, told }: { inventory: Inventory; told: readonly string[] },
  at: number,
): Audience {
  const owner = index.organisation(warning.owner);
  if (!owner) throw new Error(`The author "${warning.owner}" of a warning is not registered.`);
  const { scope } = warning.body;
  const byInventory = scope.vulnerabilities !== undefined || scope.products !== undefined;
  const concerned = new Map<string, Concerned>();
  const add = ({ organisation, reasons }: Concern, certainty: ConcernCertainty, exposed: number | null): void => {
    const there = concerned.get(organisation);
    if (!there) concerned.set(organisation, { organisation, certainty, reasons: [...reasons], exposed });
    else {
      there.reasons.push(...reasons);
      if (certainty === 'sure') there.certainty = 'sure';
      there.exposed ??= exposed;
    }
  };
  for (const one of index.audience(scope)) add(one, 'sure', byInventory ? 0 : null);
  for (const one of inventory.concerned) add(one, one.certainty, one.exposed);
  if (scope.dependents) {
    const carried = [...inventory.assets].flatMap((asset) => index.asset(asset)?.businesses ?? []);
    for (const one of index.dependents([...index.businessesOf(scope), ...carried])) add(one, 'sure', byInventory ? 0 : null);
  }
  if (scope.onlySure) for (const { organisation, certainty } of concerned.values()) if (certainty === 'possibly') concerned.delete(organisation); // oxfmt-ignore
  if (byInventory) {
    for (const organisation of told) {
      if (!concerned.has(organisation)) add({ organisation, reasons: [{ text: 'know.concern.exposed.before' }] }, 'sure', 0);
    }
  }
  const matched = [...concerned.values()].filter(({ organisation }) => {
    // A department learns of those it oversees; that another's address was named here is not its to learn.
    if (owner.kind === 'centre' || organisation === owner.id) return true;
    return index.organisation(organisation)?.overseenBy === owner.id;
  });
  const recipients = matched.map(({ organisation, reasons }) => ({
    id: organisation,
    organisation: index.organisation(organisation),
    needToKnow: reasons,
  }));
  return { matched, ...egress(itemOf(warning, owner), recipients, { agreements: [], at }) };
}

/** A warning as the exit is asked for it. */
export const itemOf = (
  warning: Pick<Warning, 'id' | 'body'>,
  owner: NonNullable<ReturnType<EstateIndex['organisation']>>,
): Parameters<typeof egress>[0] => ({ kind: 'warning', id: warning.id, marking: warning.body.marking, owner, fields });

/** What is written for those whom the exit let pass. */
export function deliveredTo({ matched, passages }: Audience): Delivered[] {
  const concerned = new Map(matched.map((one) => [one.organisation, one]));
  return passages.map(({ recipient }) => {
    const { certainty, reasons, exposed } = concerned.get(recipient)!;
    return { organisation: recipient, reasons: reasons.slice(0, reasonsMax), certainty, part: 'warned', exposedThen: exposed };
  });
}
