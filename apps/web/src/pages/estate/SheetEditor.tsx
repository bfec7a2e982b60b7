/** A sheet that is mended where it stands: a cell is a field of entry, and what is wrong with it stands beneath it. */

import { columnsOf, isOptionalColumn } from '@forewarn/model/estate-sheet';
import { memo, useCallback, useId, useMemo, useRef, useState, type ClipboardEvent, type KeyboardEvent } from 'react';
import { Button } from '@mantine/core';
import { TableRegion } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';
import { fieldsOf } from './fields.ts';
import { cellOf, pasted, withCell, withoutRow, withRow, type Row, type RowFaults, type Sheet } from './sheet.ts';

/** More rows than this at once are not looked through, and a page of them answers each key at once. */
const shownMax = 50;

export function SheetEditor({
  sheet,
  faults,
  first,
  only,
  change,
  touched,
}: {
  sheet: Sheet;
  faults: ReadonlyMap<number, RowFaults>;
  /** What a new row begins with. */
  first: { [column: string]: string };
  /** Only rows with something wrong. */
  only: boolean;
  change: (next: (sheet: Sheet) => Sheet) => void;
  /** A cell was written anew: what was wrong with it is to be seen again. */
  touched: (key: number, column: string) => void;
}) {
  const { t, n } = useTexts();
  const [from, setFrom] = useState(0);
  const base = useId();
  const table = useRef<HTMLTableElement>(null);
  const fields = useMemo(() => new Map(fieldsOf(sheet.kind)), [sheet.kind]);
  const columns = columnsOf(sheet.kind);
  const rows = only ? sheet.rows.filter(({ key }) => faults.has(key)) : sheet.rows;
  const start = Math.min(from, Math.max(0, Math.ceil(rows.length / shownMax) - 1) * shownMax);
  const shown = rows.slice(start, start + shownMax);
  const set = useCallback(
    (key: number, column: string, text: string) => {
      change((all) => withCell(all, key, column, text));
      touched(key, column);
    },
    [change, touched],
  );
  const remove = useCallback((key: number) => change((all) => withoutRow(all, key)), [change]);
  const paste = (event: ClipboardEvent<HTMLElement>) => {
    const place = placeOf(event.target);
    const text = event.clipboardData.getData('text/plain');
    if (place === null || !/[\t\n]/.test(text.trimEnd())) return;
    event.preventDefault();
    change((all) => pasted(all, place, text, first));
  };
  // Enter and the arrows go up and down a column, as in a spreadsheet.
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const step = event.key === 'ArrowDown' || event.key === 'Enter' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const place = placeOf(event.target);
    if (step === 0 || place === null || event.nativeEvent.isComposing) return;
    const next = shown[shown.findIndex(({ key }) => key === place.key) + step];
    event.preventDefault();
    if (next !== undefined)
      table.current?.querySelector<HTMLInputElement>(`input[data-key="${next.key}"][data-column="${place.column}"]`)?.focus();
  };
  return (
    <div className="sheet">
      {columns.map((column) => {
        const field = fields.get(column);
        if (field?.as !== 'term') return null;
        return (
          <datalist key={column} id={`${base}-${column}`}>
            {Object.entries(field.terms).map(([value, key]) => (
              <option key={value} value={value}>
                {t(key)}
              </option>
            ))}
          </datalist>
        );
      })}
      <TableRegion label={t('estate.sheet')}>
        <table className="table sheet-table" ref={table} onPaste={paste} onKeyDown={move}>
          <thead>
            <tr>
              <th scope="col" className="number">
                {t('web.estate.line')}
              </th>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {t(fields.get(column)?.label ?? 'estate.field.id')}
                  {isOptionalColumn(sheet.kind, column) ? null : <span aria-hidden="true"> *</span>}
                  <div className="dim mono small">{column}</div>
                </th>
              ))}
              <th scope="col">
                <span className="visually-hidden">{t('web.remove')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <SheetRow
                key={row.key}
                row={row}
                sheet={sheet}
                columns={columns}
                base={base}
                faults={faults.get(row.key)}
                label={(column) => t(fields.get(column)?.label ?? 'estate.field.id')}
                set={set}
                remove={remove}
              />
            ))}
          </tbody>
        </table>
      </TableRegion>
      <div className="sheet-end">
        <Button
          variant="default"
          size="xs"
          leftSection={<Icon name="plus" />}
          onClick={() => change((all) => withRow(all, first))}
        >
          {t('estate.sheet.row')}
        </Button>
        {rows.length <= shownMax ? null : (
          <nav className="sheet-pages" aria-label={t('estate.sheet.pages')}>
            <Button variant="default" size="xs" disabled={start === 0} onClick={() => setFrom(start - shownMax)}>
              {t('estate.sheet.before')}
            </Button>
            <span>{t('estate.sheet.shown', { from: n(start + 1), to: n(start + shown.length), of: n(rows.length) })}</span>
            <Button
              variant="default"
              size="xs"
              disabled={start + shownMax >= rows.length}
              onClick={() => setFrom(start + shownMax)}
            >
              {t('estate.sheet.after')}
            </Button>
          </nav>
        )}
      </div>
    </div>
  );
}

function placeOf(target: EventTarget): { key: number; column: string } | null {
  if (!(target instanceof HTMLInputElement)) return null;
  const { key, column } = target.dataset;
  return key === undefined || column === undefined ? null : { key: Number(key), column };
}

type RowProps = {
  row: Row;
  sheet: Sheet;
  columns: readonly string[];
  base: string;
  faults: RowFaults | undefined;
  label: (column: string) => string;
  set: (key: number, column: string, text: string) => void;
  remove: (key: number) => void;
};

/** A row is drawn anew only when it, or what is wrong with it, is another. */
const SheetRow = memo(
  function SheetRow({ row, sheet, columns, base, faults, label, set, remove }: RowProps) {
    const { t, w } = useTexts();
    const line = row.line === 0 ? t('estate.sheet.new') : String(row.line);
    const whole = faults?.[''];
    return (
      <tr data-faulty={faults !== undefined || undefined}>
        <td className="number">
          {line}
          {whole === undefined ? null : (
            <div className="field-error">
              {whole.map((each, i) => (
                <div key={i}>{w(each)}</div>
              ))}
            </div>
          )}
        </td>
        {columns.map((column) => {
          const wrong = faults?.[column];
          const described = wrong === undefined ? undefined : `${base}-${row.key}-${column}-wrong`;
          return (
            <td key={column}>
              <input
                className="sheet-cell"
                data-key={row.key}
                data-column={column}
                list={`${base}-${column}`}
                aria-label={t('estate.sheet.cell', { column: label(column), line })}
                aria-invalid={wrong !== undefined || undefined}
                aria-describedby={described}
                spellCheck={false}
                autoComplete="off"
                value={cellOf(sheet, row, column)}
                onChange={(event) => set(row.key, column, event.currentTarget.value)}
              />
              {wrong === undefined ? null : (
                <div id={described} className="field-error">
                  {wrong.map((each, i) => (
                    <div key={i}>{w(each)}</div>
                  ))}
                </div>
              )}
            </td>
          );
        })}
        <td>
          <button type="button" className="link" aria-label={t('estate.sheet.remove', { line })} onClick={() => remove(row.key)}>
            <Icon name="close" />
          </button>
        </td>
      </tr>
    );
  },
  (before, after) => before.row === after.row && before.faults === after.faults && before.sheet.foreign === after.sheet.foreign,
);
