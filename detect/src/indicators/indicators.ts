/** Lists of indicators, and what they say of an address, a name, a URL or a hash at an instant. */

import { parseAddress, parseNetwork } from '@forewarn/base/ip';
import { Refusal } from '@forewarn/base/refusal';
import type { Seconds } from '@forewarn/base/time';
import type {
  Credibility,
  IndicatorKind,
  ListedPattern,
  ListedValue,
  ListEntry,
  Reliability,
  Said,
} from '@forewarn/model/indicator';
import type { Words } from '@forewarn/model/text';
import { baseConfidence, confidenceParts, plainConfidence, shareLeft, type ConfidenceSettings } from './confidence.ts';
import { KeyWriter } from './keys.ts';
import { readList } from './list.ts';
import { checkPattern } from './patterns.ts';
import { forms, IndicatorTable, type Entry, type Form, type IndicatorMeta } from './table.ts';
import { canonicalUrl, canonicalValue, guessKind, refang } from './values.ts';
import type { WarningList } from './warnings.ts';

/** An indicator that a value met, and what it was worth then. */
export type Match = {
  kind: IndicatorKind | 'pattern';
  value: string;
  list: string;
  source: string;
  technique: string | undefined;
  note: string | undefined;
  /** 0 to 1. */
  confidence: number;
  /** The parts of the confidence as a sentence. */
  parts: Words;
};

/** What holds for all of a list unless an entry says otherwise. */
export type ListDefaults = {
  /** The list's id; empty for lists of files. */
  list: string;
  source: string;
  reliability?: Reliability | undefined;
  credibility?: Credibility | undefined;
  validFrom?: Seconds | undefined;
  validUntil?: Seconds | undefined;
  seenAt?: Seconds | undefined;
};

export type LoadedList = {
  /** Values and patterns taken in. */
  loaded: number;
  /** Entries left out, the first hundred with their reason. */
  refusals: Refusal[];
  /** Entries left out in all. */
  refused: number;
};

/** A pattern that is looked for. */
export type HeldPattern = ListedPattern & { readonly defaults: ListDefaults };

/** A value of a list as somebody asks for it, whether it holds now or not. */
export type Listed = Entry & { kind: IndicatorKind; value: string; confidence: number; rests: boolean; parts: Words };

/** Refusals that are kept of one list; a person mends the first and reads the rest by their number. */
const refusalsMax = 100;

/**
 * Patterns of all lists. Each is asked about every record of its logs, at a tenth of a microsecond to a microsecond; single values, which
 * nearly all patterns of feeds are, stand in the table and cost nothing more.
 */
export const patternsMax = 2_000;

export class Indicators {
  readonly #table: IndicatorTable;
  readonly #key = new KeyWriter();
  /** Prefix lengths that occur, longest first, by family: a look-up asks for each once. */
  #prefixes4: number[] = [];
  #prefixes6: number[] = [];
  readonly #warnings: WarningList | undefined;
  readonly #settings: ConfidenceSettings;
  #patterns: HeldPattern[] = [];
  #edition = 0;

  /** `seed`: a random number of 32 bits, where lists come from strangers. */
  constructor(
    options: { warnings?: WarningList | undefined; confidence?: ConfidenceSettings | undefined; seed?: number | undefined } = {},
  ) {
    this.#table = new IndicatorTable(options.seed);
    this.#warnings = options.warnings;
    this.#settings = options.confidence ?? plainConfidence;
  }

  /** Values and patterns. */
  get size(): number {
    return this.#table.size + this.#patterns.length;
  }

  /** Bytes of the values and their table. */
  get bytes(): number {
    return this.#table.bytes;
  }

  get patterns(): readonly HeldPattern[] {
    return this.#patterns;
  }

  /** Another whenever the patterns are others. */
  get edition(): number {
    return this.#edition;
  }

  get settings(): ConfidenceSettings {
    return this.#settings;
  }

