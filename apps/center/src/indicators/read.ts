/** Lists of indicators in whatever format they come, told by their content: our own reading is `detect`'s, partners' formats are `share`'s. */

import { readList } from '@forewarn/detect/indicators/list';
import { createWarningList, type WarningList } from '@forewarn/detect/indicators/warnings';
import type { ListEntry } from '@forewarn/model/indicator';
import type { Tlp } from '@forewarn/model/markings';
import { markingOf } from '@forewarn/share/markings';
import { isMisp, isMispCsv, readMispCsv, readMispEvents } from '@forewarn/share/misp/events';
import { readMispWarningList } from '@forewarn/share/misp/warninglists';
import { isStix, readStix } from '@forewarn/share/stix/indicators';

export const listFormats = ['csv', 'misp-csv', 'misp-json', 'stix'] as const;
export type ListFormat = (typeof listFormats)[number];

/** Names of files that hold lists of indicators. */
export const listFileNames = /\.(csv|txt|json)$/;

/** `marking`: the narrowest that the document itself carries. */
export type ReadList = { format: ListFormat; entries: Iterable<ListEntry>; marking?: Tlp | undefined };

/** A text that is no list at all gives one refusal. */
export function readAnyList(text: string, file: string): ReadList {
  const refused = (message: string): ReadList => {
    const advice = 'Give CSV or plain text, MISP events (JSON or CSV), or a STIX 2.1 bundle.';
    return { format: 'csv', entries: [{ place: { file }, refused: { code: 'indicator.format', message, advice } }] };
  };
  const start = text
    .slice(0, 4_096)
    .replace(/^\ufeff/, '')
    .trimStart();
  // An address of IPv6 in brackets is no JSON.
  if (start.startsWith('{') || /^\[\s*[[{"\]]/.test(start)) {
    let document: unknown;
    try {
      document = JSON.parse(text.replace(/^\ufeff/, ''));
    } catch (cause) {
      return refused(`The text is not whole JSON: ${(cause as Error).message.slice(0, 200)}.`);
    }
    if (isStix(document)) return { format: 'stix', entries: readStix(document, file), marking: markingOf(document) };
    if (isMisp(document)) return { format: 'misp-json', entries: readMispEvents(document, file), marking: markingOf(document) };
    return refused('The JSON is neither a STIX bundle nor a MISP event.');
  }
  return isMispCsv(start)
    ? { format: 'misp-csv', entries: readMispCsv(text, file) }
    : { format: 'csv', entries: readList(text, file) };
}

/** MISP's warning lists of files, as one. Refusals: `misp.warninglist`. */
export function readWarningLists(files: Iterable<{ path: string; text: string }>): WarningList {
  return createWarningList([...files].map(({ path, text }) => readMispWarningList(text, path)));
}
