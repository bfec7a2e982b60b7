/** What a thread does that reads: takes a task after the other, and runs ahead of what is written by a few portions of lines. */

import { Refusal } from '@forewarn/base/refusal';
import { openChunks } from '../input.ts';
import { createLines, type LineForm } from './lines.ts';
import type { Order, Told } from './messages.ts';
import { readTask, type Task } from './task.ts';

/**
 * Portions of lines that are not yet written: enough that a thread with more to do in one portion holds up no other, and at most some tens of
 * megabytes.
 */
const aheadMax = 6;

/** Makes a reader that tells what it has, and what it fails of; the answer takes its orders. */
export function createReader(
  tell: (told: Told, transfer: ArrayBuffer[]) => void,
  fail: (error: unknown) => void,
): (order: Exclude<Order, { kind: 'end' }>) => void {
  /** Portions whose lines are not yet written. */
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
      tell({ kind: 'taken' }, []);
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
      tell({ kind: 'done', reading }, []);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { code, message, place, advice } = error;
      tell({ kind: 'refused', code, message, place, advice }, []);
    }
  }

  return (order) => {
    if (order.kind === 'task') run(order.task, order.form).catch(fail);
    else {
      if (order.kind === 'written') written.ahead--;
      else input.push(order.bytes);
      wake?.();
    }
  };
}
