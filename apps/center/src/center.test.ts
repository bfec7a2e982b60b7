/** Starting and stopping a centre: what it leaves on the disk, who may get in, and what it refuses. One folder, because ClickHouse opens one a process. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import { startCenter, type RunningCenter } from './center.ts';
import type { Settings } from './settings.ts';

const dir = join(mkdtempSync(join(tmpdir(), 'forewarn-center-')), 'data');
const settings: Settings = { dataDir: dir, port: 0, demo: false, listen: '127.0.0.1', tls: undefined, behindProxy: false };
let center: RunningCenter;

beforeAll(async () => {
  center = await startCenter(settings);
});
afterAll(async () => {
  await center.close();
  rmSync(join(dir, '..'), { recursive: true, force: true });
});

const refused = async (changed: Partial<Settings>): Promise<Refusal> => {
  const error: unknown = await startCenter({ ...settings, ...changed }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Refusal);
  return error as Refusal;
};
type Note = { url: string; pid: number; token: string };
const note = (): Note => JSON.parse(readFileSync(join(dir, 'center.json'), 'utf8')) as Note;
const api = (path: string, init: RequestInit = {}) => fetch(`${center.url}${path}`, init);

test('the note for scripts is its owner’s alone, and its token works', async () => {
  expect(statSync(join(dir, 'center.json')).mode & 0o777).toBe(0o600);
  expect(note()).toMatchObject({ url: center.url, pid: process.pid });
  const me = await api('/api/v1/me', { headers: { authorization: `Bearer ${note().token}` } });
  expect(await me.json()).toMatchObject({ role: 'administrator', demo: false, organisation: { id: 'centre', centre: true } });
});

test('the first administrator signs in once by the link, and sets a password', async () => {
  const token = center.firstLink!.split('/').at(-1)!;
  const page = { 'content-type': 'application/json', origin: center.url };
  const link = () => api('/api/v1/sessions/link', { method: 'POST', headers: page, body: JSON.stringify({ token }) });
  const first = await link();
  expect(first.status).toBe(204);
  expect((await link()).status).toBe(401);
  const cookie = first.headers.getSetCookie()[0]!;
  expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
  const set = await api('/api/v1/me/password', {
    method: 'PUT',
    headers: { ...page, cookie: cookie.split(';')[0]! },
    body: JSON.stringify({ password: 'correct horse battery staple' }),
  });
  expect(set.status).toBe(204);
});

test('a page of another site changes nothing, and another name of this machine is not answered', async () => {
  const foreign = await api('/api/v1/sessions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'https://evil.example' },
    body: '{}',
  });
  expect([foreign.status, ((await foreign.json()) as { code: string }).code]).toEqual([403, 'origin.foreign']);
});

test('health, readiness and metrics stand at the root, with the headers of a page that trusts nobody', async () => {
  expect((await api('/healthz')).status).toBe(200);
  expect(await (await api('/readyz')).json()).toEqual({ ok: true });
  const metrics = await api('/metrics');
  expect(await metrics.text()).toMatch(/^forewarn_request_seconds_count\{method="get",route="\/me",status="200"\} \d+$/m);
  expect(metrics.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect((await api('/api/v1/no-such-route')).headers.get('content-type')).toBe('application/problem+json');
});

test('streams of changes have a ceiling, and a reader that left makes room', async () => {
  const headers = { authorization: `Bearer ${note().token}` };
  const leave: AbortController[] = [];
  const held: Response[] = [];
  const open = async (): Promise<number> => {
    const controller = new AbortController();
    leave.push(controller);
    const response = await api('/api/v1/events', { headers, signal: controller.signal });
    // An answer that nobody holds is closed by the garbage collection.
    held.push(response);
    return response.status;
  };
  const first: number[] = [];
  for (let i = 0; i < 20; i++) first.push(await open());
  expect(new Set(first)).toEqual(new Set([200]));
  expect(await open()).toBe(429);
  for (const one of leave) one.abort();
  // The centre hears of it when the sockets have closed, not at once.
  let again = await open();
  while (again === 429) again = await open();
  expect(again).toBe(200);
  leave.at(-1)!.abort();
});

test('a long query is read, and one beyond the ceiling is told so', async () => {
  const headers = { authorization: `Bearer ${note().token}` };
  const search = (length: number) =>
    api(`/api/v1/records/conn?q=${encodeURIComponent(`uid:"${'x'.repeat(length)}"`)}`, { headers });
  expect((await search(19_000)).status).toBe(200);
  const beyond = await search(21_000);
  expect([beyond.status, ((await beyond.json()) as { place: unknown }).place]).toEqual([422, { field: 'q' }]);
});

test('bodies have a type and a ceiling', async () => {
  const send = (type: string, body: string) =>
    api('/api/v1/sessions', { method: 'POST', headers: { 'content-type': type, origin: center.url }, body });
  expect((await send('text/plain', '{}')).status).toBe(415);
  expect((await send('application/json', '{')).status).toBe(400);
  expect((await send('application/json', JSON.stringify({ email: 'x'.repeat(300_000) }))).status).toBe(413);
  const wrong = await send('application/json', '{"email":1,"password":"x"}');
  expect(await wrong.json()).toMatchObject({ status: 422, code: 'request.invalid', place: { field: 'email' } });
});

/** Sends a body whole before it reads anything, as simple clients do, with a pause in which an impatient server would have closed. */
async function sendFirst(path: string, headers: string[], bytes: number): Promise<string> {
  const { host, hostname, port } = new URL(center.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(`POST ${path} HTTP/1.1\r\nhost: ${host}\r\n${headers.join('\r\n')}\r\nconnection: close\r\n\r\n`);
  const half = Buffer.alloc(bytes / 2, ' ');
  const write = (part: Buffer) =>
    new Promise<void>((done, fail) => socket.write(part, (error) => (error ? fail(error) : done())));
  await write(half);
  await setTimeout(1_000);
  await write(half);
  socket.setEncoding('utf8');
  let text = '';
  for await (const part of socket as AsyncIterable<string>) text += part;
  return text;
}

test('who sends a whole body before reading gets the refusal and no reset', async () => {
  const bytes = 24_000_000;
  const json = ['content-type: application/json', `origin: ${center.url}`];
  const length = `content-length: ${bytes}`;
  expect(await sendFirst('/api/v1/sessions', [...json, length], bytes)).toMatch(/^HTTP\/1.1 413 /);
  expect(await sendFirst('/api/v1/intake/batches', [...json, length], bytes)).toMatch(/^HTTP\/1.1 401 /);
  expect(await sendFirst('/api/v1/sessions', ['content-type: text/plain', `origin: ${center.url}`, length], bytes)).toMatch(
    /^HTTP\/1.1 415 /,
  );
  const response = await api('/api/v1/sessions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: center.url },
    // A stream has no length: the ceiling is met in the middle.
    body: new Blob([Buffer.alloc(bytes, ' ')]).stream(),
    duplex: 'half',
  } as RequestInit);
  expect(response.status).toBe(413);
});

