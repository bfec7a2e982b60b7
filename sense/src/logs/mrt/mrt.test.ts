import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import * as b from '../../testing/bgp.ts';
import { randomBytes } from '../../protocols/trial.ts';
import type { LogReport } from '../read.ts';
import { recogniseLog } from '../read.ts';
import { limits, mrt } from './mrt.ts';

const t = 1_700_000_000;
const four: b.Ends = { peerAs: 64_500, localAs: 12_654, peer: '192.0.2.1', local: '192.0.2.254' };
const six: b.Ends = { peerAs: 4_200_000_001, localAs: 12_654, peer: '2001:db8::1', local: '2001:db8::fe' };
const base = [...b.origin(0), ...b.asPath(4, [64_500, 4_200_000_001]), ...b.nextHop('192.0.2.1')];
const message = (subtype: number, ends: b.Ends, octets: 2 | 4, bytes: Uint8Array, microseconds?: number): Uint8Array =>
  b.mrt(t, microseconds === undefined ? 16 : 17, subtype, [...b.ends(ends, octets), ...bytes], microseconds);

type Read = { logs: string[]; records: AnyRecord[]; report: LogReport };

function read(bytes: Uint8Array, piece = bytes.length): Read {
  const logs: string[] = [];
  const records: AnyRecord[] = [];
  const reading = recogniseLog(bytes.subarray(0, 65_536), 'updates.20231114.2213')!.open(
    { name: 'updates' },
    {
      record: (log, record) => {
        logs.push(log);
        records.push(record);
      },
    },
  );
  for (let at = 0; at < bytes.length; at += piece) {
    // The reader may keep nothing of what it is shown.
    const shown = Uint8Array.from(bytes.subarray(at, at + piece));
    reading.push(shown);
    shown.fill(0x5a);
  }
  return { logs, records, report: reading.end() };
}

const updates = Buffer.concat([
  message(
    4,
    four,
    4,
    b.update({ attributes: base, announced: b.prefixes('203.0.113.0/24'), withdrawn: b.prefixes('10.0.0.0/8') }),
  ),
  message(4, six, 4, b.update({ attributes: [...b.origin(2), ...b.asPath(4, [4_200_000_001]), ...b.mpReach(2, 1, '2001:db8::1', b.prefixes('2001:db8:1::/48'))] }), 250_000), // oxfmt-ignore
  message(4, four, 4, b.keepalive()),
  message(7, four, 4, b.open({ capabilities: [b.capability(65, b.n32(12_654))] })),
  message(4, four, 4, b.notification(4, 0)),
  b.mrt(t + 5, 16, 5, [...b.ends(six, 4), ...b.n16(6), ...b.n16(1)]),
]);

const table = Buffer.concat([
  b.peerIndex(t, '193.0.0.1', 'main', [
    { id: '192.0.2.1', ip: '192.0.2.1', as: 64_500, octets: 2 },
    { id: '192.0.2.2', ip: '2001:db8::2', as: 4_200_000_001 },
  ]),
  b.mrt(t, 13, 2, [
    ...b.n32(0),
    ...b.prefix('203.0.113.0/24'),
    ...b.ribEntries([{ peer: 0, originated: t - 100, attributes: base }]),
  ]),
  b.mrt(t, 13, 4, [...b.n32(1), ...b.prefix('2001:db8:5::/48'), ...b.ribEntries([{ peer: 1, originated: t - 7, attributes: [...b.origin(0), ...b.asPath(4, [4_200_000_001]), ...b.attribute(0x80, 14, [16, ...b.address('2001:db8::2')])] }])]), // oxfmt-ignore
  b.mrt(t, 13, 8, [...b.n32(2), ...b.prefix('10.0.0.0/8'), ...b.ribEntries([5, 6].map((pathId) => ({ peer: 0, originated: t, pathId, attributes: base })))]), // oxfmt-ignore
  b.mrt(t, 13, 3, [...b.n32(3), ...b.prefix('0.0.0.0/0'), ...b.ribEntries([{ peer: 1, originated: t, attributes: base }])]),
]);

