/** Reports that time brings about: made as drafts for the centre; a person releases them. */

import { lastDue } from '@forewarn/model/report';
import { lastScheduled } from '@forewarn/store/resources/reports';
import { centreScope } from '../act.ts';
import type { Center } from '../center-parts.ts';
import { makeReport } from './make.ts';

/**
 * A report that was due while the centre was stopped is made afterwards, when this has not passed since: an older one would tell of its time by what is
 * known now.
 */
const lateSecondsMax = 86_400;

const daySeconds = 86_400;

/** Makes what is due and not there yet; answers the ids. */
export async function makeDueReports(center: Center): Promise<string[]> {
  const { organisation: owner } = await centreScope(center);
  const now = center.clock.now();
  const made: string[] = [];
  for (const template of center.reports.templates) {
    if (!template.schedule || template.days === undefined) continue;
    const to = lastDue(template.schedule, now);
    if (now - to > lateSecondsMax) continue;
    const last = await center.database.scoped(await centreScope(center), (tx) =>
      lastScheduled(tx, { owner, template: template.id }),
    );
    // The first one is of a time at whose end the centre ran: of what was before it knows nothing.
    if (to <= (last ?? center.startedAt)) continue;
    const id = await makeReport(center, null, {
      template,
      owner,
      from: to - template.days * daySeconds,
      to,
      subject: null,
      subjectNumber: null,
    });
    if (id !== undefined) made.push(id);
  }
  return made;
}
