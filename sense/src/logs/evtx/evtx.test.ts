import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import {
  eventRecord,
  eventTemplate,
  little,
  makeChunk,
  makeFile,
  number,
  texts,
  type MadeElement,
  type MadeValue,
} from '../../testing/evtx.ts';
import { recogniseLog } from '../read.ts';

const t0 = 1_767_225_600;

function read(
  file: Uint8Array,
  cuts: readonly number[] = [],
): { records: AnyRecord[]; refused: { [reason: string]: { count: number; first: unknown } } } {
  const records: AnyRecord[] = [];
  const reading = recogniseLog(file.subarray(0, 64), 'x.evtx')!.open(
    { name: 'x.evtx' },
    { record: (_log, record) => void records.push(record) },
  );
  let from = 0;
  for (const to of [...cuts, file.length]) {
    reading.push(file.slice(from, to));
    from = to;
  }
  return { records, refused: reading.end().refused };
}

const three = [1, 2, 3].map((n) => eventRecord(n, t0 + n, `cmd /c ${n}`));
const expected = (n: number): AnyRecord => ({
  ts: t0 + n,
  Provider_Name: 'Maker',
  EventID: 1,
  TimeCreated_SystemTime: `2026-01-01T00:00:0${n}.000000Z`,
  Channel: 'Made/Operational',
  Computer: 'pc.example',
  CommandLine: `cmd /c ${n}`,
  ProcessId: 7,
});
const chunk = makeChunk(eventTemplate, three);

