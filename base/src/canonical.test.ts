import { expect, test } from 'vitest';
import { canonical } from './canonical.ts';

test('the example of RFC 8785, section 3.2.2', () => {
  const input = {
    numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  };
  expect(canonical(input)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test('keys by UTF-16 code units (RFC 8785, section 3.2.3), absent values left out', () => {
  const keys = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
  const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'];
  expect(
    Object.keys(JSON.parse(canonical(Object.fromEntries(keys.map((key) => [key, null])))) as object).filter((key) => key !== '1'),
  ).toEqual(sorted.filter((key) => key !== '1'));
  expect(canonical({ b: undefined, a: {} })).toBe('{"a":{}}');
});

test('what JSON cannot carry is a fault', () => {
  expect(() => canonical({ a: Number.NaN })).toThrow(TypeError);
});
