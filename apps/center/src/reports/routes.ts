/** Reading reports: the own ones, and what was released to the own organisation. */

import { z } from 'zod';
import { page } from '@forewarn/model/api';
import { ReportAbout, ReportState, ReportTemplateView, ReportView } from '@forewarn/model/report';
import { Slug } from '@forewarn/model/estate';
import { languages } from '@forewarn/model/text';
import { copiesOf, documentOf, findReport, listReports, noteOpened } from '@forewarn/store/resources/reports';
import { act } from '../act.ts';
import { route, type Route } from '../api/route.ts';
import { Id, PageQuery, SearchText } from '../api/shapes.ts';
import { found } from '../refusals.ts';
import { reportActs } from './acts.ts';
import { ownCopy, reportViews } from './view.ts';

const list = route({
  method: 'get',
  path: '/reports',
  access: 'reports:read',
  summary: 'Reports of the own organisation and those released to it, the last made first; all, for the centre.',
  query: PageQuery.extend({
    state: ReportState.optional(),
    about: ReportAbout.optional(),
    subject: z.string().max(100).optional().describe('Those of one incident or warning.'),
    q: SearchText.optional(),
  }),
  answer: page(ReportView),
  handle: ({ center, principal, scope, query }) =>
    center.database.scoped(scope, async (tx) => {
      const { items, next } = await listReports(tx, { ...query, text: query.q });
      return { items: await reportViews(tx, principal, items), next };
    }),
});

const one = route({
  method: 'get',
  path: '/reports/{id}',
  access: 'reports:read',
  summary: 'One report with its recipients.',
  params: Id,
  answer: ReportView,
  handle: ({ center, principal, scope, params }) =>
    center.database.scoped(scope, async (tx) => {
      const [view] = await reportViews(tx, principal, [found(await findReport(tx, params.id))]);
      return view!;
    }),
});

const file = route({
  method: 'get',
  path: '/reports/{id}/file',
  access: 'reports:read',
  summary: 'The report as a file, HTML or PDF, in a language: the own copy, or another that one may see.',
  params: Id,
  query: z.object({
    format: z.enum(['html', 'pdf']).default('pdf'),
    language: z.enum(languages).default('en'),
    copy: Slug.optional().describe('Whose copy; the own, or the owner’s, when left out.'),
  }),
  stream: 'application/octet-stream',
  async handle({ center, principal, scope, params, query, headers }) {
    const { report, copy, organisation } = await center.database.scoped(scope, async (tx) => {
      const seen = found(await findReport(tx, params.id));
      const copies = (await copiesOf(tx, [seen.id])).get(seen.id)!;
      const whose = query.copy ?? found(ownCopy(copies, principal, seen)).organisation;
      return { report: seen, copy: found(await documentOf(tx, seen.id, whose)), organisation: whose };
    });
    const bytes = await center.reports.rendering.render(copy.document, copy.digest, query.format, query.language);
    if (copy.openedAt === null && organisation === principal.organisation && organisation !== report.owner) {
      await act(center, principal, async (acting) => {
        const opened = { organisation, by: principal.account, at: acting.at };
        if (!(await noteOpened(acting.tx, report.id, opened))) return;
        acting.changed('report', report.id, { organisation: report.owner });
        acting.audit('report.open', `report/${report.number}`, { digest: copy.digest });
      });
    }
    headers.set('content-type', query.format === 'pdf' ? 'application/pdf' : 'text/html; charset=utf-8');
    // Never shown in place of a page of ours: what stands in it was partly written by others.
    headers.set('content-disposition', `attachment; filename="${report.number}.${query.language}.${query.format}"`);
    headers.set('cache-control', 'private, no-store');
    return new Response(bytes as Uint8Array<ArrayBuffer>, { headers });
  },
});

const templates = route({
  method: 'get',
  path: '/report-templates',
  access: 'reports:read',
  summary: 'The templates that reports are made by, and when some are made by themselves.',
  answer: page(ReportTemplateView),
  async handle({ center }) {
    const items = center.reports.templates.map(({ id, title, about, marking, days, schedule }) => {
      return { id, title, about, marking, days: days ?? null, schedule: schedule ?? null };
    });
    return { items, next: null };
  },
});

export const reportRoutes: readonly Route[] = [templates, list, one, file, ...reportActs];
