/** A sheet on the page: rows of one kind as a person sees and mends them, and the CSV that the centre checks and takes. */

import { csvRows } from '@forewarn/base/csv';
import { isEstateKind, type EstateKind } from '@forewarn/model/estate';
import { cellsOfItem, columnsOf, csvLine, plainCell } from '@forewarn/model/estate-sheet';
import type { Words } from '@forewarn/model/text';

/** `line` is that of the file, for the person who has it open beside; 0 for a row that was added here. */
export type Row = {
  key: number;
  line: number;
  cells: { [column: string]: string };
  /** The file's row has another number of cells than its first line; nobody knows which belong where until somebody looked. */
  odd?: boolean;
};
export type Sheet = {
  kind: EstateKind;
  /** The file it came from. */
  name: string;
  rows: Row[];
  /** Columns of the file that the kind does not have: which of its columns they are, or nothing. */
  foreign: { [column: string]: string };
};

export type Fault = { line: number; field: string; message: Words };
/** Faults of a row by column; those of the whole row under ''. */
export type RowFaults = { [column: string]: Words[] };

/** Of the 64 characters of an id (`model/estate.ts`), with room for a number. */
const idMax = 56;

/** What the centre reads of one file (`know/src/csv.ts`). */
export const rowsMax = 250_000;

/**
 * Reads a file: a CSV, or JSON of a list or of several kinds at once. `kindAsked` is taken where the file does not tell its kind. `undefined` where it
 * is neither.
 */
