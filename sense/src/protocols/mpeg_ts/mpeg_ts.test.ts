import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MpegTsFaultRecord, MpegTsRecord } from '@forewarn/model/records/broadcast';
import { caDescriptor, datagrams, ids, makeStream, Multiplexer, packetBytes, pidOf, section, type Sent, tdt } from '../../testing/mpeg-ts.ts'; // oxfmt-ignore
import { flowOf, randomBytes, run, silent } from '../trial.ts';
import { indicators } from './indicators.ts';
import { limits, mpegTs, packetsIn } from './mpeg_ts.ts';
import { dvbText } from './names.ts';
import { pcrStep, pcrTurn } from './pcr.ts';
import { crc32 } from './sections.ts';

const flow = flowOf('udp', 5_500);
const limit = (name: string): number => limits.find((one) => one.name === `mpeg_ts.${name}`)!.value;

function read(sent: readonly Sent[]) {
  const outcome = run(
    mpegTs,
    flow,
    datagrams(sent).map((each) => ({ direction: 0 as const, ...each })),
  );
  const of = (log: string) => outcome.records.filter((one) => one.log === log).map(({ record }) => record);
  return { ...outcome, streams: of('mpeg_ts') as MpegTsRecord[], faults: of('mpeg_ts_fault') as MpegTsFaultRecord[] };
}

/** Sums of the counters that are not zero. */
function errorsIn(streams: readonly MpegTsRecord[]): { [name: string]: number } {
  const sums: { [name: string]: number } = {};
  for (const { column } of indicators) {
    const sum = streams.reduce((total, record) => total + record[column], 0);
    if (sum > 0) sums[column] = sum;
  }
  return sums;
}
const seconds = (n: number): number => n / 2_000;

describe('a stream without faults', () => {
  const { streams, faults, confirmed, weirds } = read(makeStream(25));
  test('has a record each ten seconds and at its end, and no error', () => {
    expect(confirmed).toBe(true);
    expect(weirds).toEqual([]);
    expect(streams).toHaveLength(3);
    expect(errorsIn(streams)).toEqual({});
    expect(faults).toEqual([]);
  });
  test('tells what it carries and how fast', () => {
    expect(streams[0]).toMatchObject({
      carriage: 'udp',
      is_orig: true,
      transport_stream_id: ids.stream,
      programs: [ids.program],
      services: ['Channel One'],
      pids: [0, 0x11, ids.pmt, ids.video, ids.audio],
      pid_types: ['PAT', 'SDT/BAT', 'PMT', 'AVC', 'AAC'],
      scrambled_packets: 0,
      pcr_interval_max: 0.021,
      pcr_accuracy_max: 0,
    });
    expect(streams[0]!.bitrate).toBeGreaterThan(2_995_000);
    expect(streams[0]!.bitrate).toBeLessThan(3_015_000);
    expect(streams[0]!.pcr_jitter).toBeLessThan(0.004);
  });
});

