import { expect, test } from 'vitest';
import { conn, detect, record, say, unanswered, type Line } from '../../testing/detection.ts';

const host = '10.0.0.66';
const told = (lines: Iterable<Line>) => detect(lines).findings.filter(({ rule }) => rule.id === 'behaviour:outbound-abuse');
const kinds = (lines: Iterable<Line>) => told(lines).map(({ explanation }) => explanation.text);

test('a flood of connections, or of packets', () => {
  const syns = Array.from({ length: 800 }, (_, i) => unanswered(1_000 + i / 40, host, '198.51.100.7', 80));
  const [finding, ...more] = told(syns);
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ level: 'high', technique: ['T1498'], targets: ['198.51.100.7'] });
  expect(say(finding!.explanation)).toContain('floods 198.51.100.7');
  expect(say(finding!.explanation, 'zh')).toContain('洪泛');
  const datagrams = conn(1_000, host, '198.51.100.7', 9_999, { proto: 'udp', conn_state: 'S0', orig_pkts: 90_000, resp_pkts: 0 });
  expect(kinds([datagrams])).toEqual(['detect.outbound-abuse.flood']);
});

test('not a transfer, however large, nor a flood of answers', () => {
  expect(kinds([conn(1_000, host, '198.51.100.7', 443, { orig_pkts: 900_000, resp_pkts: 400_000 })])).toEqual([]);
  expect(kinds(Array.from({ length: 900 }, (_, i) => conn(1_000 + i / 40, host, '198.51.100.7', 443)))).toEqual([]);
});

test('mail to everywhere, unless the host is a mail server or has become a relay', () => {
  const mail = (day = 0): Line[] =>
    Array.from({ length: 30 }, (_, i) => conn(1_000 + day * 86_400 + i * 60, host, `198.51.${i}.25`, 25));
  expect(kinds(mail())).toEqual(['detect.outbound-abuse.mail']);
  expect(kinds([conn(900, '203.0.113.5', host, 25), ...mail()])).toEqual([]);
  expect(kinds(Array.from({ length: 6 }, (_, day) => mail(day)).flat()).length).toBe(3);
  expect(kinds(mail().slice(0, 19))).toEqual([]);
});

test('strangers by the dozen, unless they were looked up', () => {
  const ask = Array.from({ length: 30 }, (_, i) =>
    i % 3 === 0 ? unanswered(1_000 + i, host, `198.51.${i}.8`, 80) : conn(1_000 + i, host, `198.51.${i}.8`, 80),
  );
  expect(kinds(ask)).toEqual(['detect.outbound-abuse.strangers']);
  const names = ask.map(({ record: of }) =>
    record('dns', 999, host, '10.0.0.53', 53, { query: 'a.example', answers: [String(of['id.resp_h'])] }),
  );
  expect(kinds([...names, ...ask])).toEqual([]);
  // An hour of it is somebody who reads.
  expect(kinds(ask.map(({ log, record: of }, i) => ({ log, record: { ...of, ts: 1_000 + i * 120 } })))).toEqual([]);
});
