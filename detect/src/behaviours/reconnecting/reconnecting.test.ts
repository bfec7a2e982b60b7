import { expect, test } from 'vitest';
import { conn, detect, say, unanswered, type Line } from '../../testing/detection.ts';

const host = '10.0.0.7';
const master = '198.51.100.7';
const told = (lines: Iterable<Line>) => detect(lines).findings.filter(({ rule }) => rule.id === 'behaviour:reconnecting');
const calls = (count: number, port = 5_888, from = host, every = 1): Line[] =>
  Array.from({ length: count }, (_, i) =>
    conn(1_000 + i * every, from, master, port, { conn_state: 'REJ', history: 'Sr', orig_bytes: 0, resp_bytes: 0 }),
  );

test('sixty vain calls are told; three hundred at a port of their own are medium', () => {
  expect(told(calls(60)).map(({ level }) => level)).toEqual(['low']);
  expect(told(calls(59))).toEqual([]);
  const [finding] = told(calls(400));
  expect(finding).toMatchObject({ level: 'medium', recordCount: 400 });
  expect(say(finding!.explanation)).toContain('never let in');
  expect(say(finding!.explanation, 'zh')).toContain('从未成功');
  expect(told(calls(400, 443)).map(({ level }) => level)).toEqual(['low']);
});

test('unanswered calls count as refused ones do', () => {
  expect(told(Array.from({ length: 80 }, (_, i) => unanswered(1_000 + i, host, master, 5_888)))).toHaveLength(1);
});

test('an answer or a long rest begins anew; what many ask, and inside servers, are left alone', () => {
  expect(
    told([
      ...calls(40),
      conn(2_000, host, master, 5_888),
      ...calls(40).map(({ log, record }) => ({ log, record: { ...record, ts: Number(record['ts']) + 2_000 } })),
    ]),
  ).toEqual([]);
  expect(told(calls(80, 5_888, host, 2_000))).toEqual([]);
  const all = Array.from({ length: 6 }, (_, i) => calls(80, 5_888, `10.0.0.${i + 1}`)).flat();
  expect(told(all).map(({ source }) => source)).not.toContain('10.0.0.6');
  expect(told(Array.from({ length: 80 }, (_, i) => unanswered(1_000 + i, host, '10.0.0.9', 9_100)))).toEqual([]);
});
