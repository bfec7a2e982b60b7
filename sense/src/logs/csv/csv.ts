/**
 * Comma-separated values (RFC 4180), and how somebody's own table or JSON becomes records: a mapping says which log it is, which columns have which
 * names, and where the time stands. Without a mapping the first line names the columns and the file names the log.
 */

import { logNamed } from '../account.ts';
import { flatten, type FlatRecord } from '../flatten.ts';
import type { LogEmit, LogFormat, LogReader, LogSource, RefusedReason } from '../format.ts';
import { instantOfText, instantOfValue, zoneSeconds } from '../instants.ts';
import { usualInstant } from '../json/json.ts';
import { limits } from '../limits.ts';
import { objectsReader } from '../objects.ts';

/** How somebody's own table or objects become records. */
export type LogMapping = {
  /** The log that the records are of. */
  readonly log: string;
  readonly form: 'csv' | 'json';
  /** What stands between columns; a comma where none is named. */
  readonly separator?: string;
  /** Names of the columns where the first line does not hold them. */
  readonly columns?: readonly string[];
  /** Names in the input → names in the record. Others keep theirs. */
  readonly fields?: { readonly [from: string]: string };
  /** What every record has besides. */
  readonly values?: { readonly [name: string]: string | number | boolean };
  /** Where the time stands, under its name in the input. `zone` (`+08:00`) where it has none of its own. */
  readonly time?: { readonly field: string; readonly zone?: string };
};

/** A format that reads by a mapping whatever it is given. */
export function mappedFormat(mapping: LogMapping): LogFormat {
  return {
    name: 'mapping',
    logs: [mapping.log],
    file: {
      recognise: () => true,
      open: (emit, source) =>
        mapping.form === 'csv'
          ? new CsvReader(emit, mapping.separator ?? ',', mapping.columns, (row) => mapped(row, mapping, emit, source))
          : objectsReader(emit, (event, own) => {
              const record = flatten(event, own);
              if (record) mapped(record, mapping, own, source);
            }),
    },
  };
}

function mapped(from: FlatRecord, mapping: LogMapping, emit: LogEmit, source: LogSource): void {
  const record: FlatRecord = { ...mapping.values };
  for (const [name, value] of Object.entries(from)) record[mapping.fields?.[name] ?? name] = value;
  const ts = (mapping.time ? zoned(from[mapping.time.field], mapping.time.zone) : usualInstant(record)) ?? source.at?.();
  if (ts !== undefined) record['ts'] = ts;
  emit.record(mapping.log, record);
}

/** A written time without a zone is of the named one. */
function zoned(value: unknown, zone: string | undefined): number | undefined {
  if (typeof value !== 'string' || zone === undefined || /(?:Z|[+-]\d\d:?\d\d)$/i.test(value.trim()))
    return instantOfValue(value);
  const ts = instantOfText(value);
  return ts === undefined ? instantOfValue(value) : ts - zoneSeconds(zone);
}

const named = /\.(csv|tsv)(?:\.gz)?$/i;

export const csv: LogFormat = {
  name: 'csv',
  logs: ['*'],
  file: {
    // A table looks like anything; its name says that it is one.
    recognise(start, name) {
      const kind = named.exec(name)?.[1]?.toLowerCase();
      if (kind === undefined) return false;
      const first = new TextDecoder().decode(start).split('\n', 1)[0]!;
      return first.includes(kind === 'tsv' ? '\t' : ',') && !first.includes('\0');
    },
    open: (emit, source) =>
      new CsvReader(emit, /\.tsv(?:\.gz)?$/i.test(source.name) ? '\t' : ',', undefined, (record) => {
        const ts = usualInstant(record) ?? source.at?.();
        emit.record(logNamed(source.name), ts === undefined ? record : { ...record, ts });
      }),
  },
};

/** Rows of cells; a cell in quotes may hold separators, lines and, doubled, quotes. */
export class CsvReader implements LogReader {
  readonly #emit: LogEmit;
  readonly #take: (record: FlatRecord) => void;
  readonly #separator: string;
  readonly #decoder = new TextDecoder();
  #columns: readonly string[] | undefined;
  #row: string[] = [];
  /** What is read of the cell at hand. */
  #cell: string[] = [];
  #characters = 0;
  #quoted = false;
  /** The last piece ended with a quote that may be the first of two. */
  #closing = false;
  #passing: RefusedReason | undefined;
  #line = 1;
  #rowLine = 1;

  constructor(emit: LogEmit, separator: string, columns: readonly string[] | undefined, take: (record: FlatRecord) => void) {
    this.#emit = emit;
    this.#separator = separator.slice(0, 1) || ',';
    this.#columns = columns;
    this.#take = take;
  }

  data(bytes: Uint8Array): void {
    this.#text(this.#decoder.decode(bytes, { stream: true }));
  }

  end(): void {
    this.#text(this.#decoder.decode());
    if (this.#quoted && !this.#closing) {
      this.#emit.refused('cut', { line: this.#rowLine });
      return;
    }
    if (this.#row.length > 0 || this.#characters > 0) this.#endRow();
  }

  #text(text: string): void {
    let from = 0;
    for (let i = 0; i < text.length; i++) {
      const c = text[i]!;
      if (this.#closing) {
        this.#closing = false;
        if (c === '"') {
          this.#keep('"');
          from = i + 1;
          continue;
        }
        this.#quoted = false;
        from = i;
      }
      if (this.#quoted) {
        if (c === '\n') this.#line++;
        if (c !== '"') continue;
        this.#keep(text.slice(from, i));
        from = i + 1;
        this.#closing = true;
      } else if (c === '"' && this.#cell.length === 0 && from === i) {
        this.#quoted = true;
        from = i + 1;
      } else if (c === this.#separator) {
        this.#keep(text.slice(from, i));
        this.#endCell();
        from = i + 1;
      } else if (c === '\n') {
        this.#keep(text.slice(from, i));
        from = i + 1;
        this.#line++;
        this.#endRow();
      }
    }
    if (from < text.length && !this.#closing) this.#keep(text.slice(from));
  }

  #keep(text: string): void {
    this.#characters += text.length;
    if (this.#characters > limits.eventBytesMax.value) this.#passing ??= 'too-long';
    if (this.#passing) this.#cell = [];
    else if (text !== '') this.#cell.push(text);
  }

  #endCell(): void {
    if (this.#row.length >= limits.fieldsMax.value) this.#passing ??= 'malformed';
    if (!this.#passing) this.#row.push(this.#cell.join(''));
    this.#cell = [];
  }

  #endRow(): void {
    if (this.#cell.length > 0 && this.#cell.at(-1)!.endsWith('\r')) this.#cell.push(this.#cell.pop()!.slice(0, -1));
    this.#endCell();
    const row = this.#row;
    const refused = this.#passing;
    const line = this.#rowLine;
    this.#row = [];
    this.#passing = undefined;
    this.#characters = 0;
    this.#rowLine = this.#line;
    if (refused) this.#emit.refused(refused, { line });
    else if (row.length === 1 && row[0] === '') return;
    else if (!this.#columns)
      this.#columns = row.map(
        (name, i) =>
          name
            .replace(/^\u{feff}/u, '')
            .trim()
            .slice(0, limits.nameCharactersMax.value) || `column${i + 1}`,
      );
    else if (row.length !== this.#columns.length) this.#emit.refused('malformed', { line });
    else {
      const record: FlatRecord = {};
      for (const [i, name] of this.#columns.entries()) if (row[i] !== '' && name !== '__proto__') record[name] = row[i]!;
      this.#take(record);
    }
  }
}
