/**
 * Reads an estate from files: one kind a file, CSV or JSON. Every fault is told with its line (CSV) or place in the list (JSON) and
 * field; nothing of a file is taken while one of its rows is wrong, so that an import is whole or not at all.
 */

import { parseNetwork } from '@forewarn/base/ip';
import { estateKinds as schemas, type Estate, type EstateKind } from '@forewarn/model/estate';
import type { Words } from '@forewarn/model/text';
import { csvRowsMax, readCsv } from './csv.ts';
import { domainOf } from './names.ts';

type Item = { readonly [field: string]: unknown; id: string };

/** `line` is that of the CSV file; of JSON, the place in the list from 1. */
export type ImportFault = { line: number; field: string; message: Words };

/**
 * How a cell becomes a field: lists are separated by semicolons, what is told in parts is written `part:value`, names stand in two columns. A column
 * with a question mark may be missing or empty: what is unstated is absent.
 */
type Cell = 'text' | 'text?' | 'number' | 'number?' | 'list' | 'list?' | 'optional' | 'surfaces' | 'parts?';

const graded = { importance: 'text', importanceReason: 'text?' } as const;
const cells: { readonly [Kind in EstateKind]: { readonly [field: string]: Cell } } = {
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
  networks: { id: 'text', organisation: 'text', type: 'text', addresses: 'list', domains: 'list', region: 'text?' },
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

/** The columns of a kind's CSV file: `name_en` and `name_zh` beside the fields. */
export function columnsOf(kind: EstateKind): string[] {
  const [id, ...others] = Object.keys(cells[kind]);
  return [id!, 'name_en', 'name_zh', ...others];
}

/** What a file tells, and the line of each item. `items` is empty while `faults` is not. */
export function readEstateFile<Kind extends EstateKind>(
  kind: Kind,
  format: 'csv' | 'json',
  text: string,
): { items: Estate[Kind]; lines: number[]; faults: ImportFault[] } {
  const faults: ImportFault[] = [];
  const raw = format === 'csv' ? rawFromCsv(kind, text, faults) : rawFromJson(text, faults);
  const items: Item[] = [];
  const lines: number[] = [];
  const seen = new Map<string, number>();
  for (const { line, value } of raw) {
    const parsed = schemas[kind].safeParse(value);
    if (!parsed.success) {
      for (const issue of parsed.error.issues) {
        faults.push({
          line,
          field: issue.path.join('.'),
          message: { text: 'know.import.field', values: { problem: issue.message } },
        });
      }
      continue;
    }
    const item = parsed.data as Item;
    const first = seen.get(item.id);
    if (first !== undefined)
      faults.push({ line, field: 'id', message: { text: 'know.import.twice', values: { id: item.id, line: first } } });
    seen.set(item.id, line);
    faults.push(...written(kind, item).map((fault) => ({ line, ...fault })));
    items.push(item);
    lines.push(line);
  }
  return { items: (faults.length === 0 ? items : []) as unknown as Estate[Kind], lines, faults };
}

/** Addresses and names that a schema of texts lets through. */
function written(kind: EstateKind, item: Item): Omit<ImportFault, 'line'>[] {
  const faults: Omit<ImportFault, 'line'>[] = [];
  if (kind !== 'networks' && kind !== 'assets') return faults;
  for (const address of item.addresses as string[]) {
    if (!parseNetwork(address))
      faults.push({ field: 'addresses', message: { text: 'know.import.address', values: { address } } });
  }
  const names = kind === 'networks' ? 'domains' : 'names';
  for (const name of item[names] as string[]) {
    if (domainOf(name) === undefined) faults.push({ field: names, message: { text: 'know.import.name', values: { name } } });
  }
  return faults;
}

type RawItem = { line: number; value: unknown };

function rawFromJson(text: string, faults: ImportFault[]): RawItem[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    faults.push({
      line: 1,
      field: '',
      message: { text: 'know.import.json', values: { problem: (error as Error).message.slice(0, 200) } },
    });
    return [];
  }
  if (!Array.isArray(value)) {
    faults.push({ line: 1, field: '', message: { text: 'know.import.list' } });
    return [];
  }
  if (value.length > csvRowsMax) {
    faults.push({ line: csvRowsMax + 1, field: '', message: { text: 'know.import.rows', values: { max: csvRowsMax } } });
    return [];
  }
  return value.map((one: unknown, i) => ({ line: i + 1, value: one }));
}

function rawFromCsv(kind: EstateKind, text: string, faults: ImportFault[]): RawItem[] {
  const { rows, troubles } = readCsv(text);
  for (const { line, kind: trouble } of troubles) {
    faults.push({ line, field: '', message: { text: `know.import.${trouble}`, values: { max: csvRowsMax } } });
  }
  if (troubles.some(({ kind: trouble }) => trouble === 'header')) return [];
  const wanted = columnsOf(kind);
  const present = new Set(Object.keys(rows[0]?.cells ?? Object.fromEntries(wanted.map((name) => [name, '']))));
  const optional = new Set(
    Object.entries(cells[kind]).flatMap(([field, cell]) => (cell === 'optional' || cell.endsWith('?') ? [field] : [])),
  );
  for (const name of wanted) {
    if (!present.has(name) && !optional.has(name))
      faults.push({ line: 1, field: name, message: { text: 'know.import.column', values: { name } } });
  }
  for (const name of present) {
    // A misspelt column would lose its values without a word.
    if (!wanted.includes(name)) faults.push({ line: 1, field: name, message: { text: 'know.import.unknown', values: { name } } });
  }
  return rows.map(({ line, cells: row }) => ({
    line,
    value: {
      // Whoever writes one language's name only is understood in both.
      name: { en: row.name_en || row.name_zh, zh: row.name_zh || row.name_en },
      ...Object.fromEntries(
        Object.entries(cells[kind]).flatMap(([field, cell]) => {
          const value = fieldOf(cell, row[field] ?? '');
          return value === undefined && cell.endsWith('?') ? [] : [[field, value]];
        }),
      ),
    },
  }));
}

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
      // An empty cell is not zero: the schema refuses NaN with the field's name.
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

/** `availability:high`, `detect:3`. */
function partOf(part: string): [string, string | number] {
  const colon = part.indexOf(':');
  const value = part.slice(colon + 1).trim();
  return [part.slice(0, Math.max(colon, 0)).trim(), /^\d+$/.test(value) ? Number(value) : value];
}

const list = (text: string): string[] =>
  text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
