/** Preventive measures that causes add up to: whose they are, which office answers for them, how far they are, and whether the cause came back. */

import { z } from 'zod';
import { formatInstant } from '@forewarn/base/time';
import { effectOf } from '@forewarn/assess/causes/recurrence';
import { page } from '@forewarn/model/api';
import { PreventionState, PreventionView, type CausedIncident, type Prevention } from '@forewarn/model/cause';
import { Slug } from '@forewarn/model/estate';
import { applyPrevention } from '@forewarn/respond/prevention';
import type { Transaction } from '@forewarn/store/postgres/database';
import {
  addPrevention,
  causedIncidents,
  findPrevention,
  listPreventions,
  lockPrevention,
  preventionEvents,
  savePrevention,
} from '@forewarn/store/resources/causes';
import { act } from '../act.ts';
import { route } from '../api/route.ts';
import { At, Id, PageQuery } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import { scopeOf, type Principal } from '../ports.ts';
import { denied, found, invalid } from '../refusals.ts';

async function views(tx: Transaction, center: Center, preventions: readonly Prevention[]): Promise<PreventionView[]> {
  const events = await preventionEvents(tx, preventions.map(({ id }) => id)); // oxfmt-ignore
  const { items } = await causedIncidents(tx);
  const { centre } = await center.estate.index();
  const now = center.clock.now();
  return preventions.map(({ since, dueAt, doneAt, ...one }) => ({
    ...one,
    since: formatInstant(since),
    dueAt: dueAt === null ? null : formatInstant(dueAt),
    doneAt: doneAt === null ? null : formatInstant(doneAt),
    overdue: dueAt !== null && dueAt < now && one.state !== 'done' && one.state !== 'dropped',
    // What an organisation does helps itself; the centre's measures are for everybody.
    ...effectOf({ ...one, doneAt }, items.filter((item: CausedIncident) => one.organisation === centre?.id || item.organisation === one.organisation)), // oxfmt-ignore
    history: events.get(one.id)!.map(({ at, by, state, reason }) => ({ at: formatInstant(at), by, state, reason })),
  }));
}

const viewOf = (center: Center, principal: Principal, id: string): Promise<PreventionView> =>
  center.database.scoped(scopeOf(principal), async (tx) => (await views(tx, center, [found(await findPrevention(tx, id))]))[0]!);

export const listOfPreventions = route({
  method: 'get',
  path: '/preventions',
  access: 'incidents:read',
  summary: 'Preventive measures of the own organisation, the last changed first; the centre sees all.',
  query: PageQuery.extend({ state: PreventionState.optional() }),
  answer: page(PreventionView),
  handle: ({ center, scope, query }) =>
    center.database.scoped(scope, async (tx) => {
      const { items, next } = await listPreventions(tx, query);
      return { items: await views(tx, center, items), next };
    }),
});

export const makePrevention = route({
  method: 'post',
  path: '/preventions',
  access: 'incidents:write',
  summary: 'Proposes a preventive measure against causes; the centre may for others.',
  body: z.strictObject({
    organisation: Slug.optional().describe('Whose measure it is; the own organisation, when left out.'),
    measure: Slug.optional().describe('Of the taxonomy; left out for one that it does not list.'),
    title: z.string().trim().min(1).max(300),
    causes: z.array(Slug).min(1).max(20),
    owner: z.string().trim().min(1).max(200).describe('The office that answers for it.'),
    dueAt: At.optional(),
  }),
  answer: PreventionView,
  status: 201,
  async handle({ center, principal, body }) {
    const organisation = body.organisation ?? principal.organisation;
    if (organisation !== principal.organisation && !principal.centre) {
      throw denied('Only the centre proposes measures to others.');
    }
    const index = await center.estate.index();
    if (!index.organisation(organisation)) throw invalid('organisation', `"${organisation}" is not registered.`);
    const unknown = body.causes.find((id) => !center.causes.causes.has(id));
    if (unknown !== undefined) throw invalid('causes', `There is no cause "${unknown}".`, 'GET /causes/catalogue lists them.');
    if (body.measure !== undefined && !center.causes.measures.has(body.measure)) {
      throw invalid('measure', `There is no measure "${body.measure}".`, 'GET /causes/catalogue lists them.');
    }
    const id = await act(center, principal, async (acting) => {
      const one: Omit<Prevention, 'id'> = {
        organisation,
        measure: body.measure ?? null,
        title: body.title,
        causes: body.causes,
        owner: body.owner,
        state: 'proposed',
        since: acting.at,
        dueAt: body.dueAt ?? null,
        doneAt: null,
        reason: null,
      };
      const made = await addPrevention(acting.tx, one, principal.account);
      acting.audit('prevention.propose', `prevention/${made}`, { title: body.title, organisation });
      acting.changed('prevention', made, { organisation });
      return made;
    });
    return viewOf(center, principal, id);
  },
});

export const changePrevention = route({
  method: 'post',
  path: '/preventions/{id}/state',
  access: 'incidents:write',
  summary: 'Moves a preventive measure on: agreed, being done, done, dropped, or taken up again.',
  params: Id,
  body: z.strictObject({
    state: PreventionState,
    owner: z.string().trim().min(1).max(200).optional(),
    dueAt: At.nullable().optional(),
    reason: z.string().trim().min(1).max(2000).optional(),
  }),
  answer: PreventionView,
  async handle({ center, principal, scope, params, body }) {
    found(await center.database.scoped(scope, (tx) => findPrevention(tx, params.id)));
    await act(center, principal, async (acting) => {
      const before = found(await lockPrevention(acting.tx, params.id));
      const next = applyPrevention(before, { state: body.state, at: acting.at, reason: body.reason ?? null });
      await savePrevention(
        acting.tx,
        { ...next, owner: body.owner ?? next.owner, dueAt: body.dueAt === undefined ? next.dueAt : body.dueAt },
        principal.account,
      );
      acting.audit(`prevention.${body.state}`, `prevention/${params.id}`, body.reason ? { reason: body.reason } : {});
      acting.changed('prevention', params.id, { organisation: before.organisation });
    });
    return viewOf(center, principal, params.id);
  },
});
