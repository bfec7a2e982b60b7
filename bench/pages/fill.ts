/** Fills a folder of records through the store's own writing path, a batch at a time; what is there already is not written again. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordTypes } from '@forewarn/model/records/index';
import { openRecords } from '@forewarn/store/clickhouse/records';
import { envelopeOf, sensors } from './estate.ts';
import { batchOf } from './flows.ts';

/** The week ends here, so that the same command fills the same records. */
export const until = 1_764_000_000;
export const days = 7;
/** With their other records a batch stays below the 20,000 that a sensor may send of one log. */
const flowsPerBatch = 10_000;

/** Resolves when `flows` flows are on the disk and ClickHouse has nothing more to merge; how far it came stands in a file beside them. */
export async function fill(dir: string, flows: number, tell: (text: string) => void): Promise<void> {
  const note = join(dir, 'filled.json');
  const done = existsSync(note) ? (JSON.parse(readFileSync(note, 'utf8')) as { flows: number; batches: number }) : undefined;
  if (done && done.flows !== flows) {
    throw new Error(`${dir} holds ${done.flows} flows; name another folder with --data, or remove this one.`);
  }
  const total = Math.ceil(flows / flowsPerBatch);
  let batches = done?.batches ?? 0;
  if (batches === total) return;
  const records = await openRecords({ dir: join(dir, 'clickhouse'), recordTypes });
  const begun = performance.now();
  const first = batches;
  try {
    // Sensors take turns, as they do: every round of batches covers the same part of the week.
    const rounds = Math.ceil(total / sensors.length);
    const span = (days * 86_400) / rounds;
    for (; batches < total; batches++) {
      const sensor = sensors[batches % sensors.length]!;
      const from = until - days * 86_400 + Math.floor(batches / sensors.length) * span;
      const many = Math.min(flowsPerBatch, flows - batches * flowsPerBatch);
      await records.insertBatch(envelopeOf(sensor), batchOf(sensor, batches + 1, { from, to: from + span }, many));
      writeFileSync(note, JSON.stringify({ flows, batches: batches + 1 }));
      if ((batches + 1) % 50 === 0 || batches + 1 === total) {
        const rate = ((batches + 1 - first) * flowsPerBatch) / ((performance.now() - begun) / 1000);
        const rest = ((total - batches - 1) * flowsPerBatch) / rate;
        tell(`${((batches + 1) * flowsPerBatch).toLocaleString('en')} flows, ${rate.toFixed(0)}/s, ${rest.toFixed(0)} s to go`);
      }
    }
  } finally {
    await records.close();
  }
}
