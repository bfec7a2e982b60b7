import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cutAll, flowOf, hex, readCase, run } from '../trial.ts';
import { serviceName, statusName } from './codes.ts';
import { opcua } from './opcua.ts';
import { Reader } from './reader.ts';

const flow = flowOf('tcp', 4840);
const session = readCase(readFileSync(join(import.meta.dirname, 'cases/write-a-set-point/bytes.txt'), 'utf8')).arrivals;

const reader = (text: string): Reader => {
  const bytes = hex(text);
  return new Reader(bytes, 0, bytes.length);
};

describe('identifiers of nodes (OPC 10000-6 §5.2.2.9)', () => {
  const cases: [string, string, object][] = [
    ['two bytes', '00 ff', { namespace: 0, numeric: 255 }],
    ['four bytes', '01 05 0104', { namespace: 5, numeric: 1_025 }],
    ['numeric', '02 0001 ffffffff', { namespace: 256, numeric: 4_294_967_295 }],
    ['a name', '03 0200 04000000 54616e6b', { namespace: 2, string: 'Tank' }],
    [
      'a GUID',
      '04 0100 91 2b 96 72 75 fa e6 4a 8d 28 b4 04 dc 7d af 63',
      { namespace: 1, guid: '72962b91-fa75-4ae6-8d28-b404dc7daf63' },
    ],
    ['bytes', '05 0100 02000000 abcd', { namespace: 1, opaque: 'abcd' }],
    ['with a server', '40 0b 01000000', { namespace: 0, numeric: 11 }],
  ];
  for (const [title, text, expected] of cases) {
    test(`${title}`, () => {
      const one = reader(text);
      expect(one.nodeId()).toEqual(expected);
      expect(one.failed).toBe(false);
      expect(one.at).toBe(one.end);
    });
  }
});

describe('values (§5.2.2.16)', () => {
  const cases: [string, string, string | undefined][] = [
    ['a truth value', '01 01', 'true'],
    ['a signed number', '06 feffffff', '-2'],
    ['a long number', '09 ffffffffffffffff', '18446744073709551615'],
    ['a float', '0a 0000ac41', '21.5'],
    ['a text is passed over', '0c 02000000 4142', undefined],
    ['a list is passed over', '86 02000000 0100000002000000', undefined],
    ['a list with dimensions', 'c6 02000000 0100000002000000 01000000 02000000', undefined],
  ];
  for (const [title, text, expected] of cases) {
    test(`${title}`, () => {
      const one = reader(text);
      expect(one.variant()).toBe(expected);
      expect(one.failed).toBe(false);
      expect(one.at).toBe(one.end);
    });
  }
  test('of a type that states no length nothing more is read', () => {
    const one = reader('16 00 00');
    expect(one.variant()).toBeUndefined();
    expect(one.failed).toBe(true);
  });
});

test('names of services', () => {
  expect([446, 449, 631, 634, 397, 12_209, 630].map(serviceName)).toEqual([
    'OpenSecureChannelRequest',
    'OpenSecureChannelResponse',
    'ReadRequest',
    'ReadResponse',
    'ServiceFault',
    'FindServersOnNetworkResponse',
    undefined,
  ]);
  expect(statusName(0x80990000)).toBe('0x80990000');
});

test('neither the password nor the secret of a session is written', () => {
  const { records } = run(opcua, flow, session);
  const text = JSON.stringify(records);
  for (const secret of ['hunter2', 'TOKEN', Buffer.from('TOKEN').toString('hex')]) expect(text).not.toContain(secret);
});

test('any cutting gives the same records', () => {
  const whole = run(opcua, flow, session);
  expect(whole.weirds).toEqual([]);
  fc.assert(
    fc.property(fc.array(fc.nat(400), { maxLength: 30 }), (places) => {
      expect(run(opcua, flow, cutAll(session, places))).toEqual(whole);
    }),
    { numRuns: 50 },
  );
});

test('after a gap reading goes on with a segment that begins with a message', () => {
  const outcome = run(opcua, flow, [
    { direction: 0, ts: 1, bytes: hex('4d534746 ff000000 0500') },
    { direction: 0, ts: 1, missing: 400 },
    ...session.slice(0, 1),
  ]);
  expect(outcome.records).toMatchObject([{ record: { msg_type: 'HEL' } }]);
});

test('a list that claims more nodes than there are is told once', () => {
  const body = '01000000 01000000 02000000 02000000 01007702 0000 0000000000000000 01000000 00000000 ffffffff 00000000 000000';
  const nodes = `${body} 0000000000000000 00000000 ffffff7f 000b 04000000 ffffffff 0000 ffffffff`;
  const bytes = hex(`4d534746 00000000 ${nodes}`);
  bytes[4] = bytes.length;
  const arrival = { direction: 0, ts: 1, bytes } as const;
  const outcome = run(opcua, flow, [arrival, arrival]);
  expect(outcome.records.filter(({ log }) => log === 'opcua_binary_read')).toHaveLength(2);
  expect(outcome.weirds.map(({ name }) => name)).toEqual(['opcua_bad_message']);
});

test('damaged bytes never throw', () => {
  fc.assert(
    fc.property(fc.nat(session.length - 1), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 8 }), (at, changes) => {
      const arrivals = session.map((arrival, i) => {
        if (i !== at || !('bytes' in arrival)) return arrival;
        const bytes = Uint8Array.from(arrival.bytes);
        for (const [place, value] of changes) bytes[place % bytes.length] = value;
        return { ...arrival, bytes };
      });
      expect(run(opcua, flow, arrivals).records.length).toBeLessThan(200);
    }),
    { numRuns: 1_000 },
  );
});

describe('probe', () => {
  const ask = (text: string, usual: boolean) => {
    const bytes = hex(text);
    return opcua.probe(bytes, 0, bytes.length, 0, usual);
  };
  test('a kind, a part and a length', () => {
    expect(ask('48454c46 38000000 00000000', false)).toBe('yes');
    expect(ask('48454c46', false)).toBe('more');
    expect(ask('48454c4c 4f20', false)).toBe('no');
    expect(ask('41434b46 1c000000', false)).toBe('yes');
    expect(ask('41434b46 1d000000', false)).toBe('no');
    expect(ask('48545450 2f312e31', true)).toBe('no');
  });
});
