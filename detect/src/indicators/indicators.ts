/** Lists of indicators, and what they say of an address, a name, a URL or a hash at an instant. */

import { contains, formatAddress, parseAddress, parseNetwork, type Network } from '@forewarn/base/ip';
import { Refusal } from '@forewarn/base/refusal';
import { parseInstant, type Seconds } from '@forewarn/base/time';
import { z } from 'zod';
import { readContent } from '@forewarn/model/yaml';
import { IndicatorTable, type IndicatorMeta } from './table.ts';
import { canonicalUrl, canonicalValue, guessKind, kindOf, refang, type IndicatorKind } from './values.ts';

/** An indicator that a value met. */
export type Match = IndicatorMeta & { kind: IndicatorKind; value: string };

export type LoadedList = {
  /** Values taken in. */
  loaded: number;
  /** Lines left out, the first hundred with their reason. */
  refusals: Refusal[];
  /** Lines left out in all. */
  refused: number;
};

/** What must not become an indicator unasked: blocking or reporting it would be an own goal. */
export type WarningList = { check(kind: IndicatorKind, value: string): string | undefined };

const WarningFile = z.strictObject({
  lists: z.array(
    z.strictObject({
      id: z.string(),
      /** Why; shown with the line that is refused. */
      reason: z.string(),
      source: z.string(),
      networks: z.array(z.string()).optional(),
      /** The name itself, and nothing below it. */
      domains: z.array(z.string()).optional(),
    }),
  ),
});

/** Reads the warning list; throws the first refusal with file and line. */
export function readWarningList(text: string, file: string): WarningList {
  const read = readContent(WarningFile, text, file);
  if (!read.ok) throw read.refusals[0]!;
  const networks: { network: Network; reason: string }[] = [];
  const domains = new Map<string, string>();
  for (const [i, list] of read.value.lists.entries()) {
    for (const [j, entry] of (list.networks ?? []).entries()) {
      const network = parseNetwork(entry);
      if (!network)
        throw new Refusal('content.schema', `"${entry}" is not a network.`, { place: read.place(['lists', i, 'networks', j]) });
      networks.push({ network, reason: list.reason });
    }
    for (const domain of list.domains ?? []) domains.set(domain.toLowerCase(), list.reason);
  }
  const ofAddress = (bytes: Uint8Array): string | undefined => networks.find(({ network }) => contains(network, bytes))?.reason;
  return {
    check(kind, value) {
      if (kind === 'address') return ofAddress(parseAddress(value)!);
      if (kind === 'network') {
        const network = parseNetwork(value)!;
        // Wider than the warned network is worse than inside it. A prefix of less than 8 bits is half the Internet.
        if (network.prefix < (network.bytes.length === 4 ? 8 : 16)) return 'The network is so wide that it holds everybody.';
        return ofAddress(network.bytes) ?? networks.find((warned) => contains(network, warned.network.bytes))?.reason;
      }
      if (kind === 'domain') return domains.get(value);
      if (kind === 'url') {
        const url = URL.parse(value);
        if (!url) return undefined;
        const bytes = parseAddress(url.hostname.replaceAll(/[[\]]/g, ''));
        return bytes ? ofAddress(bytes) : url.pathname === '/' && url.search === '' ? domains.get(url.hostname) : undefined;
      }
      return undefined;
    },
  };
}

/** Refusals that are kept of one list; a person mends the first and reads the rest by their number. */
const refusalsMax = 100;

/** Longest line of a list; a URL of four thousand characters with its note fits. */
const lineMax = 20_000;

const columns = ['type', 'value', 'source', 'confidence', 'technique', 'valid_from', 'valid_until', 'note'] as const;
type ColumnName = (typeof columns)[number];

/** Confidence of a value whose list does not say: as likely right as wrong. */
const confidenceUnsaid = 0.5;

export class Indicators {
  readonly #table = new IndicatorTable();
  /** Prefix lengths that occur, longest first, by family: a look-up asks for each once. */
  readonly #prefixes4 = new Set<number>();
  readonly #prefixes6 = new Set<number>();
  readonly #warnings: WarningList | undefined;

  constructor(options: { warnings?: WarningList } = {}) {
    this.#warnings = options.warnings;
  }

  get size(): number {
    return this.#table.size;
  }

  /** Bytes of the values and their table. */
  get bytes(): number {
    return this.#table.bytes;
  }

