/**
 * Many rules over one stream. Asking every rule about every record costs the number of rules; here each rule first names texts of which one must be in
 * the record for the rule to hold, all those texts are looked for at once, and only rules whose text was found are asked. So the cost
 * grows with the rules that match, not with the rules there are.
 */

import { RecordView, compileIn } from '@forewarn/model/query/evaluate';
import { parsePattern, type Predicate } from '@forewarn/model/query/query';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { SigmaRule } from './rule.ts';

export type RuleSet = {
  readonly rules: readonly SigmaRule[];
  /** The rules that hold for the record, in the order they were given. The array is reused by the next call. */
  match(log: string, record: AnyRecord): readonly SigmaRule[];
};

/** A text of which a rule can say: when it is not in the field, I do not hold. In lower case. */
type Atom = { field: string; text: string; whole: boolean };

/** More alternatives than this are not worth a place in the index. */
const atomsMax = 2_000;

/** Shorter texts are in every second value and sort nothing out. */
const gramLength = 4;

/** Compiles the rules for matching. */
export function createRuleSet(rules: readonly SigmaRule[]): RuleSet {
  const frequency = new Map<string, number>();
  for (const rule of rules) {
    const own = new Set<string>();
    collect(rule.predicate, own);
    for (const key of own) frequency.set(key, (frequency.get(key) ?? 0) + 1);
  }
  const byLog = new Map<string, LogRules>();
  return {
    rules,
    match(log, record) {
      let own = byLog.get(log);
      if (!own) {
        own = createLogRules(
          rules.filter((rule) => rule.logs.includes(log) || rule.logs.includes('*')),
          frequency,
        );
        // Log names come from files; a ceiling keeps a file with a million names from a million tables.
        if (byLog.size < 1_000) byLog.set(log, own);
      }
      return own(record);
    },
  };
}

type LogRules = (record: AnyRecord) => readonly SigmaRule[];

function createLogRules(rules: readonly SigmaRule[], frequency: ReadonlyMap<string, number>): LogRules {
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
  const indexed = [...fields].map(([field, index]) => {
    index.finish();
    return { slot: view.slot(field), index };
  });

  const askedAt = new Uint32Array(rules.length);
  let turn = 0;
  const candidates: number[] = [];
  const matched: SigmaRule[] = [];
  const propose = (rule: number): void => {
    if (askedAt[rule] === turn) return;
    askedAt[rule] = turn;
    candidates.push(rule);
  };

  return (record) => {
    view.set(record);
    turn++;
    candidates.length = 0;
    matched.length = 0;
    for (const { slot, index } of indexed) {
      const value = view.value(slot);
      if (value === undefined) continue;
      if (typeof value === 'string') index.look(view.folded(slot), propose);
      else if (typeof value === 'object') {
        for (const element of value) {
          if (typeof element === 'string') index.look(element.toLowerCase(), propose);
          else if (typeof element === 'number' || typeof element === 'boolean') index.look(String(element), propose);
        }
      } else index.look(String(value), propose);
    }
    for (const rule of always) candidates.push(rule);
    if (candidates.length > 1) candidates.sort((a, b) => a - b);
    for (const rule of candidates) if (tests[rule]!()) matched.push(rules[rule]!);
    return matched;
  };
}

/** The texts wanted in one field: found by the hash of four characters in a row, and then compared. */
class FieldIndex {
  readonly #wholes = new Map<string, number[]>();
  readonly #parts = new Map<string, number[]>();
  /** Texts shorter than a gram. */
  #short: { text: string; rules: number[] }[] = [];
  /** Gram hash to the texts that were filed under it, with the gram's place in the text. */
  #grams = new Map<number, { text: string; at: number; rules: number[] }[]>();
  /** One bit for each hash: most places of a value end here. */
  #bits = new Uint8Array(0);

