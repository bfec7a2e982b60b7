/**
 * Where notices begin: written in the transaction of what they tell of, and only for those whom the exit let pass. What carries them
 * comes afterwards and may take its time, fail, and try again.
 */

import type { Notice } from '@forewarn/model/notice';
import { isPassage, recipientsMax, type Passage } from '@forewarn/share/egress';
import { addNoticeContent, addNotices } from '@forewarn/store/resources/notices';
import { findWarning } from '@forewarn/store/resources/warnings';
import type { Acting } from '../act.ts';

/**
 * Queues notices. Each needs the exit's passage of its subject to its recipient; without one it is our own fault, and the whole act is
 * taken back. `notices`: for a warning or a report of this act, at most one a recipient and kind.
 */
export async function queueNotices(acting: Acting, passages: readonly Passage[], notices: readonly Notice[]): Promise<void> {
  if (notices.length > recipientsMax) throw new Error(`${notices.length} notices; the exit decides on ${recipientsMax} at once.`);
  const allowed = new Set(passages.filter(isPassage).map(({ kind, item, recipient }) => JSON.stringify([kind, item, recipient])));
  for (const { subject, recipient, number } of notices) {
    if (allowed.has(JSON.stringify([subject.kind, subject.id, recipient]))) continue;
    throw new Error(`A notice of ${number} to "${recipient}" without a passage: it did not come through the exit.`);
  }
  if (notices.length === 0) return;
  const contents = new Map<string, string>();
  for (const id of new Set(notices.flatMap(({ subject }) => (subject.kind === 'warning' ? [subject.id] : [])))) {
    const warning = await findWarning(acting.tx, id);
    if (!warning) continue;
    // Without the scope: it may list the addresses of many victims, and none of them is another's to read.
    const { scope, ...body } = warning.body;
    const { number, owner, state, colour, edition, issuedAt, validUntil, liftedAt } = warning;
    const told = { number, owner, state, colour, edition, issuedAt, validUntil, liftedAt, body, sectors: scope.sectors };
    contents.set(id, await addNoticeContent(acting.tx, told, acting.at));
  }
  await addNotices(acting.tx, notices, contents);
}
