/**
 * Notices: what tells an organisation that something awaits it – a warning, a reminder, a report. The workbench holds the whole; a
 * channel (mail, webhook, feed) carries this. A notice is made only for a recipient whom the one exit let pass.
 */

import { z } from 'zod';
import { Colour } from './grade.ts';
import { Tlp } from './markings.ts';
import { LocalText, Words } from './text.ts';

/**
 * How a recipient must understand a warning, after the split that early-warning services make: harm goes on at it (`incident`), its
 * systems are used against others (`abuse`), or it has what can be attacked (`exposure`).
 */
export const Urgency = z.enum(['incident', 'abuse', 'exposure']);
export type Urgency = z.infer<typeof Urgency>;

export const NoticeKind = z.enum([
  'warning-issued',
  'warning-updated',
  'warning-lifted',
  'warning-reminder',
  /** To the body that oversees who does not answer. */
  'warning-escalated',
  'measure-due',
  'report',
]);
export type NoticeKind = z.infer<typeof NoticeKind>;

/** One notice for one organisation. Instants are seconds. */
export const Notice = z.object({
  kind: NoticeKind,
  /** What it tells of: a warning or a report, by id. */
  subject: z.object({ kind: z.enum(['warning', 'report']), id: z.string().max(100) }),
  /** The number that people say: `EW-2026-0007`. */
  number: z.string().max(40),
  /** The organisation that is told. */
  recipient: z.string().min(1).max(100),
  marking: Tlp,
  urgency: Urgency.nullable(),
  colour: Colour.nullable(),
  title: LocalText,
  /** What is asked of the recipient, a line each. */
  lines: z.array(Words).max(60),
  /** Until when an answer is due; null when none is asked. */
  dueAt: z.number().nullable(),
  at: z.number(),
});
export type Notice = z.infer<typeof Notice>;
