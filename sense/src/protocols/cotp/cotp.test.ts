import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, cutAll, flowOf, hex, run } from '../trial.ts';
import { userDataName } from './codes.ts';
import { cotp } from './cotp.ts';

const flow = flowOf('tcp', 102);
const there = (bytes: Uint8Array): Arrival => ({ direction: 0, ts: 1, bytes });

function tpkt(...parts: (Uint8Array | readonly number[])[]): Uint8Array {
  const body = parts.flatMap((part) => [...part]);
  const length = body.length + 4;
  return Uint8Array.from([3, 0, length >> 8, length & 255, ...body]);
}
const data = (...parts: (Uint8Array | readonly number[])[]): Uint8Array => tpkt([2, 0xf0, 0x80], ...parts);

/** An S7 message of the given kind. */
function s7(rosctr: number, parameters: string, rest = '', error = ''): number[] {
  const [p, d] = [hex(parameters), hex(rest)];
  const lengths = [p.length >> 8, p.length & 255, d.length >> 8, d.length & 255];
  return [0x32, rosctr, 0, 0, 7, 0, ...lengths, ...hex(error), ...p, ...d];
}
const records = (log: string, ...arrivals: Arrival[]) =>
  run(cotp, flow, arrivals)
    .records.filter((one) => one.log === log)
    .map(({ record }) => record);
const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

describe('programs on their way', () => {
  test('into the controller: name, kind and number of the block', () => {
    const asked = data(s7(1, `1a 00 0100 00000000 09 ${ascii('_0800001P')} 0d ${ascii('1000260000192')}`));
    expect(records('s7comm_upload_download', there(asked))).toMatchObject([
      {
        function_name: 'Request Download',
        filename: '_0800001P',
        block_type: 'Organization Block',
        block_number: '00001',
        destination_filesystem: 'Passive',
        pdu_reference: 7,
      },
    ]);
  });

  test('a name of another form stands as it is', () => {
    const asked = data(s7(1, `1d 00 0000 00000000 05 ${ascii('_N_AB')}`));
    const [record] = records('s7comm_upload_download', there(asked));
    expect(record).toMatchObject({ filename: '_N_AB', session_id: 0 });
    expect(record).not.toHaveProperty('block_type');
  });
});

test('user data: the error of an answer, and what is pushed', () => {
  const answer = data(s7(7, '000112 08 12 83 03 00 00 00 d209'));
  expect(records('s7comm', there(answer))).toMatchObject([
    {
      function_name: 'Response: Block Functions',
      subfunction_name: 'Get Block Info',
      error_class: 'Parameter Error',
      error_code: '0xd209',
    },
  ]);
  expect([userDataName(0x04), userDataName(0x9e)]).toEqual(['Push: CPU Functions', 'unknown: unknown']);
});

test('a message shorter than it states is odd, one of no known kind is none', () => {
  const outcome = run(cotp, flow, [
    there(data([0x32, 1, 0, 0, 7, 0, 0, 90, 0, 0, 0x29])),
    there(data([0x32, 9, 0, 0, 7, 0, 0, 0, 0, 0])),
  ]);
  expect(outcome.weirds.map(({ name }) => name)).toEqual(['s7comm_truncated_message', 's7comm_unknown_rosctr']);
});

test('what other users of the transport say is left alone', () => {
  const outcome = run(cotp, flow, [there(data([0x0d, 0xb2, 5, 6]))]);
  expect(outcome).toMatchObject({ services: ['cotp'], records: [{ log: 'cotp' }], weirds: [] });
});

describe('on a port of another', () => {
  const probe = (bytes: Uint8Array) => cotp.probe(bytes, 0, bytes.length, 0, false);
  test('S7 and its connections are known by content', () => {
    expect(probe(data(s7(1, '29')))).toBe('yes');
    expect(probe(tpkt(hex('11 e0 0000 0001 00 c1020100 c2020102 c0010a')))).toBe('yes');
    expect(probe(data(hex('72 01 0010 31 0000 04ca 0000 0001 00000000 00 72010000')))).toBe('yes');
    expect(probe(data(s7(1, '29')).subarray(0, 8))).toBe('more');
  });
  test('Remote Desktop, and data of others, are not', () => {
    expect(probe(tpkt([14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0]))).toBe('no');
    expect(probe(data([0x0d, 0xb2, 5, 6, 1, 2, 3, 4]))).toBe('no');
    expect(probe(Uint8Array.from([3, 1, 0, 20, 2, 0xf0, 0x80]))).toBe('no');
  });
});

test('any split of the stream gives the same', () => {
  const bytes = Uint8Array.from([
    ...data(s7(1, '29 0000000000 09 505f50524f4752414d')),
    ...data(s7(7, '000112 04 11 44 01 00', 'ff 09 0004 0011 0000')),
  ]);
  const whole = run(cotp, flow, [there(bytes)]);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (at) => {
      expect(run(cotp, flow, cutAll([there(bytes)], at)).records).toEqual(whole.records);
    }),
  );
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(0x32, 0x72, 0), (body, first) => {
      run(
        cotp,
        flow,
        [there(data([first], body)), there(tpkt(body)), there(body)].filter((one) => 'bytes' in one && one.bytes.length > 0),
      );
    }),
  );
});

test('an empty unit that is said to go on begins no message', () => {
  const setup = s7(1, 'f0 00 0001 0001 01e0');
  const arrivals = [there(tpkt([2, 0xf0, 0x00])), there(data(setup)), there(tpkt([2, 0xf0, 0x00], setup)), there(data(setup))];
  // The third is a part with data, which the fourth ends.
  expect(records('s7comm', ...arrivals)).toHaveLength(2);
});
