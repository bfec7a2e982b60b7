/** ArcSight's Common Event Format (revision 27): `CEF:0|vendor|product|version|class|name|severity|key=value …`. */

import { instantOf, instantOfValue, monthOf, zoneSeconds } from '../instants.ts';
import type { LogFormat } from '../format.ts';
import { Pairs, pairsToNextKey } from '../pairs.ts';

/** Names of the head's parts in ArcSight's schema. */
const head = ['deviceVendor', 'deviceProduct', 'deviceVersion', 'deviceEventClassId', 'name', 'severity'];

/** Splits at `|` that no backslash precedes, so many times; the last part is the rest. */
function split(text: string, times: number): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length && parts.length < times; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '|') {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

const unescape = (text: string): string =>
  text.includes('\\') ? text.replaceAll(/\\([\\|=nr])/g, (_whole, c: string) => (c === 'n' ? '\n' : c === 'r' ? '\r' : c)) : text;

/** `Nov 22 2026 08:00:00.123 UTC`, or a number, or ISO. */
export function arcSightInstant(text: string): number | undefined {
  const parts =
    /^([A-Z][a-z]{2}) (\d{1,2}) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?: (UTC|GMT|Z|[+-]\d\d:?\d\d))?$/.exec(text);
  if (!parts) return instantOfValue(text);
  const [, month, day, year, hour, minute, second, fraction, zone = 'UTC'] = parts;
  if (year === undefined) return undefined;
  return instantOf({
    year: Number(year),
    month: monthOf(month!),
    day: Number(day),
    seconds: Number(hour) * 3600 + Number(minute) * 60 + Number(second),
    fraction: fraction === undefined ? 0 : Number(`0.${fraction}`),
    zoneSeconds: zoneSeconds(zone),
  });
}

export const cef: LogFormat = {
  name: 'cef',
  logs: ['cef'],
  lines: {
    owns: (line) => /^CEF:\s?\d/.test(line),
    open: (emit, source) => ({
      line(text) {
        const [version, ...rest] = split(text, 7);
        if (rest.length < 6) {
          emit.refused('malformed');
          return;
        }
        const pairs = new Pairs({ cefVersion: version!.slice(4).trim() });
        for (const [i, name] of head.entries()) pairs.put(name, unescape(rest[i]!.trim()));
        pairsToNextKey(rest[6] ?? '', (name, value) => pairs.put(name, unescape(value)));
        const { record } = pairs;
        const named = ['rt', 'end', 'start', 'deviceReceiptTime', 'endTime', 'startTime'].map((name) => record[name]);
        const ts =
          named
            .map((value) => (typeof value === 'string' ? arcSightInstant(value) : undefined))
            .find((one) => one !== undefined) ?? source.at?.();
        if (ts !== undefined) record['ts'] = ts;
        if (pairs.shortened) emit.shortened();
        emit.record('cef', record);
      },
      end: () => undefined,
    }),
  },
};
