/** Accounts, tokens and sensors. Secrets are answered once. */

import { z } from 'zod';
import { formatInstant } from '@forewarn/base/time';
import { Instant, page } from '@forewarn/model/api';
import { NetworkType, Slug } from '@forewarn/model/estate';
import { Tlp } from '@forewarn/model/markings';
import { Permission, Role } from '@forewarn/model/permissions';
import { Refusal } from '@forewarn/base/refusal';
import { findEstate } from '@forewarn/store/resources/estate';
import { addSensor, findSensor } from '@forewarn/store/resources/sensors';
import { act } from '../act.ts';
import { denied, found, invalid, notFound } from '../refusals.ts';
import { route } from './route.ts';
import { At, Id } from './shapes.ts';

const at = (seconds: number | null): string | null => (seconds === null ? null : formatInstant(seconds));

export const listOfAccounts = route({
  method: 'get',
  path: '/accounts',
  access: 'accounts:write',
  summary: 'People of the own organisation; of all, for the centre.',
  answer: page(
    z.object({
      account: z.string(),
      email: z.string(),
      name: z.string(),
      organisation: z.string(),
      role: Role,
      totp: z.boolean(),
      createdAt: Instant,
    }),
  ),
  handle: async ({ center, principal }) => ({
    items: (await center.accounts.list(principal)).map((row) => ({ ...row, createdAt: formatInstant(row.createdAt) })),
    next: null,
  }),
});

export const listOfPeople = route({
  method: 'get',
  path: '/people',
  access: 'signed-in',
  summary: 'Names of those who act: of the own organisation and the centre; of all, for the centre.',
  answer: page(z.object({ account: z.string(), name: z.string(), organisation: z.string() })),
  async handle({ center, principal }) {
    const { centre } = await center.estate.index();
    return { items: await center.accounts.names(principal, centre ? [centre.id] : []), next: null };
  },
});

export const createAccount = route({
  method: 'post',
  path: '/accounts',
  access: 'accounts:write',
  summary: 'Makes an account; the answer has a one-time link for its owner.',
  body: z.strictObject({
    email: z.email().max(320),
    name: z.string().trim().min(1).max(200),
    organisation: Slug.optional(),
    role: Role.exclude(['sensor']),
  }),
  answer: z.object({ account: z.string(), link: z.string() }),
  status: 201,
  async handle({ center, principal, scope, body, request }) {
    const organisation = body.organisation ?? principal.organisation;
    if (organisation !== principal.organisation && !principal.centre) throw denied('Only the centre makes accounts of others.');
    const known = await center.database.scoped(scope, (tx) => findEstate(tx, 'organisations', organisation));
    if (!known) throw invalid('organisation', `"${organisation}" is not registered.`);
    const { account, linkToken } = await center.accounts.create(principal, { ...body, organisation });
    return { account, link: new URL(`/sign-in/${linkToken}`, request.url).href };
  },
});

const AccountId = z.object({ account: z.string().min(1).max(100) });

export const resetAccount = route({
  method: 'post',
  path: '/accounts/{account}/link',
  access: 'accounts:write',
  summary: 'A new one-time link for its owner; password, second factor and sessions end.',
  params: AccountId,
  answer: z.object({ link: z.string() }),
  status: 201,
  async handle({ center, principal, params, request }) {
    const { linkToken } = await center.accounts.reset(principal, params.account);
    return { link: new URL(`/sign-in/${linkToken}`, request.url).href };
  },
});

export const deleteAccount = route({
  method: 'delete',
  path: '/accounts/{account}',
  access: 'accounts:write',
  summary: 'Ends an account, with its sessions and tokens; not the own one.',
  params: AccountId,
  handle: ({ center, principal, params }) => center.accounts.remove(principal, params.account),
});

