import { describe, expect, test } from 'vitest';
import { recordType, recordTypes } from '@forewarn/model/records/index';
import type { ColumnType, RecordType } from '@forewarn/model/records/record';
import { classify, classifyBatch, filePath, pseudonymiser, uriPath, type KeepingPolicy } from './classes.ts';

const policy: KeepingPolicy = { grants: [], now: 1_000, pseudonym: pseudonymiser(new Uint8Array(32).fill(7)) };
const marker = 'MARKER';
const valid: { [type in ColumnType]: unknown } = {
  time: 5,
  interval: 1.5,
  string: marker,
  addr: '10.0.0.1',
  enum: marker,
  port: 80,
  count: 3,
  int: -3,
  double: 0.5,
  bool: true,
  'vector[string]': [marker],
  'vector[count]': [1],
  'vector[interval]': [1.5],
};

describe.each(recordTypes.map((type) => [type.log, type] as const))('%s', (_log, type: RecordType) => {
  const full = Object.fromEntries(Object.entries(type.columns).map(([name, column]) => [name, valid[column.type]]));

  test('every column is classed', () => {
    for (const column of Object.values(type.columns))
      expect(['technical', 'personal', 'content', 'secret']).toContain(column.class);
  });

  test('by default no content, no secret and no person is written', () => {
    const { record, odd } = classify(full, type, policy);
    expect(odd).toBe(0);
    const written = Object.entries(type.columns).filter(([name]) => record?.[name] !== undefined);
    expect(written.filter(([, { class: of }]) => of === 'secret')).toEqual([]);
    expect(written.filter(([, { class: of, kept }]) => of === 'content' && kept === undefined)).toEqual([]);
    const people = written.filter(([, { class: of }]) => of === 'personal').map(([name]) => record?.[name]);
    expect(JSON.stringify(people)).not.toContain(marker);
    expect(written.filter(([, { class: of }]) => of === 'technical')).toHaveLength(
      Object.values(type.columns).filter(({ class: of }) => of === 'technical').length,
    );
  });
});

const http = recordType('http') as RecordType;
const request = {
  ts: 5,
  uid: 'C1',
  uri: '/a/b.php?user=ann#x',
  referrer: 'http://ann:pw@x.test/p?q=1',
  username: 'ann',
  password: 'pw',
};

test('of a URI what comes before its query stays, without user and word', () => {
  const { record } = classify(request, http, policy);
  expect(record).toMatchObject({ uri: '/a/b.php', referrer: 'http://x.test/p' });
  expect(uriPath('?only=query')).toBe('');
  expect(uriPath('//a@b@c/d@e')).toBe('//c/d@e');
});

test('a policy that names the field keeps it until its end, and never a secret', () => {
  const grants = [
    { log: 'http', field: 'uri', purpose: 'web attacks on the portal', until: 2_000 },
    { log: 'http', field: 'password', purpose: 'none', until: 2_000 },
    { log: 'dns', field: 'referrer', purpose: 'another log', until: 2_000 },
  ];
  expect(classify(request, http, { ...policy, grants }).record).toMatchObject({ uri: request.uri, referrer: 'http://x.test/p' });
  expect(classify(request, http, { ...policy, grants }).record).not.toHaveProperty('password');
  expect(classify(request, http, { ...policy, grants, now: 2_000 }).record).toMatchObject({ uri: '/a/b.php' });
});

test('a pseudonym is the same for the same account and another under another key', () => {
  const one = classify(request, http, policy).record?.['username'];
  expect(one).toMatch(/^ps-[0-9a-f]{32}$/);
  expect(classify({ ...request, ts: 9 }, http, policy).record?.['username']).toBe(one);
  const other = { ...policy, pseudonym: pseudonymiser(new Uint8Array(32).fill(8)) };
  expect(classify(request, http, other).record?.['username']).not.toBe(one);
});

