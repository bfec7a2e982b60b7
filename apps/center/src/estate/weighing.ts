/** Weighing the estate's links, in a thread of its own where it takes long. */

import { Worker } from 'node:worker_threads';
import type { WeighedEstate, WeightRules } from '@forewarn/know/weights/estate';
import { weighEstate } from '@forewarn/know/weights/estate';
import type { Estate } from '@forewarn/model/estate';

export type Weighing = { estate: Estate; rules: WeightRules };

/** So many links are weighed here, within some ten milliseconds; 10,000 take a second, in which nobody else would be answered. */
const hereMax = 500;

export function weigh(estate: Estate, rules: WeightRules): Promise<WeighedEstate> {
  if (estate.links.length <= hereMax) return Promise.resolve(weighEstate(estate, rules));
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('weighing-thread.ts', import.meta.url), {
      workerData: { estate, rules } satisfies Weighing,
    });
    worker.on('message', resolve);
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`The thread that weighs links ended with ${code} and without an answer.`)));
    worker.unref();
  });
}
