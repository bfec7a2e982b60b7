/**
 * Proposals for the estate: what records show and the register does not have. A person accepts, refuses or merges them; nothing enters the
 * register by itself. Instants of the API are RFC 3339 in UTC.
 */

import { z } from 'zod';
import { Instant } from './api.ts';
import { Asset, estateKinds, NetworkType, Slug, type EstateKind } from './estate.ts';
import { LocalText, Words } from './text.ts';

/** What is proposed. A service becomes an application, a product a component, and a surface is one of a business. */
export const proposalKinds = ['host', 'service', 'name', 'product', 'surface'] as const;
export const ProposalKind = z.enum(proposalKinds);
export type ProposalKind = z.infer<typeof ProposalKind>;

/** What a person made of it. */
export const proposalStates = ['open', 'accepted', 'merged', 'refused'] as const;
export const ProposalState = z.enum(proposalStates);
export type ProposalState = z.infer<typeof ProposalState>;

/** What a host does, by what it was seen doing; the first that is known counts. */
export const hostRoles = ['controller', 'network-device', 'server', 'controlling', 'client'] as const;

const Said = z.string().max(300);
/** What records said, in fields of their own. */
export const ProposalSaid = z.object({
  role: z.enum(hostRoles).optional(),
  name: Said.optional(),
  vendor: Said.optional(),
  product: Said.optional(),
  version: Said.optional(),
  /** The log, or the certificate, by which a device or name told itself. */
  by: Said.optional(),
  /** As records of software call it: SSH::SERVER. */
  type: Said.optional(),
  /** All that a program said of itself. */
  quote: Said.optional(),
  port: z.number().int().optional(),
  proto: Said.optional(),
  service: Said.optional(),
  surface: z.object({ kind: z.enum(['web', 'api']), name: Said }).optional(),
});
export type ProposalSaid = z.infer<typeof ProposalSaid>;

const Kind = z.enum(Object.keys(estateKinds) as [EstateKind, ...EstateKind[]]);
const ItemReference = z.object({ kind: Kind, id: z.string() });

/** What a proposal still needs before it can be accepted. */
export const proposalNeeds = ['network', 'asset', 'business'] as const;

export const ProposalView = z.object({
  id: z.string(),
  organisation: z.string(),
  kind: ProposalKind,
  /** An address, or the hardware address of a device that told none. */
  host: z.string(),
  said: ProposalSaid,
  /** The asset that the host is, where it is registered. */
  asset: z.object({ id: z.string(), name: LocalText }).nullable(),
  /** What accepting writes, as it stands now. */
  draft: z.object({
    item: ItemReference.nullable(),
    /** New, or something is added to what is there. */
    creates: z.boolean(),
    name: z.string(),
    needs: z.enum(proposalNeeds).nullable(),
  }),
  firstSeen: Instant,
  lastSeen: Instant,
  /** Records that showed it. */
  count: z.number().int(),
  confidence: z.number(),
  why: z.array(Words),
  /** The last record that showed it, where it is the asker's to see. */
  record: z.object({ log: z.string(), at: Instant, sensor: z.string() }).nullable(),
  state: ProposalState,
  decided: z.object({ at: Instant, by: z.string(), reason: z.string(), item: ItemReference.nullable() }).nullable(),
});
export type ProposalView = z.infer<typeof ProposalView>;

export const ProposalList = z.object({
  items: z.array(ProposalView),
  next: z.string().nullable(),
  totals: z.object({
    open: z.number().int(),
    /** Open ones by kind, whichever kind is chosen. */
    kinds: z.record(ProposalKind, z.number().int()),
    /** So many are kept open for an organisation; whether one has reached it, and new ones wait. */
    most: z.number().int(),
    full: z.boolean(),
  }),
});
export type ProposalList = z.infer<typeof ProposalList>;

/** What the person changes of the draft; what is left out stays as drafted. */
export const ProposalChoice = z.strictObject({
  item: Slug.optional(),
  name: LocalText.optional(),
  kind: Asset.shape.kind.optional(),
  importance: Asset.shape.importance.optional(),
  network: Slug.optional(),
  asset: Slug.optional(),
  business: Slug.optional(),
});
export type ProposalChoice = z.infer<typeof ProposalChoice>;

/** Accepted or refused at once: a screen or two of them, written in one transaction. */
export const proposalsAtOnce = 200;

export const ProposalOutcome = z.object({
  decided: z.array(z.object({ proposal: z.string(), item: ItemReference.nullable() })),
  /** Those that could not be: they stay open, the others were written. */
  faults: z.array(z.object({ proposal: z.string(), message: Words })),
});
export type ProposalOutcome = z.infer<typeof ProposalOutcome>;

const Blind = {
  id: z.string(),
  organisation: z.string(),
  name: LocalText,
  state: z.enum(['silent', 'blind']),
  /** When a record last came from there. */
  lastAt: Instant.nullable(),
};

export const BlindSpots = z.object({
  at: Instant,
  days: z.number().int(),
  /** Web and programmatic surfaces of businesses that no record has shown in these days; the never seen ones first. */
  surfaces: z.array(
    z.object({
      business: z.string(),
      businessName: LocalText,
      organisation: z.string(),
      kind: z.enum(['web', 'api']),
      name: z.string(),
      lastSeen: Instant.nullable(),
    }),
  ),
  networks: z.array(z.object({ ...Blind, type: NetworkType })),
  links: z.array(z.object({ ...Blind, role: z.enum(['primary', 'secondary']), weight: z.number().nullable() })),
  /** All there are, and how many of them are registered; lists stop at `most`. */
  totals: z.object({
    surfaces: z.object({ blind: z.number().int(), all: z.number().int() }),
    networks: z.object({ blind: z.number().int(), all: z.number().int() }),
    links: z.object({ blind: z.number().int(), all: z.number().int() }),
    /** Desks and apps in shops: no traffic tells of them. */
    unseeable: z.number().int(),
  }),
  most: z.number().int(),
});
export type BlindSpots = z.infer<typeof BlindSpots>;
