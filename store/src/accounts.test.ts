import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openAccounts, type Accounts } from '@forewarn/guard/accounts';
import { demand, may, type Principal } from '@forewarn/guard/principal';
import { codeAt } from '@forewarn/guard/totp';
import { createAccountStore } from './accounts.ts';
import { openAudit, type Audit } from './audit.ts';
import { openTrial, type Trial } from './trial.ts';

let trial: Trial;
let audit: Audit;
let accounts: Accounts;
let demo: Accounts;
const clock = { at: 1_700_000_000, now: () => clock.at };
const none = new Headers();

beforeAll(async () => {
  trial = await openTrial();
  await trial.database.script(
    `insert into organisation values ('centre', '{}', 'centre', 's', 'r', 'national-cac', null, ''),
       ('hospital-east', '{}', 'operator', 'health', 'r', 'network-operator', null, '')`,
  );
  audit = await openAudit({ file: join(trial.dir, 'audit.head'), database: trial.database, clock });
  const options = {
    store: createAccountStore({ database: trial.database, audit }),
    clock,
    random: (bytes: number) => randomBytes(bytes),
    key: randomBytes(32),
    secure: false,
  };
  accounts = openAccounts({ ...options, demo: false });
  demo = openAccounts({ ...options, demo: true });
});
afterAll(async () => {
  await audit.close();
  await trial.end();
});

const bearer = (token: string) => new Headers({ authorization: `Bearer ${token}` });
const withCookie = (setCookie: string[], more: { [name: string]: string } = {}) =>
  new Headers({ cookie: `a=b; ${setCookie[0]?.split(';', 1)[0]}`, ...more });
const acts = async () =>
  (await trial.database.system((tx) => tx.query<{ action: string }>('select action from audit order by seq'))).map(
    ({ action }) => action,
  );

const password = 'correct horse battery';
let admin: Principal;
let adminCookies: string[];

