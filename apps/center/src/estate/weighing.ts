/** Weighing the estate's links, in a thread of its own where it takes long. */

import { setImmediate as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { WeighedEstate, WeightRules } from '@forewarn/know/weights/estate';
import { weighEstate } from '@forewarn/know/weights/estate';
import type { Estate, EstateKind } from '@forewarn/model/estate';

/** What the thread is sent: items of a kind, and at last the rules by which they are weighed. */
export type Weighing = { kind: EstateKind; items: readonly unknown[] } | { rules: WeightRules };

/** So many links are weighed here, within some ten milliseconds; 10,000 take a second, in which nobody else would be answered. */
const hereMax = 500;
/** Items that are copied for the thread at once: some milliseconds. */
const itemsAtOnce = 2_000;

export async function weigh(estate: Estate, rules: WeightRules): Promise<WeighedEstate> {
  if (estate.links.length <= hereMax) return weighEstate(estate, rules);
  const worker = new Worker(new URL('weighing-thread.ts', import.meta.url));
  const answer = new Promise<WeighedEstate>((resolve, reject) => {
    worker.on('message', resolve);
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`The thread that weighs links ended with ${code} and without an answer.`)));
  });
  worker.unref();
  const send = (part: Weighing): void => worker.postMessage(part, []);
  // An end of the thread while it is sent to is told by its answer.
  answer.catch(() => undefined);
  for (const [kind, items] of Object.entries(estate) as [EstateKind, unknown[]][]) {
    // Programs on machines carry nothing.
    if (kind === 'components') continue;
    for (let i = 0; i < items.length; i += itemsAtOnce) {
      send({ kind, items: items.slice(i, i + itemsAtOnce) });
      await pause();
    }
  }
  send({ rules });
  return answer;
}
