import { expect, test } from 'vitest';
import { windowCases } from '@forewarn/model/query/window-cases';
import { createWindowRunner } from './window.ts';

test.each(windowCases.map((one) => [one.name, one] as const))('%s', (_name, { window, records, holds, early = [] }) => {
  const told = new Map<string, number>();
  const runner = createWindowRunner(window, {
    lateness: 600,
    tell: ({ group, to, number }) => void told.set(JSON.stringify([group.map(String), to]), number),
  });
  let newest = -Infinity;
  for (const { log, record } of records) {
    runner.push(log, record);
    newest = Math.max(newest, Number(record['ts']));
    runner.advance(newest);
  }
  runner.end();
  const wanted = [...holds, ...early];
  expect([...told.keys()].sort()).toEqual(wanted.map(({ group, at }) => JSON.stringify([group, at])).sort());
  const numbers = holds.filter(({ number }) => number !== undefined);
  expect(numbers.map(({ group, at }) => told.get(JSON.stringify([group, at])))).toEqual(numbers.map(({ number }) => number));
  expect(runner.evictions()).toBe(0);
});
