/** Zeek's TSV logs as its tests keep them: times and uids masked, and sometimes cut to some columns without a header. */

import { readFileSync } from 'node:fs';
import type { AnyRecord } from '@forewarn/model/records/record';
import { recordType } from '@forewarn/model/records/index';

export type ZeekLog = { fields: readonly string[]; types: readonly string[]; rows: readonly ZeekRow[] };

/** One row: the values by field, and its number in the log, from 1. */
export type ZeekRow = { number: number; values: ReadonlyMap<string, string> };

/** Reads a baseline log. `log` names the record type that gives the types where the test cut the header away. */
export function readZeekLog(path: string, log: string): ZeekLog {
  // Zeek writes bytes that are no UTF-8 as \x escapes, so the file is text.
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('###'));
  const header = lines.find((line) => line.startsWith('#fields'));
  // Some tests cut columns out and keep their names without the mark.
  const fields = header === undefined ? (lines.shift() ?? '').split('\t') : header.split('\t').slice(1);
  const typeLine = lines.find((line) => line.startsWith('#types'));
  const columns = recordType(log)?.columns;
  const types = typeLine?.split('\t').slice(1) ?? fields.map((field) => columns?.[field]?.type ?? 'string');
  const rows = lines
    .filter((line) => !line.startsWith('#'))
    .map((line, i) => {
      const values = line.split('\t');
      return { number: i + 1, values: new Map(fields.map((field, j) => [field, values[j] ?? '-'])) };
    });
  return { fields, types, rows };
}

/** A value of Zeek's with its escapes undone: `\x09`, `\\`. */
export function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:x([0-9a-f]{2})|\\)/g, (_, pair?: string) =>
    pair === undefined ? '\\' : String.fromCharCode(Number.parseInt(pair, 16)),
  );
}

/** A value of ours as Zeek's TSV writer shows it, without its escapes. */
export function shown(value: AnyRecord[string], type: string): string {
  if (value === undefined) return '-';
  if (Array.isArray(value)) {
    const element = /\[(.*)\]/.exec(type)?.[1] ?? 'string';
    if (value.length === 0) return '(empty)';
    return value.map((each) => shown(each as string | number, element)).join(',');
  }
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  if (typeof value === 'number') return type === 'interval' || type === 'time' ? value.toFixed(6) : String(value);
  return value === '' ? '(empty)' : String(value);
}

/** Whether both mean the same: numbers by value to the microsecond, sets in any order, everything else as text. */
export function sameValue(theirs: string, ours: string, type: string): boolean {
  if (theirs === ours) return true;
  if (type.startsWith('set[')) return theirs.split(',').sort().join() === ours.split(',').sort().join();
  if (/^(?:vector\[)?(?:interval|time|double|count|int)\b/.test(type)) {
    const a = theirs.split(',').map(Number);
    const b = ours.split(',').map(Number);
    return a.length === b.length && a.every((each, i) => Math.abs(each - b[i]!) <= 1.5e-6 * Math.max(1, Math.abs(each) * 1e-9));
  }
  return false;
}
