import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { defaultLimits } from '../limits.ts';
import { Files, type FileStream } from './files.ts';

const facts = { uid: 'C1', originator: '192.0.2.1', originatorPort: 40_000, responder: '198.51.100.1', responderPort: 80 };

function trial(limits = defaultLimits) {
  const records: AnyRecord[] = [];
  const files = new Files(limits, 7, (_log, record) => void records.push(record));
  let opened = 0;
  return { records, files, begin: () => files.begin(facts, { source: 'HTTP', direction: 1, ts: 10 }, 1, ++opened) };
}

/** The bytes in pieces of the given length. */
function feed(file: FileStream, bytes: Uint8Array, piece: number): void {
  for (let at = 0; at < bytes.length; at += piece) file.data(bytes, at, Math.min(at + piece, bytes.length), 10 + at / 1e6);
}

describe('a file that passes', () => {
  test.each([
    [1, 1],
    [511, 7],
    [16_384, 1_460],
    [16_385, 1_460],
    [100_000, 40_000],
    [65_536, 16_384],
  ])('of %i bytes in pieces of %i has the hashes of the whole', (length, piece) => {
    const { begin, records, files } = trial();
    const bytes = randomBytes(length);
    const file = begin();
    feed(file, bytes, piece);
    file.end(20);
    const digest = (algorithm: string): string => createHash(algorithm).update(bytes).digest('hex');
    expect(records).toEqual([
      expect.objectContaining({
        fuid: file.id,
        uid: 'C1',
        source: 'HTTP',
        is_orig: false,
        seen_bytes: length,
        missing_bytes: 0,
        timedout: false,
        md5: digest('md5'),
        sha1: digest('sha1'),
        sha256: digest('sha256'),
      }),
    ]);
    expect(files.open).toBe(0);
  });

  test('with a hole, or cut off, has no hash, because it would be another file’s', () => {
    const { begin, records } = trial();
    const holed = begin();
    holed.data(Buffer.from('%PDF-1.7 '), 0, 9, 11);
    holed.gap(100, 12);
    holed.data(Buffer.from('rest'), 0, 4, 13);
    holed.end(14);
    const cut = begin();
    cut.data(Buffer.from('%PDF-1.7 '), 0, 9, 11);
    cut.end(140, false);
    expect(records.map(({ md5 }) => md5)).toEqual([undefined, undefined]);
    expect(records[0]).toMatchObject({ seen_bytes: 13, missing_bytes: 100, duration: 3, mime_type: 'application/pdf' });
    expect(records[1]).toMatchObject({ seen_bytes: 9, timedout: true });
  });

  test('whose hashes nobody wants is counted and typed all the same', () => {
    const records: AnyRecord[] = [];
    const files = new Files(defaultLimits, 7, (_log, record) => void records.push(record), ['sha256']);
    const one = files.begin(facts, { source: 'HTTP', direction: 1, ts: 10 }, 1, 1);
    one.data(Buffer.from('%PDF-1.7 '), 0, 9, 11);
    expect(one.mediaType).toBe('application/pdf');
    one.end(12);
    expect(records[0]).toMatchObject({ sha256: createHash('sha256').update('%PDF-1.7 ').digest('hex') });
    expect(records[0]).not.toHaveProperty('md5');
    const none = new Files(defaultLimits, 7, (_log, record) => void records.push(record), []);
    const other = none.begin(facts, { source: 'HTTP', direction: 1, ts: 10 }, 1, 1);
    const bytes = Buffer.concat([Buffer.from('%PDF-1.7 '), randomBytes(40_000)]);
    feed(other, bytes, 1_460);
    other.end(12);
    expect(records[1]).toMatchObject({ mime_type: 'application/pdf', seen_bytes: 40_009 });
    expect(records[1]).not.toHaveProperty('sha256');
  });

  test('that begins in its middle has neither type nor hashes', () => {
    const { files, records } = trial();
    const range = files.begin(facts, { source: 'HTTP', direction: 1, ts: 10, offset: 1_000, totalBytes: 1_009 }, 1, 1);
    range.data(Buffer.from('%PDF-1.7 '), 0, 9, 11);
    range.end(12, false);
    expect(records[0]).toMatchObject({ seen_bytes: 9, missing_bytes: 1_000, total_bytes: 1_009, timedout: true });
    expect(records[0]).not.toHaveProperty('mime_type');
    expect(records[0]).not.toHaveProperty('md5');
  });

  test('ends once, and takes nothing afterwards', () => {
    const { begin, records } = trial();
    const file = begin();
    file.end(11);
    file.data(Buffer.from('late'), 0, 4, 12);
    file.end(13);
    expect(records.length).toBe(1);
    expect(records[0]).toMatchObject({ seen_bytes: 0 });
  });

  test('beyond the ceiling is counted and not hashed', () => {
    const { begin, records } = trial({ ...defaultLimits, openFilesMax: 2 });
    const open = [begin(), begin(), begin()];
    for (const file of open) feed(file, Buffer.from('one and the same'), 5);
    for (const file of open) file.end(20);
    expect(records.map(({ md5 }) => md5 === undefined)).toEqual([false, false, true]);
    expect(records.map(({ mime_type: type }) => type)).toEqual(['text/plain', 'text/plain', undefined]);
    expect(records.every(({ seen_bytes: seen }) => seen === 16)).toBe(true);
    expect(new Set(records.map(({ fuid }) => fuid)).size).toBe(3);
  });
});
