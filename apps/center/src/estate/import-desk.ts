/**
 * Imports that take a while. A file is read in a thread, checked as a whole against the database, and written part by part, so that others are answered
 * between two parts. It is whole or not at all all the same: nothing is written before everything was checked, while it is written nothing else
 * of the estate is, its rows count from one instant, and one that was broken off by a stop of the centre goes on after it.
 */

import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { Refusal } from '@forewarn/base/refusal';
import type { ImportFault } from '@forewarn/know/import';
import type { EstateItem, EstateKind } from '@forewarn/model/estate';
import { recountEstate, writeRows } from '@forewarn/store/resources/estate';
import { openEstateImports, putEstateImport, type EstateImport } from '@forewarn/store/resources/estate-imports';
import { takenIds } from '@forewarn/store/resources/estate-references';
import type { ListFiles } from '@forewarn/store/list-files';
import { act, centreScope } from '../act.ts';
import type { Center } from '../center-parts.ts';
import { namedFaults, ownFaults } from './check.ts';
import type { NamedPart, PartAsked, ReadingDone, ReadingStart, RowsPart } from './import-thread.ts';

/** Faults that are told; who mends a thousand lines imports again. */
export const jobFaultsMax = 1_000;
/** Imports that wait for their turn: each holds a file of the disk, and one takes a minute at most. */
const waitingMax = 20;
/** Rows that are checked or written at once: a tenth of a second, in which nobody else is answered by the database. */
const rowsOfPart = 500;
/** How often progress is put into the database; whoever asks this centre reads it fresher. */
const noteEveryMs = 1_000;
/** On a part that cannot be written, as for want of room; eight minutes. Then it is told. */
const attemptsMax = 100;
const attemptEveryMs = 5_000;
/** From so many rows on, what the planner knows of a table is counted anew. */
const recountRows = 1_000;

export type EstateImports = {
  /** Nothing else of the estate may be written. */
  readonly writing: boolean;
  /** Puts the file on the disk and takes the import in hand. Refusals: `estate.imports.waiting`, `store.disk.full`. */
  begin(
    asked: Pick<EstateImport, 'organisation' | 'by' | 'kind' | 'format' | 'name' | 'check'>,
    text: string,
  ): Promise<EstateImport>;
  /** As it stands now; undefined: it is not in hand. */
  current(id: string): EstateImport | undefined;
  /** False: it is being written, or over. */
  cancel(id: string): boolean;
  /** Takes up what a stop left. */
  resume(): Promise<void>;
  /** When nothing is in hand. */
  settled(): Promise<void>;
  close(): Promise<void>;
};

