/** Rules over what is stored: what they hold for, and where windows held. */

import { Refusal } from '@forewarn/base/refusal';
import type { Predicate } from '@forewarn/model/query/query';
import type { WindowQuery } from '@forewarn/model/query/window';
import { limits } from '../limits.ts';
import { compilePredicate, Parameters } from './compile.ts';
import type { BoundStatement, Engine } from './engine.ts';
import { fieldsOf, type Table } from './rows.ts';
import { tableOf } from './tables.ts';
import { whereSql, type RecordRange, type RecordScope } from './scope.ts';
import { compileWindow, heldColumns, textSql, windowBegin, type WindowTables } from './windows.ts';

/** What was taken from the tables: added to by each statement. */
export type Taken = { rows: number; bytes: number };

/** Where a window held. `number`: what was compared; of percentiles that slide, null. */
export type HeldWindow = { organisation: string; group: string[]; from: number; to: number; number: number | null };

export type Past = {
  /**
   * Where a window held, oldest (or newest) first: at instants of the range, with the events before it that decide. Those that must be over are
   * judged as if nothing came after the range; they begin anew where a group was silent for the time span.
   */
  windows(
    scope: RecordScope,
    asked: { window: WindowQuery; range: RecordRange; limit?: number; newest?: boolean },
    taken?: Taken,
  ): Promise<HeldWindow[]>;
  /** Where a window held, counted by day and group. */
  windowDays(scope: RecordScope, asked: { window: WindowQuery; range: RecordRange }, taken?: Taken): Promise<DayHits[]>;
  /** Records of a log that a condition holds for, counted by day and by whose they are: the first of `subjects` that the log has. */
  days(
    scope: RecordScope,
    asked: { log: string; where: Predicate; range: RecordRange; subjects: readonly string[] },
    taken?: Taken,
  ): Promise<DayHits[]>;
  /**
   * How many records of a log each of the conditions holds for, all of them in one reading of the table, or a few where they are long; what none
   * are there of is left out. Refusals: those of the algebra.
   */
  tally(
    scope: RecordScope,
    asked: { log: string; conditions: readonly Predicate[]; range: RecordRange },
    taken?: Taken,
  ): Promise<Tally[]>;
};

/** Hits of one day (whole days since 1970, UTC) and subject; `field` is what the subject is, of a window what it groups by is known to the asker. */
export type DayHits = {
  day: number;
  organisation: string;
  field: string;
  subject: string[];
  hits: number;
  first: number;
  last: number;
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
      let first = 0;
      // As many at once as fit into a statement, and fewer where they take too long together.
      for (let most = conditions.length; first < conditions.length;) {
        const parameters = new Parameters();
        const where = whereSql(scope, { range }, fieldsOf(table), parameters);
        const columns: string[] = [];
        for (let characters = 0; first + columns.length < conditions.length && columns.length < most;) {
          const condition = conditions[first + columns.length]!;
          characters += lengthOf(condition, table);
          if (columns.length > 0 && characters > tallyCharacters) break;
          columns.push(`(${compilePredicate(condition, fieldsOf(table), parameters)}) as c${columns.length}`);
        }
        const named = columns.map((_unused, index) => `c${index}`);
        const sql = `select _organisation, ${named.map((name) => `countIf(${name}), minIf(ts, ${name}), maxIf(ts, ${name})`).join(', ')}
          from (select _organisation, ts, ${columns.join(', ')} from ${tableOf(log)} where ${where}) group by _organisation`;
        let rows: unknown[][];
        try {
          rows = await measured({ sql, parameters: parameters.values }, taken);
        } catch (error) {
          if (columns.length === 1 || !(error instanceof Refusal) || error.code !== 'records.timeout') throw error;
          most = Math.ceil(columns.length / 2);
          continue;
        }
        for (const [organisation, ...values] of rows) {
          for (const index of named.keys()) {
            const [count, from, to] = values.slice(index * 3, index * 3 + 3).map(Number);
            if (count)
              tallies.push({ organisation: String(organisation), condition: first + index, count, first: from!, last: to! });
          }
        }
        first += columns.length;
      }
      return tallies;
    },

    async days(scope, { log, where, range, subjects }, taken) {
      const table = tables.get(log);
      if (!table || !filled.has(log)) return [];
      const parameters = new Parameters();
      const field = subjects.find((name) => table.names.has(name)) ?? '';
      const column = table.names.get(field);
      const rows = await measured(
        {
          sql: `select floor(ts / 86400) as day, ${column ? `ifNull(${textSql(column)}, '')` : `''`} as subject, count() as hits, min(ts), max(ts), _organisation
            from ${tableOf(log)} where ${whereSql(scope, { where, range }, fieldsOf(table), parameters)}
            group by day, subject, _organisation order by hits desc limit ${limits.groupsMax.value}`,
          parameters: parameters.values,
        },
        taken,
      );
      return rows.map(([day, subject, hits, first, last, organisation]) => ({
        day: Number(day),
        organisation: String(organisation),
        field,
        subject: [String(subject)],
        hits: Number(hits),
        first: Number(first),
        last: Number(last),
      }));
    },

    async windowDays(scope, { window, range }, taken) {
      const parameters = new Parameters();
      const from = windowBegin(window, range.from);
      const held = compileWindow(window, seenBy(scope, { from, to: range.to }, parameters), parameters);
      if (held === undefined) return [];
      const rows = await measured(
        {
          sql: `select floor(ts / 86400) as day, g, count() as hits, min(ts), max(ts) from (${held})
            where ts >= ${parameters.add('Float64', range.from)} group by day, g order by hits desc limit ${limits.groupsMax.value}`,
          parameters: parameters.values,
        },
        taken,
      );
      return rows.map(([day, group, hits, first, last]) => ({
        day: Number(day),
        field: '',
        organisation: (group as string[])[0]!,
        subject: (group as string[]).slice(1),
        hits: Number(hits),
        first: Number(first),
        last: Number(last),
      }));
    },

    async windows(scope, { window, range, limit = limits.groupsMax.value, newest = false }, taken) {
      const parameters = new Parameters();
      const from = windowBegin(window, range.from);
      const held = compileWindow(window, seenBy(scope, { from, to: range.to }, parameters), parameters);
      if (held === undefined) return [];
      const rows = await measured(
        {
          sql: `select ${heldColumns} from (${held}) where ts >= ${parameters.add('Float64', range.from)}
            order by ts${newest ? ' desc' : ''}, g limit ${Math.min(limit, limits.groupsMax.value)}`,
          parameters: parameters.values,
        },
        taken,
      );
      return rows.map(([group, to, start, number]) => ({
        organisation: (group as string[])[0]!,
        group: (group as string[]).slice(1),
        from: Number(start),
        to: Number(to),
        number: number === null || Number.isNaN(Number(number)) ? null : Number(number),
      }));
    },
  };
}

/** Of conditions with their values in one statement: what fits into its text (`statementCharacters`), with room for the rest. */
const tallyCharacters = limits.statementCharacters.value * 0.9;

/** Of a condition in the text of a statement, where values are written by two digits a byte. */
function lengthOf(condition: Predicate, table: Table): number {
  const parameters = new Parameters();
  const compiled = compilePredicate(condition, fieldsOf(table), parameters);
  return compiled.length + 2 * Buffer.byteLength(JSON.stringify(Object.values(parameters.values)));
}

/** Values of several elements are named as JSON writes them everywhere else. */
const pastSettings = ['output_format_json_escape_forward_slashes = 0'];
