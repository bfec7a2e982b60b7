/** `forewarn detect` and `forewarn rules` on real files in a temporary folder. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordType } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';
import { tsvWriter } from '@forewarn/model/records/tsv';
import type { Terminal } from './command.ts';
import { run } from './run.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'forewarn-detect-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function call(args: string[], language: 'en' | 'zh' = 'en'): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const terminal: Terminal = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    interactive: false,
    colour: false,
    width: 100,
    language,
    now: () => 0,
    readIn: () => Promise.resolve(new Uint8Array()),
  };
  return { code: await run(args, terminal), out, err };
}

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const line = (record: object): string => `${JSON.stringify(record)}\n`;
const sweep = Array.from({ length: 40 }, (_, i) =>
  line({
    ts: 1_700_000_000 + i,
    uid: `C${i}`,
    'id.orig_h': '10.0.0.66',
    'id.orig_p': 40_000,
    'id.resp_h': `10.1.0.${i + 1}`,
    'id.resp_p': 445,
    proto: 'tcp',
    conn_state: 'S0',
    history: 'S',
  }),
).join('');

describe('detect', () => {
  test('a JSON log named as Zeek names it, for people', async () => {
    const { code, out, err } = await call(['detect', write('conn.log', sweep)]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('10.0.0.66 looked for the same service on many hosts: 40 hosts did not answer on port 445');
    expect(out).toMatch(/40 records, 1 findings \(25,000 per million records\)/);
  });

  test('a tab-separated log of Zeek says the same, compressed or not', async () => {
    const type = recordType('conn')!;
    const tsv = tsvWriter(type);
    const records = sweep
      .trim()
      .split('\n')
      .map((one) => JSON.parse(one) as AnyRecord);
    const text = `${tsv.header('2026-11-22-08-00-00')}${records.map((record) => tsv.record(record)).join('')}#close\t2026-11-22-09-00-00\n`;
    const json = await call(['detect', write('conn.log', sweep)]);
    expect(json.out).toContain('10.0.0.66');
    expect(await call(['detect', write('zeek.log', text)])).toEqual(json);
    expect(await call(['detect', write('conn.2023.log.gz', gzipSync(text))])).toEqual(json);
    const unread = await call(['detect', write('conn.log', `${text}a line of something else\n`)]);
    expect(unread.err).toMatch(/1 lines of .*conn\.log are no records/);
  });

  test('in Chinese', async () => {
    const { out } = await call(['detect', write('conn.log', sweep)], 'zh');
    expect(out).toContain('40 台主机在端口 445 上未应答');
    expect(out).not.toMatch(/\[detect\./);
  });

  test('for programs: one finding a line, the summary apart', async () => {
    const { code, out, err } = await call(['detect', '--json', write('conn.2023.log.gz', gzipSync(sweep))]);
    expect(code).toBe(0);
    const findings = out
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as { [name: string]: unknown });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      source: '10.0.0.66',
      technique: ['T1046'],
      recordCount: 40,
      rule: { id: 'behaviour:scan' },
    });
    expect(findings[0]!['sentence']).toContain('40 hosts');
    expect(err).toContain('40 records');
  });

  test('lists of partners: a MISP event, a STIX bundle with a sequence, and a warning list', async () => {
    const flow = (uid: string, ts: number, port: number): string =>
      line({
        ts,
        uid,
        'id.orig_h': '10.0.0.5',
        'id.orig_p': 4000,
        'id.resp_h': '203.0.113.7',
        'id.resp_p': port,
        proto: 'tcp',
        conn_state: 'SF',
      });
    const log = write('conn.log', flow('C1', 1_767_300_000, 4444) + flow('C2', 1_767_300_010, 443));
    const event = {
      Event: {
        info: 'Case',
        Orgc: { name: 'CERT' },
        Attribute: [{ type: 'ip-dst', value: '203.0.113.7', to_ids: true, timestamp: '1767300000' }],
      },
    };
    const pattern = '[network-traffic:dst_port = 4444] FOLLOWEDBY [network-traffic:dst_port = 443] WITHIN 60 SECONDS';
    const indicator = {
      type: 'indicator',
      id: 'indicator--1',
      name: 'Two steps',
      pattern_type: 'stix',
      pattern,
      valid_from: '2026-01-01T00:00:00Z',
      confidence: 80,
    };
    const [misp, stix] = [
      write('event.json', JSON.stringify(event)),
      write('bundle.json', JSON.stringify({ type: 'bundle', objects: [indicator] })),
    ];
    const args = ['detect', log, '--only', '--no-behaviours', '--json', '--indicators', misp, '--indicators', stix];
    const { code, out, err } = await call(args);
    expect(err).toContain('2 indicators');
    const findings = out
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as { names: string[]; sentence: string; records: unknown[] });
    expect(code).toBe(0);
    expect(findings).toHaveLength(2);
    expect(findings.find(({ records }) => records.length === 2)?.sentence).toContain('Two steps');
    const warned = write('warning.json', JSON.stringify({ name: 'Ours', type: 'cidr', list: ['203.0.113.0/24'] }));
    const spared = await call([...args, '--warnings', warned]);
    expect(spared.err).toContain('Ours');
    expect(spared.out.trim().split('\n')).toHaveLength(1);
  });

  test('own indicators and rules', async () => {
    const dns = write(
      'dns.log',
      line({
        ts: 1_700_000_000,
        uid: 'C1',
        'id.orig_h': '10.0.0.5',
        'id.resp_h': '10.0.0.1',
        'id.resp_p': 53,
        query: 'www.evil.example',
      }),
    );
    const list = write('own.txt', 'evil.example\nnot a name\n10.0.0.0/8\n');
    const rule = write(
      'own.yml',
      'title: Own rule\nlogsource: { product: zeek, service: dns }\ndetection:\n  s:\n    query|endswith: .example\n  condition: s\n',
    );
    const { code, out, err } = await call(['detect', dns, '--only', '--indicators', list, '--rules', rule, '--json']);
    expect(code).toBe(0);
    expect(
      out
        .trim()
        .split('\n')
        .map((text) => (JSON.parse(text) as { rule: { kind: string } }).rule.kind)
        .sort(),
    ).toEqual(['indicator', 'sigma']);
    expect(err).toContain('own.txt:2');
    expect(err).toContain('own.txt:3');
  });

  test('several logs are read in the order of their times', async () => {
    const conn = write('conn.log', sweep);
    const dns = write(
      'dns.log',
      Array.from({ length: 40 }, (_, i) =>
        line({
          ts: 1_699_999_999.5 + i,
          uid: `D${i}`,
          'id.orig_h': '10.0.0.66',
          'id.resp_h': '10.0.0.1',
          query: 'x.example',
          answers: [`10.1.0.${i + 1}`],
        }),
      ).join(''),
    );
    // Each address is looked up half a second before it is asked: read one after the other, the scan would be told.
    expect((await call(['detect', conn, dns])).out).toContain('No findings');
    expect((await call(['detect', conn])).out).toContain('445');
  });

  test('logs of other forms: rules look at every field, also at those that nobody declared', async () => {
    const rule = (name: string, source: string, selection: string): string =>
      write(
        `${name}.yml`,
        `title: ${name}\nid: 00000000-0000-4000-8000-00000000000${name.length}\nlogsource: ${source}\ndetection:\n  selection:\n    ${selection}\n  condition: selection\nlevel: high\n`,
      );
    const rules = [
      rule('web', '{ category: webserver }', "cs-uri-query|contains: 'jndi'"),
      rule('clouds', '{ product: aws, service: cloudtrail }', 'requestParameters.made.up: x'),
      rule('linux', '{ product: linux, service: auditd }', "proctitle|startswith: 'ls '"),
    ].flatMap((path) => ['--rules', path]);
    const logs = [
      write('access.log', '192.0.2.7 - - [01/Jan/2026:01:00:00 +0100] "GET /a?x=jndi HTTP/1.1" 200 1 "-" "-"\n'),
      write(
        'trail.json.gz',
        gzipSync(
          '{"Records":[{"eventTime":"2026-01-01T00:00:00Z","eventSource":"iam.amazonaws.com","eventName":"X","sourceIPAddress":"192.0.2.8","requestParameters":{"made":{"up":"x"}}}]}',
        ),
      ),
      write('audit.log', 'type=PROCTITLE msg=audit(1767225600.1:1): proctitle=6C73002D6C\n'),
    ];
    const { code, out } = await call(['detect', '--only', '--json', ...rules, ...logs]);
    expect(code).toBe(0);
    const findings = out
      .trim()
      .split('\n')
      .map((one) => JSON.parse(one) as { rule: { name: string }; source: string });
    expect(findings.map(({ rule: { name }, source }) => `${name} ${source}`).sort()).toEqual([
      'clouds 192.0.2.8',
      'linux ',
      'web 192.0.2.7',
    ]);
  });

  test('bad lines are counted and told, the rest is read', async () => {
    const { code, out, err } = await call(['detect', write('conn.log', `{"broken\n${sweep}nonsense\n`)]);
    expect(code).toBe(0);
    expect(out).toContain('40 records');
    expect(err).toMatch(/2 lines of .*conn\.log are no records; the first is line 1/);
  });

  test.each([
    ['a missing file', ['detect', '/nowhere/x.pcap'], 1, 'There is no such file'],
    ['nothing named', ['detect'], 2, 'Name at least one capture'],
    ['a network that is none', ['detect', '/dev/null', '--network', '10.0.0.1/8'], 1, 'is not a network'],
    ['missing rules', ['detect', '/dev/null', '--rules', '/nowhere'], 1, 'There is no such file or folder'],
    ['an unknown option', ['detect', '--frob'], 2, '--frob'],
  ])('%s', async (_, args, code, message) => {
    const result = await call(args);
    expect(result.code).toBe(code);
    expect(result.err).toContain(message);
  });

  test('a text that is nothing is refused', async () => {
    expect((await call(['detect', write('notes.txt', 'just words\n')])).code).toBe(1);
  });
});

describe('rules', () => {
  test('the product’s own hold their cases', async () => {
    const { code, out } = await call(['rules', 'test']);
    expect(out).toMatch(/^\d+ rules compile, 0 are refused; (\d+) of \1 cases hold\.\n$/);
    expect(code).toBe(0);
  });

  test('a case that fails and a rule that is refused are told with file and line', async () => {
    const wrong = write(
      'wrong.yml',
      'title: Wrong\nlogsource: { product: zeek, service: dns }\ndetection:\n  s:\n    query: x\n  condition: s\nforewarn:\n  cases:\n    - { about: holds, matches: true, record: { query: y } }\n---\ntitle: Refused\nlogsource: { product: zeek, service: dns }\ndetection:\n  s:\n    query|frob: x\n  condition: s\n',
    );
    const { code, out } = await call(['rules', 'test', wrong]);
    expect(code).toBe(1);
    expect(out).toContain('wrong.yml:1: Wrong: "holds": the rule should hold and does not');
    expect(out).toContain('wrong.yml:15:5');
    expect(out).toContain('1 rules compile, 1 are refused; 0 of 1 cases hold.');
  });

  test('try prints the condition and the records', async () => {
    const rule = write(
      'try.yml',
      'title: Tried\nlogsource: { product: zeek, service: conn }\ndetection:\n  s:\n    id.resp_h: 10.1.0.7\n  condition: s\n',
    );
    const { code, out } = await call(['rules', 'try', rule, write('conn.log', sweep)]);
    expect(code).toBe(0);
    expect(out).toContain('conn: id.resp_h:"10.1.0.7"');
    expect(out).toContain('Tried: 1 of 40 records');
    expect(out).toContain('"uid":"C6"');
  });
});
