/** Notices leave: by mail through a real SMTP server, by signed webhooks to a real receiver, as feeds. And what does not leave is told. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Notice } from '@forewarn/model/notice';
import { attemptsMax } from '@forewarn/share/channels/backoff';
import { egress, type Passage } from '@forewarn/share/egress';
import { beginAttempt, deliveriesDue, listDeliveries, spreadNotices } from '@forewarn/store/resources/deliveries';
import { addWarning } from '@forewarn/store/resources/warnings';
import { act } from '../act.ts';
import { openTrialCenter, person, type Trial } from '../testing/center.ts';
import { fillEstate } from '../testing/estate.ts';
import { queueNotices } from './queue.ts';

type Received = { session: { user: unknown; secure: boolean }; to: string; text: string };
type Posted = { headers: IncomingHttpHeaders; body: string; path: string };

let trial: Trial;
let warning: string;
let relay: SMTPServer;
let receiver: Server;
let folder: string;
const mails: Received[] = [];
const posts: Posted[] = [];
/** What the receiver answers next. */
let answer: { status: number; location?: string } = { status: 204 };

const liaison = person('hospital', 'liaison-officer');
const administrator = person('centre', 'administrator');
const neighbour = person('clinic', 'liaison-officer');
const password = 'relay-password-of-the-centre';
const hookKey = 'key-in-the-query';

const paces = (pace: string) =>
  Object.fromEntries(
    ['warning-issued', 'warning-updated', 'warning-lifted', 'warning-reminder', 'warning-escalated', 'measure-due', 'report'].map(
      (kind) => [kind, pace],
    ),
  );
const terms = (more: object = {}) => ({ language: 'en', paces: paces('at-once'), whole: 'TLP:AMBER', digestHour: 8, ...more });

const must = async (who: Parameters<Trial['ask']>[0], method: string, path: string, body?: unknown) => {
  const { status, text, body: answered } = await trial.ask(who, method, path, body);
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
  return answered;
};
const { settled } = { settled: () => trial.center.notices.settled() };

/** Certificates are made here and thrown away. */
function certificates(): { key: string; cert: string } {
  const file = (name: string): string => join(folder, name);
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  execFileSync('openssl', [...words, '-addext', 'subjectAltName=DNS:localhost', '-keyout', file('key'), '-out', file('cert')], {
    stdio: 'ignore',
  });
  return { key: readFileSync(file('key'), 'utf8'), cert: readFileSync(file('cert'), 'utf8') };
}

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'forewarn-notices-'));
  trial = await openTrialCenter();
  await fillEstate(trial.center);
  const body = {
    marking: 'TLP:AMBER',
    incidentType: 'vulnerability',
    title: { en: 'Gateways can be taken over', zh: '网关可被接管' },
    startAt: trial.clock.at,
    possibleScope: 'Hospitals',
    mattersToNote: 'The gateway answers to anybody.',
    measures: [{ id: 'm1', text: 'Separate it.', dueAt: null, needs: null }],
    issuingAuthority: 'centre',
    scope: { addresses: ['203.0.113.77'], names: [], businesses: [], sectors: ['health'] },
  };
  const at = { createdAt: trial.clock.at, issuedAt: trial.clock.at, issuedBy: 'o', validUntil: null, liftedAt: null };
  const row = { number: 'EW-2025-0001', owner: 'centre', state: 'issued', colour: 'orange', incident: null, edition: 1, author: 'o', ...at, body }; // oxfmt-ignore
  warning = await trial.center.database.system((tx) => addWarning(tx, row as never));

  const tls = hasOpenssl ? certificates() : undefined;
  relay = new SMTPServer({
    closeTimeout: 1_000,
    ...(tls ?? { disabledCommands: ['STARTTLS'] }),
    authOptional: false,
    allowInsecureAuth: tls === undefined,
    onAuth: (auth, _session, done) =>
      auth.username === 'centre' && auth.password === password
        ? done(null, { user: 'centre' })
        : done(new Error('Wrong user or password')),
    onRcptTo: ({ address }, _session, done) =>
      address.startsWith('nobody@') ? done(Object.assign(new Error('No such mailbox'), { responseCode: 550 })) : done(),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address).join(' ');
        mails.push({ session: { user: session.user, secure: session.secure }, to, text: Buffer.concat(chunks).toString('utf8') });
        done();
      });
    },
  });
  relay.on('error', () => undefined);
  await new Promise<void>((done) => void relay.listen(0, '127.0.0.1', done));
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      posts.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8'), path: request.url ?? '' });
      response.writeHead(answer.status, answer.location === undefined ? {} : { location: answer.location }).end();
    });
  });
  await new Promise<void>((done) => void receiver.listen(0, '127.0.0.1', done));
  authority = tls?.cert ?? null;
});
let authority: string | null = null;