  /**
   * Takes in one indicator. Returns the reason when it is left out: malformed, or on the warning list.
   */
  add(kind: IndicatorKind, text: string, meta: IndicatorMeta): string | undefined {
    const value = canonicalValue(kind, text);
    if (value === undefined) return `"${text.slice(0, 100)}" is no ${kind}.`;
    const warning = this.#warnings?.check(kind, value);
    if (warning !== undefined) return `"${value}" must not become an indicator unasked: ${warning}`;
    if (kind === 'network') {
      const network = parseNetwork(value)!;
      (network.bytes.length === 4 ? this.#prefixes4 : this.#prefixes6).add(network.prefix);
    }
    return this.#table.add(`${kind[0]}${value}`, meta) ? undefined : 'The table of indicators is full.';
  }

  /**
   * Takes in a list: CSV with a header that names its columns (type, value, source, confidence 0–100, technique, valid_from,
   * valid_until, note; value is enough), or plain text with one value a line and `#` comments.
   */
  load(text: string, file: string): LoadedList {
    const result: LoadedList = { loaded: 0, refusals: [], refused: 0 };
    const refuse = (
      line: number,
      message: string,
      advice = 'Correct the line or take it out.',
      code = 'indicator.value',
    ): void => {
      result.refused++;
      if (result.refusals.length < refusalsMax)
        result.refusals.push(new Refusal(code, message, { place: { file, line }, advice }));
    };
    let header: (ColumnName | undefined)[] | undefined;
    let first = true;
    for (const { line, cells, bare } of rowsOf(text)) {
      if (cells === undefined) {
        refuse(line, 'The quotation is not closed, or the line is too long.');
        continue;
      }
      if (first) {
        first = false;
        const names = cells.map((cell) => cell.trim().toLowerCase());
        if (names.includes('value')) {
          header = names.map((name) => columns.find((column) => column === name));
          const unknown = names.filter((name) => name !== '' && !(columns as readonly string[]).includes(name));
          if (unknown.length > 0)
            refuse(line, `The column "${unknown[0]}" is not known.`, `Columns are ${columns.join(', ')}.`, 'indicator.column');
          continue;
        }
      }
      const reason = header ? this.#addRow(header, cells, file) : this.#addBare(bare, file);
      if (reason === undefined) result.loaded++;
      else refuse(line, reason, undefined, reason.includes('unasked') ? 'indicator.warning' : 'indicator.value');
    }
    return result;
  }

  #addBare(text: string, file: string): string | undefined {
    const value = refang(text);
    const kind = guessKind(value);
    if (!kind) return `"${text.slice(0, 100)}" is no address, network, domain, URL or hash.`;
    return this.add(kind, value, {
      source: nameOf(file),
      confidence: confidenceUnsaid,
      technique: undefined,
      validFrom: -Infinity,
      validUntil: Infinity,
      note: undefined,
    });
  }

