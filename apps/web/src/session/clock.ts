/**
 * The centre's time. A legal clock must not depend on whether the reader's computer is set right, so the difference
 * is learnt from the `Date` header: each answer bounds it to an interval, and intervals are intersected.
 */

import { useSyncExternalStore } from 'react';

let least = -Infinity;
let most = Infinity;

/** The header has whole seconds, so the true time of answering lies in [date, date + 1 s). */
export function noteServerDate(header: string | null, sentAt: number, receivedAt: number): void {
  const date = header === null ? Number.NaN : Date.parse(header);
  if (Number.isNaN(date)) return;
  const low = date - receivedAt;
  const high = date + 1000 - sentAt;
  // One of the two computers was set anew: begin again from this answer.
  if (low > most || high < least) {
    least = low;
    most = high;
  } else {
    least = Math.max(least, low);
    most = Math.min(most, high);
  }
}

/** How far the centre's clock is ahead of ours, in milliseconds. */
export function serverOffsetMs(): number {
  return Number.isFinite(least) && Number.isFinite(most) ? (least + most) / 2 : 0;
}

/** Milliseconds since 1970 by the centre's clock. */
export function serverNow(): number {
  return Date.now() + serverOffsetMs();
}

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let second = Math.floor(Date.now() / 1000);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    second = Math.floor(serverNow() / 1000);
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && timer !== undefined) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The centre's time in whole seconds, ticking; one timer serves every countdown on the page. */
export function useSecond(): number {
  return useSyncExternalStore(subscribe, () => second);
}
