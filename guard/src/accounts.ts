/**
 * Accounts, sessions, links and tokens. Everything that must be kept goes through a port (`AccountStore`, which `store/src/accounts.ts`
 * implements), the present and chance are arguments.
 *
 *     const accounts = openAccounts({ store, clock, random, key, secure, demo });
 *     const principal = await accounts.authenticate(request.headers);        // undefined: nobody
 *
 * - A session is an httpOnly cookie, SameSite=Strict; it counts only for requests of our own pages (`ownPage`).
 * - A token comes as `Authorization: Bearer fw_…`; 256 random bits, kept as SHA-256, shown once.
 * - A link signs in without a password: once, for whoever sets up an account; any time, for the people of a demo.
 * - Every change is written with its audit entry in one transaction; the store sees to that.
 *
 * Refusals: `guard.sign-in`, `guard.sign-in.code`, `guard.link`, `guard.session`, `guard.throttled`, `guard.password`,
 * `guard.account.taken`, `guard.tokens`, `permission.denied`, `not-found`.
 */

import { Refusal } from '@forewarn/base/refusal';
import type { Clock, Seconds } from '@forewarn/base/time';
import { roles, type Permission, type Role } from '@forewarn/model/permissions';
import type { Act } from './audit.ts';
import { limits } from './limits.ts';
import { checkNewPassword, PasswordHasher } from './password.ts';
import { demand, type Principal } from './principal.ts';
import { kindOf, makeSecret, seal, secretHash, secretKinds, unseal } from './secrets.ts';
import { base32, otpauthUri, verifyCode } from './totp.ts';

export type Account = {
  readonly id: string;
  /** In small letters. */
  readonly email: string;
  readonly name: string;
  readonly organisation: string;
  /** Its organisation is the centre. */
  readonly centre: boolean;
  readonly role: Role;
  readonly demo: boolean;
  readonly passwordHash: string | null;
  /** Sealed secrets of the second factor: the one that counts, and a new one until a code of it was seen. */
  readonly totpSecret: string | null;
  readonly totpPending: string | null;
  readonly totpStep: number | null;
  readonly createdAt: Seconds;
};

export type Session = {
  readonly hash: string;
  readonly account: string;
  /** By a link: the password may be set without the present one. */
  readonly byLink: boolean;
  readonly createdAt: Seconds;
  readonly seenAt: Seconds;
};

export type Token = {
  readonly id: string;
  readonly hash: string;
  readonly name: string;
  /** A person's, or a sensor's. */
  readonly account: string | null;
  readonly sensor: string | null;
  readonly organisation: string;
  /** Fewer than the role's, or null for all of them. */
  readonly permissions: readonly Permission[] | null;
  readonly createdAt: Seconds;
  readonly expiresAt: Seconds | null;
  readonly lastUsedAt: Seconds | null;
};

export type Link = {
  readonly hash: string;
  readonly account: string;
  readonly reusable: boolean;
  readonly expiresAt: Seconds | null;
};

