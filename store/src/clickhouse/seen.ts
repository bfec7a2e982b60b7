/** In which logs something was seen, how often, and between when: one statement over all of them. */

import type { Predicate } from '@forewarn/model/query/query';
import { Parameters } from './compile.ts';
import type { Engine } from './engine.ts';
import { disjoint } from './disjoint.ts';
import { fieldsOf, type Table } from './rows.ts';
import { whereSql, type RecordRange, type RecordScope } from './scope.ts';
import { tableOf } from './tables.ts';

export type SeenAsked = { parts: readonly { log: string; where: Predicate }[]; range: RecordRange };
export type SeenIn = { log: string; count: number; first: number; last: number };

export async function seenIn(
  { engine, tables, filled }: { engine: Engine; tables: ReadonlyMap<string, Table>; filled: ReadonlySet<string> },
  scope: RecordScope,
  { parts, range }: SeenAsked,
  read?: { rows: number; bytes: number },
): Promise<SeenIn[]> {
  const parameters = new Parameters();
  const asked = parts.flatMap(({ log, where }) => {
    const table = tables.get(log);
    return table && filled.has(log) ? [{ table, where }] : [];
  });
  if (asked.length === 0) return [];
  // The logs' own names are the product's, never the asker's.
  const pieces = asked.flatMap(({ table, where }, index) =>
    disjoint(where, table).map(
      (part) =>
        `select ${index} as log, count() as n, min(ts) as first, max(ts) as last from ${tableOf(table.log)}
        where ${whereSql(scope, { where: part, range }, fieldsOf(table), parameters)}`,
    ),
  );
  const found = await engine.measure({
    sql: `select log, sum(n) as records, min(first), max(last) from (${pieces.join(' union all ')}) where n > 0
      group by log order by records desc, log`,
    parameters: parameters.values,
  });
  if (read) {
    read.rows += found.rowsRead;
    read.bytes += found.bytesRead;
  }
  return found.rows.map(([index, count, first, last]) => ({
    log: asked[Number(index)]!.table.log,
    count: Number(count),
    first: Number(first),
    last: Number(last),
  }));
}
