/**
 * A query as terms joined by `and`, for the pills of the query bar. Reading and writing is the model's algebra, so a pill
 * means what the centre will look for. A query with `or` at its top is one term: removed whole, or edited as text.
 */

import { Refusal } from '@forewarn/base/refusal';
import { compile } from '@forewarn/model/query/evaluate';
import type { Predicate } from '@forewarn/model/query/query';
import { parsePredicate, printPredicate } from '@forewarn/model/query/text';
import type { AnyRecord } from '@forewarn/model/records/record';

export type Term = { text: string; negated: boolean; predicate: Predicate };

export type Reading = { terms: Term[]; refusal: { message: string; advice: string; offset: number } | null };

function term(predicate: Predicate): Term {
  return { text: printPredicate(predicate), negated: predicate.kind === 'not', predicate };
}

/** Reads a query; what cannot be read comes back as the refusal with its place, and no terms. */
export function readQuery(text: string): Reading {
  if (text.trim() === '') return { terms: [], refusal: null };
  try {
    const predicate = parsePredicate(text);
    return { terms: predicate.kind === 'and' ? predicate.of.map(term) : [term(predicate)], refusal: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { terms: [], refusal: { message: error.message, advice: error.advice, offset: error.place.offset ?? 0 } };
  }
}

export function writeQuery(terms: readonly Term[]): string {
  if (terms.length === 0) return '';
  return printPredicate(terms.length === 1 ? terms[0]!.predicate : { kind: 'and', of: terms.map(({ predicate }) => predicate) });
}

/** `field:value`, quoted where the language needs it. */
export function equalTo(field: string, value: string): Predicate {
  return { kind: 'text', field, op: 'equals', value };
}

export function opposite(predicate: Predicate): Predicate {
  return predicate.kind === 'not' ? predicate.of : { kind: 'not', of: predicate };
}

/** A query with one more condition; the condition's own repetition and opposite give way. */
export function withCondition(query: string, predicate: Predicate): string {
  const added = term(predicate);
  const contrary = printPredicate(opposite(predicate));
  const kept = readQuery(query).terms.filter(({ text }) => text !== added.text && text !== contrary);
  return writeQuery([...kept, added]);
}

/** Nested things as one flat record: `grade.floor`, vectors for what repeats. Depth is that of the API's own shapes. */
function flatten(item: unknown, into: { [name: string]: (string | number | boolean)[] }, path: string): void {
  if (item === null || item === undefined) return;
  if (Array.isArray(item)) for (const each of item) flatten(each, into, path);
  else if (typeof item === 'object') {
    for (const [name, value] of Object.entries(item)) flatten(value, into, path === '' ? name : `${path}.${name}`);
  } else (into[path] ??= []).push(item as string | number | boolean);
}

/**
 * A test of things already on the page: lists that the centre answers whole (incidents, warnings, the estate) are
 * filtered here, by the same algebra. `shown` gives the words a person sees, so that they can be searched too. An
 * unreadable query filters nothing; the query bar says what is wrong with it.
 */
export function filterOf<T>(query: string, shown: (item: T) => string): (item: T) => boolean {
  const { terms, refusal } = readQuery(query);
  if (refusal !== null || terms.length === 0) return () => true;
  const matches = compile({ kind: 'and', of: terms.map(({ predicate }) => predicate) });
  return (item) => {
    const flat: { [name: string]: (string | number | boolean)[] } = {};
    flatten(item, flat, '');
    return matches({ ...(flat as unknown as AnyRecord), _shown: shown(item) });
  };
}