/** What the store keeps for the guard. Methods with an `act` write it into the audit in the same transaction. */
export type AccountStore = {
  accountById(id: string): Promise<Account | undefined>;
  accountByEmail(email: string): Promise<Account | undefined>;
  /** Of one organisation, or all. */
  accounts(organisation: string | null): Promise<Account[]>;
  /** False when the address is taken. */
  addAccount(account: Omit<Account, 'centre'>, link: Link | null, act: Act): Promise<boolean>;
  /** Sets a password, ending all other sessions and unused links of the account. */
  setPassword(account: string, hash: string, keepSession: string, act: Act): Promise<void>;
  setTotp(account: string, totp: Pick<Account, 'totpSecret' | 'totpPending'>, act: Act): Promise<void>;
  /** True when the step is newer than the last used one, which it becomes. */
  useTotpStep(account: string, step: number): Promise<boolean>;
  addSession(session: Session, act: Act): Promise<void>;
  session(hash: string): Promise<{ session: Session; account: Account } | undefined>;
  seeSession(hash: string, at: Seconds): Promise<void>;
  endSession(hash: string, act: Act): Promise<void>;
  addLink(link: Link): Promise<void>;
  /** Takes off password and second factor, ends all sessions, and puts the link in place of unused ones. */
  resetAccount(account: string, link: Link, act: Act): Promise<void>;
  /** Takes the account away with its sessions, links and tokens; false when there is none. */
  removeAccount(account: string, act: Act): Promise<boolean>;
  /** The link, which is used up by this unless it is reusable. */
  useLink(hash: string, at: Seconds): Promise<(Link & { owner: Account }) | undefined>;
  /** False when the account has as many as it may. */
  addToken(token: Token, most: number, act: Act): Promise<boolean>;
  token(hash: string): Promise<{ token: Token; account: Account | null } | undefined>;
  tokens(account: string): Promise<Token[]>;
  seeToken(id: string, at: Seconds): Promise<void>;
  endToken(id: string, account: string, act: Act): Promise<boolean>;
  /** A sensor has one token: a new one takes the place of the old. */
  setSensorToken(token: Token, act: Act | null): Promise<void>;
  note(act: Act): Promise<void>;
};

export type AccountsOptions = {
  store: AccountStore;
  clock: Clock;
  random: (bytes: number) => Uint8Array;
  /** 32 bytes that seal what must be read again. */
  key: Uint8Array;
  /** Cookies only over TLS: everywhere but on loopback without it. */
  secure: boolean;
  demo: boolean;
};

export type AccountRow = {
  account: string;
  email: string;
  name: string;
  organisation: string;
  role: Role;
  totp: boolean;
  createdAt: Seconds;
};
export type TokenRow = {
  id: string;
  name: string;
  account: string;
  createdAt: Seconds;
  expiresAt: Seconds | null;
  lastUsedAt: Seconds | null;
  /** Those of the own rights that it has; null for all of them. */
  permissions: readonly Permission[] | null;
};

const cookieName = 'forewarn-session';
const issuer = 'Forewarn';
const totpSecretBytes = 20;

/** The account that the machine's own command line works under. */
export const localAccount = 'local';

type Failures = { count: number; at: Seconds };

export type Accounts = ReturnType<typeof openAccounts>;