export function readSheets(name: string, text: string, kindAsked: EstateKind): Sheet[] | undefined {
  if (/^\s*[[{]/.test(text.slice(0, 1000))) return sheetsOfJson(name, text, kindAsked);
  const [head, ...rows] = [...csvRows(text)];
  if (!head?.cells) return undefined;
  const columns = head.cells.map((cell) => cell.trim());
  const kind = kindOf(name, columns) ?? kindAsked;
  const wanted = columnsOf(kind);
  const places = columns.map((column) => wanted.find((each) => same(each, column)) ?? column);
  const foreign = Object.fromEntries(
    places.filter((place) => !wanted.includes(place) && place !== '').map((place) => [place, '']),
  );
  return [
    {
      kind,
      name,
      foreign,
      rows: rows.map(({ line, cells, bare }, key) => ({
        key,
        line,
        // A row whose quotation never closes is shown as it stands, to be written anew.
        ...(cells?.length === columns.length ? {} : { odd: true }),
        cells: Object.fromEntries((cells ?? [bare]).map((cell, i) => [places[i] ?? `(${i + 1})`, plainCell(cell.trim())])),
      })),
    },
  ];
}

function sheetsOfJson(name: string, text: string, kindAsked: EstateKind): Sheet[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const sheet = (kind: EstateKind, items: unknown[]): Sheet => ({
    kind,
    name,
    foreign: {},
    rows: items.map((item, key) => ({
      key,
      line: key + 1,
      cells: cellsOfItem(kind, typeof item === 'object' && item !== null ? (item as { [field: string]: unknown }) : {}),
    })),
  });
  if (Array.isArray(value))
    return [sheet(kindOf(name, Object.keys((value[0] as object | undefined) ?? {})) ?? kindAsked, value as unknown[])];
  if (typeof value !== 'object' || value === null) return undefined;
  const sheets = Object.entries(value).flatMap(([kind, items]) =>
    isEstateKind(kind) && Array.isArray(items) && items.length > 0 ? [sheet(kind, items as unknown[])] : [],
  );
  return sheets.length > 0 ? sheets : undefined;
}

const same = (a: string, b: string): boolean => fold(a) === fold(b);
const fold = (text: string): string => text.toLowerCase().replace(/[\s_-]/g, '');

/** By the file's name, as exports and templates are called, or else by columns that one kind alone has. */
function kindOf(name: string, columns: readonly string[]): EstateKind | undefined {
  const word = /([a-z]+)(?:-[\w-]*)?\.\w+$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  if (isEstateKind(word)) return word;
  const marks: [EstateKind, string][] = [
    ['organisations', 'reporter'],
    ['links', 'capacityMbps'],
    ['businesses', 'usersServed'],
    ['products', 'maker'],
    ['components', 'purl'],
    ['nodes', 'latitude'],
    ['networks', 'domains'],
  ];
  return marks.find(([, mark]) => columns.some((column) => same(column, mark)))?.[0];
}

/** Gives a column of the file its place among the kind's, or takes it away. */
export function placed(sheet: Sheet, column: string, place: string): Sheet {
  return { ...sheet, foreign: { ...sheet.foreign, [column]: place } };
}

/** What stands in a row's column, whether the file calls it so or somebody placed it. */
export function cellOf(sheet: Sheet, row: Row, column: string): string {
  const own = row.cells[column];
  if (own !== undefined) return own;
  const from = Object.entries(sheet.foreign).find(([, place]) => place === column)?.[0];
  return from === undefined ? '' : (row.cells[from] ?? '');
}

export const withCell = (sheet: Sheet, key: number, column: string, text: string): Sheet => ({
  ...sheet,
  rows: sheet.rows.map((row) => (row.key === key ? { key, line: row.line, cells: { ...row.cells, [column]: text } } : row)),
});

export const withoutRow = (sheet: Sheet, key: number): Sheet => ({ ...sheet, rows: sheet.rows.filter((row) => row.key !== key) });

/** One more row, with what all rows of the place begin with. */
export function withRow(sheet: Sheet, first: { [column: string]: string }): Sheet {
  const key = sheet.rows.reduce((most, row) => Math.max(most, row.key), -1) + 1;
  return { ...sheet, rows: [...sheet.rows, { key, line: 0, cells: { ...first } }] };
}

/** Whether somebody entered something beside what rows begin with. */
export const isEmptyRow = (row: Row, first: { [column: string]: string } = {}): boolean =>
  Object.entries(row.cells).every(([column, cell]) => cell.trim() === '' || cell === first[column]);

/** The sheet as CSV, and which row begins at which of its lines. Rows without anything in them are left out. */
export function written(
  sheet: Sheet,
  first: { [column: string]: string } = {},
): { text: string; lines: Map<number, number>; rows: number } {
  const columns = columnsOf(sheet.kind);
  const lines = new Map<number, number>();
  const parts = [`${csvLine(columns)}\n`];
  let line = 2;
  for (const row of sheet.rows) {
    if (isEmptyRow(row, first)) continue;
    const cells = columns.map((column) => cellOf(sheet, row, column) || (first[column] ?? ''));
    const text = csvLine(cells);
    lines.set(line, row.key);
    parts.push(`${text}\n`);
    line += text.split('\n').length;
  }
  return { text: parts.join(''), lines, rows: lines.size };
}

/** Faults by row, each beside its cell. What is of the whole file stands under -1. */
export function faultsByRow(
  kind: EstateKind,
  faults: readonly Fault[],
  lines: ReadonlyMap<number, number>,
): Map<number, RowFaults> {
  const columns = columnsOf(kind);
  const byRow = new Map<number, RowFaults>();
  for (const { line, field, message } of faults) {
    const key = lines.get(line) ?? -1;
    const [first = '', second] = field.split('.');
    const column = first === 'name' ? `name_${second ?? 'en'}` : columns.includes(first) ? first : '';
    const row = byRow.get(key) ?? {};
    // A list of ten wrong entries is one wrong cell.
    const said = row[column] ?? [];
    if (said.length < 3) (row[column] = said).push(message);
    byRow.set(key, row);
  }
  return byRow;
}

/** Rows with another number of cells than their header, which nobody touched yet. */
export const oddRows = (sheet: Sheet): Map<number, RowFaults> =>
  new Map(sheet.rows.filter(({ odd }) => odd).map(({ key }) => [key, { '': [{ text: 'know.import.columns' }] }]));

/** A block of cells from a spreadsheet, from one cell to the right and down; rows are added as they are needed. */
export function pasted(
  sheet: Sheet,
  at: { key: number; column: string },
  text: string,
  first: { [column: string]: string },
): Sheet {
  const columns = columnsOf(sheet.kind);
  const left = columns.indexOf(at.column);
  let next = sheet;
  let index = sheet.rows.findIndex(({ key }) => key === at.key);
  for (const line of text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .slice(0, rowsMax)) {
    if (index >= next.rows.length) next = withRow(next, first);
    const row = next.rows[index]!;
    const cells = { ...row.cells };
    line.split('\t').forEach((cell, i) => {
      const column = columns[left + i];
      if (column !== undefined) cells[column] = cell.trim();
    });
    next = { ...next, rows: next.rows.with(index, { key: row.key, line: row.line, cells }) };
    index++;
  }
  return next;
}

/**
 * Gives rows that somebody began without an id one made of their name, as people would: the organisation's id, then the words. Whoever wants another
 * one writes it.
 */
export function withIds(sheet: Sheet, first: { [column: string]: string }): Sheet {
  const taken = new Set(sheet.rows.map((row) => cellOf(sheet, row, 'id')));
  const rows = sheet.rows.map((row) => {
    if (isEmptyRow(row, first) || cellOf(sheet, row, 'id').trim() !== '') return row;
    const words = cellOf(sheet, row, 'name_en')
      .toLowerCase()
      .normalize('NFKD')
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
    const owner = cellOf(sheet, row, 'organisation').trim() || (first['organisation'] ?? '');
    // Names that are not written in Latin letters: the kind and a number.
    const base = [owner, words || sheet.kind]
      .filter((part) => part !== '')
      .join('-')
      .slice(0, idMax)
      .replace(/-$/, '');
    let id = base;
    for (let number = 2; taken.has(id); number++) id = `${base}-${number}`;
    taken.add(id);
    return { ...row, cells: { ...row.cells, id } };
  });
  return { ...sheet, rows };
}

/** A template: the columns, what they mean as a note, and one example that is passed by when it is read. */
export function templateOf(kind: EstateKind, note: string, example: { readonly [column: string]: string }): string {
  const columns = columnsOf(kind);
  const cells = columns.map((column) => example[column] ?? '');
  // Spreadsheets take a file without the mark at its beginning for one in an old code page.
  return `\ufeff${csvLine(columns)}\r\n# ${note.replaceAll(/\s+/g, ' ')}\r\n#${csvLine(cells)}\r\n`;
}
