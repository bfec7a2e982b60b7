import { parseNetwork } from '@forewarn/base/ip';
import type { Network } from '@forewarn/model/estate';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openMmdb } from './mmdb.ts';
import { regionsOf } from './regions.ts';

/** A value as the specification's section "Output Data Section" has it. */
function written(value: unknown): number[] {
  const head = (type: number, size: number): number[] => {
    const extra = size < 29 ? [] : size < 285 ? [size - 29] : [(size - 285) >> 8, (size - 285) & 255];
    const low = size < 29 ? size : size < 285 ? 29 : 30;
    return type < 8 ? [(type << 5) | low, ...extra] : [low, type - 7, ...extra];
  };
  if (typeof value === 'string') {
    const bytes = [...new TextEncoder().encode(value)];
    return [...head(2, bytes.length), ...bytes];
  }
  if (typeof value === 'number') {
    const bytes = [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
    return [...head(6, 4), ...bytes];
  }
  if (typeof value === 'boolean') return head(14, value ? 1 : 0);
  if (Array.isArray(value)) return [...head(11, value.length), ...value.flatMap(written)];
  const entries = Object.entries(value as object);
  return [...head(7, entries.length), ...entries.flatMap(([name, of]) => [...written(name), ...written(of)])];
}

/** A database of some networks (IPv4 below ::/96), with records of 24, 28 or 32 bits. */
function made(bits: 24 | 28 | 32, networks: { [network: string]: object }, pointed = false): Uint8Array {
  const data: number[] = [];
  type Node = (number | { data: number } | undefined)[];
  const nodes: Node[] = [[undefined, undefined]];
  for (const [text, value] of Object.entries(networks)) {
    const { bytes, prefix } = parseNetwork(text)!;
    const path = bytes.length === 4 ? [...Array<number>(12).fill(0), ...bytes] : [...bytes];
    const length = bytes.length === 4 ? prefix + 96 : prefix;
    let offset = data.length;
    data.push(...written(value));
    if (pointed) {
      // A pointer of the first size, to what was just written.
      data.push(0x20 | (offset >> 8), offset & 255);
      offset = data.length - 2;
    }
    let node = 0;
    for (let bit = 0; bit < length; bit++) {
      const side = (path[bit >> 3]! >> (7 - (bit & 7))) & 1;
      if (bit === length - 1) nodes[node]![side] = { data: offset };
      else {
        if (typeof nodes[node]![side] !== 'number') nodes[node]![side] = nodes.push([undefined, undefined]) - 1;
        node = nodes[node]![side] as number;
      }
    }
  }
  const tree = nodes.flatMap((node) => {
    const [a, b] = node.map((side) =>
      side === undefined ? nodes.length : typeof side === 'number' ? side : nodes.length + 16 + side.data,
    ) as [number, number];
    const low = (value: number): number[] => [(value >>> 16) & 255, (value >>> 8) & 255, value & 255];
    if (bits === 24) return [...low(a), ...low(b)];
    if (bits === 32) return [a >>> 24, ...low(a), b >>> 24, ...low(b)];
    return [...low(a), ((a >>> 24) << 4) | (b >>> 24), ...low(b)];
  });
  const metadata = written({
    node_count: nodes.length,
    record_size: bits,
    ip_version: 6,
    database_type: 'Test',
    binary_format_major_version: 2,
    build_epoch: 1_700_000_000,
  });
  const marker = [0xab, 0xcd, 0xef, ...new TextEncoder().encode('MaxMind.com')];
  return Uint8Array.from([...tree, ...Array<number>(16).fill(0), ...data, ...marker, ...metadata]);
}

const places = {
  '203.0.113.0/24': {
    country: { iso_code: 'CN' },
    subdivisions: [{ iso_code: 'GD', names: { en: 'Guangdong' } }],
    autonomous_system_number: 64_500,
    autonomous_system_organization: 'An operator whose name is longer than twenty-eight letters',
    is_anycast: true,
  },
  '2001:db8::/32': { country: { iso_code: 'DE' } },
};

describe('a database of addresses', () => {
  test.each([24, 28, 32] as const)('records of %i bits, in both families', (bits) => {
    for (const pointed of [false, true]) {
      const database = openMmdb(made(bits, places, pointed))!;
      expect(database).toMatchObject({ type: 'Test', builtAt: 1_700_000_000 });
      expect(database.find('203.0.113.77')).toEqual(places['203.0.113.0/24']);
      expect(database.find('2001:db8:1::7')).toEqual(places['2001:db8::/32']);
      expect(database.find('203.0.114.1')).toBeUndefined();
      expect(database.find('no address')).toBeUndefined();
    }
  });

  test('regions of networks that state none, and who announces them', () => {
    const network = (id: string, addresses: string[], region?: string): Network => ({
      id,
      organisation: 'water',
      name: { en: id, zh: id },
      type: 'internet',
      addresses,
      domains: [],
      ...(region === undefined ? {} : { region }),
    });
    const { networks, announced } = regionsOf(openMmdb(made(28, places))!, [
      network('a', ['10.0.0.0/8', '203.0.113.0/25']),
      network('b', ['2001:db8:5::/48'], 'yunlan'),
      network('c', ['198.51.100.0/24']),
    ]);
    expect(networks).toEqual([{ ...network('a', ['10.0.0.0/8', '203.0.113.0/25']), region: 'CN-GD' }]);
    expect(announced).toMatchObject([
      { network: 'a', address: '203.0.113.0/25', system: 64_500, region: 'CN-GD' },
      { network: 'b', system: null, operator: '', region: 'DE' },
    ]);
  });

  test('bytes that are none, cut or changed end without a throw', () => {
    const whole = made(24, places, true);
    expect(openMmdb(new Uint8Array(10))).toBeUndefined();
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
        const bytes = Uint8Array.from(whole);
        bytes[at] = byte;
        const database = openMmdb(cut ? bytes.subarray(at) : bytes);
        database?.find('203.0.113.1');
        database?.find('2001:db8::1');
      }),
      { numRuns: 2000 },
    );
  });
});
