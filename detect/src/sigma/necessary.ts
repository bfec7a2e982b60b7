/**
 * What must be in a record for a predicate to hold: texts of which one must be there, by which rules are looked up, and values that fields must have,
 * by which rules are told apart before.
 */

import { parsePattern, type Predicate } from '@forewarn/model/query/query';
import { requiredTexts } from '@forewarn/model/query/regex';

/** A text of which a rule can say: when it is not in the field, I do not hold. In lower case; without a field, in whichever. */
export type Atom = { field: string; text: string; whole: boolean };

/** More alternatives than this are not worth a place in the index. */
const atomsMax = 2_000;

/** Stands for all fields; no field has an empty name. */
export const anyField = '';

export type Necessary = { atoms: Atom[]; worth: number };

/** Texts of which one must be in the record for the predicate to hold, and how well they sort out; `undefined` when there are none. */
export function necessary(predicate: Predicate, frequency: ReadonlyMap<string, number>): Necessary | undefined {
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

/** The texts of a predicate, for counting how many rules share one. */
export function collect(predicate: Predicate, keys: Set<string>): void {
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

/** Fields that must equal one of some texts (in lower case) for the predicate to hold; of several conditions on one field, the narrowest. */
export function demands(predicate: Predicate): Map<string, ReadonlySet<string>> {
  const found = new Map<string, ReadonlySet<string>>();
  const walk = (part: Predicate): void => {
    if (part.kind === 'and') for (const inner of part.of) walk(inner);
    else if (part.kind === 'in' || (part.kind === 'text' && part.op === 'equals')) {
      const values = part.kind === 'in' ? part.values : [part.value];
      const texts = new Set(values.map((value) => String(value).toLowerCase()));
      const known = found.get(part.field);
      if (!known || texts.size < known.size) found.set(part.field, texts);
    }
  };
  walk(predicate);
  return found;
}
