import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { joined, makeStream, pidOf } from '../../testing/mpeg-ts.ts';
import { recogniseLog } from '../read.ts';

function readFile(bytes: Uint8Array, places: readonly number[] = []) {
  const records: { log: string; record: AnyRecord }[] = [];
  const recognised = recogniseLog(bytes.subarray(0, 65_536), 'stream.ts');
  const reading = recognised?.open({ name: 'stream.ts' }, { record: (log, record) => void records.push({ log, record }) });
  const marks = [...new Set([0, ...places.map((place) => place % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  for (let i = 1; i < marks.length; i++) reading?.push(bytes.subarray(marks[i - 1], marks[i]));
  return { format: recognised?.format, report: reading?.end(), records };
}

/** Each packet with so many bytes before and behind it. */
function around(bytes: Uint8Array, before: number, behind: number): Uint8Array {
  const length = before + 188 + behind;
  const wide = new Uint8Array((bytes.length / 188) * length).fill(0x47);
  for (let n = 0; n * 188 < bytes.length; n++) wide.set(bytes.subarray(n * 188, n * 188 + 188), n * length + before);
  return wide;
}

const whole = joined(makeStream(12));

describe('files of transport streams', () => {
  test('packets of 188, 192 and 204 bytes; time is that of the clock within', () => {
    for (const file of [whole, around(whole, 4, 0), around(whole, 0, 16)]) {
      const { format, report, records } = readFile(file);
      expect(format).toBe('mpeg_ts');
      expect(report).toMatchObject({ refused: {} });
      expect(records.map(({ log }) => log)).toEqual(['mpeg_ts', 'mpeg_ts']);
      expect(records[0]!.record).toMatchObject({
        ts: 0,
        carriage: 'file',
        services: ['Channel One'],
        pat_error: 0,
        pcr_interval_max: 0.02,
      });
      expect(records[0]!.record['bitrate']).toBeCloseTo(3_008_000, -4);
      expect(records[0]!.record).not.toHaveProperty('uid');
    }
  });
  test('an absence is measured by the clock', () => {
    const gone = joined(
      makeStream(4, (packet) => (pidOf(packet.bytes) === 0 && packet.ts % 4 > 1 && packet.ts % 4 < 1.7 ? undefined : packet)),
    );
    expect(readFile(gone).records.find(({ log }) => log === 'mpeg_ts')!.record).toMatchObject({ pat_error: 1 });
  });
  test('bytes are missing: synchronisation is lost and found again', () => {
    const hurt = new Uint8Array([...whole.subarray(0, 188 * 1_000 + 50), ...whole.subarray(188 * 1_000 + 90)]);
    const { records, report } = readFile(hurt);
    const total = (name: string): number =>
      records.reduce((sum, { log, record }) => sum + (log === 'mpeg_ts' ? Number(record[name]) : 0), 0);
    expect(total('ts_sync_loss')).toBe(1);
    expect(total('sync_byte_error')).toBe(2);
    expect(total('packets')).toBeGreaterThan(23_990);
    expect(report).toMatchObject({ refused: {} });
  });
  test('any cutting gives the same records; a cut end is said', () => {
    const short = joined(makeStream(1.2)).subarray(0, 188 * 2_000 + 77);
    const { records, report } = readFile(short);
    expect(report).toMatchObject({ refused: { cut: { count: 1 } } });
    fc.assert(
      fc.property(fc.array(fc.nat(1e7), { maxLength: 30 }), (places) => {
        expect(readFile(short, places).records).toEqual(records);
      }),
      { numRuns: 30 },
    );
  });
  test('text, noise and a single sync byte are no stream', () => {
    expect(readFile(new TextEncoder().encode('G'.repeat(40))).format).not.toBe('mpeg_ts');
    expect(readFile(new Uint8Array(5_000)).format).toBeUndefined();
    expect(readFile(Uint8Array.of(0x47, 0x40)).format).not.toBe('mpeg_ts');
  });
});
