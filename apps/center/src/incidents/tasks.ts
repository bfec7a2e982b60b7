/** Tasks: pieces of work of one organisation in an incident. */

import { z } from 'zod';
import { IncidentView } from '@forewarn/model/api';
import { Slug } from '@forewarn/model/estate';
import type { TaskEvent } from '@forewarn/model/response';
import { applyTask, task } from '@forewarn/respond/tasks';
import { addTask, addTaskEvent, tasksOf } from '@forewarn/store/resources/histories';
import { participantsOf, saveIncident } from '@forewarn/store/resources/incidents';
import { route } from '../api/route.ts';
import { At, Id } from '../api/shapes.ts';
import { denied, found, invalid } from '../refusals.ts';
import { actOn } from './acts.ts';
import { noteOf } from './open.ts';

/** Tasks of one incident; a page lists them all. */
const tasksMax = 500;

/** What a task is that carries out a measure; its title says which. */
const measureKind = 'protective';

export const createTask = route({
  method: 'post',
  path: '/incidents/{id}/tasks',
  access: 'incidents:write',
  summary: 'Gives a task to an organisation that takes part.',
  params: Id,
  body: z.strictObject({
    title: z.string().trim().min(1).max(300),
    organisation: Slug,
    dueAt: At.optional(),
    measure: z
      .boolean()
      .default(false)
      .describe('A protective measure: done before harm began, it counts in the response ratio.'),
  }),
  answer: IncidentView,
  handle: ({ center, principal, params, body }) =>
    actOn(center, principal, params.id, async (doing) => {
      const { tx, at, incident } = doing;
      const leads = principal.centre || incident.lead.organisation === principal.organisation;
      if (!leads && body.organisation !== principal.organisation) throw denied('The centre and the lead give tasks to others.');
      const participants = (await participantsOf(tx, [incident.id])).get(incident.id)!;
      const known = [doing.index.centre!.id, ...participants.map(({ organisation }) => organisation)];
      if (!known.includes(body.organisation)) {
        throw invalid('organisation', `"${body.organisation}" takes no part in this incident.`, 'Ask it to support first.');
      }
      if ((await tasksOf(tx, incident.id)).length >= tasksMax)
        throw invalid('title', `An incident has at most ${tasksMax} tasks.`);
      const { organisation, title, dueAt } = body;
      const id = await addTask(tx, incident.id, { organisation, createdAt: at, by: principal.account });
      const due = dueAt === undefined ? {} : { dueAt };
      const measure = body.measure ? { measure: measureKind } : {};
      await addTaskEvent(
        tx,
        { incident: incident.id, task: id },
        { kind: 'create', at, by: principal.account, title, organisation, ...due, ...measure },
      );
      await noteOf(doing, incident.id)('task', { text: 'center.task.created', values: { title, organisation } }, id);
      await saveIncident(tx, { ...incident, updatedAt: at });
      doing.changed('incident', incident.id, { incident: incident.id });
      doing.audit('task.create', `incident/${incident.number}`, { task: id, organisation });
    }),
});

export const changeTask = route({
  method: 'patch',
  path: '/incidents/{id}/tasks/{task}',
  access: 'incidents:write',
  summary: 'Starts, finishes, drops or reopens a task.',
  params: Id.extend({ task: z.string().min(1).max(100) }),
  body: z.strictObject({
    state: z.enum(['open', 'doing', 'done', 'dropped']),
    reason: z.string().trim().min(1).max(2000).optional().describe('Why it is dropped or opened again.'),
    result: z.string().trim().min(1).max(5000).optional(),
  }),
  answer: IncidentView,
  handle: ({ center, principal, params, body }) =>
    actOn(center, principal, params.id, async (doing) => {
      const { tx, at, incident } = doing;
      const history = found((await tasksOf(tx, incident.id)).find(({ id }) => id === params.task));
      const leads = principal.centre || incident.lead.organisation === principal.organisation;
      const state = task(history.events);
      if (!leads && state.organisation !== principal.organisation) throw denied('This is another organisation’s task.');
      const by = principal.account;
      const reason = body.reason ?? '–';
      const events: { [state in typeof body.state]: TaskEvent } = {
        open: { kind: 'reopen', at, by, reason },
        doing: { kind: 'start', at, by },
        done: { kind: 'finish', at, by, result: body.result ?? '–' },
        dropped: { kind: 'drop', at, by, reason },
      };
      const event = events[body.state];
      applyTask(state, event);
      await addTaskEvent(tx, { incident: incident.id, task: history.id }, event);
      const values = { title: state.title, organisation: state.organisation, state: { text: `center.task.state.${body.state}` } };
      await noteOf(doing, incident.id)('task', { text: 'center.task.changed', values }, history.id);
      await saveIncident(tx, { ...incident, updatedAt: at });
      doing.changed('incident', incident.id, { incident: incident.id });
      doing.audit('task.change', `incident/${incident.number}`, { task: history.id, state: body.state });
    }),
});