afterAll(async () => {
  await trial.end();
  await new Promise<void>((done) => relay.close(() => done()));
  receiver.closeAllConnections();
  await new Promise((done) => receiver.close(done));
  rmSync(folder, { recursive: true });
});

const portOf = (server: { address(): AddressInfo | string | null }): number => (server.address() as AddressInfo).port;

const settings = (more: object = {}) => ({
  relay: {
    host: authority === null ? '127.0.0.1' : 'localhost',
    port: portOf(relay.server as Server),
    security: authority === null ? 'none' : 'starttls',
    user: 'centre',
    password,
    from: 'warnings@centre.example',
    authority,
  },
  privateNetworks: [],
  publicUrl: 'https://centre.example/',
  publicFeed: false,
  ...more,
});

const noticeTo = (recipient: string, more: Partial<Notice> = {}): Notice => ({
  kind: 'warning-issued',
  subject: { kind: 'warning', id: warning },
  number: 'EW-2025-0001',
  recipient,
  marking: 'TLP:AMBER',
  urgency: 'exposure',
  colour: 'orange',
  title: { en: 'Gateways can be taken over', zh: '网关可被接管' },
  lines: [{ text: 'channels.line.due', values: { at: '10.20.1.1' } }],
  dueAt: null,
  at: trial.clock.at,
  ...more,
});

/** As an issued warning does: through the exit, in the transaction of the act. */
async function tell(recipients: readonly string[], more: Partial<Notice> = {}): Promise<void> {
  const index = await trial.center.estate.index();
  const item = {
    kind: 'warning',
    id: warning,
    marking: more.marking ?? 'TLP:AMBER',
    owner: index.organisation('centre')!,
    fields: {},
  } as const;
  const concerned = recipients.map((id) => ({ id, organisation: index.organisation(id), needToKnow: [{ text: 'x' }] }));
  const { passages } = egress(item, concerned, { agreements: [], at: trial.clock.at });
  await act(trial.center, null, (acting) =>
    queueNotices(
      acting,
      passages,
      recipients.map((id) => noticeTo(id, more)),
    ),
  );
}

const log = (organisation: string) =>
  trial.center.database.system(async (tx) => (await listDeliveries(tx, organisation, { limit: 100 })).items);

/** Subject and text of a mail, without its transfer encodings. */
function readMail({ text }: Received): { subject: string; body: string; headers: string } {
  const end = text.indexOf('\r\n\r\n');
  const headers = text.slice(0, end).replaceAll(/\r\n[ \t]+/g, ' ');
  const raw = /^Subject: (.*)$/m.exec(headers)![1]!;
  const subject = raw
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?UTF-8\?([BQ])\?(.*?)\?=/gi, (_, kind: string, encoded: string) =>
      kind.toUpperCase() === 'B'
        ? Buffer.from(encoded, 'base64').toString('utf8')
        : decodeURIComponent(encoded.replaceAll('_', ' ').replaceAll('%', '%25').replaceAll('=', '%')),
    );
  return { subject, headers, body: Buffer.from(text.slice(end), 'base64').toString('utf8') };
}

test('no notice without the exit’s passage: the whole act is taken back', async () => {
  const forged: Passage = { kind: 'warning', item: warning, recipient: 'hospital', reasons: [] };
  const queue = act(trial.center, null, (acting) => queueNotices(acting, [forged], [noticeTo('hospital')]));
  await expect(queue).rejects.toThrow(/without a passage/);
  expect(await trial.center.database.system((tx) => tx.query('select 1 from notice'))).toEqual([]);
});

