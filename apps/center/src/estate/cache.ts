/** The whole estate, compiled and weighed, for the questions whom something concerns and how much hangs on it; read again after a change. */

import { compileEstate, type EstateIndex } from '@forewarn/know/concern';
import type { WeighedEstate, WeightRules } from '@forewarn/know/weights/estate';
import type { Estate } from '@forewarn/model/estate';
import type { Database } from '@forewarn/store/postgres/database';
import { readEstate } from '@forewarn/store/resources/estate';
import { weigh } from './weighing.ts';

/** Only services ask it, never a route: it knows what the asker may not see. */
export type EstateCache = {
  whole(): Promise<Estate>;
  index(): Promise<EstateIndex>;
  /** What its links weigh. */
  weights(): Promise<WeighedEstate>;
  /** After the commit of a change. */
  forget(): void;
};

export function createEstateCache(database: Database, rules: WeightRules): EstateCache {
  const whole = kept(() => database.system(readEstate));
  const index = kept(async () => compileEstate(await whole.get()));
  const weights = kept(async () => weigh(await whole.get(), rules));
  return {
    whole: whole.get,
    index: index.get,
    weights: weights.get,
    forget() {
      whole.forget();
      index.forget();
      weights.forget();
    },
  };
}

/** Made when it is first asked for, and again after it was forgotten or failed. */
function kept<T>(make: () => Promise<T>): { get(): Promise<T>; forget(): void } {
  let made: Promise<T> | undefined;
  return {
    get() {
      made ??= make();
      const making = made;
      making.catch(() => {
        if (made === making) made = undefined;
      });
      return making;
    },
    forget() {
      made = undefined;
    },
  };
}
