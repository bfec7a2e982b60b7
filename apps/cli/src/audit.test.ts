import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAudit } from '@forewarn/store/audit';
import { lockDataFolder } from '@forewarn/store/folder';
import { openTrial } from '@forewarn/store/trial';
import { run } from './run.ts';

let dir: string;
let forged: string;

beforeAll(async () => {
  const trial = await openTrial();
  dir = trial.dir;
  const audit = await openAudit({ file: join(dir, 'audit.head'), database: trial.database, clock: { now: () => 1 } });
  for (let index = 0; index < 3; index += 1) {
    await trial.database.system((tx) =>
      audit.record(tx, { organisation: 'centre', actor: 'a', demo: false, action: 'test', object: `thing/${index}`, detail: {} }),
    );
  }
  await audit.close();
  await trial.database.close();
  forged = mkdtempSync(join(tmpdir(), 'forewarn-forged-'));
});
afterAll(() => {
  for (const folder of [dir, forged]) rmSync(folder, { recursive: true, force: true });
});

async function call(...args: string[]) {
  const told = { out: '', err: '' };
  const code = await run(['audit', ...args], {
    out: (text) => void (told.out += text),
    err: (text) => void (told.err += text),
    interactive: false,
    colour: false,
    width: 100,
    language: 'en',
    now: () => 0,
    readIn: () => Promise.resolve(new Uint8Array()),
  });
  return { code, ...told };
}

test('a folder whose chain holds', async () => {
  expect(await call('verify', '--data', dir)).toMatchObject({ code: 0, out: 'The audit is whole: 3 entries.\n', err: '' });
  expect(await call('verify', '--data', dir, '--language', 'zh')).toMatchObject({ code: 0, out: '审计完整：共 3 条记录。\n' });
});

test('a folder whose end was cut off: the place is named, the exit code is 1', async () => {
  writeFileSync(join(dir, 'audit.head'), `{"seq":4,"hash":"${'0'.repeat(64)}"}\n`);
  const { code, err } = await call('verify', '--data', dir);
  expect({ code, err }).toEqual({
    code: 1,
    err: 'The audit ends before entry 4, but entry 4 was written: the last entries were taken out.\n',
  });
  expect(JSON.parse((await call('verify', '--data', dir, '--json')).out)).toMatchObject({ ok: false, entries: 3, place: 4 });
});

test('a folder that is none, and is not made', async () => {
  const { code, err } = await call('verify', '--data', join(forged, 'nothing'));
  expect(code).toBe(1);
  expect(err).toContain('There is no audit in this folder.');
});

test('a folder in use: its centre is asked; without an address it is refused with the holder', async () => {
  const folder = lockDataFolder(dir);
  const server = createServer((request, response) => {
    const known = request.headers.authorization === 'Bearer fw_x' && request.url === '/api/v1/audit/verify';
    response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ok: true, entries: 7, place: null, trouble: null }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    expect((await call('verify', '--data', dir)).err).toContain(`process ${process.pid}`);
    writeFileSync(join(dir, 'center.json'), JSON.stringify({ url, pid: process.pid, token: 'fw_x' }));
    expect(await call('verify', '--data', dir)).toMatchObject({ code: 0, out: 'The audit is whole: 7 entries.\n' });
    expect(await call('verify', '--url', url, '--token', 'fw_x')).toMatchObject({ code: 0 });
    expect(await call('verify', '--url', url, '--token', 'fw_y')).toMatchObject({
      code: 1,
      err: expect.stringContaining('answers 401'),
    });
  } finally {
    server.close();
    folder.release();
  }
});

test('bad use', async () => {
  expect(await call()).toMatchObject({ code: 2 });
  expect(await call('verify', '--url', 'http://x', '--data', 'y')).toMatchObject({ code: 2 });
});
