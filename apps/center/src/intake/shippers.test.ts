/** Shippers as they are: what they ask, what they send, and a real one (rsyslog’s omelasticsearch). */

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Refusal } from '@forewarn/base/refusal';
import type { Batch } from '@forewarn/model/batch';
import type { Pipeline } from '../ports.ts';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate } from '../testing/estate.ts';

let trial: Trial;
let token = '';
let brought: { sensor: string; batch: Batch }[] = [];
let answer: Pipeline['accept'];

const take: Pipeline['accept'] = ({ sensor }, batch) => {
  const repeated = brought.some((other) => other.batch.id === batch.id);
  if (!repeated) brought.push({ sensor, batch });
  const records = Object.values(batch.logs).reduce((sum, list) => sum + list.length, 0);
  return Promise.resolve({ batch: batch.id, records, repeated });
};

beforeAll(async () => {
  trial = await openTrialCenter();
  await fillEstate(trial.center);
  ({ token } = (await trial.ask(person('hospital', 'administrator'), 'POST', '/sensors/hospital-sensor/token')).body);
  Object.assign(trial.center.pipeline, { accept: (...of: Parameters<Pipeline['accept']>) => answer(...of) });
});
afterAll(() => trial.end());
beforeEach(() => {
  brought = [];
  answer = take;
});

const basic = (word = token) => `Basic ${Buffer.from(`anybody:${word}`).toString('base64')}`;

