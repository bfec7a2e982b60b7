/** What people do with reports: make, remark, look at whom it would reach, release, drop. Nothing leaves before a person releases it. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { formatInstant } from '@forewarn/base/time';
import { EgressDecision } from '@forewarn/model/api';
import { Slug } from '@forewarn/model/estate';
import { Tlp } from '@forewarn/model/markings';
import type { Notice } from '@forewarn/model/notice';
import { reportRecipientsMax, ReportView, type ReportTemplate } from '@forewarn/model/report';
import { Words } from '@forewarn/model/text';
import type { EstateIndex } from '@forewarn/know/concern';
import type { SituationNumbers } from '@forewarn/share/reports/picture';
import { inbox } from '@forewarn/share/channels/inbox';
import { egress, type Passage } from '@forewarn/share/egress';
import { findIncident } from '@forewarn/store/resources/incidents';
import { findReport, lockReport, putCopy, saveReport, type Report } from '@forewarn/store/resources/reports';
import { findWarning } from '@forewarn/store/resources/warnings';
import { act } from '../act.ts';
import { route, type Route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import { queueNotices } from '../notices/queue.ts';
import { scopeOf, type Principal } from '../ports.ts';
import { denied, found, invalid } from '../refusals.ts';
import { commonOf, composeCopy, readerOf, type Copy } from './compose.ts';
import { makeReport } from './make.ts';
import { reportViews } from './view.ts';

const daySeconds = 86_400;

/** Fields of a report and what they hold: numbers and names of machines and organisations, and words about them. */
const fields = { document: 'technical' } as const;

const Release = z.strictObject({
  recipients: z.array(Slug).min(1).max(reportRecipientsMax),
  reason: z.string().trim().min(1).max(1000).describe('Why it concerns them; it stands beside each recipient and in the audit.'),
});

const make = route({
  method: 'post',
  path: '/reports',
  access: 'reports:write',
  summary: 'Makes a report by a template of how things stand now, as a draft that nobody else sees.',
  body: z.strictObject({
    template: z.string().min(1).max(40),
    subject: z.string().min(1).max(100).optional().describe('The incident or warning that it is of.'),
  }),
  answer: ReportView,
  status: 201,
  async handle({ center, principal, scope, body }) {
    const template = templateOf(center, body.template);
    const to = center.clock.now();
    if ((body.subject === undefined) !== (template.about === 'situation'))
      throw invalid('subject', 'A report of an incident or a warning needs it, and no other does.');
    const subject = await center.database.scoped(scope, async (tx) => {
      if (template.about === 'incident') return found(await findIncident(tx, body.subject!));
      return template.about === 'warning' ? found(await findWarning(tx, body.subject!)) : null;
    });
    const id = await makeReport(center, principal, {
      template,
      owner: principal.organisation,
      from: template.days === undefined ? to : to - template.days * daySeconds,
      to,
      subject: subject?.id ?? null,
      subjectNumber: subject?.number ?? null,
    });
    return view(center, principal, found(id));
  },
});

const remark = route({
  method: 'put',
  path: '/reports/{id}/remark',
  access: 'reports:write',
  summary: 'Writes what a person adds to a draft: it stands above all that was computed.',
  params: Id,
  body: z.strictObject({ remark: z.string().trim().max(5000) }),
  answer: ReportView,
  async handle({ center, principal, params, body }) {
    const report = await draftOf(center, principal, params.id);
    const remarked = { ...report, remark: body.remark === '' ? null : body.remark };
    const copy = found(await compose(center, remarked, await commonOf(center, report), report.owner, null));
    await act(center, principal, async (acting) => {
      ensureDraft(found(await lockReport(acting.tx, report.id)));
      await saveReport(acting.tx, remarked);
      await putCopy(acting.tx, report, { organisation: report.owner, reasons: [], deliveredAt: acting.at, ...copy });
      acting.changed('report', report.id, { organisation: report.owner });
      acting.audit('report.remark', `report/${report.number}`, { digest: copy.digest });
    });
    return view(center, principal, report.id);
  },
});

