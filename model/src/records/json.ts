/**
 * Records as lines of JSON, as Zeek's JSON writer makes them: one flat object a line, the keys in the order of the
 * declaration (`"id.orig_h"`), times and intervals with six decimals, absent values left out. Columns declared
 * `secret` are never written, nor is anything that is not declared, but for the own fields of open types (`open.ts`), which follow.
 */

import type { Utf8 } from '@forewarn/base/utf8';
import { isSecretField, undeclaredColumn } from './open.ts';
import type { AnyRecord, RecordType } from './record.ts';

/** Writes one record, and a line feed. */
export type JsonWriter = (record: AnyRecord, out: Utf8) => void;

/** Makes the writer of a record type; with `path`, each object begins with the log's name as `_path`. */
export function jsonWriter(type: RecordType, path = false): JsonWriter {
  const { open } = type;
  const columns = Object.entries(type.columns).filter(
    ([name, column]) => column.class !== 'secret' && !(open && name === undeclaredColumn),
  );
  const names = columns.map(([name]) => name);
  const encoder = new TextEncoder();
  const keys = names.map((name) => encoder.encode(`,${JSON.stringify(name)}:`));
  const firstKeys = names.map((name) => encoder.encode(`{${JSON.stringify(name)}:`));
  const head = encoder.encode(`{"_path":${JSON.stringify(type.log)}`);
  const isClock = columns.map(
    ([, column]) => column.type === 'time' || column.type === 'interval' || column.type === 'vector[interval]',
  );
  return (record, out) => {
    if (path) out.encoded(head);
    let empty = !path;
    for (let i = 0; i < names.length; i++) {
      const value = record[names[i]!];
      if (value === undefined) continue;
      // JSON has no word for infinity or no number.
      if (typeof value === 'number' && !isClock[i] && !Number.isFinite(value)) continue;
      out.encoded(empty ? firstKeys[i]! : keys[i]!);
      empty = false;
      if (typeof value === 'string') out.jsonString(value);
      else if (typeof value === 'number') number(value, isClock[i]!, out);
      else if (typeof value === 'boolean') out.text(value ? 'true' : 'false');
      else vector(value, isClock[i]!, out);
    }
    if (open) {
      for (const name in record) {
        const value = record[name];
        if (value === undefined || Object.hasOwn(type.columns, name) || isSecretField(name, value)) continue;
        if (typeof value === 'number' && !Number.isFinite(value)) continue;
        out.text(empty ? '{' : ',');
        empty = false;
        out.jsonString(name);
        out.text(':');
        if (typeof value === 'string') out.jsonString(value);
        else if (typeof value === 'number') number(value, false, out);
        else if (typeof value === 'boolean') out.text(value ? 'true' : 'false');
        else vector(value, false, out);
      }
    }
    out.text(empty ? '{}\n' : '}\n');
  };
}

function number(value: number, isClock: boolean, out: Utf8): void {
  if (isClock) out.sixDecimals(value);
  else out.jsonNumber(value);
}

function vector(values: readonly (string | number)[], isClock: boolean, out: Utf8): void {
  out.text('[');
  for (let i = 0; i < values.length; i++) {
    if (i > 0) out.text(',');
    const value = values[i]!;
    if (typeof value === 'string') out.jsonString(value);
    else number(value, isClock, out);
  }
  out.text(']');
}
