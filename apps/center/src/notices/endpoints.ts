/** Endpoints of the own organisation: where its notices go besides the workbench, what became of them, and tests. */

import { randomBytes, randomInt, randomUUID, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { formatInstant } from '@forewarn/base/time';
import { Refusal } from '@forewarn/base/refusal';
import { page } from '@forewarn/model/api';
import { ChannelTrouble, DeliveryState, DeliveryView, EndpointTerms, EndpointView } from '@forewarn/model/channel';
import { webhookUrl } from '@forewarn/share/channels/reach';
import { makeWebhookSecret } from '@forewarn/share/channels/webhook';
import {
  addEndpoint,
  endpointsMax,
  endpointsOf,
  findEndpoint,
  lockEndpoint,
  removeEndpoint,
  saveEndpoint,
  troubledEndpoints,
  type Endpoint,
} from '@forewarn/store/resources/channels';
import { hurryDeliveries, listDeliveries } from '@forewarn/store/resources/deliveries';
import { act, type Acting } from '../act.ts';
import { route, type Route } from '../api/route.ts';
import { Id, PageQuery } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import { scopeOf, type Principal } from '../ports.ts';
import { denied, found, invalid } from '../refusals.ts';

const Name = z.string().trim().min(1).max(100);

/** Troubles of all organisations that the centre is shown at once: more than somebody telephones about in a day. */
const troublesMax = 100;

/** Tests of one organisation within ten minutes: enough to set something up, too few to knock at doors with. */
const testsMax = 20;
const testSeconds = 600;

/** A code of six digits is guessed once in two hundred thousand times. */
const guessesMax = 5;

function viewOf(one: Endpoint & { waiting: number }): EndpointView {
  const { trouble } = one;
  return {
    id: one.id,
    organisation: one.organisation,
    kind: one.kind,
    name: one.name,
    address: shownAddress(one),
    terms: one.terms,
    state: one.state,
    madeAt: formatInstant(one.madeAt),
    madeBy: one.madeBy,
    lastSentAt: one.lastSentAt === null ? null : formatInstant(one.lastSentAt),
    waiting: one.waiting,
    trouble: trouble && { ...trouble, at: formatInstant(trouble.at) },
  };
}

/** Without the query, where receivers like to put a key. */
function shownAddress({ kind, address }: Pick<Endpoint, 'kind' | 'address'>): string {
  if (kind === 'mail') return address;
  const url = new URL(address);
  return `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`;
}

const listOfEndpoints = route({
  method: 'get',
  path: '/channels',
  access: 'warnings:read',
  summary: 'Where notices of the own organisation go, how that fares, and what waits.',
  answer: page(EndpointView),
  handle: ({ center, principal, scope }) =>
    center.database.scoped(scope, async (tx) => ({
      items: (await endpointsOf(tx, principal.organisation)).map(viewOf),
      next: null,
    })),
});

const listOfTroubles = route({
  method: 'get',
  path: '/channel-troubles',
  access: 'warnings:read',
  summary: 'Endpoints that something did not reach: the own; of all organisations for the centre.',
  answer: page(EndpointView),
  handle: ({ center, scope }) =>
    center.database.scoped(scope, async (tx) => ({ items: (await troubledEndpoints(tx, troublesMax)).map(viewOf), next: null })),
});

const makeEndpoint = route({
  method: 'post',
  path: '/channels',
  access: 'channels:write',
  summary:
    'Adds a mailbox or a webhook. It gets notices when it was proven to be the own: by a mailed code, or by a test that it accepts.',
  body: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('mail'), name: Name, address: z.email().max(320), terms: EndpointTerms }),
    z.strictObject({ kind: z.literal('webhook'), name: Name, address: z.string().min(1).max(2_000), terms: EndpointTerms }),
  ]),
  answer: EndpointView.extend({ secret: z.string().nullable().describe('Of a webhook; shown once.') }),
  status: 201,
  async handle({ center, principal, body }) {
    if (body.kind === 'webhook' && !webhookUrl(body.address)) {
      throw invalid(
        'address',
        'This is no address for a webhook.',
        'Write https://, a name and a path, without a user name, password or #.',
      );
    }
    const id = randomUUID();
    const secret = body.kind === 'webhook' ? makeWebhookSecret((bytes) => randomBytes(bytes)) : null;
    const made = await act(center, principal, async (acting) => {
      if ((await endpointsOf(acting.tx, principal.organisation)).length >= endpointsMax) {
        throw new Refusal('channel.many', `An organisation has at most ${endpointsMax} endpoints.`, {
          advice: 'Remove one that is no longer needed.',
        });
      }
      const endpoint: Endpoint = {
        id,
        organisation: principal.organisation,
        kind: body.kind,
        name: body.name,
        address: body.address,
        secret: secret === null ? null : center.notices.seal(id, secret),
        terms: body.terms,
        state: 'unproven',
        madeAt: acting.at,
        madeBy: principal.account,
        lastSentAt: null,
        guesses: 0,
        trouble: null,
      };
      await addEndpoint(acting.tx, endpoint);
      acting.audit('channel.make', `channel/${id}`, { kind: body.kind, address: shownAddress(endpoint) });
      return endpoint;
    });
    return { ...viewOf({ ...made, waiting: 0 }), secret };
  },
});