describe('faults of the first priority', () => {
  test('1.1, 1.2: sync bytes', () => {
    const one = read(makeStream(2, (packet, n) => (n === 1_010 ? { ...packet, bytes: packet.bytes.with(0, 0x48) } : packet)));
    expect(errorsIn(one.streams)).toEqual({ sync_byte_error: 1 });
    const three = makeStream(2, (packet, n) =>
      n >= 1_009 && n < 1_012 ? { ...packet, bytes: packet.bytes.with(0, 0) } : packet,
    );
    expect(errorsIn(read(three).streams)).toEqual({ sync_byte_error: 2, ts_sync_loss: 1 });
  });
  test('1.3: no PAT for more than half a second', () => {
    const gone = makeStream(4, (packet) =>
      pidOf(packet.bytes) === 0 && packet.ts % 4 > 1 && packet.ts % 4 < 2.55 ? undefined : packet,
    );
    const { streams, faults } = read(gone);
    expect(errorsIn(streams)).toMatchObject({ pat_error: 3 });
    expect(faults.filter(({ indicator }) => indicator === 'PAT_error')).toMatchObject([
      { state: 'onset', number: '1.3', priority: 1, reason: 'absent', pids: [0], count: 1 },
      { state: 'end', count: 3 },
    ]);
  });
  test('1.3: PID 0 scrambled, or with another table', () => {
    const scrambled = makeStream(1, (packet) =>
      pidOf(packet.bytes) === 0 ? { ...packet, bytes: packet.bytes.with(3, packet.bytes[3]! | 0x80) } : packet,
    );
    expect(read(scrambled).faults.find(({ indicator }) => indicator === 'PAT_error')).toMatchObject({ reason: 'scrambled' });
    const mux = new Multiplexer();
    const [wrong] = mux.table(0, section({ table: 0x42, body: [] }));
    const [other] = mux.table(0, section({ table: 0x42, body: [] }));
    expect(errorsIn(read([{ ts: 1, bytes: wrong! }, { ts: 1, bytes: other! }]).streams)).toEqual({ pat_error: 2 }); // oxfmt-ignore
  });
  test('1.4: what is taken out is counted; one repetition is allowed, two are not', () => {
    let video = 0;
    const lost = makeStream(2, (packet) =>
      pidOf(packet.bytes) === ids.video && [50, 51, 100].includes(++video) ? undefined : packet,
    );
    const one = read(lost);
    expect(errorsIn(one.streams)).toEqual({ continuity_count_error: 2 });
    expect(one.streams[0]).toMatchObject({ continuity_skips: 3, duplicate_packets: 0 });
    const twice = makeStream(1).flatMap((packet, n) =>
      n === 804 ? [packet, packet] : n === 904 ? [packet, packet, packet] : [packet],
    );
    const two = read(twice);
    expect(errorsIn(two.streams)).toEqual({ continuity_count_error: 1, pcr_accuracy_error: expect.any(Number) as number });
    expect(two.streams[0]).toMatchObject({ duplicate_packets: 2, continuity_skips: 0 });
  });
  test('1.4: sixteen packets lost look like a repetition by their counter alone', () => {
    let video = 0;
    const lost = makeStream(1, (packet) => {
      if (pidOf(packet.bytes) !== ids.video) return packet;
      video++;
      return video > 60 && video <= 75 ? undefined : packet;
    });
    expect(errorsIn(read(lost).streams)).toMatchObject({ continuity_count_error: 1 });
    expect(read(lost).streams[0]).toMatchObject({ continuity_skips: 15 });
  });
  test('1.4: a break that is announced is none', () => {
    const mux = new Multiplexer();
    const payload = new Uint8Array(180).fill(1);
    const some = [1, 2, 3].map(() => mux.packet({ pid: 0x50, payload }));
    for (let i = 0; i < 5; i++) mux.packet({ pid: 0x50, payload });
    some.push(mux.packet({ pid: 0x50, payload, discontinuity: true }), mux.packet({ pid: 0x50, payload }));
    expect(errorsIn(read(some.map((bytes, i) => ({ ts: 1 + i / 1_000, bytes }))).streams)).toEqual({});
  });
  test('1.5: no PMT for more than half a second', () => {
    const gone = makeStream(4, (packet) =>
      pidOf(packet.bytes) === ids.pmt && packet.ts % 4 > 1 && packet.ts % 4 < 1.7 ? undefined : packet,
    );
    expect(errorsIn(read(gone).streams)).toMatchObject({ pmt_error: 1 });
  });
  test('1.6: picture gone for more than five seconds', () => {
    const gone = makeStream(10, (packet, n) =>
      pidOf(packet.bytes) === ids.video && seconds(n) > 2 && seconds(n) < 8 ? undefined : packet,
    );
    const { streams, faults } = read(gone);
    expect(errorsIn(streams)).toMatchObject({ pid_error: 1 });
    expect(faults.find(({ indicator }) => indicator === 'PID_error')).toMatchObject({ pids: [ids.video], reason: 'absent' });
  });
});

