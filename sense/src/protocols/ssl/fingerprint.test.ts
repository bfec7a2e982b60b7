import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { flowOf, run } from '../trial.ts';
import { ssl } from './ssl.ts';

const two = (value: number): number[] => [value >> 8, value & 0xff];
const list = (values: readonly number[]): number[] => [...two(values.length * 2), ...values.flatMap(two)];
const extension = (type: number, content: readonly number[]): number[] => [...two(type), ...two(content.length), ...content];
const text = (value: string): number[] => [...Buffer.from(value, 'latin1')];
const alpn = (...names: (readonly number[])[]): number[] => {
  const entries = names.flatMap((name) => [name.length, ...name]);
  return extension(16, [...two(entries.length), ...entries]);
};
const name = extension(0, [0, 6, 0, 0, 3, ...text('a.b')]);

/** What the parser writes for a client hello. */
function fingerprints(ciphers: readonly number[], extensions: readonly (readonly number[])[], version = 0x0303) {
  const body = [...two(version), ...Array.from({ length: 32 }, () => 0), 0, ...list(ciphers), 1, 0];
  const all = extensions.flat();
  if (extensions.length > 0) body.push(...two(all.length), ...all);
  const message = [1, 0, ...two(body.length), ...body];
  const bytes = Uint8Array.from([22, 3, 1, ...two(message.length), ...message]);
  const { records } = run(ssl, flowOf('tcp', 443), [{ direction: 0, ts: 1, bytes }]);
  const { ja3, ja4 } = records[0]!.record;
  return { ja3, ja4 };
}

const md5 = (value: string): string => createHash('md5').update(value).digest('hex');
const sha12 = (value: string): string => createHash('sha256').update(value).digest('hex').slice(0, 12);

test("the example of JA4's own text", () => {
  const extensions = [
    extension(0x001b, []),
    name,
    extension(0x0033, []),
    alpn(text('h2'), text('http/1.1')),
    extension(0x4469, []),
    extension(0x0017, []),
    extension(0x002d, []),
    extension(0x000d, list([0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601])),
    extension(0x0005, []),
    extension(0x0023, []),
    extension(0x0012, []),
    extension(0x002b, [6, ...two(0x7a7a), ...two(0x0304), ...two(0x0303)]),
    extension(0xff01, []),
    extension(0x000b, [1, 0]),
    extension(0x000a, list([0x1a1a, 29, 23])),
    extension(0x0015, []),
  ];
  const ciphers = [
    0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
  ];
  const plain = fingerprints(ciphers, extensions);
  expect(plain.ja4).toBe('t13d1516h2_8daaf6152771_e5627efa2ab1');
  // Neither the order of extensions nor GREASE changes JA4; the order changes JA3.
  const shuffled = fingerprints([0x4a4a, ...ciphers], [extension(0xdada, []), ...extensions.toReversed()]);
  expect(shuffled.ja4).toBe(plain.ja4);
  expect(shuffled.ja3).not.toBe(plain.ja3);
});

test('JA3 in the order of the hello, without GREASE', () => {
  const { ja3 } = fingerprints(
    [0x0a0a, 0x1301, 0xc02f],
    [extension(0x2a2a, [0]), name, extension(11, [2, 0, 1]), extension(10, list([0x3a3a, 29, 23]))],
    0x0301,
  );
  expect(ja3).toBe(md5('769,4865-49199,0-11-10,29-23,0-1'));
  expect(fingerprints([47], []).ja3).toBe(md5('771,47,,,'));
});

describe('JA4 at its edges', () => {
  const start = (extensions: readonly (readonly number[])[], version?: number): string =>
    String(fingerprints([0x1301], extensions, version).ja4).slice(0, 10);
  test('no extensions, no suites but GREASE', () => {
    expect(fingerprints([0x0a0a], []).ja4).toBe('t12i000000_000000000000_000000000000');
    expect(fingerprints([0x1301], [name]).ja4).toBe(`t12d010100_${sha12('1301')}_000000000000`);
    expect(fingerprints([0x1301], [extension(0x23, [])]).ja4).toBe(`t12i010100_${sha12('1301')}_${sha12('0023')}`);
  });
  test('versions', () => {
    expect(start([], 0x0300)).toBe('ts3i010000');
    expect(start([], 0x0301)).toBe('t10i010000');
    expect(start([], 0x0305)).toBe('t00i010000');
    expect(start([extension(43, [2, ...two(0x0302)])])).toBe('t11i010100');
  });
  test('the ends of the first protocol', () => {
    expect(start([alpn(text('http/1.1'))])).toBe('t12i0101h1');
    expect(start([alpn(text('H2'))])).toBe('t12i0101H2');
    expect(start([alpn(text('q'))])).toBe('t12i0101qq');
    expect(start([alpn([])])).toBe('t12i010100');
    expect(start([alpn([0x30, 0xab])])).toBe('t12i01013b');
    expect(start([alpn([0x30, 0x31, 0xab, 0xcd])])).toBe('t12i01013d');
    expect(start([alpn([0x2d, 0x31])])).toBe('t12i010121');
    expect(start([alpn([0xba, 0xad])])).toBe('t12i010199');
  });
  test('more than 99 suites', () => {
    const many = Array.from({ length: 120 }, (_, i) => 0xc000 + i);
    expect(String(fingerprints(many, []).ja4)).toMatch(/^t12i990000_/);
  });
  test('a hello beyond one record has none', () => {
    const many = Array.from({ length: 8_200 }, (_, i) => i);
    expect(fingerprints(many, [])).toEqual({ ja3: undefined, ja4: undefined });
  });
});