  /** Takes in one indicator. Returns the reason when it is left out: malformed, or on the warning list and not allowed. */
  add(
    said: ListedValue,
    defaults: ListDefaults,
    allowed?: (kind: IndicatorKind, value: string) => boolean,
  ): { code: string; message: string } | undefined {
    const refused = (message: string, code = 'indicator.value') => ({ code, message });
    const value = canonicalValue(said.kind, said.value);
    if (value === undefined) return refused(`"${said.value.slice(0, 100)}" is no ${said.kind}.`);
    const warning = this.#warnings?.check(said.kind, value);
    if (warning !== undefined && !allowed?.(said.kind, value))
      return refused(`"${value.slice(0, 200)}" must not become an indicator unasked: ${warning}`, 'indicator.warning');
    if (!this.#key.write(said.kind, value)) return refused(`"${value.slice(0, 100)}" cannot be looked for.`);
    const { form, length, bytes } = this.#key;
    const times = timesOf(said, defaults);
    if (!this.#table.add(form, bytes, 0, length, metaOf(said, defaults), said.exact ?? false, times))
      return refused('The table of indicators is full.', 'indicator.full');
    if (said.kind === 'network') {
      const { prefix, bytes: address } = parseNetwork(value)!;
      const prefixes = address.length === 4 ? this.#prefixes4 : this.#prefixes6;
      if (!prefixes.includes(prefix)) prefixes.push(prefix);
      prefixes.sort((a, b) => b - a);
    }
    return undefined;
  }

  /** Takes in a pattern. Returns the reason when it is left out. */
  addPattern(pattern: ListedPattern, defaults: ListDefaults): { code: string; message: string } | undefined {
    if (this.#patterns.length >= patternsMax)
      return { code: 'indicator.full', message: `More than ${patternsMax} patterns are not looked for at once.` };
    const wrong = checkPattern(pattern.watched);
    if (wrong !== undefined) return { code: 'indicator.pattern', message: wrong };
    this.#patterns.push({ ...pattern, defaults });
    this.#edition++;
    return undefined;
  }

  /** Takes in what a list holds, entry after entry. */
  take(
    entries: Iterable<ListEntry>,
    defaults: ListDefaults,
    allowed?: (kind: IndicatorKind, value: string) => boolean,
  ): LoadedList {
    const result: LoadedList = { loaded: 0, refusals: [], refused: 0 };
    for (const entry of entries) {
      const refused =
        'refused' in entry
          ? entry.refused
          : 'value' in entry
            ? this.add(entry.value, defaults, allowed)
            : this.addPattern(entry.pattern, defaults);
      if (!refused) {
        result.loaded++;
        continue;
      }
      result.refused++;
      const advice =
        'advice' in refused
          ? refused.advice
          : refused.code === 'indicator.warning'
            ? 'Take it out; who has a reason may look it up and allow it.'
            : 'Correct the line or take it out.';
      if (result.refusals.length < refusalsMax)
        result.refusals.push(new Refusal(refused.code, refused.message, { place: entry.place, advice }));
    }
    return result;
  }

  /** Takes in a list of our own format (`list.ts`). */
  load(text: string, file: string): LoadedList {
    return this.take(readList(text, file), { list: '', source: file.split('/').at(-1) ?? file });
  }

  /** Forgets all that a list said. */
  remove(list: string): void {
    this.#table.remove(list);
    const kept = this.#patterns.filter(({ defaults }) => defaults.list !== list);
    if (kept.length === this.#patterns.length) return;
    this.#patterns = kept;
    this.#edition++;
  }

  /** The entry that is worth most at the instant of those that hold then, as a match. */
  #best(
    form: Form,
    kind: IndicatorKind,
    start: number,
    length: number,
    at: Seconds,
    value: () => string,
    whole = true,
  ): Match | undefined {
    const entry = this.#table.best(form, this.#key.bytes, start, length, (one) => {
      if (at < one.validFrom || at >= one.validUntil || (one.exact && !whole)) return -1;
      const left = this.#left(kind, one, at);
      return left < this.#settings.rests ? -1 : baseConfidence(one.meta, this.#settings) * left;
    });
    if (!entry) return undefined;
    return new Met(entry.meta, kind, value, ageOf(entry, at), this.#left(kind, entry, at), this.#settings);
  }

  #left(kind: IndicatorKind, entry: Entry, at: Seconds): number {
    return shareLeft(kind, ageOf(entry, at) ?? 0, this.#settings);
  }

  /** An address, or a network it lies in; the longest prefix wins. */
  address(text: string, at: Seconds): Match | undefined {
    const key = this.#key;
    if (!key.address(text)) return undefined;
    const { form, length } = key;
    const exact = this.#best(form, 'address', 0, length, at, () => text);
    const prefixes = length === 4 ? this.#prefixes4 : this.#prefixes6;
    if (exact || prefixes.length === 0) return exact;
    const bytes = key.bytes.slice(0, length);
    for (const prefix of prefixes) {
      key.network(bytes, prefix);
      const found = this.#best(key.form, 'network', 0, key.length, at, () => networkText(bytes, prefix));
      if (found) return found;
    }
    return undefined;
  }

  /** A name, or a name above it: an indicator `evil.example` is met by `www.evil.example`. */
  domain(text: string, at: Seconds): Match | undefined {
    const key = this.#key;
    // Names of records are in any case and of any length; longer than a name can be is none.
    if (!key.write('domain', text)) return undefined;
    let end = key.length;
    if (end > 0 && key.bytes[end - 1] === 0x2e) end--;
    for (let start = 0; start < end;) {
      const from = start;
      const found = this.#best(
        forms.domain,
        'domain',
        from,
        end - from,
        at,
        () => text.slice(from, end).toLowerCase(),
        from === 0,
      );
      if (found) return found;
      const dot = key.bytes.indexOf(0x2e, start);
      if (dot < 0 || dot >= end) return undefined;
      start = dot + 1;
    }
    return undefined;
  }

  /** The address of a request. */
  url(host: string, uri: string, port: number, at: Seconds): Match | undefined {
    if (host.length + uri.length > 4_000) return undefined;
    const value = canonicalUrl(requestUrl(host, uri, port));
    return value !== undefined && this.#key.write('url', value)
      ? this.#best(forms.url, 'url', 0, this.#key.length, at, () => value)
      : undefined;
  }

  hash(text: string, at: Seconds): Match | undefined {
    return this.#key.write('hash', text)
      ? this.#best(forms.hash, 'hash', 0, this.#key.length, at, () => text.toLowerCase())
      : undefined;
  }

  /** What all lists say of a value as a person writes it, of networks and names above it as well; `undefined`: it is no value of any kind. */
  lookUp(
    text: string,
    at: Seconds,
  ): { kind: IndicatorKind; value: string; warning: string | undefined; listed: Listed[] } | undefined {
    const written = refang(text.slice(0, 4_000));
    const kind = guessKind(written);
    const value = kind && canonicalValue(kind, written);
    if (kind === undefined || value === undefined) return undefined;
    const listed: Listed[] = [];
    const key = this.#key;
    const see = (of: IndicatorKind, shown: string): void => {
      for (const entry of this.#table.all(key.form, key.bytes, 0, key.length)) {
        if (entry.exact && of === 'domain' && shown !== value) continue;
        const left = this.#left(of, entry, at);
        const confidence = baseConfidence(entry.meta, this.#settings) * left;
        const parts = confidenceParts(entry.meta, ageOf(entry, at), left, this.#settings);
        listed.push({ ...entry, kind: of, value: shown, confidence, rests: left < this.#settings.rests, parts });
      }
    };
    if (key.write(kind, value)) see(kind, value);
    const address = kind === 'address' ? parseAddress(value) : undefined;
    if (address) {
      for (const prefix of address.length === 4 ? this.#prefixes4 : this.#prefixes6) {
        key.network(address, prefix);
        see('network', networkText(address, prefix));
      }
    }
    if (kind === 'domain') {
      for (let dot = value.indexOf('.'); dot >= 0; dot = value.indexOf('.', dot + 1)) {
        const above = value.slice(dot + 1);
        if (key.write('domain', above)) see('domain', above);
      }
    }
    return { kind, value, warning: this.#warnings?.check(kind, value), listed };
  }
}

/** The whole address of a request, from what the record has of it. */
export function requestUrl(host: string, uri: string, port: number): string {
  return /^https?:\/\//i.test(uri) ? uri : `http://${host}${host.includes(':') || port === 80 ? '' : `:${port}`}${uri}`;
}

function metaOf(said: Said, defaults: ListDefaults): IndicatorMeta {
  const { credibility, confidence } = said;
  return {
    list: defaults.list,
    source: said.source ?? defaults.source,
    reliability: said.reliability ?? defaults.reliability,
    credibility: credibility ?? (confidence === undefined ? defaults.credibility : undefined),
    confidence,
    technique: said.technique,
    note: said.note,
  };
}

/** The list's validity bounds that of its entries. */
export function timesOf(said: Said, defaults: ListDefaults): { validFrom?: number; validUntil?: number; seenAt?: number } {
  const validFrom = Math.max(said.validFrom ?? -Infinity, defaults.validFrom ?? -Infinity);
  const validUntil = Math.min(said.validUntil ?? Infinity, defaults.validUntil ?? Infinity);
  const seenAt = said.seenAt ?? (said.validFrom === undefined ? defaults.seenAt : undefined);
  return {
    ...(validFrom === -Infinity ? {} : { validFrom }),
    ...(validUntil === Infinity ? {} : { validUntil }),
    ...(seenAt === undefined ? {} : { seenAt }),
  };
}

/** Seconds since it was last said; undefined where no date is known. */
function ageOf({ seenAt, validFrom }: { seenAt: number | undefined; validFrom: number }, at: Seconds): Seconds | undefined {
  const since = seenAt ?? (Number.isFinite(validFrom) ? validFrom : undefined);
  return since === undefined ? undefined : Math.max(0, at - since);
}

/** What a pattern is worth at an instant, or `undefined` when it does not hold or rests. */
export function patternMatch(pattern: HeldPattern, at: Seconds, settings: ConfidenceSettings): Match | undefined {
  const meta = metaOf(pattern, pattern.defaults);
  const { validFrom = -Infinity, validUntil = Infinity, seenAt } = timesOf(pattern, pattern.defaults);
  if (at < validFrom || at >= validUntil) return undefined;
  const age = ageOf({ seenAt, validFrom }, at);
  const left = shareLeft('pattern', age ?? 0, settings);
  if (left < settings.rests) return undefined;
  return new Met(meta, 'pattern', () => pattern.name, age, left, settings);
}

/** A match; what only sentences need is made when it is asked for. */
class Met implements Match {
  readonly kind: Match['kind'];
  readonly confidence: number;
  readonly #meta: IndicatorMeta;
  readonly #value: () => string;
  readonly #age: Seconds | undefined;
  readonly #left: number;
  readonly #settings: ConfidenceSettings;

  constructor(
    meta: IndicatorMeta,
    kind: Match['kind'],
    value: () => string,
    age: Seconds | undefined,
    left: number,
    settings: ConfidenceSettings,
  ) {
    this.kind = kind;
    this.confidence = baseConfidence(meta, settings) * left;
    this.#meta = meta;
    this.#value = value;
    this.#age = age;
    this.#left = left;
    this.#settings = settings;
  }

  get value(): string {
    return this.#value();
  }
  get list(): string {
    return this.#meta.list;
  }
  get source(): string {
    return this.#meta.source;
  }
  get technique(): string | undefined {
    return this.#meta.technique;
  }
  get note(): string | undefined {
    return this.#meta.note;
  }
  get parts(): Words {
    return confidenceParts(this.#meta, this.#age, this.#left, this.#settings);
  }
}

function networkText(address: Uint8Array, prefix: number): string {
  const masked = Uint8Array.from(address, (byte, i) => byte & (0xff << (8 - Math.max(0, Math.min(8, prefix - i * 8)))) & 0xff);
  return canonicalValue('network', `${addressText(masked)}/${prefix}`) ?? '';
}

const addressText = (bytes: Uint8Array): string => (bytes.length === 4 ? bytes.join('.') : hextets(bytes));

function hextets(bytes: Uint8Array): string {
  return Array.from({ length: 8 }, (_unused, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16)).join(':');
}
