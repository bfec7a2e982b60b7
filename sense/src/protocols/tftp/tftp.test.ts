import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { ExpectedFlow } from '../protocol.ts';
import { type Arrival, ascii, flowOf, run, silent } from '../trial.ts';
import { tftp } from './tftp.ts';

const message = (opcode: number, number: number | undefined, text = ''): Uint8Array =>
  Buffer.concat([
    Buffer.of(0, opcode),
    number === undefined ? Buffer.of() : Buffer.of((number >> 8) & 0xff, number & 0xff),
    ascii(text),
  ]);
const request = message(1, undefined, 'firmware.bin\0octet\0');
const block = (number: number, length: number): Uint8Array => message(3, number, 'x'.repeat(length));

/** A request in one flow, and what the other flow, which it announced, brings; the first is over while the second goes on. */
function transfer(first: Uint8Array, others: readonly [0 | 1, Uint8Array][]): { announced: ExpectedFlow; written: AnyRecord[] } {
  const written: AnyRecord[] = [];
  const announced: ExpectedFlow[] = [];
  const emit = {
    ...silent,
    record: (_log: string, record: AnyRecord) => void written.push(record),
    expect: (flow: ExpectedFlow) => void announced.push(flow),
  };
  const asks = tftp.open(flowOf('udp', 69, 2_001), emit);
  asks.data(0, first, 0, first.length, 1);
  const carries = tftp.open({ ...flowOf('udp', 2_001, 3_445, announced[0]), uid: 'Cdata' }, emit);
  asks.finish(2);
  for (const [direction, bytes] of others) carries.data(direction, bytes, 0, bytes.length, 3);
  carries.finish(4);
  return { announced: announced[0]!, written };
}

describe('the flow that carries the file', () => {
  test('is announced: from the server, to the port that asked', () => {
    const { announced } = transfer(request, []);
    expect(announced).toMatchObject({ transport: 'udp', host: '192.0.2.1', port: 2_001, service: 'tftp', until: 61 });
  });
  test('its end, and its name, belong to the record of the request', () => {
    const cut = transfer(request, [[0, block(1, 512)]]);
    expect(cut.written).toMatchObject([{ fname: 'firmware.bin', size: 512, block_sent: 1, block_acked: 0, uid_data: 'Cdata' }]);
    const whole = transfer(request, [
      [0, block(1, 10)],
      [1, message(4, 1)],
    ]);
    expect(whole.written).toMatchObject([{ size: 10, block_acked: 1 }]);
  });
  test('nobody answers: the flow that asked writes the record', () => {
    const written: AnyRecord[] = [];
    const parser = tftp.open(flowOf('udp', 69), { ...silent, record: (_log, record) => void written.push(record) });
    parser.data(0, request, 0, request.length, 1);
    parser.finish(61);
    expect(written).toMatchObject([{ fname: 'firmware.bin', size: 0 }]);
    expect(written[0]).not.toHaveProperty('uid_data');
  });
});

test('loss is counted, numbers begin anew after 65,535, and a late block is a repetition', () => {
  const arrivals: Arrival[] = [];
  const at = (number: number, length: number) => arrivals.push({ direction: 1, ts: 1, bytes: block(number & 0xffff, length) });
  arrivals.push({ direction: 0, ts: 1, bytes: request });
  for (let i = 1; i <= 65_540; i++) if (i !== 7) at(i, 512);
  at(3, 512);
  at(65_541, 100);
  const outcome = run(tftp, flowOf('udp', 69), arrivals);
  expect(outcome.records.map(({ record }) => record)).toMatchObject([
    { seen_bytes: 65_539 * 512 + 100, missing_bytes: 512 },
    { size: 65_539 * 512 + 100, block_sent: 65_541 },
  ]);
});

test('any datagrams in any order: no exception, and no record without a request', () => {
  const datagram = fc.oneof(
    fc.constantFrom<Uint8Array>(
      request,
      message(2, undefined, 'a\0octet\0'),
      block(1, 512),
      block(2, 3),
      message(4, 1),
      message(4, 2),
    ),
    fc.uint8Array({ maxLength: 60 }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom<0 | 1>(0, 1), datagram), { maxLength: 20 }), (list) => {
      const arrivals = list.map(([direction, bytes], i): Arrival => ({ direction, ts: i, bytes }));
      const asked = list.filter(([, bytes]) => bytes.length >= 4 && bytes[0] === 0 && (bytes[1] === 1 || bytes[1] === 2)).length;
      const { records } = run(tftp, flowOf('udp', 69), arrivals);
      expect(records.filter(({ log }) => log === 'tftp').length).toBeLessThanOrEqual(asked);
    }),
    { numRuns: 1_000 },
  );
});

test('probe', () => {
  const ask = (bytes: Uint8Array, usual: boolean, direction: 0 | 1 = 0) => tftp.probe(bytes, 0, bytes.length, direction, usual);
  expect(ask(request, false)).toBe('yes');
  expect(ask(message(2, undefined, 'a\0NetASCII\0blksize\x001024\0'), false)).toBe('yes');
  expect(ask(message(1, undefined, 'a\0binary\0'), false)).toBe('no');
  expect(ask(message(1, undefined, 'a\0binary\0'), true)).toBe('yes');
  expect(ask(message(1, undefined, '\0octet\0'), true)).toBe('no');
  expect(ask(request, false, 1)).toBe('no');
  expect(ask(block(1, 512), false)).toBe('no');
  expect(ask(block(1, 512), true)).toBe('yes');
});
