/** What is usual of a host, service or link, and what people decide about it. */

import { z } from 'zod';
import { formatInstant } from '@forewarn/base/time';
import { confidenceOf, deviationOf, hourSeconds, seasonHours } from '@forewarn/detect/baselines/season';
import { seasonsOf, valueOf, type Hour, type Subject, type SubjectKind } from '@forewarn/detect/baselines/unusual-hour';
import { privateNetworks } from '@forewarn/detect/inside';
import { BaselineDecisionBody, BaselineSubject, BaselineView } from '@forewarn/model/baseline';
import { scheduleLatenessSeconds } from '@forewarn/model/schedule';
import { readEstate } from '@forewarn/store/resources/estate';
import { listBaselineDecisions, putBaselineDecision, removeBaselineDecision } from '@forewarn/store/resources/schedules';
import { act } from '../act.ts';
import { route } from '../api/route.ts';
import { At } from '../api/shapes.ts';
import type { Principal } from '../ports.ts';
import { found, notFound } from '../refusals.ts';
import { hourOf, hoursBefore } from './hours.ts';

const Of = z.object({ subject: BaselineSubject, organisation: z.string().max(200).optional() });

/** Everybody asks about his own organisation, members of the centre about any. */
function organisationOf({ centre, organisation }: Principal, asked: string | undefined): string {
  if (asked === undefined || asked === organisation) return organisation;
  if (!centre) throw notFound();
  return asked;
}

function subjectOf(text: string): Subject {
  const at = text.indexOf(' ');
  return { kind: text.slice(0, at) as SubjectKind, name: text.slice(at + 1) };
}

export const oneBaseline = route({
  method: 'get',
  path: '/baselines',
  access: 'records:read',
  summary: 'What is usual of a host, service or link at an hour of the week, what it did then, and how much is known.',
  query: Of.extend({ at: At.optional() }),
  answer: BaselineView,
  async handle({ center, principal, scope, query }) {
    const organisation = organisationOf(principal, query.organisation);
    const subject = subjectOf(query.subject);
    const { parameters } = center.unusualHour;
    const at = query.at ?? center.clock.now() - scheduleLatenessSeconds;
    const hour = Math.floor(at / hourSeconds) * hourSeconds;
    const decision = (await center.database.scoped(scope, (tx) => listBaselineDecisions(tx, organisation))).find(
      (one) => one.subject === query.subject,
    );
    const { networks } = await center.database.scoped(scope, readEstate);
    const own = networks.filter((network) => network.organisation === organisation).flatMap(({ addresses }) => addresses);
    const reading = {
      records: center.records,
      scope: { organisations: [organisation] },
      networks: own.length > 0 ? own : privateNetworks,
      taken: { rows: 0, bytes: 0 },
    };
    const before = decision?.act === 'pin' ? decision.at : undefined;
    const since = (): number => (decision?.act === 'reset' ? decision.at : -Infinity);
    const now = (await hourOf(reading, subject, hour)) ?? nothing;
    const past =
      (await hoursBefore(reading, subject.kind, [subject.name], hour, parameters.weeks, { before, since })).get(subject.name) ??
      [];
    const hours = seasonHours(hour, parameters.weeks, before);
    const oldest = Math.max(...past.map(({ week }) => week));
    return {
      subject: query.subject,
      organisation,
      hour: formatInstant(hour),
      measures: seasonsOf(past, parameters).map(({ measure, season }) => ({
        measure,
        value: valueOf(now, measure),
        usual: season.median,
        most: season.most,
        deviation: deviationOf(season, valueOf(now, measure)),
        weeks: season.weeks,
        samples: season.samples,
        confidence: confidenceOf(season, parameters.weeks),
      })),
      since: past.length === 0 ? null : formatInstant(hours.find(({ week }) => week === oldest)!.from),
      decision: decision
        ? { act: decision.act, at: formatInstant(decision.at), reason: decision.reason, account: decision.account }
        : null,
    };
  },
});

const nothing: Hour = { out: 0, connections: 0, peers: 0, failed: 0 };

export const decideBaseline = route({
  method: 'put',
  path: '/baselines',
  access: 'findings:write',
  summary: 'Resets what is usual of a host, service or link, or pins it to the weeks before now.',
  query: Of,
  body: BaselineDecisionBody,
  async handle({ center, principal, query, body }) {
    const organisation = organisationOf(principal, query.organisation);
    await act(center, principal, async ({ tx, at, audit }) => {
      const { subject } = query;
      await putBaselineDecision(tx, {
        organisation,
        subject,
        act: body.act,
        at,
        reason: body.reason,
        account: principal.account,
      });
      audit(`baseline.${body.act}`, `baseline/${subject}`, { subject, reason: body.reason }, organisation);
    });
  },
});

export const releaseBaseline = route({
  method: 'delete',
  path: '/baselines',
  access: 'findings:write',
  summary: 'Lets what is usual of a host, service or link move with the weeks again.',
  query: Of,
  async handle({ center, principal, query: { subject, organisation: asked } }) {
    const organisation = organisationOf(principal, asked);
    await act(center, principal, async ({ tx, audit }) => {
      found((await removeBaselineDecision(tx, organisation, subject)) || undefined);
      audit('baseline.release', `baseline/${subject}`, { subject }, organisation);
    });
  },
});

export const baselineRoutes = [oneBaseline, decideBaseline, releaseBaseline];
