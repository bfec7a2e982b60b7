/** Files of documents: asked for here, made in a thread that ends when nobody has asked for a while. */

import { Worker } from 'node:worker_threads';
import { Refusal } from '@forewarn/base/refusal';
import type { Content } from '@forewarn/model/content';
import type { Document } from '@forewarn/model/document';
import type { Language } from '@forewarn/model/text';
import type { RenderAnswer, RenderAsked, RenderFormat } from './rendering-thread.ts';

export type Rendering = {
  /** `key`: what the file follows from besides its format and language; the digest of the document. */
  render(document: Document, key: string, format: RenderFormat, language: Language): Promise<Uint8Array>;
  close(): Promise<void>;
};

/** Files that wait; each takes some tenths of a second, and whoever waits longer than half a minute has gone. */
const waitingMax = 64;

/** A document of two hundred pages takes some seconds; one that takes longer does not end. */
const renderMsMax = 60_000;

/** The fonts of a thread at rest hold some 60 MB. */
const idleMsMax = 120_000;

/** Files kept: the same report is opened by several, and once more as PDF. Together, at 300 kB each, some 10 MB. */
const keptMax = 32;

type Waiting = { done: (bytes: Uint8Array) => void; fail: (fault: Error) => void; timer: NodeJS.Timeout };

export function createRendering(texts: Content['texts']): Rendering {
  const kept = new Map<string, Promise<Uint8Array>>();
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let count = 0;

  async function end(fault: Error): Promise<void> {
    const ended = worker;
    worker = undefined;
    clearTimeout(idle);
    for (const { fail, timer } of waiting.values()) {
      clearTimeout(timer);
      fail(fault);
    }
    waiting.clear();
    await ended?.terminate();
  }

  function start(): Worker {
    const fresh = new Worker(new URL('rendering-thread.ts', import.meta.url));
    // It alone keeps no process alive.
    fresh.unref();
    fresh.on('message', (answer: RenderAnswer) => {
      const one = waiting.get(answer.n);
      if (!one) return;
      waiting.delete(answer.n);
      clearTimeout(one.timer);
      if ('fault' in answer) one.fail(new Error(answer.fault));
      else one.done(answer.bytes);
      if (waiting.size === 0) idle = setTimeout(() => void end(new Error('idle')), idleMsMax).unref();
    });
    fresh.on('error', (fault: Error) => {
      if (worker === fresh) void end(fault);
    });
    return fresh;
  }

  function make(document: Document, format: RenderFormat, language: Language): Promise<Uint8Array> {
    if (waiting.size >= waitingMax)
      throw new Refusal('report.busy', 'Too many files of reports are being made.', { advice: 'Try again in a few seconds.' });
    clearTimeout(idle);
    const thread = (worker ??= start());
    return new Promise((done, fail) => {
      const n = ++count;
      const timer = setTimeout(() => void end(new Error(`A document took longer than ${renderMsMax} ms.`)), renderMsMax);
      waiting.set(n, { done, fail, timer });
      thread.postMessage({ n, document, format, language, catalogue: texts[language] } satisfies RenderAsked, []);
    });
  }

  return {
    async render(document, key, format, language) {
      const name = `${key} ${format} ${language}`;
      let file = kept.get(name);
      if (!file) {
        file = make(document, format, language);
        kept.set(name, file);
        file.catch(() => kept.delete(name));
        if (kept.size > keptMax) kept.delete(kept.keys().next().value!);
      }
      return file;
    },
    close: () => end(new Error('closing')),
  };
}
