/** One reader's part of one capture: chunks in, lines out, chunk by chunk. */

import { protocols } from '@forewarn/sense/protocols/index';
import { readCapture, type Reading } from '@forewarn/sense/read';
import { chunkBytes } from '../input.ts';
import type { Lines, LogLines } from './lines.ts';

/** What is to be read of a file. It goes to threads, so it is data. */
export type Task = {
  file: string;
  /** The same for all parts of a file, and another for each file. */
  uidSeed: string;
  part: number;
  parts: number;
  flowsOnly: boolean;
  verify: boolean;
  networks: readonly string[];
};

/** Lines of so many bytes of a file go on together: a portion costs some fifty messages' worth of handing over, one for each log. */
const portionBytes = 4 << 20;

/**
 * Reads a task. `deliver` takes the lines that a portion of the capture gave, also when it gave none, and what was read so far; the next chunk
 * is read when it resolves. A portion is some megabytes of a file, and each chunk of what comes slowly. Refusals: those of `readCapture`.
 */
export async function readTask(
  task: Task,
  chunks: AsyncIterable<Uint8Array>,
  lines: Lines,
  deliver: (lines: LogLines, bytes: number, packets: number) => Promise<unknown> | undefined,
): Promise<Reading> {
  let bytes = 0;
  let packets = 0;
  async function* paced(): AsyncGenerator<Uint8Array> {
    let since = 0;
    for await (const chunk of chunks) {
      const { length } = chunk;
      yield chunk;
      since += length;
      if (length === chunkBytes && since < portionBytes) continue;
      since = 0;
      await deliver(lines.take(), bytes, packets);
    }
  }
  const reading = await readCapture(paced(), {
    sink: lines,
    protocols,
    flowsOnly: task.flowsOnly,
    checksums: task.verify ? 'verify' : 'ignore',
    uidSeed: task.uidSeed,
    file: task.file,
    share: { part: task.part, parts: task.parts },
    progress: (nowBytes, nowPackets) => {
      bytes = nowBytes;
      packets = nowPackets;
    },
    ...(task.networks.length === 0 ? {} : { networks: task.networks }),
  });
  await deliver(lines.take(), bytes, packets);
  return reading;
}
