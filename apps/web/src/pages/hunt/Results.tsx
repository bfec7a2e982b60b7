/** What a hunt found: rows with their values, over time where time was cut, and what the answer cost. */

import type { HuntAnswer } from '@forewarn/model/hunt';
import { useCallback, useMemo } from 'react';
import { TimeChart } from '../../charts/TimeChart.tsx';
import { Empty } from '../../frame/Page.tsx';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import type { RecordTypeView } from '../../session/resources.ts';
import { writeBetween } from '../../session/range.ts';
import { useSetView } from '../../session/view.ts';
import { columnWidth, firstColumns } from '../traffic/columns.ts';
import { RecordTable, type ShownColumn } from '../traffic/RecordTable.tsx';
import type { RecordValues } from '../traffic/values.ts';

/** What several logs have in common. */
const commonColumns = ['ts', '_log', 'uid', 'id.orig_h', 'id.resp_h', 'id.resp_p'];
/** Bars of a chart; more are thinner than a pixel. */
const barsMax = 1_500;
/** Kinds of groups that are told apart by colour; the rest is one. */
const seriesMax = 4;
const colours = ['--bar', '--finding-high', '--finding-medium', '--finding-low'];

function bytesText(bytes: number, n: (value: number, digits?: number) => string): string {
  for (const [unit, size] of [
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
  ] as const)
    if (bytes >= size) return `${n(bytes / size, 1)} ${unit}`;
  return `${n(bytes)} B`;
}

export function Results({ answer, types, stale }: { answer: HuntAnswer; types: readonly RecordTypeView[]; stale: boolean }) {
  const { t, n } = useTexts();
  const { full } = useInstants();
  const setView = useSetView();
  const byLog = useMemo(() => new Map(types.map((type) => [type.log, type])), [types]);
  const first = byLog.get(answer.logs[0] ?? '');
  const columns = useMemo<ShownColumn[]>(() => {
    const made = (name: string, type: string, field: string): ShownColumn => {
      const declared = answer.logs.flatMap((log) => byLog.get(log)?.columns.find((each) => each.name === field) ?? [])[0];
      const column = { name, type, class: declared?.class ?? ('technical' as const), means: declared?.means ?? '' };
      return { ...column, width: Math.max(columnWidth(column), 24 + name.length * 8) };
    };
    if (answer.columns !== null) return answer.columns.map(({ name, type, field }) => made(name, type, field));
    if (answer.logs.length === 1 && first !== undefined)
      return firstColumns(first).map((name) =>
        made(name, first.columns.find((each) => each.name === name)?.type ?? 'string', name),
      );
    return commonColumns.map((name) =>
      made(name, name === 'ts' ? 'time' : name === 'id.resp_p' ? 'port' : name.startsWith('id.') ? 'addr' : 'string', name),
    );
  }, [answer, byLog, first]);
  const rows = useMemo<RecordValues[]>(
    () =>
      answer.columns === null
        ? answer.rows
        : answer.rows.map((row) =>
            Object.fromEntries([
              ...answer.columns!.map(({ name, field }) => [name, row[field]] as const),
              ...(typeof row['_log'] === 'string' ? [['_log', row['_log']] as const] : []),
            ]),
          ),
    [answer],
  );
  const fields = useMemo(() => new Map(answer.columns?.map(({ name, field }) => [name, field])), [answer]);
  const fieldOf = useCallback((name: string) => fields.get(name) ?? name, [fields]);
  const own = useMemo<RecordTypeView>(
    () => ({
      log: answer.logs.length === 1 ? answer.logs[0]! : t('investigate.hunt'),
      means: '',
      columns: columns.map(({ width: _width, ...column }) => column),
    }),
    [answer, columns, t],
  );
  const typeOf = useCallback(
    (record: RecordValues) => {
      const type = answer.grouped ? undefined : byLog.get(String(record['_log']));
      return type === undefined ? { ...own, log: answer.logs[0] ?? own.log } : type;
    },
    [answer, byLog, own],
  );
  const chart = useMemo(() => chartOf(answer, t('investigate.hunt.others')), [answer, t]);
  const { read } = answer;
  return (
    <>
      {chart === null ? null : (
        <div className="traffic-chart">
          <TimeChart
            label={t('investigate.hunt.chart', { value: chart.value })}
            fromMs={chart.fromMs}
            bucketMs={chart.bucketMs}
            series={chart.series}
            height={110}
            onZoom={(fromMs, toMs) =>
              setView({ range: writeBetween(Math.floor(fromMs / 1000) * 1000, Math.ceil(toMs / 1000) * 1000) })
            }
          />
        </div>
      )}
      <p className="dim small hunt-read" role="status">
        {t(answer.more ? 'investigate.hunt.rowsCut' : 'investigate.hunt.rows', { rows: n(rows.length) })}{' '}
        {t('investigate.hunt.read', { rows: n(read.rows), bytes: bytesText(read.bytes, n), ms: n(read.ms) })}{' '}
        {t('investigate.hunt.range', { from: full(answer.range.from), to: full(answer.range.to) })}
      </p>
      {rows.length === 0 ? (
        <Empty icon="search" title={t('investigate.hunt.none')}>
          {t('investigate.hunt.none.means')}
        </Empty>
      ) : (
        <RecordTable
          type={own}
          columns={columns}
          rows={rows}
          total={rows.length}
          more={false}
          loading={false}
          loadMore={nothing}
          stale={stale}
          typeOf={typeOf}
          fieldOf={fieldOf}
        />
      )}
    </>
  );
}

const nothing = (): void => undefined;

type Chart = { value: string; fromMs: number; bucketMs: number; series: { name: string; colour: string; values: number[] }[] };

/** The first count over time; one colour for each of the largest groups. */
function chartOf({ bin, columns, rows }: HuntAnswer, others: string): Chart | null {
  if (bin === null || columns === null || rows.length === 0) return null;
  const numbers = columns.filter(
    ({ field, type }) => field !== 'window' && ['count', 'double', 'int', 'interval'].includes(type),
  );
  const value = numbers.find(({ field }) => rows.some((row) => typeof row[field] === 'number'));
  if (value === undefined) return null;
  const keys = columns.filter((column) => column.field !== 'window' && !numbers.includes(column));
  const times = rows.map((row) => Number(row['window']));
  const from = Math.min(...times);
  const count = Math.round((Math.max(...times) - from) / bin.seconds) + 1;
  if (!(count <= barsMax)) return null;
  const nameOf = (row: { [field: string]: unknown }) => keys.map(({ field }) => String(row[field] ?? '–')).join(' · ');
  const totals = new Map<string, number>();
  for (const row of rows) totals.set(nameOf(row), (totals.get(nameOf(row)) ?? 0) + Number(row[value.field] ?? 0));
  const largest = [...totals].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const names = largest.length > seriesMax ? [...largest.slice(0, seriesMax - 1), others] : largest;
  const series = names.map((name, index) => ({
    name: name === '' ? value.name : name,
    colour: colours[index]!,
    values: Array.from({ length: count }, () => 0),
  }));
  for (const row of rows) {
    const at = names.indexOf(nameOf(row));
    series[at < 0 ? series.length - 1 : at]!.values[Math.round((Number(row['window']) - from) / bin.seconds)]! += Number(
      row[value.field] ?? 0,
    );
  }
  return { value: value.name, fromMs: from * 1000, bucketMs: bin.seconds * 1000, series };
}
