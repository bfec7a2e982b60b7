/** Rules over what is stored: where windows held. */

import type { WindowQuery } from '@forewarn/model/query/window';
import { limits } from '../limits.ts';
import { Parameters } from './compile.ts';
import type { Engine } from './engine.ts';
import { fieldsOf, type Table } from './rows.ts';
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

  return {
    async windows(scope, { window, range, limit = limits.groupsMax.value }, taken) {
      const parameters = new Parameters();
      const from = windowBegin(window, range.from);
      const held = compileWindow(window, seenBy(scope, { from, to: range.to }, parameters), parameters);
      if (held === undefined) return [];
      const { rows, rowsRead, bytesRead } = await engine.measure(
        {
          sql: `select ${heldColumns} from (${held}) where ts >= ${parameters.add('Float64', range.from)}
            order by ts, g limit ${Math.min(limit, limits.groupsMax.value)}`,
          parameters: parameters.values,
        },
        windowSettings,
      );
      if (taken) {
        taken.rows += rowsRead;
        taken.bytes += bytesRead;
      }
      return rows.map(([group, to, start, number]) => ({
        group: group as string[],
        from: Number(start),
        to: Number(to),
        number: number === null || Number.isNaN(Number(number)) ? null : Number(number),
      }));
    },
  };
}

/** Values of several elements are named as JSON writes them everywhere else. */
const windowSettings = ['output_format_json_escape_forward_slashes = 0'];