export function createEstateImports(center: () => Center, files: ListFiles): EstateImports {
  const jobs = new Map<string, EstateImport>();
  const cancelled = new Set<string>();
  let locked = false;
  let closed = false;
  let wake: (() => void) | undefined;
  let working: Promise<void> = Promise.resolve();

  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  async function note(job: EstateImport): Promise<void> {
    const scope = await centreScope(center());
    await center().database.scoped(scope, (tx) => putEstateImport(tx, job));
  }

  function take(job: EstateImport): void {
    jobs.set(job.id, job);
    working = working.then(async () => {
      if (closed) return;
      try {
        await run(job);
      } catch (error) {
        if (closed) return;
        center().log.error({ err: error, import: job.id }, 'an import of the estate failed');
        job.state = 'failed';
      }
      locked = false;
      if (closed) return;
      job.endedAt ??= center().clock.now();
      await note(job).catch((error: unknown) => center().log.error({ err: error }, 'the end of an import could not be noted'));
      jobs.delete(job.id);
      cancelled.delete(job.id);
      if (![...jobs.values()].some(({ sha256 }) => sha256 === job.sha256)) await files.remove(job.sha256);
    });
  }

  async function run(job: EstateImport): Promise<void> {
    const text = await files.read(job.sha256);
    if (text === undefined) throw new Error('The file of the import is gone.');
    const reading = await readInThread({ kind: job.kind, format: job.format, text, faultsMax: jobFaultsMax, rowsOfPart });
    try {
      const { done } = reading;
      job.rows.total = done.rows;
      job.faults = done.faults;
      job.faultCount = done.faultCount;
      if (done.faultCount === 0) {
        job.state = 'checking';
        locked = !job.check;
        await check(job, reading);
      }
      if (job.faultCount > 0) job.state = 'faulty';
      else if (cancelled.has(job.id)) job.state = 'cancelled';
      else if (job.check) job.state = 'done';
      else await write(job, reading);
    } finally {
      await reading.end();
    }
  }

  const stopped = (job: EstateImport): boolean => closed || cancelled.has(job.id);

  async function check(job: EstateImport, { done, part, named }: Reading): Promise<void> {
    const { database, estate } = center();
    const index = await estate.fresh();
    const centre = index.centre?.id === job.organisation;
    const ids = new Set(done.ids);
    const add = (faults: readonly ImportFault[]): void => {
      job.faultCount += faults.length;
      job.faults.push(...faults.slice(0, jobFaultsMax - job.faults.length));
    };
    const other = done.centres.find((id) => id !== index.centre?.id);
    if (other !== undefined) add([{ line: 1, field: 'kind', message: { text: 'know.import.centre', values: { id: other } } }]);
    const scope = await centreScope(center());
    const noting = ticking(noteEveryMs);
    for (let n = 0; n < done.parts && !stopped(job); n++) {
      const { text, lines, ids: owners } = await part(n);
      if (!centre) {
        const rows = JSON.parse(text) as (EstateItem<EstateKind> & { organisation?: string })[];
        rows.forEach((row, i) => add(ownFaults(row, lines[i]!, { organisation: job.organisation, centre }, index)));
      }
      const wrong = await database.scoped(scope, async (tx) => [
        ...(await takenIds(tx, job.kind, owners)).map(({ n: row, id }) => takenFault(lines[row - 1]!, id)),
        // What an item named already, it may go on naming: that is asked row by row.
        ...(centre ? [] : await namedFaults(tx, job.kind, { text, lines, centre, inFile: (id) => ids.has(id) })),
      ]);
      add(wrong);
      job.rows.checked += lines.length;
      if (noting()) await note(job);
    }
    const namedParts = centre ? done.namedParts : 0;
    for (let n = 0; n < namedParts && !stopped(job); n++) {
      const { text, fields, lines } = await named(n);
      const places = lines.map((_, i) => i);
      const wrong = await database.scoped(scope, (tx) =>
        namedFaults(tx, job.kind, { text, lines: places, centre, inFile: (id) => ids.has(id) }),
      );
      for (const one of wrong) {
        // Every item names its owner, too; that one is looked up by itself.
        if (one.field === fields[one.line]) add(lines[one.line]!.map((line) => ({ ...one, line })));
      }
    }
    job.faults.sort((a, b) => a.line - b.line);
    if (closed) throw new Error('The centre stops.');
  }

  async function write(job: EstateImport, { done, part }: Reading): Promise<void> {
    const { database } = center();
    job.state = 'writing';
    await note(job);
    const scope = await centreScope(center());
    const writing = { at: job.at, by: job.by };
    const noting = ticking(noteEveryMs);
    for (let n = 0; n < done.parts; n++) {
      const { text, lines } = await part(n);
      await insist(() => database.scoped(scope, (tx) => writeRows(tx, job.kind, text, writing)));
      job.rows.written += lines.length;
      if (noting()) await note(job);
    }
    if (done.rows >= recountRows) await database.system((tx) => recountEstate(tx, job.kind));
    // The doer's account is told as it was when the import began; a demo's acts say so.
    const doer = { account: job.by, organisation: job.organisation, demo: center().demo };
    await act(center(), doer, async (acting) => {
      for (const organisation of done.owners.slice(0, ownersToldMax)) acting.changed('estate', organisation, { organisation });
      acting.audit('estate.import', `estate/${job.kind}`, { items: done.rows, import: job.id, name: job.name });
      job.state = 'done';
      job.endedAt = acting.at;
      await putEstateImport(acting.tx, job);
      acting.tx.afterCommit(() => center().estate.forget());
    });
  }

  /** What fails for want of room is tried again: half an import is no import. */
  async function insist(work: () => Promise<unknown>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      if (closed) throw new Error('The centre stops.');
      try {
        await work();
        return;
      } catch (error) {
        if (attempt >= attemptsMax || !(error instanceof Refusal)) throw error;
        await sleep(attemptEveryMs);
      }
    }
  }

  return {
    get writing() {
      return locked;
    },
    async begin(asked, text) {
      if (jobs.size >= waitingMax) {
        throw new Refusal('estate.imports.waiting', `${waitingMax} imports are waiting already.`, {
          advice: 'Try again in a minute.',
        });
      }
      const { sha256 } = await files.put(text);
      const job: EstateImport = {
        ...asked,
        id: randomUUID(),
        state: 'reading',
        rows: { total: null, checked: 0, written: 0 },
        faults: [],
        faultCount: 0,
        at: center().clock.now(),
        endedAt: null,
        sha256,
      };
      await note(job);
      take(job);
      return job;
    },
    current: (id) => jobs.get(id),
    cancel(id) {
      const job = jobs.get(id);
      if (!job || job.state === 'writing') return false;
      cancelled.add(id);
      return true;
    },
    async resume() {
      const scope = await centreScope(center());
      const open = await center().database.scoped(scope, openEstateImports);
      for (const job of open.filter(({ id }) => !jobs.has(id)))
        take({ ...job, rows: { total: null, checked: 0, written: 0 }, faults: [], faultCount: 0 });
    },
    settled: () => working,
    async close() {
      closed = true;
      wake?.();
      await working.catch(() => undefined);
    },
  };
}