describe('mail', () => {
  let mailbox: string;

  test('without a relay a test says so; with a wrong password too', async () => {
    const made = await must(liaison, 'POST', '/channels', {
      kind: 'mail',
      name: 'Desk',
      address: 'desk@hospital.example',
      terms: terms(),
    });
    mailbox = made.id;
    expect(made).toMatchObject({ state: 'unproven', secret: null });
    expect(await must(liaison, 'POST', `/channels/${mailbox}/test`)).toMatchObject({
      arrived: false,
      trouble: { code: 'no-relay' },
    });
    const { relay: right } = settings();
    await must(administrator, 'PUT', '/channel-settings', settings({ relay: { ...right, password: 'wrong' } }));
    expect(await must(liaison, 'POST', `/channels/${mailbox}/test`)).toMatchObject({ trouble: { code: 'sign-in' } });
    expect(mails).toEqual([]);
  });

  test('the code that is mailed proves a mailbox, and no other does', async () => {
    await must(administrator, 'PUT', '/channel-settings', settings());
    expect(await must(liaison, 'POST', `/channels/${mailbox}/test`)).toEqual({ arrived: true, trouble: null });
    const { subject, body } = readMail(mails.at(-1)!);
    expect(subject).toContain('[TLP:CLEAR]');
    const code = /\b\d{6}\b/.exec(body)![0];
    const confirm = (one: string) => trial.ask(liaison, 'POST', `/channels/${mailbox}/confirm`, { code: one });
    expect((await trial.ask(liaison, 'PATCH', `/channels/${mailbox}`, { state: 'active' })).body.code).toBe('channel.unproven');
    expect((await confirm(code === '000000' ? '000001' : '000000')).status).toBe(422);
    expect((await confirm(code)).body.state).toBe('active');
  });

  test('a notice comes over TLS with its marking, and to nobody else', async () => {
    mails.length = 0;
    await tell(['hospital', 'clinic']);
    await settled();
    expect(mails.map(({ to }) => to)).toEqual(['desk@hospital.example']);
    expect(mails[0]!.session).toEqual({ user: 'centre', secure: authority !== null });
    const { subject, body, headers } = readMail(mails[0]!);
    expect(subject).toBe('[TLP:AMBER] EW-2025-0001 · Warning issued, orange: Gateways can be taken over');
    for (const part of ['TLP:AMBER', 'Separate it.', '10.20.1.1', `https://centre.example/warnings/${warning}`])
      expect(body).toContain(part);
    expect(body).not.toContain('203.0.113.77');
    expect(headers).toMatch(/^Auto-Submitted: auto-generated$/m);
    expect(await log('hospital')).toMatchObject([{ state: 'sent', attempts: 1, trouble: null }]);
    expect((await must(liaison, 'GET', '/notice-deliveries')).items).toMatchObject([
      { number: 'EW-2025-0001', endpointName: 'Desk' },
    ]);
    expect((await must(neighbour, 'GET', '/notice-deliveries')).items).toEqual([]);
  });

  test('an attempt that a kill cut off is made again, when nobody can be in the middle of it any more', async () => {
    mails.length = 0;
    await tell(['hospital']);
    await trial.center.database.system(async (tx) => {
      await spreadNotices(tx);
      const [waiting] = await deliveriesDue(tx, mailbox, trial.clock.at, 1);
      await beginAttempt(tx, mailbox, [waiting!.notice], trial.clock.at + 120);
    });
    await settled();
    expect(mails).toEqual([]);
    trial.clock.at += 121;
    await settled();
    expect(mails).toHaveLength(1);
    expect((await log('hospital'))[0]).toMatchObject({ state: 'sent', attempts: 2 });
  });

  test('a digest waits for its hour and then comes as one', async () => {
    await must(liaison, 'PATCH', `/channels/${mailbox}`, {
      terms: terms({ paces: paces('digest'), language: 'zh', digestHour: 17 }),
    });
    mails.length = 0;
    await tell(['hospital']);
    await tell(['hospital'], { kind: 'warning-updated' });
    await settled();
    expect(mails).toEqual([]);
    // 16:00 UTC is the beginning of the trial.
    trial.clock.at += 3_600;
    await settled();
    expect(mails).toHaveLength(1);
    const { subject, body } = readMail(mails[0]!);
    expect(subject).toBe('[TLP:AMBER] 2 条通知');
    expect(body.match(/网关可被接管/g)).toHaveLength(2);
  });

  test('a mailbox that does not exist is given up at once, and told', async () => {
    const wrong = { kind: 'mail', name: 'Wrong', address: 'nobody@hospital.example', terms: terms() };
    const { id } = await must(liaison, 'POST', '/channels', wrong);
    await trial.center.database.system((tx) => tx.query(`update channel_endpoint set state = 'active' where id = $1`, [id]));
    await tell(['hospital'], { kind: 'report', subject: { kind: 'warning', id: warning } });
    await settled();
    expect((await log('hospital')).find(({ endpoint }) => endpoint === id)).toMatchObject({
      state: 'given-up',
      attempts: 1,
      trouble: { code: 'refused-mail' },
    });
    const { items } = await must(administrator, 'GET', '/channel-troubles');
    expect(items).toMatchObject([{ id, organisation: 'hospital', trouble: { code: 'refused-mail', givenUp: 1 } }]);
    expect((await must(neighbour, 'GET', '/channel-troubles')).items).toEqual([]);
    for (const one of [mailbox, 'no-such-thing'])
      expect((await trial.ask(neighbour, 'POST', `/channels/${one}/confirm`, { code: '000000' })).status).toBe(404);
    // The centre sees that something does not arrive, and sets nobody's channels.
    expect((await trial.ask(administrator, 'PATCH', `/channels/${mailbox}`, { state: 'paused' })).status).toBe(403);
    expect((await trial.ask(liaison, 'DELETE', `/channels/${id}`)).status).toBe(204);
    await must(liaison, 'PATCH', `/channels/${mailbox}`, { state: 'paused' });
  });
});

