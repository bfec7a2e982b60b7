/**
 * Several threads read captures, and this one of them writes: a large capture is shared among all threads, small ones go to whoever is free.
 *
 *     file ─┬▶ this thread ─▶ lines 1, 2, 3 … ─┐
 *           └▶ thread ──────▶ lines 1, 2, 3 … ─┴▶ output, file by file and portion by portion
 *
 * The order of the lines follows from the files and the number of threads, not from which was faster.
 */

import { Worker } from 'node:worker_threads';
import { Refusal } from '@forewarn/base/refusal';
import { joinAccounts } from '@forewarn/sense/account';
import type { Reading } from '@forewarn/sense/read';
import { openInput } from '../input.ts';
import type { LineForm, LogLines } from './lines.ts';
import type { Order, Told } from './messages.ts';
import type { Output } from './output.ts';
import type { Task } from './task.ts';

/** A file as large as this is shared: walking over the packets of others costs each reader something. */
export const sharedFrom = 32_000_000;

/** Chunks of standard input that a thread may have waiting. */
const inputAheadMax = 8;

export type FileTask = {
  /** The task of one reader alone. */
  task: Task;
  /** Bytes, where known. */
  size: number | undefined;
};

/** Who hears how it goes. */
export type ReadersWatch = {
  begun(file: number): void;
  progress(file: number, bytes: number, packets: number): void;
  done(file: number, outcome: Reading | Refusal): void;
};

/** A part of a file: what its thread has told and nobody has written yet. */
type Part = { task: Task; lines: LogLines[]; thread: Thread | undefined; outcome: Reading | Refusal | undefined };
type Thread = { send: (order: Order) => void; part: Part | undefined; inputAhead: number };

/**
 * Reads the files with so many threads into the output. Throws what the output throws, and what fails in a thread; a file that is refused is
 * told to `watch.done`, and the others go on.
 */
export async function readWithThreads(
  files: readonly FileTask[],
  threads: number,
  form: LineForm,
  output: Output,
  watch: ReadersWatch,
): Promise<void> {
  const parts: Part[][] = files.map(({ task, size }) => {
    const count = size === undefined || size >= sharedFrom ? threads : 1;
    return Array.from({ length: count }, (_, part) => ({
      task: { ...task, part, parts: count },
      lines: [],
      thread: undefined,
      outcome: undefined,
    }));
  });
  const waiting = parts.flat();
  const failed: { error?: Error } = {};
  // Two may wait: who writes, and who reads standard input.
  let sleepers: (() => void)[] = [];
  const news = (): Promise<void> =>
    new Promise((resolve) => {
      sleepers.push(resolve);
    });
  const wake = (): void => {
    const all = sleepers;
    sleepers = [];
    for (const resolve of all) resolve();
  };
  const next = (thread: Thread): void => {
    thread.part = waiting.shift();
    if (!thread.part) return thread.send({ kind: 'end' });
    thread.part.thread = thread;
    thread.inputAhead = 0;
    thread.send({ kind: 'task', task: thread.part.task, form });
  };

  const failedBy = (error: unknown): void => {
    failed.error ??= error instanceof Error ? error : new Error(String(error));
    wake();
  };
  const hear = (thread: Thread, told: Told): void => {
    const part = thread.part!;
    if (told.kind === 'taken') thread.inputAhead--;
    else if (told.kind === 'lines') {
      part.lines.push(told.lines);
      if (part.task.part === 0)
        watch.progress(
          parts.findIndex(([first]) => first === part),
          told.bytes,
          told.packets,
        );
    } else {
      part.outcome =
        told.kind === 'done' ? told.reading : new Refusal(told.code, told.message, { place: told.place, advice: told.advice });
      next(thread);
    }
    wake();
  };

  const workers: Worker[] = [];
  for (let n = 1; n < Math.min(threads, waiting.length + 1); n++) {
    const worker = new Worker(new URL('thread.ts', import.meta.url));
    const thread: Thread = { send: (what) => worker.postMessage(what, []), part: undefined, inputAhead: 0 };
    worker.on('error', failedBy);
    worker.on('message', (told: Told) => hear(thread, told));
    workers.push(worker);
    next(thread);
  }
  // This thread reads as well, between two turns of writing: a thread more would compile for itself once more.
  const { createReader } = await import('./reader.ts');
  const take = createReader((told) => hear(own, told), failedBy);
  const own: Thread = {
    send: (what) => (what.kind === 'end' ? undefined : take(what)),
    part: undefined,
    inputAhead: 0,
  };
  next(own);

  /** Standard input goes to all parts of its task. */
  const feed = async (of: readonly Part[]): Promise<void> => {
    const each = (bytes: Uint8Array | undefined): void => {
      for (const { thread, outcome } of of) {
        if (outcome) continue;
        thread!.send({ kind: 'input', bytes });
        thread!.inputAhead++;
      }
    };
    while (of.some(({ thread }) => !thread) && !failed.error) await news();
    for await (const chunk of openInput('-')) {
      // One copy, which all threads see.
      const shared = new Uint8Array(new SharedArrayBuffer(chunk.length));
      shared.set(chunk);
      each(shared);
      while (!failed.error && of.some(({ thread, outcome }) => !outcome && thread!.inputAhead >= inputAheadMax)) await news();
      if (failed.error || of.every(({ outcome }) => outcome)) return;
    }
    each(undefined);
  };

  try {
    for (const [index, of] of parts.entries()) {
      watch.begun(index);
      const feeding = files[index]!.task.file === '-' ? feed(of) : undefined;
      feeding?.catch((error: Error) => {
        failed.error ??= error;
        wake();
      });
      for (;;) {
        if (failed.error) throw failed.error;
        const open = of.filter(({ lines, outcome }) => lines.length > 0 || !outcome);
        if (open.length === 0) break;
        if (open.some(({ lines }) => lines.length === 0)) {
          await news();
          continue;
        }
        for (const part of open) {
          output.write(part.lines.shift()!);
          // The part's thread may be at another by now, which it then runs ahead with.
          if (part.thread!.part === part) part.thread!.send({ kind: 'written' });
        }
        await output.ready();
      }
      const outcomes = of.map(({ outcome }) => outcome!);
      const refused = outcomes.find((outcome) => outcome instanceof Refusal);
      watch.done(index, refused ?? joinAccounts(outcomes as [Reading, ...Reading[]]));
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