async function ask(method: string, path: string, body?: string | Buffer, headers: { [name: string]: string } = {}) {
  const response = await trial.app.request(path, {
    method,
    headers: { authorization: basic(), 'content-type': 'application/x-ndjson', accept: 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: /json/.test(type) && text !== '' ? JSON.parse(text) : undefined,
  };
}

const bulk = (...documents: object[]): string => documents.map((one) => `{"create":{}}\n${JSON.stringify(one)}\n`).join('');
const records = (log: string) => brought.flatMap(({ batch }) => batch.logs[log] ?? []);

test('what Beats and Logstash ask before they send', async () => {
  const root = await ask('GET', '/', undefined, { 'user-agent': 'Elastic-Filebeat/8.17.3 (linux; amd64)' });
  expect(root.status).toBe(200);
  expect(root.headers.get('x-elastic-product')).toBe('Elasticsearch');
  expect(root.body.version.number).toBe('8.17.3');
  expect((await ask('HEAD', '/')).status).toBe(200);
  expect((await ask('GET', '/_license')).body.license).toMatchObject({ type: 'basic', status: 'active' });
  expect((await ask('GET', '/_xpack')).body.features.ilm.enabled).toBe(false);
  expect((await ask('GET', '/_cluster/health')).body.status).toBe('green');
  for (const path of [
    '/_ilm/policy/filebeat',
    '/_index_template/filebeat-8.17.3',
    '/_data_stream/filebeat',
    '/_ingest/pipeline/x',
  ]) {
    expect((await ask('GET', path)).status).toBe(404);
    expect((await ask('PUT', path, '{}')).body).toEqual({ acknowledged: true });
  }
  const vendor = 'application/vnd.elasticsearch+json; compatible-with=8';
  expect((await ask('GET', '/_license', undefined, { accept: vendor })).headers.get('content-type')).toBe(vendor);
});

test('nobody without the token of a sensor, however it is given; nothing is read here', async () => {
  const body = bulk({ '@timestamp': '2026-11-22T08:00:00Z', message: 'x' });
  expect((await ask('POST', '/_bulk', body, { authorization: basic('wrong') })).status).toBe(401);
  expect((await ask('GET', '/', undefined, { authorization: basic('wrong') })).status).toBe(401);
  const officer = await trial.headersOf(person('hospital', 'administrator'));
  const asPerson = await trial.app.request('/_bulk', { method: 'POST', headers: officer, body });
  expect(asPerson.status).toBe(403);
  expect((await ask('GET', '/_search')).status).toBe(400);
  expect((await ask('POST', '/_sql', '{}')).status).toBe(400);
  const key = Buffer.from(`id:${token}`).toString('base64');
  for (const authorization of [`Bearer ${token}`, `ApiKey ${key}`, basic()]) {
    expect((await ask('POST', '/_bulk', body, { authorization })).status).toBe(200);
  }
  expect(brought.map(({ sensor }) => sensor)).toEqual(['hospital-sensor']);
});

test('Winlogbeat’s, Filebeat’s and anybody’s documents become records of their own kind', async () => {
  const body = bulk(
    {
      '@timestamp': '2026-11-22T08:00:00.000Z',
      winlog: { channel: 'Security', event_id: '4625', provider_name: 'Microsoft-Windows-Security-Auditing', event_data: { TargetUserName: 'ada', LogonType: '3' }, computer_name: 'dc1', record_id: '7' },
      host: { name: 'dc1' },
    }, // oxfmt-ignore
    {
      '@timestamp': '2026-11-22T08:00:01.000Z',
      message: '192.0.2.7 - - [22/Nov/2026:08:00:01 +0000] "GET /login HTTP/1.1" 401 12 "-" "curl/8"',
      host: { name: 'web1' },
      log: { file: { path: '/var/log/nginx/access.log' } },
    },
    {
      '@timestamp': '2026-11-22T08:00:02.000Z',
      event: { action: 'signed-in', category: ['authentication'] },
      user: { name: 'ada' },
    },
  );
  const { body: said } = await ask('POST', '/winlogbeat-8/_bulk', gzipSync(body), { 'content-encoding': 'gzip' });
  expect(said.errors).toBe(false);
  expect(said.items.map((item: { create: { status: number } }) => item.create.status)).toEqual([201, 201, 201]);
  expect(brought[0]!.batch.source).toBe('_bulk winlogbeat-8');
  expect(records('windows')).toMatchObject([{ Channel: 'Security' }]);
  expect(records('web_access')).toHaveLength(1);
  expect(records('ecs')).toMatchObject([{ 'event.action': 'signed-in', 'user.name': 'ada', ts: 1_795_334_402 }]);
});

test('each item has its own answer; a body that came before is not stored twice', async () => {
  const body = `${bulk({ '@timestamp': '2026-11-22T08:00:00Z', message: 'one' })}{"index":{"_index":"a","_id":"7"}}\n{broken\n{"delete":{"_id":"1"}}\n{"update":{"_id":"1"}}\n{}\n`;
  const first = await ask('POST', '/_bulk', body);
  expect(first.body.errors).toBe(true);
  expect(
    first.body.items.map(
      (item: { [action: string]: { status: number; _id: string } }) =>
        Object.entries(item).map(([action, of]) => [action, of.status, of['_id']])[0],
    ),
  ).toEqual([
    ['create', 201, '0'],
    ['index', 400, '7'],
    ['delete', 400, '1'],
    ['update', 400, '1'],
  ]);
  await ask('POST', '/_bulk', body);
  expect(brought).toHaveLength(1);
  // Without a time of their own, equal bytes may be other events.
  await ask('POST', '/_bulk', bulk({ message: 'no time' }));
  await ask('POST', '/_bulk', bulk({ message: 'no time' }));
  expect(brought).toHaveLength(3);
});

test('bodies that are none, too large, bombs', async () => {
  expect((await ask('POST', '/_bulk', 'nonsense\n')).status).toBe(400);
  expect((await ask('POST', '/_bulk', '{"create":{}}\n')).status).toBe(400);
  expect((await ask('POST', '/_bulk', '')).status).toBe(400);
  const bomb = gzipSync(Buffer.alloc(40_000_000, '{"create":{}}\n{}\n'));
  expect((await ask('POST', '/_bulk', bomb, { 'content-encoding': 'gzip' })).status).toBe(413);
  const shrunk = await ask('POST', '/_bulk', gzipSync(Buffer.alloc(20_000_000)), { 'content-encoding': 'gzip' });
  expect([shrunk.status, shrunk.body.error.reason]).toEqual([413, expect.stringMatching(/more than 500 times its size/)]);
  expect((await ask('POST', '/_bulk', '{"create":{}}\n{}\n'.repeat(200_001))).status).toBe(413);
});

test('a centre that has no room says 429 and when to come again; so does one that is asked by too many', async () => {
  const body = bulk({ '@timestamp': '2026-11-22T08:00:00Z', message: 'x' });
  answer = () => Promise.reject(new Refusal('intake.full', 'Full.', { advice: 'Later.' }));
  const full = await ask('POST', '/_bulk', body);
  expect([full.status, full.headers.get('retry-after')]).toEqual([429, '5']);
  expect(full.body.error.type).toBe('es_rejected_execution_exception');
  let release: (() => void) | undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  answer = async (sender, batch) => {
    await held;
    return take(sender, batch);
  };
  const several = Array.from({ length: 12 }, (_, n) => ask('POST', '/_bulk', bulk({ '@timestamp': '2026-11-22T08:00:00Z', n })));
  await sleep(500);
  release!();
  const statuses = (await Promise.all(several)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(8);
  expect(statuses.filter((status) => status === 429)).toHaveLength(4);
});

test('OpenTelemetry in JSON; what cannot be read is told with its number', async () => {
  const record = (body: object, n = 0) => ({ timeUnixNano: `17953344000000000${n}0`, body, attributes: [] });
  const request = {
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'portal' } }] },
        scopeLogs: [
          {
            logRecords: [
              record({ stringValue: 'sign-on failed' }),
              record({ stringValue: '<34>1 2026-11-22T08:00:00Z web1 sshd 77 - - Failed password for ada' }),
              record({ stringValue: '{"broken": ' }),
            ],
          },
        ],
      },
    ],
  };
  const said = await ask('POST', '/v1/logs', JSON.stringify(request), { 'content-type': 'application/json' });
  expect([said.status, said.body]).toEqual([200, { partialSuccess: { rejectedLogRecords: '1', errorMessage: 'malformed' } }]);
  expect(records('otel_log')).toMatchObject([{ 'service.name': 'portal', Body: 'sign-on failed', ts: 1_795_334_400 }]);
  expect(records('syslog_message')).toMatchObject([{ hostname: 'web1', 'app-name': 'sshd' }]);
  const protobuf = { 'content-type': 'application/x-protobuf' };
  const empty = await ask('POST', '/v1/logs', Buffer.alloc(0), protobuf);
  expect([empty.status, empty.text]).toEqual([200, '']);
  expect((await ask('POST', '/v1/logs', Buffer.from([0x0a, 0xff]), protobuf)).status).toBe(400);
  expect((await ask('POST', '/v1/logs', '{}', { 'content-type': 'text/plain' })).status).toBe(415);
  expect(
    (await ask('POST', '/v1/logs', '{}', { authorization: basic('wrong'), 'content-type': 'application/json' })).status,
  ).toBe(401);
});

