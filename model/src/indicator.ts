/**
 * Indicators: what a list says of a value, in our words. `share` reads partners' formats into these, `detect` looks for them, `store` keeps
 * where they came from.
 */

import { z } from 'zod';
import type { Place } from '@forewarn/base/refusal';
import type { Seconds } from '@forewarn/base/time';
import type { Predicate } from './query/query.ts';

export const indicatorKinds = ['address', 'network', 'domain', 'url', 'hash'] as const;
export type IndicatorKind = (typeof indicatorKinds)[number];

/** How reliable a source is (NATO AJP-2.1, the Admiralty scale): A completely, E not at all, F cannot be judged. */
export const Reliability = z.enum(['A', 'B', 'C', 'D', 'E', 'F']);
export type Reliability = z.infer<typeof Reliability>;

/** How credible what it says is: 1 confirmed by others, 5 improbable, 6 cannot be judged. */
export const Credibility = z.enum(['1', '2', '3', '4', '5', '6']);
export type Credibility = z.infer<typeof Credibility>;

/** What is said of a value; whatever a list does not say is missing. */
export type Said = {
  /** Who says it. */
  readonly source?: string | undefined;
  readonly reliability?: Reliability | undefined;
  readonly credibility?: Credibility | undefined;
  /** 0 to 1. */
  readonly confidence?: number | undefined;
  readonly technique?: string | undefined;
  /** It holds from and to before these instants. */
  readonly validFrom?: Seconds | undefined;
  readonly validUntil?: Seconds | undefined;
  /** When it was last seen or said: from there on it grows old. */
  readonly seenAt?: Seconds | undefined;
  readonly note?: string | undefined;
};

/** One value of a list. */
export type ListedValue = Said & {
  readonly kind: IndicatorKind;
  readonly value: string;
  /** A name by itself, without those below it. */
  readonly exact?: boolean | undefined;
};

/** Observations that together are a sign. Times are those of the records. */
export type Watched =
  /** One record of a log for which a predicate holds; of several, any. */
  | { readonly kind: 'see'; readonly of: readonly { readonly log: string; readonly where: Predicate }[] }
  | { readonly kind: 'and' | 'or' | 'followed'; readonly of: readonly [Watched, Watched] }
  /** The last less than so many seconds after the first. */
  | { readonly kind: 'within'; readonly seconds: number; readonly of: Watched }
  | { readonly kind: 'repeats'; readonly times: number; readonly of: Watched }
  | { readonly kind: 'between'; readonly from: Seconds; readonly to: Seconds; readonly of: Watched };

/** A pattern of a list. */
export type ListedPattern = Said & {
  /** As its author wrote it. */
  readonly text: string;
  readonly name: string;
  readonly watched: Watched;
};

/** A line or object of a list as it was read, with where it stands. */
export type ListEntry =
  | { readonly place: Place; readonly value: ListedValue }
  | { readonly place: Place; readonly pattern: ListedPattern }
  | { readonly place: Place; readonly refused: { readonly code: string; readonly message: string; readonly advice: string } };

/** Seconds of the longest validity that is kept with a value: the end of 32 unsigned bits, in 2106. */
export const instantMax = 0xffff_ffff;
