import { expect, test } from 'vitest';
import { createCostMeter } from './cost.ts';

test('of every so many records one is timed, and a rule costs what it took divided by the records of its logs', () => {
  let now = 0;
  const meter = createCostMeter(() => now, 4);
  let timed = 0;
  for (let i = 0; i < 40; i++) {
    const log = i % 8 === 3 ? 'dns' : 'conn';
    if (!meter.due(log)) continue;
    timed++;
    if (log === 'dns') meter.time('r', () => void (now += 0.003));
  }
  expect(timed).toBe(10);
  expect(meter.microsOf('r', ['dns'])!.samples).toBe(5);
  expect(meter.microsOf('r', ['dns'])!.micros).toBeCloseTo(3);
  expect(meter.microsOf('r', ['*'])!.micros).toBeCloseTo(1.5);
  expect(meter.microsOf('other', ['conn'])).toMatchObject({ micros: 0 });
  expect(meter.microsOf('r', ['http'])).toBe(undefined);
});
