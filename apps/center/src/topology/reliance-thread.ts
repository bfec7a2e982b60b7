/** Works out the reliances of one estate and ends. */

import { parentPort, workerData } from 'node:worker_threads';
import { reliances } from '@forewarn/know/weights/reliance';
import type { Relying } from './falls.ts';

const { estate, weighed, seen } = workerData as Relying;
parentPort!.postMessage(
  reliances(estate, weighed, (organisation) => seen.has(organisation)),
  [],
);