test('a packed body is measured unpacked', async () => {
  const send = async (body: Buffer<ArrayBuffer>) => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip', origin: center.url };
    return (await api('/api/v1/sessions', { method: 'POST', headers, body })).status;
  };
  expect(await send(gzipSync(JSON.stringify({ email: 'x'.repeat(50_000_000) })))).toBe(413);
  expect(await send(gzipSync('{"email":1}'))).toBe(422);
  expect(await send(gzipSync('{"email":1}').subarray(0, 20))).toBe(400);
});

test(
  'content reaches the records where the policy of the sensor’s link lets it in, and only there',
  { timeout: 180_000 },
  async () => {
    const ask = async (method: string, path: string, body?: object, token = note().token) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const answer = await api(`/api/v1${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
      const text = await answer.text();
      expect([answer.status < 300, text]).toEqual([true, text]);
      return JSON.parse(text);
    };
    const name = { en: 'n', zh: 'n' };
    const network = { id: 'lan', organisation: 'centre', name, type: 'computer', addresses: ['10.0.0.0/8'], domains: [] };
    const link = { organisation: 'centre', name, tier: 'user', role: 'primary', capacityMbps: 100, from: 'lan', to: 'lan' };
    const links = [
      { ...link, id: 'key' },
      { ...link, id: 'other' },
    ];
    for (const [kind, items] of [
      ['networks', [network]],
      ['links', links],
    ] as const) {
      const { imported } = await ask('POST', '/estate/import', { kind, format: 'json', text: JSON.stringify(items) });
      expect(imported).toBe(items.length);
    }
    const tokens: { [sensor: string]: string } = {};
    for (const sensor of ['key', 'other']) {
      const made = await ask('POST', '/sensors', { id: `at-${sensor}`, name: 'S', link: sensor, networkType: 'computer' });
      tokens[sensor] = made.token ?? (await ask('POST', `/sensors/at-${sensor}/token`)).token;
    }
    const grant = {
      log: 'http',
      field: 'uri',
      purpose: 'To see what is asked for.',
      until: new Date(Date.now() + 3_600_000).toISOString(),
    };
    let sent = 0;
    const uriFrom = async (sensor: string): Promise<string> => {
      const uid = `C${++sent}`;
      const record = {
        ts: Date.now() / 1000,
        uid,
        method: 'GET',
        host: 'a.example',
        uri: '/find?name=somebody',
        password: 'secret',
      };
      const id = String(sent).repeat(64).slice(0, 64);
      await ask('POST', '/intake/batches', { id, source: 'eth1', logs: { http: [record] } }, tokens[sensor]);
      for (;;) {
        const { items } = await ask('GET', `/records/http?q=${encodeURIComponent(`uid:"${uid}"`)}`);
        if (items.length > 0) return 'password' in items[0] ? 'a secret' : items[0].uri;
        await setTimeout(50);
      }
    };
    expect(await uriFrom('key')).toBe('/find');
    await ask('PUT', '/links/key/policy', { after: 0, values: { depth: 'elements', content: [grant] } });
    expect(await uriFrom('key')).toBe('/find?name=somebody');
    expect(await uriFrom('other')).toBe('/find');
    // Taken back, it counts no more from the next batch on.
    await ask('PUT', '/links/key/policy', { after: 1, values: { depth: 'elements' } });
    expect(await uriFrom('key')).toBe('/find');
  },
);

test('the folder is refused to a second start, and to a demo', async () => {
  expect((await refused({})).code).toBe('store.folder.held');
});

test('elsewhere than on this machine needs TLS or a proxy', async () => {
  expect((await refused({ listen: '0.0.0.0' })).code).toBe('settings.listen');
});

test('a taken port is told before anything is opened', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => taken.once('listening', listening));
  const { port } = taken.address() as { port: number };
  const other = `${dir}-other`;
  expect(await refused({ port, dataDir: other })).toMatchObject({ code: 'center.listen', place: { field: '--port' } });
  expect(existsSync(join(other, 'postgres'))).toBe(false);
  await new Promise((closed) => taken.close(closed));
});

test('stopped, it leaves no note; a demo does not open the folder; started again, the token is another', async () => {
  const before = note().token;
  await center.close();
  expect(existsSync(join(dir, 'center.json'))).toBe(false);
  expect((await refused({ demo: true })).code).toBe('center.folder.kind');
  center = await startCenter(settings);
  expect(note().token).not.toBe(before);
  expect(center.firstLink).toBe(null);
  expect((await api('/api/v1/me', { headers: { authorization: `Bearer ${before}` } })).status).toBe(401);
});
