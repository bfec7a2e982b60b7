/** Records of one log: how many when, and each of them, with what an analyst's fingers know. */

import { Checkbox, Popover, Select } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { TimeChart } from '../../charts/TimeChart.tsx';
import { keepView } from '../../frame/keep.ts';
import { useProblemText } from '../../frame/notices.tsx';
import { Empty, Page } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { ask, askList, query as queryString, type Page as ListPage } from '../../session/api.ts';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { usePreference } from '../../session/preferences.ts';
import { writeBetween } from '../../session/range.ts';
import { recordTypesQuery, type RecordTypeView } from '../../session/resources.ts';
import { useQueryText, useRange, useSetView } from '../../session/view.ts';
import { columnWidth, firstColumns } from './columns.ts';
import { RecordTable } from './RecordTable.tsx';
import { envelope, percentOf, type RecordValues } from './values.ts';

/** A screen holds about fifty rows; four screens a request keep scrolling ahead of the reader. */
const pageRows = 200;
const bars = 96;

/** `looked`: the share of the range's records on which an estimate rests. */
type Histogram = { from: string; bucketSeconds: number; buckets: number[]; exact: boolean; looked: number };

/** `reached`: back to where all was looked at, when a page ended before it was full. */
type RecordPage = ListPage<RecordValues> & { reached: string | null };