  add(atom: Atom, rule: number): void {
    const into = atom.whole ? this.#wholes : this.#parts;
    const rules = into.get(atom.text);
    if (!rules) into.set(atom.text, [rule]);
    else if (rules.at(-1) !== rule) rules.push(rule);
  }

  finish(): void {
    const usage = new Map<number, number>();
    for (const text of this.#parts.keys()) {
      for (const hash of new Set(gramsOf(text))) usage.set(hash, (usage.get(hash) ?? 0) + 1);
    }
    this.#bits = new Uint8Array(2 ** 13);
    for (const [text, rules] of this.#parts) {
      const hashes = gramsOf(text);
      if (hashes.length === 0) {
        this.#short.push({ text, rules });
        continue;
      }
      // The rarest gram of the text: ".exe" is in half of them.
      let best = 0;
      for (let i = 1; i < hashes.length; i++) if (usage.get(hashes[i]!)! < usage.get(hashes[best]!)!) best = i;
      const hash = hashes[best]!;
      const filed = this.#grams.get(hash);
      const entry = { text, at: best, rules };
      if (filed) filed.push(entry);
      else this.#grams.set(hash, [entry]);
      this.#bits[hash >>> 3]! |= 1 << (hash & 7);
    }
  }

  look(value: string, propose: (rule: number) => void): void {
    if (this.#wholes.size > 0) {
      const rules = this.#wholes.get(value);
      if (rules) for (const rule of rules) propose(rule);
    }
    for (const { text, rules } of this.#short) if (value.includes(text)) for (const rule of rules) propose(rule);
    if (this.#grams.size === 0) return;
    const bits = this.#bits;
    const end = value.length - gramLength;
    for (let i = 0; i <= end; i++) {
      const hash = gramHash(value, i);
      if ((bits[hash >>> 3]! & (1 << (hash & 7))) === 0) continue;
      const filed = this.#grams.get(hash);
      if (!filed) continue;
      for (const { text, at, rules } of filed) {
        if (value.startsWith(text, i - at) && i >= at) for (const rule of rules) propose(rule);
      }
    }
  }
}

/** 16 bits of four characters. */
function gramHash(text: string, at: number): number {
  const mixed =
    Math.imul(text.charCodeAt(at), 0x9e3779b1) ^
    Math.imul(text.charCodeAt(at + 1), 0x85ebca77) ^
    Math.imul(text.charCodeAt(at + 2), 0xc2b2ae3d) ^
    Math.imul(text.charCodeAt(at + 3), 0x27d4eb2f);
  return (mixed >>> 16) & 0xffff;
}

function gramsOf(text: string): number[] {
  const grams: number[] = [];
  for (let i = 0; i + gramLength <= text.length; i++) grams.push(gramHash(text, i));
  return grams;
}

type Necessary = { atoms: Atom[]; worth: number };

/** Texts of which one must be in the record for the predicate to hold, and how well they sort out; `undefined` when there are none. */
function necessary(predicate: Predicate, frequency: ReadonlyMap<string, number>): Necessary | undefined {
  switch (predicate.kind) {
    case 'text':
    case 'in': {
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
  else if (predicate.kind === 'text' || predicate.kind === 'in')
    for (const atom of atomsOf(predicate) ?? []) keys.add(keyOf(atom));
}

function atomsOf(predicate: Predicate & { kind: 'text' | 'in' }): Atom[] | undefined {
  const { field } = predicate;
  if (predicate.kind === 'in') {
    if (predicate.values.length === 0) return undefined;
    return predicate.values.map((value) => ({ field, text: String(value).toLowerCase(), whole: true }));
  }
  const text = String(predicate.value).toLowerCase();
  if (predicate.op === 'equals') return [{ field, text, whole: true }];
  if (predicate.op !== 'like') return text === '' ? undefined : [{ field, text, whole: false }];
  let longest = '';
  for (const part of parsePattern(text)) if ('literal' in part && part.literal.length > longest.length) longest = part.literal;
  return longest === '' ? undefined : [{ field, text: longest, whole: false }];
}
