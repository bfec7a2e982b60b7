import type { Predicate, Query } from '../query/query.ts';

/** Conditions on the time become the range that is read; those that a range cannot say exactly stay beside it. */
export function timesOf(conditions: readonly Predicate[]): { where: Predicate[]; range: Query['range'] } {
  const where: Predicate[] = [];
  let from: number | undefined;
  let to: number | undefined;
  for (const condition of conditions.flatMap((each) => (each.kind === 'and' && each.of.length > 0 ? each.of : [each]))) {
    if (condition.kind !== 'order' || condition.field !== 'ts') {
      where.push(condition);
      continue;
    }
    const { op, value } = condition;
    if (op === 'gte' || op === 'gt') from = Math.max(from ?? value, value);
    else to = Math.min(to ?? Infinity, op === 'lt' ? value : value + 1e-6);
    if (op === 'gt' || op === 'lte') where.push(condition);
  }
  if (from === undefined && to === undefined) return { where, range: undefined };
  return { where, range: { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) } };
}
