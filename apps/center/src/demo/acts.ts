/**
 * What the demo's people do, as data: `content/demo/acts.yaml`. Each act names who acts, on which incident or warning, after what, and
 * when it counts as done; so that a demo that was interrupted goes on where it stood, and nothing is done twice.
 */

import { z } from 'zod';
import { Urgency } from '@forewarn/model/notice';
import { Cause, CauseChain, PreventionState } from '@forewarn/model/cause';
import { Slug } from '@forewarn/model/estate';
import { LocalText } from '@forewarn/model/text';
import { WarningColour } from '@forewarn/model/warning';

const Value = z.union([z.number(), z.string(), z.boolean(), z.object({ min: z.number(), max: z.number() })]);

const Doing = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ask'), organisation: Slug, part: z.enum(['lead', 'support', 'inform']) }),
  z.strictObject({ kind: z.literal('accept'), part: z.enum(['lead', 'support', 'inform']) }),
  z.strictObject({ kind: z.literal('fact'), fact: z.string(), value: Value, source: z.string() }),
  z.strictObject({ kind: z.literal('event'), event: z.string(), note: z.string().optional() }),
  z.strictObject({
    kind: z.literal('task'),
    title: z.string(),
    organisation: Slug,
    dueInSeconds: z.number().positive().optional(),
  }),
  z.strictObject({
    kind: z.literal('decide'),
    question: z.string(),
    options: z.array(z.string()).min(1),
    chosen: z.string(),
    reasons: z.string(),
    dissent: z.string().optional(),
    article: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal('warn'),
    /** Left out: the one that the rules propose. */
    colour: WarningColour.optional(),
    urgency: Urgency.default('incident'),
    /** False: it is not of the incident, which then only says when it is drafted. */
    ofIncident: z.boolean().default(true),
    title: LocalText,
    incidentType: z.string(),
    possibleScope: z.string(),
    mattersToNote: z.string(),
    measures: z
      .array(
        z.strictObject({ id: Slug, text: z.string(), inSeconds: z.number().positive(), needsSeconds: z.number().positive() }),
      )
      .min(1),
    validForSeconds: z.number().positive(),
    sectors: z.array(z.string()),
    businesses: z.array(Slug),
    names: z.array(z.string()),
    addresses: z.array(z.string()),
    vulnerabilities: z.array(z.string()).optional(),
    /** Role of the second person, of the same organisation, who reads and issues it. */
    issuedBy: z.string(),
  }),
  /** Of one's own warnings: all, or the one with the title in English. */
  z.strictObject({ kind: z.literal('acknowledge'), warning: z.string().optional() }),
  z.strictObject({ kind: z.literal('done'), warning: z.string(), measure: Slug, evidence: z.string() }),
  z.strictObject({ kind: z.literal('remind'), warning: z.string(), climb: z.boolean() }),
  z.strictObject({ kind: z.literal('lift'), warning: z.string(), reason: z.string() }),
  /** Makes a report of the situation, says what it means, and releases it. */
  z.strictObject({
    kind: z.literal('report'),
    template: z.string(),
    remark: z.string(),
    recipients: z.array(Slug).min(1),
    reason: z.string(),
  }),
  /** Writes why it happened. */
  z.strictObject({ kind: z.literal('causes'), steps: CauseChain }),
  /** Records an incident of before, which is over. */
  z.strictObject({ kind: z.literal('record'), title: z.string(), reason: z.string(), cause: Cause }),
  z.strictObject({
    kind: z.literal('prevent'),
    title: z.string(),
    measure: z.string(),
    causes: z.array(z.string()).min(1),
    owner: z.string(),
    dueInSeconds: z.number().positive(),
    state: PreventionState.optional(),
  }),
]);
export type Doing = z.infer<typeof Doing>;

export const Act = z.strictObject({
  id: Slug,
  /** The incident is the one that hit this organisation. */
  incident: Slug,
  /** Seconds after the act it follows (or after the incident was first seen). */
  afterSeconds: z.number().nonnegative(),
  follows: Slug.optional(),
  /** Organisation and role of the person. */
  who: z.strictObject({ organisation: Slug, role: z.string() }),
  does: Doing,
});
export type Act = z.infer<typeof Act>;

export const Acts = z.strictObject({ acts: z.array(Act).max(200) });