export function Traffic() {
  const { t, n } = useTexts();
  const { short: instant } = useInstants();
  const { log } = useParams({ strict: false }) as { log: string };
  const view = useRange();
  const text = useQueryText();
  const setView = useSetView();
  const problemText = useProblemText();
  const { data: types } = useQuery(recordTypesQuery);
  const type = types?.find((each) => each.log === log);
  const navigate = useNavigate();
  const logs = useQuery({
    queryKey: ['records', 'logs', view.from, view.to],
    queryFn: ({ signal }) => askList<{ log: string }>(`/record-logs${queryString({ from: view.from, to: view.to })}`, signal),
    placeholderData: keepPreviousData,
  });
  // A sensor writes some thirty logs, and a network has a handful of them: those with records stand first.
  const filled = new Set(logs.data?.map((each) => each.log));
  const tabs = (types ?? []).filter((each) => each.log === log || filled.has(each.log));
  const rest = (types ?? []).filter((each) => !tabs.includes(each));
  const asked = { from: view.from, to: view.to, ...(text === '' ? {} : { q: text }) };
  const askHistogram = (rough: boolean, signal: AbortSignal) =>
    ask<Histogram>(
      'GET',
      `/records/${log}/histogram${queryString({ ...asked, buckets: bars, rough: String(rough) })}`,
      undefined,
      signal,
    );
  // Soon first: of very many records an estimate, which the exact numbers follow.
  const rough = useQuery({
    queryKey: ['records', log, 'histogram', asked, 'rough'],
    queryFn: ({ signal }) => askHistogram(true, signal),
    placeholderData: (previous, old) => (old?.queryKey[1] === log ? previous : undefined),
  });
  const exact = useQuery({
    queryKey: ['records', log, 'histogram', asked, 'exact'],
    queryFn: ({ signal }) => askHistogram(false, signal),
    enabled: rough.data !== undefined && !rough.isPlaceholderData && !rough.data.exact,
  });
  const histogram = exact.data ?? rough.data;
  const records = useInfiniteQuery({
    queryKey: ['records', log, 'list', asked],
    queryFn: ({ signal, pageParam }) =>
      ask<RecordPage>(
        'GET',
        `/records/${log}${queryString({ ...asked, limit: pageRows, cursor: pageParam })}`,
        undefined,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: (previous, old) => (old?.queryKey[1] === log ? previous : undefined),
  });
  const rows = useMemo(() => records.data?.pages.flatMap(({ items }) => items) ?? [], [records.data]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = records;
  const reached = records.data?.pages.at(-1)?.reached ?? null;
  // The table asks for more when its end is near; without a row there is no table yet.
  const seeking = rows.length === 0 && hasNextPage && !records.isError;
  useEffect(() => {
    if (seeking && !isFetchingNextPage) void fetchNextPage();
  }, [seeking, isFetchingNextPage, fetchNextPage]);
  const total = histogram?.buckets.reduce((sum, count) => sum + count, 0);
  const series = useMemo(
    () => [{ name: t('web.traffic.records'), colour: '--bar', values: histogram?.buckets ?? [] }],
    [histogram, t],
  );
  const [columns, setColumns] = usePreference<string[] | null>(`columns.${log}`, null);
  const shown = useMemo(() => {
    if (type === undefined) return [];
    const chosen = columns ?? firstColumns(type);
    return chosen.flatMap((name) => {
      const column =
        type.columns.find((each) => each.name === name) ??
        (envelope.includes(name as never) ? { name, type: 'string', class: 'technical' as const, means: '' } : undefined);
      return column === undefined ? [] : [{ ...column, width: columnWidth(column) }];
    });
  }, [type, columns]);
  const failed = records.isError ? problemText(records.error) : null;
  return (
    <Page
      title={`${t('web.page.traffic')} · ${log}`}
      fill
      heading={
        <>
          <h1>{t('web.page.traffic')}</h1>
          <nav className="log-tabs" aria-label={t('web.traffic.logs')}>
            {tabs.map((each) => (
              <Link
                key={each.log}
                to="/traffic/$log"
                params={{ log: each.log }}
                search={keepView}
                title={each.means}
                activeProps={{ 'aria-current': 'page' }}
              >
                {each.log}
              </Link>
            ))}
          </nav>
          {rest.length === 0 ? null : (
            <Select
              className="log-more"
              size="xs"
              searchable
              aria-label={t('web.traffic.logs.more')}
              placeholder={t('web.traffic.logs.more')}
              data={rest.map((each) => each.log)}
              value={null}
              onChange={(chosen) => {
                if (chosen !== null) void navigate({ to: '/traffic/$log', params: { log: chosen }, search: keepView });
              }}
            />
          )}
        </>
      }
      tools={
        <>
          <span className="dim tabular" role="status">
            {hasNextPage && reached !== null && rows.length > 0 ? `${t('web.traffic.reached', { at: instant(reached) })} · ` : ''}
            {total === undefined
              ? ''
              : histogram?.exact === false
                ? t(total === 0 ? 'web.traffic.countRoughNone' : 'web.traffic.countRough', {
                    count: n(total),
                    percent: percentOf(histogram.looked),
                  })
                : t('web.traffic.count', { count: n(total) })}
          </span>
          {type === undefined ? null : (
            <ColumnChooser type={type} chosen={shown.map(({ name }) => name)} setChosen={setColumns} />
          )}
        </>
      }
    >
      <div className="traffic-chart">
        {histogram === undefined ? (
          <div style={{ height: 92 }} />
        ) : (
          <TimeChart
            label={t('web.traffic.histogram', { log })}
            fromMs={Date.parse(histogram.from)}
            bucketMs={histogram.bucketSeconds * 1000}
            series={series}
            height={84}
            onZoom={(fromMs, toMs) =>
              setView({
                range: writeBetween(
                  Math.floor(fromMs / 1000) * 1000,
                  Math.max(Math.ceil(toMs / 1000), Math.floor(fromMs / 1000) + 1) * 1000,
                ),
              })
            }
          />
        )}
      </div>
      {failed !== null ? (
        <Empty icon="alert" title={failed.text}>
          {failed.detail}
        </Empty>
      ) : seeking ? (
        <p className="loading" role="status">
          {reached === null ? t('web.loading') : t('web.traffic.seeking', { at: instant(reached) })}
        </p>
      ) : records.isPending || type === undefined ? (
        <p className="loading">{t('web.loading')}</p>
      ) : rows.length === 0 ? (
        <Empty icon="traffic" title={t('web.traffic.none', { log })}>
          {text === '' ? t('web.traffic.none.means') : t('web.noneFit.means')}
        </Empty>
      ) : (
        <RecordTable
          key={`${log} ${text}`}
          type={type}
          columns={shown}
          rows={rows}
          total={Math.max(total ?? rows.length, rows.length)}
          more={records.hasNextPage}
          loading={records.isFetchingNextPage}
          loadMore={() => void records.fetchNextPage()}
          stale={records.isPlaceholderData}
          heads={{
            asked,
            hide: (name) => setColumns(shown.map((column) => column.name).filter((each) => each !== name)),
            move: (name, step) => {
              const names = shown.map((column) => column.name);
              const at = names.indexOf(name);
              const to = at + step;
              if (to < 0 || to >= names.length) return;
              names.splice(at, 1);
              names.splice(to, 0, name);
              setColumns(names);
            },
          }}
        />
      )}
    </Page>
  );
}

function ColumnChooser({
  type,
  chosen,
  setChosen,
}: {
  type: RecordTypeView;
  chosen: string[];
  setChosen: (columns: string[] | null) => void;
}) {
  const { t } = useTexts();
  const [find, setFind] = useState('');
  const all = [
    ...type.columns.filter((column) => column.class !== 'secret'),
    ...envelope.map((name) => ({ name, means: '', class: 'technical' as const })),
  ];
  return (
    <Popover position="bottom-end" width={360} trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className="tool">
          <Icon name="columns" size={14} />
          <span>{t('web.traffic.columns')}</span>
          <span className="tab-count">{chosen.length}</span>
        </button>
      </Popover.Target>
      <Popover.Dropdown className="column-chooser">
        <input
          className="plain-input"
          aria-label={t('web.traffic.findColumn')}
          placeholder={t('web.traffic.findColumn')}
          value={find}
          onChange={(event) => setFind(event.currentTarget.value)}
        />
        <ul>
          {all
            .filter(({ name, means }) => `${name} ${means}`.toLowerCase().includes(find.toLowerCase()))
            .map((column) => (
              <li key={column.name}>
                <Checkbox
                  size="xs"
                  label={<span className="mono">{column.name}</span>}
                  description={column.means}
                  checked={chosen.includes(column.name)}
                  onChange={(event) =>
                    setChosen(
                      event.currentTarget.checked ? [...chosen, column.name] : chosen.filter((each) => each !== column.name),
                    )
                  }
                />
              </li>
            ))}
        </ul>
        <button type="button" className="link" onClick={() => setChosen(null)}>
          {t('web.traffic.columnsReset')}
        </button>
      </Popover.Dropdown>
    </Popover>
  );
}
