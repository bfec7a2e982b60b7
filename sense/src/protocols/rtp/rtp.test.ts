import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, flowOf, run } from '../trial.ts';
import { limits, rtp } from './rtp.ts';
import { datagrams, makeStream } from '../../testing/mpeg-ts.ts';
import { Stream } from './stream.ts';

const flow = flowOf('udp', 5004);
const limit = (name: string): number => limits.find((one) => one.name === `rtp.${name}`)!.value;

/** A packet of a stream. */
function packet(ts: number, sequence: number, timestamp: number, type = 0, ssrc = 7): Arrival {
  const bytes = Buffer.alloc(172);
  bytes[0] = 0x80;
  bytes[1] = type;
  bytes.writeUInt16BE(sequence & 0xffff, 2);
  bytes.writeUInt32BE(timestamp >>> 0, 4);
  bytes.writeUInt32BE(ssrc, 8);
  return { direction: 0, ts, bytes };
}
const streamsOf = (...arrivals: Arrival[]) => run(rtp, flow, arrivals).records.map(({ record }) => record);

describe('sequence numbers (RFC 3550 A.1, A.3)', () => {
  test('a steady stream loses nothing where its numbers and timestamps turn over', () => {
    const arrivals = Array.from({ length: 500 }, (_, i) => packet(1 + i / 50, 65_300 + i, 0xffff_0000 + i * 160));
    expect(streamsOf(...arrivals)).toMatchObject([{ packets: 500, lost: 0, reordered: 0, jitter: 0, jitter_max: 0 }]);
  });
  test('a sender that begins anew is not a loss of thousands', () => {
    const before = Array.from({ length: 10 }, (_, i) => packet(1 + i / 50, 100 + i, i * 160));
    const after = Array.from({ length: 10 }, (_, i) => packet(2 + i / 50, 40_000 + i, i * 160));
    expect(streamsOf(...before, ...after)).toMatchObject([{ packets: 20, lost: 0 }]);
  });
  test('what is lost is what the numbers promise', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 998 }), { maxLength: 300 }), fc.nat(65_535), (gone, first) => {
        const missing = new Set(gone);
        const arrivals = Array.from({ length: 1_000 }, (_, i) => i).filter((i) => !missing.has(i));
        const [record] = streamsOf(...arrivals.map((i) => packet(1 + i / 50, first + i, i * 160)));
        expect(record).toMatchObject({ lost: missing.size, packets: 1_000 - missing.size });
      }),
      { numRuns: 30 },
    );
  });
});

describe('jitter (RFC 3550 A.8)', () => {
  test('packets that come 10 ms early and late by turns', () => {
    const stream = new Stream(0, 0);
    let jitter = 0;
    for (let i = 0; i < 100; i++) {
      stream.packet(i, i * 160, 0, 8_000, 160, i * 0.02 + (i % 2) * 0.01);
      if (i > 0) jitter += (0.01 - jitter) / 16;
    }
    const record = stream.record(flow.head(0), true, 7);
    expect(record.jitter).toBeCloseTo(jitter, 5);
    expect(record.jitter_max).toBeCloseTo(jitter, 5);
  });
  test('the clock of a dynamic type is the one that was announced; without one there is no jitter', () => {
    const arrivals = [packet(1, 1, 0, 96), packet(1.02, 2, 960, 96), packet(1.05, 3, 1_920, 96)];
    const announced = {
      transport: 'udp',
      host: '198.51.100.1',
      port: 5_004,
      service: 'rtp',
      until: 9,
      clockRates: new Map([[96, 48_000]]),
    } as const;
    const { records } = run(rtp, flowOf('udp', 5_004, 40_000, announced), arrivals);
    expect(records).toMatchObject([{ record: { clock_rate: 48_000, jitter: 0.000625 } }]);
    expect(streamsOf(...arrivals)[0]).not.toHaveProperty('jitter');
  });
});

