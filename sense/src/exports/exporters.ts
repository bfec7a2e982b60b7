/** What is known of each exporter: numbers that should follow one another, sampling, templates. Under one ceiling for all of them. */

import type { Seconds } from '@forewarn/base/time';
import type { ExportCounts, ExportSink } from './exports.ts';

/** A centre's whole network has some thousand routers and switches; a session takes some hundred bytes before its templates. */
export const exportersMax = 4_096;

/** Oddities of one kind and exporter are told once in so long, with their number: a bad exporter sends thousands a second. */
const oddityEverySeconds = 60;

/** UDP brings messages a little out of order: so far back a number is late, not the number of an exporter that began anew. */
const lateMax = 1_000;

/** No exporter loses so much in one go; a number further ahead is another beginning. */
const aheadMax = 10_000_000;

export const limits = [
  {
    name: 'exports.exportersMax',
    value: exportersMax,
    unit: 'exporters (address, port, domain)',
    why: 'A country’s backbone has some thousand; sources of datagrams can be forged, so the one unheard of for longest is forgotten.',
  },
  {
    name: 'exports.oddityEverySeconds',
    value: oddityEverySeconds,
    unit: 's',
    why: 'Oddities of one kind and exporter are gathered so long and told with their number.',
  },
  {
    name: 'exports.lateMax',
    value: lateMax,
    unit: 'numbers',
    why: 'A sequence number so far behind is late; one further behind means that the exporter began anew.',
  },
  {
    name: 'exports.aheadMax',
    value: aheadMax,
    unit: 'numbers',
    why: 'A jump further ahead is no loss but another beginning.',
  },
] as const;

/** One exporter and observation domain. */
export class Exporter {
  readonly address: string;
  readonly port: number;
  readonly domain: number;
  /** The next number, when one was seen. */
  expected: number | undefined = undefined;
  /** What a decoder keeps of it: templates, sampling. */
  kept: unknown = undefined;
  #told = new Map<string, { at: Seconds; since: number }>();

  constructor(address: string, port: number, domain: number) {
    this.address = address;
    this.port = port;
    this.domain = domain;
  }

  /** Tells an oddity unless it was told a moment ago; then it is counted, and told with the next. */
  weird(sink: ExportSink, name: string, ts: Seconds, detail = '', count = 1): void {
    const told = this.#told.get(name);
    if (told && ts - told.at < oddityEverySeconds && ts >= told.at) {
      told.since += count;
      return;
    }
    const times = (told?.since ?? 0) + count;
    // Names come from the catalogue: there are never many.
    this.#told.set(name, { at: ts, since: 0 });
    const who = this.address === '' ? '' : `${this.address} domain ${this.domain}${detail === '' ? '' : ': '}`;
    sink.weird(name, ts, `${who}${detail}${times > 1 ? ` (${times})` : ''}`);
  }

  /**
   * Notes a message's number (modulo 2^32) and how far it moves the next one; returns how many are missing before it, 0 where it is
   * late, repeated, or the exporter began anew.
   */
  follow(sequence: number, advance: number): number {
    const { expected } = this;
    const next = (sequence + advance) >>> 0;
    if (expected === undefined) {
      this.expected = next;
      return 0;
    }
    const ahead = (sequence - expected) | 0;
    if (ahead < 0 && ahead >= -lateMax) {
      // Late: the next number stays unless this message reaches beyond it.
      if (((next - expected) | 0) > 0) this.expected = next;
      return 0;
    }
    this.expected = next;
    return ahead > 0 && ahead <= aheadMax ? ahead : 0;
  }
}

/** All exporters of one collector or reading. */
export class Exporters {
  readonly counts: ExportCounts;
  #known = new Map<string, Exporter>();
  #last: Exporter | undefined;
  #lastKind = 0;
  readonly #max: number;
  readonly #forget: (exporter: Exporter) => void;

  constructor(counts: ExportCounts, max: number, forget: (exporter: Exporter) => void) {
    this.counts = counts;
    this.#max = max;
    this.#forget = forget;
  }

  /** The exporter of a kind (version of its protocol), made when it is new. */
  of(kind: number, address: string, port: number, domain: number): Exporter {
    const last = this.#last;
    if (last && this.#lastKind === kind && last.domain === domain && last.port === port && last.address === address) return last;
    const key = `${kind}/${domain}/${port}/${address}`;
    let found = this.#known.get(key);
    if (found) {
      // The order of a Map is that of insertion: whoever speaks stands last, who is silent for longest first.
      this.#known.delete(key);
    } else {
      found = new Exporter(address, port, domain);
      if (this.#known.size >= this.#max) this.#drop();
    }
    this.#known.set(key, found);
    this.#last = found;
    this.#lastKind = kind;
    return found;
  }

  #drop(): void {
    const [key, exporter] = this.#known.entries().next().value!;
    this.#known.delete(key);
    this.#forget(exporter);
  }

  get size(): number {
    return this.#known.size;
  }
}
