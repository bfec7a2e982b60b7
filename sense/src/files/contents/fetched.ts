/** What was fetched before by the same receiver from the same place and server: whether a manifest goes on, stands still or steps back. */

import type { Seconds } from '@forewarn/base/time';

const placesMax = 8_192;

/** The ceilings of this table, for the reference. */
export const limits = [
  { name: 'manifests.placesMax', value: placesMax, unit: 'places', why: 'Playlists of players behind one link, by receiver; the one fetched longest ago is forgotten first, and is new when it comes again.' },
] as const; // oxfmt-ignore

export type Progress = 'first' | 'ahead' | 'standing' | 'backwards';

type Before = { from: number; to: number; since: Seconds };

export class Fetched {
  readonly #places = new Map<string, Before>();

  /** A manifest that covers `from` to `to` (numbers of segments, or an instant twice), fetched at `ts`. */
  compare(place: string, from: number, to: number, ts: Seconds): { progress: Progress; stalled?: Seconds } {
    const before = this.#places.get(place);
    this.#places.delete(place);
    if (this.#places.size >= placesMax) {
      const [oldest] = this.#places.keys();
      this.#places.delete(oldest!);
    }
    const standing = before !== undefined && before.from === from && before.to === to;
    this.#places.set(place, standing ? before : { from, to, since: ts });
    if (!before) return { progress: 'first' };
    if (standing) return { progress: 'standing', stalled: Math.max(0, Math.round((ts - before.since) * 1e6) / 1e6) };
    return { progress: from < before.from || to < before.to ? 'backwards' : 'ahead' };
  }
}
