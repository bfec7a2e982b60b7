import type { PacketLayer } from '@forewarn/model/packet';
import { expect, test } from 'vitest';
import { markedAt, rangeOf, sameIn } from './selection.ts';

const field = (name: string, start: number, end: number) => ({ name, value: '', start, end });
const layer = (name: string, start: number, end: number, fields: PacketLayer['fields']): PacketLayer => ({
  name,
  line: '',
  start,
  end,
  fields,
});
const layers = [
  layer('frame', 0, 60, [field('frame.len', 0, 60)]),
  layer('eth', 0, 14, [field('eth.dst', 0, 6), field('eth.src', 6, 12), field('eth.type', 12, 14)]),
  layer('ip', 14, 34, [field('ip.flags', 20, 21), field('ip.frag_offset', 20, 22)]),
];

test('a byte belongs to the narrowest field, and to its layer where no field holds it', () => {
  expect(markedAt(layers, 7)).toEqual({ layer: 1, field: 1 });
  expect(markedAt(layers, 20)).toEqual({ layer: 2, field: 0 });
  expect(markedAt(layers, 21)).toEqual({ layer: 2, field: 1 });
  expect(markedAt(layers, 30)).toEqual({ layer: 2, field: undefined });
  expect(markedAt(layers, 59)).toBeNull();
});

test('what is marked has a place', () => {
  expect(rangeOf(layers, { layer: 2, field: 1 })).toEqual({ start: 20, end: 22 });
  expect(rangeOf(layers, { layer: 2, field: undefined })).toEqual({ start: 14, end: 34 });
  expect(rangeOf(layers, null)).toBeNull();
});

test('the mark goes with the reader to the next packet', () => {
  const next = [layers[0]!, layers[1]!, layer('vlan', 14, 18, []), layer('ip', 18, 38, [field('ip.frag_offset', 24, 26)])];
  expect(sameIn(next, layers, { layer: 2, field: 1 })).toEqual({ layer: 3, field: 0 });
  expect(sameIn(next, layers, { layer: 2, field: 0 })).toEqual({ layer: 3, field: undefined });
  expect(sameIn(layers.slice(0, 2), layers, { layer: 2, field: 0 })).toBeNull();
});