  #addRow(header: readonly (ColumnName | undefined)[], cells: readonly string[], file: string): string | undefined {
    const row: { [name in ColumnName]?: string } = {};
    for (const [i, name] of header.entries())
      if (name !== undefined && cells[i] !== undefined && cells[i].trim() !== '') row[name] = cells[i].trim();
    if (row.value === undefined) return 'The value is missing.';
    const value = refang(row.value);
    const kind = row.type === undefined ? guessKind(value) : kindOf(row.type);
    if (!kind)
      return row.type === undefined
        ? `"${value}" is no address, network, domain, URL or hash.`
        : `There is no type "${row.type}".`;
    const confidence = row.confidence === undefined ? confidenceUnsaid * 100 : Number(row.confidence);
    if (!(confidence >= 0 && confidence <= 100)) return `The confidence "${row.confidence}" is not between 0 and 100.`;
    if (row.technique !== undefined && !/^T\d{4}(?:\.\d{3})?$/.test(row.technique))
      return `"${row.technique}" is no ATT&CK technique.`;
    let validFrom = -Infinity;
    let validUntil = Infinity;
    try {
      if (row.valid_from !== undefined) validFrom = readInstant(row.valid_from);
      if (row.valid_until !== undefined) validUntil = readInstant(row.valid_until);
    } catch (error) {
      if (error instanceof Refusal) return error.message;
      throw error;
    }
    return this.add(kind, value, {
      source: row.source ?? nameOf(file),
      confidence: confidence / 100,
      technique: row.technique,
      validFrom,
      validUntil,
      note: row.note?.slice(0, 500),
    });
  }

  #valid(kind: IndicatorKind, value: string, at: Seconds): Match | undefined {
    const meta = this.#table.get(`${kind[0]}${value}`);
    return meta !== undefined && at >= meta.validFrom && at < meta.validUntil ? { ...meta, kind, value } : undefined;
  }

  /** An address, or a network it lies in; the longest prefix wins. */
  address(text: string, at: Seconds): Match | undefined {
    const exact = this.#valid('address', text, at);
    if (exact || (this.#prefixes4.size === 0 && this.#prefixes6.size === 0)) return exact;
    const bytes = parseAddress(text);
    if (!bytes) return undefined;
    const prefixes = bytes.length === 4 ? this.#prefixes4 : this.#prefixes6;
    for (const prefix of [...prefixes].sort((a, b) => b - a)) {
      const found = this.#valid('network', `${formatAddress(masked(bytes, prefix))}/${prefix}`, at);
      if (found) return found;
    }
    return undefined;
  }

  /** A name, or a name above it: an indicator `evil.example` is met by `www.evil.example`. */
  domain(text: string, at: Seconds): Match | undefined {
    // Names of records are in any case and of any length; longer than a name can be is none.
    if (text.length > 255) return undefined;
    let name = text.toLowerCase();
    if (name.endsWith('.')) name = name.slice(0, -1);
    for (;;) {
      const found = this.#valid('domain', name, at);
      if (found) return found;
      const dot = name.indexOf('.');
      if (dot < 0) return undefined;
      name = name.slice(dot + 1);
    }
  }

  /** The address of a request. */
  url(host: string, uri: string, port: number, at: Seconds): Match | undefined {
    if (host.length + uri.length > 4_000) return undefined;
    const absolute = /^https?:\/\//i.test(uri)
      ? uri
      : `http://${host}${host.includes(':') || port === 80 ? '' : `:${port}`}${uri}`;
    const value = canonicalUrl(absolute);
    return value === undefined ? undefined : this.#valid('url', value, at);
  }

  hash(text: string, at: Seconds): Match | undefined {
    return text.length <= 64 ? this.#valid('hash', text.toLowerCase(), at) : undefined;
  }
}

function nameOf(file: string): string {
  return file.split('/').at(-1) ?? file;
}

function readInstant(text: string): Seconds {
  // Lists often give a day only; it begins at midnight UTC.
  return parseInstant(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
}

function masked(bytes: Uint8Array, prefix: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let i = 0; i < copy.length; i++) {
    const kept = Math.max(0, Math.min(8, prefix - i * 8));
    copy[i]! &= (0xff << (8 - kept)) & 0xff;
  }
  return copy;
}

type ListRow = { line: number; cells: string[] | undefined; bare: string };

/** Rows of a CSV text (RFC 4180, quoted cells may hold line ends) without empty lines and comments; `cells` is missing where a row is broken. */
function* rowsOf(text: string): Iterable<ListRow> {
  let at = text.startsWith('\ufeff') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    let end = text.indexOf('\n', at);
    if (end < 0) end = text.length;
    const bare = text.slice(at, end).replace(/\r$/, '');
    if (bare.trim() === '' || bare.trimStart().startsWith('#')) {
      at = end + 1;
      line++;
      continue;
    }
    if (!bare.includes('"')) {
      yield { line, cells: bare.length > lineMax ? undefined : bare.split(','), bare: bare.replace(/\s+#.*$/, '') };
      at = end + 1;
      line++;
      continue;
    }
    const row = quotedRow(text, at);
    yield { line, cells: row?.cells, bare };
    // A quotation that never closes spoils its own line only.
    const next = row?.end ?? end;
    for (let i = at; i < next; i++) if (text.charCodeAt(i) === 10) line++;
    line++;
    at = next + 1;
  }
}

function quotedRow(text: string, from: number): { cells: string[]; end: number } | undefined {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  const limit = Math.min(text.length, from + lineMax);
  for (let i = from; i <= limit; i++) {
    const c = text[i];
    if (quoted) {
      if (c === undefined) return undefined;
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') {
        cell += '"';
        i++;
      } else quoted = false;
    } else if (c === '"' && cell.trim() === '') {
      quoted = true;
      cell = '';
    } else if (c === ',') {
      cells.push(cell);
      cell = '';
    } else if (c === '\n' || c === undefined) {
      cells.push(cell.replace(/\r$/, ''));
      return { cells, end: i };
    } else cell += c;
  }
  return undefined;
}
