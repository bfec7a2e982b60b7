import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, ascii, cut, flowOf, run } from '../trial.ts';
import { redis } from './redis.ts';

const flow = flowOf('tcp', 6379);
const to = (text: string): Arrival => ({ direction: 0, ts: 1, bytes: ascii(text) });
const from = (text: string): Arrival => ({ direction: 1, ts: 1, bytes: ascii(text) });
const records = (...arrivals: Arrival[]) => run(redis, flow, arrivals).records.map(({ record }) => record);

describe('replies of every type', () => {
  const cases: [string, string][] = [
    ['+OK\r\n', 'OK'],
    [':-7\r\n', '-7'],
    [',3.25\r\n', '3.25'],
    ['(3492890328409238509324850943850943825024385\r\n', '3492890328409238509324850943850943825024385'],
    ['#t\r\n', 'true'],
    ['_\r\n', 'null'],
    ['$-1\r\n', 'null'],
    ['*-1\r\n', 'null'],
    ['$0\r\n\r\n', ''],
    ['$4\r\na\r\nb\r\n', 'a\r\nb'],
    ['=8\r\ntxt:some\r\n', 'txt:some'],
    ['*3\r\n:1\r\n*2\r\n+a\r\n*0\r\n$1\r\nb\r\n', '[1, [a, []], b]'],
    ['%2\r\n+a\r\n:1\r\n+b\r\n*2\r\n:2\r\n:3\r\n', '{a: 1, b: [2, 3]}'],
    ['~2\r\n+a\r\n+b\r\n', '{a, b}'],
    ['|1\r\n+ttl\r\n:9\r\n*2\r\n:1\r\n|1\r\n+x\r\n*1\r\n:5\r\n:2\r\n', '[1, 2]'],
  ];
  for (const [reply, text] of cases) {
    test(`${text || 'empty'}`, () => {
      expect(records(to('GET k\r\n'), from(reply))).toMatchObject([{ success: true, 'reply.value': text }]);
      const bytes = ascii(`${reply}+next\r\n`);
      fc.assert(
        fc.property(fc.array(fc.nat(80), { maxLength: 12 }), (places) => {
          const outcome = run(redis, flow, [to('GET k\r\nPING\r\n'), ...cut({ direction: 1, ts: 1, bytes }, places)]);
          expect(outcome.records.map(({ record }) => record['reply.value'])).toEqual([text, 'next']);
        }),
        { numRuns: 30 },
      );
    });
  }
  test('errors', () => {
    expect(records(to('GET k\r\n'), from('-ERR no\r\n'))).toMatchObject([{ success: false, 'reply.value': 'ERR no' }]);
    expect(records(to('GET k\r\n'), from('!6\r\nERR no\r\n'))).toMatchObject([{ success: false, 'reply.value': 'ERR no' }]);
  });
});

test('long values are cut, and what follows is read on', () => {
  const long = 'x'.repeat(5_000);
  const outcome = records(
    to(`*3\r\n$3\r\nSET\r\n$5000\r\n${long}\r\n$5000\r\n${long}\r\n*1\r\n$4\r\nPING\r\n`),
    from(`$5000\r\n${long}\r\n*2\r\n$5000\r\n${long}\r\n$5000\r\n${long}\r\n`),
  );
  expect(outcome.map((record) => (record['reply.value'] as string).length)).toEqual([250, 250]);
  expect(outcome[0]).toMatchObject({ 'cmd.key': 'x'.repeat(250), 'cmd.value': 'x'.repeat(250) });
  const gap = records(
    to('GET a\r\nPING\r\n'),
    from('$5000\r\n' + long.slice(0, 1_000)),
    { direction: 1, ts: 1, missing: 4_000 },
    from('\r\n+PONG\r\n'),
  );
  expect(gap).toMatchObject([{ 'cmd.name': 'GET' }, { 'reply.value': 'PONG' }]);
});

test('messages of subscriptions and pushes are no replies', () => {
  expect(
    records(
      to('SUBSCRIBE news\r\n'),
      from('*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n'),
      to('PING\r\n'),
      from('>2\r\n+x\r\n+y\r\n+PONG\r\n'),
    ),
  ).toMatchObject([{ 'cmd.name': 'SUBSCRIBE' }, { 'cmd.name': 'PING', 'reply.value': 'PONG' }]);
});

test('nothing is read behind MONITOR and the beginning of replication', () => {
  expect(records(to('PSYNC ? -1\r\n'), from('+FULLRESYNC a 0\r\n$3\r\nabc'), to('PING\r\n'))).toHaveLength(1);
});

test('more unanswered commands than are held', () => {
  const outcome = run(redis, flow, [
    to('PING\r\n'.repeat(1_200)),
    from('+PONG\r\n'.repeat(1_200)),
    to('ECHO a\r\n'),
    from('$1\r\na\r\n'),
  ]);
  expect(outcome.records).toHaveLength(1_201);
  expect(outcome.records.at(-1)!.record).toMatchObject({ 'cmd.name': 'ECHO', 'reply.value': 'a' });
  expect(outcome.weirds.map(({ name }) => name)).toEqual(['Redis_excessive_pipelining']);
});

test('any cutting gives the same records', () => {
  const bytes = ascii('PING\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$0\r\n\r\nset "a b" c\r\n*1\r\n$4\r\nQUIT\r\n');
  const build = (places: readonly number[]) => run(redis, flow, cut({ direction: 0, ts: 1, bytes }, places));
  expect(build([]).records).toMatchObject([
    {},
    { record: { 'cmd.key': 'a', 'cmd.value': '' } },
    { record: { 'cmd.key': '"a b"', 'cmd.value': 'c' } },
    {},
  ]);
  fc.assert(fc.property(fc.array(fc.nat(90), { maxLength: 20 }), (places) => void expect(build(places)).toEqual(build([]))));
});

test('nonsense ends the reading', () => {
  const weirds = (...arrivals: Arrival[]) => run(redis, flow, arrivals).weirds.map(({ name, addl }) => `${name} ${addl}`);
  expect(weirds(to('PING\r\n'), from('what\r\n'), from('again\r\n'))).toEqual(['redis_bad_data reply']);
  expect(weirds(to('PING\r\n'), from('*1\r\n'.repeat(40)))).toEqual(['redis_bad_data reply']);
  expect(weirds(to('*2\r\n$3\r\nGET\r\n:1\r\n'))).toEqual(['redis_bad_data command']);
});

describe('probe', () => {
  const ask = (text: string, usual = false, direction: 0 | 1 = 0) => redis.probe(ascii(text), 0, text.length, direction, usual);
  test('an array of words on any port', () => {
    expect(ask('*1\r\n$4\r\nPING\r\n')).toBe('yes');
    expect(ask('*12\r\n$1')).toBe('more');
    expect(ask('*\r\n$4\r\nPING\r\n')).toBe('no');
    expect(ask('*1\r\n:4\r\nPING\r\n')).toBe('no');
    expect(ask('+OK\r\n', true, 1)).toBe('no');
  });
  test('plain lines on the usual port, but not those of HTTP', () => {
    expect(ask('PING\r\n', true)).toBe('yes');
    expect(ask('PING\r\n')).toBe('no');
    expect(ask('SET a "b c"\r\n', true)).toBe('yes');
    expect(ask('INF', true)).toBe('more');
    expect(ask('GET / HTTP/1.1\r\n', true)).toBe('no');
    expect(ask('SSH-2.0-x\r\n', true)).toBe('no');
  });
});
