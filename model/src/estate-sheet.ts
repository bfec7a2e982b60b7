/**
 * The estate as sheets: one kind a table, one item a row, as spreadsheets and CSV files hold it. Both ways stand here, so that what is
 * written can be read again: lists are separated by semicolons (`\;` within an entry), what is told in parts is written `part:value`,
 * names stand in two columns.
 */

import type { EstateKind } from './estate.ts';

/** How a cell becomes a field. A column with a question mark may be missing or empty: what is unstated is absent. */
export type Cell = 'text' | 'text?' | 'number' | 'number?' | 'list' | 'list?' | 'optional' | 'surfaces' | 'parts?';

const graded = { importance: 'text', importanceReason: 'text?' } as const;

/** The fields of each kind, without its name, in the order of their columns. */
export const estateCells: { readonly [Kind in EstateKind]: { readonly [field: string]: Cell } } = {
  organisations: {
    id: 'text',
    kind: 'text',
    sector: 'text',
    region: 'text',
    reporter: 'text',
    overseenBy: 'optional',
    contact: 'text',
    duties: 'text?',
    powers: 'text?',
    status: 'text?',
  },
  networks: {
    id: 'text',
    organisation: 'text',
    type: 'text',
    addresses: 'list',
    domains: 'list',
    region: 'text?',
    asns: 'list?',
  },
  nodes: {
    id: 'text',
    organisation: 'text',
    network: 'text',
    kind: 'text',
    region: 'text?',
    latitude: 'number?',
    longitude: 'number?',
  },
  links: {
    id: 'text',
    organisation: 'text',
    tier: 'text',
    role: 'text',
    capacityMbps: 'number',
    from: 'text',
    to: 'text',
    protection: 'parts?',
  },
  products: {
    id: 'text',
    organisation: 'text',
    maker: 'text',
    origin: 'text?',
    replaceability: 'text?',
    supplier: 'text?',
  },
  businesses: {
    id: 'text',
    organisation: 'text',
    usersServed: 'number',
    valuePerHourCny: 'number',
    surfaces: 'surfaces',
    importance: 'text?',
    importanceReason: 'text?',
    dependsOn: 'list?',
    regions: 'list?',
    toleratedOutageHours: 'number?',
  },
  assets: {
    id: 'text',
    organisation: 'text',
    network: 'text',
    kind: 'text',
    ...graded,
    addresses: 'list',
    names: 'list',
    businesses: 'list',
    node: 'text?',
    product: 'text?',
    targets: 'parts?',
    protection: 'parts?',
  },
  systems: {
    id: 'text',
    organisation: 'text',
    ...graded,
    assets: 'list',
    businesses: 'list',
    targets: 'parts?',
    protection: 'parts?',
  },
  data: { id: 'text', organisation: 'text', system: 'text', ...graded, targets: 'parts?' },
  applications: {
    id: 'text',
    organisation: 'text',
    system: 'text?',
    assets: 'list',
    businesses: 'list',
    product: 'text?',
    ...graded,
    targets: 'parts?',
  },
  components: {
    id: 'text',
    organisation: 'text',
    asset: 'text',
    product: 'text?',
    vendor: 'text?',
    version: 'text?',
    purl: 'text?',
    cpe: 'text?',
    exposure: 'text?',
    impact: 'text?',
  },
};

/** The columns of a kind's sheet: `name_en` and `name_zh` beside the fields. */
export function columnsOf(kind: EstateKind): string[] {
  const [id, ...others] = Object.keys(estateCells[kind]);
  return [id!, 'name_en', 'name_zh', ...others];
}

/** Whether a column may be missing, or its cells empty. */
export function isOptionalColumn(kind: EstateKind, column: string): boolean {
  const cell = estateCells[kind][column];
  return cell === 'optional' || cell?.endsWith('?') === true;
}

/** What a row of a sheet says, to be checked against the kind's schema. Cells that are missing are empty. */
export function itemOfCells(kind: EstateKind, row: { readonly [column: string]: string }): { [field: string]: unknown } {
  const text = (column: string): string => plainCell(row[column] ?? '');
  return {
    // Whoever writes one language's name only is understood in both.
    name: { en: text('name_en') || text('name_zh'), zh: text('name_zh') || text('name_en') },
    ...Object.fromEntries(
      Object.entries(estateCells[kind]).flatMap(([field, cell]) => {
        const value = fieldOf(cell, text(field));
        return value === undefined && cell.endsWith('?') ? [] : [[field, value]];
      }),
    ),
  };
}

