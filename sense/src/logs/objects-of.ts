/** Formats whose events are objects of JSON that keep their own names: what differs is how they are told, and where their time stands. */

import { flatten, type FlatRecord } from './flatten.ts';
import type { JsonObject, LogFormat } from './format.ts';
import { instantOfValue } from './instants.ts';

export function objectsOf(of: {
  name: string;
  logs: readonly string[];
  owns(event: JsonObject): boolean;
  /** The event within a wrapper of its own. */
  inner?(event: JsonObject): JsonObject;
  /** The log of an event, where there are several. */
  log?(record: FlatRecord): string;
  /** Names of the time, the surest first, as they are flattened. */
  times: readonly string[];
}): LogFormat {
  return {
    name: of.name,
    logs: of.logs,
    events: {
      owns: (event) => of.owns(of.inner?.(event) ?? event),
      take(event, emit, source) {
        const record = flatten(of.inner?.(event) ?? event, emit);
        if (!record) return;
        const ts = of.times.map((name) => instantOfValue(record[name])).find((one) => one !== undefined) ?? source.at?.();
        if (ts !== undefined) record['ts'] = ts;
        emit.record(of.log?.(record) ?? of.logs[0]!, record);
      },
    },
  };
}

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** The value of a name however its capitals are written: some stores write all names small. `name` is in small letters. */
export function anyCase(event: JsonObject, name: string): unknown {
  for (const own in event) if (own.length === name.length && own.toLowerCase() === name) return event[own];
  return undefined;
}
