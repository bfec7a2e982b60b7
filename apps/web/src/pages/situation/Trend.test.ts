import { expect, it } from 'vitest';
import { held } from './Trend.tsx';

const point = (at: string, floor: number) => ({ at, floor, ceiling: floor, seen: 1, components: [] });

it('holds a value until the next reading that differs, and has none before the first', () => {
  const fromMs = Date.parse('2026-11-22T00:00:00Z');
  const points = [point('2026-11-22T00:30:00Z', 10), point('2026-11-22T02:10:00Z', 20)];
  const values = held(points, { fromMs, toMs: fromMs + 4 * 3_600_000, buckets: 4 });
  expect(values.map((value) => value?.floor ?? null)).toEqual([10, 10, 20, 20]);
  expect(held([], { fromMs, toMs: fromMs + 1, buckets: 1 })).toEqual([null]);
  expect(held(points.slice(1), { fromMs, toMs: fromMs + 4 * 3_600_000, buckets: 4 })[0]).toBeNull();
});
