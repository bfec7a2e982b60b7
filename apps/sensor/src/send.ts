/** Carries spooled batches to the centre: oldest first, until acknowledged, with growing pauses while the centre is away. */

import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Refusal } from '@forewarn/base/refusal';
import { Acknowledgement } from '@forewarn/model/batch';
import type { Spool } from './spool.ts';

/** From half a second to half a minute: a centre that restarts is met at once, one that is down is not hammered. */
const pause = { firstMs: 500, lastMs: 30_000 };

/** A request that takes longer was lost: an acknowledgement takes milliseconds. */
const requestTimeoutMs = 60_000;

export type Sent = { batches: number; records: number; repeated: number };

export type SendOptions = {
  /** The centre's address, such as `https://centre.example:4180`. */
  to: string;
  token: string;
  spool: Spool;
  signal: AbortSignal;
  onWait?: (reason: string, seconds: number) => void;
};

/** Sends what is in the spool until it is empty. A batch that the centre refuses for good stops the sensor: nothing is dropped. */
export async function drain(options: SendOptions, sent: Sent): Promise<void> {
  let waitMs = pause.firstMs;
  for (;;) {
    if (options.signal.aborted) return;
    const next = options.spool.oldest();
    if (!next) return;
    const answer = await post(options, next.batch);
    if (answer.kind === 'acknowledged') {
      options.spool.remove(next.file);
      sent.batches++;
      sent.records += answer.acknowledgement.records;
      if (answer.acknowledgement.repeated) sent.repeated++;
      waitMs = pause.firstMs;
    } else {
      options.onWait?.(answer.reason, waitMs / 1000);
      await sleep(waitMs, undefined, { signal: options.signal }).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, pause.lastMs);
    }
  }
}

type Answer = { kind: 'acknowledged'; acknowledgement: Acknowledgement } | { kind: 'away'; reason: string };

async function post(options: SendOptions, batch: { id: string }): Promise<Answer> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(new URL('/api/v1/intake/batches', options.to), {
      method: 'POST',
      headers: { authorization: `Bearer ${options.token}`, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify(batch), { level: 1 }),
      // A redirect would turn the batch into a question for a page.
      redirect: 'manual',
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(requestTimeoutMs)]),
    });
    text = await response.text();
  } catch (error) {
    const cause = (error as Error).cause as { code?: string; message?: string } | undefined;
    return {
      kind: 'away',
      reason: `${options.to} does not answer (${cause?.code ?? cause?.message ?? (error as Error).message})`,
    };
  }
  if (response.ok) return { kind: 'acknowledged', acknowledgement: acknowledgementOf(batch, options.to, text) };
  // 408, 425, 429 and the 5xx pass by themselves; any other refusal will be the same tomorrow.
  if (response.status >= 500 || [408, 425, 429].includes(response.status)) {
    return { kind: 'away', reason: `${options.to} answered ${response.status}` };
  }
  throw new Refusal(
    'sensor.refused',
    `The centre refused batch ${batch.id.slice(0, 16)} with ${response.status}: ${text.slice(0, 500)}`,
    {
      advice:
        response.status === 401 || response.status === 403
          ? "Check the token given with --token: it must be a sensor's."
          : 'The batch stays in the spool; compare the versions of sensor and centre.',
    },
  );
}

/** Only the centre's own word, and about this batch, lets a batch go: a proxy's or portal's page is answered with 200 as well. */
function acknowledgementOf(batch: { id: string }, to: string, text: string): Acknowledgement {
  let cause: unknown;
  try {
    const acknowledgement = Acknowledgement.parse(JSON.parse(text));
    if (acknowledgement.batch === batch.id) return acknowledgement;
  } catch (error) {
    cause = error;
  }
  throw new Refusal('sensor.answer', `${to} answered with something that acknowledges no batch.`, {
    advice: 'Check that --to is the address of the centre itself; the batch stays in the spool.',
    cause,
  });
}