const changeEndpoint = route({
  method: 'patch',
  path: '/channels/{id}',
  access: 'channels:write',
  summary: 'Changes what goes to an endpoint, or pauses it. Another address is another endpoint.',
  params: Id,
  body: z.strictObject({
    name: Name.optional(),
    terms: EndpointTerms.optional(),
    state: z.enum(['active', 'paused']).optional(),
  }),
  answer: EndpointView,
  handle: ({ center, principal, params, body }) =>
    actOn(center, principal, params.id, async (acting, endpoint) => {
      if (body.state === 'active' && endpoint.state === 'unproven') throw unproven();
      acting.audit('channel.change', `channel/${endpoint.id}`, {
        ...(body.state === undefined ? {} : { state: body.state }),
        ...(body.terms === undefined ? {} : { terms: JSON.stringify(body.terms) }),
      });
      return {
        ...endpoint,
        name: body.name ?? endpoint.name,
        terms: body.terms ?? endpoint.terms,
        state: endpoint.state === 'unproven' ? 'unproven' : (body.state ?? endpoint.state),
      };
    }),
});

const dropEndpoint = route({
  method: 'delete',
  path: '/channels/{id}',
  access: 'channels:write',
  summary: 'Removes an endpoint. What waited for it is given up; the log of what went there stays.',
  params: Id,
  async handle({ center, principal, params }) {
    await ownEndpoint(center, principal, params.id);
    await act(center, principal, async (acting) => {
      found(await lockEndpoint(acting.tx, params.id));
      await removeEndpoint(acting.tx, params.id, acting.at, { code: 'removed', text: { text: 'channels.trouble.removed' } });
      acting.audit('channel.remove', `channel/${params.id}`);
    });
  },
});

const renewSecret = route({
  method: 'post',
  path: '/channels/{id}/secret',
  access: 'channels:write',
  summary: 'Makes another secret for a webhook; the former signs nothing from now on.',
  params: Id,
  answer: z.object({ secret: z.string().describe('Shown once.') }),
  status: 201,
  async handle({ center, principal, params }) {
    const secret = makeWebhookSecret((bytes) => randomBytes(bytes));
    await actOn(center, principal, params.id, async (acting, endpoint) => {
      if (endpoint.kind !== 'webhook') throw invalid('id', 'A mailbox has no secret.');
      acting.audit('channel.secret', `channel/${endpoint.id}`);
      return { ...endpoint, secret: center.notices.seal(endpoint.id, secret) };
    });
    return { secret };
  },
});

/** When each organisation last tested: in memory, as a restart is no way to test more. */
const tests = new Map<string, number[]>();
/** Organisations remembered; each entry is some numbers. */
const testersMax = 20_000;

function countTest(organisation: string, at: number): void {
  const recent = (tests.get(organisation) ?? []).filter((one) => one > at - testSeconds);
  if (recent.length >= testsMax) {
    throw new Refusal('request.too-many', 'Too many tests in a short time.', { advice: 'Wait some minutes.' });
  }
  if (tests.size >= testersMax) tests.clear();
  tests.set(organisation, [...recent, at]);
}

const testEndpoint = route({
  method: 'post',
  path: '/channels/{id}/test',
  access: 'channels:write',
  summary: 'Sends a test now and says how it went. A webhook that accepts it is proven; a mailbox gets a code that proves it.',
  params: Id,
  answer: z.object({ arrived: z.boolean(), trouble: ChannelTrouble.nullable() }),
  async handle({ center, principal, params }) {
    const endpoint = await ownEndpoint(center, principal, params.id);
    countTest(principal.organisation, center.clock.now());
    const asks = endpoint.kind === 'mail' && endpoint.state === 'unproven';
    const code = asks ? String(randomInt(1_000_000)).padStart(6, '0') : undefined;
    if (code !== undefined) {
      await act(center, principal, async ({ tx }) => {
        const locked = found(await lockEndpoint(tx, endpoint.id));
        await saveEndpoint(tx, { ...locked, guesses: 0, secret: center.notices.seal(endpoint.id, code) });
      });
    }
    // Outside of any transaction: it may take some seconds.
    const trouble = await center.notices.prove(endpoint, code);
    await act(center, principal, async (acting) => {
      acting.audit('channel.test', `channel/${endpoint.id}`, { trouble: trouble?.code ?? 'none' });
      const locked = await lockEndpoint(acting.tx, endpoint.id);
      if (!locked || trouble !== null || asks) return;
      await saveEndpoint(acting.tx, { ...locked, state: locked.state === 'unproven' ? 'active' : locked.state, trouble: null });
      // What was put off comes now: whoever mended a receiver presses this first.
      await hurryDeliveries(acting.tx, endpoint.id, acting.at);
      acting.tx.afterCommit(() => center.notices.wake());
    });
    return { arrived: trouble === null, trouble };
  },
});

