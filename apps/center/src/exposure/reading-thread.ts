/** Reads one file and ends. */

import { parentPort, workerData } from 'node:worker_threads';
import { readHere, type Reading } from './reading.ts';

parentPort!.postMessage(readHere(workerData as Reading), []);
