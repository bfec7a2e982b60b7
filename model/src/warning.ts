/**
 * Early warnings in four colours: fields and life after the national plan of 2017. A warning's state follows from its
 * events. Instants are seconds.
 */

import { z } from 'zod';
import { Colour } from './grade.ts';

const organisationId = z.string().min(1).max(100);
const personId = z.string().min(1).max(200);
const text = z.string().min(1).max(5000);

/** What could be hit. Each list is matched on its own against the estate; an empty scope reaches nobody. */
export const WarningScope = z.object({
  addresses: z.array(z.string()).max(1000).describe('Addresses and networks.'),
  names: z.array(z.string()).max(1000).describe('Domains and host names.'),
  businesses: z.array(z.string()).max(100).describe('Businesses of the estate.'),
  sectors: z.array(z.string()).max(100),
  vulnerabilities: z
    .array(z.string().min(1).max(100))
    .max(100)
    .optional()
    .describe('Those whose components are exposed to them, or possibly.'),
});
export type WarningScope = z.infer<typeof WarningScope>;

/** A step that the warned should take, until when; the reaction time given is counted against the time it needs. */
export const WarningMeasure = z.object({
  id: z.string().min(1).max(64),
  text,
  /** The plan's `deadline_for_measures`, per measure. */
  dueAt: z.number().nullable(),
  /** Seconds that carrying it out takes, as estimated by who proposes it. */
  needs: z.number().nonnegative().nullable(),
});
export type WarningMeasure = z.infer<typeof WarningMeasure>;

/** The content of a warning; the field names of the 2017 plan stand in the comments. */
export const WarningContent = z.object({
  title: z.string().min(1).max(300),
  /** `incident_type` */
  incidentType: z.string().min(1).max(200),
  /** `colour` */
  colour: Colour,
  /** `start_time`: since when, or from when, the danger stands. */
  startAt: z.number(),
  /** Until when it is valid unless lifted or adjusted before. */
  validUntil: z.number().nullable(),
  scope: WarningScope,
  /** `possible_scope`, in words. */
  possibleScope: text,
  /** `matters_to_note` */
  mattersToNote: text,
  /** `measures_to_take` and `deadline_for_measures` */
  measures: z.array(WarningMeasure).max(50),
  /** `issuing_authority` */
  issuingAuthority: organisationId,
});
export type WarningContent = z.infer<typeof WarningContent>;

export const WarningEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('draft'), at: z.number(), by: personId, content: WarningContent }),
  z.object({ kind: z.literal('issue'), at: z.number(), by: personId, audience: z.array(organisationId).max(10_000) }),
  z.object({
    kind: z.literal('adjust'),
    at: z.number(),
    by: personId,
    reason: text,
    content: WarningContent,
    audience: z.array(organisationId).max(10_000),
  }),
  z.object({ kind: z.literal('acknowledge'), at: z.number(), by: personId, organisation: organisationId }),
  z.object({
    kind: z.literal('measure-done'),
    at: z.number(),
    by: personId,
    organisation: organisationId,
    measure: z.string().max(64),
    evidence: z.string().max(2000).optional(),
  }),
  z.object({ kind: z.literal('lift'), at: z.number(), by: personId, reason: text }),
]);
export type WarningEvent = z.infer<typeof WarningEvent>;

/** What an addressee has done. */
export const WarningReceipt = z.object({
  organisation: organisationId,
  sentAt: z.number(),
  acknowledgedAt: z.number().nullable(),
  /** The edition it acknowledged; an adjustment asks for a new acknowledgement. */
  acknowledgedEdition: z.number().int().nullable(),
  measuresDone: z.array(z.object({ measure: z.string(), at: z.number() })),
});
export type WarningReceipt = z.infer<typeof WarningReceipt>;

export const WarningState = z.object({
  state: z.enum(['draft', 'issued', 'adjusted', 'lifted']),
  content: WarningContent,
  /** 1 when first issued, one more with each adjustment; 0 for a draft. */
  edition: z.number().int().nonnegative(),
  draftedAt: z.number(),
  issuedAt: z.number().nullable(),
  liftedAt: z.number().nullable(),
  receipts: z.array(WarningReceipt),
  /** Addressees that have not acknowledged the present edition. */
  unacknowledged: z.array(organisationId),
});
export type WarningState = z.infer<typeof WarningState>;