test('the first administrator signs in by a link, once, and sets a password', async () => {
  const given = { email: 'Root@Centre.test', name: 'Root', organisation: 'centre' };
  const lost = (await accounts.firstLink(given)) as string;
  const link = (await accounts.firstLink(given)) as string;
  await expect(accounts.signInByLink(lost, none)).rejects.toMatchObject({ code: 'guard.link' });
  adminCookies = await accounts.signInByLink(link, none);
  expect(adminCookies[0]).toMatch(/^forewarn-session=fwc_[\w-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
  await expect(accounts.signInByLink(link, none)).rejects.toMatchObject({ code: 'guard.link' });
  admin = (await accounts.authenticate(withCookie(adminCookies))) as Principal;
  expect(admin).toMatchObject({
    kind: 'person',
    organisation: 'centre',
    centre: true,
    role: 'administrator',
    demo: false,
    sensor: null,
  });
  await accounts.changePassword(withCookie(adminCookies), { password });
  expect(await accounts.firstLink(given)).toBeNull();
  expect(await accounts.authenticate(withCookie(await accounts.signIn({ email: 'root@centre.test', password }, none)))).toEqual(
    admin,
  );
  expect(await acts()).toEqual(['account.create', 'session.start', 'account.password', 'session.start']);
});

test('nobody is let in by nothing, a wrong word, somebody else’s kind of secret or a hash', async () => {
  const [row] = await trial.database.system((tx) => tx.query<{ hash: string }>('select hash from session limit 1'));
  const secret = adminCookies[0]?.split(/[=;]/)[1] as string;
  for (const headers of [
    none,
    bearer(''),
    bearer(secret),
    bearer(`fw_${'a'.repeat(43)}`),
    new Headers({ cookie: 'forewarn-session=' }),
    new Headers({ cookie: `forewarn-session=${row?.hash}` }),
    new Headers({ cookie: `forewarn-session=fwc_${'a'.repeat(43)}` }),
    new Headers({ authorization: 'Basic eDp5' }),
  ]) {
    expect(await accounts.authenticate(headers)).toBeUndefined();
  }
});

test('a cookie counts only for requests of our own pages', async () => {
  const from = (headers: { [name: string]: string }) =>
    accounts.authenticate(withCookie(adminCookies, { host: 'centre.test:4180', ...headers }));
  expect(await from({ origin: 'http://centre.test:4180', 'sec-fetch-site': 'same-origin' })).toBeDefined();
  expect(await from({ origin: 'http://evil.test' })).toBeUndefined();
  expect(await from({ origin: 'http://centre.test:3000' })).toBeUndefined();
  expect(await from({ origin: 'null' })).toBeUndefined();
  expect(await from({ 'sec-fetch-site': 'cross-site' })).toBeUndefined();
  expect(await from({ 'sec-fetch-site': 'same-site' })).toBeUndefined();
});

test('wrong passwords are answered alike with and without an account, then slowed, and the right one must wait too', async () => {
  const attempt = (email: string, word = 'wrong wrong wrong') =>
    accounts.signIn({ email, password: word }, none).then(
      () => 'in',
      (error: { code: string; message: string }) => `${error.code} ${error.message}`,
    );
  expect(await attempt('root@centre.test')).toBe(await attempt('nobody@centre.test'));
  for (let index = 0; index < 4; index += 1) expect(await attempt('root@centre.test')).toMatch(/^guard.sign-in /);
  expect(await attempt('root@centre.test')).toMatch(/^guard.throttled /);
  expect(await attempt('root@centre.test', password)).toMatch(/^guard.throttled /);
  expect(await attempt('other@centre.test')).toMatch(/^guard.sign-in /);
  clock.at += 2;
  expect(await attempt('root@centre.test', password)).toBe('in');
});

describe('an account of an organisation', () => {
  let account: string;
  let cookies: string[];
  let principal: Principal;
  const email = 'li@east.test';

  test('is made by an administrator and opened by its owner', async () => {
    const made = await accounts.create(admin, { email, name: 'Li Wei', organisation: 'hospital-east', role: 'liaison-officer' });
    account = made.account;
    await expect(
      accounts.create(admin, { email: 'LI@east.test', name: 'x', organisation: 'hospital-east', role: 'analyst' }),
    ).rejects.toMatchObject({ code: 'guard.account.taken', place: { field: 'email' } });
    cookies = await accounts.signInByLink(made.linkToken, none);
    principal = (await accounts.authenticate(withCookie(cookies))) as Principal;
    expect(principal).toMatchObject({ organisation: 'hospital-east', centre: false, role: 'liaison-officer' });
    await expect(accounts.changePassword(withCookie(cookies), { password: 'short' })).rejects.toMatchObject({
      code: 'guard.password',
    });
    await accounts.changePassword(withCookie(cookies), { password });
    await expect(accounts.changePassword(withCookie(cookies), { password: 'another good one' })).rejects.toMatchObject({
      code: 'guard.password',
      place: { field: 'current' },
    });
  });

  test('may what its role may, and nothing else', async () => {
    expect(may(principal, 'incidents:write')).toBe(true);
    expect(may(principal, 'accounts:write')).toBe(false);
    expect(may(undefined, 'records:read')).toBe(false);
    expect(() => demand(principal, 'warnings:issue')).toThrow(expect.objectContaining({ code: 'permission.denied' }));
    await expect(accounts.list(principal)).rejects.toMatchObject({ code: 'permission.denied' });
    await expect(
      accounts.create(principal, { email: 'x@y.test', name: 'x', organisation: 'hospital-east', role: 'administrator' }),
    ).rejects.toMatchObject({ code: 'permission.denied' });
  });

  test('of another organisation is out of reach of an administrator who is not of the centre', async () => {
    const made = await accounts.create(admin, {
      email: 'a@east.test',
      name: 'A',
      organisation: 'hospital-east',
      role: 'administrator',
    });
    const local = (await accounts.authenticate(withCookie(await accounts.signInByLink(made.linkToken, none)))) as Principal;
    expect((await accounts.list(local)).map((row) => row.email)).toEqual(['a@east.test', email]);
    expect(await accounts.list(admin)).toHaveLength(3);
    await expect(
      accounts.create(local, { email: 'b@centre.test', name: 'B', organisation: 'centre', role: 'administrator' }),
    ).rejects.toMatchObject({ code: 'permission.denied' });
    await expect(accounts.reset(local, admin.account)).rejects.toMatchObject({ code: 'not-found' });
    await expect(accounts.createSensorToken(local, { id: 's', organisation: 'centre' })).rejects.toMatchObject({
      code: 'permission.denied',
    });
  });

  test('with a second factor needs a code, each once; a new one counts only when confirmed', async () => {
    const headers = withCookie(cookies);
    const { secret, uri } = await accounts.enrolTotp(headers, password);
    expect(uri).toContain(secret);
    await accounts.signIn({ email, password }, none);
    const bytes = Buffer.alloc(20);
    const bits = [...secret]
      .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
      .join('');
    for (let index = 0; index < 20; index += 1) bytes[index] = Number.parseInt(bits.slice(index * 8, index * 8 + 8), 2);
    const code = () => codeAt(bytes, Math.floor(clock.at / 30));
    await expect(accounts.confirmTotp(headers, '000000')).rejects.toMatchObject({ code: 'guard.sign-in.code' });
    await accounts.confirmTotp(headers, code());
    await expect(accounts.signIn({ email, password }, none)).rejects.toMatchObject({
      code: 'guard.sign-in.code',
      place: { field: 'totp' },
    });
    await expect(accounts.signIn({ email, password, totp: code() }, none)).rejects.toMatchObject({ code: 'guard.sign-in.code' });
    clock.at += 30;
    expect(await accounts.signIn({ email, password, totp: code() }, none)).toHaveLength(1);
    await accounts.enrolTotp(headers, password);
    clock.at += 30;
    expect(await accounts.signIn({ email, password, totp: code() }, none)).toHaveLength(1);
    const [row] = await trial.database.system((tx) =>
      tx.query<{ totp_secret: string }>('select totp_secret from account where id = $1', [account]),
    );
    expect(row?.totp_secret).not.toContain(secret);
  });

  test('that lost its second factor gets a new link from an administrator', async () => {
    const token = await accounts.createToken(principal, { name: 'kept', expiresAt: null });
    const { linkToken } = await accounts.reset(admin, account);
    expect(await accounts.authenticate(withCookie(cookies))).toBeUndefined();
    await expect(accounts.signIn({ email, password }, none)).rejects.toMatchObject({ code: 'guard.sign-in' });
    expect(await accounts.authenticate(bearer(token.token))).toMatchObject({ account });
    const fresh = withCookie(await accounts.signInByLink(linkToken, none));
    await accounts.changePassword(fresh, { password: 'yet another good one' });
    expect(await accounts.signIn({ email, password: 'yet another good one' }, none)).toHaveLength(1);
    expect((await accounts.list(admin)).find((row) => row.account === account)).toMatchObject({ totp: false });
  });

  test('is ended by an administrator, with all that lets in; nobody ends the own one', async () => {
    const again = { email: 'gone@east.test', name: 'G', organisation: 'hospital-east', role: 'analyst' } as const;
    const gone = await accounts.create(admin, again);
    const session = withCookie(await accounts.signInByLink(gone.linkToken, none));
    const { token } = await accounts.createToken((await accounts.authenticate(session))!, { name: 't', expiresAt: null });
    await expect(accounts.remove(principal, gone.account)).rejects.toMatchObject({ code: 'permission.denied' });
    await accounts.remove(admin, gone.account);
    expect(await accounts.authenticate(session)).toBeUndefined();
    expect(await accounts.authenticate(bearer(token))).toBeUndefined();
    await expect(accounts.remove(admin, gone.account)).rejects.toMatchObject({ code: 'not-found' });
    await expect(accounts.remove(admin, admin.account)).rejects.toMatchObject({ code: 'permission.denied' });
    expect((await acts()).slice(-1)).toEqual(['account.end']);
  });
});

test('a session ends by signing out, after a shift, and when nobody uses it', async () => {
  const start = () => accounts.signIn({ email: 'root@centre.test', password }, none);
  const out = await start();
  expect(await accounts.signOut(withCookie(out))).toEqual(['forewarn-session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0']);
  expect(await accounts.authenticate(withCookie(out))).toBeUndefined();
  const idle = await start();
  const used = await start();
  for (let hour = 0; hour < 11; hour += 1) {
    clock.at += 3_600;
    expect(await accounts.authenticate(withCookie(used))).toBeDefined();
  }
  expect(await accounts.authenticate(withCookie(idle))).toBeUndefined();
  clock.at += 3_600;
  expect(await accounts.authenticate(withCookie(used))).toBeUndefined();
});

test('tokens: of a person with at most the role’s rights, until they end; a token makes no tokens', async () => {
  const cookies = await accounts.signIn({ email: 'root@centre.test', password }, none);
  const person = (await accounts.authenticate(withCookie(cookies))) as Principal;
  const expiresAt = clock.at + 100;
  const { id, token } = await accounts.createToken(person, {
    name: 'export',
    expiresAt,
    permissions: ['records:read'],
  });
  // A person sends no batches, and no token of the person does.
  await expect(
    accounts.createToken(person, { name: 'x', expiresAt: null, permissions: ['records:read', 'intake:write'] }),
  ).rejects.toMatchObject({ code: 'permission.denied', place: { field: 'permissions' } });
  const principal = (await accounts.authenticate(bearer(token))) as Principal;
  expect(principal).toMatchObject({ kind: 'token', account: person.account, organisation: 'centre' });
  expect([...principal.permissions]).toEqual(['records:read']);
  await expect(accounts.createToken(principal, { name: 'x', expiresAt: null })).rejects.toMatchObject({ code: 'guard.session' });
  await expect(accounts.changePassword(bearer(token), { password: 'yet another good one' })).rejects.toMatchObject({
    code: 'guard.session',
  });
  expect(await accounts.tokens(person)).toMatchObject([{ id, name: 'export', expiresAt, lastUsedAt: clock.at }]);
  expect(JSON.stringify(await trial.database.system((tx) => tx.query('select * from token')))).not.toContain(token);
  clock.at += 100;
  expect(await accounts.authenticate(bearer(token))).toBeUndefined();
  const other = await accounts.createToken(person, { name: 'other', expiresAt: null });
  expect(await accounts.deleteToken({ ...person, account: 'somebody' }, other.id)).toBe(false);
  expect(await accounts.authenticate(bearer(other.token))).toBeDefined();
  expect(await accounts.deleteToken(person, other.id)).toBe(true);
  expect(await accounts.authenticate(bearer(other.token))).toBeUndefined();
});

test('a sensor’s token sends and does nothing else; a new one ends the old', async () => {
  const first = await accounts.createSensorToken(admin, { id: 's1', organisation: 'hospital-east' });
  const principal = (await accounts.authenticate(bearer(first))) as Principal;
  expect(principal).toMatchObject({ kind: 'sensor', sensor: 's1', organisation: 'hospital-east', centre: false, role: 'sensor' });
  expect([...principal.permissions]).toEqual(['intake:write']);
  const second = await accounts.createSensorToken(admin, { id: 's1', organisation: 'hospital-east' });
  expect(await accounts.authenticate(bearer(first))).toBeUndefined();
  expect(await accounts.authenticate(bearer(second))).toMatchObject({ sensor: 's1' });
});

test('the local administrator’s token lives as long as the process', async () => {
  const token = accounts.localToken('centre');
  expect(await accounts.authenticate(bearer(token))).toMatchObject({ account: 'local', centre: true, role: 'administrator' });
  expect(await demo.authenticate(bearer(token))).toBeUndefined();
});

test('people of a demo sign in by their link any time, set no password, and are marked', async () => {
  const given = { email: 'duty@demo.test', name: 'Duty', organisation: 'centre', role: 'duty-officer' as const };
  const { linkToken } = await demo.demoPerson(given);
  await demo.signInByLink(linkToken, none);
  const cookies = await demo.signInByLink(linkToken, none);
  expect(await demo.authenticate(withCookie(cookies))).toMatchObject({ demo: true, role: 'duty-officer', centre: true });
  await expect(demo.changePassword(withCookie(cookies), { password })).rejects.toMatchObject({ code: 'permission.denied' });
  const again = await demo.demoPerson(given);
  expect(await demo.signInByLink(again.linkToken, none)).toHaveLength(1);
  await expect(accounts.demoPerson(given)).rejects.toThrow(/outside a demo/);
});

test('requests cannot reach what signing in needs', async () => {
  for (const table of ['account', 'session', 'sign_in_link', 'token']) {
    const read = trial.database.scoped({ organisation: 'centre', centre: true, account: 'x' }, (tx) =>
      tx.query(`select * from ${table}`),
    );
    await expect(read).rejects.toMatchObject({ state: '42501' });
  }
  expect(await audit.verify()).toMatchObject({ intact: true });
});
