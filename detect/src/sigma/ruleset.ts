/**
 * Many rules over one stream. Asking every rule about every record costs the number of rules; here each rule first names texts of which one must be in
 * the record for the rule to hold, all those texts are looked for at once, and only rules whose text was found are asked. So the cost
 * grows with the rules that match, not with the rules there are.
 */

import { RecordView, compileIn } from '@forewarn/model/query/evaluate';
import { parsePattern, type Predicate } from '@forewarn/model/query/query';
import { requiredTexts } from '@forewarn/model/query/regex';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { CostMeter } from '../cost.ts';
import type { SigmaRule } from './rule.ts';

export type RuleSet = {
  readonly rules: readonly SigmaRule[];
  /** The rules that hold for the record, in the order they were given. The array is reused by the next call. */
  match(log: string, record: AnyRecord): readonly SigmaRule[];
  /** The same, with the time of every rule that was asked. */
  matchTimed(log: string, record: AnyRecord, cost: CostMeter): readonly SigmaRule[];
};

/** A text of which a rule can say: when it is not in the field, I do not hold. In lower case; without a field, in whichever. */
type Atom = { field: string; text: string; whole: boolean };

/** More alternatives than this are not worth a place in the index. */
const atomsMax = 2_000;

/** Compiles the rules for matching. */
export function createRuleSet(rules: readonly SigmaRule[]): RuleSet {
  const frequency = new Map<string, number>();
  for (const rule of rules) {
    const own = new Set<string>();
    collect(rule.predicate, own);
    for (const key of own) frequency.set(key, (frequency.get(key) ?? 0) + 1);
  }
  const byLog = new Map<string, LogRules>();
  const rulesOf = (log: string): LogRules => {
    let own = byLog.get(log);
    if (!own) {
      own = createLogRules(
        rules.filter((rule) => rule.logs.includes(log) || rule.logs.includes('*')),
        frequency,
      );
      // Log names come from files; a ceiling keeps a file with a million names from a million tables.
      if (byLog.size < 1_000) byLog.set(log, own);
    }
    return own;
  };
  return {
    rules,
    match: (log, record) => rulesOf(log)(record),
    matchTimed: (log, record, cost) => rulesOf(log)(record, cost),
  };
}

/** Stands for all fields; no field has an empty name. */
const anyField = '';

/** Different field names remembered for one log; Windows events of all kinds have about 3,000. */
const fieldsMax = 10_000;

type LogRules = (record: AnyRecord, cost?: CostMeter) => readonly SigmaRule[];

