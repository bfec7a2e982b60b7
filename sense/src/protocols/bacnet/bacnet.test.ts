import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, flowOf, hex, run } from '../trial.ts';
import { bacnet } from './bacnet.ts';
import { propertyName } from './codes.ts';
import { propertiesMax } from './properties.ts';
import { Tags } from './tags.ts';

const flow = flowOf('udp', 47808);

/** A unicast message of the application. */
function message(text: string): Uint8Array {
  const body = hex(text);
  return Uint8Array.from([0x81, 0x0a, (body.length + 6) >> 8, (body.length + 6) & 255, 1, 0, ...body]);
}
const there = (bytes: Uint8Array): Arrival => ({ direction: 0, ts: 1, bytes });
const of = (log: string, ...arrivals: Arrival[]) =>
  run(bacnet, flow, arrivals)
    .records.filter((one) => one.log === log)
    .map(({ record }) => record);
const weirds = (...arrivals: Arrival[]) => run(bacnet, flow, arrivals).weirds.map(({ name }) => name);

describe('values (ASHRAE 135 §20.2)', () => {
  const cases: [string, string, string | undefined][] = [
    ['null', '00', 'null'],
    ['true', '11', 'true'],
    ['unsigned', '22 0100', '256'],
    ['signed', '31 fe', '-2'],
    ['real', '44 41ac0000', '21.5'],
    ['double', '55 08 4035800000000000', '21.5'],
    ['enumerated', '91 01', '1'],
    ['an object', 'c4 0200003d', 'device: 61'],
    ['octets', '62 abcd', undefined],
  ];
  for (const [title, value, expected] of cases) {
    test(`${title}`, () => {
      const [record] = of('bacnet_property', there(message(`00 05 01 0f 0c 00400065 19 55 3e ${value} 3f 49 08`)));
      expect(record).toMatchObject({
        object_type: 'analog-output',
        instance_number: 101,
        property: 'present-value',
        priority: 8,
      });
      expect(record!['value']).toBe(expected);
    });
  }
  test('a text that is written is what somebody says, and stays', () => {
    const written = of('bacnet_property', there(message('00 05 01 0f 0c 00400065 19 1c 3e 75 05 00 41424344 3f')));
    expect(written).toMatchObject([{ property: 'description' }]);
    expect(JSON.stringify(written)).not.toContain('ABCD');
  });
  test('of a constructed value nothing is written, and what comes behind it is read', () => {
    const written = of(
      'bacnet_property',
      there(message('00 05 01 0f 0c 00400065 19 55 3e 0e 21 01 0e 00 0f 0f 22 0100 3f 49 08')),
    );
    expect(written).toMatchObject([{ priority: 8 }]);
  });
});

test('tags with large numbers and lengths', () => {
  const bytes = hex('fb c8 010203 f8 10 2d fe 0100');
  const tags = new Tags(Uint8Array.from([...bytes, ...new Uint8Array(256)]), 0, bytes.length + 256);
  expect(tags.next()).toBe(true);
  expect([tags.number, tags.isContext, tags.length, tags.unsigned()]).toEqual([200, true, 3, 0x10203]);
  expect(tags.next()).toBe(true);
  expect([tags.number, tags.length]).toEqual([16, 0]);
  expect(tags.next()).toBe(true);
  expect([tags.number, tags.length]).toEqual([2, 256]);
  expect(tags.next()).toBe(false);
});

test('names of properties', () => {
  expect([0, 12, 44, 75, 85, 121, 139, 168, 206, 215, 512].map(propertyName)).toEqual([
    'acked-transition',
    'application-software-version',
    'firmware-revision',
    'object-identifier',
    'present-value',
    'vendor-name',
    'protocol-revision',
    'profile-name',
    'UTC-time-synchronization-recipients',
    'full-duty-baseline',
    'Vendor Specific (512)',
  ]);
});

