/** What a thread does that reads: takes a task after the other, and runs ahead of what is written by a few chunks. */

import { parentPort } from 'node:worker_threads';
import { Refusal } from '@forewarn/base/refusal';
import { openChunks } from '../input.ts';
import { createLines, type LineForm } from './lines.ts';
import type { Order, Told } from './messages.ts';
import { readTask, type Task } from './task.ts';

/**
 * Chunks whose lines are not yet written: enough that a thread with more to do in one chunk holds up no other, and at most some tens of
 * megabytes of lines.
 */
const aheadMax = 16;

const port = parentPort!;
const tell = (told: Told, transfer: ArrayBuffer[] = []): void => port.postMessage(told, transfer);

/** Chunks whose lines are not yet written. */
const written = { ahead: 0 };
let wake: (() => void) | undefined;
/** Chunks of standard input that have come; `undefined` is the end. */
const input: (Uint8Array | undefined)[] = [];

const news = (): Promise<void> =>
  new Promise((resolve) => {
    wake = resolve;
  });

async function* given(): AsyncGenerator<Uint8Array> {
  for (;;) {
    while (input.length === 0) await news();
    const bytes = input.shift();
    if (!bytes) return;
    yield bytes;
    tell({ kind: 'taken' });
  }
}

async function run(task: Task, form: LineForm): Promise<void> {
  written.ahead = 0;
  try {
    const chunks = task.file === '-' ? given() : openChunks(task.file);
    const reading = await readTask(task, chunks, createLines(form), async (lines, bytes, packets) => {
      tell(
        { kind: 'lines', lines, bytes, packets },
        lines.map(([, text]) => text.buffer),
      );
      written.ahead++;
      while (written.ahead >= aheadMax) await news();
    });
    tell({ kind: 'done', reading });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message, place, advice } = error;
    tell({ kind: 'refused', code, message, place, advice });
  }
}

port.on('message', (order: Order) => {
  if (order.kind === 'end') port.close();
  else if (order.kind === 'task') void run(order.task, order.form);
  else {
    if (order.kind === 'written') written.ahead--;
    else input.push(order.bytes);
    wake?.();
  }
});
