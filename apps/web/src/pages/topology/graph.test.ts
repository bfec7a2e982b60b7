/** The topology as a drawing: folding, levels, the map, and where the arrow keys go. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import type { TopologyView } from '@forewarn/model/topology-api';
import { firstFold, layered, mapped, pictureOf, towards } from './graph.ts';
import { ringsOf, type LandTopology } from './land.ts';

const name = (id: string) => ({ en: id, zh: id });
const link = (id: string, from: string, to: string, tier: 'user' | 'data-centre' | 'backbone' = 'user'): TopologyView['links'][number] => ({ id, organisation: 'a', name: name(id), tier, role: 'primary', capacityMbps: 1, from, to, weight: 0.5 }); // oxfmt-ignore
const node = (id: string, network: string, organisation: string, at?: [number, number]): TopologyView['nodes'][number] => ({ id, organisation, network, name: name(id), kind: 'router', ...(at ? { latitude: at[0], longitude: at[1] } : {}) }); // oxfmt-ignore

const view: TopologyView = {
  organisations: [
    { id: 'carrier', name: name('carrier'), region: 'north' },
    { id: 'office', name: name('office'), region: 'south' },
  ],
  networks: [
    { id: 'core', organisation: 'carrier', name: name('core'), type: 'telecom' },
    { id: 'lan', organisation: 'office', name: name('lan'), type: 'computer' },
  ],
  nodes: [node('c1', 'core', 'carrier', [20, 160]), node('c2', 'core', 'carrier', [22, 162])],
  links: [link('ring', 'c1', 'c2', 'backbone'), link('line', 'lan', 'c1'), link('away', 'lan', 'somebody')],
  elsewhere: ['somebody'],
  left: { networks: 0, nodes: 0, links: 0 },
};

describe('folding', () => {
  test('places: nodes, networks that a link ends in, and what is elsewhere; levels by the highest tier', () => {
    const { vertices, edges } = pictureOf(view, 'places', new Set());
    expect(vertices.map(({ id, form, level }) => [id, form, level])).toEqual([
      ['c1', 'place', 0],
      ['c2', 'place', 0],
      ['lan', 'place', 2],
      ['somebody', 'elsewhere', 2],
    ]);
    expect(edges).toHaveLength(3);
  });

  test('by organisation: links inside are counted, a group opens to its places, and the map has its middle', () => {
    const folded = pictureOf(view, 'organisations', new Set());
    expect(folded.vertices.map(({ id, count }) => [id, count])).toEqual([
      ['organisations:carrier', 2],
      ['organisations:office', 1],
      ['somebody', 1],
    ]);
    expect(folded.inner.get('organisations:carrier')).toBe(1);
    expect(folded.vertices[0]!.at).toEqual({ latitude: 21, longitude: 161 });
    const opened = pictureOf(view, 'organisations', new Set(['organisations:carrier']));
    expect(opened.vertices.map(({ id }) => id)).toEqual(['c1', 'c2', 'organisations:office', 'somebody']);
  });

  test('2,000 places and 10,000 links are folded at first, and stand apart when they are not', () => {
    const nodes = Array.from({ length: 2_000 }, (_, i) => node(`n${i}`, `w${i % 400}`, `o${i % 100}`));
    const large: TopologyView = {
      ...view,
      organisations: Array.from({ length: 100 }, (_, i) => ({ id: `o${i}`, name: name(`o${i}`), region: 'r' })),
      networks: Array.from({ length: 400 }, (_, i) => ({
        id: `w${i}`,
        organisation: `o${i % 100}`,
        name: name(`w${i}`),
        type: 'telecom',
      })),
      nodes,
      links: Array.from({ length: 10_000 }, (_, i) =>
        link(`l${i}`, `n${(i * 7) % 2_000}`, `n${(i * 13 + 1) % 2_000}`, i % 50 === 0 ? 'backbone' : 'user'),
      ),
      elsewhere: [],
    };
    expect(firstFold(view)).toBe('places');
    expect(firstFold(large)).toBe('regions');
    expect(firstFold({ ...large, organisations: large.organisations.slice(0, 50) })).toBe('organisations');
    const picture = pictureOf(large, 'places', new Set());
    const points = layered(picture);
    expect(new Set(points.map(({ x, y }) => `${Math.round(x)} ${Math.round(y)}`)).size).toBe(2_000);
    // The core above the users.
    const heights = (level: number) => points.flatMap(({ y }, i) => (picture.vertices[i]!.level === level ? [y] : []));
    expect(Math.max(...heights(0))).toBeLessThan(Math.min(...heights(2)));
  });
});

describe('the map', () => {
  test('north is up, and a degree of longitude is as wide as it is at the middle latitude', () => {
    const { points, middle } = mapped(pictureOf(view, 'places', new Set()).vertices);
    expect(middle).toBe(21);
    expect(points[1]!.y).toBeLessThan(points[0]!.y);
    expect((points[1]!.x - points[0]!.x) / (points[0]!.y - points[1]!.y)).toBeCloseTo(Math.cos((21 * Math.PI) / 180));
    expect(points[2]).toBeNull();
  });

  test('rings of the world’s land are closed and lie on the globe', () => {
    const file = createRequire(import.meta.url).resolve('world-atlas/land-50m.json');
    const rings = ringsOf(JSON.parse(readFileSync(file, 'utf8')) as LandTopology);
    expect(rings.length).toBeGreaterThan(1_000);
    for (const ring of rings) expect(ring.at(-1)).toEqual([expect.closeTo(ring[0]![0]), expect.closeTo(ring[0]![1])]);
    expect(rings.flat().filter(([x, y]) => !(Math.abs(x) <= 180.001 && Math.abs(y) <= 90.001))).toEqual([]);
  });
});

test('arrow keys go to the nearest in their direction, and first of all to any', () => {
  const points = [{ x: 0, y: 0 }, { x: 10, y: 1 }, { x: 5, y: 40 }, null]; // oxfmt-ignore
  expect(towards(points, 0, 1, 0)).toBe(1);
  expect(towards(points, 0, 0, 1)).toBe(2);
  expect(towards(points, 0, -1, 0)).toBeUndefined();
  expect(towards([null, ...points], -1, 1, 0)).toBe(1);
});
