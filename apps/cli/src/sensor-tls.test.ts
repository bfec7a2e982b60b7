/** Mutual TLS with the real centre: certificates are made here by openssl, and thrown away. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCenter, type RunningCenter } from '@forewarn/center/center';
import { conversation, pcap } from '@forewarn/sense/testing/packets';
import { run } from './run.ts';

const present = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
test.runIf(!present)('openssl is here', () => {
  console.warn('not run: openssl missing');
  expect(process.env.CI, 'openssl is missing: install the packages in .ci/packages').not.toBe('true');
});

const root = mkdtempSync(join(tmpdir(), 'forewarn-tls-'));
const at = (name: string): string => join(root, name);
const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });

/** A key and certificate; its own authority where none is named. */
function certificate(name: string, subject: string, authority?: string, extension?: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`];
  if (authority === undefined) {
    openssl('req', '-x509', ...key, '-out', `${name}.pem`, '-days', '2', '-subj', subject);
    return;
  }
  openssl('req', '-new', ...key, '-out', `${name}.csr`, '-subj', subject);
  writeFileSync(at(`${name}.ext`), extension ?? 'extendedKeyUsage=clientAuth\n');
  const signed = [
    '-CA',
    `${authority}.pem`,
    '-CAkey',
    `${authority}.key`,
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    `${name}.ext`,
  ];
  openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signed);
}

let center: RunningCenter;
let administrator = '';
const tokens: { [sensor: string]: string } = {};

function api<T>(method: string, path: string, body?: object): Promise<T> {
  return new Promise((resolve, reject) => {
    const asking = request(
      `${center.url}/api/v1${path}`,
      {
        method,
        ca: readFileSync(at('ca.pem')),
        headers: { authorization: `Bearer ${administrator}`, 'content-type': 'application/json' },
      },
      (response) => {
        let text = '';
        response.on('data', (part) => (text += part));
        response.on('end', () => resolve(JSON.parse(text) as T));
      },
    );
    asking.on('error', reject);
    asking.end(body && JSON.stringify(body));
  });
}

let spools = 0;
async function sensor(...args: string[]) {
  let out = '';
  let err = '';
  const spool = at(`spool-${spools++}`);
  const code = await run(
    ['sensor', '--to', center.url, '--ca', at('ca.pem'), '--spool', spool, '--json', ...args, at('tap.pcap')],
    {
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      interactive: false,
      colour: false,
      width: 100,
      language: 'en',
      now: () => 0,
      readIn: () => Promise.resolve(new Uint8Array()),
    },
  );
  return { code, err, sent: out === '' ? undefined : (JSON.parse(out) as { records: number; repeated: number }) };
}
const shows = (name: string): string[] => ['--cert', at(`${name}.pem`), '--key', at(`${name}.key`)];

describe.skipIf(!present)('a centre that asks for certificates', () => {
  beforeAll(async () => {
    certificate('ca', '/CN=Authority of the test');
    certificate('other-ca', '/CN=Somebody else');
    certificate('server', '/CN=centre', 'ca', 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n');
    certificate('tap-1', '/O=Test/CN=tap-1', 'ca');
    certificate('nobody', '/CN=tap-9', 'ca');
    certificate('forged', '/CN=tap-1', 'other-ca');
    writeFileSync(
      at('tap.pcap'),
      pcap(conversation({ from: '10.1.0.5', to: '10.2.0.9' }, { source: 4_000, destination: 80 }, [])),
    );
    center = await startCenter({
      dataDir: at('data'),
      port: 0,
      demo: false,
      listen: '127.0.0.1',
      tls: { certificate: at('server.pem'), key: at('server.key'), clientAuthority: at('ca.pem') },
      behindProxy: false,
    });
    administrator = (JSON.parse(readFileSync(at('data/center.json'), 'utf8')) as { token: string }).token;
    for (const id of ['tap-1', 'tap-2']) {
      tokens[id] = (await api<{ token: string }>('POST', '/sensors', { id, name: id, networkType: 'internet' })).token;
    }
  }, 60_000);
  afterAll(async () => {
    await center?.close();
    rmSync(root, { recursive: true, force: true });
  });

  test('a sensor shows its certificate and needs no token; what it sends is its own', async () => {
    expect(await sensor(...shows('tap-1'))).toMatchObject({ code: 0, err: '', sent: { records: 1, repeated: 0 } });
    const { items } = await api<{ items: { id: string; records: number }[] }>('GET', '/sensors');
    expect(items.map(({ id, records }) => [id, records])).toEqual([
      ['tap-1', 1],
      ['tap-2', 0],
    ]);
    // With its token it is the same sensor, to which the batch is known.
    expect((await sensor(...shows('tap-1'), '--token', tokens['tap-1']!)).sent).toMatchObject({ repeated: 1 });
  });

  test('a token without a certificate goes as before', async () => {
    expect(await sensor('--token', tokens['tap-2']!)).toMatchObject({ code: 0, sent: { records: 1, repeated: 0 } });
  });

  test('a token that was copied is of no use beside another’s certificate', async () => {
    const told = await sensor(...shows('tap-1'), '--token', tokens['tap-2']!);
    expect(told.code).toBe(1);
    expect(told.err).toMatch(/with 403.*not of the sensor/s);
  });

  test.each([
    ['a certificate of a sensor that is not registered', 'nobody', /with 403.*is not registered/s],
    ['a certificate of somebody else’s authority, with the right name', 'forged', /with 401/],
  ])('%s gets nothing in', async (_what, name, message) => {
    const told = await sensor(...shows(name));
    expect(told.code).toBe(1);
    expect(told.err).toMatch(message);
  });

  test('a certificate lets nobody in where people ask', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const files = { ca: readFileSync(at('ca.pem')), cert: readFileSync(at('tap-1.pem')), key: readFileSync(at('tap-1.key')) };
      request(`${center.url}/api/v1/sensors`, files, (response) => resolve(response.resume().statusCode!))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(401);
  });
});
