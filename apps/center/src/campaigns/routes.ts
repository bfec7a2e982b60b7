/** Campaigns: many small incidents that are one matter, graded together. They tell of several organisations at once, so they are the centre's. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { formatInstant } from '@forewarn/base/time';
import { page } from '@forewarn/model/api';
import { CampaignSummary, CampaignView } from '@forewarn/model/grading-api';
import type { Transaction } from '@forewarn/store/postgres/database';
import {
  addCampaign,
  addMembers,
  findCampaign,
  listCampaigns,
  lockCampaign,
  membersOf,
  newestCampaignGrades,
  removeMembers,
  saveCampaign,
  type Campaign,
} from '@forewarn/store/resources/campaigns';
import { findIncident, participantsOf, type Incident } from '@forewarn/store/resources/incidents';
import { nextNumber } from '@forewarn/store/resources/numbers';
import { act, type Acting } from '../act.ts';
import { route } from '../api/route.ts';
import { Id, PageQuery } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import { deskOf } from '../grading/desk.ts';
import { tableInForce } from '../grading/table.ts';
import { factName } from '../incidents/grade-view.ts';
import type { Principal } from '../ports.ts';
import { scopeOf } from '../ports.ts';
import { denied, found, invalid } from '../refusals.ts';
import { campaignsDue, factsTogether, gradeCampaign, historyOf } from './grade.ts';

/** Incidents of one campaign: more are watched as a situation, not as one matter. */
const incidentsMax = 500;

const leadingOf = (center: Center): string => center.schemes[0]!.scheme.id;

const summaryOf = (campaign: Campaign & { incidents: number }, grade: CampaignSummary['grade']): CampaignSummary => ({
  ...campaign,
  createdAt: formatInstant(campaign.createdAt),
  changedAt: formatInstant(campaign.changedAt),
  grade,
});

/** The newest grades by the leading scheme. */
async function gradesOf(
  tx: Transaction,
  center: Center,
  campaigns: readonly string[],
): Promise<Map<string, CampaignSummary['grade']>> {
  const leading = leadingOf(center);
  const rows = await newestCampaignGrades(tx, campaigns);
  return new Map(
    rows
      .filter(({ scheme }) => scheme === leading)
      .map(({ campaign, scheme, floor, ceiling }) => [campaign, { scheme, floor, ceiling }]),
  );
}

export const listOfCampaigns = route({
  method: 'get',
  path: '/campaigns',
  access: 'incidents:read',
  summary: 'Campaigns of many incidents, the last changed first. Of the centre.',
  query: PageQuery.extend({
    state: z.enum(['open', 'closed']).optional(),
    incident: z.string().min(1).max(100).optional().describe('Those that this incident belongs to.'),
  }),
  answer: page(CampaignSummary),
  handle: ({ center, scope, query }) =>
    center.database.scoped(scope, async (tx) => {
      const { items, next } = await listCampaigns(tx, query);
      const grades = await gradesOf(
        tx,
        center,
        items.map(({ id }) => id),
      );
      return { items: items.map((one) => summaryOf(one, grades.get(one.id) ?? null)), next };
    }),
});

async function viewOf(center: Center, principal: Principal, id: string): Promise<CampaignView> {
  return center.database.scoped(scopeOf(principal), async (tx) => {
    const campaign = found(await findCampaign(tx, id));
    const members = await membersOf(tx, id);
    const present = members.filter(({ removedAt }) => removedAt === null).map(({ incident }) => incident);
    const table = await tableInForce(tx, center);
    const { facts, made, origins } = await factsTogether(tx, center, table, present, campaign.number);
    const incidents = new Map<string, Incident>();
    for (const incident of new Set(members.map((one) => one.incident))) {
      const one = await findIncident(tx, incident);
      if (one) incidents.set(incident, one);
    }
    const participants = await participantsOf(tx, [...incidents.keys()]);
    const grades = await gradesOf(tx, center, [id]);
    return {
      ...summaryOf({ ...campaign, incidents: present.length }, grades.get(id) ?? null),
      members: members.flatMap(({ incident, at, by, reason, removedAt, removedBy, removedReason }) => {
        const one = incidents.get(incident);
        if (!one) return [];
        const concerned = (participants.get(incident) ?? []).filter((each) => each.concerned);
        return [
          {
            incident,
            number: one.number,
            title: one.title,
            state: one.state,
            organisations: concerned.map(({ organisation }) => organisation),
            at: formatInstant(at),
            by,
            reason,
            removed:
              removedAt === null ? null : { at: formatInstant(removedAt), by: removedBy ?? '', reason: removedReason ?? '' },
            grade: one.grade && { scheme: one.grade.scheme, floor: one.grade.floor, ceiling: one.grade.ceiling },
          },
        ];
      }),
      desk: deskOf(center, table, { incident: null, facts, origins }),
      together: made.map((one) => ({ ...one, name: factName(center.content.facts.get(one.fact), one.fact) })),
      history: await historyOf(tx, id),
    };
  });
}

