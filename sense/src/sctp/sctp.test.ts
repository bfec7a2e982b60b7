import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { createEngine } from '../engine.ts';
import { diameter } from '../protocols/diameter/diameter.ts';
import { defaultLimits } from '../limits.ts';
import { ethernet, ip, pcap } from '../testing/packets.ts';
import {
  sctpChunk as chunk,
  sctpData as data,
  sctpInit as init,
  sctpPacket as packet,
  sctpSack as sack,
} from '../testing/sctp.ts';
import { crc32c } from './crc32c.ts';

const client = { from: '192.0.2.1', to: '198.51.100.1' };
const server = { from: '198.51.100.1', to: '192.0.2.1' };

const u32 = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

/** A request of Diameter with its number, and as many bytes of an attribute that nobody reads. */
function request(id: number, extra = 0): Uint8Array {
  const length = 20 + 8 + extra;
  return Uint8Array.from([1, 0, length >> 8, length & 255, 0x80, 0, 1, 0x18, 0, 0, 0, 0, ...u32(id), ...u32(id), ...u32(9_999), 0, 0, (8 + extra) >> 8, (8 + extra) & 255, ...new Uint8Array(extra)]); // prettier-ignore
}

function read(packets: readonly Uint8Array[], checksums: 'ignore' | 'verify' = 'ignore'): { [log: string]: AnyRecord[] } {
  const records: { [log: string]: AnyRecord[] } = { diameter: [], weird: [], sctp: [], conn: [] };
  const engine = createEngine({
    sink: { record: (log, record) => void (records[log] ??= []).push(record) },
    protocols: [diameter],
    checksums,
    fault: (_service, error) => {
      throw error;
    },
  });
  const timed = packets.map((bytes, i) => {
    const forward = bytes[0] === 40_000 >> 8;
    return { ts: 1_700_000_000 + i / 100, bytes: ethernet(ip(forward ? client : server, 132, bytes)) };
  });
  engine.push(pcap(timed));
  engine.end();
  return records;
}
const ids = (records: { [log: string]: AnyRecord[] }) => records['diameter']!.map((record) => record['hop_by_hop_id']);

const handshake = [
  packet(true, init(1, 11, 100, 0, 5, 0, 8, 192, 0, 2, 9)),
  packet(false, init(2, 22, 500)),
  packet(true, chunk(10, 0, [1, 2, 3, 4])),
  packet(false, chunk(11, 0, [])),
];

test('CRC32c of the digits is the known one', () => {
  expect(crc32c(new TextEncoder().encode('123456789'), 0, 9, 99)).toBe(0xe306_9283);
});

describe('an association', () => {
  test('from its beginning to its end', () => {
    const records = read([
      ...handshake,
      packet(true, data(100, request(1))),
      packet(false, sack(100), data(500, request(2))),
      packet(true, chunk(4, 0, [0, 1, 0, 8, 0, 0, 0, 0])),
      packet(true, chunk(7, 0, u32(500))),
      packet(false, chunk(8, 0, [])),
      packet(true, chunk(14, 0, [])),
    ]);
    expect(records['sctp']).toMatchObject([
      { state: 'shut_down', orig_streams: 10, resp_streams: 10, orig_addresses: ['192.0.2.9'], payload_protocols: [46], orig_messages: 1, resp_messages: 1, orig_bytes: 28, missing: 0, heartbeats: 1 },
    ]); // prettier-ignore
    expect(records['conn']).toMatchObject([
      { ip_proto: 132, 'id.resp_p': 3_868, service: 'diameter', conn_state: 'SF', orig_bytes: 28, resp_bytes: 28 },
    ]);
    expect(ids(records)).toEqual([1, 2]);
  });
  test('one that is refused, and one that is aborted', () => {
    const abort = packet(false, chunk(6, 0, [0, 12, 0, 4]));
    expect(read([handshake[0]!, abort])).toMatchObject({
      sctp: [{ state: 'aborted', abort_cause: 12 }],
      conn: [{ conn_state: 'REJ' }],
    });
    expect(read([...handshake, abort])).toMatchObject({ conn: [{ conn_state: 'RSTR' }] });
  });
  test('one that was seen first in its middle is read', () => {
    expect(ids(read([packet(true, data(7_000, request(1))), packet(true, data(7_001, request(2)))]))).toEqual([1, 2]);
  });
});

