/**
 * Carries spooled batches to the centre: one at a time and oldest first, so that each log keeps its order; again and again until
 * acknowledged, with growing pauses while the centre is away.
 *
 *     drain    until the spool is empty, for files: what the centre refuses for good stops it
 *     carry    until the signal, for what runs for months: what is refused for good is put aside and counted
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from '@forewarn/base/refusal';
import { Acknowledgement } from '@forewarn/model/batch';
import { openCentre, type Centre, type CentreOptions } from './centre.ts';
import type { Spool, SpooledBatch } from './spool.ts';

/** From half a second to half a minute: a centre that restarts is met at once, one that is down is not hammered. */
const pause = { firstMs: 500, lastMs: 30_000 };

export type Sent = { batches: number; records: number; repeated: number };

export const nothingSent = (): Sent => ({ batches: 0, records: 0, repeated: 0 });

export type SendOptions = CentreOptions & {
  spool: Spool;
  signal: AbortSignal;
  onWait?: (reason: string, seconds: number) => void;
};

/** Sends what is in the spool until it is empty. A batch that the centre refuses for good stops the sensor: nothing is dropped. */
export async function drain(options: SendOptions, sent: Sent): Promise<void> {
  const { spool, signal } = options;
  if (spool.waiting === 0) return;
  const centre = openCentre(options);
  const patience = createPatience(signal, options.onWait);
  try {
    while (!signal.aborted) {
      const next = spool.oldest();
      if (!next) return;
      const outcome = await offer(centre, next, signal);
      if (outcome.kind === 'acknowledged') {
        take(spool, next, outcome.acknowledgement, sent);
        patience.reset();
      } else if (outcome.kind === 'away') await patience.wait(outcome.reason);
      else throw outcome.refusal;
    }
  } finally {
    spool.release();
    centre.close();
  }
}

export type CarryOptions = {
  centre: Centre;
  spool: Spool;
  signal: AbortSignal;
  sent: Sent;
  onWait?: (reason: string, seconds: number) => void;
  /** Something that does not pass by itself; `undefined`: it has passed. */
  onTrouble: (trouble: 'refused' | 'set-aside' | undefined, reason: string) => void;
};

/** Sends what comes into the spool until the signal. */
export async function carry({ centre, spool, signal, sent, onWait, onTrouble }: CarryOptions): Promise<void> {
  const patience = createPatience(signal, onWait);
  while (!signal.aborted) {
    await spool.filled(signal);
    let next: SpooledBatch | undefined;
    try {
      next = spool.oldest();
    } catch (error) {
      if (!(error instanceof Refusal) || error.place?.file === undefined) throw error;
      spool.putAside(error.place.file.split('/').at(-1)!);
      onTrouble('set-aside', error.message);
      continue;
    }
    if (!next) continue;
    const outcome = await offer(centre, next, signal);
    if (outcome.kind === 'acknowledged') {
      take(spool, next, outcome.acknowledgement, sent);
      patience.reset();
      onTrouble(undefined, '');
    } else {
      if (outcome.kind === 'refused' && outcome.whose === 'batch') {
        spool.putAside(next.file);
        onTrouble('set-aside', outcome.refusal.message);
        continue;
      }
      // A token that ended, a certificate that ran out, a portal in between: somebody will mend it, and then all of it goes.
      if (outcome.kind === 'refused') onTrouble('refused', outcome.refusal.message);
      await patience.wait(outcome.kind === 'away' ? outcome.reason : outcome.refusal.message);
    }
    spool.release();
  }
}

function take(spool: Spool, batch: SpooledBatch, acknowledgement: Acknowledgement, sent: Sent): void {
  spool.remove(batch.file);
  sent.batches++;
  sent.records += acknowledgement.records;
  if (acknowledgement.repeated) sent.repeated++;
}

/**
 * Pauses that double, each somewhere between its half and its whole: a hundred sensors whose centre restarts do not come in the
 * same moment (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export function createPatience(signal: AbortSignal, onWait?: (reason: string, seconds: number) => void) {
  let nextMs = pause.firstMs;
  return {
    reset(): void {
      nextMs = pause.firstMs;
    },
    async wait(reason: string): Promise<void> {
      if (signal.aborted) return;
      const waitMs = nextMs * (0.5 + Math.random() / 2);
      onWait?.(reason, waitMs / 1000);
      nextMs = Math.min(nextMs * 2, pause.lastMs);
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    },
  };
}

type Outcome =
  | { kind: 'acknowledged'; acknowledgement: Acknowledgement }
  | { kind: 'away'; reason: string }
  /** Asked again it would be refused again: for what the batch is, or for who asks and where. */
  | { kind: 'refused'; whose: 'batch' | 'sensor'; refusal: Refusal };

/** Refusals of a batch itself: it is not JSON, not a batch, too large, or its records are not what they should be. */
const ofBatch: readonly number[] = [400, 413, 415, 422];

async function offer(centre: Centre, batch: SpooledBatch, signal: AbortSignal): Promise<Outcome> {
  const answer = await centre.post('/intake/batches', batch.bytes, signal, { encoding: 'zstd' });
  if (answer.kind === 'away') return answer;
  const { status, text } = answer;
  if (status >= 200 && status < 300) return acknowledged(batch, centre.to, text);
  // 408, 425, 429 and the 5xx pass by themselves; any other refusal will be the same tomorrow.
  if (status >= 500 || [408, 425, 429].includes(status)) return { kind: 'away', reason: `${centre.to} answered ${status}` };
  return {
    kind: 'refused',
    whose: ofBatch.includes(status) ? 'batch' : 'sensor',
    refusal: new Refusal(
      'sensor.refused',
      `The centre refused batch ${batch.id.slice(0, 16)} with ${status}: ${text.slice(0, 500)}`,
      {
        advice:
          status === 401 || status === 403
            ? "Check the token given with --token, or the certificate given with --cert: it must be a sensor's."
            : 'The batch stays in the spool; compare the versions of sensor and centre.',
      },
    ),
  };
}

/** Only the centre's own word, and about this batch, lets a batch go: a proxy's or portal's page is answered with 200 as well. */
function acknowledged(batch: SpooledBatch, to: string, text: string): Outcome {
  let cause: unknown;
  try {
    const acknowledgement = Acknowledgement.parse(JSON.parse(text));
    if (acknowledgement.batch === batch.id) return { kind: 'acknowledged', acknowledgement };
  } catch (error) {
    cause = error;
  }
  return {
    kind: 'refused',
    whose: 'sensor',
    refusal: new Refusal('sensor.answer', `${to} answered with something that acknowledges no batch.`, {
      advice: 'Check that --to is the address of the centre itself; the batch stays in the spool.',
      cause,
    }),
  };
}
