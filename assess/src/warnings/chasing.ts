/**
 * Who is reminded when, and when whoever oversees it is told. Pure: what was sent before and the present come as arguments, so that a centre that
 * stood still sends what is due once, and not all that it missed.
 */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { parseSpan, type Seconds } from '@forewarn/base/time';
import { Mark } from '@forewarn/model/grade';
import type { WarningColour, WarningMeasure } from '@forewarn/model/warning';
import { readContent } from '@forewarn/model/yaml';

const Span = z.string().max(40);
const OfColour = z.strictObject({
  acknowledge: Span,
  remindEvery: Span,
  reminders: z.number().int().min(0).max(20),
  climb: Span,
});
const File = z.strictObject({
  version: z.string().min(1),
  mark: Mark,
  colours: z.strictObject({ red: OfColour, orange: OfColour, yellow: OfColour, blue: OfColour }),
  measures: z.strictObject({ left: z.number().min(0).max(1) }),
});

export type ChasingOfColour = { acknowledge: Seconds; remindEvery: Seconds; reminders: number; climb: Seconds };
export type ChasingRules = {
  version: string;
  mark: Mark;
  colours: { readonly [colour in WarningColour]: ChasingOfColour };
  /** The share of the time given that is left when a measure is recalled. */
  left: number;
};

/** Reads the content file; throws the refusals with file and line. */
export function readChasingRules(text: string, path: string): ChasingRules {
  const read = readContent(File, text, path);
  if (!read.ok) throw new AggregateError(read.refusals, 'content');
  const span = (value: string, colour: string, field: string): Seconds => {
    try {
      const seconds = parseSpan(value);
      if (seconds > 0) return seconds;
    } catch {
      // Said below, with file and line.
    }
    const message = `"${value}" is not a span; write PT30M or P1D.`;
    throw new AggregateError(
      [new Refusal('content.warning', message, { place: read.place(['colours', colour, field]) })],
      'content',
    );
  };
  const colours = Object.fromEntries(
    Object.entries(read.value.colours).map(([colour, { acknowledge, remindEvery, reminders, climb }]) => [
      colour,
      {
        acknowledge: span(acknowledge, colour, 'acknowledge'),
        remindEvery: span(remindEvery, colour, 'remindEvery'),
        reminders,
        climb: span(climb, colour, 'climb'),
      },
    ]),
  ) as ChasingRules['colours'];
  return { version: read.value.version, mark: read.value.mark, colours, left: read.value.measures.left };
}

/** One addressee of a warning in force. */
export type Chased = {
  /** When the present edition was delivered. */
  deliveredAt: Seconds;
  acknowledged: boolean;
  /** Ids of measures that are done. */
  done: ReadonlySet<string>;
  /** What was sent of this edition: `keyOf` each. */
  sent: ReadonlySet<string>;
};

export type ChaseStep = {
  kind: 'warning-reminder' | 'warning-escalated' | 'measure-due';
  /** Of a measure; null: of the acknowledgement. */
  measure: string | null;
  /** How many times by then. */
  count: number;
  /** Until when the answer was or is awaited. */
  dueAt: Seconds;
};

/** What tells a step from the others of the same addressee and edition. */
export const keyOf = ({ kind, measure, count }: { kind: string; measure: string | null; count: number }): string =>
  `${kind}\n${measure ?? ''}\n${count}`;

/** What is due at an addressee now, and when the next is; null: nothing more. */
export function chase(
  { colour, measures, validUntil }: { colour: WarningColour; measures: readonly WarningMeasure[]; validUntil: Seconds | null },
  chased: Chased,
  rules: ChasingRules,
  now: Seconds,
): { due: ChaseStep[]; nextAt: Seconds | null } {
  const due: ChaseStep[] = [];
  let nextAt: Seconds | null = null;
  const later = (at: Seconds): void => void (nextAt = nextAt === null ? at : Math.min(nextAt, at));
  const once = (at: Seconds, step: ChaseStep): void => {
    if (chased.sent.has(keyOf(step))) return;
    if (at <= now) due.push(step);
    else later(at);
  };
  // What has run out is over; nobody is chased for it.
  if (validUntil !== null && validUntil < now) return { due, nextAt };
  if (!chased.acknowledged) {
    const { acknowledge, remindEvery, reminders, climb } = rules.colours[colour];
    const dueAt = chased.deliveredAt + acknowledge;
    const by = Math.min(reminders, Math.floor((now - dueAt) / remindEvery) + 1);
    if (by >= 1) once(dueAt, { kind: 'warning-reminder', measure: null, count: by, dueAt });
    if (by < reminders) later(dueAt + Math.max(0, by) * remindEvery);
    once(chased.deliveredAt + climb, { kind: 'warning-escalated', measure: null, count: 1, dueAt });
  }
  for (const { id, dueAt, needs } of measures) {
    if (dueAt === null || chased.done.has(id)) continue;
    const given = Math.max(0, dueAt - chased.deliveredAt);
    // The last moment to begin, when that is earlier; never before it was told.
    const recallAt = Math.max(chased.deliveredAt, dueAt - Math.max(given * rules.left, needs ?? 0));
    // Whoever is told with hardly any time left reads it in the warning itself.
    if (recallAt > chased.deliveredAt && now < dueAt) once(recallAt, { kind: 'measure-due', measure: id, count: 1, dueAt });
    // Edition after edition may come late: what was due before it was told was not missed by them.
    once(Math.max(dueAt, chased.deliveredAt), { kind: 'warning-escalated', measure: id, count: 1, dueAt });
  }
  return { due, nextAt };
}
