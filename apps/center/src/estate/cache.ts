/** The whole estate, compiled, for the questions whom something concerns; read again after a change. Only services ask it, never a route. */

import { compileEstate, type EstateIndex } from '@forewarn/know/concern';
import type { Database } from '@forewarn/store/postgres/database';
import { readEstate } from '@forewarn/store/resources/estate';

export type EstateCache = {
  index(): Promise<EstateIndex>;
  /** After the commit of a change. */
  forget(): void;
};

export function createEstateCache(database: Database): EstateCache {
  let compiled: Promise<EstateIndex> | undefined;
  return {
    index() {
      compiled ??= database.system(readEstate).then(compileEstate);
      const reading = compiled;
      reading.catch(() => {
        if (compiled === reading) compiled = undefined;
      });
      return reading;
    },
    forget() {
      compiled = undefined;
    },
  };
}
