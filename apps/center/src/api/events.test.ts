/** A stream of changes ends with the right to read it. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate } from '../testing/estate.ts';

let trial: Trial;
beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
});
afterAll(() => trial.end());

test('who has signed out hears no more after the next heartbeat', async () => {
  const headers = await trial.headersOf(person('hospital', 'liaison-officer'));
  const intervals = vi.spyOn(globalThis, 'setInterval');
  const response = await trial.app.request('/api/v1/events', { headers });
  const beat = intervals.mock.calls.find(([, ms]) => ms === 20_000)?.[0] as () => void;
  intervals.mockRestore();
  const reader = response.body!.getReader();
  const next = async (): Promise<string | undefined> => {
    const { done, value } = await reader.read();
    return done ? undefined : new TextDecoder().decode(value);
  };
  expect(await next()).toContain('retry');
  beat();
  expect(await next()).toBe(':\n\n');
  await trial.app.request('/api/v1/sessions/current', { method: 'DELETE', headers });
  beat();
  expect(await next()).toBe(':\n\n');
  expect(await next()).toBe(undefined);
  expect(trial.center.changes.readers).toBe(0);
});

test('a reader that has gone while changes were on their way harms nobody: writing to its closed stream used to throw', async () => {
  const headers = await trial.headersOf(person('hospital', 'analyst'));
  const { changes } = trial.center;
  const read = vi.spyOn(changes, 'read');
  const response = await trial.app.request('/api/v1/events', { headers });
  const tell = read.mock.calls[0]![2];
  read.mockRestore();
  const change = { id: '019a0000-0000-7000-8000-000000000000', kind: 'incident' as const, subject: 'i', at: 1 };
  // Nobody reads: far behind, it is cut off in the middle of these, and more are handed over afterwards.
  expect(() => tell(Array.from({ length: 2_000 }, () => change))).not.toThrow();
  expect(() => tell([change])).not.toThrow();
  expect(changes.readers).toBe(0);
  await response.body!.cancel();
  expect(() => tell([change])).not.toThrow();
});
