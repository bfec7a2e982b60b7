import { expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { ipfixMessage, n16, n32, set, template } from '../../exports/testing.ts';
import { recogniseLog } from '../read.ts';

const fields = [
  [8, 4],
  [12, 4],
  [1, 4],
] as const;
const flow = (n: number): number[] => [192, 0, 2, n, 198, 51, 100, n, ...n32(n * 100)];

const whole = Buffer.concat([
  ipfixMessage({ sequence: 0 }, set(2, template(256, fields))),
  ipfixMessage({ sequence: 0 }, set(256, flow(1), flow(2))),
  ipfixMessage({ sequence: 2 }, set(256, flow(3))),
  ipfixMessage({ sequence: 3 }, set(2, [...n16(256), ...n16(0)])),
]);

function read(bytes: Uint8Array, piece: number): { records: AnyRecord[]; refused: unknown } {
  const records: AnyRecord[] = [];
  const format = recogniseLog(bytes.subarray(0, 4_096), 'flows.ipfix')!;
  const reader = format.open({ name: 'flows.ipfix' }, { record: (_log, record) => void records.push(record) });
  for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece));
  return { records, refused: reader.end().refused };
}

test('messages one after the other, however the file is cut into pieces', () => {
  const { records, refused } = read(whole, whole.length);
  expect(records.map((record) => [record['sourceIPv4Address'], record['octetDeltaCount']])).toEqual([
    ['192.0.2.1', 100],
    ['192.0.2.2', 200],
    ['192.0.2.3', 300],
  ]);
  expect(refused).toEqual({});
  for (const piece of [1, 7, 64]) expect(read(whole, piece).records).toEqual(records);
});

test('a file that is cut, or breaks off into something else, says where', () => {
  expect(read(whole.subarray(0, whole.length - 3), 100).refused).toMatchObject({ cut: { count: 1 } });
  const broken = Buffer.concat([whole, Buffer.from('something else that is no message')]);
  expect(read(broken, 100)).toMatchObject({ refused: { malformed: { count: 1, first: { offset: whole.length } } } });
});
