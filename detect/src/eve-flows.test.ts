import { expect, test } from 'vitest';
import { detect, type Line } from './testing/detection.ts';
import { eveFlow } from './eve-flows.ts';

const event = (more: { [name: string]: string | number | string[] | boolean }): Line['record'] => ({
  timestamp: '2026-03-03T09:00:00.000000+0100',
  ts: 1_772_524_800,
  event_type: 'flow',
  src_ip: '10.0.0.66',
  src_port: 40_000,
  dest_ip: '10.1.0.1',
  dest_port: 445,
  proto: 'TCP',
  'flow.start': '2026-03-03T09:00:00.000000+0100',
  'flow.end': '2026-03-03T09:00:01.500000+0100',
  'flow.pkts_toserver': 1,
  'flow.pkts_toclient': 0,
  'flow.bytes_toserver': 60,
  'flow.bytes_toclient': 0,
  'tcp.tcp_flags_ts': '02',
  'tcp.tcp_flags_tc': '00',
  ...more,
});

test('a flow event is a flow, with what its flags say', () => {
  expect(eveFlow(event({}))).toMatchObject({
    log: 'conn',
    record: { ts: 1_772_524_800, duration: 1.5, conn_state: 'S0', 'id.resp_p': 445, proto: 'tcp' },
  });
  const of = (ts: string, tc: string) => eveFlow(event({ 'tcp.tcp_flags_ts': ts, 'tcp.tcp_flags_tc': tc }))!.record['conn_state'];
  expect(of('02', '14')).toBe('REJ');
  expect(of('1b', '1b')).toBe('SF');
  // Asked and gone on without an answer: the sensor sees one direction only.
  expect(of('1a', '00')).toBeUndefined();
  expect(of('', '')).toBeUndefined();
});

test('scans are found in events, and cite them', () => {
  const lines = Array.from({ length: 40 }, (_, i) => ({
    log: 'suricata',
    record: event({ dest_ip: `10.1.0.${i + 1}`, 'flow.start': `2026-03-03T09:00:${String(i).padStart(2, '0')}.000000+0100` }),
  }));
  const { findings } = detect(lines);
  expect(findings.map(({ rule }) => rule.id)).toEqual(['behaviour:scan']);
  expect(findings[0]!.records[0]!.log).toBe('suricata');
  expect(findings[0]!.records[0]!.uid).not.toBe('');
});

test('an answer is a question with its answer, whichever side is named first', () => {
  const answer = {
    event_type: 'dns',
    src_ip: '10.0.0.53',
    src_port: 53,
    dest_ip: '10.0.0.7',
    dest_port: 5_000,
    'dns.rrname': 'a.example',
    'dns.rrtype': 'A',
    'dns.rcode': 'NOERROR',
    'dns.grouped.A': ['198.51.100.1'],
  };
  expect(eveFlow(event(answer))).toMatchObject({
    log: 'dns',
    record: { 'id.orig_h': '10.0.0.7', 'id.resp_h': '10.0.0.53', query: 'a.example', rcode: 0, answers: ['198.51.100.1'] },
  });
});

test('hostile events are left alone', () => {
  const hostile: { [name: string]: string | number }[] = [
    { 'flow.start': 'never' },
    { proto: 7 },
    { src_ip: 1 },
    { event_type: 'stats' },
    { 'tcp.tcp_flags_ts': 'zz' },
    { event_type: 'dns', 'dns.rrname': 'x' },
  ];
  for (const more of hostile) expect(() => eveFlow(event(more))).not.toThrow();
  expect(eveFlow(event({ 'flow.start': 'never' }))).toBeUndefined();
});
