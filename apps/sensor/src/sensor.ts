/**
 * A sensor in its first form: captures are read, records gathered into batches, batches spooled on disk and sent until the centre
 * has acknowledged them. What a crash left in the spool goes out first.
 */

import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { Refusal } from '@forewarn/base/refusal';
import { recordTypes } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';
import { protocols } from '@forewarn/sense/protocols/index';
import { readCapture, type Reading } from '@forewarn/sense/read';
import { createBatcher } from './batches.ts';
import { drain, type SendOptions, type Sent } from './send.ts';
import type { Spool } from './spool.ts';

/** So many bytes of a capture name it: the file header and thousands of packets with their times. */
const originBytes = 1 << 20;

/** While reading, batches leave whenever so many wait: the spool then stays small as long as the centre answers. */
const waitingMax = 8;

/** As long as a batch's source may be. */
const sourceMax = 300;

export type SensorFile = { name: string; chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array> };

/** Columns of each log that are never written, and so never reach the spool. */
const secretColumns = new Map(
  recordTypes.map(({ log, columns }) => [
    log,
    Object.entries(columns).flatMap(([name, column]) => (column.class === 'secret' ? [name] : [])),
  ]),
);

/**
 * Reads one capture and sends its records; returns what was read. `sent` counts what was acknowledged. Refusals: `sensor.stopped` when
 * the signal came before the end, and those of reading, spooling and sending. In each case the same file may be sent again: its
 * batches are the same.
 */
export async function sendCapture(
  file: SensorFile,
  options: SendOptions & {
    spool: Spool;
    networks?: readonly string[];
    progress?: (bytes: number, packets: number) => void;
  },
  sent: Sent,
): Promise<Reading> {
  await drain(options, sent);
  const source = basename(file.name).slice(0, sourceMax);
  const { origin, chunks } = await nameOf(file);
  // Records come from within parsers, whose exceptions count as the parser's: what fails here is kept and told between chunks.
  let failure: unknown;
  const batcher = createBatcher({
    origin,
    source,
    deliver(batch) {
      if (failure !== undefined) return;
      try {
        options.spool.add(batch);
      } catch (error) {
        failure = error;
      }
    },
  });
  const sink = {
    record(log: string, record: AnyRecord) {
      const secret = secretColumns.get(log)?.filter((name) => record[name] !== undefined) ?? [];
      const kept =
        secret.length === 0 ? record : Object.fromEntries(Object.entries(record).filter(([name]) => !secret.includes(name)));
      batcher.record(log, kept);
    },
  };
  const held = (): void => {
    if (failure !== undefined) throw failure;
    // Ending the reading here would cut its last flows short, and their records would be others than at the next reading.
    if (options.signal.aborted) {
      throw new Refusal('sensor.stopped', 'The sensor was stopped before the file was sent.', {
        place: { file: file.name },
        advice: 'Start it again with the same file: the centre drops what it has already.',
      });
    }
  };

  async function* paced(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      yield chunk;
      if (options.spool.waiting >= waitingMax) await drain(options, sent);
      held();
    }
  }

  const reading = await readCapture(paced(), {
    sink,
    protocols,
    uidSeed: origin,
    file: file.name,
    ...(options.networks === undefined ? {} : { networks: options.networks }),
    ...(options.progress === undefined ? {} : { progress: options.progress }),
  });
  batcher.end();
  held();
  await drain(options, sent);
  held();
  return reading;
}

/** Names a reading by its first bytes, so that the same capture sent again is the same reading, whatever its name. */
async function nameOf(file: SensorFile): Promise<{ origin: string; chunks: AsyncIterable<Uint8Array> }> {
  const iterator = (async function* () {
    yield* file.chunks;
  })();
  const head: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < originBytes) {
    const next = await iterator.next();
    if (next.done) break;
    head.push(next.value);
    bytes += next.value.length;
  }
  const hash = createHash('sha256');
  let left = originBytes;
  for (const chunk of head) {
    hash.update(chunk.subarray(0, left));
    left -= Math.min(left, chunk.length);
  }
  return {
    origin: hash.digest('hex'),
    chunks: (async function* () {
      yield* head;
      yield* iterator;
    })(),
  };
}
