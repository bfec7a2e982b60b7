/**
 * Reading a capture from beginning to end: what `forewarn read` needs. The caller brings the file's bytes and takes the
 * records; compression is undone here, because zlib is computation and needs no disk.
 */

import { createGunzip } from 'node:zlib';
import type { Account } from './account.ts';
import { captureKind, kindBytes, type CaptureKind } from './capture/kind.ts';
import { createEngine, type Engine, type EngineOptions } from './engine.ts';
import { Refusal } from '@forewarn/base/refusal';

export { captureKind, kindBytes, type CaptureKind };

/** The account of one capture, and whether it was compressed. */
export type Reading = Account & { compressed: boolean };

/**
 * Reads the chunks of one capture file, plain or gzip, and answers its account. Throws a `Refusal` with the code
 * `capture.unrecognised` when the file is no capture. A file that is cut is read to its end; `stop` then says where.
 */
export async function readCapture(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: EngineOptions & {
    /** Is given the engine before the first byte: a live reading tells it that time passes, a trace asks it for the names of flows. */
    opened?: (engine: Pick<Engine, 'advance' | 'progress' | 'uidOf'>) => void;
  },
): Promise<Reading> {
  const engine = createEngine(options);
  options.opened?.(engine);
  let start: Uint8Array = new Uint8Array(0);
  let decompress: Decompression | undefined;
  let decided = false;
  for await (const chunk of chunks) {
    let bytes = chunk;
    if (!decided) {
      if (start.length > 0) {
        bytes = new Uint8Array(start.length + chunk.length);
        bytes.set(start);
        bytes.set(chunk, start.length);
      }
      if (bytes.length < kindBytes) {
        start = bytes.slice();
        continue;
      }
      decided = true;
      if (captureKind(bytes) === 'gzip') decompress = new Decompression((part) => engine.push(part));
    }
    if (decompress) {
      if (!(await decompress.write(bytes))) break;
    } else engine.push(bytes);
  }
  if (!decided) engine.push(start);
  const fault = await decompress?.end();
  if (fault instanceof Refusal) throw fault;
  const account = engine.end();
  if (fault && !account.stop) {
    // What came out before the damage was read; the account says where the rest is missing.
    const stop = { name: 'capture_cut', offset: account.bytes, detail: `the compressed data end early (${fault.message})` };
    const addl = `${stop.detail} at byte ${stop.offset}`;
    options.sink.record('weird', { ts: account.last ?? 0, name: stop.name, addl, source: 'capture' });
    return { ...account, compressed: true, stop, oddities: { ...account.oddities, [stop.name]: 1 } };
  }
  return { ...account, compressed: decompress !== undefined };
}

/** A gunzip that is fed and drained chunk by chunk, so that memory does not grow with the file. */
class Decompression {
  readonly #gunzip = createGunzip({ chunkSize: 1 << 20 });
  #failure: Error | undefined;
  #wake: (() => void) | undefined;
  #finished = false;

  constructor(take: (part: Uint8Array) => void) {
    this.#gunzip.on('data', (part: Uint8Array) => {
      if (this.#failure) return;
      try {
        take(part);
      } catch (error) {
        this.#fail(error as Error);
      }
    });
    this.#gunzip.on('error', (error) => this.#fail(error));
    this.#gunzip.on('end', () => {
      this.#finished = true;
      this.#wake?.();
    });
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  /** Answers false when nothing more can come out. */
  async write(bytes: Uint8Array): Promise<boolean> {
    if (this.#failure) return false;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#gunzip.write(bytes, () => resolve());
    });
    return this.#failure === undefined;
  }

  async end(): Promise<Error | undefined> {
    if (!this.#failure) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (this.#finished) resolve();
        else this.#gunzip.end();
      });
    }
    this.#gunzip.destroy();
    return this.#failure;
  }
}