export function openAccounts({ store, clock, random, key, secure, demo }: AccountsOptions) {
  const hasher = new PasswordHasher(random);
  const failures = new Map<string, Failures>();
  let local: { hash: string; organisation: string } | undefined;

  const makeId = (): string => Buffer.from(random(12)).toString('hex');
  const totpPurpose = (account: string): string => `totp ${account}`;

  function act(
    who: Pick<Account, 'organisation' | 'demo'> & { id: string },
    action: string,
    object: string,
    detail: Act['detail'] = {},
  ): Act {
    return { organisation: who.organisation, actor: who.id, demo: who.demo, action, object, detail };
  }

  const actor = (principal: Principal) => ({ id: principal.account, organisation: principal.organisation, demo: principal.demo });

  function cookie(value: string, seconds: number): string {
    return `${cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure ? '; Secure' : ''}`;
  }

  async function startSession(account: Account, byLink: boolean): Promise<string[]> {
    const secret = makeSecret(secretKinds.session, random);
    const at = clock.now();
    await store.addSession(
      { hash: secretHash(secret), account: account.id, byLink, createdAt: at, seenAt: at },
      act(account, 'session.start', `account/${account.id}`, {
        by: byLink ? 'link' : account.totpSecret !== null ? 'password and code' : 'password',
      }),
    );
    return [cookie(secret, limits.sessionSeconds.value)];
  }

  /** The session of a cookie, if it is alive. */
  async function sessionOf(headers: Headers): Promise<{ session: Session; account: Account } | undefined> {
    const secret = sessionCookie(headers);
    if (secret === undefined || !ownPage(headers)) return undefined;
    const found = await store.session(secretHash(secret));
    if (!found) return undefined;
    const at = clock.now();
    const { createdAt, seenAt, hash } = found.session;
    if (at >= createdAt + limits.sessionSeconds.value || at >= seenAt + limits.sessionIdleSeconds.value) return undefined;
    if (at >= seenAt + limits.seenEverySeconds.value) await store.seeSession(hash, at);
    return found;
  }

  async function ownSession(headers: Headers): Promise<{ session: Session; account: Account }> {
    const found = await sessionOf(headers);
    if (found) return found;
    throw new Refusal('guard.session', 'This needs a session in a browser.', { advice: 'Sign in; a token cannot do it.' });
  }

  function person(account: Account, kind: 'person' | 'token', only: readonly Permission[] | null = null): Principal {
    const of: readonly Permission[] = roles[account.role];
    return {
      kind,
      account: account.id,
      name: account.name,
      organisation: account.organisation,
      centre: account.centre,
      role: account.role,
      // A token can only have what its owner has now.
      permissions: new Set(only ? of.filter((permission) => only.includes(permission)) : of),
      demo: account.demo,
      sensor: null,
    };
  }

  async function bearer(secret: string): Promise<Principal | undefined> {
    const kind = kindOf(secret);
    if (kind !== secretKinds.token && kind !== secretKinds.sensor) return undefined;
    const hash = secretHash(secret);
    if (local && hash === local.hash) {
      return {
        kind: 'token',
        account: localAccount,
        name: 'Local administrator',
        organisation: local.organisation,
        centre: true,
        role: 'administrator',
        permissions: new Set<Permission>(roles.administrator),
        demo,
        sensor: null,
      };
    }
    const found = await store.token(hash);
    const at = clock.now();
    if (!found || (found.token.expiresAt !== null && at >= found.token.expiresAt)) return undefined;
    const { token, account } = found;
    if (at >= (token.lastUsedAt ?? 0) + limits.seenEverySeconds.value) await store.seeToken(token.id, at);
    if (account) return person(account, 'token', token.permissions);
    if (token.sensor === null) return undefined;
    return sensorPrincipal({ id: token.sensor, name: token.name, organisation: token.organisation });
  }

  function sensorPrincipal({ id, name, organisation }: { id: string; name: string; organisation: string }): Principal {
    return {
      kind: 'sensor',
      account: `sensor:${id}`,
      name,
      organisation,
      centre: false,
      role: 'sensor',
      permissions: new Set<Permission>(roles.sensor),
      demo,
      sensor: id,
    };
  }

  /** Refuses while the wait after wrong passwords runs. */
  function throttle(email: string): void {
    const failed = failures.get(email);
    if (!failed || failed.count < limits.freeFailures.value) return;
    const wait = Math.min(2 ** (failed.count - limits.freeFailures.value), limits.failureWaitMax.value);
    const left = Math.ceil(failed.at + wait - clock.now());
    if (left > 0) {
      throw new Refusal('guard.throttled', `Too many wrong passwords for this account.`, { advice: `Try again in ${left} s.` });
    }
  }

  function fail(email: string): void {
    const count = (failures.get(email)?.count ?? 0) + 1;
    failures.delete(email);
    failures.set(email, { count, at: clock.now() });
    if (failures.size > limits.failuresKept.value) failures.delete(failures.keys().next().value as string);
  }

  /** Not awaited: the answer must not take longer where there is an account. */
  function noteRefused(account: Account, why: 'password' | 'code'): void {
    store.note(act(account, 'session.refused', `account/${account.id}`, { why })).catch(() => undefined);
  }

  /** People of a demo are everybody's: what one visitor sets would lock out the next. */
  function refuseDemo(account: Account): void {
    if (!account.demo) return;
    throw new Refusal(
      'permission.denied',
      'People of the demo stay as they are: by their links, with no password and no second factor.',
      {
        advice: 'Start a centre without --demo.',
      },
    );
  }

  /** The account, if the principal administers it: of the own organisation, or of any for the centre. */
  async function administered(principal: Principal, id: string): Promise<Account> {
    demand(principal, 'accounts:write');
    const account = await store.accountById(id);
    if (!account || (account.organisation !== principal.organisation && !principal.centre)) throw unknown();
    // Whoever visits a demo may be its administrator, and must not lock the next visitor out.
    refuseDemo(account);
    return account;
  }

  /** Whether the code is right and was not used; an account without a second factor needs none. */
  async function checkCode(account: Account, code: string | undefined): Promise<boolean> {
    if (account.totpSecret === null) return true;
    const secret = unseal({ key, purpose: totpPurpose(account.id) }, account.totpSecret);
    const step = verifyCode(secret, code ?? '', clock.now(), account.totpStep);
    return step !== undefined && (await store.useTotpStep(account.id, step));
  }

  const link = (account: string, reusable: boolean): { secret: string; link: Link } => {
    const secret = makeSecret(secretKinds.link, random);
    const expiresAt = reusable ? null : clock.now() + limits.linkSeconds.value;
    return { secret, link: { hash: secretHash(secret), account, reusable, expiresAt } };
  };

  async function addAccount(
    given: { email: string; name: string; organisation: string; role: Role },
    by: Pick<Act, 'organisation' | 'actor' | 'demo'>,
    reusable: boolean,
  ): Promise<{ account: string; linkToken: string }> {
    const id = makeId();
    const { secret, link: first } = link(id, reusable);
    const email = given.email.trim().toLowerCase();
    const added = await store.addAccount(
      {
        id,
        email,
        name: given.name,
        organisation: given.organisation,
        role: given.role,
        demo: reusable,
        passwordHash: null,
        totpSecret: null,
        totpPending: null,
        totpStep: null,
        createdAt: clock.now(),
      },
      first,
      {
        ...by,
        action: 'account.create',
        object: `account/${id}`,
        detail: { organisation: given.organisation, role: given.role },
      },
    );
    if (!added) {
      throw new Refusal('guard.account.taken', `There is an account of ${email} already.`, {
        place: { field: 'email' },
        advice: 'Use another address, or reset that account.',
      });
    }
    return { account: id, linkToken: secret };
  }

  return {
    /** Who a request is from, by its `Authorization: Bearer` or `Cookie` header; undefined when by neither. */
    async authenticate(headers: Headers): Promise<Principal | undefined> {
      const authorization = headers.get('authorization');
      if (authorization !== null) {
        const secret = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
        return secret === undefined ? undefined : bearer(secret);
      }
      const found = await sessionOf(headers);
      return found && person(found.account, 'person');
    },

    /** A registered sensor that proved who it is by its certificate; TLS has checked that. */
    certified: sensorPrincipal,

    /** The `Set-Cookie` values of a new session. */
    async signIn(given: { email: string; password: string; totp?: string | undefined }, _from: Headers): Promise<string[]> {
      const email = given.email.trim().toLowerCase();
      throttle(email);
      const account = await store.accountByEmail(email);
      if (!(await hasher.verify(given.password, account?.passwordHash ?? null)) || !account) {
        fail(email);
        if (account) noteRefused(account, 'password');
        throw new Refusal('guard.sign-in', 'The address or the password is wrong.', {
          advice: 'Check both; an administrator can send you a new link.',
        });
      }
      if (!(await checkCode(account, given.totp))) {
        if (given.totp !== undefined) {
          fail(email);
          noteRefused(account, 'code');
        }
        throw new Refusal(
          'guard.sign-in.code',
          given.totp === undefined ? 'This account has a second factor.' : 'The code is wrong.',
          {
            place: { field: 'totp' },
            advice: 'Give the six digits your authenticator shows now; each code works once.',
          },
        );
      }
      failures.delete(email);
      return startSession(account, false);
    },

    async signInByLink(secret: string, _from: Headers): Promise<string[]> {
      const used = kindOf(secret) === secretKinds.link ? await store.useLink(secretHash(secret), clock.now()) : undefined;
      if (!used) {
        throw new Refusal('guard.link', 'This link is used up, too old or none of ours.', {
          advice: 'Ask an administrator for a new one; until the first has a password, each start of the centre prints one.',
        });
      }
      return startSession(used.owner, true);
    },

    async signOut(headers: Headers): Promise<string[]> {
      const found = await sessionOf(headers);
      if (found) await store.endSession(found.session.hash, act(found.account, 'session.end', `account/${found.account.id}`));
      return [cookie('', 0)];
    },

    /** Sets the own password. The present one is needed where there is one, unless the session came by a link. */
    async changePassword(headers: Headers, given: { current?: string | undefined; password: string }): Promise<void> {
      const { session, account } = await ownSession(headers);
      refuseDemo(account);
      if (account.passwordHash !== null && !session.byLink) {
        throttle(account.email);
        if (!(await hasher.verify(given.current ?? '', account.passwordHash))) {
          fail(account.email);
          throw new Refusal('guard.password', 'The present password is wrong.', {
            place: { field: 'current' },
            advice: 'Give the one you signed in with.',
          });
        }
      }
      checkNewPassword(given.password, account);
      const hash = await hasher.hash(given.password);
      await store.setPassword(account.id, hash, session.hash, act(account, 'account.password', `account/${account.id}`));
    },

    /** Begins a second factor; it counts once `confirmTotp` has seen a code of it. */
    async enrolTotp(headers: Headers, password: string | undefined): Promise<{ secret: string; uri: string }> {
      const { account } = await ownSession(headers);
      refuseDemo(account);
      throttle(account.email);
      if (account.passwordHash !== null && !(await hasher.verify(password ?? '', account.passwordHash))) {
        fail(account.email);
        throw new Refusal('guard.password', 'The password is wrong.', {
          place: { field: 'password' },
          advice: 'Give the one you signed in with.',
        });
      }
      const secret = random(totpSecretBytes);
      await store.setTotp(
        account.id,
        {
          totpSecret: account.totpSecret,
          totpPending: seal({ key, purpose: totpPurpose(account.id), random }, secret),
        },
        act(account, 'account.totp.begin', `account/${account.id}`),
      );
      return { secret: base32(secret), uri: otpauthUri({ issuer, account: account.email, secret }) };
    },

    async confirmTotp(headers: Headers, code: string): Promise<void> {
      const { account } = await ownSession(headers);
      throttle(account.email);
      if (account.totpPending === null || !(await checkCode({ ...account, totpSecret: account.totpPending }, code))) {
        fail(account.email);
        throw new Refusal('guard.sign-in.code', 'The code is wrong.', {
          place: { field: 'code' },
          advice: 'Begin the second factor again if the authenticator has another secret.',
        });
      }
      await store.setTotp(
        account.id,
        { totpSecret: account.totpPending, totpPending: null },
        act(account, 'account.totp.confirm', `account/${account.id}`),
      );
    },

    /** People of the own organisation; of all, for the centre. */
    async list(principal: Principal): Promise<AccountRow[]> {
      demand(principal, 'accounts:write');
      const list = await store.accounts(principal.centre ? null : principal.organisation);
      return list.map(({ id, email, name, organisation, role, totpSecret, createdAt }) => ({
        account: id,
        email,
        name,
        organisation,
        role,
        totp: totpSecret !== null,
        createdAt,
      }));
    },

    /**
     * Names of the people whose deeds a reader meets: of everybody for the centre, of the own organisation and of those named for
     * others. Nothing but the name is told.
     */
    async names(principal: Principal, of: readonly string[]): Promise<{ account: string; name: string; organisation: string }[]> {
      const told = principal.centre ? [null] : [...new Set([principal.organisation, ...of])];
      const lists = await Promise.all(told.map((organisation) => store.accounts(organisation)));
      return lists.flat().map(({ id, name, organisation }) => ({ account: id, name, organisation }));
    },

    /** Makes an account; the answer has a one-time link with which its owner signs in and sets a password. */
    async create(
      principal: Principal,
      given: { email: string; name: string; organisation: string; role: Role },
    ): Promise<{ account: string; linkToken: string }> {
      demand(principal, 'accounts:write');
      if (given.organisation !== principal.organisation && !principal.centre) throw foreign();
      if (given.role === 'sensor') throw foreign();
      return addAccount(given, { organisation: principal.organisation, actor: principal.account, demo: principal.demo }, false);
    },

    /**
     * A new one-time link for somebody who lost password or authenticator. Sessions end, and the password goes with the second factor:
     * whoever has learned it must not get in by it alone.
     */
    async reset(principal: Principal, id: string): Promise<{ linkToken: string }> {
      await administered(principal, id);
      const { secret, link: fresh } = link(id, false);
      await store.resetAccount(id, fresh, act(actor(principal), 'account.reset', `account/${id}`));
      return { linkToken: secret };
    },

    /** Ends an account with its sessions, links and tokens. Nobody ends the own one, so that the last administrator stays. */
    async remove(principal: Principal, id: string): Promise<void> {
      const { email, organisation } = await administered(principal, id);
      if (id === principal.account) {
        throw new Refusal('permission.denied', 'Nobody ends the own account.', { advice: 'Ask another administrator.' });
      }
      const ended = act(actor(principal), 'account.end', `account/${id}`, { email, organisation });
      if (!(await store.removeAccount(id, ended))) throw unknown();
    },

    /** The own API tokens, without their secrets. */
    async tokens(principal: Principal): Promise<TokenRow[]> {
      const list = await store.tokens(principal.account);
      return list.map(({ id, name, account, createdAt, expiresAt, lastUsedAt, permissions }) => ({
        id,
        name,
        account: account ?? '',
        createdAt,
        expiresAt,
        lastUsedAt,
        permissions,
      }));
    },

    /** An API token with the own rights or fewer; the secret is answered once. A token makes no tokens. */
    async createToken(
      principal: Principal,
      given: { name: string; expiresAt: Seconds | null; permissions?: readonly Permission[] },
    ): Promise<{ id: string; token: string }> {
      if (principal.kind !== 'person') {
        throw new Refusal('guard.session', 'A token makes no other tokens.', {
          advice: 'Sign in with a browser and make it there.',
        });
      }
      const more = given.permissions?.find((permission) => !principal.permissions.has(permission));
      if (more !== undefined) {
        throw new Refusal('permission.denied', `A token cannot have "${more}", which its owner has not.`, {
          place: { field: 'permissions' },
          advice: 'Leave it out.',
        });
      }
      const secret = makeSecret(secretKinds.token, random);
      const id = makeId();
      const added = await store.addToken(
        {
          id,
          hash: secretHash(secret),
          name: given.name,
          account: principal.account,
          sensor: null,
          organisation: principal.organisation,
          permissions: given.permissions ?? null,
          createdAt: clock.now(),
          expiresAt: given.expiresAt,
          lastUsedAt: null,
        },
        limits.tokensPerAccount.value,
        act(actor(principal), 'token.create', `token/${id}`, {
          name: given.name,
          ...(given.permissions ? { permissions: given.permissions } : {}),
        }),
      );
      if (!added) throw new Refusal('guard.tokens', 'There are too many tokens.', { advice: 'End those that are not used.' });
      return { id, token: secret };
    },

    /** Ends an own token; false when there is none. */
    deleteToken(principal: Principal, id: string): Promise<boolean> {
      return store.endToken(id, principal.account, act(actor(principal), 'token.end', `token/${id}`));
    },

    /** The token with which a sensor sends; an earlier one of the sensor ends. */
    async createSensorToken(principal: Principal, sensor: { id: string; organisation: string }): Promise<string> {
      demand(principal, 'accounts:write');
      if (sensor.organisation !== principal.organisation && !principal.centre) throw foreign();
      const secret = makeSecret(secretKinds.sensor, random);
      const id = makeId();
      await store.setSensorToken(
        {
          id,
          hash: secretHash(secret),
          name: sensor.id,
          account: null,
          sensor: sensor.id,
          organisation: sensor.organisation,
          permissions: null,
          createdAt: clock.now(),
          expiresAt: null,
          lastUsedAt: null,
        },
        act(actor(principal), 'sensor.token', `sensor/${sensor.id}`),
      );
      return secret;
    },

    /** A token of the local administrator for this run of the centre, for `center.json`; it is kept nowhere else. */
    localToken(organisation: string): string {
      const secret = makeSecret(secretKinds.token, random);
      local = { hash: secretHash(secret), organisation };
      return secret;
    },

    /**
     * A one-time link for the first administrator of the organisation, making the account where there is none; null once somebody
     * has a password. So a link that was lost before its use is no loss: the next start prints another.
     */
    async firstLink(given: { email: string; name: string; organisation: string }): Promise<string | null> {
      const known = await store.accounts(null);
      if (known.some(({ passwordHash }) => passwordHash !== null)) return null;
      const first = known.find(({ organisation, role }) => organisation === given.organisation && role === 'administrator');
      if (!first) {
        const by = { organisation: given.organisation, actor: localAccount, demo };
        return (await addAccount({ ...given, role: 'administrator' }, by, false)).linkToken;
      }
      const { secret, link: fresh } = link(first.id, false);
      await store.addLink(fresh);
      return secret;
    },

    /** A person of the demo with a link that works any time; the same address again gets a new link. */
    async demoPerson(given: {
      email: string;
      name: string;
      organisation: string;
      role: Role;
    }): Promise<{ account: string; linkToken: string }> {
      if (!demo) throw new Error('There are no demo people outside a demo.');
      const known = await store.accountByEmail(given.email.trim().toLowerCase());
      if (!known) return addAccount(given, { organisation: given.organisation, actor: localAccount, demo }, true);
      const { secret, link: fresh } = link(known.id, true);
      await store.addLink(fresh);
      return { account: known.id, linkToken: secret };
    },
  };
}