export const oneCampaign = route({
  method: 'get',
  path: '/campaigns/{id}',
  access: 'incidents:read',
  summary: 'One campaign: its incidents, their facts taken together, its grade under every scheme, and how it came to that.',
  params: Id,
  answer: CampaignView,
  handle: ({ center, principal, params }) => viewOf(center, principal, params.id),
});

const Incidents = z.array(z.string().min(1).max(100)).max(incidentsMax);
const Reason = z.string().trim().min(1).max(2000);

/** Every one must be there; one that is not is told as unknown. */
async function mustExist(tx: Transaction, incidents: readonly string[]): Promise<void> {
  for (const id of new Set(incidents)) found(await findIncident(tx, id));
}

export const createCampaign = route({
  method: 'post',
  path: '/campaigns',
  access: 'incidents:write',
  summary: 'Makes a campaign of incidents that are one matter. For the centre.',
  body: z.strictObject({
    name: z.string().trim().min(1).max(300),
    note: z.string().trim().max(5000).default(''),
    incidents: Incidents.min(1),
    reason: Reason,
  }),
  answer: CampaignView,
  status: 201,
  async handle({ center, principal, body }) {
    if (!principal.centre) throw denied('A campaign tells of several organisations: only the centre makes one.');
    const id = await act(center, principal, async (acting) => {
      const { tx, at } = acting;
      await mustExist(tx, body.incidents);
      const number = await nextNumber(tx, 'CP', new Date(at * 1000).getUTCFullYear());
      const campaign = await addCampaign(tx, {
        number,
        name: body.name,
        note: body.note,
        createdAt: at,
        createdBy: principal.account,
      });
      const added = await addMembers(tx, campaign, [...new Set(body.incidents)], {
        at,
        by: principal.account,
        reason: body.reason,
      });
      acting.audit('campaign.create', `campaign/${number}`, { name: body.name, incidents: added, reason: body.reason });
      await gradeCampaign(acting, { id: campaign, number });
      changed(acting, campaign, principal);
      return campaign;
    });
    return viewOf(center, principal, id);
  },
});

const changed = (acting: Acting, id: string, { organisation }: Principal): void =>
  acting.changed('incident', id, { organisation });

export const changeCampaign = route({
  method: 'post',
  path: '/campaigns/{id}/change',
  access: 'incidents:write',
  summary: 'Adds incidents to a campaign, takes some out, names it anew, closes or reopens it. What was, stays in its history.',
  params: Id,
  body: z.strictObject({
    name: z.string().trim().min(1).max(300).optional(),
    note: z.string().trim().max(5000).optional(),
    state: z.enum(['open', 'closed']).optional(),
    add: Incidents.default([]),
    remove: Incidents.default([]),
    reason: Reason,
  }),
  answer: CampaignView,
  async handle({ center, principal, scope, params, body }) {
    found(await center.database.scoped(scope, (tx) => findCampaign(tx, params.id)));
    await act(center, principal, async (acting) => {
      const { tx, at } = acting;
      const campaign = found(await lockCampaign(tx, params.id));
      await mustExist(tx, body.add);
      const { name, note, state, reason } = body;
      if (campaign.state === 'closed' && state !== 'open')
        throw new Refusal('campaign.closed', 'The campaign is closed.', { advice: 'Reopen it first.' });
      const members = new Set(
        (await membersOf(tx, campaign.id)).filter(({ removedAt }) => removedAt === null).map(({ incident }) => incident),
      );
      const unknown = body.remove.find((id) => !members.has(id));
      if (unknown !== undefined) throw invalid('remove', `"${unknown}" does not belong to the campaign.`);
      if (members.size + body.add.length > incidentsMax)
        throw invalid('add', `A campaign has ${incidentsMax} incidents at most.`, 'Make a second one.');
      const why = { at, by: principal.account, reason };
      const added = await addMembers(tx, campaign.id, [...new Set(body.add)], why);
      await removeMembers(tx, campaign.id, body.remove, why);
      await saveCampaign(tx, {
        id: campaign.id,
        name: name ?? campaign.name,
        note: note ?? campaign.note,
        state: state ?? campaign.state,
        changedAt: at,
      });
      acting.audit('campaign.change', `campaign/${campaign.number}`, {
        ...(name === undefined ? {} : { name }),
        ...(state === undefined ? {} : { state }),
        ...(added.length > 0 ? { added } : {}),
        ...(body.remove.length > 0 ? { removed: body.remove } : {}),
        reason,
      });
      await gradeCampaign(acting, campaign);
      changed(acting, campaign.id, principal);
    });
    return viewOf(center, principal, params.id);
  },
});

export const campaignRoutes = [listOfCampaigns, oneCampaign, createCampaign, changeCampaign];

/** Grades campaigns whose incidents changed; each in an act of its own. Run by the centre's jobs. */
export async function gradeCampaignsDue(center: Center): Promise<number> {
  const due = await campaignsDue(center);
  for (const id of due) {
    await act(center, null, async (acting) => {
      const campaign = await lockCampaign(acting.tx, id);
      if (campaign) await gradeCampaign(acting, campaign);
    });
  }
  return due.length;
}
