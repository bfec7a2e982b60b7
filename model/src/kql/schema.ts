/** The columns that stand at some stage of a hunt, by the name they have there. */

import type { ColumnClass, ColumnType, RecordType } from '../records/record.ts';
import { refuse } from './tokens.ts';

export type HuntColumn = {
  /** The field of the query's rows. */
  field: string;
  type: ColumnType;
  class: ColumnClass;
};

/** What the centre adds to a record. */
const envelope = ['_organisation', '_sensor', '_link', '_network_type', '_source', '_batch', '_marking'] as const;

export type Columns = ReadonlyMap<string, HuntColumn>;

/** The columns of several logs together; where they differ in type, the first says it. Secrets are no columns. */
export function columnsOf(types: readonly RecordType[]): Columns {
  const columns = new Map<string, HuntColumn>();
  for (const { columns: own } of types) {
    for (const [name, { type, class: of }] of Object.entries(own)) {
      if (of !== 'secret' && !columns.has(name)) columns.set(name, { field: name, type, class: of });
    }
  }
  for (const name of envelope) columns.set(name, { field: name, type: 'string', class: 'technical' });
  return columns;
}

export const isNumber = (type: ColumnType): boolean =>
  type === 'port' || type === 'count' || type === 'int' || type === 'double' || type === 'vector[count]';

export const isSpan = (type: ColumnType): boolean => type === 'interval' || type === 'vector[interval]';

/** What can be summed, and has a least and a most. */
export const isCountable = (type: ColumnType): boolean =>
  ['port', 'count', 'int', 'double', 'interval', 'time', 'vector[count]', 'vector[interval]'].includes(type);

/** The column of a name, or a refusal that says which names are near. */
export function columnNamed(columns: Columns, name: string, at: number): HuntColumn {
  const found = columns.get(name);
  if (found) return found;
  const near = nearest(name, [...columns.keys()]);
  refuse(
    at,
    `There is no column "${name.slice(0, 100)}" here.`,
    near.length > 0 ? `Near it: ${near.join(', ')}.` : `There are: ${[...columns.keys()].slice(0, 12).join(', ')} …`,
  );
}

/** Names that a slip of the fingers or a half remembered name may have meant, the likeliest first; at most five. */
export function nearest(name: string, names: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  const scored = names.flatMap((each) => {
    const other = each.toLowerCase();
    const parts = other.split(/[._]/);
    const score =
      other === wanted
        ? 0
        : other.startsWith(wanted) || parts.includes(wanted)
          ? 1
          : other.includes(wanted)
            ? 2
            : wanted.length > 2 && distance(wanted, other) <= 2
              ? 3
              : 9;
    return score === 9 ? [] : [{ each, score }];
  });
  return scored
    .sort((a, b) => a.score - b.score || a.each.length - b.each.length)
    .slice(0, 5)
    .map(({ each }) => each);
}

/** How many letters must be changed, put in or left out (Levenshtein); names are short, and longer ones are not compared. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2 || a.length > 64) return 99;
  let row = Array.from({ length: b.length + 1 }, (_unused, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
