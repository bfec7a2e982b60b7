/** What is in force of exceptions, made ready once and asked at every finding; read again after each change. */

import { createNoise, type Noise } from '@forewarn/detect/noise/noise';
import { exceptionsMax } from '@forewarn/model/noise';
import type { Database } from '@forewarn/store/postgres/database';
import { exceptionsInForce } from '@forewarn/store/resources/noise';

export type NoiseCache = {
  /** What hides findings at this moment. */
  readonly now: Noise;
  /** After the commit of a change, and at the start. */
  load(): Promise<void>;
};

export function createNoiseCache(database: Database, onFault: (fault: unknown) => void): NoiseCache {
  let now = createNoise([]);
  let reading: Promise<void> = Promise.resolve();
  return {
    get now() {
      return now;
    },
    load() {
      // One after the other, so that an older reading never takes the place of a newer one.
      reading = reading
        .catch(() => undefined)
        .then(async () => {
          const inForce = await database.system((tx) => exceptionsInForce(tx, exceptionsMax));
          now = createNoise(inForce, (id, refusal) =>
            onFault(new Error(`The exception ${id} hides nothing.`, { cause: refusal })),
          );
        });
      return reading;
    },
  };
}
