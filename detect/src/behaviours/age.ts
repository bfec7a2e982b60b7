/** How old what was learned is, in words, and how sure one may be of it. */

import type { Seconds } from '@forewarn/base/time';
import type { Words } from '@forewarn/model/text';

/** `40 min`, `7 h`, `12 days`: the largest unit of which there are two. */
export function ageWords(seconds: Seconds): Words {
  const minutes = Math.max(0, seconds) / 60;
  if (minutes < 120) return { text: 'detect.age.minutes', values: { count: Math.round(minutes) } };
  if (minutes < 2_880) return { text: 'detect.age.hours', values: { count: Math.round(minutes / 60) } };
  return { text: 'detect.age.days', values: { count: Math.round(minutes / 1_440) } };
}

/** From `young` where learning has just ended to `old` after `full` seconds: a week has seen every hour of the week. */
export function sureness(age: Seconds, { young, old, full }: { young: number; old: number; full: Seconds }): number {
  const share = Math.min(1, Math.max(0, age / full));
  return Math.round(100 * (young + (old - young) * share)) / 100;
}
