/** QRadar's Log Event Extended Format: `LEEF:1.0|vendor|product|version|event|a=b⇥c=d`; 2.0 names the separator behind the event. */

import { arcSightInstant } from '../cef/cef.ts';
import type { LogFormat } from '../format.ts';
import { Pairs } from '../pairs.ts';

/** `^`, `x5E`, `0x5E`; a tab where none is named. */
function separatorOf(written: string): string {
  const code = /^(?:0?x)([0-9a-fA-F]{1,4})$/.exec(written)?.[1];
  if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
  return written.length === 1 ? written : '\t';
}

export const leef: LogFormat = {
  name: 'leef',
  logs: ['leef'],
  lines: {
    owns: (line) => /^LEEF:\s?\d/.test(line),
    open: (emit, source) => ({
      line(text) {
        const parts = text.split('|', 6);
        if (parts.length < 5) {
          emit.refused('malformed');
          return;
        }
        const [version, vendor, product, productVersion, event] = parts as [string, string, string, string, string];
        let rest = text.slice(parts.slice(0, 5).join('|').length + 1);
        const second = version.slice(5).trim().startsWith('2');
        let separator = '\t';
        if (second && rest.includes('|')) {
          const named = rest.slice(0, rest.indexOf('|'));
          // The separator may be left out, and its bar with it.
          if (named === '' || separatorOf(named) !== '\t' || /^0?x0?9$/i.test(named)) {
            separator = named === '' ? '\t' : separatorOf(named);
            rest = rest.slice(named.length + 1);
          }
        }
        const pairs = new Pairs({ leefVersion: version.slice(5).trim() });
        for (const [name, value] of Object.entries({ vendor, product, version: productVersion, eventId: event }))
          pairs.put(name, value);
        for (const pair of rest.split(separator)) {
          const equals = pair.indexOf('=');
          if (equals > 0) pairs.put(pair.slice(0, equals).trim(), pair.slice(equals + 1));
        }
        const { record } = pairs;
        const { devTime } = record;
        const ts = (typeof devTime === 'string' ? arcSightInstant(devTime) : undefined) ?? source.at?.();
        if (ts !== undefined) record['ts'] = ts;
        if (pairs.shortened) emit.shortened();
        emit.record('leef', record);
      },
      end: () => undefined,
    }),
  },
};
