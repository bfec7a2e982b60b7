/**
 * A document for people – a report, a brief, a sheet – before it has any markup: a head, and blocks of words, figures, tables and plots. It is
 * kept as it was released, and every file of it (HTML, PDF, either language) is made from this.
 */

import { z } from 'zod';
import { Tlp } from './markings.ts';
import { LocalText, Words, render, type Catalogue, type Language } from './text.ts';

/** A piece of text: as it stands, by both languages, or by key. */
export const Piece = z.union([z.string().max(5_000), LocalText, Words]);
export type Piece = z.infer<typeof Piece>;

/** A number in a table or plot is written by the language's habit. */
const Cell = z.union([Piece, z.number(), z.null()]);
export type Cell = z.infer<typeof Cell>;

/** A colour of a level or a warning, by its name; the word for it always stands beside. */
const Colour = z.string().regex(/^[a-z-]{1,20}$/);

const caption = Piece;
/** A page holds some forty rows; who needs more opens the workbench, and how many were left off is said. */
const rowsMax = 500;
/** Two weeks of hours; what is denser is thinned before. */
const pointsMax = 400;

export const Block = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('heading'), text: Piece }),
  z.object({ kind: z.literal('text'), paragraphs: z.array(Piece).min(1).max(50) }),
  /** Said because it is missing, uncertain or not to be overlooked. */
  z.object({ kind: z.literal('note'), text: Piece }),
  z.object({
    kind: z.literal('figures'),
    items: z
      .array(z.object({ label: Piece, value: Cell, note: Piece.nullable(), colour: Colour.nullable() }))
      .min(1)
      .max(24),
  }),
  z.object({
    kind: z.literal('table'),
    caption,
    columns: z
      .array(z.object({ label: Piece, end: z.boolean(), share: z.number().positive() }))
      .min(1)
      .max(9)
      .describe('`end`: numbers, set to the right. `share`: of the width, relative to the others.'),
    rows: z.array(z.object({ colour: Colour.nullable(), cells: z.array(Cell).max(9) })).max(rowsMax),
    /** Rows that are not shown. */
    more: z.number().int().nonnegative(),
    /** What is said when there is no row. */
    empty: Piece,
  }),
  z.object({
    kind: z.literal('bars'),
    caption,
    /** What the lengths are measured by; the longest bar fills it. */
    max: z.number().positive(),
    bars: z
      .array(z.object({ label: Piece, value: z.number().nonnegative().nullable(), said: Cell, colour: Colour.nullable() }))
      .min(1)
      .max(60),
  }),
  z.object({
    kind: z.literal('lines'),
    caption,
    from: z.number(),
    to: z.number(),
    max: z.number().positive(),
    /** Instants (seconds) with a value; null: unknown then, and the line has a gap. `low` and `high` are its band. */
    lines: z
      .array(
        z.object({
          label: Piece,
          points: z
            .array(
              z.object({
                at: z.number(),
                value: z.number().nullable(),
                low: z.number().optional(),
                high: z.number().optional(),
              }),
            )
            .max(pointsMax),
        }),
      )
      .min(1)
      .max(4),
  }),
]);
export type Block = z.infer<typeof Block>;

export const Document = z.object({
  title: Piece,
  /** What it is of: an incident's title, a warning's. */
  subject: Piece.nullable(),
  /** The number that people say: `SR-2026-0012`. */
  number: z.string().max(40),
  marking: Tlp,
  /** Who answers for it. */
  issuer: Piece,
  /** Of what time it speaks; equal instants: of this moment. */
  from: z.number(),
  to: z.number(),
  madeAt: z.number(),
  /** Null: not released yet, and every page says so. */
  released: z.object({ at: z.number(), by: z.string().max(200) }).nullable(),
  demo: z.boolean(),
  blocks: z.array(Block).max(200),
});
export type Document = z.infer<typeof Document>;

/** What a document is written with: the catalogue of one language. */
export type Writing = { readonly language: Language; readonly catalogue: Catalogue };

/** A piece of text in a language. */
export function written(piece: Piece, { language, catalogue }: Writing): string {
  if (typeof piece === 'string') return piece;
  return 'text' in piece ? render(piece, catalogue, language) : piece[language];
}

/** A cell in a language; what is unknown is a dash. */
export function writtenCell(cell: Cell, writing: Writing): string {
  if (cell === null) return '–';
  if (typeof cell === 'number') return writtenNumber(cell, writing);
  return written(cell, writing);
}

/** At most two decimals: a report is read, and the workbench has the exact number. */
export const writtenNumber = (value: number, { language }: Pick<Writing, 'language'>): string =>
  value.toLocaleString(language === 'zh' ? 'zh-CN' : 'en-GB', { maximumFractionDigits: 2 });

/** An instant as both languages write it on a document: day, minute, and that it is UTC. */
export function writtenInstant(at: number): string {
  const iso = new Date(at * 1000).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