test.each([
  ['a count that is negative', { status_code: -1 }],
  ['a count that no number holds', { status_code: 2 ** 60 }],
  ['a port beyond 65535', { 'id.orig_p': 70_000 }],
  ['an address that is none', { 'id.orig_h': 'x' }],
  ['a text that is an object', { host: { a: 1 } }],
  ['a vector with a stranger in it', { proxied: ['a', 1] }],
  ['a field nobody declared', { surprise: 1 }],
])('%s is dropped and counted', (_what, field) => {
  expect(classify({ ts: 5, ...field }, http, policy)).toEqual({ record: { ts: 5 }, odd: 1 });
});

test('hostile records: prototypes, unpaired surrogates, over-long texts, no time', () => {
  expect(classify(JSON.parse('{"ts":5,"__proto__":{"host":"x"},"constructor":1}') as object as {}, http, policy).record).toEqual({
    ts: 5,
  });
  expect(classify({ ts: 5, host: 'a\ud800b' }, http, policy).record?.['host']).toBe('a\ufffdb');
  expect(String(classify({ ts: 5, host: 'x'.repeat(1e6) }, http, policy).record?.['host'])).toHaveLength(65_536);
  expect(classify({ host: 'x' }, http, policy).record).toBeUndefined();
  expect(classify({ ts: Number.POSITIVE_INFINITY }, http, policy).record).toBeUndefined();
});

test('a batch: unknown logs and records without a time are refused and counted, the rest is kept', () => {
  const batch = { id: 'a'.repeat(64), source: 'x', logs: { http: [request, {}], nosuch: [{ ts: 1 }] } };
  const { batch: kept, refused, odd } = classifyBatch(batch, recordType, policy);
  expect(refused).toBe(2);
  expect(odd).toBe(0);
  expect(Object.keys(kept.logs)).toEqual(['http']);
  expect(kept.logs['http']).toHaveLength(1);
});

describe('logs with open-ended schemas', () => {
  const windows = recordType('windows') as RecordType;
  const event = {
    ts: 5,
    EventID: '4688',
    ProcessId: 7,
    Image: 'C:\\Users\\ann\\a.exe',
    SubjectUserName: 'ann',
    CommandLine: 'a.exe /secret',
    Own: 'x',
    Other: ['y', 'z'],
    ServicePassword: 'pw',
    Nested: { a: 1 },
  };
  test('in a batch they are counted by log', () => {
    const batch = { id: 'a'.repeat(64), source: 'x', logs: { windows: [event, event], http: [{ ts: 1, undeclared: 1 }] } };
    expect(classifyBatch(batch, recordType, policy)).toMatchObject({ withheld: { windows: 8 }, odd: 1 });
  });

  const of = (...fields: string[]) =>
    classify(event, windows, {
      ...policy,
      grants: fields.map((field) => ({ log: 'windows', field, purpose: 'p', until: 2_000 })),
    });

  test('by default undeclared fields are withheld and counted, and types are taken as they come', () => {
    const { record, odd, withheld } = of();
    expect(record).toEqual({
      ts: 5,
      EventID: 4_688,
      ProcessId: '7',
      Image: 'C:\\Users\\*\\a.exe',
      SubjectUserName: expect.stringMatching(/^ps-/) as string,
    });
    expect({ odd, withheld }).toEqual({ odd: 0, withheld: 4 });
  });

  test('a policy lets one in by its name, or all but secrets', () => {
    expect(of('Own').record?.['_fields']).toEqual(['Own=x']);
    expect(of('_fields', 'ServicePassword')).toMatchObject({ record: { _fields: ['Own=x', 'Other=y', 'Other=z'] }, withheld: 2 });
    expect(of('_fields').record).not.toHaveProperty('CommandLine');
  });

  test('whose folder it is is left out of paths', () => {
    expect(filePath('/home/ann/.ssh/id')).toBe('/home/*/.ssh/id');
    expect(filePath('\\\\srv\\Users\\ann')).toBe('\\\\srv\\Users\\*');
    expect(filePath('HKU\\S-1-5-21-1-2-3-500\\Run')).toBe('HKU\\S-1-5-21-*\\Run');
    expect(filePath('C:\\Windows\\a.exe')).toBe('C:\\Windows\\a.exe');
  });
});