describe('faults of the second priority', () => {
  test('2.1: packets marked as damaged are not read', () => {
    const marked = makeStream(1, (packet, n) =>
      n % 500 === 3 ? { ...packet, bytes: packet.bytes.with(1, packet.bytes[1]! | 0x80) } : packet,
    );
    expect(errorsIn(read(marked).streams)).toMatchObject({ transport_error: 4 });
  });
  test('2.2: a flipped bit in a table', () => {
    let n = 0;
    const flipped = makeStream(2, (packet) =>
      pidOf(packet.bytes) === 0 && ++n === 5 ? { ...packet, bytes: packet.bytes.with(16, packet.bytes[16]! ^ 1) } : packet,
    );
    const { streams, faults } = read(flipped);
    expect(errorsIn(streams)).toEqual({ crc_error: 1 });
    expect(faults).toMatchObject([
      { state: 'onset', indicator: 'CRC_error', pids: [0] },
      { state: 'end', duration: 0 },
    ]);
  });
  test('2.3: PCRs that come late, and a clock that steps without saying so', () => {
    const late = makeStream(2, (packet, n) => (n % 40 === 5 && n > 1_000 && n < 1_210 ? undefined : packet));
    expect(errorsIn(read(late).streams)).toMatchObject({ pcr_repetition_error: 1, pcr_discontinuity_indicator_error: 1 });
    const step = makeStream(2, (packet, n) => {
      if (n % 40 !== 5 || n < 2_000) return packet;
      const bytes = packet.bytes.slice();
      bytes[6] = 0x10;
      return { ...packet, bytes };
    });
    expect(errorsIn(read(step).streams)).toEqual({ pcr_discontinuity_indicator_error: 1 });
  });
  test('2.4: a PCR two microseconds from its place, which moves the measure of its neighbours by half', () => {
    const moved = makeStream(2, (packet, n) => {
      if (n !== 2_005) return packet;
      const bytes = packet.bytes.slice();
      bytes[11] = (bytes[11]! + 54) & 0xff;
      return { ...packet, bytes };
    });
    const { streams } = read(moved);
    expect(errorsIn(streams)).toEqual({ pcr_accuracy_error: 3 });
    expect(streams[0]!.pcr_accuracy_max).toBeCloseTo(2e-6, 8);
  });
  test('2.5: PTS that come late', () => {
    const late = makeStream(3, (packet, n) =>
      n % 200 === 6 && n > 1_000 && n < 2_500 ? { ...packet, bytes: packet.bytes.with(11, 0) } : packet,
    );
    expect(errorsIn(read(late).streams)).toEqual({ pts_error: 1 });
  });
  test('2.6: scrambled without a CAT', () => {
    const scrambled = makeStream(6, (packet) =>
      pidOf(packet.bytes) === ids.audio ? { ...packet, bytes: packet.bytes.with(3, packet.bytes[3]! | 0x80) } : packet,
    );
    const { streams } = read(scrambled);
    expect(errorsIn(streams)).toEqual({ cat_error: 2 });
    expect(streams[0]!.scrambled_packets).toBeGreaterThan(100);
    const mux = new Multiplexer();
    const cats = Array.from({ length: 6 }, (_, i) => ({ ts: 1_700_000_000 + i, bytes: mux.table(1, section({ table: 1, body: caDescriptor(0x4a75, 0x300) }))[0]! })); // oxfmt-ignore
    const both = [...scrambled, ...cats].sort((a, b) => a.ts - b.ts);
    expect(errorsIn(read(both).streams)).toEqual({ pcr_accuracy_error: expect.any(Number) as number });
    expect(read(both).streams[0]).toMatchObject({ ca_system_ids: [0x4a75] });
  });
});