const foreign = (): Refusal =>
  new Refusal('permission.denied', 'Only the centre does this for others.', { advice: 'Ask the centre.' });
const unknown = (): Refusal =>
  new Refusal('not-found', 'There is no such thing, or it is not yours to see.', {
    advice: 'Check the address; whoever owns it can share it.',
  });

/** The session's secret in a `Cookie` header (RFC 6265 §4.2). */
function sessionCookie(headers: Headers): string | undefined {
  for (const pair of (headers.get('cookie') ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === cookieName && value !== undefined && kindOf(value) === secretKinds.session) return value;
  }
  return undefined;
}

/**
 * Whether a browser says that a page of ours asks. SameSite=Strict keeps the cookie from other sites; other ports of the same host are
 * the same site to it, and only these headers tell them apart (https://www.w3.org/TR/fetch-metadata/, RFC 6454).
 */
export function ownPage(headers: Headers): boolean {
  const site = headers.get('sec-fetch-site');
  if (site === 'cross-site' || site === 'same-site') return false;
  const origin = headers.get('origin');
  if (origin === null) return true;
  // A proxy that changes the host says so; browsers cannot set either header.
  const host = headers.get('x-forwarded-host') ?? headers.get('host');
  return host !== null && URL.canParse(origin) && new URL(origin).host === host.trim().toLowerCase();
}
