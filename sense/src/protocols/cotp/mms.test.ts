import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, cutAll, flowOf, hex, run } from '../trial.ts';
import { cotp } from './cotp.ts';

const flow = flowOf('tcp', 102);

/** An element of BER. */
function ber(tag: readonly number[], ...contents: (readonly number[])[]): number[] {
  const content = contents.flat();
  const { length } = content;
  return [...tag, ...(length < 128 ? [length] : [0x82, length >> 8, length & 255]), ...content];
}
const letters = (text: string): number[] => [...Buffer.from(text, 'latin1')];
const item = (domain: string, name: string): number[] => ber([0xa1], ber([0x1a], letters(domain)), ber([0x1a], letters(name)));

function unit(...body: readonly number[]): Uint8Array {
  const length = body.length + 7;
  return Uint8Array.from([3, 0, length >> 8, length & 255, 2, 0xf0, 0x80, ...body]);
}
/** A message of MMS in presentation and session. */
const data = (message: readonly number[]): Uint8Array =>
  unit(1, 0, 1, 0, ...ber([0x61], ber([0x30], ber([0x02], [3]), ber([0xa0], message))));
const request = (...service: readonly number[]): Uint8Array => data(ber([0xa0], ber([0x02], [9]), service));

const there = (bytes: Uint8Array): Arrival => ({ direction: 0, ts: 1, bytes });
const mms = (...arrivals: Arrival[]) =>
  run(cotp, flow, arrivals)
    .records.filter(({ log }) => log === 'mms')
    .map(({ record }) => record);

describe('what services are asked of', () => {
  const variable = (domain: string, name: string): number[] => ber([0x30], ber([0xa0], item(domain, name)));
  const cases: [string, number[], object][] = [
    [
      'variables that are read',
      ber([0xa4], ber([0xa1], ber([0xa0], variable('LD0', 'MMXU1$MX$A'), variable('LD0', 'LLN0$ST$Mod')))),
      { service: 'read', objects: ['LD0/MMXU1$MX$A', 'LD0/LLN0$ST$Mod'] },
    ],
    ['a list of them', ber([0xa4], ber([0xa1], ber([0xa1], item('LD0', 'LLN0$dataset')))), { objects: ['LD0/LLN0$dataset'] }],
    [
      'names in a domain',
      ber([0xa1], ber([0xa0], ber([0x80], [0])), ber([0xa1], ber([0x81], letters('LD0')))),
      { service: 'getNameList', objects: ['LD0'] },
    ],
    ['names of the device', ber([0xa1], ber([0xa0], ber([0x80], [9])), ber([0xa1], ber([0x80]))), { service: 'getNameList' }],
    [
      'a variable',
      ber([0xa6], ber([0xa0], item('LD0', 'XCBR1'))),
      { service: 'getVariableAccessAttributes', objects: ['LD0/XCBR1'] },
    ],
    [
      'a list that is made',
      ber([0xab], ber([0x82], letters('mine'))),
      { service: 'defineNamedVariableList', objects: ['@mine'] },
    ],
    [
      'lists that are deleted',
      ber([0xad], ber([0x80], [0]), ber([0xa1], item('LD0', 'a'), item('LD0', 'b'))),
      { service: 'deleteNamedVariableList', objects: ['LD0/a', 'LD0/b'] },
    ],
    ['a domain, of a service beyond thirty', ber([0x9f, 0x24], letters('LD0')), { service: 'deleteDomain', objects: ['LD0'] }],
    ['a program', ber([0xbf, 0x29], ber([0x80], letters('Main'))), { service: 'stop', objects: ['Main'] }],
    [
      'a file',
      ber([0xbf, 0x48], ber([0xa0], ber([0x19], letters('COMTRADE/1.cfg'))), ber([0x81], [0])),
      { service: 'fileOpen', objects: ['COMTRADE/1.cfg'] },
    ],
    [
      'files of a folder',
      ber([0xbf, 0x4d], ber([0xa0], ber([0x19], letters('/')))),
      { service: 'fileDirectory', objects: ['/'] },
    ],
  ];
  for (const [title, service, expected] of cases) {
    test(`${title}`, () => {
      const [record] = mms(there(request(...service)));
      expect(record).toMatchObject({ pdu_type: 'confirmed-RequestPDU', invoke_id: 9, ...expected });
    });
  }
});

test('data that were read are not written, only what came of it', () => {
  const answer = ber([0xa1], ber([0x02], [9]), ber([0xa4], ber([0xa1], ber([0x8a], letters('secret')), ber([0x80], [10]))));
  const written = mms(there(data(answer)));
  expect(written).toMatchObject([{ service: 'read', results: ['success', 'object-non-existent'] }]);
  expect(JSON.stringify(written)).not.toContain('secret');
});

test('without session and presentation', () => {
  const outcome = run(cotp, flow, [
    there(unit(...ber([0xa0], ber([0x02], [1]), ber([0xbf, 0x28], ber([0x80], letters('App')))))),
  ]);
  expect(outcome.records).toMatchObject([{ log: 'cotp' }, { log: 'mms', record: { service: 'start', objects: ['App'] } }]);
  expect(outcome.services).toEqual(['cotp', 'mms']);
});

test('of a message longer than is looked at, what is there is read', () => {
  const variables = Array.from({ length: 60 }, (_, i) =>
    ber([0x30], ber([0xa0], item('LOGICALDEVICE', `MMXU${i}$MX$PhV$phsA$cVal$mag$f`))),
  );
  const [record] = mms(there(request(...ber([0xa4], ber([0xa1], ber([0xa0], ...variables))))));
  const objects = record!['objects'] as string[];
  expect(objects.length).toBeGreaterThan(30);
  expect(objects.length).toBeLessThanOrEqual(60);
});

test('other users of the transport are left alone', () => {
  expect(mms(there(unit(0x0d, 0xff)), there(unit(0x31, 0x00)), there(unit(1, 0, 1, 0, 0x61, 0x82)))).toEqual([]);
});

test('any cutting gives the same records, and damaged bytes never throw', () => {
  const good = [request(...ber([0xa6], ber([0xa0], item('LD0', 'XCBR1')))), data([...hex('a20c8003 04a273 a205a003870102')])];
  const arrivals = good.map(there);
  const whole = run(cotp, flow, arrivals);
  fc.assert(
    fc.property(fc.array(fc.nat(80), { maxLength: 20 }), (places) => {
      expect(run(cotp, flow, cutAll(arrivals, places))).toEqual(whole);
    }),
    { numRuns: 50 },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 6 }), (changes) => {
      const damaged = good.map((bytes) => Uint8Array.from(bytes));
      for (const [at, value] of changes) for (const bytes of damaged) bytes[(at % (bytes.length - 7)) + 7] = value;
      expect(run(cotp, flow, damaged.map(there)).records.length).toBeLessThan(8);
    }),
    { numRuns: 2_000 },
  );
});