test('messages and changes of state, with who sent them to whom', () => {
  const { logs, records, report } = read(updates);
  expect(logs).toEqual(['bgp_update', 'bgp_update', 'bgp_session', 'bgp_session', 'bgp_session']);
  expect(records).toMatchObject([
    { ts: t, peer_ip: '192.0.2.1', peer_asn: 64_500, local_ip: '192.0.2.254', local_asn: 12_654, as_path: '64500 4200000001', announced: ['203.0.113.0/24'], withdrawn: ['10.0.0.0/8'] }, // oxfmt-ignore
    { ts: t + 0.25, peer_ip: '2001:db8::1', family: 'ipv6 unicast', next_hop: '2001:db8::1', announced: ['2001:db8:1::/48'] },
    { event: 'open', is_local: true, asn: 12_654 },
    { event: 'notification', error: 'Hold Timer Expired' },
    { ts: t + 5, event: 'state-change', old_state: 'Established', new_state: 'Idle', peer_ip: '2001:db8::1' },
  ]);
  expect(report).toMatchObject({ format: 'mrt', refused: {}, shortened: 0 });
});

test('tables: each route of each prefix, with the peer of the index', () => {
  const { records, report } = read(table);
  expect(records).toMatchObject([
    { collector: '193.0.0.1', view: 'main', prefix: '203.0.113.0/24', peer_ip: '192.0.2.1', peer_asn: 64_500, originated: t - 100, origin_as: 4_200_000_001 }, // oxfmt-ignore
    {
      prefix: '2001:db8:5::/48',
      family: 'ipv6 unicast',
      peer_ip: '2001:db8::2',
      peer_bgp_id: '192.0.2.2',
      next_hop: '2001:db8::2',
    },
    { prefix: '10.0.0.0/8', path_id: 5 },
    { prefix: '10.0.0.0/8', path_id: 6 },
    { prefix: '0.0.0.0/0', family: 'ipv4 multicast' },
  ]);
  expect(report.refused).toEqual({});
});

test('a family that the record names itself, its path identifier where RFC 8050 has it and where others write it', () => {
  const [index] = [table.subarray(0, 12 + table.readUInt32BE(8))];
  const generic = (subtype: number, body: readonly number[]) =>
    read(Buffer.concat([index!, b.mrt(t, 13, subtype, [...b.n32(0), ...b.n16(1), 1, ...body])]));
  const entry = { peer: 0, originated: t, attributes: base };
  const ours = b.prefix('10.2.0.0/16');
  expect(generic(6, [...ours, ...b.ribEntries([entry])]).records).toMatchObject([{ prefix: '10.2.0.0/16' }]);
  expect(generic(12, [...b.n32(9), ...ours, ...b.ribEntries([entry])]).records).toMatchObject([
    { prefix: '10.2.0.0/16', path_id: 9 },
  ]);
  expect(generic(12, [...ours, ...b.ribEntries([{ ...entry, pathId: 9 }])]).records).toMatchObject([
    { prefix: '10.2.0.0/16', path_id: 9 },
  ]);
});

test('however a file is cut, the records are the same', () => {
  for (const whole of [updates, table]) {
    const { records } = read(whole);
    for (const piece of [1, 7, 12, 13, 64]) expect(read(whole, piece).records).toEqual(records);
  }
});

test('it is told by its first records; other files are not', () => {
  for (const whole of [updates, table]) {
    expect(mrt.file!.recognise(whole, 'x')).toBe(true);
    expect(mrt.file!.recognise(whole.subarray(0, 12 + whole.readUInt32BE(8)), 'x')).toBe(true);
  }
  const random = randomBytes(7);
  let claimed = 0;
  for (let i = 0; i < 100_000; i++) if (mrt.file!.recognise(random(16 + (i % 100)), 'x')) claimed++;
  expect(claimed).toBe(0);
  for (const text of ['{"ts":1}\n', '#separator \\x09\n', '<13>a line of syslog\n']) {
    expect(mrt.file!.recognise(Buffer.from(text.repeat(20)), 'x')).toBe(false);
  }
});