export const listOfTokens = route({
  method: 'get',
  path: '/tokens',
  access: 'signed-in',
  summary: 'The own API tokens, without their secrets.',
  answer: page(
    z.object({
      id: z.string(),
      name: z.string(),
      account: z.string(),
      createdAt: Instant,
      expiresAt: Instant.nullable(),
      lastUsedAt: Instant.nullable(),
      permissions: z.array(Permission).nullable().describe('Those of the own rights that it has; null for all.'),
    }),
  ),
  handle: async ({ center, principal }) => ({
    items: (await center.accounts.tokens(principal)).map((row) => ({
      ...row,
      permissions: row.permissions && [...row.permissions],
      createdAt: formatInstant(row.createdAt),
      expiresAt: at(row.expiresAt),
      lastUsedAt: at(row.lastUsedAt),
    })),
    next: null,
  }),
});

export const createToken = route({
  method: 'post',
  path: '/tokens',
  access: 'signed-in',
  summary: 'Makes an API token with the own rights, or with those of them that are named; it is shown once.',
  body: z.strictObject({
    name: z.string().trim().min(1).max(100),
    expiresAt: At.optional(),
    permissions: z.array(Permission).min(1).max(Permission.options.length).optional(),
  }),
  answer: z.object({ id: z.string(), token: z.string() }),
  status: 201,
  handle: ({ center, principal, body }) =>
    center.accounts.createToken(principal, {
      name: body.name,
      expiresAt: body.expiresAt ?? null,
      ...(body.permissions ? { permissions: [...new Set(body.permissions)] } : {}),
    }),
});

export const deleteToken = route({
  method: 'delete',
  path: '/tokens/{id}',
  access: 'signed-in',
  summary: 'Ends an own API token.',
  params: Id,
  async handle({ center, principal, params }) {
    if (!(await center.accounts.deleteToken(principal, params.id))) throw notFound();
  },
});

export const createSensor = route({
  method: 'post',
  path: '/sensors',
  access: 'accounts:write',
  summary: 'Registers a sensor; its token is shown once.',
  body: z.strictObject({
    id: Slug,
    organisation: Slug.optional(),
    name: z.string().trim().min(1).max(200),
    link: Slug.nullable().default(null),
    networkType: NetworkType,
    marking: Tlp.default('TLP:AMBER'),
  }),
  answer: z.object({ id: z.string(), token: z.string() }),
  status: 201,
  async handle({ center, principal, scope, body }) {
    const organisation = body.organisation ?? principal.organisation;
    if (organisation !== principal.organisation && !principal.centre)
      throw denied('Only the centre registers sensors of others.');
    if (!principal.centre && !body.id.startsWith(`${organisation}-`)) {
      throw invalid('id', `The id must begin with "${organisation}-".`, 'So it cannot meet another organisation’s.');
    }
    await center.database.scoped(scope, async (tx) => {
      if (!(await findEstate(tx, 'organisations', organisation)))
        throw invalid('organisation', `"${organisation}" is not registered.`);
      if (body.link !== null && (await findEstate(tx, 'links', body.link))?.organisation !== organisation) {
        throw invalid('link', `"${body.link}" is no link of this organisation.`);
      }
    });
    await act(center, principal, async (acting) => {
      const fresh = await addSensor(acting.tx, { ...body, organisation, createdAt: acting.at });
      if (!fresh)
        throw new Refusal('sensor.taken', `The id "${body.id}" is taken.`, { place: { field: 'id' }, advice: 'Choose another.' });
      acting.audit('sensor.create', `sensor/${body.id}`, { organisation });
      acting.changed('estate', organisation, { organisation });
    });
    return { id: body.id, token: await center.accounts.createSensorToken(principal, { id: body.id, organisation }) };
  },
});

export const createSensorToken = route({
  method: 'post',
  path: '/sensors/{id}/token',
  access: 'accounts:write',
  summary: 'A new token for a sensor, shown once; the old one ends.',
  params: Id,
  answer: z.object({ id: z.string(), token: z.string() }),
  status: 201,
  async handle({ center, principal, scope, params }) {
    const { id, organisation } = found(await center.database.scoped(scope, (tx) => findSensor(tx, params.id)));
    return { id, token: await center.accounts.createSensorToken(principal, { id, organisation }) };
  },
});
