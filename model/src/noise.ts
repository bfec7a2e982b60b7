/**
 * Noise that analysts own: exceptions, maintenance windows and snoozes hide findings, with an owner, a reason and an end; verdicts say what a
 * finding was. What is hidden is kept and counted. One noun, `exception`, in three kinds, because they differ only in what they need.
 */

import { z } from 'zod';

/** What a person says a finding was. `expected`: the rule saw what it says, and it was meant to be (a benign true positive). */
export const verdicts = ['true-positive', 'false-positive', 'expected', 'undetermined'] as const;
export const Verdict = z.enum(verdicts);
export type Verdict = z.infer<typeof Verdict>;

/** `exception`: never shown while it is in force; `window`: while maintenance lasts; `snooze`: not now. */
export const exceptionKinds = ['exception', 'window', 'snooze'] as const;
export type ExceptionKind = (typeof exceptionKinds)[number];

/** What of the network it is about. `service` is the protocol whose log the evidence stands in: dns, modbus, sip. */
export const entityKinds = ['host', 'network', 'domain', 'service'] as const;
export const ExceptionEntity = z.strictObject({ kind: z.enum(entityKinds), value: z.string().trim().min(1).max(255) });
export type ExceptionEntity = z.infer<typeof ExceptionEntity>;

/** At most a year: what was right then must be looked at again by somebody who is there now. */
export const exceptionSecondsMax = 366 * 86_400;

/** What is put off for longer is not put off but accepted, and that is an exception. */
export const snoozeSecondsMax = 30 * 86_400;

/** In force at a time, of all organisations: each is tried on every finding, and so many cost under a millisecond. */
export const exceptionsMax = 1_000;

/** The days of which a preview tells what would have been hidden. */
export const previewDaysMax = 90;

/** Local times of a week, in a zone of the IANA database. 0 is Sunday. A window may run past midnight, up to a whole day. */
export const WeeklyWindow = z.strictObject({
  days: z.array(z.number().int().min(0).max(6)).min(1).max(7),
  start: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  minutes: z.number().int().min(1).max(1_440),
  zone: z.string().min(1).max(64),
});
export type WeeklyWindow = z.infer<typeof WeeklyWindow>;

/** What an exception says; instants are seconds UTC. */
export const ExceptionTerms = z.strictObject({
  kind: z.enum(exceptionKinds),
  /** Only what a sensor of this organisation saw; null: wherever its owner may hide. */
  organisation: z.string().max(64).nullable().default(null),
  rule: z.string().min(1).max(200).nullable().default(null),
  entity: ExceptionEntity.nullable().default(null),
  /** A condition in the text form of the query algebra, over the fields of a finding (`finding-fields.ts`). */
  condition: z.string().trim().max(5_000).default(''),
  /** From when on; of a window, when maintenance begins. Evidence must lie within. */
  from: z.number().nullable().default(null),
  weekly: WeeklyWindow.nullable().default(null),
  reason: z.string().trim().min(3).max(1_000),
  /** When it ends by itself. */
  until: z.number(),
});
export type ExceptionTerms = z.infer<typeof ExceptionTerms>;

export const exceptionStates = ['active', 'lifted', 'expired'] as const;
export type ExceptionState = (typeof exceptionStates)[number];
