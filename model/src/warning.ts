/**
 * Early warnings in four colours: fields and life after the national plan of 2017. A warning's state follows from its
 * events. Instants are seconds.
 */

import { z } from 'zod';
import { Urgency } from './notice.ts';

/** The four of the plan; grading schemes of other countries have more. The most serious first. */
export const warningColours = ['red', 'orange', 'yellow', 'blue'] as const;
export const WarningColour = z.enum(warningColours);
export type WarningColour = z.infer<typeof WarningColour>;

const organisationId = z.string().min(1).max(100);
const personId = z.string().min(1).max(200);
const text = z.string().min(1).max(5000);

/** A product and its versions: by package URL, CPE name, or names of vendor and product; without any edge every version is meant. */
export const WarnedProduct = z
  .strictObject({
    purl: z.string().min(1).max(1000).optional(),
    cpe: z.string().min(1).max(500).optional(),
    vendor: z.string().min(1).max(200).optional(),
    product: z.string().min(1).max(200).optional(),
    /** How its versions are numbered: `semver`, `deb`, …; left out: as its package is, or as numbers with dots. */
    scheme: z.string().min(1).max(40).optional(),
    exactly: z.string().min(1).max(100).optional(),
    from: z.string().min(1).max(100).optional(),
    before: z.string().min(1).max(100).optional(),
    upTo: z.string().min(1).max(100).optional(),
  })
  .refine(({ purl, cpe, product }) => (purl ?? cpe ?? product) !== undefined, 'Give a package URL, a CPE name or a product.')
  .refine(
    ({ exactly, from, before, upTo }) => exactly === undefined || (from ?? before ?? upTo) === undefined,
    'It is exactly one version, or a range.',
  );
export type WarnedProduct = z.infer<typeof WarnedProduct>;

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
  products: z.array(WarnedProduct).max(50).optional().describe('Those who have the product in one of the versions, or possibly.'),
  asns: z
    .array(z.string().regex(/^AS\d{1,10}$/, 'Write AS64500.'))
    .max(100)
    .optional()
    .describe('Those whose networks belong to the autonomous systems.'),
  regions: z.array(z.string().min(1).max(64)).max(100).optional().describe('Those who are at home or run a network there.'),
  dependents: z
    .boolean()
    .optional()
    .describe('Also those whose businesses rely on a business that is affected, through as many others as it may be.'),
  onlySure: z.boolean().optional().describe('Leave out those that are only possibly concerned.'),
});
export type WarningScope = z.infer<typeof WarningScope>;

/** `possibly`: its version is not known, or cannot be compared. */
export const ConcernCertainty = z.enum(['sure', 'possibly']);
export type ConcernCertainty = z.infer<typeof ConcernCertainty>;

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
  colour: WarningColour,
  urgency: Urgency,
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
  /** A second person has read it: not the one whose words it holds. */
  z.object({ kind: z.literal('approve'), at: z.number(), by: personId }),
  /** A draft that is not to be issued. */
  z.object({ kind: z.literal('drop'), at: z.number(), by: personId, reason: text }),
  z.object({
    kind: z.literal('issue'),
    at: z.number(),
    by: personId,
    audience: z.array(organisationId).max(20_000),
    /** Why nobody else could be asked. */
    alone: text.optional(),
  }),
  /** Another text of an issued warning, which takes effect when a second person agrees (`adjust`). */
  z.object({ kind: z.literal('propose'), at: z.number(), by: personId, reason: text, content: WarningContent }),
  z.object({
    kind: z.literal('adjust'),
    at: z.number(),
    by: personId,
    reason: text,
    content: WarningContent,
    audience: z.array(organisationId).max(20_000),
    alone: text.optional(),
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

export const warningStages = ['draft', 'approved', 'dropped', 'issued', 'adjusted', 'lifted'] as const;
export const WarningStage = z.enum(warningStages);

export const WarningState = z.object({
  state: WarningStage,
  content: WarningContent,
  /** Whose words the content holds. */
  author: personId,
  /** Who else has read the draft; null when nobody has. */
  approvedBy: personId.nullable(),
  /** What an issued warning would become when a second person agrees. */
  proposed: z.object({ by: personId, at: z.number(), content: WarningContent, reason: text }).nullable(),
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
