/**
 * Channels: where an organisation wants its notices – a mailbox, a program that takes signed messages. The workbench has them anyway;
 * a feed shows the same to a reader.
 */

import { z } from 'zod';
import { Instant } from './instant.ts';
import { Tlp } from './markings.ts';
import { Colour } from './grade.ts';
import { NoticeKind } from './notice.ts';
import { languages, LocalText, Words } from './text.ts';

export const EndpointKind = z.enum(['mail', 'webhook']);
export type EndpointKind = z.infer<typeof EndpointKind>;

/** `digest`: together with others, once a day; `off`: not by this channel. */
export const Pace = z.enum(['at-once', 'digest', 'off']);
export type Pace = z.infer<typeof Pace>;

/** What goes to an endpoint, and how. */
export const EndpointTerms = z.strictObject({
  language: z.enum(languages),
  paces: z.record(NoticeKind, Pace).describe('Of every kind of notice.'),
  /** Where the way is less trusted than the workbench: of what is marked more strictly only the number is told. */
  whole: Tlp.describe('The strictest marking whose content goes this way.'),
  digestHour: z.number().int().min(0).max(23).describe('UTC.'),
});
export type EndpointTerms = z.infer<typeof EndpointTerms>;

/** Why something did not arrive. `code` is stable; `text` says it, with what to do. */
export const ChannelTrouble = z.object({ code: z.string().max(60), text: Words });
export type ChannelTrouble = z.infer<typeof ChannelTrouble>;

/** `unproven`: nobody has shown that it is theirs: a code that was mailed there, or a test that was accepted. */
export const EndpointState = z.enum(['unproven', 'active', 'paused']);
export type EndpointState = z.infer<typeof EndpointState>;

export const EndpointView = z.object({
  id: z.string(),
  organisation: z.string(),
  kind: EndpointKind,
  name: z.string(),
  /** A mail address, or an `https` address without its query, which may hold a secret. */
  address: z.string(),
  terms: EndpointTerms,
  state: EndpointState,
  madeAt: Instant,
  madeBy: z.string(),
  lastSentAt: Instant.nullable(),
  waiting: z.number().int(),
  /** What was given up since the last that arrived, and why. */
  trouble: ChannelTrouble.extend({ at: Instant, givenUp: z.number().int() }).nullable(),
});
export type EndpointView = z.infer<typeof EndpointView>;

export const DeliveryState = z.enum(['waiting', 'sent', 'given-up']);
export type DeliveryState = z.infer<typeof DeliveryState>;

/** One notice on its way to one endpoint. */
export const DeliveryView = z.object({
  notice: z.string(),
  kind: NoticeKind,
  subject: z.object({ kind: z.enum(['warning', 'report']), id: z.string() }),
  number: z.string(),
  title: LocalText,
  marking: Tlp,
  colour: Colour.nullable(),
  endpoint: z.string(),
  endpointName: z.string(),
  state: DeliveryState,
  pace: Pace,
  at: Instant,
  /** When it is tried next; null when nothing more is tried. */
  dueAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  attempts: z.number().int(),
  trouble: ChannelTrouble.nullable(),
});
export type DeliveryView = z.infer<typeof DeliveryView>;

/** How the centre sends mail. `none`: in clear, to a relay on the centre's own machine only. */
export const RelaySecurity = z.enum(['starttls', 'tls', 'none']);

export const Relay = z.strictObject({
  host: z
    .string()
    .trim()
    .regex(/^[a-z0-9.:-]{1,253}$/i, 'must be a name or an address'),
  port: z.number().int().min(1).max(65_535),
  security: RelaySecurity,
  user: z.string().max(320).nullable(),
  /** The sender's address. */
  from: z.email().max(320),
  /** PEM of an authority of one's own, if the relay's certificate is not of a public one. */
  authority: z.string().max(100_000).nullable(),
});
export type Relay = z.infer<typeof Relay>;

export const ChannelSettingsView = z.object({
  relay: Relay.extend({ password: z.boolean().describe('Whether one is kept.') }).nullable(),
  /** Private networks in which webhooks may lie; all others are refused. */
  privateNetworks: z.array(z.string()),
  /** Where people open the workbench; stands in mails. */
  publicUrl: z.string().nullable(),
  publicFeed: z.boolean(),
});
export type ChannelSettingsView = z.infer<typeof ChannelSettingsView>;

export const FeedTokenView = z.object({
  id: z.string(),
  name: z.string(),
  madeAt: Instant,
  madeBy: z.string(),
  lastUsedAt: Instant.nullable(),
});
export type FeedTokenView = z.infer<typeof FeedTokenView>;
