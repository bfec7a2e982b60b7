/**
 * Mail: one notice, or a day's digest, as plain text. The marking stands in the subject, above and below the text (FIRST TLP 2.0: "the
 * subject line and in the body, prior to the designated information"). What carries it is the caller's.
 */

import { tlpOrder, type Tlp } from '@forewarn/model/markings';
import { announced, goesWhole, headingOf, linesOf, oneLine, titled, type Speaker, type Told } from './told.ts';

export type Mail = {
  readonly subject: string;
  readonly text: string;
  /** Made of what is told, so that a mail that comes twice is known by it (RFC 5322 §3.6.4); without angle brackets. */
  readonly messageId: string;
  readonly headers: { readonly [name: string]: string };
};

/** Notices of one digest; the rest follows in another. */
export const digestMax = 50;

/** `domain`: whose names message ids are, the sender's. `whole`: the strictest marking whose content goes by mail. */
export function mailOf(
  told: readonly Told[],
  { speaker, domain, whole }: { speaker: Speaker; domain: string; whole: Tlp },
): Mail {
  const first = told[0];
  if (!first || told.length > digestMax) throw new Error(`A mail of ${told.length} notices.`);
  const shown = told.map((one) => (goesWhole(one.notice.marking, whole) ? one : announced(one, speaker)));
  // Of several the strictest holds for the whole; what is withheld leaves its own with it.
  const marking = tlpOrder.find((tlp) => told.some(({ notice }) => notice.marking === tlp))!;
  const { say, language } = speaker;
  const [only] = shown;
  const subject =
    shown.length === 1
      ? say('channels.mail.subject', {
          number: only!.notice.number,
          what: headingOf(only!.notice, speaker),
          title: only!.notice.title[language],
        })
      : say('channels.mail.digest', { count: shown.length });
  const rule = '─'.repeat(40);
  const parts = shown.map((one) => [...(shown.length > 1 ? [one.notice.marking] : []), ...linesOf(one, speaker)].join('\n'));
  const text = [
    marking,
    say(`channels.tlp.${marking.slice(4).toLowerCase()}`),
    '',
    parts.join(`\n\n${rule}\n\n`),
    '',
    marking,
    '',
    say('channels.mail.foot'),
  ].join('\n');
  return {
    subject: titled({ notice: { ...first.notice, marking }, exercise: first.exercise }, subject, speaker),
    text,
    messageId: `${shown.length === 1 ? first.id : `digest-${first.id}`}@${domain}`,
    // RFC 3834 §5: nobody's absence shall answer.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  };
}

/** With a code it proves that a mailbox is the organisation's: whoever reads it has the code. Without one it only shows that mail arrives. */
export function testMail(
  code: string | undefined,
  { speaker, domain, id }: { speaker: Speaker; domain: string; id: string },
): Mail {
  const { say } = speaker;
  const [subject, text] =
    code === undefined
      ? [say('channels.mail.test.subject'), say('channels.mail.test')]
      : [say('channels.mail.code.subject'), say('channels.mail.code', { code })];
  return {
    subject: oneLine(`[TLP:CLEAR] ${subject}`),
    text: ['TLP:CLEAR', '', text, '', say('channels.mail.foot')].join('\n'),
    messageId: `${id}@${domain}`,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  };
}
