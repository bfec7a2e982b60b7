import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { FlowView } from '../protocol.ts';
import { flowOf, hex, run, silent } from '../trial.ts';
import { dhcp } from './dhcp.ts';

const [discover, offer, request, ack] = readFileSync(join(import.meta.dirname, 'cases/lease/bytes.txt'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const match = /^\d+\.\d+ [<>] (.*)$/.exec(line);
    return match ? [hex(match[1]!)] : [];
  }) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

const flow = (uid: string, from: string, to: string): FlowView => ({
  ...flowOf('udp', 67, 68),
  uid,
  head: (ts) => ({ ts, uid, 'id.orig_h': from, 'id.orig_p': 68, 'id.resp_h': to, 'id.resp_p': 67 }),
});

/** Several flows of one engine: each message as `[flow, ts, bytes]`, all flows over at the given instant. */
function engine(flows: readonly FlowView[], messages: readonly [number, number, Uint8Array][], end: number): AnyRecord[] {
  const own = dhcp.anew!();
  const written: AnyRecord[] = [];
  const emit = { ...silent, record: (_log: string, record: AnyRecord) => void written.push(record) };
  const parsers = flows.map((each) => own.open(each, emit));
  for (const [which, ts, bytes] of messages) parsers[which]!.data(0, bytes, 0, bytes.length, ts);
  for (const parser of parsers) parser.finish(end);
  return written;
}

const broadcast = flow('Cclient', '0.0.0.0', '255.255.255.255');
const answers = flow('Cserver', '198.51.100.1', '255.255.255.255');

/** The same message with another transaction number. */
const numbered = (bytes: Uint8Array, xid: number): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  new DataView(copy.buffer).setUint32(4, xid);
  return copy;
};

describe('joining', () => {
  test('a transaction over two flows is one record', () => {
    const written = engine(
      [broadcast, answers],
      [
        [0, 0, discover],
        [1, 0.1, offer],
        [0, 0.2, request],
        [1, 0.3, ack],
      ],
      60,
    );
    expect(written).toMatchObject([
      {
        uids: ['Cclient', 'Cserver'],
        client_addr: '192.0.2.9',
        server_addr: '198.51.100.1',
        msg_types: ['DISCOVER', 'OFFER', 'REQUEST', 'ACK'],
        duration: 0.3,
      },
    ]);
  });
  test('a quiet transaction is written with the next message, and its number may come again', () => {
    const written = engine(
      [broadcast],
      [
        [0, 0, discover],
        [0, 12, discover],
        [0, 13, numbered(discover, 5)],
      ],
      60,
    );
    expect(written).toMatchObject([{ ts: 0 }, { ts: 12 }, { trans_id: 5 }]);
  });
  test('one that goes on is cut after thirty seconds', () => {
    const written = engine(
      [broadcast],
      [0, 4, 8, 12, 16, 20, 24, 28, 32].map((ts) => [0, ts, discover]),
      60,
    );
    expect(written.map((record) => (record['msg_types'] as string[]).length)).toEqual([8, 1]);
  });
  test('a flood of messages and of numbers is bounded', () => {
    const many = engine(
      [broadcast],
      Array.from({ length: 120 }, (_, i) => [0, i / 1000, discover]),
      60,
    );
    expect(many.map((record) => (record['msg_types'] as string[]).length)).toEqual([50, 50, 20]);
    const own = dhcp.anew!();
    let written = 0;
    const parser = own.open(broadcast, { ...silent, record: () => void written++ });
    for (let i = 0; i < 10_000; i++) {
      const bytes = numbered(discover, i);
      parser.data(0, bytes, 0, bytes.length, 1);
    }
    expect(written).toBe(10_000 - 8_192);
    parser.finish(1);
    expect(written).toBe(10_000);
  });
  test('two engines never mix', () => {
    const first = dhcp.anew!();
    const second = dhcp.anew!();
    const written: AnyRecord[] = [];
    const emit = { ...silent, record: (_log: string, record: AnyRecord) => void written.push(record) };
    const parsers = [first.open(broadcast, emit), second.open(answers, emit)];
    parsers[0]!.data(0, discover, 0, discover.length, 0);
    parsers[1]!.data(0, offer, 0, offer.length, 0);
    for (const parser of parsers) parser.finish(1);
    expect(written.map((record) => record['msg_types'])).toEqual([['DISCOVER'], ['OFFER']]);
  });
});

test('mutated messages never throw, and each leaves one record at most', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 12 }), fc.nat(400), (changes, length) => {
      const bytes = Uint8Array.from(ack);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      const arrival = { direction: 1 as const, ts: 1, bytes: bytes.subarray(0, length) };
      expect(run(dhcp, flowOf('udp', 67), [arrival]).records.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 2_000 },
  );
});

test('the cookie proves it on any port; without it only the own ports do', () => {
  const ask = (bytes: Uint8Array, usual: boolean) => dhcp.probe(bytes, 0, bytes.length, 0, usual);
  expect(ask(discover, false)).toBe('yes');
  expect(ask(discover.subarray(0, 236), false)).toBe('no');
  expect(ask(discover.subarray(0, 236), true)).toBe('yes');
  expect(ask(discover.subarray(0, 200), true)).toBe('no');
});
