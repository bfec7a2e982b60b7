/**
 * A table of any length: only the rows in sight are in the document, and assistive technology is told how many there are.
 * One row has the focus (j, k, arrows), one value in it (←, →); Enter opens, the value menu is the same as everywhere.
 */

import { Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { Icon } from '../../look/icons.tsx';
import { ask, query as queryString } from '../../session/api.ts';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useLive } from '../../session/live.tsx';
import type { RecordTypeView } from '../../session/resources.ts';
import { useQueryText, useSetView } from '../../session/view.ts';
import { equalTo, opposite, withCondition } from '../../values/terms.ts';
import { useValueMenu } from '../../values/ValueMenu.tsx';
import { RecordDetail } from './RecordDetail.tsx';
import { isNumberType, percentOf, valuesOf, writeCell, type RecordValues } from './values.ts';

export type ShownColumn = RecordTypeView['columns'][number] & { width: number };

const rowHeight = 28;

type Props = {
  type: RecordTypeView;
  columns: readonly ShownColumn[];
  rows: readonly RecordValues[];
  /** How many there are in all, of which `rows` are the first. */
  total: number;
  more: boolean;
  loading: boolean;
  loadMore: () => void;
  stale: boolean;
  /** What heads of columns can do, where the columns are chosen on the page. */
  heads?: {
    hide: (column: string) => void;
    move: (column: string, step: 1 | -1) => void;
    asked: { from: string; to: string; q?: string };
  };
  /** Of rows that are no records of the type: the record's own type, and the field that a column stands for. */
  typeOf?: (record: RecordValues) => RecordTypeView;
  fieldOf?: (column: string) => string;
};

