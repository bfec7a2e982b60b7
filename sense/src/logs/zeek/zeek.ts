/** Zeek's logs, in both of its forms. The records of both are equal. */

import { recordType } from '@forewarn/model/records/index';
import { logNamed } from '../account.ts';
import { flatten, type FlatRecord } from '../flatten.ts';
import type { LogFormat } from '../format.ts';
import { instantOfText, instantOfValue, microseconds } from '../instants.ts';
import { linesReader } from '../lines.ts';
import { zeekLines } from './tsv.ts';

export const zeek: LogFormat = {
  name: 'zeek',
  logs: ['*'],
  file: {
    // Somebody may have put a comment before the head.
    recognise: (start) => start[0] === 0x23 && /^#(?:separator |fields[^a-z: ])/m.test(new TextDecoder('latin1').decode(start)),
    open: (emit, source) => linesReader(emit, (own) => zeekLines(own, source.name)),
  },
  events: {
    owns: (event) =>
      typeof event['_path'] === 'string' ||
      ((typeof event['ts'] === 'number' || typeof event['ts'] === 'string') &&
        (typeof event['uid'] === 'string' || typeof event['id.orig_h'] === 'string')),
    take(event, emit, source) {
      const record = flatten(event, emit);
      if (!record) return;
      const path = record['_path'];
      const log = typeof path === 'string' && path !== '' ? path.slice(0, 64) : logNamed(source.name);
      // The envelope of the package that streams logs; the tab-separated form has none.
      delete record['_path'];
      delete record['_write_ts'];
      likeTsv(log, record);
      emit.record(log, record);
    },
  },
};

/**
 * The two forms differ: JSON writes times as texts when it is told to (`LogAscii::json_timestamps`), intervals to the last bit instead of to the
 * microsecond, control characters as `\x00` within its strings, and a list of one empty text as such, which the other has as an empty list.
 */
function likeTsv(log: string, record: FlatRecord): void {
  const columns = recordType(log)?.columns;
  const textual = typeof record['ts'] === 'string';
  for (const name in record) {
    const value = record[name];
    if (typeof value === 'string') {
      const time = textual && writtenTime.test(value) ? instantOfText(value) : undefined;
      if (time !== undefined) record[name] = time;
      else if (value.includes('\\x')) record[name] = unescaped(value);
    } else if (typeof value === 'number') {
      if (!Number.isInteger(value) && columns?.[name]?.type !== 'double') record[name] = microseconds(value);
    } else if (Array.isArray(value)) {
      const list = value as (string | number)[];
      record[name] =
        list.length === 1 && list[0] === ''
          ? []
          : (list.map((one) => (typeof one === 'string' ? unescaped(one) : microseconds(one))) as string[]);
    }
  }
  const ts = instantOfValue(record['ts']);
  if (ts !== undefined) record['ts'] = ts;
}

/** As Zeek writes them, and nothing else does to the digit. */
const writtenTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

const unescaped = (text: string): string =>
  text.replaceAll(/\\x([01][0-9a-fA-F]|7[fF])/g, (_whole, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
