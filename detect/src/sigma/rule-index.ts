/** Rules about one kind of records, found by the texts that they need: all texts are looked for at once, and only rules whose text is there are asked. */

import { RecordView, compileIn } from '@forewarn/model/query/evaluate';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { CostMeter } from '../cost.ts';
import { anyField, necessary, type Atom } from './necessary.ts';
import type { SigmaRule } from './rule.ts';

/** With no more fields than this they are asked for one by one; a record has thirty as a rule. */
const ownFieldsMax = 24;

type OwnField = { slot: number; index: FieldIndex };

/** The rules that hold for a record, in their order. The array is reused by the next call. */
export type LogRules = (record: AnyRecord, cost?: CostMeter) => readonly SigmaRule[];

export function createLogRules(rules: readonly SigmaRule[], frequency: ReadonlyMap<string, number>): LogRules {
  if (rules.length === 0) return () => [];
  const view = new RecordView();
  const tests = rules.map((rule) => compileIn(view, rule.predicate));
  const always: number[] = [];
  const fields = new Map<string, FieldIndex>();
  for (const [i, rule] of rules.entries()) {
    const atoms = necessary(rule.predicate, frequency)?.atoms;
    if (!atoms) {
      always.push(i);
      continue;
    }
    for (const atom of atoms) {
      let index = fields.get(atom.field);
      if (!index) {
        index = new FieldIndex();
        fields.set(atom.field, index);
      }
      index.add(atom, i);
    }
  }
  const indexed = new Map<string, OwnField>();
  let anywhere: FieldIndex | undefined;
  for (const [field, index] of fields) {
    index.finish();
    if (field === anyField) anywhere = index;
    else indexed.set(field, { slot: view.slot(field), index });
  }

  const askedAt = new Uint32Array(rules.length);
  let turn = 0;
  const candidates: number[] = [];
  const matched: SigmaRule[] = [];
  const propose = (rule: number): void => {
    if (askedAt[rule] === turn) return;
    askedAt[rule] = turn;
    candidates.push(rule);
  };

  const own = [...indexed.values()];
  const lookAt = ({ slot, index }: OwnField): void => {
    const value = view.value(slot);
    if (value === undefined) return;
    if (typeof value === 'string') index.look(view.folded(slot), propose);
    else if (typeof value !== 'object') index.look(String(value), propose);
    else for (const element of value) index.look(String(element).toLowerCase(), propose);
  };

  return (record, cost) => {
    view.set(record);
    turn++;
    candidates.length = 0;
    matched.length = 0;
    if (own.length <= ownFieldsMax) for (const field of own) lookAt(field);
    else {
      // A record has few of the fields that all rules together ask for.
      for (const name in record) {
        const field = indexed.get(name);
        if (field) lookAt(field);
      }
    }
    // Keywords may stand in any field.
    if (anywhere) for (const name in record) anywhere.lookIn(record[name], propose);
    for (const rule of always) candidates.push(rule);
    if (candidates.length > 1) candidates.sort((a, b) => a - b);
    if (cost) {
      for (const rule of candidates) if (cost.time(rules[rule]!.id, tests[rule]!)) matched.push(rules[rule]!);
    } else for (const rule of candidates) if (tests[rule]!()) matched.push(rules[rule]!);
    return matched;
  };
}

/** A text wanted in a field, filed under a few of its characters; `at` is their place in the text. */
type Filed = { text: string; at: number; rules: number[] };

/**
 * Texts filed under so many characters in a row. The value is walked once; a bit says whether anything is filed under the characters at this place, which
 * ends most places; then the text is compared. Where all texts are long, only every so many-th place of a value is looked at: a text is
 * filed under as many neighbouring places of its own, one of which must come to stand there (as Wu and Manber's agrep skips).
 */
class Grams {
  readonly length: number;
  /** Every how many-th place is looked at. */
  readonly stride: number;
  readonly #mask: number;
  readonly #shift: number;
  readonly #bits: Uint8Array;
  readonly #filed = new Map<number, Filed[]>();
  /** A bit for each two characters with which something filed begins; while they are few, they end most places by half the reading. */
  #pairs: Uint8Array | undefined = new Uint8Array(8_192);
  #pairCount = 0;