describe('hostile input', () => {
  test('streams and reporters have ceilings', () => {
    const many = Array.from({ length: 1_000 }, (_, i) => [packet(1, 1, 0, 0, i), packet(2, 2, 160, 0, i)]).flat();
    expect(streamsOf(...many)).toHaveLength(limit('streamsMax'));
    const reports = Array.from({ length: 1_000 }, (_, i): Arrival => {
      const bytes = Buffer.from('80c9000100000000', 'hex');
      bytes.writeUInt32BE(i, 4);
      return { direction: 1, ts: 1, bytes };
    });
    expect(streamsOf(...reports)).toHaveLength(limit('reportersMax'));
  });
  test('an announced flow that is something else is shown to the other protocols', () => {
    const stranger = { direction: 0, ts: 1, bytes: new Uint8Array(60).fill(0x41) } as const;
    const outcome = run(
      rtp,
      flow,
      Array.from({ length: limit('strangersMax') }, () => stranger),
    );
    expect(outcome).toMatchObject({ records: [], confirmed: false, gaveWay: { service: undefined } });
    expect(outcome.gaveWay!.rest).toHaveLength(60);
    // Questions of DNS may begin like RTP, but their flags do not count up.
    const question = Uint8Array.from([0x9a, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0x61, 0, 0, 1, 0, 1]);
    const asked = Array.from({ length: 8 }, (): Arrival => ({ direction: 0, ts: 1, bytes: question }));
    expect(run(rtp, flow, asked)).toMatchObject({ records: [], confirmed: false, gaveWay: {} });
  });
  test('STUN before the media is waited out', () => {
    const stun = Uint8Array.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...new Uint8Array(12)]);
    const outcome = run(rtp, flow, [
      ...Array.from({ length: 20 }, (): Arrival => ({ direction: 0, ts: 1, bytes: stun })),
      packet(2, 1, 0),
      packet(2.02, 2, 160),
    ]);
    expect(outcome).toMatchObject({ gaveWay: undefined, confirmed: true, records: [{ record: { packets: 2 } }] });
  });
  test('DTLS on an announced port is given to its parser', () => {
    const bytes = Uint8Array.of(22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1);
    expect(run(rtp, flow, [{ direction: 0, ts: 1, bytes }]).gaveWay?.service).toBe('dtls');
  });
});

describe('a stream that nothing announced', () => {
  const probed = (...arrivals: Arrival[]): string[] => {
    const protocol = rtp.anew!();
    return arrivals.map((one) => ('bytes' in one ? protocol.probe(one.bytes, 0, one.bytes.length, 0, false) : 'gap'));
  };
  test('is known by its third packet', () => {
    expect(probed(packet(1, 9, 0, 96), packet(1, 10, 960, 96), packet(1, 11, 1_920, 96))).toEqual(['no', 'no', 'yes']);
    expect(probed(packet(1, 65_535, 0, 96), packet(1, 0, 960, 96), packet(1, 2, 1_920, 96))).toEqual(['no', 'no', 'yes']);
  });
  test('is none where numbers, types, sources or timestamps do not go on', () => {
    expect(probed(packet(1, 9, 0, 96), packet(1, 30, 960, 96), packet(1, 31, 1_920, 96))).not.toContain('yes');
    expect(probed(packet(1, 9, 0, 96), packet(1, 10, 960, 97), packet(1, 11, 1_920, 97))).not.toContain('yes');
    expect(probed(packet(1, 9, 0, 96, 1), packet(1, 10, 960, 96, 2), packet(1, 11, 1_920, 96, 3))).not.toContain('yes');
    expect(probed(packet(1, 9, 0, 96), packet(1, 10, 0xf000_0000, 96), packet(1, 11, 9, 96))).not.toContain('yes');
  });
});

describe('a transport stream (RFC 2250)', () => {
  const carried = (type: number): Arrival[] =>
    datagrams(makeStream(1)).map(({ ts, bytes }, i) => {
      const carrier = Buffer.alloc(12 + bytes.length);
      carrier[0] = 0x80;
      carrier[1] = type;
      carrier.writeUInt16BE(i, 2);
      carrier.writeUInt32BE(Math.round((ts % 1_000) * 90_000), 4);
      carrier.writeUInt32BE(9, 8);
      carrier.set(bytes, 12);
      return { direction: 0, ts, bytes: carrier };
    });
  test('is read within, by its type or by its content', () => {
    for (const type of [33, 97]) {
      const { records, services } = run(rtp, flow, carried(type));
      expect(services).toEqual(['rtp', 'mpeg_ts'].sort((a) => (a === services[0] ? -1 : 1)));
      expect(records.map(({ log }) => log)).toEqual(['rtp', 'mpeg_ts']);
      expect(records[1]!.record).toMatchObject({
        carriage: 'rtp',
        ssrc: 9,
        services: ['Channel One'],
        continuity_count_error: 0,
      });
    }
  });
  test('and what RTP loses is missing in it', () => {
    const { records } = run(rtp, flow, carried(33).toSpliced(100, 1)); // oxfmt-ignore
    expect(records.find(({ log }) => log === 'rtp')!.record).toMatchObject({ lost: 1 });
    const stream = records.find(({ log }) => log === 'mpeg_ts')!.record;
    expect(stream['continuity_count_error']).toBeGreaterThan(0);
  });
  test('is told by its first packet', () => {
    const protocol = rtp.anew!();
    const [first] = carried(33) as unknown as [{ bytes: Uint8Array }];
    expect(protocol.probe(first.bytes, 0, first.bytes.length, 0, false)).toBe('yes');
  });
});

test('media are in no record', () => {
  expect(JSON.stringify(streamsOf(packet(1, 1, 0), packet(2, 2, 160)))).not.toContain('media');
  expect(Object.keys(streamsOf(packet(1, 1, 0), packet(2, 2, 160))[0]!)).not.toContain('payload');
});
