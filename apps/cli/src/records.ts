/** Captures and logs as one stream of records. */

import { basename } from 'node:path';
import { Refusal, describe } from '@forewarn/base/refusal';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { LogFormat } from '@forewarn/sense/logs/format';
import { protocols } from '@forewarn/sense/protocols/index';
import { readCapture } from '@forewarn/sense/read';
import type { Terminal } from './command.ts';
import { openInput } from './input.ts';
import { progressLine } from './progress.ts';
import { lookAt } from './reading/inputs.ts';
import { LogRecords } from './reading/logs.ts';

export type RecordTaker = (log: string, record: AnyRecord) => void;

export type ReadCount = { /** Files that could not be opened or recognised. */ failed: number };

/**
 * Gives every record of the files to `take`: captures one after the other, logs together in the order of their times, so that
 * `conn.log` and `dns.log` of one sensor are one story. What cannot be read is told on standard error.
 */
export async function readRecords(
  files: readonly string[],
  terminal: Terminal,
  take: RecordTaker,
  options: {
    networks?: readonly string[];
    /** Asked in the place of all formats of logs. */
    formats?: readonly LogFormat[] | undefined;
    /** Events of a log that could not be read, and where the first of them stands. */
    unread?: (file: string, count: number, line: number) => void;
  } = {},
): Promise<ReadCount> {
  let failed = 0;
  const logs: LogRecords[] = [];
  for (const [index, file] of files.entries()) {
    const progress = progressLine(terminal, file, undefined);
    try {
      const input = await lookAt(file, options.formats);
      if (input.kind === 'capture') {
        const reading = await readCapture(openInput(file), {
          sink: { record: take },
          protocols,
          uidSeed: `${index}/${basename(file)}`,
          file,
          progress: progress.show,
          ...(options.networks === undefined ? {} : { networks: options.networks }),
        });
        if (reading.stop) {
          terminal.err(
            `forewarn: ${file}: cut: ${reading.stop.detail} at byte ${reading.stop.offset}; what stands before it was read.\n`,
          );
        }
      } else {
        const log = new LogRecords(file, input);
        await log.next();
        logs.push(log);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      failed++;
      terminal.err(`forewarn: ${describe(error)}\n`);
    } finally {
      progress.end();
    }
  }
  // The log whose next record is the oldest goes on.
  for (;;) {
    let oldest: LogRecords | undefined;
    for (const log of logs) if (log.head && (!oldest || log.ts < oldest.ts)) oldest = log;
    if (!oldest) break;
    take(oldest.head!.log, oldest.head!.record);
    try {
      await oldest.next();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      failed++;
      oldest.head = undefined;
      terminal.err(`forewarn: ${describe(error)}\n`);
    }
  }
  for (const { file, report } of logs) {
    const refused = Object.values(report?.refused ?? {});
    const count = refused.reduce((sum, one) => sum + one.count, 0);
    const [first] = refused.map((one) => one.first.line ?? 0).sort((a, b) => a - b);
    if (count > 0) options.unread?.(file, count, first ?? 0);
  }
  return { failed };
}
