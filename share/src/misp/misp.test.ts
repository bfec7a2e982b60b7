import { expect, test } from 'vitest';
import { readStix } from '../stix/indicators.ts';
import { isMisp, isMispCsv, readMispCsv, readMispEvents } from './events.ts';
import { readMispWarningList } from './warninglists.ts';

const attribute = (type: string, value: string, more: object = {}) => ({ type, value, to_ids: true, uuid: type, ...more });

test('an event’s attributes, with what its tags say of them', () => {
  const event = {
    Event: {
      info: 'Case 7',
      timestamp: '1760000000',
      Orgc: { name: 'CERT North' },
      Tag: [{ name: 'admiralty-scale:source-reliability="b"' }, { name: 'misp-galaxy:mitre-attack-pattern="Phishing - T1566"' }],
      Attribute: [
        attribute('domain|ip', 'evil.example|203.0.113.7', { comment: 'server', timestamp: '1761000000' }),
        attribute('ip-dst|port', '198.51.100.9|8443', { Tag: [{ name: 'admiralty-scale:information-credibility="2"' }] }),
        attribute('email-src', 'a@b.example'),
        attribute('yara', 'rule x {}'),
        attribute('domain', 'seen.example', { to_ids: false }),
        attribute('domain', 'gone.example', { deleted: true }),
      ],
      Object: [
        {
          name: 'file',
          Attribute: [attribute('filename|sha256', `x.exe|${'a'.repeat(64)}`), attribute('url', 'http://evil.example/x')],
        },
      ],
    },
  };
  expect(isMisp(event)).toBe(true);
  expect(isMisp({ response: [event] })).toBe(true);
  expect(isMisp({ objects: [] })).toBe(false);
  const entries = [...readMispEvents(event, 'event.json')];
  const said = { source: 'CERT North', reliability: 'B', technique: 'T1566' };
  expect(entries.flatMap((entry) => ('value' in entry ? [entry.value] : []))).toMatchObject([
    { ...said, kind: 'domain', value: 'evil.example', seenAt: 1_761_000_000, note: 'Case 7 – server' },
    { ...said, kind: 'address', value: '203.0.113.7' },
    { ...said, kind: 'address', value: '198.51.100.9', credibility: '2', seenAt: 1_760_000_000 },
    { ...said, kind: 'hash', value: 'a'.repeat(64) },
    { ...said, kind: 'url' },
  ]);
  expect(entries.flatMap((entry) => ('refused' in entry ? [entry.refused.code] : []))).toEqual([
    'indicator.type',
    'indicator.type',
    'indicator.not-meant',
    'indicator.revoked',
  ]);
});

test('the CSV export', () => {
  const text =
    'uuid,event_id,category,type,value,comment,to_ids,date\n1,7,Network activity,domain,evil.example,"a, b",1,1760000000\n2,7,x,ip-dst,203.0.113.7,,0,1760000000\n';
  expect(isMispCsv(text)).toBe(true);
  expect(isMispCsv('type,value,source\n')).toBe(false);
  const [first, second] = [...readMispCsv(text, 'feed.csv')];
  expect(first).toMatchObject({ place: { line: 2 }, value: { kind: 'domain', seenAt: 1_760_000_000, note: 'a, b' } });
  expect(second).toMatchObject({ place: { line: 3 }, refused: { code: 'indicator.not-meant' } });
});

test('a bundle’s indicators, with author and technique; what is wrong is told in its place', () => {
  const indicator = (id: string, pattern: string, more: object = {}) => ({
    type: 'indicator',
    id: `indicator--${id}`,
    pattern_type: 'stix',
    pattern,
    valid_from: '2026-01-01T00:00:00Z',
    ...more,
  });
  const bundle = {
    type: 'bundle',
    objects: [
      { type: 'identity', id: 'identity--1', name: 'CERT South' },
      {
        type: 'attack-pattern',
        id: 'attack-pattern--1',
        external_references: [{ source_name: 'mitre-attack', external_id: 'T1071.001' }],
      },
      indicator('1', "[domain-name:value = 'evil.example']", { created_by_ref: 'identity--1', confidence: 80, name: 'Server' }),
      indicator('2', '[network-traffic:dst_port = 4444] REPEATS 3 TIMES WITHIN 60 SECONDS'),
      indicator('3', "[domain-name:value = 'x.example'"),
      indicator('4', 'alert tcp', { pattern_type: 'snort' }),
      indicator('5', "[domain-name:value = 'y.example']", { revoked: true }),
      indicator('6', "[domain-name:value = 'z.example']", { valid_from: 'yesterday' }),
      { type: 'relationship', relationship_type: 'indicates', source_ref: 'indicator--1', target_ref: 'attack-pattern--1' },
    ],
  };
  const entries = [...readStix(bundle, 'bundle.json')];
  expect(entries[0]).toMatchObject({
    value: {
      kind: 'domain',
      source: 'CERT South',
      confidence: 0.8,
      technique: 'T1071.001',
      validFrom: 1_767_225_600,
      note: 'Server',
    },
  });
  expect(entries[1]).toMatchObject({ pattern: { watched: { kind: 'within', seconds: 60, of: { kind: 'repeats', times: 3 } } } });
  expect(entries.slice(2)).toMatchObject([
    {
      place: { field: 'indicator--3' },
      refused: { code: 'stix.pattern', message: expect.stringContaining('column 33') as string },
    },
    { refused: { code: 'stix.pattern-type' } },
    { refused: { code: 'indicator.revoked' } },
    { refused: { code: 'stix.instant' } },
  ]);
});

test('a warning list', () => {
  const list = readMispWarningList(
    JSON.stringify({
      name: 'Test',
      type: 'hostname',
      list: ['.Below.example', 'self.example', 'd41d8cd98f00b204e9800998ecf8427e', '192.0.2.1'],
    }),
    'list.json',
  );
  expect(list).toMatchObject({ below: ['below.example'], domains: ['self.example'], networks: ['192.0.2.1'] });
  expect(list.hashes).toHaveLength(1);
  expect(() => readMispWarningList('[]', 'x')).toThrow('no list');
  expect(() => readMispWarningList('{', 'x')).toThrow('not JSON');
});
