/**
 * Reads an estate from files: one kind a file, CSV or JSON. Every fault is told with its line (CSV) or place in the list (JSON) and
 * field; nothing of a file is taken while one of its rows is wrong, so that an import is whole or not at all.
 */

import type { z } from 'zod';
import { parseNetwork } from '@forewarn/base/ip';
import { estateKinds as schemas, type Estate, type EstateKind } from '@forewarn/model/estate';
import { columnsOf, isOptionalColumn, itemOfCells } from '@forewarn/model/estate-sheet';
import type { Words } from '@forewarn/model/text';
import { csvRowsMax, readCsv } from './csv.ts';
import { domainOf } from './names.ts';

type Item = { readonly [field: string]: unknown; id: string };

/** `line` is that of the CSV file; of JSON, the place in the list from 1. */
export type ImportFault = { line: number; field: string; message: Words };

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
        faults.push({ line, field: issue.path.join('.'), message: problemOf(issue, value) });
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

/** What is wrong with a field, in words of every language; what happens seldom is told as the schema tells it. */
function problemOf(issue: z.core.$ZodIssue, item: unknown): Words {
  const say = (text: string, values?: Words['values']): Words => ({ text: `know.import.${text}`, ...(values && { values }) });
  switch (issue.code) {
    case 'invalid_value':
      return say('choose', { values: issue.values.map(String) });
    case 'invalid_type':
      // A cell without a number in it is not a number; JSON says NaN by leaving it out.
      return issue.expected === 'number' || issue.expected === 'int' ? say('number') : say('missing');
    case 'too_small':
      return issue.origin === 'string' ? say('missing') : say('least', { min: Number(issue.minimum) });
    case 'too_big':
      return say(issue.origin === 'string' ? 'long' : issue.origin === 'array' ? 'many' : 'most', { max: Number(issue.maximum) });
    case 'unrecognized_keys':
      return say('part', { names: issue.keys.map((key) => key.slice(0, 60)).slice(0, 5) });
    case 'invalid_format':
      if (issue.path.at(-1) === 'origin') return say('origin');
      return valueAt(item, issue.path) === '' ? say('missing') : say('slug');
    default:
      return say('field', { problem: issue.message });
  }
}

const valueAt = (item: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce(
    (value, name) => (typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[name] : undefined),
    item,
  );

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
  for (const name of wanted) {
    if (!present.has(name) && !isOptionalColumn(kind, name))
      faults.push({ line: 1, field: name, message: { text: 'know.import.column', values: { name } } });
  }
  for (const name of present) {
    // A misspelt column would lose its values without a word.
    if (!wanted.includes(name)) faults.push({ line: 1, field: name, message: { text: 'know.import.unknown', values: { name } } });
  }
  return rows.map(({ line, cells }) => ({ line, value: itemOfCells(kind, cells) }));
}