const preview = route({
  method: 'post',
  path: '/reports/{id}/preview',
  access: 'reports:write',
  summary: 'Whom the exit would let the report pass to, and why; with the marking that each copy would have. Nothing is sent.',
  params: Id,
  body: Release,
  answer: z.object({
    recipients: z.array(EgressDecision.extend({ marking: Tlp.nullable(), reasons: z.array(Words) })),
  }),
  async handle({ center, principal, params, body }) {
    const report = await draftOf(center, principal, params.id);
    const addressed = await address(center, report, await commonOf(center, report), body, null);
    return {
      recipients: addressed.map(({ decision, copy, needToKnow }) => ({
        ...decision,
        marking: copy?.marking ?? null,
        reasons: [...needToKnow],
      })),
    };
  },
});

const release = route({
  method: 'post',
  path: '/reports/{id}/release',
  access: 'reports:release',
  summary: 'Releases a draft: each recipient has a copy of its own, made of what it may see, through the one exit.',
  params: Id,
  body: Release,
  answer: ReportView,
  async handle({ center, principal, params, body }) {
    const report = await draftOf(center, principal, params.id);
    // By name, as on paper: an account says nothing to whoever reads it elsewhere.
    const released = { at: center.clock.now(), by: principal.name.slice(0, 200) };
    // What is slow comes before the transaction: nothing but queries may be awaited in one.
    const common = await commonOf(center, report);
    const own = found(await compose(center, report, common, report.owner, released));
    const addressed = await address(center, report, common, body, released);
    const refused = await act(center, principal, async (acting) => {
      const present = found(await lockReport(acting.tx, report.id));
      ensureDraft(present);
      if (present.remark !== report.remark) throw changed();
      for (const { decision, copy } of addressed) {
        acting.audit(decision.allowed ? 'egress.allow' : 'egress.deny', `report/${report.number}`, {
          recipient: decision.recipient,
          marking: copy?.marking ?? null,
          reason: decision.reason.text,
        });
      }
      const passages = addressed.flatMap(({ passage }) => (passage ? [passage] : []));
      if (passages.length === 0) return nobody();
      await saveReport(acting.tx, { ...report, state: 'released', releasedAt: released.at, releasedBy: released.by });
      await putCopy(acting.tx, report, { organisation: report.owner, reasons: [], deliveredAt: released.at, ...own });
      const channel = inbox<Addressed>(
        (organisation, { copy, needToKnow }, at) =>
          putCopy(acting.tx, report, { organisation, reasons: [...needToKnow], deliveredAt: at, ...copy! }),
        { now: () => acting.at },
      );
      for (const one of addressed) if (one.passage) await channel.deliver({ passage: one.passage, body: one });
      await queueNotices(acting, passages, addressed.flatMap((one) => (one.passage ? [noticeOf(report, one, acting.at)] : []))); // oxfmt-ignore
      for (const organisation of [report.owner, ...passages.map(({ recipient }) => recipient)])
        acting.changed('report', report.id, { organisation });
      acting.audit('report.release', `report/${report.number}`, {
        reason: body.reason,
        digest: own.digest,
        recipients: passages.map(({ recipient }) => recipient),
        digests: addressed.flatMap(({ passage, copy }) => (passage ? [copy!.digest] : [])),
      });
      return undefined;
    });
    if (refused) throw refused;
    return view(center, principal, report.id);
  },
});

const drop = route({
  method: 'post',
  path: '/reports/{id}/drop',
  access: 'reports:write',
  summary: 'Drops a draft that is not released, with a reason; it stays readable to its owner.',
  params: Id,
  body: z.strictObject({ reason: z.string().trim().min(1).max(1000) }),
  answer: ReportView,
  async handle({ center, principal, params, body }) {
    const report = await draftOf(center, principal, params.id);
    await act(center, principal, async (acting) => {
      const present = found(await lockReport(acting.tx, report.id));
      ensureDraft(present);
      await saveReport(acting.tx, { ...present, state: 'dropped', reason: body.reason });
      acting.changed('report', report.id, { organisation: report.owner });
      acting.audit('report.drop', `report/${report.number}`, { reason: body.reason });
    });
    return view(center, principal, report.id);
  },
});

export const reportActs: readonly Route[] = [make, remark, preview, release, drop];

/** The template of an id, as loaded. */
export function templateOf(center: Center, id: string): ReportTemplate {
  const template = center.reports.templates.find((one) => one.id === id);
  if (!template) throw invalid('template', `There is no template "${id.slice(0, 40)}".`);
  return template;
}

