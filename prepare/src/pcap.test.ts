import { expect, test } from 'vitest';
import { writePcap } from './pcap.ts';

test('the file header and a record, byte for byte', () => {
  const [file] = [...writePcap([{ ts: 1_772_524_800.000_001, bytes: Uint8Array.of(1, 2, 3) }])];
  expect(Buffer.from(file!).toString('hex')).toBe(
    'd4c3b2a102000400000000000000000000000400010000000095a669010000000300000003000000010203',
  );
});

test('a file of many pieces is the same as one of few, and a frame larger than a piece is written', () => {
  const frames = Array.from({ length: 3_000 }, (_, i) => ({ ts: i + 0.999_999, bytes: new Uint8Array(1_500).fill(i) }));
  frames.push({ ts: 4_000, bytes: new Uint8Array(2 << 20).fill(7) });
  const pieces = [...writePcap(frames)];
  expect(pieces.length).toBeGreaterThan(3);
  const file = Buffer.concat(pieces);
  expect(file.length).toBe(24 + frames.reduce((sum, { bytes }) => sum + 16 + bytes.length, 0));
  let at = 24;
  for (const { ts, bytes } of frames) {
    expect(file.readUInt32LE(at) + file.readUInt32LE(at + 4) / 1e6).toBeCloseTo(ts, 6);
    expect(file.readUInt32LE(at + 8)).toBe(bytes.length);
    expect(file[at + 16]).toBe(bytes[0]);
    at += 16 + bytes.length;
  }
  // The pieces are the receiver's to keep.
  expect(new Set(pieces.map((piece) => piece.buffer)).size).toBe(pieces.length);
});
