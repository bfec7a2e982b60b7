import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordTypes } from '@forewarn/model/records/index';
import { openRecords } from '@forewarn/store/clickhouse/records';
import { run } from './run.ts';

const dir = mkdtempSync(join(tmpdir(), 'forewarn-past-'));
const data = join(dir, 'data');
const day = 86_400;
const now = 20_416 * day + day / 2;
const rule = join(dir, 'often.yml');

beforeAll(async () => {
  mkdirSync(data);
  const records = await openRecords({ dir: join(data, 'clickhouse'), recordTypes });
  const conn = [0, 10, 20, day, 40 * day].map((ago) => ({
    ts: now - day - ago,
    uid: `C${ago}`,
    'id.orig_h': '10.0.0.1',
    'id.orig_p': 1,
    'id.resp_h': '192.0.2.1',
    'id.resp_p': 23,
    proto: 'tcp',
  }));
  await records.insertBatch(
    { organisation: 'o', sensor: 's', link: null, networkType: 'computer', source: 't', marking: 'TLP:AMBER' },
    { id: 'a'.repeat(64), source: 't', logs: { conn } },
  );
  await records.close();
  writeFileSync(
    rule,
    `title: Telnet
name: telnet
logsource: { product: zeek, service: conn }
detection: { flow: { id.resp_p: 23 }, condition: flow }
---
title: Often
correlation: { type: event_count, rules: [telnet], group-by: [id.orig_h], timespan: 1m, condition: { gte: 3 } }
`,
  );
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function call(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await run(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    interactive: false,
    colour: false,
    width: 100,
    language: 'en',
    now: () => now,
    readIn: async () => new Uint8Array(),
  });
  return { code, out, err };
}

test('a correlation on the past of a stopped centre, for people and for programs', async () => {
  const { code, out, err } = await call('rules', 'try', rule, '--past', '30d', '--data', data);
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain('Often: 1 hit, 2025-11-23T12:00:00.000Z');
  expect(out).toContain('1  id.orig_h=10.0.0.1');
  expect(out).toMatch(/looked at 2025-10-25T12:00:00.000Z to 2025-11-24T12:00:00.000Z: \d+ rows, [\d.]+ MB/);
  const { out: json } = await call('rules', 'try', rule, '--past', '8w', '--data', data, '--json');
  expect(JSON.parse(json)).toMatchObject({ state: 'done', of: { kind: 'correlation', title: 'Often' }, hits: 1 });
});

test('what cannot be tried is told', async () => {
  expect(await call('rules', 'try', rule, '--past', 'long', '--data', data)).toMatchObject({ code: 2 });
  expect((await call('rules', 'try', 'nothing', '--past', '1d', '--data', data)).err).toContain('no rule "nothing"');
  expect((await call('rules', 'try', rule, '--past', '1d', '--data', join(dir, 'none'))).err).toContain(
    'no records in this folder',
  );
  expect(await call('rules', 'try', rule, 'file.log', '--past', '1d')).toMatchObject({ code: 2 });
});
