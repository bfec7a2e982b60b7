/** Texts of `key=value` pairs, in the ways in which logs quote them. */

import { limits } from './limits.ts';
import type { FlatRecord } from './flatten.ts';

/** Puts pairs into a record: the first of a name stays, further ones make a list; what goes beyond a ceiling is left out and said. */
export class Pairs {
  readonly record: FlatRecord;
  shortened = false;
  #fields = 0;

  constructor(record: FlatRecord = {}) {
    this.record = record;
  }

  get size(): number {
    return this.#fields;
  }

  put(name: string, value: string | number): void {
    if (name === '__proto__' || name === '') return;
    const before = Object.hasOwn(this.record, name) ? this.record[name] : undefined;
    if (before === undefined) {
      if (this.#fields >= limits.fieldsMax.value || name.length > limits.nameCharactersMax.value) this.shortened = true;
      else {
        this.#fields++;
        this.record[name] = value;
      }
    } else if (Array.isArray(before)) {
      if (before.length < limits.elementsMax.value) (before as string[]).push(String(value));
      else this.shortened = true;
    } else this.record[name] = [String(before as string), String(value)];
  }
}

/** Stands before what auditd adds of its own. */
const groupSeparator = '\u001d';

/** Where a key stands and where its value begins. */
type Found = { name: string; keyAt: number; valueAt: number };

/** A key as logs have it: letters, digits and `_.-[]`. */
const keyCharacter = /[A-Za-z0-9_.[\]-]/;

/**
 * Pairs whose values hold spaces without quotes and end where the next key begins (`msg=a b c src=1.2.3.4`, as in CEF): a key is what stands before an
 * `=` that no backslash precedes, from the last space on. The text is walked once.
 */
export function pairsToNextKey(text: string, put: (name: string, value: string) => void): void {
  let last: Found | undefined;
  let keyAt = 0;
  let keyLike = true;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '\\') {
      i++;
      keyLike = false;
    } else if (c === ' ' || c === '\t') {
      keyAt = i + 1;
      keyLike = true;
    } else if (c === '=') {
      if (keyLike && i > keyAt) {
        if (last) put(last.name, text.slice(last.valueAt, keyAt).trimEnd());
        last = { name: text.slice(keyAt, i), keyAt, valueAt: i + 1 };
      }
      keyLike = false;
    } else if (keyLike && !keyCharacter.test(c)) keyLike = false;
  }
  if (last) put(last.name, text.slice(last.valueAt).trimEnd());
}

/**
 * Pairs whose values are words or quoted (`a=b c="d e" f='g h'`). A backslash before a quote belongs to the value. Answers false where something
 * stands that is no pair.
 */
export function quotedPairs(text: string, put: (name: string, value: string, quote: string) => void): boolean {
  let at = 0;
  while (at < text.length) {
    const c = text[at]!;
    if (c === ' ' || c === '\t' || c === ',' || c === ';' || c === groupSeparator) {
      at++;
      continue;
    }
    let equals = at;
    while (equals < text.length && keyCharacter.test(text[equals]!)) equals++;
    if (equals === at || text[equals] !== '=') return false;
    const name = text.slice(at, equals);
    const quote = text[equals + 1] ?? '';
    if (quote === '"' || quote === "'") {
      let end = equals + 2;
      let escaped = false;
      while (end < text.length && text[end] !== quote) {
        if (text[end] === '\\') {
          escaped = true;
          end++;
        }
        end++;
      }
      const value = text.slice(equals + 2, end);
      put(name, escaped ? value.replaceAll(/\\(["'\\])/g, '$1') : value, quote);
      at = end + 1;
    } else {
      let end = equals + 1;
      while (end < text.length && !/\s/.test(text[end]!) && text[end] !== groupSeparator) end++;
      put(name, text.slice(equals + 1, end), '');
      at = end;
    }
  }
  return true;
}
