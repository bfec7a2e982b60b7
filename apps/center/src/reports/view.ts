/** Reports as the API tells them. */

import { formatInstant } from '@forewarn/base/time';
import type { ReportRecipientView, ReportView } from '@forewarn/model/report';
import type { Transaction } from '@forewarn/store/postgres/database';
import { copiesOf, type Report, type ReportCopy } from '@forewarn/store/resources/reports';
import type { Reader } from './gather.ts';

const instant = (at: number | null): string | null => (at === null ? null : formatInstant(at));

const recipientView = (copy: Omit<ReportCopy, 'document'>): ReportRecipientView => ({
  organisation: copy.organisation,
  reasons: copy.reasons,
  deliveredAt: formatInstant(copy.deliveredAt),
  openedAt: instant(copy.openedAt),
  marking: copy.marking,
  digest: copy.digest,
});

/** Whose copy an asker reads when it names none: its own, or, looking on from above, the owner's. */
export const ownCopy = <Copy extends { organisation: string }>(
  copies: readonly Copy[],
  asker: Reader,
  report: Report,
): Copy | undefined =>
  copies.find(({ organisation }) => organisation === asker.organisation) ??
  copies.find(({ organisation }) => organisation === report.owner);

export async function reportViews(tx: Transaction, asker: Reader, reports: readonly Report[]): Promise<ReportView[]> {
  const copies = await copiesOf(
    tx,
    reports.map(({ id }) => id),
  );
  return reports.map((report) => {
    const seen = copies.get(report.id)!;
    const copy = ownCopy(seen, asker, report);
    const own = report.owner === asker.organisation || asker.centre;
    return {
      id: report.id,
      number: report.number,
      template: report.template,
      title: report.title,
      about: report.about,
      subject: report.about === 'situation' ? null : { kind: report.about, id: report.subject!, number: report.subjectNumber! },
      owner: report.owner,
      state: report.state,
      marking: copy?.marking ?? 'TLP:RED',
      from: formatInstant(report.from),
      to: formatInstant(report.to),
      madeAt: formatInstant(report.madeAt),
      madeBy: own ? report.madeBy : null,
      releasedAt: instant(report.releasedAt),
      releasedBy: report.releasedBy,
      reason: own ? report.reason : null,
      remark: report.remark,
      digest: copy?.digest ?? '',
      recipients: seen.filter(({ organisation }) => organisation !== report.owner).map(recipientView),
    };
  });
}