describe('messages', () => {
  const whole = request(5, 3_000);
  const part = (from: number, to: number, tsn: number): Uint8Array =>
    packet(true, data(tsn, whole.subarray(from, to), (from === 0 ? 2 : 0) | (to === whole.length ? 1 : 0)));
  const parts = [
    part(0, 1_000, 100),
    part(1_000, 2_000, 101),
    part(2_000, whole.length, 102),
    packet(true, data(103, request(6))),
  ];

  test('fragments are joined, in whatever order they come and however often', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 0, 2], { minLength: 6, maxLength: 6 }), (order) => {
        expect(ids(read([...handshake, ...order.map((i) => parts[i]!)]))).toEqual([5, 6]);
      }),
      { numRuns: 60 },
    );
  });
  test('a chunk that is missing takes its message with it and no other', () => {
    const records = read([...handshake, parts[0]!, parts[2]!, parts[3]!]);
    expect(ids(records)).toEqual([6]);
    expect(records['sctp']).toMatchObject([{ missing: 1, orig_messages: 1 }]);
  });
  test('what the peer has acknowledged is waited for no longer', () => {
    const records = read([
      ...handshake,
      packet(true, data(101, request(2))),
      packet(false, sack(101)),
      packet(false, data(500, request(3))),
    ]);
    expect(ids(records)).toEqual([2, 3]);
  });
  test('numbers turn over', () => {
    const late = packet(true, init(1, 11, 0xffff_ffff));
    expect(ids(read([late, packet(true, data(0, request(2))), packet(true, data(0xffff_ffff, request(1)))]))).toEqual([1, 2]);
  });
  test('several chunks of one packet are read in their order', () => {
    expect(ids(read([...handshake, packet(true, data(100, request(1)), data(101, request(2)))]))).toEqual([1, 2]);
  });
});

describe('hostile packets', () => {
  test('a wrong checksum is set aside where checksums are verified', () => {
    const bad = packet(true, data(100, request(1)));
    bad[9]! ^= 1;
    const records = read([...handshake, bad], 'verify');
    expect(records['weird']).toMatchObject([{ name: 'bad_SCTP_checksum' }]);
    expect(records['diameter']).toEqual([]);
    expect(ids(read([...handshake, packet(true, data(100, request(1)))], 'verify'))).toEqual([1]);
  });
  test('what is held above holes has a ceiling, and nothing that came is lost', () => {
    const count = defaultLimits.pendingRangesMax * 2;
    // Every second chunk is missing.
    const holes = Array.from({ length: count }, (_, i) => packet(true, data(101 + i * 2, request(i))));
    const records = read([...handshake, ...holes]);
    expect(ids(records)).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(records['sctp']).toMatchObject([{ missing: count }]);
  });
  test('a message without end is given up', () => {
    const endless = Array.from({ length: 80 }, (_, i) => packet(true, data(100 + i, new Uint8Array(1_000), i === 0 ? 2 : 0)));
    expect(read([...handshake, ...endless])['weird']).toMatchObject([{ name: 'sctp_message_too_long' }]);
  });
  test('any bytes, and any change of good ones, are survived', () => {
    const good = [...handshake, packet(true, data(100, request(1))), packet(false, sack(100))];
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(200), fc.nat(255));
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 8 }),
        fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 3 }),
        (changes, noise) => {
          const packets = good.map((bytes) => Uint8Array.from(bytes));
          for (const [which, at, value] of changes) packets[which]![4 + (at % (packets[which]!.length - 4))] = value;
          const records = read([...packets, ...noise]);
          expect(records['diameter']!.length).toBeLessThan(4);
        },
      ),
      { numRuns: 300 },
    );
  });
});
