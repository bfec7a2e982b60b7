/**
 * How the rows of a published collection of incidents are read as facts: `content/collections/<id>.yaml`. Each word of a column
 * states what it says and no more: "less than 24 h" is an interval, and a column that says nothing leaves its facts unknown.
 */

import { z } from 'zod';
import { Source } from './grade.ts';
import { LocalText } from './text.ts';

/** A statement as in a fact sheet: a value, `{ min, max }`, `{ value, unit }`, a list. */
const Stated = z.union([
  z.number(),
  z.string().max(64),
  z.boolean(),
  z.array(z.string().max(64)).max(64),
  z.strictObject({
    value: z.number().optional(),
    min: z.union([z.number(), z.string().max(64)]).optional(),
    max: z.union([z.number(), z.string().max(64)]).optional(),
    unit: z.string().max(20).optional(),
  }),
]);

export const CollectionColumn = z.strictObject({
  column: z.string().max(80),
  /** What each word states; a cell may hold several words, and an unlisted one states nothing. */
  words: z.record(z.string().max(400), z.record(z.string().max(64), Stated)).optional(),
  /** What a cell states that holds something, and none of the words. */
  otherwise: z.record(z.string().max(64), Stated).optional(),
  /** The number in the cell, where it is more than nothing, states this fact; only beside the other column's word. */
  number: z
    .strictObject({
      fact: z.string().max(64),
      unit: z.string().max(20).optional(),
      when: z.record(z.string().max(80), z.string().max(80)).optional(),
    })
    .optional(),
});
export type CollectionColumn = z.infer<typeof CollectionColumn>;

export const Collection = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  title: LocalText,
  note: LocalText.optional(),
  sources: z.array(Source).min(1).max(24),
  /** The columns of a row's id and name. */
  key: z.string().max(80),
  name: z.string().max(80).optional(),
  /** How a cell of several words is cut; words are also found in quoted lists. */
  columns: z.array(CollectionColumn).min(1).max(64),
});
export type Collection = z.infer<typeof Collection>;
