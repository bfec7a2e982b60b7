/** What the centre's API asks of its neighbours: who is asking, what takes a batch in. `wiring.ts` connects them. */

import type { Acknowledgement, Batch } from '@forewarn/model/batch';
import type { Permission, Role } from '@forewarn/model/permissions';
import type { Scope } from '@forewarn/store/postgres/database';

/** Who is asking: a person with a session or token, or a sensor with its token. */
export type Principal = {
  readonly account: string;
  readonly name: string;
  readonly organisation: string;
  /** A member of the centre sees all organisations. */
  readonly centre: boolean;
  readonly role: Role;
  readonly permissions: ReadonlySet<Permission>;
  readonly demo: boolean;
  /** The sensor that the token is of. */
  readonly sensor: string | null;
};

export const scopeOf = ({ organisation, centre, account }: Principal): Scope => ({ organisation, centre, account });

/** A person's account as lists show it. */
export type AccountRow = {
  account: string;
  email: string;
  name: string;
  organisation: string;
  role: Role;
  totp: boolean;
  createdAt: number;
};

export type TokenRow = {
  id: string;
  name: string;
  account: string;
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
};

/** Accounts, sessions and tokens. Refusals have stable codes; secrets are answered once and never again. */
export type Accounts = {
  /** Who a request is from, by its `Authorization: Bearer` or `Cookie` header; undefined when by neither. */
  authenticate(headers: Headers): Promise<Principal | undefined>;
  /** The `Set-Cookie` values of a new session. */
  signIn(given: { email: string; password: string; totp?: string | undefined }, from: Headers): Promise<string[]>;
  signInByLink(token: string, from: Headers): Promise<string[]>;
  signOut(headers: Headers): Promise<string[]>;
  changePassword(headers: Headers, given: { current?: string | undefined; password: string }): Promise<void>;
  enrolTotp(headers: Headers, password: string | undefined): Promise<{ secret: string; uri: string }>;
  confirmTotp(headers: Headers, code: string): Promise<void>;
  list(principal: Principal): Promise<AccountRow[]>;
  /** Makes an account; the answer is a one-time link token with which its owner sets a password. */
  create(
    principal: Principal,
    given: { email: string; name: string; organisation: string; role: Role },
  ): Promise<{ account: string; linkToken: string }>;
  tokens(principal: Principal): Promise<TokenRow[]>;
  createToken(principal: Principal, given: { name: string; expiresAt: number | null }): Promise<{ id: string; token: string }>;
  deleteToken(principal: Principal, id: string): Promise<boolean>;
  /** A token with which a sensor sends batches. */
  createSensorToken(principal: Principal, sensor: { id: string; organisation: string }): Promise<string>;
};

/** Takes batches in: on disk before it answers, the same batch once. */
export type Pipeline = {
  accept(sender: Sender, batch: Batch): Promise<Acknowledgement>;
  close(): Promise<void>;
};

/** The sensor that sent a batch, as registered: what its records are stamped with is ours to say, not its. */
export type Sender = { readonly sensor: string; readonly principal: Principal };