describe('faults of the third priority', () => {
  test('3.4: a PID that no table names', () => {
    const mux = new Multiplexer();
    const foreign = makeStream(2, (packet, n) =>
      n % 40 === 9 ? { ...packet, bytes: mux.packet({ pid: 0x777, payload: new Uint8Array(184).fill(n) }) } : packet,
    );
    const { streams, faults } = read(foreign);
    expect(errorsIn(streams)).toMatchObject({ unreferenced_pid: 1 });
    expect(faults.find(({ indicator }) => indicator === 'Unreferenced_PID')).toMatchObject({ pids: [0x777] });
  });
  test('3.5, 3.8: an SDT that was there and stays away; TDTs too near to each other', () => {
    const gone = makeStream(6, (packet, n) => (pidOf(packet.bytes) === 0x11 && n > 3_000 ? undefined : packet));
    expect(errorsIn(read(gone).streams)).toMatchObject({ sdt_error: 2 });
    const mux = new Multiplexer();
    const times = [1, 1.01, 2].map((ts) => ({ ts, bytes: mux.table(0x14, tdt())[0]! }));
    const { streams } = run(mpegTs, flow, [{ direction: 0, ts: 1, bytes: datagrams(times)[0]!.bytes }]) && read(times);
    expect(errorsIn(streams)).toEqual({ tdt_error: 2 });
  });
});

describe('other tables of the third priority', () => {
  /** Sections on a PID at their times, and null packets each tenth of a second until the end. */
  function tablesOn(
    pid: number,
    sections: readonly (readonly [ts: number, bytes: Uint8Array])[],
    end: number,
  ): { [name: string]: number } {
    const mux = new Multiplexer();
    const sent = sections.map(([ts, bytes]) => ({ ts, bytes: mux.table(pid, bytes)[0]! }));
    for (let tenth = 0; tenth <= end * 10; tenth++)
      sent.push({ ts: tenth / 10, bytes: mux.packet({ pid: 0x1fff, payload: new Uint8Array(184) }) });
    const { pat_error: _pat, ...rest } = errorsIn(read(sent.sort((a, b) => a.ts - b.ts)).streams);
    return rest;
  }
  const of = (table: number): Uint8Array => section({ table, body: [0, 0, 0, 0, 0, 0] });
  const rst = Uint8Array.of(0x71, 0x70, 0);
  test.each([
    ['3.1: no NIT for ten seconds', 0x10, [[0, of(0x40)], [5, of(0x41)]], 16, { nit_error: 1, si_repetition_error: 1 }],
    ['3.1: another table', 0x10, [[0, of(0x42)]], 1, { nit_error: 1 }],
    ['3.2: no bouquets for ten seconds', 0x11, [[0, of(0x4a)]], 12, { si_repetition_error: 1 }],
    ['3.6: no present and following for two seconds, twice', 0x12, [[0, of(0x4e)]], 5, { eit_error: 2 }],
    ['3.6: another table', 0x12, [[0, of(0x42)]], 1, { eit_error: 1 }],
    ['3.7: two within 25 ms, and another table', 0x13, [[0.1, rst], [0.12, rst], [0.3, of(0x42)]], 1, { rst_error: 2 }],
    ['3.8: no TDT for thirty seconds', 0x14, [[0, tdt()]], 35, { tdt_error: 1 }],
    ['what never came is not missed', 0x14, [], 40, {}],
    ['stuffing is none of it', 0x11, [[0, Uint8Array.of(0x72, 0x70, 1, 0)]], 1, {}],
  ] as const)('%s', (_what, pid, sections, end, expected) => {
    expect(tablesOn(pid, sections, end)).toEqual(expected);
  }); // oxfmt-ignore
  test('a table that is not valid yet says nothing of now', () => {
    const mux = new Multiplexer();
    const sent = [
      { ts: 1, bytes: mux.table(0, section({ table: 0, id: 5, body: [0, 1, 0xe1, 0] }))[0]! },
      { ts: 1.1, bytes: mux.table(0, section({ table: 0, id: 5, version: 1, next: true, body: [0, 9, 0xe2, 0] }))[0]! },
      { ts: 1.2, bytes: mux.packet({ pid: 0x1fff, payload: new Uint8Array(184) }) },
    ];
    expect(read(sent).streams).toMatchObject([{ programs: [1], transport_stream_id: 5 }]);
  });
});