test('errors, rejections and aborts', () => {
  expect(
    of(
      'bacnet',
      there(message('50 07 0c 91 01 91 1f')),
      there(message('50 08 08 0e 91 01 91 1f 0f 19 01')),
      there(message('60 09 09')),
      there(message('71 0a 04')),
    ),
  ).toMatchObject([
    { pdu_type: 'ERROR_PDU', invoke_id: 7, pdu_service: 'read_property', result_code: 'unknown-object' },
    { pdu_service: 'add_list_element', result_code: 'unknown-object' },
    { pdu_type: 'REJECT_PDU', invoke_id: 9, result_code: 'unrecognized-service' },
    { pdu_type: 'ABORT_PDU', invoke_id: 10, result_code: 'segmentation-not-supported' },
  ]);
});

test('a message in segments is read from the first of them', () => {
  const first = there(message('3c 05 00 04 0e 0c 00000001 1e 29 4d 4e 75 05 00 41492d31'));
  const second = there(message('38 05 01 04 0e 4f 1f'));
  expect(of('bacnet', first, second)).toMatchObject([{ invoke_id: 5, pdu_service: 'read_property_multiple' }, { invoke_id: 5 }]);
  expect(of('bacnet_property', first, second)).toMatchObject([{ property: 'object-name', value: 'AI-1' }]);
  expect(weirds(first, second)).toEqual([]);
});

test('a forwarded message, and a device that is asked by its number', () => {
  const forwarded = hex('81 04 0015 c0000205 bac0 0100 10 08 0a 0005 1a 0009 00'.replace(/00$/, ''));
  forwarded[3] = forwarded.length;
  expect(of('bacnet_discovery', there(forwarded))).toMatchObject([{ pdu_service: 'who-is', range: '5-9' }]);
});

test('a password is never written', () => {
  const written = run(bacnet, flow, [there(message('00 05 01 14 09 00 1d 08 00 68756e74657232'))]).records;
  expect(written).toMatchObject([
    { log: 'bacnet' },
    { log: 'bacnet_device_control', record: { device_state: 'coldstart', has_password: true } },
  ]);
  expect(JSON.stringify(written)).not.toContain('hunter2');
});

test('a request for more properties than are written', () => {
  const text = `00 05 01 0e 0c 00000001 1e ${'09 55 '.repeat(400)} 1f`;
  expect(of('bacnet_property', there(message(text)))).toHaveLength(propertiesMax);
});

test('parameters of another service are told once', () => {
  const wrong = there(message('00 05 01 0c 22 0100'));
  expect(weirds(wrong, wrong)).toEqual(['bacnet_bad_parameters']);
});

test('damaged bytes never throw', () => {
  const good = message(
    '30 09 0e 0c 00000001 1e 29 55 4e 44 41ac0000 4f 29 4d 4e 75 05 00 41492d31 4f 29 4c 39 02 5e 91 02 91 2a 5f 1f',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 8 }), (changes) => {
      const bytes = Uint8Array.from(good);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      expect(run(bacnet, flow, [there(bytes)]).records.length).toBeLessThan(20);
    }),
    { numRuns: 2_000 },
  );
});

describe('probe', () => {
  const ask = (bytes: Uint8Array, usual: boolean) => bacnet.probe(bytes, 0, bytes.length, 0, usual);
  test('the length is that of the datagram, and the network layer is version 1', () => {
    expect(ask(message('10 08'), false)).toBe('yes');
    expect(ask(Uint8Array.from([...message('10 08'), 0]), false)).toBe('no');
    expect(ask(Uint8Array.from([...message('10 08'), 0]), true)).toBe('yes');
    expect(ask(hex('81 0a 0008 02 00 10 08'), false)).toBe('no');
    expect(ask(hex('81 05 0006 003c'), false)).toBe('yes');
    expect(ask(hex('82 05 0006 003c'), true)).toBe('no');
  });
});
