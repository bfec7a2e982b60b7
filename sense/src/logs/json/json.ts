/** Objects of JSON that no other format knows: kept under their own names, in a log named by the object (`_log`) or by the file. */

import type { Seconds } from '@forewarn/base/time';
import { logNamed } from '../account.ts';
import { flatten, type FlatRecord } from '../flatten.ts';
import type { LogFormat } from '../format.ts';
import { instantOfValue } from '../instants.ts';

/** Names under which logs write the time of an event, the surest first. */
const times = [
  'ts',
  '@timestamp',
  'timestamp',
  'time',
  'eventTime',
  'EventTime',
  'TimeGenerated',
  'datetime',
  'date',
  'created_at',
];

/** The instant of a record by the usual names. */
export function usualInstant(record: FlatRecord): Seconds | undefined {
  for (const name of times) {
    const ts = instantOfValue(record[name]);
    if (ts !== undefined) return ts;
  }
  return undefined;
}

export const json: LogFormat = {
  name: 'json',
  logs: ['*'],
  events: {
    owns: () => true,
    take(event, emit, source) {
      const record = flatten(event, emit);
      if (!record) return;
      const named = record['_log'];
      delete record['_log'];
      const ts = usualInstant(record) ?? source.at?.();
      if (ts !== undefined) record['ts'] = ts;
      emit.record(typeof named === 'string' && named !== '' ? named.slice(0, 64) : logNamed(source.name), record);
    },
  },
};