describe('another stream in the place of one', () => {
  test('is told by its transport_stream_id, and its programmes are its own', () => {
    const one = makeStream(10.2);
    const mux = new Multiplexer();
    const other = Array.from({ length: 50 }, (_, i) => ({
      ts: 1_700_000_010.3 + i / 10,
      bytes: mux.table(0, section({ table: 0, id: 99, body: [0, 1, 0xe1, 0x50] }))[0]!,
    }));
    const { streams } = read([...one, ...other]);
    expect(streams.at(-1)).toMatchObject({ transport_stream_id: 99, programs: [1] });
  });
});

describe('hostile bytes', () => {
  test('8,192 PIDs: so many are followed as the ceiling says, the others are counted', () => {
    const mux = new Multiplexer();
    const all = Array.from({ length: 8_192 }, (_, pid) => ({
      ts: 1 + pid / 8_192,
      bytes: mux.packet({ pid, payload: new Uint8Array(184).fill(pid) }),
    }));
    const { streams } = read(all);
    expect(streams[0]!.pids).toHaveLength(limit('pidsMax'));
    expect(streams[0]!.untracked_packets).toBe(8_192 - 1 - limit('pidsMax'));
  });
  test('endless sections, pointers and adaptation fields beyond the packet', () => {
    const mux = new Multiplexer();
    const endless = Array.from({ length: 100 }, (_, i) => {
      const payload = new Uint8Array(184).fill(0x11);
      if (i === 0) payload.set([0, 0, 0xbf, 0xfd]);
      return { ts: 1 + i / 1_000, bytes: mux.packet({ pid: 0, payload, begins: i === 0 }) };
    });
    expect(errorsIn(read(endless).streams)).toEqual({ crc_error: 1 });
    const pointer = mux.packet({ pid: 0, payload: new Uint8Array(184).fill(0xf0), begins: true });
    const field = mux.packet({ pid: 5, payload: new Uint8Array(100) });
    field[4] = 183;
    const { streams } = read([{ ts: 1, bytes: pointer }, { ts: 1, bytes: field }]); // oxfmt-ignore
    expect(errorsIn(streams)).toEqual({ pat_error: 1 });
    expect(streams[0]).toMatchObject({ malformed_packets: 1 });
  });
  test('nothing stays of a thousand streams that have ended', () => {
    const protocol = mpegTs.anew!();
    const cut = new Uint8Array(184).fill(0x22);
    cut.set([0, 0x42, 0xbf, 0xf0]);
    for (let i = 0; i < 1_000; i++) {
      const mux = new Multiplexer();
      const bytes = datagrams(
        [0x10, 0x11, 0x12, 0x13].map((pid) => ({ ts: 1, bytes: mux.packet({ pid, payload: cut, begins: true }) })),
      )[0]!.bytes;
      run({ ...protocol, anew: () => protocol }, flow, [{ direction: 0, ts: 1, bytes }]);
    }
    const mux = new Multiplexer();
    const whole = mux.table(0x11, section({ table: 0x42, body: new Uint8Array(900).fill(1) }));
    const { records } = run({ ...protocol, anew: () => protocol }, flow, [{ direction: 0, ts: 1, bytes: datagrams(whole.map((bytes) => ({ ts: 1, bytes })))[0]!.bytes }]); // oxfmt-ignore
    expect(errorsIn(records.filter(({ log }) => log === 'mpeg_ts').map(({ record }) => record as MpegTsRecord))).toEqual({});
  });
  test('thousands of streams with thousands of PIDs fill one ceiling, not one each', () => {
    const protocol = mpegTs.anew!();
    const mux = new Multiplexer();
    const payload = new Uint8Array(184).fill(1);
    const all = datagrams(
      Array.from({ length: 256 }, (_, pid) => ({ ts: 1, bytes: mux.packet({ pid: pid + 0x20, payload }) })),
      256,
    )[0]!;
    let untracked = 0;
    const parsers = Array.from({ length: limit('entriesTotalMax') / 256 + 10 }, () =>
      protocol.open(flow, { ...silent, record: (_log, record) => (untracked += Number(record['untracked_packets'] ?? 0)) }),
    );
    for (const parser of parsers) parser.data(0, all.bytes, 0, all.bytes.length, 1);
    for (const parser of parsers) parser.finish(2);
    expect(untracked).toBe(10 * 256);
    untracked = 0;
    const [again] = parsers;
    again!.data(0, all.bytes, 0, all.bytes.length, 3);
    again!.finish(4);
    expect(untracked).toBe(0);
  });
  test('any damage: counters that add up, and never an exception', () => {
    const base = datagrams(makeStream(1.5));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1e6), fc.nat(255)), { maxLength: 40 }), fc.nat(1e6), (damage, gap) => {
        const bytes = base.map((one) => ({ ...one, bytes: one.bytes.slice() }));
        for (const [place, value] of damage) {
          const { bytes: of } = bytes[place % bytes.length]!;
          of[(place * 7919) % of.length] = value;
        }
        const outcome = run(mpegTs, flow, bytes.filter((_, i) => i !== gap % bytes.length).map((one) => ({ direction: 0 as const, ...one }))); // oxfmt-ignore
        const numbers = outcome.records.flatMap(({ record }) =>
          Object.values(record).filter((value) => typeof value === 'number'),
        );
        expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 60 },
    );
  });
  test('sync bytes in noise are no stream', () => {
    const random = randomBytes(0x47);
    let claimed = 0;
    for (let i = 0; i < 200_000; i++) {
      const bytes = random(packetBytes * 2);
      bytes[0] = 0x47;
      if (packetsIn(bytes, 0, bytes.length) > 0) claimed++;
    }
    // One of 256 has the second, nine of sixteen possible control fields.
    expect(claimed).toBeLessThan(700);
    const stranger = { direction: 0 as const, ts: 1, bytes: new Uint8Array(188) };
    expect(run(mpegTs, flow, [stranger, stranger, stranger])).toMatchObject({
      records: [],
      confirmed: false,
      gaveWay: { service: undefined },
    });
  });
});

describe('parts', () => {
  test('CRC-32 of ISO/IEC 13818-1: the check value of "123456789"', () => {
    expect(crc32(new TextEncoder().encode('123456789'), 0, 9)).toBe(0x0376_e6e7);
  });
  test('the clock turns over', () => {
    expect(pcrStep(pcrTurn - 27_000, 27_000)).toBeCloseTo(0.002, 9);
    expect(pcrStep(27_000, pcrTurn - 27_000)).toBeCloseTo(-0.002, 9);
  });
  test('names in the character sets of EN 300 468', () => {
    const text = (...bytes: number[]): string => dvbText(Uint8Array.from(bytes), 0, bytes.length);
    expect(text(0x5a, 0xc8, 0x75, 0x72, 0x69)).toBe('Züri');
    expect(text(0x15, 0xe4, 0xb8, 0xad)).toBe('中');
    expect(text(0x13, 0xd6, 0xd0)).toBe('中');
    expect(text(0x10, 0, 2, 0xb1)).toBe('ą');
    expect(text(0x86, 0x41, 0x87)).toBe('A');
    expect(text(0x1f, 1, 2)).toBe('');
  });
});
