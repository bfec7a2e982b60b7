import { expect, test } from 'vitest';
import { literal } from './literals.ts';

test('no text can end its constant or begin another', () => {
  for (const text of ["'", "\\'; drop table conn; --", '{p0:String}', '中文', '\0', '']) {
    const written = literal('String', text);
    expect(written).toMatch(/^x'[0-9a-f]*'$/);
    expect(Buffer.from(written.slice(2, -1), 'hex').toString()).toBe(text);
  }
  expect(literal('Array(String)', ["a'", 'b'])).toBe("[x'6127',x'62']");
});

test('numbers keep their type and their bits', () => {
  expect(literal('Float64', 5)).toBe('5.');
  expect(literal('Float64', '-0.25')).toBe('(-0.25)');
  expect(literal('Float64', -0)).toBe('(-0.)');
  expect(literal('Float64', 1e21)).toBe('1e+21');
  expect(literal('Float64', Infinity)).toBe('inf');
  expect(literal('UInt64', '18446744073709551615')).toBe('toUInt64(18446744073709551615)');
  expect(literal('Int64', '-5')).toBe('toInt64(-5)');
  expect(literal('Array(Float64)', [])).toBe("cast([], 'Array(Float64)')");
});

test('what is no value of the type is our fault, and never stands in a statement', () => {
  expect(() => literal('UInt64', '1 or 1')).toThrow(/whole number/);
  expect(() => literal('UInt64', ['1'])).toThrow(/list/);
  expect(() => literal('Array(String)', '1')).toThrow(/list/);
  expect(() => literal('String', 1)).toThrow(/text/);
  expect(literal('Float64', '1 or 1')).toBe('nan');
});
