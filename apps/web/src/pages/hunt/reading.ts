/** The question as it is being written, read in the browser by the reader that the centre uses. */

import { Refusal } from '@forewarn/base/refusal';
import { parseKql, type Hunt } from '@forewarn/model/kql/kql';
import { tokenEnd } from '@forewarn/model/kql/tokens';
import type { Column, RecordType } from '@forewarn/model/records/record';
import type { RecordTypeView } from '../../session/resources.ts';

export type Fault = { from: number; to: number; message: string; advice: string };
export type Read = { hunt: Hunt | null; fault: Fault | null };

/** Declarations as the language wants them. */
export function typesOf(views: readonly RecordTypeView[]): RecordType[] {
  return views.map(({ log, means, columns }) => ({
    log,
    means,
    source: '',
    columns: Object.fromEntries(
      columns.map(({ name, type, class: of, means: meaning }) => [name, { type, class: of, means: meaning } as Column]),
    ),
  }));
}

export function readHunt(text: string, recordTypes: readonly RecordType[], searched: readonly string[]): Read {
  if (text.trim() === '' || recordTypes.length === 0) return { hunt: null, fault: null };
  try {
    return { hunt: parseKql(text, { now: Date.now() / 1000, recordTypes, searched }), fault: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const from = Math.min(error.place.offset ?? 0, text.length);
    return { hunt: null, fault: { from, to: tokenEnd(text, from), message: error.message, advice: error.advice } };
  }
}
