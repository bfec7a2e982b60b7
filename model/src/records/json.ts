/**
 * Records as lines of JSON, as Zeek's JSON writer makes them: one flat object a line, the keys in the order of the
 * declaration (`"id.orig_h"`), times and intervals with six decimals, absent values left out. Columns declared
 * `secret` are never written, nor is anything that is not declared.
 */

import type { AnyRecord, ColumnType, RecordType } from './record.ts';

/** Writes one record; the answer ends with a line feed. */
export type JsonWriter = (record: AnyRecord) => string;

/** Makes the writer of a record type. */
export function jsonWriter(type: RecordType): JsonWriter {
  const columns = Object.entries(type.columns).filter(([, column]) => column.class !== 'secret');
  const names = columns.map(([name]) => name);
  const keys = names.map((name) => `${JSON.stringify(name)}:`);
  const kinds = columns.map(([, column]) => column.type);
  return (record) => {
    let line = '';
    for (let i = 0; i < names.length; i++) {
      const value = record[names[i]!];
      if (value === undefined) continue;
      const text = jsonValue(value, kinds[i]!);
      if (text === undefined) continue;
      line += line === '' ? `{${keys[i]}${text}` : `,${keys[i]}${text}`;
    }
    return line === '' ? '{}\n' : `${line}}\n`;
  };
}

function jsonValue(value: NonNullable<AnyRecord[string]>, kind: ColumnType): string | undefined {
  switch (kind) {
    case 'time':
    case 'interval':
      return typeof value === 'number' ? decimal(value) : undefined;
    case 'string':
    case 'addr':
    case 'enum':
      return JSON.stringify(value);
    case 'vector[interval]':
      return Array.isArray(value) ? `[${value.map((one) => decimal(Number(one))).join(',')}]` : undefined;
    default:
      // JSON has no word for infinity or no number.
      return typeof value === 'number' && !Number.isFinite(value) ? undefined : JSON.stringify(value);
  }
}

/** Six decimals, without exponent; a number beyond all clocks has none. */
function decimal(value: number): string {
  return Number.isFinite(value) ? value.toFixed(6) : 'null';
}