test('rsyslog writes to us as to Elasticsearch', async (context) => {
  const path = `${process.env['PATH']}:/usr/sbin`;
  try {
    execFileSync('sh', ['-c', 'command -v rsyslogd && ls /usr/lib/*/rsyslog/omelasticsearch.so'], {
      env: { PATH: path },
      stdio: 'ignore',
    });
  } catch {
    if (process.env['CI'] === 'true') throw new Error('rsyslog is missing; .ci/packages names what tests need.');
    console.log('not run: rsyslog with omelasticsearch is not on this machine');
    return context.skip();
  }
  const root = mkdtempSync(join(tmpdir(), 'forewarn-shipper-'));
  const server = serve({ fetch: trial.app.fetch, hostname: '127.0.0.1', port: 0 });
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  writeFileSync(join(root, 'in.log'), Array.from({ length: 100 }, (_, n) => `event ${n}\n`).join(''));
  writeFileSync(
    join(root, 'rsyslog.conf'),
    `global(workDirectory="${root}")
module(load="imfile")
module(load="omelasticsearch")
template(name="document" type="list" option.jsonf="on") {
  property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
}
input(type="imfile" file="${root}/in.log" tag="portal:")
action(type="omelasticsearch" server="127.0.0.1" serverport="${port}" template="document" searchIndex="rsyslog" searchType="" bulkmode="on"
  maxbytes="1m" uid="rsyslog" pwd="${token}" errorfile="${root}/errors.json")
`,
  );
  const daemon = spawn('rsyslogd', ['-n', '-f', join(root, 'rsyslog.conf'), '-i', join(root, 'pid')], {
    stdio: 'ignore',
    env: { PATH: path },
  });
  try {
    for (let n = 0; n < 600 && records('ecs').length < 100; n++) await sleep(50);
    const messages = records('ecs').map((record) => record['message']);
    expect(messages.toSorted()).toEqual(Array.from({ length: 100 }, (_, n) => `event ${n}`).toSorted());
    expect(brought[0]!.batch.source).toBe('_bulk rsyslog');
  } finally {
    daemon.kill('SIGTERM');
    await new Promise((done) => daemon.on('exit', done));
    await new Promise((done) => server.close(done));
    rmSync(root, { recursive: true, force: true });
  }
});
