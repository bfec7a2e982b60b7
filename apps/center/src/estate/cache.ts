/**
 * The whole estate in memory, kept until somebody changes it: what addresses, names and links are asked of all the time.
 *
 * A small estate is read again before the next question is answered. A large one takes seconds: it is read and compiled page by page, between which others
 * are answered, and until it is ready the former answers go on. Whoever must not miss what was written just now asks `fresh`.
 */

import { setImmediate as pause } from 'node:timers/promises';
import { compileEstate, compileEstateAside, type EstateIndex } from '@forewarn/know/concern';
import type { WeighedEstate, WeightRules } from '@forewarn/know/weights/estate';
import type { Estate } from '@forewarn/model/estate';
import type { Database } from '@forewarn/store/postgres/database';
import { countEstate, estateKinds, readEstate, readKind } from '@forewarn/store/resources/estate';
import { weigh } from './weighing.ts';

export type LinkWeights = Pick<WeighedEstate, 'links' | 'shares' | 'rules'>;

/** Only services ask it, never a route: it knows what the asker may not see. */
export type EstateCache = {
  whole(): Promise<Estate>;
  index(): Promise<EstateIndex>;
  /** The index with all that was committed when it was asked for. */
  fresh(): Promise<EstateIndex>;
  /** What its links weigh. */
  weights(): Promise<WeighedEstate>;
  /** The same for a list, which does not wait while a large estate is weighed for the first time: its links stand there without. */
  weightsNow(): Promise<LinkWeights>;
  /** How many of each kind there are. */
  counts(): ReturnType<typeof countEstate>;
  /** After the commit of a change. */
  forget(): void;
};

/** Items that are read at once, within a tenth of a second; more are read by pages. */
const smallMax = 5_000;
/** Items of one page: some thirty milliseconds. */
const pageItems = 2_000;

export function createEstateCache(database: Database, rules: WeightRules): EstateCache {
  let large = false;
  const whole = kept(async () => {
    const read = await database.system(async (tx) => {
      const counts = await countEstate(tx);
      return Object.values(counts).reduce((a, b) => a + b, 0) <= smallMax ? readEstate(tx) : undefined;
    });
    large = read === undefined;
    return read ?? readByPages(database);
  });
  const index = kept(async () => {
    const estate = await whole.get();
    return large ? compileEstateAside(estate, pause) : compileEstate(estate);
  });
  const weights = kept(async () => weigh(await whole.get(), rules));
  const counts = kept(() => database.system((tx) => countEstate(tx)));
  const parts = [whole, index, weights, counts];
  return {
    whole: () => whole.last(large),
    index: () => index.last(large),
    fresh: index.get,
    weights: () => weights.last(large),
    counts: () => counts.last(false),
    async weightsNow() {
      await index.last(large);
      if (!large || weights.made) return weights.last(large);
      void weights.get().catch(() => undefined);
      return { links: [], shares: rules.judged, rules };
    },
    forget() {
      for (const part of parts) part.forget();
    },
  };
}

async function readByPages(database: Database): Promise<Estate> {
  const estate: { [kind: string]: { id: string }[] } = {};
  for (const kind of estateKinds) {
    const items: { id: string }[] = [];
    for (let page: { id: string }[] | undefined; page === undefined || page.length === pageItems;) {
      const after = items.at(-1)?.id ?? '';
      page = await database.system((tx) => readKind(tx, kind, { after, limit: pageItems }));
      for (const item of page) items.push(item);
    }
    estate[kind] = items;
  }
  return estate as unknown as Estate;
}

type Kept<T> = {
  /** What holds all that was committed before. */
  get(): Promise<T>;
  /** With `former`: what was made last, while it is made anew. */
  last(former: boolean): Promise<T>;
  forget(): void;
  /** Whether it was made once. */
  readonly made: boolean;
};

/** Made when it is first asked for, and again after it was forgotten or failed. */
function kept<T>(make: () => Promise<T>): Kept<T> {
  let made: Promise<T> | undefined;
  let former: { value: T } | undefined;
  const get = (): Promise<T> => {
    if (made) return made;
    const making = make();
    made = making;
    making.then(
      (value) => {
        if (made === making) former = { value };
      },
      () => {
        if (made === making) made = undefined;
      },
    );
    return making;
  };
  return {
    get,
    last(formerWillDo) {
      const making = get();
      return formerWillDo && former ? Promise.resolve(former.value) : making;
    },
    forget: () => void (made = undefined),
    get made() {
      return former !== undefined;
    },
  };
}