function view(center: Center, principal: Principal, id: string): Promise<ReportView> {
  return center.database.scoped(scopeOf(principal), async (tx) => {
    const [seen] = await reportViews(tx, principal, [found(await findReport(tx, id))]);
    return seen!;
  });
}

/** The report as the person sees it, when it is a draft of the own organisation. */
async function draftOf(center: Center, principal: Principal, id: string): Promise<Report> {
  const report = found(await center.database.scoped(scopeOf(principal), (tx) => findReport(tx, id)));
  if (report.owner !== principal.organisation) throw denied('A report is worked on by the organisation that made it.');
  ensureDraft(report);
  return report;
}

function ensureDraft({ state }: Pick<Report, 'state'>): void {
  if (state === 'draft') return;
  throw new Refusal('report.state', state === 'released' ? 'The report is released.' : 'The report was dropped.', {
    advice: 'What is released stays as it is; make another report.',
  });
}

const changed = (): Refusal =>
  new Refusal('report.changed', 'Somebody wrote on the report meanwhile.', { advice: 'Read it again, and release it then.' });

const nobody = (): Refusal =>
  new Refusal('report.recipients', 'The report would reach nobody.', {
    advice: 'Look at the preview: it says of each recipient why not.',
  });

/** Numbers are gathered once for all copies, so that they are the same in each. */
async function compose(
  center: Center,
  report: Report,
  common: SituationNumbers | null,
  organisation: string,
  released: { at: number; by: string } | null,
): Promise<Copy | undefined> {
  const template = templateOf(center, report.template);
  const reader = readerOf(await center.estate.index(), organisation);
  return composeCopy(center, { report, template, common, reader, released });
}

type Addressed = {
  decision: EgressDecision;
  passage: Passage | undefined;
  /** Undefined: it does not see what the report is of. */
  copy: Copy | undefined;
  needToKnow: readonly Words[];
};

/** Asks the exit for each recipient, with the copy that would be its own. */
async function address(
  center: Center,
  report: Report,
  common: SituationNumbers | null,
  { recipients, reason }: z.output<typeof Release>,
  released: { at: number; by: string } | null,
): Promise<Addressed[]> {
  const index = await center.estate.index();
  const owner = index.organisation(report.owner);
  if (!owner) throw new Error(`The maker "${report.owner}" of a report is not registered.`);
  const addressed: Addressed[] = [];
  for (const id of new Set(recipients)) {
    if (id === report.owner) continue;
    const organisation = index.organisation(id);
    const copy = organisation && (await compose(center, report, common, id, released));
    if (organisation && !copy) {
      // Whoever does not see the incident learns nothing of it from a brief.
      const decision = {
        recipient: id,
        allowed: false,
        reason: { text: 'report.unseen', values: { number: report.subjectNumber! } },
      };
      addressed.push({ decision, passage: undefined, copy, needToKnow: [] });
      continue;
    }
    const needToKnow = needOf(index, report, id, reason);
    const item = { kind: 'report', id: report.id, marking: copy?.marking ?? 'TLP:RED', owner, fields } as const;
    const { decisions, passages } = egress(item, [{ id, organisation, needToKnow }], { agreements: [], at: center.clock.now() });
    addressed.push({ decision: decisions[0]!, passage: passages[0], copy, needToKnow });
  }
  if (addressed.length === 0) throw invalid('recipients', 'The only recipient is the organisation that made the report.');
  return addressed;
}

function needOf(index: EstateIndex, report: Report, organisation: string, reason: string): Words[] {
  const stated = { text: 'report.need.stated', values: { reason } };
  if (report.about !== 'situation') return [{ text: 'report.need.part', values: { number: report.subjectNumber! } }, stated];
  const kind = index.organisation(organisation)?.kind;
  return kind === 'department' || kind === 'centre' ? [{ text: 'report.need.oversees' }, stated] : [stated];
}

function noticeOf(report: Report, { decision, copy }: Addressed, at: number): Notice {
  return {
    kind: 'report',
    subject: { kind: 'report', id: report.id },
    number: report.number,
    recipient: decision.recipient,
    marking: copy!.marking,
    urgency: null,
    colour: null,
    title: report.title,
    lines: [
      report.from === report.to
        ? { text: 'report.notice.subject', values: { number: report.subjectNumber ?? '' } }
        : { text: 'report.notice.period', values: { from: formatInstant(report.from), to: formatInstant(report.to) } },
    ],
    dueAt: null,
    at,
  };
}
