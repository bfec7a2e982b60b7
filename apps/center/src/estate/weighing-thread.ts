/** Weighs one estate and ends. */

import { parentPort, workerData } from 'node:worker_threads';
import { weighEstate } from '@forewarn/know/weights/estate';
import type { Weighing } from './weighing.ts';

const { estate, rules } = workerData as Weighing;
parentPort!.postMessage(weighEstate(estate, rules), []);
