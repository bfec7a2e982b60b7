/** What the sections of all reports are put together from. Words for people are keys; their texts stand in `content/text/*∕report.json`. */

import type { Block, Cell, Document, Piece } from '@forewarn/model/document';
import { writtenInstant } from '@forewarn/model/document';
import type { LocalText, Words } from '@forewarn/model/text';

/** How an organisation is called. */
export type Naming = (organisation: string) => LocalText | string;

export const words = (text: string, values?: Words['values']): Words => (values === undefined ? { text } : { text, values });

/** A piece as a value of words. Both languages of a name cannot stand in one value: it becomes a key of the document's own (see `named`). */
export type Row = { colour: string | null; cells: Cell[] };

/** An RFC 3339 instant, or seconds, as a document writes it. */
export function instant(at: string | number | null | undefined): Cell {
  if (at === null || at === undefined) return null;
  return writtenInstant(typeof at === 'number' ? at : Date.parse(at) / 1000);
}

/** A span in the two largest of days, hours and minutes. */
export function span(seconds: number): Words {
  const minutes = Math.round(Math.abs(seconds) / 60);
  const days = Math.floor(minutes / 1_440);
  const hours = Math.floor((minutes % 1_440) / 60);
  const rest = minutes % 60;
  if (days > 0) return words('report.span.days', { days, hours });
  return hours > 0 ? words('report.span.hours', { hours, minutes: rest }) : words('report.span.minutes', { minutes: rest });
}

export const heading = (text: string): Block => ({ kind: 'heading', text: words(text) });
export const note = (text: Piece): Block => ({ kind: 'note', text });

export function paragraphs(texts: readonly (Piece | null)[]): Block[] {
  const said = texts.flatMap((one) => (one === null || one === '' ? [] : [one]));
  return said.length === 0 ? [] : [{ kind: 'text', paragraphs: said }];
}

export type Column = readonly [label: string, share: number, end?: 'end'];

/** A table of at most `shown` rows; `all` of them, where the rows given are already fewer. */
export function table(
  name: string,
  columns: readonly Column[],
  rows: readonly Row[],
  { shown, all = rows.length }: { shown: number; all?: number },
): Block {
  return {
    kind: 'table',
    caption: words(name),
    columns: columns.map(([label, share, end]) => ({ label: words(label), share, end: end === 'end' })),
    rows: rows.slice(0, shown).map(({ colour, cells }) => ({ colour, cells })),
    more: Math.max(0, all - Math.min(shown, rows.length)),
    empty: words('report.none'),
  };
}

/** Pairs of a term and what is said of it. */
export function pairs(name: string, entries: readonly (readonly [label: string, value: Cell])[]): Block {
  const rows = entries
    .filter(([, value]) => value !== null && value !== '')
    .map(([label, value]) => ({ colour: null, cells: [words(label), value] }));
  return table(
    name,
    [
      ['report.column.what', 2],
      ['report.column.value', 5],
    ],
    rows,
    { shown: 100 },
  );
}

/** A floor and a ceiling; one number where they are the same. */
export function between(floor: number | null, ceiling: number | null): Cell {
  const round = (value: number): number => Math.round(value * 10) / 10;
  if (floor === null || ceiling === null) return floor === null ? ceiling : round(floor);
  return round(floor) === round(ceiling)
    ? round(floor)
    : words('report.between', { floor: round(floor), ceiling: round(ceiling) });
}

/** What a person adds, above all that was computed. */
export function remarkOf(remark: string | null): Block[] {
  return remark === null ? [] : [heading('report.remark'), ...paragraphs([remark])];
}

/** What is the same for every document of a report. */
export type Frame = Omit<Document, 'blocks' | 'marking'>;
