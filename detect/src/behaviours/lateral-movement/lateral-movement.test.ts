import { expect, test } from 'vitest';
import { conn, detect, record, say, type Line } from '../../testing/detection.ts';

const host = '10.0.0.66';
const told = (lines: Iterable<Line>) => detect(lines).findings.filter(({ rule }) => rule.id === 'behaviour:lateral-movement');
/** Somebody works, so that the network is watched. */
const working = Array.from({ length: 10 }, (_, i) => conn(1_000 + i * 600, '10.0.0.9', '10.0.0.20', 445));
const reach = (count: number, at = 8_000, source = host): Line[] =>
  Array.from({ length: count }, (_, i) => conn(at + i * 60, source, `10.0.1.${i + 1}`, i % 2 === 0 ? 445 : 3389));

test('five hosts that let it in for the first time', () => {
  const [finding, ...more] = told([...working, ...reach(7)]);
  expect(more).toEqual([]);
  expect(finding).toMatchObject({
    source: host,
    technique: ['T1021'],
    tactic: ['lateral-movement'],
    level: 'medium',
    recordCount: 7,
  });
  expect(finding!.confidence).toBeLessThan(0.5);
  expect(say(finding!.explanation)).toContain('by RDP, SMB');
  expect(say(finding!.explanation, 'zh')).toContain('5 台从未管理过的内部主机'.replace('5', '7'));
  expect(told([...working, ...reach(4)])).toEqual([]);
});

test('not while it is learned, not what was refused, not over days, not what everybody reaches', () => {
  expect(told(reach(20, 1_000))).toEqual([]);
  expect(
    told([...working, ...reach(7).map(({ log, record: of }) => ({ log, record: { ...of, resp_bytes: 0, conn_state: 'REJ' } }))]),
  ).toEqual([]);
  expect(
    told([...working, ...reach(7).map(({ log, record: of }, i) => ({ log, record: { ...of, ts: 8_000 + i * 4_000 } }))]),
  ).toEqual([]);
  const everybody = Array.from({ length: 12 }, (_, i) => reach(7, 2_000 + i, `10.0.2.${i + 1}`)).flat();
  expect(told([...working, ...everybody, ...reach(7)].sort((a, b) => Number(a.record['ts']) - Number(b.record['ts'])))).toEqual(
    [],
  );
});

test('who administers many may take a few more on', () => {
  const habit = Array.from({ length: 30 }, (_, i) => conn(1_000 + i * 10, host, `10.0.3.${i + 1}`, 22));
  expect(told([...habit, ...working, ...reach(7)].sort((a, b) => Number(a.record['ts']) - Number(b.record['ts'])))).toEqual([]);
});

test('calls that start something are told per pair', () => {
  const call = (endpoint: string, operation: string, target = '10.0.0.9') =>
    record('dce_rpc', 1_000, host, target, 445, { endpoint, operation });
  const findings = told([
    call('svcctl', 'CreateServiceW'),
    call('svcctl', 'StartServiceW'),
    call('drsuapi', 'DRSGetNCChanges'),
    call('samr', 'SamrConnect5'),
    call('svcctl', 'OpenServiceW'),
  ]);
  expect(findings.map(({ level, recordCount, technique }) => [level, recordCount, technique[0]])).toEqual([
    ['low', 2, 'T1569.002'],
    ['medium', 1, 'T1003.006'],
  ]);
  expect(told([call('svcctl', 'CreateServiceW', '198.51.100.7')])).toEqual([]);
});
