import { expect, test } from 'vitest';
import { answer, connectRequest, downloadBlock, insert, job, readWords, requestDownload, setup, stop, values } from './s7.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

// As real stations say it: connection, setup, reading two words, stop.
test('a connection is asked for with selectors of rack and slot', () => {
  expect(hex(connectRequest())).toBe('0300001611e00000000100c0010ac1020100c2020102');
});

test('jobs and answers carry the lengths of their parts', () => {
  expect(hex(job({ reference: 1, parameters: setup }))).toBe('0300001902f08032010000000100080000f0000001000101e0');
  expect(hex(job({ reference: 2, parameters: readWords({ block: 1, from: 4, count: 2 }) }))).toBe(
    '0300001f02f080320100000002000e00000401120a10040002000184000040',
  );
  expect(hex(answer({ reference: 2, parameters: [4, 1], data: values(0xff, [10, 258]) }))).toBe(
    '0300001d02f0803203000000020002000800000401ff040020000a0102',
  );
});

test('a controller is stopped, and given a program', () => {
  expect(hex(job({ reference: 3, parameters: stop }))).toBe('0300002102f0803201000000030010000029000000000009505f50524f4752414d');
  expect(Buffer.from(requestDownload('0800001', 72)).toString('latin1')).toContain('\t_0800001P\r1000172000072');
  expect(downloadBlock('0800001')[0]).toBe(0x1b);
  expect(Buffer.from(insert('0800001')).toString('latin1')).toContain('0800001P\x05_INSE');
});
