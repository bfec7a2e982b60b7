/** A look-up by one of two addresses as look-ups by each: ClickHouse finds either soon by its own filter, and both at once hardly at all. */

import type { Predicate } from '@forewarn/model/query/query';
import type { Table } from './rows.ts';

/** More parts cost as many readings of what the others let through. */
const partsMax = 4;

/**
 * Conditions that hold for the same records together, each record once: of `a or b`, where both are looked up in columns of addresses, `a`, and `b
 * and not a`. Other conditions come back as they are.
 */
export function disjoint(where: Predicate | undefined, { names }: Table): (Predicate | undefined)[] {
  const parts = where?.kind === 'and' ? where.of : where ? [where] : [];
  const isLookUp = (part: Predicate): boolean => {
    if (part.kind !== 'text' || part.op !== 'equals') return false;
    const column = names.get(part.field);
    return column?.kind === 'address' && !column.vector;
  };
  const either = parts.find(
    (part) => part.kind === 'or' && part.of.length > 1 && part.of.length <= partsMax && part.of.every(isLookUp),
  );
  if (either?.kind !== 'or') return [where];
  const rest = parts.filter((part) => part !== either);
  return either.of.map((part, index) => ({
    kind: 'and',
    of: [...rest, part, ...either.of.slice(0, index).map((before): Predicate => ({ kind: 'not', of: before }))],
  }));
}