describe('EVTX', () => {
  test('records fill the gaps of their template; an empty optional gap leaves its attribute out', () => {
    const file = makeFile(chunk, new Uint8Array(0), makeChunk(eventTemplate, [eventRecord(4, t0 + 4, 'x')]));
    const whole = read(file);
    expect(whole).toEqual({
      records: [expected(1), expected(2), expected(3), { ...expected(4), CommandLine: 'x' }],
      refused: {},
    });
    for (const cut of [3, 4_095, 4_097, 5_000, 69_632, 69_700]) expect(read(file, [cut])).toEqual(whole);
  });

  test('a log that was open when it was copied: records behind the end that its head names', () => {
    const dirty = chunk.slice();
    dirty.set(little(512, 4), 48);
    expect(read(makeFile(dirty)).records).toHaveLength(3);
  });

  test('what is damaged is refused with its offset, and the next record is found', () => {
    const second = makeChunk(eventTemplate, three.slice(0, 1)).length;
    const damaged = chunk.slice();
    damaged[second] = 0;
    expect(read(makeFile(damaged))).toEqual({
      records: [expected(1), expected(3)],
      refused: { malformed: { count: 1, first: { offset: 4_096 + second } } },
    });
    const value = chunk.slice();
    value.set(little(0xffff, 2), value.length - 4 - 100);
    expect(() => read(makeFile(value))).not.toThrow();
  });

  test('a file that was cut gives the records that are whole', () => {
    const file = makeFile(chunk).subarray(0, 4_096 + chunk.length - 10);
    expect(read(file)).toEqual({
      records: [expected(1), expected(2)],
      refused: { cut: { count: 1, first: { offset: expect.any(Number) as number } } },
    });
    expect(read(makeFile(chunk).subarray(0, 100)).refused).toEqual({ cut: { count: 1, first: { offset: 100 } } });
  });

  test('a chunk that is none', () => {
    expect(read(makeFile(Uint8Array.of(1), chunk))).toEqual({
      records: [expected(1), expected(2), expected(3)],
      refused: { malformed: { count: 1, first: { offset: 4_096 } } },
    });
  });

  test('values of all types', () => {
    const guid = Uint8Array.from({ length: 16 }, (_, i) => i);
    const values: [string, MadeValue, unknown][] = [
      ['Int8', number(-1, 3, 1), -1],
      ['UInt8', number(255, 4, 1), 255],
      ['Int16', number(-2, 5, 2), -2],
      ['Int32', number(-3, 7, 4), -3],
      ['Int64', { type: 9, bytes: little(-(2n ** 63n), 8) }, '-9223372036854775808'],
      ['UInt64', { type: 10, bytes: little(2n ** 53n - 1n, 8) }, 9_007_199_254_740_991],
      ['Real32', { type: 11, bytes: new Uint8Array(Float32Array.of(0.5).buffer) }, 0.5],
      ['Real64', { type: 12, bytes: new Uint8Array(Float64Array.of(Number.NaN).buffer) }, 'NaN'],
      ['Bool', number(1, 13, 4), true],
      ['Binary', { type: 14, bytes: Uint8Array.of(1, 0xab) }, '01AB'],
      ['Guid', { type: 15, bytes: guid }, '03020100-0504-0706-0809-0A0B0C0D0E0F'],
      ['Size', number(16, 16, 8), '0x10'],
      ['Size4', number(16, 16, 4), '0x10'],
      ['FileTime', { type: 17, bytes: little(0, 8) }, '1601-01-01T00:00:00.000000Z'],
      [
        'SystemTime',
        { type: 18, bytes: Uint8Array.from([2026, 1, 4, 1, 2, 3, 4, 5].flatMap((n) => [...little(n, 2)])) },
        '2026-01-01T02:03:04.005000Z',
      ],
      ['Sid', { type: 19, bytes: Uint8Array.of(1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0) }, 'S-1-5-32-544'],
      ['Hex32', number(31, 20, 4), '0x1f'],
      ['Hex64', number(31, 21, 8), '0x1f'],
      ['Ansi', { type: 2, bytes: Uint8Array.of(0xe9, 0x61, 0) }, 'éa'],
      ['Texts', { type: 0x81, bytes: texts('a\0b\0').bytes }, ['a', 'b']],
      ['Numbers', { type: 0x86, bytes: Uint8Array.of(1, 0, 2, 0) }, [1, 2]],
      ['Unknown', { type: 0x55, bytes: Uint8Array.of(1) }, undefined],
    ];
    const template: MadeElement = {
      name: 'Event',
      parts: [
        { name: 'System', parts: [{ name: 'Channel', parts: ['C'] }] },
        {
          name: 'EventData',
          parts: values.map(
            ([name, { type }], gap) => ({ name: 'Data', attributes: [['Name', name]], parts: [{ gap, type }] }) as const,
          ),
        },
      ],
    };
    const [record] = read(
      makeFile(makeChunk(template, [{ number: 1, seconds: t0, values: values.map(([, value]) => value) }])),
    ).records;
    expect(record).toEqual({
      ts: t0,
      Channel: 'C',
      ...Object.fromEntries(values.flatMap(([name, , value]) => (value === undefined ? [] : [[name, value]]))),
    });
  });

  test('one value in every gap does not become a gigabyte', () => {
    const gaps = Array.from(
      { length: 600 },
      (_, i) =>
        ({
          name: 'Data',
          attributes: [['Name', `n${i}`]],
          parts: Array.from({ length: 4 }, () => ({ gap: 0, type: 1 })),
        }) as const,
    );
    const template: MadeElement = { name: 'Event', parts: [{ name: 'System' }, { name: 'EventData', parts: gaps }] };
    const bomb = makeChunk(template, [{ number: 1, seconds: t0, values: [texts('x'.repeat(4_000))] }]);
    expect(read(makeFile(bomb)).refused).toEqual({ 'too-large': { count: 1, first: { offset: 4_608 } } });
  });

  test('elements within elements without end are refused', () => {
    let deep: MadeElement = { name: 'a' };
    for (let i = 0; i < 100; i++) deep = { name: 'a', parts: [deep] };
    expect(read(makeFile(makeChunk({ name: 'Event', parts: [deep] }, [{ number: 1, seconds: t0, values: [] }]))).refused).toEqual(
      { 'too-deep': { count: 1, first: { offset: 4_608 } } },
    );
  });

  test('any damage, anywhere: nothing is thrown', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: chunk.length - 1 }), fc.integer({ min: 0, max: 255 })), { maxLength: 12 }),
        fc.nat(chunk.length),
        (changes, cut) => {
          const damaged = chunk.slice();
          for (const [at, to] of changes) damaged[at] = to;
          const file = makeFile(damaged).subarray(0, 4_096 + (cut < 100 ? 65_536 : cut));
          const { records } = read(file);
          expect(records.length).toBeLessThanOrEqual(3);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