  /**
   * Sixteen bits for each place that is filed: one place in sixteen is looked at in vain. More would cost more, since the bits of all the fields of a
   * record have to stay in the processor's cache together.
   */
  constructor(length: number, texts: number, stride = 1) {
    this.length = length;
    this.stride = stride;
    const bits = Math.min(18, Math.max(8, Math.ceil(Math.log2(texts * stride * 16))));
    this.#shift = 32 - bits;
    this.#bits = new Uint8Array(2 ** (bits - 3));
    this.#mask = length === 4 ? -1 : 2 ** (8 * length) - 1;
  }

  hash(text: string, at: number): number {
    let window = 0;
    for (let i = at; i < at + this.length; i++) window = (window << 8) | (text.charCodeAt(i) & 0xff);
    return Math.imul(window & this.#mask, multiplier) >>> this.#shift;
  }

  file(hash: number, entry: Filed): void {
    const filed = this.#filed.get(hash);
    if (filed) filed.push(entry);
    else this.#filed.set(hash, [entry]);
    this.#bits[hash >>> 3]! |= 1 << (hash & 7);
    const pair = (entry.text.charCodeAt(entry.at) & 0xff) | ((entry.text.charCodeAt(entry.at + 1) & 0xff) << 8);
    if (!this.#pairs || (this.#pairs[pair >>> 3]! & (1 << (pair & 7))) !== 0) return;
    this.#pairs[pair >>> 3]! |= 1 << (pair & 7);
    if (++this.#pairCount > pairsMax || this.stride === 1) this.#pairs = undefined;
  }

  look(value: string, propose: (rule: number) => void): void {
    if (this.stride > 1) {
      this.#skip(value, propose);
      return;
    }
    const bits = this.#bits;
    const mask = this.#mask;
    const shift = this.#shift;
    const before = this.length - 1;
    let window = 0;
    for (let i = 0; i < value.length; i++) {
      // One character is taken in, by its low byte, and one falls out.
      window = (window << 8) | (value.charCodeAt(i) & 0xff);
      const hash = Math.imul(window & mask, multiplier) >>> shift;
      if ((bits[hash >>> 3]! & (1 << (hash & 7))) === 0 || i < before) continue;
      this.#compare(hash, value, i - before, propose);
    }
  }

  #skip(value: string, propose: (rule: number) => void): void {
    const bits = this.#bits;
    const shift = this.#shift;
    const { stride } = this;
    const last = value.length - gramMax;
    const pairs = this.#pairs;
    if (pairs) {
      for (let i = 0; i <= last; i += stride) {
        const first = value.charCodeAt(i);
        const second = value.charCodeAt(i + 1) & 0xff;
        const pair = (first & 0xff) | (second << 8);
        if ((pairs[pair >>> 3]! & (1 << (pair & 7))) === 0) continue;
        const window =
          (first << 24) | (second << 16) | ((value.charCodeAt(i + 2) & 0xff) << 8) | (value.charCodeAt(i + 3) & 0xff);
        const hash = Math.imul(window, multiplier) >>> shift;
        if ((bits[hash >>> 3]! & (1 << (hash & 7))) !== 0) this.#compare(hash, value, i, propose);
      }
      return;
    }
    for (let i = 0; i <= last; i += stride) {
      const window =
        (value.charCodeAt(i) << 24) |
        ((value.charCodeAt(i + 1) & 0xff) << 16) |
        ((value.charCodeAt(i + 2) & 0xff) << 8) |
        (value.charCodeAt(i + 3) & 0xff);
      const hash = Math.imul(window, multiplier) >>> shift;
      if ((bits[hash >>> 3]! & (1 << (hash & 7))) !== 0) this.#compare(hash, value, i, propose);
    }
  }

  #compare(hash: number, value: string, start: number, propose: (rule: number) => void): void {
    const filed = this.#filed.get(hash);
    if (!filed) return;
    for (const { text, at, rules } of filed) {
      if (start >= at && value.startsWith(text, start - at)) for (const rule of rules) propose(rule);
    }
  }
}

/** 2³² divided by the golden ratio: neighbours land far apart (Knuth, volume 3, §6.4). */
const multiplier = 0x9e3779b1;

/** Longest run of characters that texts are filed under. */
const gramMax = 4;

/** With more pairs than this, one in thirty of all there are, asking for the pair first costs more than it saves. */
const pairsMax = 2_000;

/** Beyond it a longer step saves next to nothing. */
const strideMax = 32;

/** Places filed for one field, so that its bits stay few. */
const placesMax = 16_384;

/** The texts wanted in one field. */
class FieldIndex {
  readonly #wholes = new Map<string, number[]>();
  readonly #parts = new Map<string, number[]>();
  #grams: Grams[] = [];
  /** No shorter value can hold any of the texts that may stand within one. */
  least = Infinity;

