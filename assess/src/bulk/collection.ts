/** Rows of a published collection as facts, after `content/collections`. */

import { Refusal } from '@forewarn/base/refusal';
import { rangeOf } from '@forewarn/model/condition';
import type { Collection, CollectionColumn } from '@forewarn/model/collection';
import type { Fact, FactCatalogue, FactDefinition, Facts, FactValue } from '@forewarn/model/facts';
import { readFacts } from '@forewarn/model/factsheet';

/** An incident to be graded with many others. */
export type BulkIncident = {
  id: string;
  name: string | undefined;
  facts: Facts;
  /** Facts that two words of the row state differently; they count as unknown. */
  contradicted: readonly string[];
};

/** A collection whose words have become facts once. */
export type CompiledCollection = {
  readonly collection: Collection;
  readonly catalogue: FactCatalogue;
  readonly columns: readonly CompiledColumn[];
};

type CompiledColumn = {
  readonly column: string;
  readonly words: ReadonlyMap<string, Facts>;
  readonly otherwise: Facts;
  readonly number: CollectionColumn['number'];
};

/** Reads every word's statement once. Throws a refusal for one that does not fit; loading content has found it before. */
export function compileCollection(collection: Collection, catalogue: FactCatalogue): CompiledCollection {
  const facts = (stated: unknown): Facts => {
    const read = readFacts(stated, catalogue);
    if (!read.ok) throw read.refusals[0]!;
    return read.value;
  };
  const columns = collection.columns.map(({ column, words, otherwise, number }) => ({
    column,
    words: new Map(Object.entries(words ?? {}).map(([word, stated]) => [word, facts(stated)])),
    otherwise: facts(otherwise ?? {}),
    number,
  }));
  return { collection, catalogue, columns };
}

/** Refuses (`collection.columns`) a table that lacks a column of the collection. */
export function checkHeader({ collection }: CompiledCollection, header: readonly string[], file: string): void {
  const wanted = [collection.key, ...collection.columns.map(({ column }) => column)];
  const lacking = wanted.filter((column) => !header.includes(column));
  if (lacking.length > 0)
    throw new Refusal('collection.columns', `The table has no column "${lacking[0]}".`, {
      place: { file, line: 1 },
      advice: `A table of "${collection.id}" has the columns ${wanted.join(', ')}.`,
    });
}

/** A cell's words: the whole cell, its parts between semicolons, and what a list quotes. */
function wordsOf(cell: string): string[] {
  const quoted = cell.startsWith('[') ? [...cell.matchAll(/'([^']*)'|"([^"]*)"/g)].map((match) => match[1] ?? match[2]!) : [];
  return [...new Set([cell, ...cell.split('; '), ...quoted])].map((word) => word.trim()).filter((word) => word !== '');
}

/** What a row states. Words of one cell and of several are put together; what they contradict each other in is unknown. */
export function factsOfRow(
  { collection, catalogue, columns }: CompiledCollection,
  row: ReadonlyMap<string, string>,
): BulkIncident {
  const stated = new Map<string, FactValue>();
  const contradicted = new Set<string>();
  const state = (id: string, value: FactValue): void => {
    const before = stated.get(id);
    const both = before === undefined ? value : together(catalogue.get(id)!, before, value);
    if (both === undefined) contradicted.add(id);
    else stated.set(id, both);
  };
  for (const { column, words, otherwise, number } of columns) {
    const cell = row.get(column) ?? '';
    const told = wordsOf(cell)
      .map((word) => words.get(word))
      .filter((one) => one !== undefined);
    if (told.length === 0 && cell.trim() !== '') told.push(otherwise);
    for (const one of told) for (const fact of Object.values(one)) state(fact.id, fact.value);
    const value = Number(cell);
    const meant = Object.entries(number?.when ?? {}).every(([other, word]) => row.get(other) === word);
    // Nothing in a column of numbers often means "not known"; only more than nothing is a statement.
    if (number && meant && cell !== '' && Number.isFinite(value) && value > 0) {
      const read = readFacts({ [number.fact]: number.unit ? { value, unit: number.unit } : value }, catalogue);
      if (read.ok) state(number.fact, read.value[number.fact]!.value);
    }
  }
  for (const id of contradicted) stated.set(id, { kind: 'unknown' });
  const facts = Object.fromEntries([...stated].map(([id, value]): [string, Fact] => [id, { id, value, source: collection.id }]));
  return {
    id: row.get(collection.key) ?? '',
    name: collection.name === undefined ? undefined : row.get(collection.name),
    facts,
    contradicted: [...contradicted],
  };
}

/** What two statements of one fact allow together; undefined when they exclude each other. */
function together(definition: FactDefinition, a: FactValue, b: FactValue): FactValue | undefined {
  if (a.kind === 'unknown') return b;
  if (b.kind === 'unknown') return a;
  if (a.kind === 'set' && b.kind === 'set') return { kind: 'set', members: [...new Set([...a.members, ...b.members])] };
  if (a.kind === 'boolean' || b.kind === 'boolean')
    return a.kind === 'boolean' && b.kind === 'boolean' && a.value === b.value ? a : undefined;
  const [left, right] = [rangeOf(definition, a), rangeOf(definition, b)];
  if (!left || !right) return undefined;
  const min = Math.max(left.min, right.min);
  const max = Math.min(left.max, right.max);
  if (min > max) return undefined;
  if (definition.kind === 'term') {
    const [low, high] = [definition.terms[min]!.id, definition.terms[max]!.id];
    return low === high ? { kind: 'term', term: low } : { kind: 'terms', min: low, max: high };
  }
  return min === max ? { kind: 'quantity', value: min } : { kind: 'interval', min, max: max === Infinity ? null : max };
}
