/** What a notice of a warning says: why it concerns its recipient, what is to be done until when, and by when an answer is awaited. */

import type { ChaseStep } from '@forewarn/assess/warnings/chasing';
import { formatInstant } from '@forewarn/base/time';
import type { Notice } from '@forewarn/model/notice';
import type { Words } from '@forewarn/model/text';
import type { Passage } from '@forewarn/share/egress';
import type { Addressee } from '@forewarn/store/resources/warning-audience';
import type { Warning } from '@forewarn/store/resources/warnings';
import type { Acting } from '../act.ts';

/** Lines of one notice: the workbench has the rest. */
const linesMax = 40;

const headOf = (warning: Warning, recipient: string, at: number) => ({
  subject: { kind: 'warning', id: warning.id } as const,
  number: warning.number,
  recipient,
  marking: warning.body.marking,
  urgency: warning.body.urgency,
  colour: warning.colour,
  title: warning.body.title,
  at,
});

/** A notice of an edition for each whom the exit let pass; its measures are told with it. `reason`: why it was changed or lifted. */
export function noticesOf(
  { at, center }: Acting,
  warning: Warning,
  told: readonly Pick<Addressee, 'organisation' | 'reasons' | 'certainty'>[],
  passages: readonly Passage[],
  kind: 'warning-issued' | 'warning-updated' | 'warning-lifted',
  reason?: string,
): Notice[] {
  const asks = kind !== 'warning-lifted';
  const of = new Map(told.map((one) => [one.organisation, one]));
  return passages.flatMap(({ recipient }) => {
    const one = of.get(recipient);
    // Who was never told is not told that it is over.
    if (!one) return [];
    const lines: Words[] = [
      ...(reason === undefined ? [] : [{ text: 'center.notice.because', values: { reason } }]),
      ...(one.certainty === 'possibly' ? [{ text: 'center.notice.possibly' }] : []),
      ...one.reasons,
    ];
    const dueAt = asks ? at + center.warnings.chasing.colours[warning.colour].acknowledge : null;
    return [{ ...headOf(warning, recipient, at), kind, lines: lines.slice(0, linesMax), dueAt }];
  });
}

/** A reminder to who does not answer, or the word to who oversees them. Several steps to one recipient are one notice a kind. */
export function chaseNotices(
  warning: Warning,
  recipient: string,
  steps: readonly (ChaseStep & { organisation: string })[],
  at: number,
): Notice[] {
  return [...Map.groupBy(steps, ({ kind }) => kind)].map(([kind, some]) => ({
    ...headOf(warning, recipient, at),
    kind,
    lines: some.slice(0, linesMax).map(({ organisation, measure, dueAt, count }): Words => {
      const text = warning.body.measures.find(({ id }) => id === measure)?.text ?? '';
      const values = { organisation, measure: text, due: formatInstant(dueAt), count };
      if (kind === 'warning-escalated')
        return { text: measure === null ? 'center.notice.silent' : 'center.notice.undone', values };
      return { text: kind === 'measure-due' ? 'center.notice.begin' : 'center.notice.remind', values };
    }),
    dueAt: Math.min(...some.map(({ dueAt }) => dueAt)),
  }));
}