  add(atom: Atom, rule: number): void {
    const into = atom.whole ? this.#wholes : this.#parts;
    this.least = Math.min(this.least, atom.text.length);
    const rules = into.get(atom.text);
    if (!rules) into.set(atom.text, [rule]);
    else if (rules.at(-1) !== rule) rules.push(rule);
  }

  finish(): void {
    const texts = [...this.#parts.keys()];
    const long = texts.filter((text) => text.length >= gramMax);
    const shortest = Math.min(...long.map((text) => text.length));
    const stride = Math.max(1, Math.min(shortest - gramMax + 1, strideMax, Math.floor(placesMax / Math.max(1, long.length))));
    const byLength = Array.from({ length: gramMax }, (_, i) =>
      i + 1 === gramMax
        ? new Grams(gramMax, long.length, stride)
        : new Grams(i + 1, texts.filter((text) => text.length === i + 1).length),
    );
    const used = new Set<Grams>();
    const gramsOf = (text: string): { grams: Grams; hashes: number[] } => {
      const grams = byLength[Math.min(text.length, gramMax) - 1]!;
      return { grams, hashes: Array.from({ length: text.length - grams.length + 1 }, (_, at) => grams.hash(text, at)) };
    };
    const usage = new Map<number, number>();
    for (const text of texts) for (const hash of new Set(gramsOf(text).hashes)) usage.set(hash, (usage.get(hash) ?? 0) + 1);
    for (const [text, rules] of this.#parts) {
      const { grams, hashes } = gramsOf(text);
      // The rarest neighbours of the text: ".exe" is in half of them.
      let best = 0;
      let least = Infinity;
      for (let i = 0; i + grams.stride <= hashes.length; i++) {
        let sum = 0;
        for (let k = i; k < i + grams.stride; k++) sum += usage.get(hashes[k]!)!;
        if (sum < least) {
          least = sum;
          best = i;
        }
      }
      for (let k = best; k < best + grams.stride; k++) grams.file(hashes[k]!, { text, at: k, rules });
      used.add(grams);
    }
    this.#grams = [...used];
  }

  /** A value that may be anything, as records have it. */
  lookIn(value: unknown, propose: (rule: number) => void): void {
    if (typeof value === 'string') {
      // Only one letter grows when it is made small: U+0130 becomes two.
      if (value.length >= this.least || value.includes('\u0130')) this.look(value.toLowerCase(), propose);
    } else if (typeof value === 'number' || typeof value === 'boolean') {
      // A number is written in 24 characters at most.
      if (this.least <= 24) this.look(String(value), propose);
    } else if (Array.isArray(value)) for (const element of value) this.lookIn(element, propose);
  }

  look(value: string, propose: (rule: number) => void): void {
    if (this.#wholes.size > 0) {
      const rules = this.#wholes.get(value);
      if (rules) for (const rule of rules) propose(rule);
    }
    for (const grams of this.#grams) grams.look(value, propose);
  }
}
