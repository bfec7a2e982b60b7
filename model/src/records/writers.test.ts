import { Utf8 } from '@forewarn/base/utf8';
import { expect, test } from 'vitest';
import { recordTypes } from './index.ts';
import { jsonWriter } from './json.ts';
import { conn, dns, http } from './network.ts';
import { isSecretField, undeclaredLog } from './open.ts';
import type { AnyRecord, RecordType } from './record.ts';
import { tsvWriter } from './tsv.ts';
import { windows } from './windows-events.ts';

/** A record's line, with its line feed. */
function json(type: RecordType, record: AnyRecord, path = false): string {
  const out = new Utf8();
  jsonWriter(type, path)(record, out);
  return new TextDecoder().decode(out.take());
}

const head = {
  ts: 1_700_000_000.25,
  uid: 'C1',
  'id.orig_h': '10.0.0.1',
  'id.orig_p': 1,
  'id.resp_h': '2001:db8::2',
  'id.resp_p': 53,
};

test('JSON: keys as Zeek writes them, in the order of the declaration, absent ones left out', () => {
  const flow = { proto: 'udp', duration: 0.5, missed_bytes: 0, local_orig: true, tunnel_parents: ['C2', 'C3'], ...head };
  expect(json(conn, flow)).toBe(
    '{"ts":1700000000.250000,"uid":"C1","id.orig_h":"10.0.0.1","id.orig_p":1,"id.resp_h":"2001:db8::2","id.resp_p":53,' +
      '"proto":"udp","duration":0.500000,"local_orig":true,"missed_bytes":0,"tunnel_parents":["C2","C3"]}\n',
  );
});

test('JSON: intervals in lists, texts escaped, numbers that JSON cannot say left out', () => {
  const line = json(dns, {
    ...head,
    proto: 'udp',
    query: 'a"\n\u0001',
    TTLs: [60, 0.5],
    trans_id: Number.NaN,
    nowhere: 'x',
  });
  expect(line).toContain('"query":"a\\"\\n\\u0001"');
  expect(line).toContain('"TTLs":[60.000000,0.500000]');
  expect(line).not.toContain('trans_id');
  expect(line).not.toContain('nowhere');
  expect(line.endsWith('}\n')).toBe(true);
  expect(JSON.parse(line)).toMatchObject({ ts: 1_700_000_000.25, TTLs: [60, 0.5] });
});

test('JSON: a stream of all logs names the log first, and a record without a value is an object still', () => {
  expect(json(conn, { uid: 'C1' }, true)).toBe('{"_path":"conn","uid":"C1"}\n');
  expect([json(conn, {}, true), json(conn, {})]).toEqual(['{"_path":"conn"}\n', '{}\n']);
});

test('secrets are never written', () => {
  const record = { ...head, trans_depth: 1, username: 'anna', password: 'hunter2' };
  expect(json(http, record)).not.toContain('hunter2');
  const writer = tsvWriter(http);
  expect(writer.record(record)).not.toContain('hunter2');
  expect(writer.header()).not.toContain('password');
  expect(writer.header()).toContain('username');
});

test('TSV: the header of Zeek, then values with its marks and escapes', () => {
  const writer = tsvWriter(dns);
  const header = writer.header('2026-11-22-08-00-00').split('\n');
  expect(header.slice(0, 6)).toEqual([
    String.raw`#separator \x09`,
    '#set_separator\t,',
    '#empty_field\t(empty)',
    '#unset_field\t-',
    '#path\tdns',
    '#open\t2026-11-22-08-00-00',
  ]);
  const fields = header[6]!.split('\t').slice(1);
  const types = header[7]!.split('\t').slice(1);
  expect(types[fields.indexOf('TTLs')]).toBe('vector[interval]');
  const row = writer
    .record({
      ...head,
      proto: 'udp',
      query: 'a\tb\\c',
      AA: false,
      answers: ['x,y', ''],
      TTLs: [],
      rejected: true,
      qtype_name: '-',
    })
    .trimEnd()
    .split('\t');
  const value = (field: string): string => row[fields.indexOf(field)]!;
  expect(row).toHaveLength(fields.length);
  expect(value('ts')).toBe('1700000000.250000');
  expect(value('query')).toBe(String.raw`a\x09b\\c`);
  expect(value('qtype_name')).toBe(String.raw`\x2d`);
  expect(value('AA')).toBe('F');
  expect(value('answers')).toBe(String.raw`x\x2cy,(empty)`);
  expect(value('TTLs')).toBe('(empty)');
  expect(value('rejected')).toBe('T');
  expect(value('rtt')).toBe('-');
});

test('every record type can be written both ways', () => {
  for (const type of recordTypes) {
    expect(json(type, {})).toBe('{}\n');
    expect(
      tsvWriter(type)
        .record({})
        .trimEnd()
        .split('\t')
        .every((value) => value === '-'),
    ).toBe(true);
  }
});

test('open types: their own fields follow under their names in JSON, together in one column in TSV, and no secret in either', () => {
  const event = { ts: 1, EventID: 4, Own: 'x', Rate: 0.5, List: ['a', 'b'], Password: 'pw', hasPassword: true };
  expect(json(windows, event)).toBe('{"ts":1.000000,"EventID":4,"Own":"x","Rate":0.5,"List":["a","b"],"hasPassword":true}\n');
  const line = tsvWriter(windows).record(event);
  expect(line.split('\t').at(-1)).toBe('Own=x,Rate=0.5,List=a,List=b,hasPassword=true\n');
  expect(json(undeclaredLog('mine'), { Own: 'x', secret: 'y' })).toBe('{"Own":"x"}\n');
});

test('names of secrets', () => {
  const secrets = [
    'password',
    'responseElements.credentials.sessionToken',
    'db_passwd',
    'client-secret',
    'x.Authorization',
    'cs(Cookie)',
    'apiKey',
  ];
  const others = ['PasswordLastSet', 'TokenElevationType', 'secretId', 'tokens', 'authorization.granted', 'MFAUsed'];
  expect(secrets.filter((name) => !isSecretField(name, 'x'))).toEqual([]);
  expect(others.filter((name) => isSecretField(name, 'x'))).toEqual([]);
});
