/**
 * Our own list format: CSV with a header that names its columns (type, value, source, reliability A–F, credibility 1–6, confidence 0–100, technique,
 * valid_from, valid_until, seen, note; value is enough), or plain text with one value a line and `#` comments.
 */

import { csvRows } from '@forewarn/base/csv';
import { Refusal } from '@forewarn/base/refusal';
import { parseInstant, type Seconds } from '@forewarn/base/time';
import { Credibility, Reliability, type ListEntry, type ListedValue } from '@forewarn/model/indicator';
import { guessKind, kindOf, refang } from './values.ts';

export const columns = [
  'type',
  'value',
  'source',
  'reliability',
  'credibility',
  'confidence',
  'technique',
  'valid_from',
  'valid_until',
  'seen',
  'note',
] as const;
type ColumnName = (typeof columns)[number];

const lineAdvice = 'Correct the line or take it out.';

/** Reads a list entry after entry; what cannot be read is told in its place. */
export function* readList(text: string, file: string): Generator<ListEntry> {
  let header: (ColumnName | undefined)[] | undefined;
  let first = true;
  for (const { line, cells, bare } of csvRows(text)) {
    const place = { file, line };
    const refused = (message: string, advice = lineAdvice, code = 'indicator.value'): ListEntry => ({
      place,
      refused: { code, message, advice },
    });
    if (cells === undefined) {
      yield refused('The quotation is not closed, or the line is too long.');
      continue;
    }
    if (first) {
      first = false;
      const names = cells.map((cell) => cell.trim().toLowerCase());
      if (names.includes('value')) {
        header = names.map((name) => columns.find((column) => column === name));
        const unknown = names.find((name) => name !== '' && !(columns as readonly string[]).includes(name));
        if (unknown !== undefined)
          yield refused(
            `The column "${unknown.slice(0, 60)}" is not known.`,
            `Columns are ${columns.join(', ')}.`,
            'indicator.column',
          );
        continue;
      }
    }
    const read = header ? readRow(header, cells) : readBare(bare.replace(/\s+#.*$/, ''));
    yield typeof read === 'string' ? refused(read) : { place, value: read };
  }
}

function readBare(text: string): ListedValue | string {
  const value = refang(text);
  const kind = guessKind(value);
  return kind ? { kind, value } : `"${text.slice(0, 100)}" is no address, network, domain, URL or hash.`;
}

function readRow(header: readonly (ColumnName | undefined)[], cells: readonly string[]): ListedValue | string {
  const row: { [name in ColumnName]?: string } = {};
  for (const [i, name] of header.entries())
    if (name !== undefined && cells[i] !== undefined && cells[i].trim() !== '') row[name] = cells[i].trim();
  if (row.value === undefined) return 'The value is missing.';
  const value = refang(row.value);
  const kind = row.type === undefined ? guessKind(value) : kindOf(row.type);
  if (!kind)
    return row.type === undefined
      ? `"${value.slice(0, 100)}" is no address, network, domain, URL or hash.`
      : `There is no type "${row.type.slice(0, 60)}".`;
  const percent = row.confidence === undefined ? undefined : Number(row.confidence);
  if (percent !== undefined && !(percent >= 0 && percent <= 100))
    return `The confidence "${row.confidence?.slice(0, 60)}" is not between 0 and 100.`;
  if (row.technique !== undefined && !/^T\d{4}(?:\.\d{3})?$/.test(row.technique))
    return `"${row.technique.slice(0, 60)}" is no ATT&CK technique.`;
  const reliability = Reliability.safeParse(row.reliability?.toUpperCase());
  if (row.reliability !== undefined && !reliability.success)
    return `The reliability "${row.reliability.slice(0, 60)}" is not one of A to F.`;
  const credibility = Credibility.safeParse(row.credibility);
  if (row.credibility !== undefined && !credibility.success)
    return `The credibility "${row.credibility.slice(0, 60)}" is not one of 1 to 6.`;
  try {
    return {
      kind,
      value,
      source: row.source,
      reliability: reliability.data,
      credibility: credibility.data,
      confidence: percent === undefined ? undefined : percent / 100,
      technique: row.technique,
      validFrom: row.valid_from === undefined ? undefined : readInstant(row.valid_from),
      validUntil: row.valid_until === undefined ? undefined : readInstant(row.valid_until),
      seenAt: row.seen === undefined ? undefined : readInstant(row.seen),
      note: row.note?.slice(0, 500),
    };
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

function readInstant(text: string): Seconds {
  // Lists often give a day only; it begins at midnight UTC.
  return parseInstant(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
}
