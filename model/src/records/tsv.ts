/**
 * Records as Zeek's tab-separated logs: a header that names separator, fields and types, then a line for each record;
 * `-` where a value is absent, `(empty)` where it is empty, and bytes that would break the format as `\x09`. Columns
 * declared `secret` are left out.
 */

import { undeclaredColumn, undeclaredFields } from './open.ts';
import type { AnyRecord, Column, RecordType } from './record.ts';

export type TsvWriter = {
  /** The lines before the first record; `open` is the local form Zeek writes, `2026-11-22-08-00-00`. */
  header(open?: string): string;
  record(record: AnyRecord): string;
  /** The last line. */
  footer(close?: string): string;
};

/** Makes the writer of a record type. */
export function tsvWriter(type: RecordType): TsvWriter {
  const columns = Object.entries(type.columns).filter(([, column]) => column.class !== 'secret');
  return {
    header: (open) =>
      `#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t${type.log}\n${
        open === undefined ? '' : `#open\t${open}\n`
      }#fields\t${columns.map(([name]) => name).join('\t')}\n#types\t${columns.map(([, column]) => column.type).join('\t')}\n`,
    record: (record) =>
      `${columns.map(([name, column]) => tsvValue(type.open && name === undeclaredColumn ? undeclaredOf(record, type) : record[name], column)).join('\t')}\n`,
    footer: (close) => (close === undefined ? '' : `#close\t${close}\n`),
  };
}

function undeclaredOf(record: AnyRecord, type: RecordType): readonly string[] | undefined {
  const fields = undeclaredFields(record, type);
  return fields.length === 0 ? undefined : fields;
}

function tsvValue(value: AnyRecord[string], column: Column): string {
  if (value === undefined) return '-';
  if (Array.isArray(value)) {
    if (value.length === 0) return '(empty)';
    return value.map((one: string | number) => element(one, column, true)).join(',');
  }
  return element(value as string | number | boolean, column, false);
}

function element(value: string | number | boolean, column: Column, inSet: boolean): string {
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  if (typeof value === 'number') {
    const decimals = column.type === 'time' || column.type === 'interval' || column.type === 'vector[interval]';
    return decimals ? value.toFixed(6) : String(value);
  }
  if (value === '') return '(empty)';
  // A text that reads like a mark is told apart from it by its first byte.
  if (value === '-' || value === '(empty)') return `\\x${value.codePointAt(0)!.toString(16)}${value.slice(1)}`;
  return escape(value, inSet);
}

// Control characters, the backslash of the escapes themselves, and within a list its comma.
// oxlint-disable-next-line no-control-regex
const plain = /^[^\u0000-\u001f\u007f\\]*$/;
// oxlint-disable-next-line no-control-regex
const special = /[\u0000-\u001f\u007f\\]/g;
// oxlint-disable-next-line no-control-regex
const specialInSet = /[\u0000-\u001f\u007f\\,]/g;

function escape(text: string, inSet: boolean): string {
  if (plain.test(text) && !(inSet && text.includes(','))) return text;
  return text.replace(inSet ? specialInSet : special, (character) =>
    character === '\\' ? '\\\\' : `\\x${character.codePointAt(0)!.toString(16).padStart(2, '0')}`,
  );
}