/** The row of an item. What is not as its kind's schema has it stands there as JSON, for a person to mend. */
export function cellsOfItem(kind: EstateKind, item: { readonly [field: string]: unknown }): { [column: string]: string } {
  const name = item['name'];
  const names = typeof name === 'object' && name !== null ? (name as { [language: string]: unknown }) : { en: name };
  const cells: { [column: string]: string } = { id: one(item['id']) };
  cells['name_en'] = one(names['en']);
  cells['name_zh'] = one(names['zh']);
  for (const [field, cell] of Object.entries(estateCells[kind])) cells[field] = cellOf(cell, item[field]);
  return cells;
}

/** One line of a CSV file (RFC 4180), without its end; formulas are guarded. */
export const csvLine = (cells: readonly string[]): string =>
  cells
    .map(guarded)
    .map((cell) => (/^\s|\s$|[",\r\n]|^#/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(',');

/** A whole sheet as CSV, with the names of the columns in its first line. */
export const csvOf = (kind: EstateKind, items: readonly { readonly [field: string]: unknown }[]): string => {
  const columns = columnsOf(kind);
  const rows = items.map((item) => {
    const cells = cellsOfItem(kind, item);
    return columns.map((column) => cells[column] ?? '');
  });
  return [columns, ...rows].map((row) => `${csvLine(row)}\r\n`).join('');
};

function fieldOf(cell: Cell, text: string): unknown {
  switch (cell) {
    case 'text':
      return text;
    case 'text?':
      return text === '' ? undefined : text;
    case 'optional':
      return text === '' ? null : text;
    case 'number':
    case 'number?':
      // An empty cell is not zero: the schema refuses what is missing with the field's name.
      return text === '' ? undefined : Number(text);
    case 'list':
      return list(text);
    case 'list?':
      return text === '' ? undefined : list(text);
    case 'parts?':
      return text === '' ? undefined : Object.fromEntries(list(text).map(partOf));
    case 'surfaces':
      return list(text).map((surface) => {
        const colon = surface.indexOf(':');
        return { kind: surface.slice(0, Math.max(colon, 0)), name: surface.slice(colon + 1) };
      });
  }
}

function cellOf(cell: Cell, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (cell === 'parts?' && typeof value === 'object' && !Array.isArray(value)) {
    const stated = Object.entries(value).filter(([, of]) => of !== undefined);
    return stated.map(([part, of]) => entry(`${part}:${one(of)}`)).join(';');
  }
  if (!Array.isArray(value)) return one(value);
  return value
    .map((each: unknown) => {
      const surface = each as { kind?: unknown; name?: unknown } | null;
      const isSurface = cell === 'surfaces' && typeof surface?.kind === 'string' && typeof surface.name === 'string';
      return entry(isSurface ? `${one(surface.kind)}:${one(surface.name)}` : one(each));
    })
    .join(';');
}

const one = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : (JSON.stringify(value) ?? '');

const entry = (text: string): string => text.replace(/[\\;]/g, '\\$&');

/** `availability:high`, `detect:3`. */
function partOf(part: string): [string, string | number] {
  const colon = part.indexOf(':');
  const value = part.slice(colon + 1).trim();
  return [part.slice(0, Math.max(colon, 0)).trim(), /^\d+$/.test(value) ? Number(value) : value];
}

function list(text: string): string[] {
  const entries = [''];
  for (let i = 0; i < text.length; i++) {
    const next = text[i + 1];
    if (text[i] === '\\' && (next === '\\' || next === ';')) entries[entries.length - 1] += text[++i]!;
    else if (text[i] === ';') entries.push('');
    else entries[entries.length - 1] += text[i]!;
  }
  return entries.map((each) => each.trim()).filter((each) => each !== '');
}

/**
 * A spreadsheet takes a cell that begins with one of these signs for a formula, and what others registered must not run there; so such a cell
 * gets an apostrophe in the file, which is taken away again when it is read. Numbers, those of telephones too, call nothing and stay as they are.
 */
const guarded = (text: string): string => (/^'*[=+\-@\t\r]/.test(text) && !/^[+-]?\d[\d .()-]*$/.test(text) ? `'${text}` : text);

/** A cell of a file without the apostrophe that guards it. */
export const plainCell = (text: string): string => (/^'+[=+\-@\t\r]/.test(text) ? text.slice(1) : text);
