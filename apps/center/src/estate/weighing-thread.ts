/** Weighs one estate, which comes in parts, and ends. */

import { parentPort } from 'node:worker_threads';
import { weighEstate } from '@forewarn/know/weights/estate';
import { emptyEstate } from '@forewarn/model/estate';
import type { Weighing } from './weighing.ts';

const estate = emptyEstate();
parentPort!.on('message', (part: Weighing) => {
  if ('kind' in part) {
    for (const item of part.items) (estate[part.kind] as unknown[]).push(item);
    return;
  }
  parentPort!.postMessage(weighEstate(estate, part.rules), []);
  parentPort!.close();
});
