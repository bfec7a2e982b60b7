/**
 * Records gathered into batches. A batch's id is made from its content and origin, and its borders from the records alone
 * (count and record time, never the time of day), so that reading the same capture again gives the same batches and
 * every hop may drop the repeats.
 */

import { createHash } from 'node:crypto';
import type { Seconds } from '@forewarn/base/time';
import type { Batch } from '@forewarn/model/batch';
import type { AnyRecord } from '@forewarn/model/records/record';

export type Batcher = {
  /** Takes a record; hands over a batch whenever one is full. */
  record(log: string, record: AnyRecord): void;
  /** Record time has come to `ts`: hands over what is older than the span, so that live traffic does not wait for a full batch. */
  advance(ts: Seconds): void;
  /** Hands over what is left. */
  end(): void;
};

export type BatchLimits = {
  /** Records a batch: 2,000 conn records are about 1 MB of JSON, which one request carries in a moment. */
  recordsMax: number;
  /** Seconds of record time a batch may span before it leaves. */
  spanSeconds: number;
};

export const batchLimits: BatchLimits = { recordsMax: 2_000, spanSeconds: 1 };

/**
 * Makes a batcher.
 *
 * @param origin names the reading – a capture's digest, an interface's run – so that equal records of different readings
 *   stay different batches
 */
export function createBatcher(options: {
  origin: string;
  source: string;
  deliver: (batch: Batch) => void;
  limits?: BatchLimits;
}): Batcher {
  const limits = options.limits ?? batchLimits;
  let logs: { [log: string]: AnyRecord[] } = {};
  let count = 0;
  let startedAt: Seconds | undefined;
  let sequence = 0;

  function flush(): void {
    if (count === 0) return;
    // Without the source: a capture that was renamed is still the same reading.
    const id = createHash('sha256')
      .update(JSON.stringify([options.origin, sequence++, logs]))
      .digest('hex');
    options.deliver({ id, source: options.source, logs: logs as Batch['logs'] });
    logs = {};
    count = 0;
    startedAt = undefined;
  }

  return {
    record(log, record) {
      (logs[log] ??= []).push(record);
      count++;
      if (count >= limits.recordsMax) flush();
    },
    advance(ts) {
      if (count === 0) return;
      startedAt ??= ts;
      if (ts - startedAt >= limits.spanSeconds) flush();
    },
    end: flush,
  };
}
