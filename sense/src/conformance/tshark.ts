/**
 * Messages of control systems against tshark's dissection (`net/tshark-fields` and `net/iti-ics`): function, address and order of each.
 *
 * tshark gives one row a packet, with the values of several messages in it behind one another. Both sides become messages of one
 * direction between two ends; theirs are looked up among ours one after the other, so that a message that comes too early or too
 * late differs in `order`, and one that we do not have is missing with all of its fields.
 *
 * A NEW PROTOCOL JOINS BY ONE ENTRY in `kinds`: tshark's name, our logs, and how a row and a record are read.
 */

import { existsSync, readFileSync } from 'node:fs';
import { basename, join as path, relative } from 'node:path';
import { recordType } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';
import { dataRoot, filesBelow } from '../testing/dataset.ts';
import { emptyComparison, note, type Comparison, type Selection } from './comparison.ts';
import { recordsOf } from './records.ts';
import { kinds, type Message, type Row } from './tshark-kinds.ts';

/** Fields read by tshark, and the folder of the captures they were read from. */
const sets: readonly { fields: string; captures: string }[] = [
  { fields: 'net/iti-ics/tshark-fields', captures: 'net/iti-ics/pcaps' },
  { fields: 'net/tshark-fields', captures: 'net' },
];

type Table = { columns: string[]; rows: (string | number)[][] };

const ends = (from: string, to: string): string => `${from} > ${to}`;

/** Messages by direction, in their order. */
function byDirection<T>(list: readonly T[], key: (one: T) => string): Map<string, T[]> {
  const map = new Map<string, T[]>();
  for (const one of list) {
    const held = map.get(key(one));
    if (held) held.push(one);
    else map.set(key(one), [one]);
  }
  return map;
}

function rowsOf(table: Table): Row[] {
  return table.rows.map((row) => {
    const at = (column: string): string => String(row[table.columns.indexOf(column)] ?? '');
    return { frame: at('frame'), from: `${at('src')} ${at('sport')}`, to: `${at('dst')} ${at('dport')}`, at };
  });
}

const alike = (theirs: Message, ours: Message): boolean =>
  theirs.function === ours.function && (theirs.address === undefined || theirs.address === ours.address);

/**
 * Of each of their messages ours, so that as many as possible stand in one order (longest common subsequence): -1 where there is none.
 * Flows of the data set have some thousand messages a direction, and most are alike from the beginning on.
 */
function inOrder(theirs: readonly Message[], ours: readonly Message[]): number[] {
  const partners = theirs.map(() => -1);
  let start = 0;
  while (start < theirs.length && start < ours.length && alike(theirs[start]!, ours[start]!)) partners[start] = start++;
  const [rows, columns] = [theirs.length - start, ours.length - start];
  const width = columns + 1;
  const lengths = new Uint16Array((rows + 1) * width);
  for (let i = rows - 1; i >= 0; i--) {
    for (let k = columns - 1; k >= 0; k--) {
      lengths[i * width + k] = alike(theirs[start + i]!, ours[start + k]!)
        ? lengths[(i + 1) * width + k + 1]! + 1
        : Math.max(lengths[(i + 1) * width + k]!, lengths[i * width + k + 1]!);
    }
  }
  for (let i = 0, k = 0; i < rows && k < columns;) {
    if (alike(theirs[start + i]!, ours[start + k]!)) partners[start + i++] = start + k++;
    else if (lengths[(i + 1) * width + k]! >= lengths[i * width + k + 1]!) i++;
    else k++;
  }
  return partners;
}

/** One of ours between the partners of the neighbours of their message `i`. */
function between(
  partners: readonly number[],
  i: number,
  list: readonly Message[],
  fits: (one: Message, index: number) => boolean,
): number {
  const before = partners.slice(0, i).findLast((index) => index >= 0) ?? -1;
  const behind = partners.slice(i + 1).find((index) => index >= 0) ?? list.length;
  for (let index = before + 1; index < behind; index++) if (fits(list[index]!, index)) return index;
  return -1;
}

