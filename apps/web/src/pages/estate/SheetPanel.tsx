/** One sheet on its way into the register: checked by the centre, mended in place, checked again, imported whole. */

import { columnsOf, isOptionalColumn } from '@forewarn/model/estate-sheet';
import { Button, Select, Switch } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useNotice, useProblemText } from '../../frame/notices.tsx';
import { Panel } from '../../frame/Page.tsx';
import { useTexts } from '../../session/language.tsx';
import { sendSheet, type Progress } from './sending.ts';
import { faultsByRow, oddRows, placed, withIds, written, type RowFaults, type Sheet } from './sheet.ts';
import { SheetEditor } from './SheetEditor.tsx';
import { estateKinds } from './words.ts';

export function SheetPanel({
  given,
  first,
  entered = false,
  done,
  leave,
}: {
  given: Sheet;
  /** What each row begins with, and what an empty cell of it means. */
  first: { [column: string]: string };
  /** Rows are entered here rather than read from a file. */
  entered?: boolean;
  done: (imported: number) => void;
  leave?: () => void;
}) {
  const { t, n, w } = useTexts();
  const client = useQueryClient();
  const notice = useNotice();
  const problemText = useProblemText();
  const [sheet, setSheet] = useState(given);
  const [faults, setFaults] = useState<ReadonlyMap<number, RowFaults>>(() => oddRows(given));
  const [only, setOnly] = useState(!entered);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const send = useMutation({
    mutationFn: async (check: boolean) => {
      const named = entered ? withIds(sheet, first) : sheet;
      if (entered) setSheet(named);
      const { text, lines, rows } = written(named, first);
      const answer = await sendSheet({ kind: sheet.kind, text, rows, name: sheet.name, check }, setProgress);
      return { ...answer, lines, rows, check };
    },
    onSuccess: async ({ faults: told, faultCount, lines, imported, rows, check }) => {
      const found = faultsByRow(sheet.kind, told, lines);
      for (const [key, row] of oddRows(sheet)) found.set(key, { ...row, ...found.get(key) });
      setFaults(found);
      if (found.size > 0) {
        setOnly(!entered);
        setSaid(t('estate.sheet.faulty', { count: n(Math.max(faultCount, found.size)), rows: n(found.size) }));
        return;
      }
      setOnly(false);
      if (check) {
        setSaid(t('estate.sheet.good', { count: n(rows) }));
        return;
      }
      notice({ text: t('web.estate.imported', { count: n(imported) }) });
      await client.invalidateQueries();
      done(imported);
    },
    onSettled: () => setProgress(null),
  });
  // A file is checked as soon as it is read; a ref, because React may run an effect twice.
  const checked = useRef(entered);
  useEffect(() => {
    if (checked.current) return;
    checked.current = true;
    send.mutate(true);
  }, [send]);
  const unplaced = Object.keys(sheet.foreign);
  const missing = useMemo(() => {
    // The rows of a file have the columns of its first line; looking at each of a hundred thousand would be felt at each key.
    const present = new Set(sheet.rows.slice(0, 100).flatMap(({ cells }) => Object.keys(cells)));
    const taken = new Set(Object.values(sheet.foreign));
    return columnsOf(sheet.kind).filter((column) => !present.has(column) && !taken.has(column));
  }, [sheet]);
  const needed = missing.filter((column) => !isOptionalColumn(sheet.kind, column) && first[column] === undefined);
  const change = useCallback((next: (sheet: Sheet) => Sheet) => {
    setSheet(next);
    setSaid(null);
  }, []);
  // The row stays among those to mend until the centre has seen it again.
  const touched = useCallback(
    (key: number, column: string) =>
      setFaults((all) => {
        const row = all.get(key);
        if (row?.[column] === undefined && row?.[''] === undefined) return all;
        const others = { ...row };
        delete others[column];
        delete others[''];
        return new Map(all).set(key, others);
      }),
    [],
  );
  const wholeFile = faults.get(-1);
  const problem = send.error === null ? null : problemText(send.error);
  return (
    <Panel
      title={sheet.name === '' ? t(estateKinds[sheet.kind]) : `${t(estateKinds[sheet.kind])} · ${sheet.name}`}
      count={n(sheet.rows.length)}
      tools={
        entered || faults.size === 0 ? undefined : (
          <Switch
            size="xs"
            label={t('estate.sheet.only', { count: n(faults.size) })}
            checked={only}
            onChange={(event) => setOnly(event.currentTarget.checked)}
          />
        )
      }
    >
      <div className="sheet-panel">
        {unplaced.length === 0 ? null : (
          <fieldset className="sheet-places">
            <legend>{t('estate.sheet.foreign')}</legend>
            {unplaced.map((column) => (
              <Select
                key={column}
                size="xs"
                label={column}
                placeholder={t('estate.sheet.leaveColumn')}
                clearable
                clearButtonProps={{ 'aria-label': t('web.remove') }}
                data={[...missing, ...(sheet.foreign[column] ? [sheet.foreign[column]] : [])]}
                value={sheet.foreign[column] || null}
                onChange={(place) => setSheet((all) => placed(all, column, place ?? ''))}
              />
            ))}
          </fieldset>
        )}
        {entered || needed.length === 0 ? null : <p className="field-error">{t('estate.sheet.missing', { columns: needed })}</p>}
        <p role="status" className={faults.size > 0 ? 'field-error' : 'dim'}>
          {send.isPending
            ? progress === null
              ? t('estate.sheet.checking')
              : t('estate.sheet.progress', { done: n(progress.done), total: progress.total === null ? '…' : n(progress.total) })
            : (said ?? '')}
        </p>
        {wholeFile === undefined ? null : (
          <div role="alert" className="field-error">
            {Object.values(wholeFile)
              .flat()
              .map((each, i) => (
                <div key={i}>{w(each)}</div>
              ))}
          </div>
        )}
        {problem === null ? null : (
          <p role="alert" className="field-error">
            {problem.text} {problem.detail}
          </p>
        )}
        <SheetEditor
          sheet={sheet}
          faults={faults}
          first={first}
          only={only && faults.size > 0}
          change={change}
          touched={touched}
        />
        <div className="form-end">
          {leave === undefined ? null : (
            <Button variant="default" onClick={leave}>
              {t('estate.sheet.leave')}
            </Button>
          )}
          <Button variant="default" loading={send.isPending && send.variables} onClick={() => send.mutate(true)}>
            {t(entered && said === null ? 'estate.sheet.first' : 'estate.sheet.check')}
          </Button>
          <Button
            loading={send.isPending && !send.variables}
            disabled={sheet.rows.some(({ odd }) => odd)}
            onClick={() => send.mutate(false)}
          >
            {entered ? t('estate.sheet.enter') : t('web.estate.import')}
          </Button>
        </div>
      </div>
    </Panel>
  );
}
