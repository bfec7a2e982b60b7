/**
 * Where notices begin: written in the transaction of what they tell of, and only for those whom the exit let pass. What carries them
 * comes afterwards and may take its time, fail, and try again.
 */

import type { Notice } from '@forewarn/model/notice';
import { everybody, isPassage, publish, recipientsMax, type Passage } from '@forewarn/share/egress';
import { channelSettings } from '@forewarn/store/resources/channels';
import { addNoticeContent, addNotices } from '@forewarn/store/resources/notices';
import { findWarning } from '@forewarn/store/resources/warnings';
import type { Acting } from '../act.ts';

/**
 * Queues notices. Each needs the exit's passage of its subject to its recipient; without one it is our own fault, and the whole act is
 * taken back. `notices`: for a warning or a report of this act, at most one a recipient and kind.
 *
 * A warning that is marked TLP:CLEAR is told to everybody too, once, where the centre has a public feed.
 */
export async function queueNotices(acting: Acting, passages: readonly Passage[], notices: readonly Notice[]): Promise<void> {
  if (notices.length > recipientsMax) throw new Error(`${notices.length} notices; the exit decides on ${recipientsMax} at once.`);
  const { tx, at, center } = acting;
  const allowed = new Set(passages.filter(isPassage).map(({ kind, item, recipient }) => JSON.stringify([kind, item, recipient])));
  for (const { subject, recipient, number } of notices) {
    if (allowed.has(JSON.stringify([subject.kind, subject.id, recipient]))) continue;
    throw new Error(`A notice of ${number} to "${recipient}" without a passage: it did not come through the exit.`);
  }
  if (notices.length === 0) return;
  const contents = new Map<string, string>();
  for (const id of new Set(notices.flatMap(({ subject }) => (subject.kind === 'warning' ? [subject.id] : [])))) {
    const warning = await findWarning(tx, id);
    if (!warning) continue;
    // Without the scope: it may list the addresses of many victims, and none of them is another's to read.
    const { scope, ...body } = warning.body;
    const { number, owner, state, colour, edition, issuedAt, validUntil, liftedAt } = warning;
    const told = { number, owner, state, colour, edition, issuedAt, validUntil, liftedAt, body, sectors: scope.sectors };
    contents.set(id, await addNoticeContent(tx, told, at));
  }
  // A report is its own document; here it is kept who released it.
  for (const id of new Set(notices.flatMap(({ subject }) => (subject.kind === 'report' ? [subject.id] : []))))
    contents.set(id, await addNoticeContent(tx, { owner: acting.doer.organisation }, at));
  const { publicFeed } = await channelSettings(tx);
  const published = publicFeed ? publicNotices(acting, notices) : [];
  await addNotices(tx, [...notices, ...published], contents);
  tx.afterCommit(() => center.notices.wake());
}

/** What everybody may know of the life of a warning; reminders are for those who were warned. */
const publicKinds = new Set<Notice['kind']>(['warning-issued', 'warning-updated', 'warning-lifted']);

function publicNotices({ audit }: Acting, notices: readonly Notice[]): Notice[] {
  const told = new Map<string, Notice>();
  for (const notice of notices) {
    const { kind, subject, marking, number } = notice;
    const key = JSON.stringify([subject.id, kind]);
    if (marking !== 'TLP:CLEAR' || !publicKinds.has(kind) || told.has(key)) continue;
    const { decision, passage } = publish({ kind: 'warning', id: subject.id, marking, fields: { title: 'technical' } });
    audit(decision.allowed ? 'egress.allow' : 'egress.deny', `warning/${number}`, {
      recipient: everybody,
      marking,
      reason: decision.reason.text,
    });
    // What is asked of one recipient may name its hosts; and how it concerns it is its own matter.
    if (passage) told.set(key, { ...notice, recipient: everybody, lines: [], dueAt: null, urgency: null });
  }
  return [...told.values()];
}
