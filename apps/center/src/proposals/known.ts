/** The register of one organisation, compiled for proposals, as long as the register is the same. */

import { compileKnown, type KnownEstate } from '@forewarn/know/proposals/known';
import { emptyEstate, type Estate, type EstateItem, type EstateKind } from '@forewarn/model/estate';
import { estateKinds, listEstate } from '@forewarn/store/resources/estate';
import type { Center } from '../center-parts.ts';

type Parts = { estates: Map<string, Estate>; compiled: Map<string, KnownEstate> };
const partsOf = new WeakMap<Estate, Parts>();

/** Organisations whose register is held compiled: those whose sensors send at the time; a large one takes some tens of megabytes. */
const compiledMax = 200;

function parts(estate: Estate): Parts {
  let made = partsOf.get(estate);
  if (made) return made;
  const estates = new Map<string, Estate>();
  for (const kind of Object.keys(estate) as EstateKind[]) {
    if (kind === 'organisations') continue;
    for (const item of estate[kind] as (EstateItem & { organisation: string })[]) {
      let own = estates.get(item.organisation);
      if (!own) estates.set(item.organisation, (own = emptyEstate()));
      (own[kind] as EstateItem[]).push(item);
    }
  }
  partsOf.set(estate, (made = { estates, compiled: new Map() }));
  return made;
}

/** To read from only. */
export async function knownOf(center: Pick<Center, 'estate'>, organisation: string): Promise<KnownEstate> {
  const { estates, compiled } = parts(await center.estate.whole());
  let known = compiled.get(organisation);
  if (!known) {
    if (compiled.size >= compiledMax) compiled.delete(compiled.keys().next().value as string);
    compiled.set(organisation, (known = compileKnown(estates.get(organisation) ?? emptyEstate(), organisation)));
  }
  return known;
}

/** Items of one reading: some thirty milliseconds. */
const pageItems = 2_000;

/** The register as it is committed, for whoever writes into it, and to note in what is written meanwhile. */
export async function freshKnown({ database }: Pick<Center, 'database'>, organisation: string): Promise<KnownEstate> {
  const own = emptyEstate();
  for (const kind of estateKinds) {
    if (kind === 'organisations') continue;
    for (let cursor: string | null | undefined; cursor !== null;) {
      const asked = { limit: pageItems, organisation, ...(cursor === undefined ? {} : { cursor }) };
      const { items, next } = await database.system((tx) => listEstate(tx, kind, asked));
      for (const { item } of items) (own[kind] as EstateItem[]).push(item);
      cursor = next;
    }
  }
  return compileKnown(own, organisation);
}
