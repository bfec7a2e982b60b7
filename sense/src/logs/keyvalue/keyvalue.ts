/** Lines of `key=value` pairs, as firewalls (FortiGate, SonicWall, Sophos) and programs with structured logs (logfmt) write them. */

import { instantOfText, instantOfValue } from '../instants.ts';
import type { LogFormat } from '../format.ts';
import type { FlatRecord } from '../flatten.ts';
import { Pairs, quotedPairs } from '../pairs.ts';

/** Fewer pairs at the beginning could be a sentence. */
const pairsMin = 3;

const pair = /^[A-Za-z_][\w.-]{0,63}=(?:"(?:[^"\\]|\\.){0,4096}"|[^\s"]{0,4096})(?:[ ,;\t]+|$)/;

export const keyvalue: LogFormat = {
  name: 'keyvalue',
  logs: ['keyvalue'],
  lines: {
    owns(line) {
      let rest = line.slice(0, 16_384);
      for (let i = 0; i < pairsMin; i++) {
        const found = pair.exec(rest);
        if (!found) return false;
        rest = rest.slice(found[0].length);
      }
      return true;
    },
    open: (emit, source) => ({
      line(text) {
        const pairs = new Pairs();
        if (!quotedPairs(text, (name, value) => pairs.put(name, value))) {
          emit.refused('malformed');
          return;
        }
        const ts = instantOfPairs(pairs.record) ?? source.at?.();
        if (ts !== undefined) pairs.record['ts'] = ts;
        if (pairs.shortened) emit.shortened();
        emit.record('keyvalue', pairs.record);
      },
      end: () => undefined,
    }),
  },
};

function instantOfPairs(record: FlatRecord): number | undefined {
  for (const name of ['ts', 'eventtime', 'timestamp', 'time', 'datetime']) {
    const ts = instantOfValue(record[name]);
    if (ts !== undefined) return ts;
  }
  // FortiOS: date=2026-11-22 time=08:00:00 tz="+0100"
  const { date, time, tz } = record;
  if (typeof date !== 'string' || typeof time !== 'string') return undefined;
  return instantOfText(`${date} ${time}${typeof tz === 'string' && /^[+-]\d{2}:?\d{2}$/.test(tz) ? tz : ''}`);
}
