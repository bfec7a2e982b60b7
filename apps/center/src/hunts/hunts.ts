/** Hunts: a question in the hunt language about the records one may see, and questions that are kept. */

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { formatInstant } from '@forewarn/base/time';
import { Refusal } from '@forewarn/base/refusal';
import { writeRule } from '@forewarn/detect/sigma/write';
import { page } from '@forewarn/model/api';
import { HuntAnswer, huntRows, HuntText, SavedHuntBody, SavedHuntView } from '@forewarn/model/hunt';
import { logsMax, parseKql } from '@forewarn/model/kql/kql';
import type { Query } from '@forewarn/model/query/query';
import { recordTypes } from '@forewarn/model/records/index';
import {
  addHunt,
  changeHunt,
  countHunts,
  findHunt,
  listHunts,
  removeHunt,
  savedHuntsMax,
  type SavedHunt,
} from '@forewarn/store/resources/hunts';
import { act } from '../act.ts';
import type { Principal } from '../ports.ts';
import { recordScopeOf } from '../api/records.ts';
import { route } from '../api/route.ts';
import { At, Id } from '../api/shapes.ts';
import { denied, found, invalid } from '../refusals.ts';

/** When neither the question nor its asker says since when: the last day. */
const rangeSeconds = 86_400;

export const runHunt = route({
  method: 'post',
  path: '/hunts/run',
  access: 'records:read',
  summary: 'Asks a question in the hunt language (KQL-like) about records, and says what it read.',
  body: z.strictObject({ text: HuntText, from: At.optional(), to: At.optional() }),
  answer: HuntAnswer,
  async handle({ center, principal, body }) {
    const scope = recordScopeOf(principal);
    const now = center.clock.now();
    const asked = { to: body.to ?? now, from: body.from ?? (body.to ?? now) - rangeSeconds };
    // Words without a log are looked for in the logs that hold anything of the time.
    const searched = /\bsearch\b/.test(body.text)
      ? (await center.records.logsWith(scope, { range: asked })).slice(0, logsMax)
      : [];
    const hunt = parseKql(body.text, { now, recordTypes, searched });
    // What the question says of the time counts before the page's range.
    const range = { from: hunt.query.range?.from ?? asked.from, to: hunt.query.range?.to ?? asked.to };
    if (range.from >= range.to) throw invalid('from', 'The range ends before it begins.', 'Let "from" be earlier than "to".');
    const limit = hunt.query.limit ?? huntRows;
    const query: Query = {
      ...hunt.query,
      range,
      limit: limit + 1,
      // Records as they come are shown newest first; groups by time in its order.
      ...(hunt.query.order ? {} : hunt.query.group ? (hunt.bin ? { order: [{ field: 'window' }] } : {}) : newestFirst),
    };
    const read = { rows: 0, bytes: 0 };
    const began = performance.now();
    const rows = hunt.query.from.length === 0 ? [] : await center.records.query(scope, query, read);
    return {
      columns: hunt.columns ? [...hunt.columns] : null,
      logs: [...hunt.query.from],
      rows: rows.slice(0, limit),
      // A limit that was asked for is no lack.
      more: hunt.query.limit === undefined && rows.length > limit,
      range: { from: formatInstant(range.from), to: formatInstant(range.to) },
      bin: hunt.bin ?? null,
      grouped: hunt.query.group !== undefined,
      read: { ...read, ms: Math.round(performance.now() - began) },
    };
  },
});

const newestFirst = { order: [{ field: 'ts', descending: true }] };

const view = ({ createdAt, changedAt, organisation: _organisation, ...hunt }: SavedHunt, principal: Principal) =>
  SavedHuntView.parse({
    ...hunt,
    own: hunt.account === principal.account,
    createdAt: formatInstant(createdAt),
    changedAt: formatInstant(changedAt),
  });

/** Reads it, so that what is kept can be asked. */
const checked = (text: string, now: number): void => void parseKql(text, { now, recordTypes, searched: ['conn'] });

