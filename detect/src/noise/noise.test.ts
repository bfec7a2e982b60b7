/** What hides a finding: whose exception, about what, and when. */

import { describe, expect, test } from 'vitest';
import { ExceptionTerms } from '@forewarn/model/noise';
import type { Finding } from '@forewarn/model/finding';
import { covers, createNoise, exceptionPredicate, type Exception, type NoisePlace } from './noise.ts';

const finding: Finding = {
  id: 'f',
  from: 1_764_000_000,
  to: 1_764_000_600,
  rule: { id: 'behaviour:scan', version: '1', kind: 'behaviour', name: 'Scan' },
  technique: ['T1046'],
  tactic: ['discovery'],
  level: 'medium',
  confidence: 0.8,
  explanation: { text: 'detect.scan' },
  source: '10.20.1.5',
  targets: ['10.20.9.9'],
  names: ['files.hospital.example'],
  records: [{ log: 'conn', uid: 'C', ts: 1 }],
  recordCount: 1,
  harm: null,
};
const place: NoisePlace = {
  organisations: ['hospital'],
  sensor: 's',
  link: 'hospital-link',
  networkType: 'computer',
  seenBy: 'hospital',
};

const exception = (terms: object, more: Partial<Exception> = {}): Exception => ({
  id: 'x',
  owner: 'centre',
  centre: true,
  terms: ExceptionTerms.parse({ kind: 'exception', reason: 'Known scanner.', until: 1_800_000_000, ...terms }),
  ...more,
});
const hides = (terms: object, at: Partial<NoisePlace> = {}, more: Partial<Exception> = {}) =>
  createNoise([exception(terms, more)]).hides(finding, { ...place, ...at }) !== null;

describe('what an exception is about', () => {
  test.each([
    [{ rule: 'behaviour:scan' }, true],
    [{ rule: 'behaviour:beacon' }, false],
    [{ entity: { kind: 'host', value: '10.20.9.9' } }, true],
    [{ entity: { kind: 'network', value: '10.20.1.0/24' } }, true],
    [{ entity: { kind: 'network', value: '10.21.0.0/16' } }, false],
    [{ entity: { kind: 'domain', value: 'hospital.example' } }, true],
    [{ entity: { kind: 'domain', value: 'pital.example' } }, false],
    [{ entity: { kind: 'service', value: 'conn' } }, true],
    [{ condition: 'source:10.20.1.5 and not level:high and link:hospital-link' }, true],
    [{ rule: 'behaviour:scan', condition: 'level:high' }, false],
    [{ organisation: 'clinic', rule: 'behaviour:scan' }, false],
  ])('%j', (terms, expected) => expect(hides(terms)).toBe(expected));

  test('an organisation hides what concerns it alone, and blinds nobody else', () => {
    const own = { owner: 'hospital', centre: false };
    expect(hides({ rule: 'behaviour:scan' }, {}, own)).toBe(true);
    expect(hides({ rule: 'behaviour:scan' }, { organisations: ['hospital', 'clinic'] }, own)).toBe(false);
    expect(hides({ rule: 'behaviour:scan' }, { seenBy: 'clinic' }, own)).toBe(false);
  });

  test('slips of the pen are refused with the place, and hide nothing', () => {
    for (const [terms, said] of [
      [{ condition: 'not sorce:10.20.1.5' }, 'no field "sorce"'],
      [{ condition: 'source:(' }, 'value'],
      [{ condition: 'names~/(?=a)/' }, 'look'],
      [{ entity: { kind: 'network', value: '10.0.0.1/8' } }, 'not a network'],
    ] as const) {
      const wrong = exception(terms);
      expect(() => exceptionPredicate(wrong.terms)).toThrow(said);
      const told: string[] = [];
      expect(createNoise([wrong], (id) => void told.push(id)).hides(finding, place)).toBe(null);
      expect(told).toEqual(['x']);
    }
  });
});

describe('when', () => {
  const terms = (more: object) => exception(more).terms;

  test('evidence lies within; its last second may be the last one', () => {
    expect(covers(terms({ until: 600 }), 100, 600)).toBe(true);
    expect(covers(terms({ until: 600 }), 100, 601)).toBe(false);
    expect(covers(terms({ from: 100, until: 600 }), 99, 200)).toBe(false);
  });

  // 2025-11-24 was a Monday; in Shanghai 16:00 UTC is midnight, so Tuesday begins.
  const at = (text: string) => Date.parse(text) / 1000;
  test.each([
    ['2025-11-24T18:00:00Z', '2025-11-24T18:30:00Z', true, 'Tuesday from two'],
    ['2025-11-24T17:59:00Z', '2025-11-24T18:30:00Z', false, 'begins a minute before'],
    ['2025-11-24T21:59:59Z', '2025-11-24T21:59:59Z', true, 'the last second'],
    ['2025-11-24T22:00:00Z', '2025-11-24T22:00:00Z', false, 'is over'],
    ['2025-11-25T18:00:00Z', '2025-11-25T18:30:00Z', false, 'Wednesday'],
    ['2025-11-24T18:10:00Z', '2025-12-01T18:20:00Z', false, 'from one week into the next'],
  ])('weekly: %s – %s %s (%s)', (from, to, expected) => {
    const weekly = { days: [2], start: '02:00', minutes: 240, zone: 'Asia/Shanghai' };
    expect(covers(terms({ weekly }), at(from), at(to))).toBe(expected);
  });

  test('over midnight, from Saturday into Sunday', () => {
    const weekly = { days: [6], start: '23:00', minutes: 120, zone: 'UTC' };
    expect(covers(terms({ weekly }), at('2025-11-29T23:30:00Z'), at('2025-11-30T00:30:00Z'))).toBe(true);
    expect(covers(terms({ weekly }), at('2025-11-30T00:30:00Z'), at('2025-11-30T01:30:00Z'))).toBe(false);
  });

  test('times that no calendar holds hide nothing and throw nothing', () => {
    const weekly = { days: [0, 1, 2, 3, 4, 5, 6], start: '00:00', minutes: 1_440, zone: 'UTC' };
    for (const wrong of [Infinity, -Infinity, NaN, 1e300])
      expect(covers(terms({ weekly, until: 1e301 }), wrong, wrong)).toBe(false);
  });
});
