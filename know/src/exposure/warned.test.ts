import { describe, expect, it } from 'vitest';
import { isWarned, readWarned, type ReadWarned } from './warned.ts';

const read = (warned: Parameters<typeof readWarned>[0]): ReadWarned => {
  const one = readWarned(warned);
  if ('unreadable' in one) throw new Error(one.unreadable);
  return one;
};

describe('a product in a range of versions', () => {
  const range = read({ vendor: 'Maker', product: 'Gateway', from: '2.0', before: '2.4' });

  it.each([
    ['1.9.9', undefined],
    ['2.0', 'sure'],
    ['2.3.9', 'sure'],
    ['2.4', undefined],
    [undefined, 'possibly'],
    ['unheard of', 'possibly'],
  ] as const)('%s: %s', (version, is) => {
    expect(isWarned(range, { vendor: 'maker', product: 'gateway', version })).toBe(is);
  });

  it('is no other product, nor another maker’s', () => {
    expect(isWarned(range, { vendor: 'Maker', product: 'Gateway Pro', version: '2.1' })).toBeUndefined();
    expect(isWarned(range, { vendor: 'Other', product: 'Gateway', version: '2.1' })).toBeUndefined();
  });

  it('by package and by CPE; exactly one version; without edges every one, known or not', () => {
    const log4j = read({ purl: 'pkg:maven/org.apache.logging.log4j/log4j-core', from: '2.0-beta9', upTo: '2.14.1' });
    expect(isWarned(log4j, { purl: 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1' })).toBe('sure');
    expect(isWarned(log4j, { purl: 'pkg:maven/org.apache.logging.log4j/log4j-core@2.15.0' })).toBeUndefined();
    const cpe = read({ cpe: 'cpe:2.3:a:apache:http_server:*:*:*:*:*:*:*:*', exactly: '2.4.49' });
    expect(isWarned(cpe, { cpe: 'cpe:2.3:a:apache:http_server:2.4.49:*:*:*:*:*:*:*' })).toBe('sure');
    expect(isWarned(cpe, { cpe: 'cpe:2.3:a:apache:http_server:2.4.50:*:*:*:*:*:*:*' })).toBeUndefined();
    expect(isWarned(read({ product: 'Gateway' }), { product: 'Gateway', version: '9' })).toBe('sure');
  });

  it('says what it cannot read', () => {
    expect(readWarned({ purl: 'gateway' })).toEqual({ unreadable: 'purl' });
    expect(readWarned({ cpe: 'cpe:/nonsense' })).toEqual({ unreadable: 'cpe' });
  });
});
