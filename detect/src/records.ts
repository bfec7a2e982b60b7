/** Lines of JSON logs as records: Zeek's JSON, our own, and Windows events. */

import type { AnyRecord } from '@forewarn/model/records/record';
import { windowsRecord } from './sigma/windows.ts';

/** Deepest nesting of objects that is flattened to `a.b.c`; cloud audit events have five levels. */
const depthMax = 8;

/** Fields of one record; a record with more is no log line. */
const fieldsMax = 2_000;

/** Reads one line. `log` is the name that the file suggests; `_path` or `_log` in the line says better. `undefined` when it is no JSON object. */
export function recordOfLine(line: string, log: string): { log: string; record: AnyRecord } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const event = windowsRecord(value);
  if (event) return { log: 'windows', record: { ts: instantOf(event['TimeCreated_SystemTime']) ?? 0, ...event } };
  const record: { [name: string]: AnyRecord[string] } = {};
  let fields = 0;
  const put = (name: string, inner: unknown, depth: number): void => {
    if (fields >= fieldsMax || inner === null || inner === undefined) return;
    if (Array.isArray(inner)) {
      const elements = inner.filter((element) => typeof element === 'string' || typeof element === 'number');
      fields++;
      record[name] = elements as string[] | number[];
    } else if (typeof inner === 'object') {
      if (depth < depthMax) for (const [key, deeper] of Object.entries(inner)) put(`${name}.${key}`, deeper, depth + 1);
    } else {
      fields++;
      record[name] = inner as string | number | boolean;
    }
  };
  for (const [name, inner] of Object.entries(value)) put(name, inner, 1);
  const named = record['_path'] ?? record['_log'];
  delete record['_path'];
  delete record['_log'];
  // Zeek writes times as texts when it is told to (`LogAscii::json_timestamps`).
  const ts = instantOf(record['ts']);
  if (ts !== undefined) record['ts'] = ts;
  return { log: typeof named === 'string' && named !== '' ? named.slice(0, 64) : log, record };
}

function instantOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : ms / 1000;
}
