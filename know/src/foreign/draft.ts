/** What a foreign file becomes: rows of the estate's sheets, for a person to complete, check and import. */

import type { EstateKind } from '@forewarn/model/estate';
import type { Words } from '@forewarn/model/text';

/** An item that may still lack what the file could not tell. */
export type Draft = { readonly [field: string]: unknown; readonly id: string };
export type Drafts = { items: { readonly [Kind in EstateKind]?: Draft[] }; notes: Words[] };

/** A slug has 64 characters at most (`model/estate.ts`). */
const idMax = 64;

/** Gives ids made of words; a second thing with the same words gets a number. */
export class Ids {
  readonly #given = new Set<string>();
  /** The number that a repeated id tries first, so that a thousand hosts of one name are not each compared with all before. */
  readonly #counts = new Map<string, number>();

  next(...words: readonly string[]): string {
    const whole = words.map(slug).filter((word) => word !== '').join('-') || 'item'; // oxfmt-ignore
    // Room for a hyphen and a number of six digits.
    const base = whole.slice(0, idMax - 7).replace(/-+$/, '');
    let id = base;
    for (let count = this.#counts.get(base) ?? 1; this.#given.has(id); count++) {
      id = `${base}-${count + 1}`;
      this.#counts.set(base, count + 1);
    }
    this.#given.add(id);
    return id;
  }
}

const slug = (text: string): string =>
  text
    .slice(0, 256)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** A text within a field's length; `undefined` where there is none. */
export function within(text: unknown, max: number): string | undefined {
  if (typeof text !== 'string') return undefined;
  const cut = text.trim().slice(0, max);
  return cut === '' ? undefined : cut;
}
