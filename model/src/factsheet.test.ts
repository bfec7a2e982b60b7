import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describe as sentence } from '@forewarn/base/refusal';
import type { FactDefinition } from './facts.ts';
import { factSheetSchema, readFacts, readFactSheet } from './factsheet.ts';

const text = { en: 'x', zh: 'x' };
const definitions: FactDefinition[] = [
  {
    id: 'outage_hours',
    kind: 'quantity',
    unit: 'hours',
    stepsPerUnit: 60,
    name: text,
    means: text,
    knownFrom: ['traffic'],
    aliases: ['downtime_hours'],
  },
  {
    id: 'population_share',
    kind: 'quantity',
    unit: 'share',
    stepsPerUnit: 10_000,
    max: 1,
    name: text,
    means: text,
    knownFrom: ['estate'],
  },
  {
    id: 'persons',
    kind: 'quantity',
    unit: 'persons',
    stepsPerUnit: 1,
    whole: true,
    name: text,
    means: text,
    knownFrom: ['person'],
  },
  {
    id: 'loss',
    kind: 'term',
    terms: ['none', 'minor', 'severe'].map((id) => ({ id, name: text })),
    name: text,
    means: text,
    knownFrom: ['person'],
  },
  { id: 'crime', kind: 'boolean', name: text, means: text, knownFrom: ['person'] },
  { id: 'lost_at', kind: 'instant', name: text, means: text, knownFrom: ['person'] },
  {
    id: 'kinds',
    kind: 'set',
    members: ['BI', 'WI'].map((id) => ({ id, name: text })),
    name: text,
    means: text,
    knownFrom: ['person'],
  },
];
const catalogue = new Map(definitions.map((definition) => [definition.id, definition]));
const valueOf = (facts: object): unknown => {
  const read = readFacts(facts, catalogue);
  return read.ok ? Object.values(read.value)[0]!.value : read.refusals.map(sentence);
};
const complaints = (sheet: string): string[] => {
  const read = readFactSheet(sheet, catalogue, 'F.json');
  return read.ok ? [] : read.refusals.map(sentence);
};

describe('a fact', () => {
  it.each([
    [{ outage_hours: 6 }, { kind: 'quantity', value: 6 }],
    [{ outage_hours: { value: 90, unit: 'minutes' } }, { kind: 'quantity', value: 1.5 }],
    [{ outage_hours: { value: 2, unit: 'days' } }, { kind: 'quantity', value: 48 }],
    [{ downtime_hours: 6 }, { kind: 'quantity', value: 6 }],
    [{ outage_hours: { min: 30, max: 90, unit: 'minutes' } }, { kind: 'interval', min: 0.5, max: 1.5 }],
    [{ outage_hours: { min: 2 } }, { kind: 'interval', min: 2, max: null }],
    [{ outage_hours: { max: 2 } }, { kind: 'interval', min: 0, max: 2 }],
    [{ outage_hours: null }, { kind: 'unknown' }],
    [{ outage_hours: { value: 'unknown', source: 'log lost' } }, { kind: 'unknown' }],
    [{ population_share: { value: 50, unit: 'percent' } }, { kind: 'quantity', value: 0.5 }],
    [{ loss: 'minor' }, { kind: 'term', term: 'minor' }],
    [{ loss: { min: 'minor' } }, { kind: 'terms', min: 'minor', max: 'severe' }],
    [{ crime: false }, { kind: 'boolean', value: false }],
    [{ lost_at: '2026-11-22T08:00:00+08:00' }, { kind: 'quantity', value: 1_795_305_600 }],
    [
      { lost_at: { min: '2026-11-22T00:00:00Z', max: '2026-11-22T00:00:01Z' } },
      { kind: 'interval', min: 1_795_305_600, max: 1_795_305_601 },
    ],
    [{ kinds: ['WI', 'BI', 'WI'] }, { kind: 'set', members: ['WI', 'BI'] }],
  ])('%j is %j', (stated, expected) => {
    expect(valueOf(stated)).toEqual(expected);
  });

  it('keeps who said it, where and when', () => {
    const read = readFacts({ persons: { value: 3, source: 'ticket 9', by: 'li', at: '2026-11-22T00:00:00Z' } }, catalogue);
    expect(read).toMatchObject({ ok: true, value: { persons: { source: 'ticket 9', by: 'li', at: 1_795_305_600 } } });
  });

  it.each([
    [{ outage_hour: 6 }, /facts\.outage_hour: There is no fact "outage_hour"\. Did you mean "outage_hours"\?/],
    [{ outage_hours: -1 }, /cannot be less than 0; it is -1/],
    [{ outage_hours: '6 hours' }, /is a number in hours, not "6 hours"/],
    [
      { outage_hours: { value: 6, unit: 'persons' } },
      /facts\.outage_hours\.unit: "persons" is no unit.*seconds, minutes, hours, days are converted/,
    ],
    [{ outage_hours: { min: 5, max: 4 } }, /min 5 is greater than max 4/],
    [{ outage_hours: {} }, /has no value/],
    [{ outage_hours: { value: 1, sourse: 'x' } }, /no field "sourse"/],
    [{ outage_hours: [1] }, /not \[1\]/],
    [{ outage_hours: 1, downtime_hours: 2 }, /another name of "outage_hours", which is stated already/],
    [{ population_share: 50 }, /cannot be more than 1 share; it is 50.*percent/],
    [{ persons: 1.5 }, /whole number of persons/],
    [{ loss: 'sever' }, /Did you mean "severe"\?.*none < minor < severe/],
    [{ loss: { min: 'severe', max: 'minor' } }, /"severe" is more serious than "minor"/],
    [{ crime: 'yes' }, /is true, false or "unknown"/],
    [{ crime: { min: false } }, /has no interval/],
    [{ lost_at: '2026-11-22 08:00' }, /is not an instant.*offset/],
    [{ kinds: ['BI', 'XI'] }, /Its members are BI, WI/],
    [{ __proto__: null, toString: 1 }, /There is no fact "toString"/],
  ])('%j is refused', (stated, expected) => {
    expect(String(valueOf(stated))).toMatch(expected);
  });
});