function createLogRules(rules: readonly SigmaRule[], frequency: ReadonlyMap<string, number>): LogRules {
  if (rules.length === 0) return () => [];
  const view = new RecordView();
  const tests = rules.map((rule) => compileIn(view, rule.predicate));
  const always: number[] = [];
  const keywordRules: number[] = [];
  const fields = new Map<string, FieldIndex>();
  for (const [i, rule] of rules.entries()) {
    const atoms = necessary(rule.predicate, frequency)?.atoms;
    if (!atoms) {
      always.push(i);
      continue;
    }
    if (atoms.some((atom) => atom.field === anyField)) keywordRules.push(i);
    for (const atom of atoms) {
      let index = fields.get(atom.field);
      if (!index) {
        index = new FieldIndex();
        fields.set(atom.field, index);
      }
      index.add(atom, i);
    }
  }
  const indexed = new Map<string, { slot: number; index: FieldIndex | undefined }>();
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

  return (record, cost) => {
    view.set(record);
    turn++;
    candidates.length = 0;
    matched.length = 0;
    // A record has few of the fields that all rules together ask for.
    for (const name in record) {
      let found = indexed.get(name);
      if (!found) {
        if (!anywhere) continue;
        // Names of fields come from files: a ceiling keeps a million of them out of the view.
        found = { slot: indexed.size < fieldsMax ? view.slot(name) : -1, index: undefined };
        if (found.slot >= 0) indexed.set(name, found);
      }
      const { slot, index } = found;
      const value = slot >= 0 ? view.value(slot) : undefined;
      if (value === undefined) continue;
      if (typeof value === 'string') {
        const folded = view.folded(slot);
        index?.look(folded, propose);
        anywhere?.look(folded, propose);
      } else if (typeof value === 'object') {
        for (const element of value) {
          const text = typeof element === 'string' ? element.toLowerCase() : String(element);
          index?.look(text, propose);
          anywhere?.look(text, propose);
        }
      } else {
        const text = String(value);
        index?.look(text, propose);
        anywhere?.look(text, propose);
      }
    }
    // Beyond the ceiling, keyword rules are asked whatever the record holds.
    if (anywhere && indexed.size >= fieldsMax) for (const rule of keywordRules) propose(rule);
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
 * Texts filed under so many characters in a row. The value is walked once; a bit says whether anything is filed under the characters
 * at this place, which ends most places; then the text is compared.
 */
class Grams {
  readonly length: number;
  readonly #mask: number;
  readonly #shift: number;
  readonly #bits: Uint8Array;
  readonly #filed = new Map<number, Filed[]>();

  /**
   * Sixteen bits for each text: one place in sixteen is looked at in vain. More would cost more, since the bits of all the fields of a
   * record have to stay in the processor's cache together.
   */
  constructor(length: number, texts: number) {
    this.length = length;
    const bits = Math.min(18, Math.max(8, Math.ceil(Math.log2(texts * 16))));
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
  }

  look(value: string, propose: (rule: number) => void): void {
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
      const filed = this.#filed.get(hash);
      if (!filed) continue;
      const start = i - before;
      for (const { text, at, rules } of filed) {
        if (start >= at && value.startsWith(text, start - at)) for (const rule of rules) propose(rule);
      }
    }
  }
}

/** 2³² divided by the golden ratio: neighbours land far apart (Knuth, volume 3, §6.4). */
const multiplier = 0x9e3779b1;

/** Longest run of characters that texts are filed under. */
const gramMax = 4;

/** The texts wanted in one field. */
class FieldIndex {
  readonly #wholes = new Map<string, number[]>();
  readonly #parts = new Map<string, number[]>();
  #grams: Grams[] = [];

  add(atom: Atom, rule: number): void {
    const into = atom.whole ? this.#wholes : this.#parts;
    const rules = into.get(atom.text);
    if (!rules) into.set(atom.text, [rule]);
    else if (rules.at(-1) !== rule) rules.push(rule);
  }

  finish(): void {
    const texts = [...this.#parts.keys()];
    const byLength = Array.from(
      { length: gramMax },
      (_, i) => new Grams(i + 1, texts.filter((text) => Math.min(text.length, gramMax) === i + 1).length),
    );
    const used = new Set<Grams>();
    const gramsOf = (text: string): { grams: Grams; hashes: number[] } => {
      const grams = byLength[Math.min(text.length, gramMax) - 1]!;
      return { grams, hashes: Array.from({ length: text.length - grams.length + 1 }, (_, at) => grams.hash(text, at)) };
    };
    const usage = new Map<number, number>();
    for (const text of this.#parts.keys())
      for (const hash of new Set(gramsOf(text).hashes)) usage.set(hash, (usage.get(hash) ?? 0) + 1);
    for (const [text, rules] of this.#parts) {
      const { grams, hashes } = gramsOf(text);
      // The rarest gram of the text: ".exe" is in half of them.
      let best = 0;
      for (let i = 1; i < hashes.length; i++) if (usage.get(hashes[i]!)! < usage.get(hashes[best]!)!) best = i;
      grams.file(hashes[best]!, { text, at: best, rules });
      used.add(grams);
    }
    this.#grams = [...used];
  }

  look(value: string, propose: (rule: number) => void): void {
    if (this.#wholes.size > 0) {
      const rules = this.#wholes.get(value);
      if (rules) for (const rule of rules) propose(rule);
    }
    for (const grams of this.#grams) grams.look(value, propose);
  }
}

type Necessary = { atoms: Atom[]; worth: number };

/** Texts of which one must be in the record for the predicate to hold, and how well they sort out; `undefined` when there are none. */
function necessary(predicate: Predicate, frequency: ReadonlyMap<string, number>): Necessary | undefined {
  switch (predicate.kind) {
    case 'text':
    case 'in':
    case 'regex':
    case 'keyword': {
      const atoms = atomsOf(predicate);
      if (!atoms || atoms.length > atomsMax) return undefined;
      return { atoms, worth: Math.min(...atoms.map((atom) => worthOf(atom, frequency))) };
    }
    case 'and': {
      let best: Necessary | undefined;
      for (const part of predicate.of) {
        const found = necessary(part, frequency);
        if (found && (!best || found.worth > best.worth)) best = found;
      }
      return best;
    }
    case 'or': {
      const atoms: Atom[] = [];
      let worth = Infinity;
      for (const part of predicate.of) {
        const found = necessary(part, frequency);
        if (!found) return undefined;
        atoms.push(...found.atoms);
        worth = Math.min(worth, found.worth);
      }
      return atoms.length === 0 || atoms.length > atomsMax ? undefined : { atoms, worth };
    }
    default:
      return undefined;
  }
}

/** A long text sorts out more than a short one, and one that many rules share (a channel's name) hardly anything. */
function worthOf(atom: Atom, frequency: ReadonlyMap<string, number>): number {
  const length = Math.min(atom.text.length, 24) + (atom.whole ? 2 : 0);
  return length - 6 * Math.log2(frequency.get(keyOf(atom)) ?? 1);
}

function keyOf(atom: Atom): string {
  return `${atom.field}\u0000${atom.text}`;
}

function collect(predicate: Predicate, keys: Set<string>): void {
  if (predicate.kind === 'and' || predicate.kind === 'or') for (const part of predicate.of) collect(part, keys);
  else if (isAtomic(predicate)) for (const atom of atomsOf(predicate) ?? []) keys.add(keyOf(atom));
}

type Atomic = Predicate & { kind: 'text' | 'in' | 'regex' | 'keyword' };

function isAtomic(predicate: Predicate): predicate is Atomic {
  return predicate.kind === 'text' || predicate.kind === 'in' || predicate.kind === 'regex' || predicate.kind === 'keyword';
}

function atomsOf(predicate: Atomic): Atom[] | undefined {
  const field = predicate.kind === 'keyword' ? anyField : predicate.field;
  if (predicate.kind === 'in') {
    if (predicate.values.length === 0) return undefined;
    return predicate.values.map((value) => ({ field, text: String(value).toLowerCase(), whole: true }));
  }
  if (predicate.kind === 'regex' || (predicate.kind === 'keyword' && predicate.op === 'regex')) {
    const texts = requiredTexts(predicate.kind === 'regex' ? predicate.pattern : predicate.value, predicate.flags);
    return texts?.map((text) => ({ field, text, whole: false }));
  }
  const text = String(predicate.value).toLowerCase();
  if (predicate.op === 'equals') return [{ field, text, whole: true }];
  let longest = text;
  if (predicate.op === 'like') {
    longest = '';
    for (const part of parsePattern(text)) if ('literal' in part && part.literal.length > longest.length) longest = part.literal;
  }
  return longest === '' ? undefined : [{ field, text: longest, whole: false }];
}
