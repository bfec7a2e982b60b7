/** A centre for tests: real stores in a temporary folder, real content, people known by their tokens. One per test file. */

import { join } from 'node:path';
import type { Hono } from 'hono';
import { pino } from 'pino';
import { compileScheme } from '@forewarn/assess/grade';
import { roles, type Role } from '@forewarn/model/permissions';
import { recordTypes } from '@forewarn/model/records/index';
import { openAudit } from '@forewarn/store/audit';
import { openRecords, type Records } from '@forewarn/store/clickhouse/records';
import { openTrial } from '@forewarn/store/trial';
import { createApp } from '../api/app.ts';
import type { Route } from '../api/route.ts';
import type { Center } from '../center-parts.ts';
import { createChangeHub } from '../changes/hub.ts';
import { loadContent } from '../content.ts';
import { createEstateCache } from '../estate/cache.ts';
import { createMeters } from '../meters.ts';
import type { Accounts, Principal } from '../ports.ts';
import { leadingFirst } from '../schemes.ts';

export type Trial = {
  center: Center;
  app: Hono;
  records: Records;
  /** The present of the centre; move it as you like. */
  clock: { at: number };
  /** Asks as a person: `ask(officer, 'POST', '/incidents', body)`. */
  ask(
    person: Principal | null,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: any; text: string }>;
  end(): Promise<void>;
};

export function person(organisation: string, role: Role, centre = organisation === 'centre'): Principal {
  const account = `${organisation}-${role}`;
  const permissions = new Set(roles[role]) as Principal['permissions'];
  return {
    account,
    name: account,
    organisation,
    centre,
    role,
    permissions,
    demo: false,
    sensor: role === 'sensor' ? `${organisation}-sensor` : null,
  };
}

/** Nobody signs in in these tests: a token is the person's account. */
function tokens(people: Map<string, Principal>): Accounts {
  const absent = async (): Promise<never> => {
    throw new Error('Signing in has tests of its own.');
  };
  return {
    authenticate: async (headers) => people.get(headers.get('authorization')?.replace(/^Bearer /, '') ?? ''),
    signIn: absent,
    signInByLink: absent,
    signOut: absent,
    changePassword: absent,
    enrolTotp: absent,
    confirmTotp: absent,
    list: async () => [],
    create: absent,
    tokens: async () => [],
    createToken: absent,
    deleteToken: async () => false,
    createSensorToken: async (_, sensor) => `token of ${sensor.id}`,
  };
}

export async function openTrialCenter({ routes }: { routes?: readonly Route[] } = {}): Promise<Trial> {
  const stores = await openTrial();
  const { database } = stores;
  const clock = { at: 1_764_000_000 };
  const now = { now: () => clock.at };
  const audit = await openAudit({ file: join(stores.dir, 'audit.head'), database, clock: now });
  const records = await openRecords({ dir: join(stores.dir, 'clickhouse'), recordTypes });
  const content = await loadContent();
  const people = new Map<string, Principal>();
  const log = pino({ level: 'error' });
  const center: Center = {
    version: '0.0.0',
    demo: false,
    clock: now,
    log,
    database,
    audit,
    accounts: tokens(people),
    records,
    pipeline: { accept: async () => ({ batch: '0'.repeat(64), records: 0, repeated: false }), close: async () => undefined },
    content,
    schemes: leadingFirst([...content.schemes.values()].map((scheme) => compileScheme(scheme, content.facts))),
    estate: createEstateCache(database),
    changes: createChangeHub(database, (fault) => log.error({ err: fault })),
    meters: createMeters(),
    demoPeople: null,
  };
  const doors = { loopback: false, behindProxy: false, tls: false };
  const app = createApp(center, {
    doors,
    workbench: undefined,
    ready: async () => true,
    checkAnswers: true,
    ...(routes ? { routes } : {}),
  });
  return {
    center,
    app,
    records,
    clock,
    async ask(who, method, path, body) {
      if (who) people.set(who.account, who);
      const response = await app.request(`/api/v1${path}`, {
        method,
        headers: {
          ...(who ? { authorization: `Bearer ${who.account}` } : {}),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, text, body: text === '' ? undefined : JSON.parse(text) };
    },
    async end() {
      center.changes.close();
      await audit.close();
      await records.close();
      await stores.end();
    },
  };
}
