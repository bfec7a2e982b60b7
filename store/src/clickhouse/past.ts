/** Rules over what is stored: where windows held. */

import type { Predicate } from '@forewarn/model/query/query';
import type { WindowQuery } from '@forewarn/model/query/window';
import { limits } from '../limits.ts';
import { compilePredicate, Parameters } from './compile.ts';
import type { BoundStatement, Engine } from './engine.ts';
import { fieldsOf, type Table } from './rows.ts';
import { tableOf } from './tables.ts';
import { whereSql, type RecordRange, type RecordScope } from './scope.ts';
import { compileWindow, heldColumns, windowBegin, type WindowTables } from './windows.ts';

/** What was taken from the tables: added to by each statement. */
export type Taken = { rows: number; bytes: number };

/** Where a window held. `number`: what was compared; of percentiles that slide, null. */
export type HeldWindow = { group: string[]; from: number; to: number; number: number | null };

export type Past = {
  /**
   * Where a window held, oldest first: at instants of the range, with the events before it that decide. Those that must be over are judged as if
   * nothing came after the range; they begin anew where a group was silent for the time span.
   */
  windows(
    scope: RecordScope,
    asked: { window: WindowQuery; range: RecordRange; limit?: number },
    taken?: Taken,
  ): Promise<HeldWindow[]>;
};

/** Records of an organisation that a condition holds for. */
export type Tally = { organisation: string; condition: number; count: number; first: number; last: number };

type Tables = { readonly engine: Engine; readonly tables: ReadonlyMap<string, Table>; readonly filled: ReadonlySet<string> };

export function openPast({ engine, tables, filled }: Tables): Past {
  /** The tables as the scope lets them be seen, within a range. */
  const seenBy = (scope: RecordScope, range: RecordRange, parameters: Parameters): WindowTables => ({
    of: (log) =>
      (log === '*' ? [...tables.values()] : [tables.get(log)]).filter(
        (table): table is Table => table !== undefined && filled.has(table.log),
      ),
    find: (table, field) => fieldsOf(table).find(field),
    where: (table, where) => whereSql(scope, { where, range }, fieldsOf(table), parameters),
  });

  async function measured(statement: BoundStatement, taken: Taken | undefined): Promise<unknown[][]> {
    const { rows, rowsRead, bytesRead } = await engine.measure(statement, pastSettings);
    if (taken) {
      taken.rows += rowsRead;
      taken.bytes += bytesRead;
    }
    return rows;
  }

  return {
    async tally(scope, { log, conditions, range }, taken) {
      const table = tables.get(log);
      if (!table || !filled.has(log)) return [];
      const tallies: Tally[] = [];
      for (let next = 0; next < conditions.length;) {
        const parameters = new Parameters();
        const where = whereSql(scope, { range }, fieldsOf(table), parameters);
        const first = next;
        const columns: string[] = [];
        for (let characters = 0; next < conditions.length && characters < tallyCharacters; next++) {
          const compiled = compilePredicate(conditions[next]!, fieldsOf(table), parameters);
          columns.push(`(${compiled}) as c${next}`);
          characters += compiled.length;
        }
        const named = columns.map((_unused, index) => `c${first + index}`);
        const rows = await measured(
          {
            sql: `select _organisation, ${named.map((name) => `countIf(${name}), minIf(ts, ${name}), maxIf(ts, ${name})`).join(', ')}
              from (select _organisation, ts, ${columns.join(', ')} from ${tableOf(log)} where ${where}) group by _organisation`,
            parameters: parameters.values,
          },
          taken,
        );
        for (const [organisation, ...values] of rows) {
          for (const index of named.keys()) {
            const [count, from, to] = values.slice(index * 3, index * 3 + 3).map(Number);
            if (count)
              tallies.push({ organisation: String(organisation), condition: first + index, count, first: from!, last: to! });
          }
        }
      }
      return tallies;
    },

    async windows(scope, { window, range, limit = limits.groupsMax.value }, taken) {
      const parameters = new Parameters();
      const from = windowBegin(window, range.from);
      const held = compileWindow(window, seenBy(scope, { from, to: range.to }, parameters), parameters);
      if (held === undefined) return [];
      const rows = await measured(
        {
          sql: `select ${heldColumns} from (${held}) where ts >= ${parameters.add('Float64', range.from)}
            order by ts, g limit ${Math.min(limit, limits.groupsMax.value)}`,
          parameters: parameters.values,
        },
        taken,
      );
      return rows.map(([group, to, start, number]) => ({
        group: group as string[],
        from: Number(start),
        to: Number(to),
        number: number === null || Number.isNaN(Number(number)) ? null : Number(number),
      }));
    },
  };
}

/** Of conditions in one statement, of the 262,144 that ClickHouse reads; the values in their places take as much again. */
const tallyCharacters = 60_000;

/** Values of several elements are named as JSON writes them everywhere else. */
const pastSettings = ['output_format_json_escape_forward_slashes = 0'];