describe('hostile files', () => {
  test('a record of four gigabytes is passed over, and counted', () => {
    const head = b.mrt(t, 16, 4, []);
    head.set([0xff, 0xff, 0xff, 0xff], 8);
    const { records, report } = read(Buffer.concat([updates, head, updates]), 100);
    expect(records).toHaveLength(5);
    expect(report.refused).toEqual({
      'too-long': { count: 1, first: { offset: updates.length } },
      cut: { count: 1, first: { offset: 2 * updates.length + 12 } },
    });
  });

  test('behind a record that is too long reading goes on', () => {
    const most = limits[0].value;
    const long = Buffer.concat([b.mrt(t, 16, 4, []), Buffer.alloc(most)]);
    long.writeUInt32BE(most, 8);
    for (const piece of [1_000, 65_536]) {
      const { records, report } = read(Buffer.concat([updates, long, updates]), piece);
      expect(records).toHaveLength(10);
      expect(report.refused).toMatchObject({ 'too-long': { count: 1 } });
      expect(report.refused.cut).toBeUndefined();
    }
  });

  test('what does not fit is refused with its place, and what follows is read', () => {
    const [index] = [table.subarray(0, 12 + table.readUInt32BE(8))];
    const bad = [
      b.mrt(t, 13, 2, [...b.n32(0), 33, 1, 2, 3, 4, 5, 0, 0]),
      b.mrt(t, 13, 2, [...b.n32(0), ...b.prefix('10.0.0.0/8'), ...b.n16(9), ...b.n16(0), ...b.n32(t), ...b.n16(0xffff)]),
      b.mrt(t, 13, 2, [
        ...b.n32(0),
        ...b.prefix('10.0.0.0/8'),
        ...b.ribEntries([
          { peer: 77, originated: t, attributes: base },
          { peer: 0, originated: t, attributes: base },
        ]),
      ]),
      b.mrt(t, 16, 4, [...b.ends(four, 4), 1, 2, 3]),
      b.mrt(t, 16, 4, [0, 0, 0, 1]),
      b.mrt(t, 16, 99, [0, 0, 0, 1, 2, 3, 4, 5]),
      b.mrt(t, 11, 1, [1, 2, 3, 4]),
    ];
    const { records, report } = read(Buffer.concat([index!, ...bad, updates]));
    expect(report.refused).toMatchObject({
      malformed: { count: 5, first: { offset: index!.length } },
      unrecognised: { count: 2 },
    });
    expect(records.length).toBe(7);
    expect(records[0]).not.toHaveProperty('peer_ip');
    expect(records[1]).toMatchObject({ peer_ip: '192.0.2.1' });
    // Tables before any index.
    expect(read(table.subarray(index!.length)).report.refused).toMatchObject({ malformed: { count: 4 } });
  });

  test('attributes that are wrong are told in the record and once a file', () => {
    const wrong = message(
      4,
      four,
      4,
      b.update({ attributes: [...b.origin(9), ...base.slice(4)], announced: b.prefixes('203.0.113.0/24') }),
    );
    const { records, logs } = read(Buffer.concat([wrong, wrong]));
    expect(logs).toEqual(['weird', 'bgp_update', 'bgp_update']);
    expect(records[0]).toMatchObject({ name: 'bgp_treat_as_withdraw', addl: 'origin', source: 'updates' });
    expect(records[1]).toMatchObject({ errors: ['origin'], treat_as_withdraw: true, announced: ['203.0.113.0/24'] });
  });

  test('changed anywhere they are survived', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(updates, table),
        fc.array(fc.tuple(fc.nat(1_000), fc.nat(255)), { maxLength: 6 }),
        fc.integer({ min: 1, max: 400 }),
        (whole, changes, piece) => {
          const changed = Uint8Array.from(whole);
          for (const [at, value] of changes) changed[at % changed.length] = value;
          const records: unknown[] = [];
          const reader = mrt.file!.open(
            { record: (_log, record) => void records.push(record), refused: () => {}, shortened: () => {} },
            { name: 'x' },
          );
          for (let at = 0; at < changed.length; at += piece) reader.data(changed.subarray(at, at + piece));
          reader.end();
          expect(records.length).toBeLessThan(100);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