const confirmEndpoint = route({
  method: 'post',
  path: '/channels/{id}/confirm',
  access: 'channels:write',
  summary: 'Proves a mailbox by the code that was mailed to it.',
  params: Id,
  body: z.strictObject({ code: z.string().trim().min(1).max(20) }),
  answer: EndpointView,
  async handle({ center, principal, params, body }) {
    let wrong = false;
    const view = await actOn(center, principal, params.id, async (acting, endpoint) => {
      if (endpoint.kind !== 'mail' || endpoint.secret === null || endpoint.guesses >= guessesMax) throw noCode();
      const right = Buffer.from(center.notices.unseal(endpoint.id, endpoint.secret));
      const given = Buffer.from(body.code);
      wrong = given.length !== right.length || !timingSafeEqual(given, right);
      // A wrong code is counted, so it is kept.
      if (wrong) return { ...endpoint, guesses: endpoint.guesses + 1 };
      acting.audit('channel.confirm', `channel/${endpoint.id}`);
      return {
        ...endpoint,
        secret: null,
        guesses: 0,
        trouble: null,
        state: endpoint.state === 'unproven' ? 'active' : endpoint.state,
      };
    });
    if (wrong) throw invalid('code', 'This is not the code that was mailed.', 'Look at the newest mail, or have another sent.');
    return view;
  },
});

const listOfDeliveries = route({
  method: 'get',
  path: '/notice-deliveries',
  access: 'warnings:read',
  summary: 'What went to the own endpoints, what waits and what was given up, the last first.',
  query: PageQuery.extend({ endpoint: z.string().max(100).optional(), state: DeliveryState.optional() }),
  answer: page(DeliveryView),
  handle: ({ center, principal, scope, query }) =>
    center.database.scoped(scope, async (tx) => {
      const { items, next } = await listDeliveries(tx, principal.organisation, query);
      return {
        items: items.map(({ body, at, dueAt, endedAt, ...rest }) => ({
          ...rest,
          kind: body.kind,
          subject: body.subject,
          number: body.number,
          title: body.title,
          marking: body.marking,
          colour: body.colour,
          at: formatInstant(at),
          dueAt: rest.state === 'waiting' ? formatInstant(dueAt) : null,
          endedAt: endedAt === null ? null : formatInstant(endedAt),
        })),
        next,
      };
    }),
});

export const endpointRoutes: readonly Route[] = [
  listOfEndpoints,
  makeEndpoint,
  changeEndpoint,
  dropEndpoint,
  renewSecret,
  testEndpoint,
  confirmEndpoint,
  listOfDeliveries,
  listOfTroubles,
];

/** The asker's organisation's own; the centre does not set where others' notices go. */
async function ownEndpoint(center: Center, principal: Principal, id: string): Promise<Endpoint> {
  const endpoint = found(await center.database.scoped(scopeOf(principal), (tx) => findEndpoint(tx, id)));
  if (endpoint.organisation !== principal.organisation) throw denied('Each organisation sets its own channels.');
  return endpoint;
}

/** Changes an endpoint of the own organisation; answers with how it then is. */
async function actOn(
  center: Center,
  principal: Principal,
  id: string,
  work: (acting: Acting, endpoint: Endpoint) => Promise<Endpoint>,
): Promise<EndpointView> {
  await ownEndpoint(center, principal, id);
  await act(center, principal, async (acting) => {
    await saveEndpoint(acting.tx, await work(acting, found(await lockEndpoint(acting.tx, id))));
    acting.tx.afterCommit(() => center.notices.wake());
  });
  return center.database.scoped(scopeOf(principal), async (tx) =>
    viewOf(found((await endpointsOf(tx, principal.organisation)).find((one) => one.id === id))),
  );
}

const unproven = (): Refusal =>
  new Refusal('channel.unproven', 'Nobody has shown yet that this is yours.', {
    place: { field: 'state' },
    advice: 'Send a test first: a webhook must accept it, a mailbox gets a code to enter.',
  });

const noCode = (): Refusal =>
  new Refusal('channel.code', 'No code is open for this mailbox.', {
    place: { field: 'code' },
    advice: 'Have a new one sent with a test.',
  });
