import { expect, test } from 'vitest';
import { Presence, type Owner } from './presence.ts';

const hour = 3_600;
const start = 450_000 * hour;
const east: Owner = { organisation: 'east', link: 'east-link', marking: 'TLP:AMBER' };
const west: Owner = { organisation: 'west', link: null, marking: 'TLP:GREEN' };
const of = (organisation: string) => ({ organisations: [organisation] });
const range = (from: number, to: number) => ({ from: start + from * hour, to: start + to * hour });

test('a log of which nothing is known must be asked, and of what is known whole hours tell', () => {
  const presence = new Presence();
  presence.add('conn', east, [start + 10]);
  expect(presence.has('conn', 'all', range(-1, 2))).toBeUndefined();

  presence.know('dns', [{ owner: east, hours: [start / hour + 5, start / hour + 30] }]);
  expect(presence.has('dns', 'all', range(5, 6))).toBe(true);
  expect(presence.has('dns', 'all', range(-100, 100))).toBe(true);
  expect(presence.has('dns', 'all', range(6, 30))).toBe(false);
  // The record may stand in the other half of the hour.
  expect(presence.has('dns', 'all', range(5.5, 8))).toBeUndefined();
  expect(presence.has('dns', 'all', range(29, 30.5))).toBeUndefined();
});

test('what came while it watched is told to the instant', () => {
  const presence = new Presence();
  presence.know('conn', []);
  presence.add('conn', east, [start + 600, start + 1_200]);
  expect(presence.has('conn', 'all', range(0.3, 0.5))).toBe(true);
  expect(presence.has('conn', 'all', range(0.4, 0.5))).toBeUndefined();
  expect(presence.has('conn', 'all', range(1, 2))).toBe(false);
});

test('a scope knows only of what it lets through', () => {
  const presence = new Presence();
  presence.know('conn', []);
  presence.add('conn', east, [start + 1]);
  presence.add('conn', west, [start + 5 * hour]);
  expect(presence.has('conn', of('east'), range(0, 2))).toBe(true);
  expect(presence.has('conn', of('west'), range(0, 2))).toBe(false);
  expect(presence.has('conn', of('nobody'), range(0, 9))).toBe(false);
  expect(presence.has('conn', { organisations: [] }, range(0, 9))).toBe(false);
  expect(presence.has('conn', { ...of('east'), markings: ['TLP:RED'] }, range(0, 9))).toBe(false);
  expect(presence.has('conn', { ...of('west'), links: ['west-link'] }, range(0, 9))).toBe(false);
  expect(presence.has('conn', { ...of('east'), links: ['east-link'] }, range(0, 9))).toBe(true);
});

test('times before 1970 have their hours, and captures that claim any time fill no memory', () => {
  const presence = new Presence();
  presence.know('conn', []);
  presence.add('conn', east, [-1]);
  expect(presence.has('conn', 'all', { from: -hour, to: 0 })).toBe(true);
  expect(presence.has('conn', 'all', { from: -2 * hour, to: -hour })).toBe(false);
  presence.add(
    'conn',
    east,
    Array.from({ length: 20_000 }, (_unused, day) => day * 86_400),
  );
  expect(presence.has('conn', 'all', { from: 86_400, to: 2 * 86_400 })).toBe(true);
  expect(presence.has('conn', 'all', { from: 15_000 * 86_400, to: 15_001 * 86_400 })).toBeUndefined();
});
