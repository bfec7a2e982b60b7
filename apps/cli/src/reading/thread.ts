/** Where a thread that reads begins. What comes meanwhile waits for it. */

import { parentPort } from 'node:worker_threads';
import { keepCompiled } from '../compiled.ts';
import type { Order } from './messages.ts';

keepCompiled();
const { createReader } = await import('./reader.ts');
const port = parentPort!;
const take = createReader(
  (told, transfer) => port.postMessage(told, transfer),
  (error) => {
    // Who writes hears of it as the thread's end.
    throw error;
  },
);
port.on('message', (order: Order) => {
  if (order.kind === 'end') port.close();
  else take(order);
});
