import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Utf8 } from './utf8.ts';

const written = (write: (out: Utf8) => void): string => {
  const out = new Utf8();
  write(out);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(out.take());
};

const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constant('\u007f"\\\ud800é'),
);

test('strings are those of JSON.stringify, and texts those of TextEncoder', () => {
  fc.assert(
    fc.property(fc.array(anyText), (texts) => {
      expect(written((out) => texts.forEach((text) => out.jsonString(text)))).toBe(
        texts.map((text) => JSON.stringify(text)).join(''),
      );
      const well = texts.map((text) => text.toWellFormed());
      expect(written((out) => well.forEach((text) => out.text(text)))).toBe(well.join(''));
    }),
  );
});

test('numbers are those of JSON.stringify', () => {
  const edges = [
    0,
    -0,
    9,
    10,
    2147483647,
    2147483648,
    4294967295,
    99999999,
    1e8,
    1e16,
    1e17,
    1e17 + 16,
    1e21,
    -1,
    0.5,
    2 ** 53,
    70167303263597610,
  ];
  const any = fc.oneof(
    fc.integer(),
    fc.maxSafeNat(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(...edges),
  );
  fc.assert(
    fc.property(any, (value) => {
      expect(written((out) => out.jsonNumber(value))).toBe(JSON.stringify(value));
    }),
    {
      numRuns: 2000,
    },
  );
});

test('microseconds of an instant are those of toFixed, other fractions the nearest', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (micros) => {
      const seconds = micros / 1e6;
      expect(written((out) => out.sixDecimals(seconds))).toBe(seconds.toFixed(6));
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.double({ min: -1e20, max: 1e20 }), (value) => {
      const text = written((out) => out.sixDecimals(value));
      const isNumber = Number.isFinite(value);
      expect(text === 'null').toBe(!isNumber);
      if (!isNumber) return;
      expect(text).toMatch(/^-?\d+\.\d{6}$/);
      expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(Math.max(0.500_001e-6, Math.abs(value) * 2 ** -52));
    }),
    { numRuns: 2000, examples: [[0.999_999_9], [-1.5], [0xffffffff + 0.5], [Number.NaN], [Number.POSITIVE_INFINITY]] },
  );
});

test('grows with what is written, and is empty when that was taken', () => {
  const out = new Utf8();
  for (let i = 0; i < 40_000; i++) out.jsonNumber(i);
  out.encoded(new Uint8Array(200_000).fill(65));
  const taken = new TextDecoder().decode(out.take());
  expect(taken.startsWith('0123456789101112')).toBe(true);
  expect(taken.endsWith(`39999${'A'.repeat(200_000)}`)).toBe(true);
  expect([out.length, out.take().length]).toEqual([0, 0]);
});