/** Organisations whose readers are told at once; others see it when they look next. */
const ownersToldMax = 200;

const takenFault = (line: number, id: string): ImportFault => ({
  line,
  field: 'id',
  message: { text: 'know.import.taken', values: { id } },
});

/** True once in so many milliseconds. */
function ticking(everyMs: number): () => boolean {
  let last = performance.now();
  return () => {
    if (performance.now() - last < everyMs) return false;
    last = performance.now();
    return true;
  };
}

type Reading = {
  done: ReadingDone;
  part(n: number): Promise<RowsPart>;
  named(n: number): Promise<NamedPart>;
  end(): Promise<unknown>;
};

/** Memory of the thread: a file of 64 MiB is some ten times as much as objects. */
const threadMegabytes = 2_048;

async function readInThread(start: ReadingStart): Promise<Reading> {
  const worker = new Worker(new URL('import-thread.ts', import.meta.url), {
    workerData: start,
    resourceLimits: { maxOldGenerationSizeMb: threadMegabytes },
  });
  let answer: ((value: unknown) => void) | undefined;
  let fail: ((error: Error) => void) | undefined;
  let over: Error | undefined;
  const next = <T>(): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (over) reject(over);
      answer = resolve as (value: unknown) => void;
      fail = reject;
    });
  const stop = (error: Error): void => {
    over ??= error;
    fail?.(over);
  };
  worker.on('message', (message) => answer?.(message));
  worker.on('error', stop);
  worker.on('exit', (code) => stop(new Error(`The thread that reads an import ended with ${code}.`)));
  const done = await next<ReadingDone>();
  const ask = <Part>(asked: PartAsked): Promise<Part> => {
    const part = next<Part>();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A worker thread has no origin.
    worker.postMessage(asked);
    return part;
  };
  return {
    done,
    part: (n) => ask<RowsPart>({ want: 'rows', n }),
    named: (n) => ask<NamedPart>({ want: 'named', n }),
    end: () => worker.terminate(),
  };
}