describe('a fact sheet', () => {
  it('reads facts, events in order of time, and reporters', () => {
    const read = readFactSheet(
      `{ "facts": { "persons": 3 }, "reporter": "network-operator",
         "events": [ { "event": "reported", "at": "2026-11-22T09:00:00Z", "to": "provincial-cac" },
                     { "event": "found", "at": "2026-11-22T08:00:00Z" },
                     { "event": "graded", "at": "2026-11-22T08:30:00Z", "level": "III" } ] }`,
      catalogue,
    );
    expect(read).toMatchObject({
      ok: true,
      value: {
        reporters: ['network-operator'],
        events: [{ event: 'found' }, { event: 'graded', level: 3 }, { event: 'reported', to: ['provincial-cac'] }],
      },
    });
  });

  it('takes a bare object of facts, and YAML', () => {
    expect(readFactSheet('{"persons": 3}', catalogue)).toMatchObject({
      ok: true,
      value: { facts: { persons: { value: { value: 3 } } } },
    });
    expect(readFactSheet('facts:\n  persons: 3\n', catalogue)).toMatchObject({
      ok: true,
      value: { facts: { persons: { value: { value: 3 } } } },
    });
  });

  it.each([
    ['[]', 'F.json:1:1: A fact sheet is an object'],
    ['{"fact": {}}', 'F.json:1:2 fact: A fact sheet has no field "fact". Did you mean "facts"?'],
    ['{"facts": {\n  "persons": "many"\n}}', 'F.json:2:3 facts.persons: "persons" is a number'],
    [
      '{"events": [{"event": "fuond", "at": "2026-11-22T08:00:00Z"}]}',
      'events[0].event: "fuond" is no event. Did you mean "found"?',
    ],
    ['{"events": [{"event": "found"}]}', 'events[0].at: undefined is not an instant.'],
    ['{"events": [{"event": "found", "at": "2026-11-22T08:00:00"}]}', 'is not an instant'],
    ['{"events": [{"event": "graded", "at": "2026-11-22T08:00:00Z"}]}', 'A "graded" event says which level was found.'],
    ['{"events": [{"event": "graded", "at": "2026-11-22T08:00:00Z", "level": "XL"}]}', 'events[0].level'],
    ['{"facts": {"persons": 1, "persons": 2}}', 'unique'],
    ['{"facts": ', 'F.json:1:'],
  ])('%s is refused: %s', (sheet, expected) => {
    expect(complaints(sheet).join('\n')).toContain(expected);
  });

  it('has a JSON Schema that names every fact and alias', () => {
    const schema = factSheetSchema(catalogue) as any;
    expect(Object.keys(schema.properties.facts.properties)).toEqual(
      [...catalogue.keys()].flatMap((id) => (id === 'outage_hours' ? [id, 'downtime_hours'] : [id])),
    );
    expect(schema.properties.facts.properties.population_share.anyOf[0]).toEqual({ type: 'number', minimum: 0, maximum: 1 });
  });
});

describe('hostile sheets', () => {
  const good =
    '{ "facts": { "persons": {"min": 1, "max": 3, "unit": "persons"}, "loss": "minor" }, "reporter": "x", "events": [ { "event": "found", "at": "2026-11-22T08:00:00Z" } ] }';

  it('are answered with refusals, whatever is changed in them', () => {
    // Characters that mean something to YAML, JSON or our own reader.
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '&a',
      '*a',
      '!!',
      '|',
      '\n',
      '\t',
      '-',
      'null',
      '1e999',
      '-0',
      '__proto__',
      '\u0000',
      '%',
      '@',
      '? ',
      '<<: ',
    );
    const change = fc.record({ at: fc.nat(good.length), cut: fc.nat(6), piece });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const mutated = changes.reduce(
          (sheet, { at, cut, piece: put }) => sheet.slice(0, at) + put + sheet.slice(at + cut),
          good,
        );
        const read = readFactSheet(mutated, catalogue);
        expect(read.ok ? Object.keys(read.value.facts).every((id) => catalogue.has(id)) : read.refusals.length > 0).toBe(true);
      }),
      { numRuns: 2000, seed: 5 },
    );
  });

  it('of any value are answered with refusals', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const read = readFacts({ persons: value, loss: value, crime: value, lost_at: value, kinds: value }, catalogue);
        expect(read.ok ? Object.keys(read.value) : read.refusals).not.toHaveLength(0);
      }),
      { numRuns: 1000, seed: 6 },
    );
  });
});
