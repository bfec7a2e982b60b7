/**
 * Keeps accounts for the guard: `openAccounts({ store: createAccountStore({ database, audit }), … })`. As the owner, because whoever signs
 * in has no scope yet; each change and its audit entry in one transaction.
 */

import type { Account, AccountStore, Link, Session, Token } from '@forewarn/guard/accounts';
import type { Audit } from './audit.ts';
import { limits } from './limits.ts';
import type { Database, Transaction } from './postgres/database.ts';

const accountColumns = `account.id, account.email, account.name, account.organisation, organisation.kind = 'centre' as centre, account.role,
  account.demo, account.password_hash as "passwordHash", account.totp_secret as "totpSecret", account.totp_pending as "totpPending",
  account.totp_step as "totpStep", account.created_at as "createdAt"`;
const fromAccount = 'account join organisation on organisation.id = account.organisation';
const tokenColumns = `token.id, token.hash, token.name, token.account, token.sensor, token.organisation, token.permissions,
  token.created_at as "createdAt", token.expires_at as "expiresAt", token.last_used_at as "lastUsedAt"`;

export function createAccountStore({ database, audit }: { database: Database; audit: Pick<Audit, 'record'> }): AccountStore {
  const one = async <Row>(tx: Transaction, sql: string, parameters: readonly unknown[]): Promise<Row | undefined> =>
    (await tx.query<Row>(sql, parameters))[0];
  const accountWhere = (tx: Transaction, where: string, parameters: readonly unknown[]) =>
    one<Account>(tx, `select ${accountColumns} from ${fromAccount} where ${where}`, parameters);

  /** A new one-time link takes the place of those that were not used. */
  async function insertLink(tx: Transaction, { hash, account, reusable, expiresAt }: Link): Promise<void> {
    if (!reusable) await tx.query('delete from sign_in_link where account = $1 and not reusable', [account]);
    await tx.query('insert into sign_in_link (hash, account, reusable, expires_at) values ($1, $2, $3, $4)', [
      hash,
      account,
      reusable,
      expiresAt,
    ]);
  }

  async function insertToken(tx: Transaction, token: Token): Promise<void> {
    await tx.query(
      `insert into token (id, hash, name, account, sensor, organisation, permissions, created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        token.id,
        token.hash,
        token.name,
        token.account,
        token.sensor,
        token.organisation,
        token.permissions === null ? null : JSON.stringify(token.permissions),
        token.createdAt,
        token.expiresAt,
      ],
    );
  }

  return {
    accountById: (id) => database.system((tx) => accountWhere(tx, 'account.id = $1', [id])),
    accountByEmail: (email) => database.system((tx) => accountWhere(tx, 'account.email = $1', [email])),
    accounts: (organisation) =>
      database.system((tx) =>
        tx.query<Account>(
          `select ${accountColumns} from ${fromAccount} where $1::text is null or account.organisation = $1 order by account.email limit $2`,
          [organisation, limits.accountsListed.value],
        ),
      ),
    addAccount: (account, link, act) =>
      database.system(async (tx) => {
        const added = await tx.query(
          `insert into account (id, email, name, organisation, role, demo, password_hash, totp_secret, totp_pending, totp_step, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (email) do nothing returning id`,
          [
            account.id,
            account.email,
            account.name,
            account.organisation,
            account.role,
            account.demo,
            account.passwordHash,
            account.totpSecret,
            account.totpPending,
            account.totpStep,
            account.createdAt,
          ],
        );
        if (added.length === 0) return false;
        if (link) await insertLink(tx, link);
        await audit.record(tx, act);
        return true;
      }),
    setPassword: (account, hash, keepSession, act) =>
      database.system(async (tx) => {
        await tx.query('update account set password_hash = $2 where id = $1', [account, hash]);
        await tx.query('delete from session where account = $1 and hash <> $2', [account, keepSession]);
        await tx.query('update session set by_link = false where hash = $1', [keepSession]);
        await tx.query('delete from sign_in_link where account = $1 and not reusable', [account]);
        await audit.record(tx, act);
      }),
    setTotp: (account, { totpSecret, totpPending }, act) =>
      database.system(async (tx) => {
        await tx.query('update account set totp_secret = $2, totp_pending = $3 where id = $1', [
          account,
          totpSecret,
          totpPending,
        ]);
        await audit.record(tx, act);
      }),
    useTotpStep: (account, step) =>
      database.system(async (tx) => {
        const used = await tx.query(
          'update account set totp_step = $2 where id = $1 and (totp_step is null or totp_step < $2) returning id',
          [account, step],
        );
        return used.length > 0;
      }),
    addSession: ({ hash, account, byLink, createdAt, seenAt }, act) =>
      database.system(async (tx) => {
        await tx.query('insert into session (hash, account, by_link, created_at, seen_at) values ($1, $2, $3, $4, $5)', [
          hash,
          account,
          byLink,
          createdAt,
          seenAt,
        ]);
        // The oldest make room, so that nobody fills the table with sessions of one account; dead ones go on the way.
        await tx.query(
          `delete from session where created_at < $2 or (account = $1 and hash not in
             (select hash from session where account = $1 order by created_at desc, hash limit $3))`,
          [account, createdAt - limits.sessionDays.value * 86_400, limits.sessionsPerAccount.value],
        );
        await audit.record(tx, act);
      }),
    session: (hash) =>
      database.system(async (tx) => {
        const session = await one<Session>(
          tx,
          'select hash, account, by_link as "byLink", created_at as "createdAt", seen_at as "seenAt" from session where hash = $1',
          [hash],
        );
        const account = session && (await accountWhere(tx, 'account.id = $1', [session.account]));
        return session && account && { session, account };
      }),
    seeSession: (hash, at) =>
      database.system(async (tx) => void (await tx.query('update session set seen_at = $2 where hash = $1', [hash, at]))),
    endSession: (hash, act) =>
      database.system(async (tx) => {
        await tx.query('delete from session where hash = $1', [hash]);
        await audit.record(tx, act);
      }),
    addLink: (link) => database.system((tx) => insertLink(tx, link)),
    resetAccount: (account, link, act) =>
      database.system(async (tx) => {
        await tx.query('update account set password_hash = null, totp_secret = null, totp_pending = null where id = $1', [
          account,
        ]);
        await tx.query('delete from session where account = $1', [account]);
        await insertLink(tx, link);
        await audit.record(tx, act);
      }),
    removeAccount: (account, act) =>
      database.system(async (tx) => {
        const removed = await tx.query('delete from account where id = $1 returning id', [account]);
        if (removed.length > 0) await audit.record(tx, act);
        return removed.length > 0;
      }),
    useLink: (hash, at) =>
      database.system(async (tx) => {
        const used = await one<Link>(
          tx,
          `update sign_in_link set used_at = $2
           where hash = $1 and (reusable or used_at is null) and (expires_at is null or expires_at > $2)
           returning hash, account, reusable, expires_at as "expiresAt"`,
          [hash, at],
        );
        const owner = used && (await accountWhere(tx, 'account.id = $1', [used.account]));
        return used && owner && { ...used, owner };
      }),
    addToken: (token, most, act) =>
      database.system(async (tx) => {
        const [held] = await tx.query<{ count: number }>('select count(*) as count from token where account = $1', [
          token.account,
        ]);
        if ((held?.count ?? 0) >= most) return false;
        await insertToken(tx, token);
        await audit.record(tx, act);
        return true;
      }),
    token: (hash) =>
      database.system(async (tx) => {
        const token = await one<Token>(tx, `select ${tokenColumns} from token where hash = $1`, [hash]);
        if (!token) return undefined;
        const account = token.account === null ? null : await accountWhere(tx, 'account.id = $1', [token.account]);
        return { token, account: account ?? null };
      }),
    tokens: (account) =>
      database.system((tx) =>
        tx.query<Token>(`select ${tokenColumns} from token where account = $1 order by created_at desc`, [account]),
      ),
    seeToken: (id, at) =>
      database.system(async (tx) => void (await tx.query('update token set last_used_at = $2 where id = $1', [id, at]))),
    endToken: (id, account, act) =>
      database.system(async (tx) => {
        const ended = await tx.query('delete from token where id = $1 and account = $2 returning id', [id, account]);
        if (ended.length > 0) await audit.record(tx, act);
        return ended.length > 0;
      }),
    setSensorToken: (token, act) =>
      database.system(async (tx) => {
        await tx.query('delete from token where sensor = $1', [token.sensor]);
        await insertToken(tx, token);
        if (act) await audit.record(tx, act);
      }),
    note: (act) => database.system(async (tx) => void (await audit.record(tx, act))),
  };
}