describe('feeds', () => {
  const get = (path: string) => trial.app.request(`/api/v1${path}`, { headers: { host: 'localhost' } });
  const member = person('telecom', 'administrator');

  test('a token opens the own feed and its CAP messages, and ends', async () => {
    const { token, id } = await must(member, 'POST', '/feed-tokens', { name: 'Reader' });
    await tell(['telecom', 'hospital']);
    await tell(['telecom'], { kind: 'warning-updated', at: trial.clock.at + 60 });
    const feed = await get(`/feeds/notices?token=${token}`);
    expect([feed.status, feed.headers.get('content-type')]).toEqual([200, 'application/atom+xml; charset=utf-8']);
    const xml = await feed.text();
    expect(xml.split('<entry>')).toHaveLength(3);
    const path = /href="https:\/\/centre\.example\/api\/v1(\/feeds\/cap\/[^"]+)"/.exec(xml)![1]!.replaceAll('&amp;', '&');
    const cap = await get(path);
    expect(cap.headers.get('content-type')).toBe('application/cap+xml; charset=utf-8');
    const message = await cap.text();
    expect(message).toContain('<msgType>Update</msgType>');
    expect(message).toContain(`<references>centre@centre.example,EW-2025-0001.warning-issued.${Math.floor(trial.clock.at)},`);
    expect(message).not.toContain('203.0.113.77');
    // Another's notice, with the own token.
    const [other] = await log('hospital');
    expect((await get(`/feeds/cap/${other!.notice}?token=${token}`)).status).toBe(404);
    expect((await get('/feeds/notices')).status).toBe(401);
    expect((await get(`/feeds/notices?token=${token.slice(0, -1)}${token.endsWith('x') ? 'y' : 'x'}`)).status).toBe(401);
    expect((await trial.ask(member, 'DELETE', `/feed-tokens/${id}`)).status).toBe(204);
    expect((await get(`/feeds/notices?token=${token}`)).status).toBe(401);
  });

  test('what is marked for everybody is published once, without what concerns one recipient, where there is a public feed', async () => {
    expect((await get('/feeds/public')).status).toBe(404);
    await must(administrator, 'PUT', '/channel-settings', settings({ publicFeed: true }));
    await tell(['telecom', 'clinic'], { marking: 'TLP:CLEAR' });
    await tell(['telecom'], { marking: 'TLP:GREEN' });
    const xml = await (await get('/feeds/public?language=zh')).text();
    expect(xml.split('<entry>')).toHaveLength(2);
    expect(xml).toContain('[TLP:CLEAR] EW-2025-0001 · 发布预警（橙色）：网关可被接管');
    expect(xml).not.toMatch(/10\.20\.1\.1|203\.0\.113|telecom|clinic/);
    const path = /href="[^"]*(\/feeds\/cap\/[^"?]+)/.exec(xml)![1]!;
    expect(await (await get(path)).text()).toContain('<scope>Public</scope>');
  });
});

