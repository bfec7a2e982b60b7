/** Where sensors bring their batches. The answer means: on the disk, and dropped when it came before. */

import { Acknowledgement, Batch } from '@forewarn/model/batch';
import { denied } from '../refusals.ts';
import { route } from './route.ts';

/** Twenty thousand records of half a kilobyte, with room for long ones; the same after unpacking. */
export const batchBytesMax = 32 * 1024 * 1024;

export const intakeBatch = route({
  method: 'post',
  path: '/intake/batches',
  access: 'intake:write',
  summary: 'Takes a batch of records from a sensor; gzip and zstd are read.',
  bodyBytesMax: batchBytesMax,
  body: Batch,
  answer: Acknowledgement,
  async handle({ center, principal, body }) {
    if (principal.sensor === null) throw denied('Only a sensor’s token brings batches.');
    const acknowledgement = await center.pipeline.accept({ sensor: principal.sensor, principal }, body);
    if (acknowledgement.repeated) center.meters.count('repeated_batches');
    else {
      center.meters.count('batches');
      center.meters.count('records', acknowledgement.records);
    }
    return acknowledgement;
  },
});
