/** Making a report: composed first, in its maker's scope, and then written as a draft with the audit entry of its making. */

import { nextNumber } from '@forewarn/store/resources/numbers';
import { addReport, putCopy, type Report } from '@forewarn/store/resources/reports';
import type { ReportTemplate } from '@forewarn/model/report';
import { act, type Doer } from '../act.ts';
import type { Center } from '../center-parts.ts';
import { commonOf, composeCopy, digestOf, readerOf } from './compose.ts';

export type ReportAsked = Pick<Report, 'owner' | 'from' | 'to' | 'subject' | 'subjectNumber'> & { template: ReportTemplate };

/** The fresh report's id; undefined when its schedule has made it already, or its maker does not see what it is of. `doer` null: by its schedule. */
export async function makeReport(center: Center, doer: Doer | null, asked: ReportAsked): Promise<string | undefined> {
  const { template, owner } = asked;
  const madeAt = center.clock.now();
  const report: Omit<Report, 'id'> = {
    number: '',
    owner,
    template: template.id,
    title: template.title,
    about: template.about,
    subject: asked.subject,
    subjectNumber: asked.subjectNumber,
    state: 'draft',
    from: asked.from,
    to: asked.to,
    madeAt,
    madeBy: doer?.account ?? null,
    releasedAt: null,
    releasedBy: null,
    reason: null,
    remark: null,
  };
  const reader = readerOf(await center.estate.index(), owner);
  const common = await commonOf(center, report);
  const copy = await composeCopy(center, { report, template, common, reader, released: null });
  if (!copy) return undefined;
  return act(center, doer, async (acting) => {
    const number = await nextNumber(acting.tx, 'SR', new Date(madeAt * 1000).getUTCFullYear());
    const id = await addReport(acting.tx, { ...report, number });
    if (id === undefined) return undefined;
    const document = { ...copy.document, number };
    const digest = digestOf(document);
    await putCopy(acting.tx, { id, owner }, { organisation: owner, marking: copy.marking, reasons: [], document, digest, deliveredAt: madeAt }); // oxfmt-ignore
    acting.changed('report', id, { organisation: owner });
    acting.audit('report.make', `report/${number}`, { template: template.id, digest }, owner);
    return id;
  });
}
