/** Where a page ended, for who asks for the next. */

import { Refusal } from '@forewarn/base/refusal';

/** The row after which a page goes on. */
export type Cursor = { ts: number; batch: string; row: number };

export const writeCursor = ({ ts, batch, row }: Cursor): string =>
  Buffer.from(JSON.stringify([ts, batch, row])).toString('base64url');

export function readCursor(cursor: string): Cursor {
  try {
    const [ts, batch, row] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const isRow = typeof row === 'number' && Number.isInteger(row) && row >= 0 && row < 2 ** 32;
    if (typeof ts === 'number' && Number.isFinite(ts) && typeof batch === 'string' && isRow) return { ts, batch, row };
  } catch {
    // Told below.
  }
  throw new Refusal('records.cursor', 'The cursor is none of ours.', {
    place: { field: 'cursor' },
    advice: 'Take it from `next` of the page before, or leave it out.',
  });
}

/** How a search goes on that found all down to an instant: before the first of all batches of it, where only earlier records follow. */
export const onwards = (down: number | undefined): { next: string | null; reached: number | null } =>
  down === undefined ? { next: null, reached: null } : { next: writeCursor({ ts: down, batch: '', row: 0 }), reached: down };
