/** What a message of a shipper may hold, and what of it becomes records. */

import { expect, test } from 'vitest';
import type { AnyRecord } from '@forewarn/model/records/record';
import { limits } from './limits.ts';
import { createShipped } from './shipped.ts';

function read(...messages: readonly (string | object)[]) {
  const records: [string, AnyRecord][] = [];
  const shipped = createShipped({ name: 'ecs', at: () => 7 }, { record: (log, record) => records.push([log, record]) });
  for (const message of messages) {
    shipped.message(new TextEncoder().encode(typeof message === 'string' ? message : JSON.stringify(message)));
  }
  shipped.flush();
  return { records, refused: shipped.refused() };
}

test('one object, over a line or over several; a list; lines of objects; a text that nobody knows', () => {
  const event = { '@timestamp': '2026-11-22T08:00:00Z', message: 'started' };
  const expected = ['ecs', { ts: 1_795_334_400, '@timestamp': '2026-11-22T08:00:00Z', message: 'started' }];
  expect(read(event).records).toEqual([expected]);
  expect(read(JSON.stringify(event, null, 2)).records).toEqual([expected]);
  expect(read([event, event]).records).toEqual([expected, expected]);
  expect(read(`${JSON.stringify(event)}\n${JSON.stringify(event)}\n`).records).toEqual([expected, expected]);
  expect(read('somebody wrote this').records).toEqual([['ecs', { ts: 7, message: 'somebody wrote this' }]]);
});

test('a cloud’s wrapper around a list is its events', () => {
  const { records } = read({ records: [{ time: '2026-11-22T08:00:00Z', n: 1 }, { time: '2026-11-22T08:00:01Z', n: 2 }] }); // oxfmt-ignore
  expect(records.map(([, { n }]) => n)).toEqual([1, 2]);
});

test('a line of a known format in a document is read as that, and keeps the document’s host', () => {
  const line = '<34>Nov 22 08:00:00 sshd[77]: Failed password';
  const { records } = read({ message: line, host: { name: 'web1' } }, line);
  expect(records.map(([log]) => log)).toEqual(['syslog_message', 'syslog_message']);
  expect(records[0]![1]['hostname']).toBe('web1');
});

test('what is broken, cut, nested without end or too large is refused with its reason, and the next message is read', () => {
  const deep = '[{"a":'.repeat(1_000);
  const { records, refused } = read('{"broken": ', '[{"a":1},{"b":', deep, 'x'.repeat(limits.messageBytesMax.value + 1), {
    n: 1,
  });
  expect(records.map(([, record]) => record)).toEqual([
    { ts: 7, a: 1 },
    { ts: 7, n: 1 },
  ]);
  expect(refused).toMatchObject({ 'too-long': 1 });
  expect(Object.values(refused).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(4);
});
