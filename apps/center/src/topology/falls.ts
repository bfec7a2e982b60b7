/** What falls, compiled once for each state of the estate; and on what single things it relies, worked out aside where that takes long. */

import { Worker } from 'node:worker_threads';
import { compileFalls, type Falls } from '@forewarn/know/weights/what-if';
import { reliances, type Reliance } from '@forewarn/know/weights/reliance';
import type { WeighedEstate } from '@forewarn/know/weights/estate';
import type { Estate } from '@forewarn/model/estate';

const compiled = new WeakMap<Estate, Falls>();

/** Some ten milliseconds for 2,000 nodes and 10,000 links, once after a change of the estate. */
export function fallsOf(estate: Estate): Falls {
  let falls = compiled.get(estate);
  if (!falls) compiled.set(estate, (falls = compileFalls(estate)));
  return falls;
}

export type Relying = { estate: Estate; weighed: Pick<WeighedEstate, 'links' | 'graph' | 'points'>; seen: ReadonlySet<string> };

/** Askers whose reliances are kept for one state of the estate: those of a shift. */
const askersMax = 50;
const kept = new WeakMap<Estate, Map<string, Promise<Reliance[]>>>();

/** Reliances as one of the given view sees them; the next who sees the same gets the same. */
export function reliancesOf({ estate, weighed, seen }: Relying): Promise<Reliance[]> {
  let answers = kept.get(estate);
  if (!answers) kept.set(estate, (answers = new Map()));
  const key = [...seen].sort().join(' ');
  const known = answers.get(key);
  if (known) return known;
  for (const oldest of answers.keys()) {
    if (answers.size < askersMax) break;
    answers.delete(oldest);
  }
  const asked = relyingAside({ estate, weighed, seen });
  answers.set(key, asked);
  asked.catch(() => answers.delete(key));
  return asked;
}

/** So many links and assets are worked out here, within a tenth of a second; 10,000 links and 20,000 assets take some seconds. */
const hereMax = 1_000;

function relyingAside(relying: Relying): Promise<Reliance[]> {
  const { estate, weighed, seen } = relying;
  if (estate.links.length + estate.assets.length <= hereMax)
    return Promise.resolve(reliances(estate, weighed, (organisation) => seen.has(organisation), fallsOf(estate)));
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('reliance-thread.ts', import.meta.url), { workerData: relying });
    worker.on('message', resolve);
    worker.on('error', reject);
    worker.on('exit', (code) =>
      reject(new Error(`The thread that works out reliances ended with ${code} and without an answer.`)),
    );
    worker.unref();
  });
}
