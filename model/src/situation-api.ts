/** The situation index and the response ratio at the API. */

import { z } from 'zod';
import { Instant } from './api.ts';
import { Slug } from './estate.ts';
import { SituationCell, SituationComponent, SituationEvent, SituationPart, SituationPlace, SituationRules } from './situation.ts';
import { LocalText, Words } from './text.ts';

/** How a place is called. */
const PlaceName = z.union([Words, LocalText, z.string()]);

/** A cell, and how it stood a day before; null when no reading tells. */
export const SituationCellView = SituationCell.extend({
  name: PlaceName,
  before: z.object({ at: Instant, floor: z.number(), ceiling: z.number() }).nullable(),
});
export type SituationCellView = z.infer<typeof SituationCellView>;

/** One reading, cut to what the asker sees: the whole is the asker's own organisation, or, for the centre, everybody's. */
export const SituationIndexView = z.object({
  at: Instant,
  rules: SituationRules,
  whole: SituationCellView,
  /** Network types, sectors, regions and tiers; the worst first within each. */
  cells: z.array(SituationCellView),
  /** The worst organisations. */
  organisations: z.array(SituationCellView),
});
export type SituationIndexView = z.infer<typeof SituationIndexView>;

/** An event with what it adds: so many points less would the place have without it. */
export const SituationEventView = SituationEvent.extend({ effect: z.number() });
export type SituationEventView = z.infer<typeof SituationEventView>;

/** An organisation's share of a place: its own risks there, and the events that they are made of. */
export const SituationPartView = SituationPart.omit({ events: true }).extend({
  name: LocalText,
  risks: z.array(z.object({ id: SituationComponent, floor: z.number(), ceiling: z.number() })),
  events: z.array(SituationEventView),
});
export type SituationPartView = z.infer<typeof SituationPartView>;

/** A place opened: the cell, and a page of the organisations it is made of, with their events. All pages together reproduce the cell. */
export const SituationPlaceView = z.object({
  at: Instant,
  rules: SituationRules,
  place: SituationPlace,
  cell: SituationCellView,
  items: z.array(SituationPartView),
  next: z.string().nullable(),
});
export type SituationPlaceView = z.infer<typeof SituationPlaceView>;

/** How a place stood over time; a value holds until the next. */
export const SituationTrendView = z.object({
  place: SituationPlace,
  points: z.array(
    z.object({
      at: Instant,
      floor: z.number(),
      ceiling: z.number(),
      seen: z.number(),
      components: z.array(z.object({ id: SituationComponent, floor: z.number(), ceiling: z.number() })),
    }),
  ),
});
export type SituationTrendView = z.infer<typeof SituationTrendView>;

/** One incident as the response ratio sees it. */
export const RatedIncidentView = z.object({
  id: z.string(),
  number: z.string(),
  title: Words,
  openedAt: Instant,
  hit: z.array(Slug),
  /** Counted: before, late, unknown. Not counted: averted, excluded. */
  outcome: z.enum(['before', 'late', 'unknown', 'averted', 'excluded']),
  harm: z.object({ from: Instant.nullable(), to: Instant.nullable() }).nullable(),
  /** What was done first, of what counts. */
  action: z.object({ kind: z.enum(['warning', 'measure']), id: z.string(), what: z.string(), at: Instant }).nullable(),
  /** From the action to the earliest moment of harm; negative when it came too late. */
  leadSeconds: z.number().nullable(),
  reason: Words,
  /** Warnings and measures, for what was averted. */
  evidence: z.array(z.object({ kind: z.enum(['warning', 'measure']), id: z.string(), what: z.string(), at: Instant })),
});
export type RatedIncidentView = z.infer<typeof RatedIncidentView>;

/** Did we act before the harm? Of the incidents opened in a span of time, as far as the asker sees them. */
export const ResponseRatioView = z.object({
  from: Instant,
  to: Instant,
  before: z.number().int(),
  of: z.number().int(),
  ratio: z.number().nullable(),
  unknown: z.number().int(),
  averted: z.number().int(),
  excluded: z.number().int(),
  /** The median over those in which we acted before the harm. */
  leadSecondsMedian: z.number().nullable(),
  items: z.array(RatedIncidentView),
  /** More incidents were opened than are read at once; those are the newest. */
  cut: z.boolean(),
});
export type ResponseRatioView = z.infer<typeof ResponseRatioView>;
