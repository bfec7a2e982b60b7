import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, cutAll, flowOf, hex, run } from '../trial.ts';
import { deviceStatus } from './codes.ts';
import { hartIp, hartIpOverTcp } from './hart_ip.ts';

const udp = flowOf('udp', 5094);
const tcp = flowOf('tcp', 5094);

/** A message with the given identifier. */
function message(type: number, identifier: number, text: string): Uint8Array {
  const body = hex(text);
  return Uint8Array.from([1, type, identifier, 0, 0, 9, 0, body.length + 8, ...body]);
}
/** Token passing, with the sum of the frame behind it. */
function frame(type: number, text: string): Uint8Array {
  const body = hex(text);
  return message(
    type,
    3,
    `${Buffer.from(body).toString('hex')}${body
      .reduce((sum, byte) => sum ^ byte, 0)
      .toString(16)
      .padStart(2, '0')}`,
  );
}
const there = (bytes: Uint8Array): Arrival => ({ direction: 0, ts: 1, bytes });
const records = (...arrivals: Arrival[]) => run(hartIp, udp, arrivals).records.map(({ record }) => record);

test('what a device says of its state', () => {
  expect(deviceStatus(0x81)).toEqual(['device_malfunction', 'primary_variable_out_of_limits']);
  expect(deviceStatus(0)).toEqual([]);
});

describe('frames of HART', () => {
  test('expansion bytes stand between address and command', () => {
    expect(records(there(frame(0, 'a2 264e0000d2 07 00 00')))).toMatchObject([
      { token_passing_pdu_command_number: 'Read Unique Identifier', token_passing_pdu_address_v6: '264e0000d2' },
    ]);
  });
  test('a device that publishes by itself', () => {
    expect(records(there(frame(2, '81 e64e0000d2 01 07 0040 27 41f00000')))).toMatchObject([
      {
        header_message_type_message_type: 'Publish',
        token_passing_pdu_delimiter_frame_type: 'Burst Frame',
        token_passing_pdu_contents_response_device_status: ['configuration_changed'],
      },
    ]);
  });
  test('an error of communication has no state of the device', () => {
    const [record] = records(there(frame(1, '86 264e0000d2 03 02 88 00')));
    expect(record).toMatchObject({ token_passing_pdu_contents_response_response_code: 136 });
    expect(record).not.toHaveProperty('token_passing_pdu_contents_response_device_status');
  });
});

test('values that a device measures are not written', () => {
  expect(JSON.stringify(records(there(frame(1, '86 264e0000d2 01 07 0000 27 41f00000'))))).not.toMatch(/41f0|"30"|:30[,}]/);
});

test('any cutting gives the same records', () => {
  const arrivals = [there(Uint8Array.from([...frame(0, '82 264e0000d2 00 00'), ...message(0, 2, '')])), there(message(0, 1, ''))];
  const whole = run(hartIpOverTcp, tcp, arrivals);
  expect(whole.records).toHaveLength(3);
  fc.assert(
    fc.property(fc.array(fc.nat(60), { maxLength: 20 }), (places) => {
      expect(run(hartIpOverTcp, tcp, cutAll(arrivals, places))).toEqual(whole);
    }),
  );
});

test('damaged bytes never throw', () => {
  const good = frame(1, '86 264e0000d2 00 0e 0040fe264e050704010e0c0000d2');
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 6 }), (changes) => {
      const bytes = Uint8Array.from(good);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      expect(records(there(bytes)).length).toBeLessThan(2);
    }),
    { numRuns: 2_000 },
  );
});

describe('probe', () => {
  const ask = (bytes: Uint8Array, usual: boolean, protocol = hartIp) => protocol.probe(bytes, 0, bytes.length, 0, usual);
  test('elsewhere a session begins, or the sum of a frame is right', () => {
    expect(ask(message(0, 0, '01 00007530'), false)).toBe('yes');
    expect(ask(message(0, 0, '07 00007530'), false)).toBe('no');
    expect(ask(frame(0, '82 264e0000d2 00 00'), false)).toBe('yes');
    expect(ask(message(0, 3, '82 264e0000d2 00 00 ff'), false)).toBe('no');
    expect(ask(message(0, 2, ''), false)).toBe('no');
    expect(ask(message(0, 2, ''), true)).toBe('yes');
    expect(ask(frame(0, '82 264e0000d2 00 00').subarray(0, 12), false, hartIpOverTcp)).toBe('more');
  });
});