export function RecordTable({ type, columns, rows, total, more, loading, loadMore, stale, heads, typeOf, fieldOf }: Props) {
  const { t, n } = useTexts();
  const { exact } = useInstants();
  const openMenu = useValueMenu();
  const live = useLive();
  const scroller = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [at, setAt] = useState<{ row: number; column: number }>({ row: 0, column: -1 });
  const [reading, setReading] = useState(false);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;

  useEffect(() => {
    if (more && !loading && last >= rows.length - 60) loadMore();
  }, [more, loading, last, rows.length, loadMore]);

  // Rows must not move under somebody who reads: once scrolled or opened, live updates wait.
  const busy = reading || open.size > 0;
  const { hold } = live;
  useEffect(() => (busy ? hold() : undefined), [busy, hold]);

  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const width = columns.reduce((sum, column) => sum + column.width, 36);

  const toggle = (row: number) => {
    const next = new Set(open);
    if (!next.delete(row)) next.add(row);
    setOpen(next);
  };

  const focusCell = (row: number, column: number) => {
    setAt({ row, column });
    virtual.scrollToIndex(row, { align: 'auto' });
    requestAnimationFrame(() => {
      const element = scroller.current?.querySelector<HTMLElement>(`tr[data-index="${row}"]`);
      const cell = column < 0 ? element : element?.querySelector<HTMLElement>(`td[data-column="${column}"]`);
      cell?.focus({ preventScroll: true });
      cell?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    });
  };

  const menuFor = (element: HTMLElement, row: number, column: number) => {
    const shown = columns[column];
    const record = rows[row];
    if (shown === undefined || record === undefined) return;
    const [value] = valuesOf(record[shown.name]);
    if (value === undefined) return;
    openMenu(
      {
        field: fieldOf?.(shown.name) ?? shown.name,
        value,
        log: (typeOf?.(record) ?? type).log,
        uid: typeof record['uid'] === 'string' ? record['uid'] : undefined,
      },
      element,
    );
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTableElement>) => {
    const target = event.target as HTMLElement;
    if (target.closest('.record-detail, thead') !== null || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.key === 'j' || event.key === 'ArrowDown' ? 1 : event.key === 'k' || event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) focusCell(Math.min(rows.length - 1, Math.max(0, at.row + step)), at.column);
    else if (event.key === 'PageDown') focusCell(Math.min(rows.length - 1, at.row + 20), at.column);
    else if (event.key === 'PageUp') focusCell(Math.max(0, at.row - 20), at.column);
    else if (event.key === 'Home') focusCell(0, at.column);
    else if (event.key === 'End') focusCell(rows.length - 1, at.column);
    else if (event.key === 'ArrowRight') focusCell(at.row, Math.min(columns.length - 1, at.column + 1));
    else if (event.key === 'ArrowLeft') focusCell(at.row, Math.max(-1, at.column - 1));
    else if (event.key === 'Enter' || event.key === ' ') {
      if (at.column >= 0 && event.key === 'Enter') menuFor(target, at.row, at.column);
      else toggle(at.row);
    } else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) {
      if (at.column >= 0) menuFor(target, at.row, at.column);
    } else if (event.key === 'Escape' && at.column >= 0) focusCell(at.row, -1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const texts = useMemo(() => ({ n }), [n]);
  return (
    <>
      {live.paused && live.pending > 0 && busy ? (
        <button
          type="button"
          className="new-records"
          onClick={() => {
            setOpen(new Set());
            setReading(false);
            scroller.current?.scrollTo(0, 0);
            live.refresh();
          }}
        >
          {t('web.traffic.newRecords')}
        </button>
      ) : null}
      <div
        className="record-scroller"
        ref={scroller}
        data-stale={stale || undefined}
        aria-busy={stale}
        onScroll={(event) => {
          const away = event.currentTarget.scrollTop > rowHeight;
          if (away !== reading) setReading(away);
        }}
      >
        {/* A grid is a table whose cells take focus. */}
        <table
          className="record-table"
          role="grid"
          aria-label={t('web.traffic.table', { log: type.log })}
          aria-rowcount={total + 1}
          aria-colcount={columns.length + 1}
          aria-busy={loading}
          style={{ minWidth: width }}
          onKeyDown={onKeyDown}
        >
          <colgroup>
            <col style={{ width: 36 }} />
            {columns.map((column) => (
              <col key={column.name} style={{ width: column.width }} />
            ))}
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              <th scope="col">
                <span className="visually-hidden">{t('web.traffic.expand')}</span>
              </th>
              {columns.map((column, index) => (
                <th scope="col" key={column.name} className={isNumberType(column.type) ? 'number' : undefined}>
                  {heads === undefined ? (
                    <span className="column-head" title={column.means}>
                      {column.name}
                    </span>
                  ) : (
                    <ColumnHead
                      column={column}
                      log={type.log}
                      first={index === 0}
                      last={index === columns.length - 1}
                      {...heads}
                    />
                  )}
                </th>
              ))}
            </tr>
          </thead>
          {before > 0 ? (
            <tbody aria-hidden="true">
              <tr style={{ height: before }}>
                <td colSpan={columns.length + 1} />
              </tr>
            </tbody>
          ) : null}
          {items.map((item) => {
            const record = rows[item.index]!;
            const opened = open.has(item.index);
            return (
              <tbody key={item.key} ref={virtual.measureElement} data-index={item.index}>
                <tr
                  aria-rowindex={item.index + 2}
                  data-row
                  data-index={item.index}
                  data-opened={opened || undefined}
                  tabIndex={at.row === item.index && at.column < 0 ? 0 : -1}
                  onFocus={(event) => {
                    if (event.target === event.currentTarget && at.row !== item.index) setAt({ row: item.index, column: -1 });
                  }}
                >
                  <td className="cell-expand">
                    <button
                      type="button"
                      data-open
                      tabIndex={-1}
                      aria-expanded={opened}
                      aria-label={t('web.traffic.expandRow', { row: item.index + 1 })}
                      onClick={() => {
                        setAt({ row: item.index, column: -1 });
                        toggle(item.index);
                      }}
                    >
                      <Icon name={opened ? 'down' : 'right'} size={14} />
                    </button>
                  </td>
                  {columns.map((column, index) => {
                    const written = writeCell(record[column.name], column.type, column.name, exact, texts);
                    const focusable = at.row === item.index && at.column === index;
                    return (
                      // Keys are handled by the grid.
                      <td
                        key={column.name}
                        data-column={index}
                        className={isNumberType(column.type) ? 'number' : undefined}
                        tabIndex={focusable ? 0 : -1}
                        title={written.length > 12 ? written : undefined}
                        onClick={(event) => {
                          setAt({ row: item.index, column: index });
                          menuFor(event.currentTarget, item.index, index);
                        }}
                        onContextMenu={(event) => {
                          event.preventDefault();
                          setAt({ row: item.index, column: index });
                          menuFor(event.currentTarget, item.index, index);
                        }}
                      >
                        {written === '' ? <span className="absent">–</span> : written}
                      </td>
                    );
                  })}
                </tr>
                {opened ? (
                  <tr className="detail-row">
                    <td colSpan={columns.length + 1}>
                      <RecordDetail type={typeOf?.(record) ?? type} record={record} />
                    </td>
                  </tr>
                ) : null}
              </tbody>
            );
          })}
          {after > 0 ? (
            <tbody aria-hidden="true">
              <tr style={{ height: after }}>
                <td colSpan={columns.length + 1} />
              </tr>
            </tbody>
          ) : null}
        </table>
      </div>
    </>
  );
}

/** Most frequent values that fit in a menu without scrolling. */
const topValues = 8;

function ColumnHead({
  column,
  log,
  first,
  last,
  hide,
  move,
  asked,
}: {
  column: ShownColumn;
  log: string;
  first: boolean;
  last: boolean;
  hide: (column: string) => void;
  move: (column: string, step: 1 | -1) => void;
  asked: { from: string; to: string; q?: string };
}) {
  const { t } = useTexts();
  const [opened, setOpened] = useState(false);
  return (
    <Menu opened={opened} onChange={setOpened} position="bottom-start" width={320}>
      <Menu.Target>
        <button type="button" className="column-head" title={column.means}>
          {column.name}
          {column.unit !== 's' || column.type !== 'interval' ? null : <span className="dim"> {column.unit}</span>}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label className="column-means">{column.means}</Menu.Label>
        {opened && column.type !== 'time' && column.type !== 'interval' ? (
          <TopValues column={column} log={log} asked={asked} />
        ) : null}
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name="left" />} disabled={first} onClick={() => move(column.name, -1)}>
          {t('web.traffic.moveLeft')}
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="right" />} disabled={last} onClick={() => move(column.name, 1)}>
          {t('web.traffic.moveRight')}
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="minus" />} onClick={() => hide(column.name)}>
          {t('web.traffic.hide')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function TopValues({
  column,
  log,
  asked,
}: {
  column: ShownColumn;
  log: string;
  asked: { from: string; to: string; q?: string };
}) {
  const { t, n } = useTexts();
  const text = useQueryText();
  const setView = useSetView();
  const askTop = (rough: boolean, signal: AbortSignal) =>
    ask<{ items: { value: unknown; count: number }[]; exact: boolean; looked: number }>(
      'GET',
      `/records/${log}/top${queryString({ ...asked, field: column.name, n: topValues, rough: String(rough) })}`,
      undefined,
      signal,
    );
  const rough = useQuery({
    queryKey: ['records', log, 'top', column.name, asked, 'rough'],
    queryFn: ({ signal }) => askTop(true, signal),
    staleTime: 30_000,
  });
  const exact = useQuery({
    queryKey: ['records', log, 'top', column.name, asked, 'exact'],
    queryFn: ({ signal }) => askTop(false, signal),
    staleTime: 30_000,
    enabled: rough.data?.exact === false,
  });
  const data = exact.data ?? rough.data;
  const { isPending } = rough;
  const items = data?.items ?? [];
  const most = Math.max(1, ...items.map(({ count }) => count));
  const percent = percentOf(data?.looked ?? 1);
  /** The exact numbers are on their way, or could not be had; of values that are all rare an estimate knows none. */
  function roughLabel(some: boolean, final: boolean): string {
    if (final) return t(some ? 'web.traffic.topValuesEstimated' : 'web.traffic.topValuesRare', { percent });
    return some ? t('web.traffic.topValuesRough', { percent }) : t('web.traffic.topValuesCounting');
  }
  return (
    <>
      <Menu.Label>
        {isPending
          ? t('web.loading')
          : data?.exact === false
            ? roughLabel(items.length > 0, exact.isError)
            : items.length === 0
              ? t('web.traffic.noValues')
              : t('web.traffic.topValues')}
      </Menu.Label>
      {items.map(({ value, count }) => (
        <Menu.Item
          key={String(value)}
          className="top-value"
          aria-label={t('web.traffic.topValue', { value: String(value), count })}
          title={t('web.traffic.topValue.means')}
          onClick={(event) => {
            const condition = equalTo(column.name, String(value));
            setView({ q: withCondition(text, event.altKey ? opposite(condition) : condition) });
          }}
        >
          <span className="value-bar" style={{ width: `${(count / most) * 100}%` }} />
          <span className="value-text">
            <span className="mono">{String(value) === '' ? '""' : String(value)}</span>
            <span className="tabular dim">{data?.exact === false ? `≈ ${n(count)}` : n(count)}</span>
          </span>
        </Menu.Item>
      ))}
    </>
  );
}
