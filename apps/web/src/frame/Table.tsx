/** Lists as tables: what a column is called is said once, for its head and for the cards that a narrow screen shows. */

import type { ReactNode } from 'react';

export type Column<T> = {
  /** What the column is called: in its head and, where rows are cards, beside each value. */
  head: string;
  /** For readers of screens alone, where the cells speak for themselves, such as buttons. */
  headHidden?: boolean;
  /** What the row is about: the title of its card. */
  main?: boolean;
  /** The cell heads its row, as the number of an edition does. */
  rowHead?: boolean;
  number?: boolean;
  className?: string;
  cell: (row: T) => ReactNode;
};

/** What scrolls when a table is wider than its place: reached with Tab, and named, as everything that scrolls. */
export function TableRegion({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="table-scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

/** A list of things, one a row. */
export function Table<T>({
  label,
  rows,
  keyOf,
  columns,
  form = 'cards',
  over,
}: {
  label: string;
  rows: readonly T[];
  keyOf: (row: T) => string | number;
  columns: readonly Column<T>[];
  /**
   * `cards`: on a narrow screen each row becomes a card; `rows`: it is short enough to stay a row; `still`: that too, and `j` and `k`
   * pass it by, because it leads nowhere.
   */
  form?: 'cards' | 'rows' | 'still';
  /** Whether the thing is over and stands back behind the others. */
  over?: (row: T) => boolean;
}) {
  const walked = form === 'still' ? {} : { 'data-row': true, tabIndex: -1 };
  return (
    <TableRegion label={label}>
      <table className={form === 'cards' ? 'table table-cards' : 'table'}>
        <thead>
          <tr>
            {columns.map(({ head, headHidden, number }) => (
              <th key={head} scope="col" className={number ? 'number' : undefined}>
                {headHidden ? <span className="visually-hidden">{head}</span> : head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} {...walked} data-over={over?.(row) || undefined}>
              {columns.map((column) => (
                <Cell key={column.head} column={column} labelled={form === 'cards'}>
                  {column.cell(row)}
                </Cell>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </TableRegion>
  );
}

function Cell<T>({ column, labelled, children }: { column: Column<T>; labelled: boolean; children: ReactNode }) {
  const { head, headHidden, main, rowHead, number, className } = column;
  const classes = [main && 'cell-main', number && 'number', className].filter(Boolean).join(' ') || undefined;
  if (rowHead) {
    return (
      <th scope="row" className={classes}>
        {children}
      </th>
    );
  }
  return (
    <td className={classes} data-label={labelled && !main && !headHidden ? head : undefined}>
      {children}
    </td>
  );
}