export const listOfHunts = route({
  method: 'get',
  path: '/hunts',
  access: 'records:read',
  summary: 'The own saved hunts, then those that colleagues share.',
  answer: page(SavedHuntView),
  async handle({ center, principal, scope }) {
    const hunts = await center.database.scoped(scope, (tx) => listHunts(tx, principal));
    return { items: hunts.map((hunt) => view(hunt, principal)), next: null };
  },
});

export const saveHunt = route({
  method: 'post',
  path: '/hunts',
  access: 'records:read',
  summary: 'Keeps a hunt under a name, for oneself or shared with the own organisation.',
  body: SavedHuntBody,
  answer: SavedHuntView,
  status: 201,
  async handle({ center, principal, body }) {
    checked(body.text, center.clock.now());
    return act(center, principal, async ({ tx, at, audit }) => {
      if ((await countHunts(tx, principal)) >= savedHuntsMax) {
        throw new Refusal('hunt.many', `${savedHuntsMax} hunts are kept already.`, { advice: 'Remove one that is not used.' });
      }
      const { account, organisation } = principal;
      const hunt = await addHunt(tx, { ...body, account, organisation, createdAt: at });
      audit('hunt.save', `hunt/${hunt.id}`, { name: hunt.name, shared: hunt.shared, text: hunt.text });
      return view(hunt, principal);
    });
  },
});

/** A hunt that its asker may change: his own. */
async function ownHunt({ center, principal, scope, params }: Parameters<typeof readHunt>[0]): Promise<SavedHunt> {
  const hunt = await readHunt({ center, principal, scope, params });
  if (hunt.account !== principal.account) throw denied('This hunt is a colleague’s.');
  return hunt;
}

async function readHunt({
  center,
  principal,
  scope,
  params,
}: {
  center: Parameters<typeof act>[0];
  principal: Principal;
  scope: Parameters<Parameters<typeof act>[0]['database']['scoped']>[0];
  params: { id: string };
}): Promise<SavedHunt> {
  return found(await center.database.scoped(scope, (tx) => findHunt(tx, principal, params.id)));
}

export const changeSavedHunt = route({
  method: 'put',
  path: '/hunts/{id}',
  access: 'records:read',
  summary: 'Changes an own saved hunt.',
  params: Id,
  body: SavedHuntBody,
  answer: SavedHuntView,
  async handle(asked) {
    const { center, principal, body } = asked;
    const { id } = await ownHunt(asked);
    checked(body.text, center.clock.now());
    return act(center, principal, async ({ tx, at, audit }) => {
      const hunt = found(await changeHunt(tx, id, { ...body, at }));
      audit('hunt.change', `hunt/${id}`, { name: hunt.name, shared: hunt.shared, text: hunt.text });
      return view(hunt, principal);
    });
  },
});

export const removeSavedHunt = route({
  method: 'delete',
  path: '/hunts/{id}',
  access: 'records:read',
  summary: 'Removes an own saved hunt.',
  params: Id,
  async handle(asked) {
    const { center, principal } = asked;
    const { id, name } = await ownHunt(asked);
    await act(center, principal, async ({ tx, audit }) => {
      await removeHunt(tx, id);
      audit('hunt.remove', `hunt/${id}`, { name });
    });
  },
});

export const huntAsRule = route({
  method: 'post',
  path: '/hunts/rule',
  access: 'records:read',
  summary: 'A hunt written as a Sigma rule: a skeleton whose level, tags and cases are its author’s.',
  body: z.strictObject({ name: z.string().trim().min(1).max(200), text: HuntText }),
  answer: z.object({ yaml: z.string() }),
  handle: async ({ center, principal, body }) => {
    const now = center.clock.now();
    const { query } = parseKql(body.text, { now, recordTypes, searched: [] });
    return {
      yaml: writeRule(
        {
          id: randomUUID(),
          title: body.name,
          description: `Made of the hunt: ${body.text}`,
          author: principal.organisation,
          date: formatInstant(now).slice(0, 10),
        },
        query,
      ),
    };
  },
});

export const huntRoutes = [runHunt, listOfHunts, saveHunt, changeSavedHunt, removeSavedHunt, huntAsRule];
