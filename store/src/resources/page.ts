/** Pages of a list: newest first (or by name), continued after a key, never by counting rows. */

import { Refusal } from '@forewarn/base/refusal';

export type PageAsked = { limit: number; cursor?: string | undefined };
export type Page<Item> = { items: Item[]; next: string | null };

/** A page of the API has at most this many items: a screen shows 50, and 500 incidents with their clocks are 2 MB. */
export const pageItemsMax = 500;

/** Where the next page begins: the sort key and the id of the last item seen. */
export type Position = readonly [key: string | number, id: string];

export function cursorOf(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** `key`: what the list is sorted by. Refusal: `page.cursor`. */
export function positionOf(cursor: string | undefined, key: 'number' | 'text' = 'number'): Position | undefined {
  if (cursor === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (
      Array.isArray(value) &&
      value.length === 2 &&
      (key === 'number' ? Number.isFinite(value[0]) : typeof value[0] === 'string') &&
      typeof value[1] === 'string' &&
      !value[1].includes('\0') &&
      value[1].isWellFormed()
    ) {
      return [value[0] as number | string, value[1]];
    }
  } catch {
    // Falls through to the refusal.
  }
  throw new Refusal('page.cursor', 'The cursor is not one that a list gave.', {
    place: { field: 'cursor' },
    advice: 'Leave it out to begin at the first page, and pass on what stood in "next".',
  });
}

/** Takes one row more than asked, and tells from it whether there is a next page. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  position: (row: Row) => Position,
  item: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(item), next: rows.length > limit && last !== undefined ? cursorOf(position(last)) : null };
}

/** Collects parameters while a statement is written: `where.and('level = ?', level)`. Texts are ours, values are theirs. */
export class Conditions {
  readonly #texts: string[] = [];
  readonly parameters: unknown[] = [];

  /** Each `?` takes the next of the values. */
  and(text: string, ...values: unknown[]): this {
    let at = 0;
    this.#texts.push(`(${text.replaceAll('?', () => this.value(values[at++]))})`);
    return this;
  }

  value(value: unknown): string {
    this.parameters.push(value);
    return `$${this.parameters.length}`;
  }

  /** The conditions so far, which are then forgotten; their values stay. For the next part of the same statement. */
  take(): string {
    const { sql } = this;
    this.#texts.length = 0;
    return sql;
  }

  get sql(): string {
    return this.#texts.length === 0 ? '' : `where ${this.#texts.join(' and ')}`;
  }
}
