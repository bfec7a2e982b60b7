/** Reads one file of the estate in a thread of its own, and hands its rows out part by part. */

import { parentPort, workerData } from 'node:worker_threads';
import { readEstateFile, type ImportFault } from '@forewarn/know/import';
import type { EstateKind, Organisation } from '@forewarn/model/estate';
import { rowsText } from '@forewarn/store/resources/estate';
import { estateReferences } from '@forewarn/store/resources/estate-tables';
import { holdsUnstorable } from '../api/body.ts';

export type ReadingStart = { kind: EstateKind; format: 'csv' | 'json'; text: string; faultsMax: number; rowsOfPart: number };
/** The first answer: `ids` of kinds that name their own, `centres` among organisations. */
export type ReadingDone = {
  rows: number;
  parts: number;
  faults: ImportFault[];
  faultCount: number;
  ids: string[];
  owners: string[];
  centres: string[];
  namedParts: number;
};
/** `ids`: JSON of the rows' ids and owners alone. */
export type RowsPart = { text: string; lines: number[]; ids: string };
/** Each thing that rows name, once for each organisation that names it: JSON of items that name nothing else. */
export type NamedPart = { text: string; fields: string[]; lines: number[][] };
export type PartAsked = { want: 'rows' | 'named'; n: number };

const start = workerData as ReadingStart;
const { kind } = start;
const read = readEstateFile(kind, start.format, start.text);
const { faults } = read;
let rows = (read.items as unknown as { id: string; organisation?: string }[]).map((item, i) => ({ item, line: read.lines[i]! }));
for (const { item, line } of rows) {
  if (holdsUnstorable(item)) faults.push({ line, field: '', message: { text: 'know.import.unstorable' } });
}
// Neighbours in the file are neighbours in the indexes then.
rows.sort((a, b) => (a.item.id < b.item.id ? -1 : 1));
if (kind === 'organisations' && faults.length === 0)
  rows = overseersFirst(rows as unknown as Overseen[]) as unknown as typeof rows;

type Overseen = { item: Organisation; line: number };

/** Part by part is written, and whoever is named must be there by then. Whom nobody is above comes first. */
function overseersFirst(organisations: Overseen[]): Overseen[] {
  const byId = new Map(organisations.map((one) => [one.item.id, one]));
  const done = new Set<string>();
  const ordered: Overseen[] = [];
  for (const one of organisations) {
    const above: Overseen[] = [];
    const met = new Set<string>();
    for (let at: Overseen | undefined = one; at && !done.has(at.item.id);) {
      if (met.has(at.item.id)) {
        const values = { id: at.item.id };
        faults.push({ line: one.line, field: 'overseenBy', message: { text: 'know.import.circle', values } });
        return organisations;
      }
      met.add(at.item.id);
      above.push(at);
      at = at.item.overseenBy === null ? undefined : byId.get(at.item.overseenBy);
    }
    for (const each of above.toReversed()) {
      done.add(each.item.id);
      ordered.push(each);
    }
  }
  return ordered;
}

const parts: RowsPart[] = [];
if (faults.length === 0) {
  for (let i = 0; i < rows.length; i += start.rowsOfPart) {
    const part = rows.slice(i, i + start.rowsOfPart);
    const ids = JSON.stringify(part.map(({ item: { id, organisation } }) => ({ id, organisation })));
    parts.push({ text: rowsText(part.map(({ item }) => item)), lines: part.map(({ line }) => line), ids });
  }
}

/** A country's assets stand in some thousand networks: each is looked up once. */
function namedThings(): NamedPart[] {
  const things = new Map<string, { field: string; item: object; lines: number[] }>();
  const fields = estateReferences.filter((reference) => reference.kind === kind);
  for (const { item, line } of rows) {
    for (const { field, list } of fields) {
      const value = (item as { [field: string]: unknown })[field];
      if (value === undefined || value === null) continue;
      for (const id of list ? (value as string[]) : [value as string]) {
        const key = `${field} ${id} ${item.organisation}`;
        const there = things.get(key);
        if (there) there.lines.push(line);
        else things.set(key, { field, item: { organisation: item.organisation, [field]: list ? [id] : id }, lines: [line] });
      }
    }
  }
  const all = [...things.values()];
  const found: NamedPart[] = [];
  for (let i = 0; i < all.length; i += start.rowsOfPart) {
    const some = all.slice(i, i + start.rowsOfPart);
    found.push({
      text: JSON.stringify(some.map(({ item }) => item)),
      fields: some.map(({ field }) => field),
      lines: some.map(({ lines }) => lines),
    });
  }
  return found;
}
const named = faults.length === 0 ? namedThings() : [];
const namesItself = kind === 'organisations' || kind === 'businesses';
const done: ReadingDone = {
  rows: rows.length,
  parts: parts.length,
  faults: faults.slice(0, start.faultsMax),
  faultCount: faults.length,
  ids: namesItself ? rows.map(({ item }) => item.id) : [],
  owners: [...new Set(rows.map(({ item }) => item.organisation ?? item.id))],
  namedParts: named.length,
  centres:
    kind === 'organisations' ? rows.flatMap(({ item }) => ((item as Organisation).kind === 'centre' ? [item.id] : [])) : [],
};
rows = [];
parentPort!.on('message', ({ want, n }: PartAsked) => parentPort!.postMessage(want === 'rows' ? parts[n] : named[n], []));
parentPort!.postMessage(done, []);
