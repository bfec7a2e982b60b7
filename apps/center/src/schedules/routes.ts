/** What runs on a schedule, and hunts that are put on one. */

import { formatInstant } from '@forewarn/base/time';
import { page } from '@forewarn/model/api';
import { Finding } from '@forewarn/model/finding';
import { parseKql } from '@forewarn/model/kql/kql';
import { recordTypes } from '@forewarn/model/records/index';
import { HuntSchedule, scheduleLatenessSeconds, ScheduleView } from '@forewarn/model/schedule';
import { findHunt } from '@forewarn/store/resources/hunts';
import { listSchedules, putSchedule, removeSchedules, type Schedule } from '@forewarn/store/resources/schedules';
import { listSensors } from '@forewarn/store/resources/sensors';
import { act } from '../act.ts';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import { denied, found } from '../refusals.ts';

const view = (row: Schedule): ScheduleView => ({
  id: `${row.kind}:${row.rule}`,
  kind: row.kind,
  of: row.rule,
  title: row.title,
  organisation: row.organisation,
  everySeconds: row.everySeconds,
  level: row.kind === 'hunt' ? Finding.shape.level.nullable().parse(row.level) : null,
  latenessSeconds: scheduleLatenessSeconds,
  until: formatInstant(row.until),
  ranAt: row.ranAt === null ? null : formatInstant(row.ranAt),
  read: row.rowsRead === null ? null : { rows: row.rowsRead, bytes: row.bytesRead ?? 0, seconds: row.seconds ?? 0 },
  hits: row.hits,
  trouble: row.trouble,
});

export const listOfSchedules = route({
  method: 'get',
  path: '/schedules',
  access: 'findings:read',
  summary: 'What runs over the stored records on a schedule, and how far each has come.',
  answer: page(ScheduleView),
  async handle({ center, scope }) {
    const rows = await center.database.scoped(scope, listSchedules);
    return { items: rows.map(view), next: null };
  },
});

export const scheduleHunt = route({
  method: 'put',
  path: '/hunts/{id}/schedule',
  access: 'findings:write',
  summary: 'Lets an own saved hunt run again and again; what it finds are findings.',
  params: Id,
  body: HuntSchedule,
  async handle({ center, principal, scope, params: { id }, body }) {
    const hunt = found(await center.database.scoped(scope, (tx) => findHunt(tx, principal, id)));
    if (hunt.account !== principal.account) throw denied('This hunt is a colleague’s.');
    const now = center.clock.now();
    parseKql(hunt.text, { now, recordTypes, searched: ['conn'] });
    await act(center, principal, async ({ tx, at, audit }) => {
      // A member of the centre hunts everywhere, others at home.
      const sensors = principal.centre ? await listSensors(tx) : [];
      const organisations = principal.centre
        ? new Set(sensors.map(({ organisation }) => organisation))
        : [principal.organisation];
      const until = Math.floor((at - scheduleLatenessSeconds) / body.everySeconds) * body.everySeconds;
      for (const organisation of organisations) {
        const { everySeconds, level } = body;
        await putSchedule(tx, {
          kind: 'hunt',
          rule: id,
          organisation,
          title: hunt.name,
          everySeconds,
          level,
          owner: principal.organisation,
          until,
        });
      }
      audit('hunt.schedule', `hunt/${id}`, { name: hunt.name, everySeconds: body.everySeconds, level: body.level });
    });
  },
});

export const unscheduleHunt = route({
  method: 'delete',
  path: '/hunts/{id}/schedule',
  access: 'findings:write',
  summary: 'Lets an own saved hunt run no more; what it found stays.',
  params: Id,
  async handle({ center, principal, scope, params: { id } }) {
    const hunt = found(await center.database.scoped(scope, (tx) => findHunt(tx, principal, id)));
    if (hunt.account !== principal.account) throw denied('This hunt is a colleague’s.');
    await act(center, principal, async ({ tx, audit }) => {
      await removeSchedules(tx, 'hunt', id);
      audit('hunt.unschedule', `hunt/${id}`, { name: hunt.name });
    });
  },
});

export const scheduleRoutes = [listOfSchedules, scheduleHunt, unscheduleHunt];
