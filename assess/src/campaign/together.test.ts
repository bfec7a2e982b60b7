import { describe, expect, test } from 'vitest';
import { FactDefinition, type FactCatalogue, type Facts, type FactValue } from '@forewarn/model/facts';
import { takeTogether } from './together.ts';

const text = { en: 't', zh: '文' };
const common = { name: text, means: text, knownFrom: ['person'] };
const catalogue: FactCatalogue = new Map(
  [
    { ...common, id: 'loss', kind: 'quantity', unit: 'CNY', stepsPerUnit: 1 },
    { ...common, id: 'people', kind: 'quantity', unit: 'persons', stepsPerUnit: 1 },
    { ...common, id: 'share', kind: 'quantity', unit: 'share', stepsPerUnit: 100, max: 1 },
    { ...common, id: 'outage', kind: 'quantity', unit: 'hours', stepsPerUnit: 60 },
    { ...common, id: 'reach', kind: 'term', terms: ['no', 'some', 'wide'].map((id) => ({ id, name: text })) },
    { ...common, id: 'crime', kind: 'boolean' },
    { ...common, id: 'began', kind: 'instant' },
    { ...common, id: 'kinds', kind: 'set', members: ['a', 'b', 'c'].map((id) => ({ id, name: text })) },
  ].map((one) => [one.id, FactDefinition.parse(one)]),
);
const together = {
  families: { money: 'sum', people: 'overlap', share: 'overlap', time: 'greatest' },
  source: 's',
  confidence: 'U',
} as const;
const facts = (values: { [id: string]: FactValue }): Facts =>
  Object.fromEntries(Object.entries(values).map(([id, value]) => [id, { id, value }]));
const joined = (id: string, ...values: FactValue[]): FactValue | undefined =>
  takeTogether(
    values.map((value) => facts({ [id]: value })),
    catalogue,
    together,
    'campaign',
  ).facts[id]?.value;
const exactly = (value: number): FactValue => ({ kind: 'quantity', value });
const unknown: FactValue = { kind: 'unknown' };

describe('facts of many incidents', () => {
  test('money adds up', () => {
    expect(joined('loss', exactly(10), exactly(5), { kind: 'interval', min: 1, max: 3 })).toEqual({
      kind: 'interval',
      min: 16,
      max: 18,
    });
  });

  test('the same people may be hit twice: at least the greatest, at most the sum', () => {
    expect(joined('people', exactly(10), exactly(5))).toEqual({ kind: 'interval', min: 10, max: 15 });
    expect(joined('share', exactly(0.8), exactly(0.5))).toEqual({ kind: 'interval', min: 0.8, max: 1 });
  });

  test('of outages the longest counts', () => {
    expect(joined('outage', exactly(2), exactly(5))).toEqual(exactly(5));
  });

  test('the gravest term, any truth, the earliest instant, all members', () => {
    expect(joined('reach', { kind: 'term', term: 'some' }, { kind: 'terms', min: 'no', max: 'wide' })).toEqual({
      kind: 'terms',
      min: 'some',
      max: 'wide',
    });
    expect(joined('crime', { kind: 'boolean', value: false }, { kind: 'boolean', value: true })).toEqual({
      kind: 'boolean',
      value: true,
    });
    expect(joined('began', exactly(20), { kind: 'interval', min: 5, max: 30 })).toEqual({ kind: 'interval', min: 5, max: 20 });
    expect(joined('kinds', { kind: 'set', members: ['b'] }, { kind: 'set', members: ['a', 'b'] })).toEqual({
      kind: 'set',
      members: ['a', 'b'],
    });
  });

  test('what an incident does not tell stays open', () => {
    expect(joined('loss', exactly(10), unknown)).toEqual({ kind: 'interval', min: 10, max: null });
    expect(joined('reach', { kind: 'term', term: 'some' }, unknown)).toEqual({ kind: 'terms', min: 'some', max: 'wide' });
    expect(joined('crime', { kind: 'boolean', value: false }, unknown)).toBeUndefined();
    expect(joined('began', exactly(20), unknown)).toBeUndefined();
  });

  test('the order never matters, and who is silent is counted', () => {
    const one = facts({ loss: exactly(1), people: exactly(7), reach: { kind: 'term', term: 'wide' } });
    const two = facts({ loss: exactly(2), crime: { kind: 'boolean', value: true } });
    const there = takeTogether([one, two], catalogue, together, 'campaign');
    expect(takeTogether([two, one], catalogue, together, 'campaign')).toEqual(there);
    expect(there.made.find(({ fact }) => fact === 'people')).toEqual({ fact: 'people', rule: 'overlap', stated: 1, silent: 1 });
  });
});
