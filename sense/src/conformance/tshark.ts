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

/** How far behind the last found message of a direction the next one is looked for before it counts as out of order. */
const window = 64;

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

/** Compares the messages of one protocol in one capture. */
function compareMessages(comparison: Comparison, test: string, theirs: readonly Message[], ours: readonly Message[]): void {
  const own = byDirection(ours, ({ from, to }) => ends(from, to));
  for (const [direction, wanted] of byDirection(theirs, ({ from, to }) => ends(from, to))) {
    const list = own.get(direction) ?? [];
    const taken = new Set<number>();
    let next = 0;
    for (const message of wanted) {
      comparison.records++;
      const fits = (index: number, exact: boolean): boolean => {
        const one = list[index];
        return (
          one !== undefined &&
          !taken.has(index) &&
          one.function === message.function &&
          (!exact || one.address === message.address)
        );
      };
      let found = -1;
      for (const exact of [true, false]) {
        for (let i = next; found < 0 && i < next + window && i < list.length; i++) if (fits(i, exact)) found = i;
      }
      const inOrder = found >= 0;
      if (!inOrder) found = list.findIndex((_, i) => fits(i, true));
      const place = `frame ${message.frame} ${direction}`;
      const one = list[found];
      if (one) {
        taken.add(found);
        if (inOrder) next = found + 1;
      } else comparison.missing++;
      note(comparison, test, place, 'function', message.function, one?.function);
      if (message.address !== undefined) note(comparison, test, place, 'address', message.address, one && (one.address ?? '-'));
      note(comparison, test, place, 'order', 'in order', one && (inOrder ? 'in order' : 'out of order'));
    }
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
