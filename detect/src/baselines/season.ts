/**
 * What is usual at an hour of the week: the middle of what was there at that hour, and at its neighbours, in the weeks before, and how far values lie
 * from it. Median and median absolute deviation bear almost half of the weeks being wrong: holidays, an incident, a back-up that was moved.
 */

import type { Seconds } from '@forewarn/base/time';

export const hourSeconds = 3_600;
export const weekSeconds = 7 * 86_400;

/** An amount (bytes, connections, hosts) lies on a logarithmic scale, a share between 0 and 1 as it is. */
export type Scale = 'amount' | 'share';

/** A value of one hour, and how many weeks ago. */
export type Sample = { readonly week: number; readonly value: number };

export type Season = {
  /** What is usual, in the unit of the values. */
  readonly median: number;
  /** The highest of the values. */
  readonly most: number;
  /** Robust standard deviation, on the scale. */
  readonly spread: number;
  readonly scale: Scale;
  readonly samples: number;
  /** Weeks with values. */
  readonly weeks: number;
};

export type SeasonSettings = { readonly spreadMin: number; readonly shareSpreadMin: number; readonly weeksMin: number };

/** What is usual by the samples; undefined where there are too few weeks. */
export function seasonOf(samples: readonly Sample[], scale: Scale, settings: SeasonSettings): Season | undefined {
  const weeks = new Set(samples.map(({ week }) => week)).size;
  if (weeks < settings.weeksMin) return undefined;
  const values = samples.map(({ value }) => scaled(value, scale));
  const middle = median(values);
  const deviation = median(values.map((value) => Math.abs(value - middle)));
  const least = scale === 'amount' ? settings.spreadMin : settings.shareSpreadMin;
  return {
    median: scale === 'amount' ? Math.expm1(middle) : middle,
    most: Math.max(...samples.map(({ value }) => value)),
    // For normal values 1.4826 of it is a standard deviation.
    spread: Math.max(1.4826 * deviation, least),
    scale,
    samples: samples.length,
    weeks,
  };
}

/** How many robust standard deviations a value lies above what is usual; below, it is negative. */
export function deviationOf(season: Season, value: number): number {
  return (scaled(value, season.scale) - scaled(season.median, season.scale)) / season.spread;
}

/** How sure a season is, 0 to 1: with the weeks it knows of those it wants, and less the more its values scatter. */
export function confidenceOf({ weeks, spread, scale }: Season, wanted: number): number {
  const steady = scale === 'amount' ? 1 / (1 + spread) : 1 - Math.min(1, spread);
  return Math.min(1, weeks / wanted) * (0.5 + 0.5 * steady);
}

/** Which hours say what is usual at an hour: the same of the weeks before, and their neighbours; the newest week first. */
export function seasonHours(
  hour: Seconds,
  weeks: number,
  before: Seconds = hour,
): { week: number; from: Seconds; to: Seconds }[] {
  // Of weeks that are over before the instant that counts; a pinned baseline stays where it was.
  const skipped = Math.max(0, Math.ceil((hour + 2 * hourSeconds - before) / weekSeconds) - 1);
  return Array.from({ length: weeks }, (_unused, index) => {
    const week = index + 1 + skipped;
    const middle = hour - week * weekSeconds;
    return { week, from: middle - hourSeconds, to: middle + 2 * hourSeconds };
  });
}

const scaled = (value: number, scale: Scale): number => (scale === 'amount' ? Math.log1p(Math.max(0, value)) : value);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
