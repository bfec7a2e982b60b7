import { expect, test } from 'vitest';
import { PcapReader } from '../capture/pcap.ts';
import { defaultLimits } from '../limits.ts';
import { capturedAt, fileHeader, writeRecordHeader } from './pcap.ts';

const headerOf = (ts: number, captured = 0, onWire = 0): DataView => {
  const bytes = new Uint8Array(16);
  writeRecordHeader(bytes, 0, ts, captured, onWire);
  return new DataView(bytes.buffer);
};
const timeOf = (ts: number): [number, number] => {
  const view = headerOf(ts);
  return [view.getUint32(0, true), view.getUint32(4, true)];
};

test('what is written is read again: link type, time, lengths', () => {
  const record = new Uint8Array(16 + 3);
  writeRecordHeader(record, 0, 1_700_000_000.25, 3, 60);
  record.set([1, 2, 3], 16);
  const seen: unknown[] = [];
  const reader = new PcapReader(
    {
      packet: (bytes, start, end, onWire, ts, linkType) =>
        void seen.push([[...bytes.subarray(start, end)], onWire, ts, linkType]),
    },
    defaultLimits,
  );
  reader.push(fileHeader(113));
  reader.push(record);
  reader.end();
  expect(seen).toEqual([[[1, 2, 3], 60, 1_700_000_000.25, 113]]);
  expect(reader.stop).toBeUndefined();
  expect(capturedAt(record, 0)).toEqual({ captured: 3, onWire: 60 });
});

test('microseconds keep their digits, although a double of today has steps of 238 ns', () => {
  for (let micros = 0; micros < 1_000_000; micros += 997) {
    expect(timeOf(1_800_000_000 + micros * 1e-6)).toEqual([1_800_000_000, micros * 1000]);
  }
});

test('nanoseconds are as near as the double is, and rounding up carries into the second', () => {
  const [seconds, nanos] = timeOf(1_700_000_000 + 123_456_389 * 1e-9);
  expect(seconds).toBe(1_700_000_000);
  expect(Math.abs(nanos - 123_456_389)).toBeLessThan(240);
  expect(timeOf(5.9999999999)).toEqual([6, 0]);
});

test('times that no capture can hold are the nearest that it can', () => {
  expect(timeOf(-5)).toEqual([0, 0]);
  expect(timeOf(Number.NaN)).toEqual([0, 0]);
  expect(timeOf(1e300)).toEqual([0xffff_ffff, 0]);
  expect(timeOf(Number.POSITIVE_INFINITY)).toEqual([0xffff_ffff, 0]);
});

test('a head that lies, or is not all there, is none', () => {
  const bytes = new Uint8Array(20);
  writeRecordHeader(bytes, 0, 1, 300_000, 300_000);
  expect(capturedAt(bytes, 0)).toBeUndefined();
  expect(capturedAt(bytes, 5)).toBeUndefined();
  expect(capturedAt(bytes, -1)).toBeUndefined();
});
