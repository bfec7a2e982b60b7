/** Signing in and out, and one's own account. */

import { z } from 'zod';
import { Me } from '@forewarn/model/api';
import { Role } from '@forewarn/model/permissions';
import { LocalText } from '@forewarn/model/text';
import { findEstate } from '@forewarn/store/resources/estate';
import { found, notFound } from '../refusals.ts';
import { route } from './route.ts';

const setCookies = (headers: Headers, cookies: readonly string[]): void => {
  for (const cookie of cookies) headers.append('set-cookie', cookie);
};

const Password = z.string().min(1).max(200);

export const signIn = route({
  method: 'post',
  path: '/sessions',
  access: 'public',
  summary: 'Signs in with a password, and a code where one is set up.',
  body: z.strictObject({ email: z.string().max(320), password: Password, totp: z.string().max(12).optional() }),
  async handle({ center, body, request, headers }) {
    setCookies(headers, await center.accounts.signIn(body, request.headers));
  },
});

export const signInByLink = route({
  method: 'post',
  path: '/sessions/link',
  access: 'public',
  summary: 'Signs in with the token of a one-time link, or of a demo link.',
  body: z.strictObject({ token: z.string().min(1).max(500) }),
  async handle({ center, body, request, headers }) {
    setCookies(headers, await center.accounts.signInByLink(body.token, request.headers));
  },
});

export const signOut = route({
  method: 'delete',
  path: '/sessions/current',
  access: 'signed-in',
  summary: 'Signs out.',
  async handle({ center, request, headers }) {
    setCookies(headers, await center.accounts.signOut(request.headers));
  },
});

export const demoPeople = route({
  method: 'get',
  path: '/sessions/demo',
  access: 'public',
  summary: 'The people one may sign in as; only in a demo.',
  answer: z.array(
    z.object({
      account: z.string(),
      name: z.string(),
      organisation: z.string(),
      organisationName: LocalText,
      role: Role,
      link: z.string(),
    }),
  ),
  async handle({ center }) {
    if (!center.demoPeople) throw notFound();
    const index = await center.estate.index();
    return (await center.demoPeople()).map((person) => ({
      ...person,
      organisationName: index.organisation(person.organisation)?.name ?? { en: person.organisation, zh: person.organisation },
      role: Role.parse(person.role),
    }));
  },
});

export const me = route({
  method: 'get',
  path: '/me',
  access: 'signed-in',
  summary: 'Who is signed in and what they may do.',
  answer: Me,
  handle: ({ center, principal, scope }) =>
    center.database.scoped(scope, async (tx) => {
      const organisation = found(await findEstate(tx, 'organisations', principal.organisation));
      return {
        account: principal.account,
        name: principal.name,
        organisation: { id: organisation.id, name: organisation.name, centre: principal.centre },
        role: principal.role,
        permissions: [...principal.permissions],
        demo: center.demo,
      };
    }),
});

export const changePassword = route({
  method: 'put',
  path: '/me/password',
  access: 'signed-in',
  summary: 'Sets the own password; the present one is asked for where there is one.',
  body: z.strictObject({
    current: Password.optional(),
    password: z.string().min(12, 'Take at least twelve characters.').max(200),
  }),
  handle: ({ center, body, request }) => center.accounts.changePassword(request.headers, body),
});

export const enrolTotp = route({
  method: 'post',
  path: '/me/totp',
  access: 'signed-in',
  summary: 'Begins a second factor: the secret for an authenticator, once.',
  body: z.strictObject({ password: Password.optional() }),
  answer: z.object({ secret: z.string(), uri: z.string() }),
  handle: ({ center, body, request }) => center.accounts.enrolTotp(request.headers, body.password),
});

export const confirmTotp = route({
  method: 'put',
  path: '/me/totp',
  access: 'signed-in',
  summary: 'Confirms the second factor with a code of it.',
  body: z.strictObject({ code: z.string().regex(/^\d{6}$/, 'The code has six digits.') }),
  handle: ({ center, body, request }) => center.accounts.confirmTotp(request.headers, body.code),
});