describe('webhooks', () => {
  let hook: { id: string; secret: string };

  test('lead to no private network but a declared one', async () => {
    const address = `http://127.0.0.1:${portOf(receiver)}/hook?key=${hookKey}`;
    hook = await must(liaison, 'POST', '/channels', { kind: 'webhook', name: 'Tickets', address, terms: terms() });
    expect(hook.secret).toMatch(/^whsec_/);
    const tried = () => must(liaison, 'POST', `/channels/${hook.id}/test`);
    expect(await tried()).toMatchObject({ arrived: false, trouble: { code: 'forbidden-address' } });
    expect(posts).toEqual([]);
    await must(administrator, 'PUT', '/channel-settings', settings({ privateNetworks: ['127.0.0.1/32'] }));
    answer = { status: 302, location: 'http://127.0.0.1:1/' };
    expect(await tried()).toMatchObject({ trouble: { code: 'redirect' } });
    answer = { status: 204 };
    expect(await tried()).toEqual({ arrived: true, trouble: null });
    expect(posts.at(-1)!.path).toBe(`/hook?key=${hookKey}`);
  });

  test('are verified by the specification’s own library, and come again with the same id after trouble', async () => {
    posts.length = 0;
    // The library compares with the time of day.
    trial.clock.at = Math.floor(Date.now() / 1000);
    answer = { status: 500 };
    await tell(['hospital']);
    await settled();
    await settled();
    expect(posts).toHaveLength(1);
    const [first] = posts;
    const message = new Webhook(hook.secret).verify(first!.body, first!.headers as { [name: string]: string });
    expect(message).toMatchObject({
      type: 'warning-issued',
      data: { number: 'EW-2025-0001', marking: 'TLP:AMBER', warning: { edition: 1 } },
    });
    const [{ trouble, waiting }] = (await must(person('hospital', 'duty-officer'), 'GET', '/channels')).items.filter(({ id }: { id: string }) => id === hook.id); // oxfmt-ignore
    expect([trouble.code, trouble.givenUp, waiting]).toEqual(['status', 0, 1]);
    answer = { status: 200 };
    trial.clock.at += 12;
    await settled();
    expect(posts.map(({ headers }) => headers['webhook-id'])).toEqual([
      first!.headers['webhook-id'],
      first!.headers['webhook-id'],
    ]);
    expect((await log('hospital'))[0]).toMatchObject({ state: 'sent', attempts: 2 });
  });

  test('a test that arrives brings what was put off', async () => {
    posts.length = 0;
    answer = { status: 500 };
    await tell(['hospital']);
    await settled();
    answer = { status: 200 };
    await must(person('hospital', 'duty-officer'), 'POST', `/channels/${hook.id}/test`);
    await settled();
    expect(posts.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual([
      'warning-issued',
      'test',
      'warning-issued',
    ]);
  });

  test('what never arrives is given up after all attempts, stands in the audit, and the next one is tried later', async () => {
    posts.length = 0;
    answer = { status: 503 };
    await tell(['hospital']);
    for (let n = 0; n < attemptsMax + 2; n++) {
      await settled();
      const [waits] = (await log('hospital')).filter(({ state, endpoint }) => state === 'waiting' && endpoint === hook.id);
      if (!waits) break;
      trial.clock.at = waits.dueAt;
    }
    expect((await log('hospital'))[0]).toMatchObject({ state: 'given-up', attempts: attemptsMax, trouble: { code: 'status' } });
    expect(posts).toHaveLength(attemptsMax);
    const entries = await trial.center.database.system((tx) =>
      tx.query<{ text: string }>(
        `select to_jsonb(a)::text as text from audit a where to_jsonb(a)::text like '%channel.give-up%'`,
      ),
    );
    expect(entries.at(-1)!.text).toContain('hospital');
    answer = { status: 200 };
    await tell(['hospital']);
    await settled();
    expect(posts).toHaveLength(attemptsMax);
    trial.clock.at += 3_601;
    await settled();
    expect(posts).toHaveLength(attemptsMax + 1);
  });

  test('no secret stands in an answer or in the audit', async () => {
    const member = person('hospital', 'administrator');
    const texts = [
      (await trial.ask(member, 'GET', '/channels')).text,
      (await trial.ask(person('centre', 'duty-officer'), 'GET', '/channel-troubles')).text,
      JSON.stringify(await trial.center.database.system((tx) => tx.query('select to_jsonb(a) from audit a'))),
      JSON.stringify(await trial.center.database.system((tx) => tx.query('select to_jsonb(s) from channel_setting s'))),
    ];
    for (const text of texts) for (const secret of [hook.secret, password, hookKey]) expect(text).not.toContain(secret);
    expect(texts[0]).toContain('/hook?…');
  });
});