/** Compares the messages of one protocol in one capture. */
function compareMessages(comparison: Comparison, test: string, theirs: readonly Message[], ours: readonly Message[]): void {
  const own = byDirection(ours, ({ from, to }) => ends(from, to));
  for (const [direction, wanted] of byDirection(theirs, ({ from, to }) => ends(from, to))) {
    const list = own.get(direction) ?? [];
    const partners = inOrder(wanted, list);
    const taken = new Set(partners.filter((index) => index >= 0));
    wanted.forEach((message, i) => {
      comparison.records++;
      const matched = partners[i]! >= 0;
      let found = partners[i]!;
      // What is not in its place may stand there with another address, or elsewhere.
      if (found < 0) found = between(partners, i, list, (one, index) => !taken.has(index) && one.function === message.function);
      const inPlace = matched || found >= 0;
      if (found < 0) found = list.findIndex((one, index) => !taken.has(index) && alike(message, one));
      const place = `frame ${message.frame} ${direction}`;
      const one = list[found];
      if (one) taken.add(found);
      else comparison.missing++;
      note(comparison, test, place, 'function', message.function, one?.function);
      if (message.address !== undefined) note(comparison, test, place, 'address', message.address, one && (one.address ?? '-'));
      note(comparison, test, place, 'order', 'in order', one && (inPlace ? 'in order' : 'out of order'));
    });
    comparison.extra += list.length - taken.size;
    list.forEach((one, i) => {
      if (!taken.has(i)) comparison.extras.push(`${test} ${direction}: ${one.function} ${one.address ?? ''}`);
    });
  }
}

export async function compareTshark(selection: Selection = {}): Promise<Comparison[]> {
  const results = new Map(kinds.map((kind) => [kind.name, emptyComparison('tshark', kind.name)]));
  for (const { fields, captures } of sets) {
    const root = path(dataRoot, fields);
    if (!existsSync(root)) continue;
    for (const file of filesBelow(root, (name) => name.endsWith('.json'))) {
      const name = relative(root, file).replace(/\.json$/, '');
      if (selection.test !== undefined && !name.includes(selection.test)) continue;
      const tables = JSON.parse(readFileSync(file, 'utf8')) as { [section: string]: Table };
      const wanted = kinds.filter(
        (kind) =>
          tables[kind.section]?.rows !== undefined &&
          kind.logs.every((log) => recordType(log) !== undefined) &&
          (selection.name === undefined || selection.name === kind.name),
      );
      if (wanted.length === 0) continue;
      const records = await recordsOf(path(dataRoot, captures, name), { checksums: 'ignore' });
      for (const kind of wanted) {
        const comparison = results.get(kind.name)!;
        const theirs = rowsOf(tables[kind.section]!).flatMap((row) =>
          kind.theirs(row).map((message) => ({ ...row, ...message })),
        );
        if (theirs.length === 0) continue;
        comparison.tests++;
        const written: AnyRecord[] = kind.logs.flatMap((log) => records.get(log) ?? []);
        if (kind.logs.length > 1) written.sort((a, b) => Number(a['ts']) - Number(b['ts']));
        const ours = written.flatMap((record) =>
          kind.ours(record).map(({ forward, ...message }) => {
            const [origin, response] = [
              `${record['id.orig_h']} ${record['id.orig_p']}`,
              `${record['id.resp_h']} ${record['id.resp_p']}`,
            ];
            return { frame: '', from: forward ? origin : response, to: forward ? response : origin, ...message };
          }),
        );
        compareMessages(
          comparison,
          `${basename(fields) === 'tshark-fields' && fields.includes('iti') ? 'iti-ics/' : ''}${name}`,
          theirs,
          ours,
        );
      }
    }
  }
  return [...results.values()].filter((one) => one.records > 0);
}
