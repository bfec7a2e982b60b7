/**
 * Feeds: notices as Atom with a CAP message each, for readers that cannot sign in. An organisation's feed is opened by a token that stands in its
 * address, and shows what its pages show; the public one shows what everybody may know, where the centre has one.
 */

import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { formatInstant } from '@forewarn/base/time';
import { Refusal } from '@forewarn/base/refusal';
import { kindOf, makeSecret, secretHash, secretKinds } from '@forewarn/guard/secrets';
import { page } from '@forewarn/model/api';
import { FeedTokenView } from '@forewarn/model/channel';
import { languages, type Language } from '@forewarn/model/text';
import { atomOf, atomType, entriesMax } from '@forewarn/share/channels/atom';
import { capOf, capType } from '@forewarn/share/channels/cap';
import {
  addFeedToken,
  channelSettings,
  feedTokensMax,
  feedTokensOf,
  findFeedToken,
  removeFeedToken,
  useFeedToken,
  type FeedToken,
} from '@forewarn/store/resources/channels';
import { findNotice, noticesBefore, noticesOf } from '@forewarn/store/resources/notices';
import { act } from '../act.ts';
import { route, type Route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import { denied, found, signInFirst } from '../refusals.ts';
import { domainOfCentre, ownerOf, speakerIn, toldOf } from './telling.ts';

/** Messages before one that a CAP message names. */
const earlierMax = 20;

const instant = (at: number | null): string | null => (at === null ? null : formatInstant(at));

const viewOf = ({ id, name, madeAt, madeBy, lastUsedAt }: FeedToken): FeedTokenView => ({
  id,
  name,
  madeBy,
  madeAt: formatInstant(madeAt),
  lastUsedAt: instant(lastUsedAt),
});

const listOfFeedTokens = route({
  method: 'get',
  path: '/feed-tokens',
  access: 'channels:write',
  summary: 'Readers of the own organisation’s feed.',
  answer: page(FeedTokenView),
  handle: ({ center, principal, scope }) =>
    center.database.scoped(scope, async (tx) => ({
      items: (await feedTokensOf(tx, principal.organisation)).map(viewOf),
      next: null,
    })),
});

const makeFeedToken = route({
  method: 'post',
  path: '/feed-tokens',
  access: 'channels:write',
  summary: 'Makes an address of the own organisation’s feed for one reader. Whoever has it reads what the organisation is told.',
  body: z.strictObject({ name: z.string().trim().min(1).max(100) }),
  answer: FeedTokenView.extend({ token: z.string().describe('Shown once.') }),
  status: 201,
  async handle({ center, principal, body }) {
    const token = makeSecret(secretKinds.feed, (bytes) => randomBytes(bytes));
    const made = await act(center, principal, async (acting) => {
      if ((await feedTokensOf(acting.tx, principal.organisation)).length >= feedTokensMax) {
        throw new Refusal('channel.many', `An organisation has at most ${feedTokensMax} readers of its feed.`, {
          advice: 'Remove one that is no longer needed.',
        });
      }
      const one: FeedToken = {
        id: randomUUID(),
        organisation: principal.organisation,
        name: body.name,
        madeAt: acting.at,
        madeBy: principal.account,
        lastUsedAt: null,
      };
      await addFeedToken(acting.tx, { ...one, hash: secretHash(token) });
      acting.audit('channel.feed.make', `feed-token/${one.id}`, { name: body.name });
      return one;
    });
    return { ...viewOf(made), token };
  },
});

const dropFeedToken = route({
  method: 'delete',
  path: '/feed-tokens/{id}',
  access: 'channels:write',
  summary: 'Ends one reader’s address of the feed.',
  params: Id,
  async handle({ center, principal, scope, params }) {
    const token = found(await center.database.scoped(scope, (tx) => findFeedToken(tx, params.id)));
    if (token.organisation !== principal.organisation) throw denied('Each organisation has its own readers.');
    await act(center, principal, async (acting) => {
      await removeFeedToken(acting.tx, token.id);
      acting.audit('channel.feed.remove', `feed-token/${token.id}`, { name: token.name });
    });
  },
});

const TokenQuery = z.object({
  token: z.string().max(200).optional(),
  language: z.enum(languages).default('en'),
});

const noFeed = (): Refusal =>
  new Refusal('not-found', 'This centre has no public feed.', { advice: 'Organisations read their own by a token.' });

/** Whose notices a reader may read: an organisation's, by its token; or everybody's (null), where there is a public feed. */
async function readerOf(center: Center, token: string | undefined): Promise<string | null> {
  if (token === undefined) throw signInFirst();
  const organisation =
    kindOf(token) === secretKinds.feed
      ? await center.database.system((tx) => useFeedToken(tx, secretHash(token), center.clock.now()))
      : undefined;
  if (organisation === undefined) throw signInFirst();
  return organisation;
}

const ownFeed = route({
  method: 'get',
  path: '/feeds/notices',
  access: 'public',
  summary: 'Notices to an organisation as an Atom feed, opened by a token of its own.',
  query: TokenQuery,
  stream: atomType,
  async handle({ center, query }) {
    const organisation = await readerOf(center, query.token);
    return document(await feed(center, { organisation, language: query.language, token: query.token }), atomType);
  },
});

/** Whoever asks again within this time gets the same text: the whole internet may ask. */
const publishedSeconds = 10;
const published = new WeakMap<Center, Map<Language, { at: number; xml: string }>>();

const publicFeed = route({
  method: 'get',
  path: '/feeds/public',
  access: 'public',
  summary: 'Warnings marked TLP:CLEAR as an Atom feed, where the centre has opened it.',
  query: TokenQuery.pick({ language: true }),
  stream: atomType,
  async handle({ center, query }) {
    const { language } = query;
    const at = center.clock.now();
    const kept = published.get(center)?.get(language);
    if (kept && Math.abs(at - kept.at) < publishedSeconds) return document(kept.xml, atomType);
    const xml = await feed(center, { organisation: null, language, token: undefined });
    published.set(center, (published.get(center) ?? new Map()).set(language, { at, xml }));
    return document(xml, atomType);
  },
});

async function feed(
  center: Center,
  { organisation, language, token }: { organisation: string | null; language: Language; token: string | undefined },
): Promise<string> {
  const index = await center.estate.index();
  const { settings, notices } = await center.database.system(async (tx) => ({
    settings: await channelSettings(tx),
    notices: await noticesOf(tx, organisation, entriesMax),
  }));
  if (organisation === null && !settings.publicFeed) throw noFeed();
  const speaker = speakerIn(center, language);
  const root = `${settings.publicUrl ?? ''}/api/v1/feeds`;
  const whose = organisation === null ? index.centre : index.organisation(organisation);
  const name = whose?.name[language] ?? organisation ?? '';
  const key = token === undefined ? '' : `&token=${encodeURIComponent(token)}`;
  return atomOf(
    notices.map((one) => toldOf(one, { index, settings, demo: center.demo })),
    {
      speaker,
      title: speaker.say(organisation === null ? 'channels.feed.public' : 'channels.feed.title', { name }),
      domain: domainOfCentre(settings),
      path: organisation === null ? 'public' : `notices/${encodeURIComponent(organisation)}`,
      self: `${root}/${organisation === null ? 'public' : 'notices'}?language=${language}`,
      since: 0,
      capLink: (told) => (told.warning === null ? undefined : `${root}/cap/${told.id}?language=${language}${key}`),
    },
  );
}

/** With `token` a notice to its organisation, without one a public notice. */
const capMessage = route({
  method: 'get',
  path: '/feeds/cap/{id}',
  access: 'public',
  summary: 'One notice of a warning as a message of the Common Alerting Protocol 1.2, in both languages.',
  params: Id,
  query: TokenQuery,
  stream: capType,
  async handle({ center, params, query }) {
    const organisation = query.token === undefined ? null : await readerOf(center, query.token);
    return cap(center, params.id, organisation);
  },
});

const ownCap = route({
  method: 'get',
  path: '/notices/{id}/cap',
  access: 'warnings:read',
  summary: 'A notice to the own organisation as a message of the Common Alerting Protocol 1.2.',
  params: Id,
  stream: capType,
  async handle({ center, principal, scope, params }) {
    // Found as the asker first; what was told before it is the same recipient's.
    found(await center.database.scoped(scope, (tx) => findNotice(tx, params.id, principal.organisation)));
    return cap(center, params.id, principal.organisation);
  },
});

async function cap(center: Center, id: string, organisation: string | null): Promise<Response> {
  const index = await center.estate.index();
  const { settings, notice, earlier } = await center.database.system(async (tx) => {
    const one = await findNotice(tx, id, organisation);
    return {
      settings: await channelSettings(tx),
      notice: one,
      earlier: one ? await noticesBefore(tx, one, organisation, earlierMax) : [],
    };
  });
  if (organisation === null && !settings.publicFeed) throw noFeed();
  const kept = found(notice);
  const xml = capOf(toldOf(kept, { index, settings, demo: center.demo }), {
    speakers: languages.map((language) => speakerIn(center, language)),
    domain: domainOfCentre(settings),
    owner: ownerOf(kept.content) ?? 'centre',
    earlier,
  });
  return document(found(xml), capType);
}

/** Readers ask again and again; nobody between us and them keeps a copy. */
function document(xml: string, type: string): Response {
  return new Response(xml, {
    headers: { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  });
}

export const feedRoutes: readonly Route[] = [
  listOfFeedTokens,
  makeFeedToken,
  dropFeedToken,
  ownFeed,
  publicFeed,
  capMessage,
  ownCap,
];
