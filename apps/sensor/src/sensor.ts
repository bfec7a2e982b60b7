/**
 * Sending captures that are named: each is read, its records gathered into batches, batches spooled on disk and sent until the centre
 * has acknowledged them. What a crash left in the spool goes out first. What runs for months stands in `run.ts`.
 */

import { basename } from 'node:path';
import { Refusal } from '@forewarn/base/refusal';
import { defaultSensorSettings } from '@forewarn/model/sensor';
import type { Reading } from '@forewarn/sense/read';
import { originOf, type Chunks } from './origin.ts';
import { openReading } from './reading.ts';
import { drain, type SendOptions, type Sent } from './send.ts';

/** While reading, batches leave whenever so many wait: the spool then stays small as long as the centre answers. */
const waitingMax = 8;

/** As long as a batch's source may be. */
export const sourceMax = 300;

export type SensorFile = { name: string; chunks: Chunks };

/**
 * Reads one capture and sends its records; returns what was read. `sent` counts what was acknowledged. Refusals: `sensor.stopped` when
 * the signal came before the end, and those of reading, spooling and sending. In each case the same file may be sent again: its
 * batches are the same.
 */
export async function sendCapture(
  file: SensorFile,
  options: SendOptions & { networks?: readonly string[]; progress?: (bytes: number, packets: number) => void },
  sent: Sent,
): Promise<Reading> {
  await drain(options, sent);
  const { origin, chunks } = await originOf(file.chunks);
  const held = (): void => {
    // Ending the reading here would cut its last flows short, and their records would be others than at the next reading.
    if (options.signal.aborted) {
      throw new Refusal('sensor.stopped', 'The sensor was stopped before the file was sent.', {
        place: { file: file.name },
        advice: 'Start it again with the same file: the centre drops what it has already.',
      });
    }
  };
  const reading = await openReading({
    chunks,
    origin,
    source: basename(file.name).slice(0, sourceMax),
    file: file.name,
    settings: defaultSensorSettings,
    deliver: (batch) => options.spool.add(batch),
    networks: options.networks,
    progress: options.progress,
    async paced() {
      if (options.spool.waiting >= waitingMax) await drain(options, sent);
      held();
    },
  }).done;
  await drain(options, sent);
  held();
  return reading;
}
