/** Hunt: a question in the language analysts know, its answer, and the questions that are kept. */

import { Button, Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { countedBy, ofLog, onlyWhere, withWhere } from '@forewarn/model/kql/edit';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useProblemText } from '../../frame/notices.tsx';
import { Empty, Page } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { Problem } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';
import { usePreference } from '../../session/preferences.ts';
import { recordTypesQuery } from '../../session/resources.ts';
import { useRange } from '../../session/view.ts';
import { conditionsFor } from '../../values/hunts.ts';
import { NarrowContext, type Narrow } from '../../values/narrow.ts';
import { AsRule } from './AsRule.tsx';
import { Editor } from './Editor.tsx';
import { huntQuery, savedHuntsQuery } from './queries.ts';
import { readHunt, typesOf, type Fault } from './reading.ts';
import { Results } from './Results.tsx';
import { SavedHunts, SaveHunt } from './Saved.tsx';

/** Questions that were asked on this machine; older ones are kept by saving them. */
const historyMax = 30;

/** Questions to begin with, each of another kind. */
const examples = [
  'conn\n| where id.resp_p == 443 and orig_bytes > 1mb and not(ipv4_is_private(id.resp_h))\n| summarize n = count(), hosts = dcount(id.orig_h), sum(orig_bytes) by id.resp_h\n| top 20 by sum_orig_bytes',
  'dns\n| where rcode_name == "NXDOMAIN"\n| summarize n = count() by id.orig_h, bin(ts, 10m)\n| where n > 20',
  'search "login"',
] as const;

export function Hunt() {
  const { t } = useTexts();
  const { ask: asked = '', saved } = useSearch({ strict: false }) as { ask?: string; saved?: string };
  const navigate = useNavigate();
  const range = useRange();
  const problemText = useProblemText();
  const { data: views } = useQuery(recordTypesQuery);
  const { data: kept } = useQuery(savedHuntsQuery);
  const types = useMemo(() => typesOf(views ?? []), [views]);
  const [text, setText] = useState(asked);
  const [history, setHistory] = usePreference<string[]>('hunts', []);
  const [dialog, setDialog] = useState<'save' | 'rule' | null>(null);
  // The address is what was asked; what stands in the editor may go beyond it.
  useEffect(() => setText(asked), [asked]);
  const read = useMemo(() => readHunt(text, types, ['conn']), [text, types]);
  const current = kept?.find(({ id }) => id === saved);

  const query = useQuery(huntQuery({ text: asked, from: range.from, to: range.to }));
  const ask = useCallback(
    (next: string, of?: string) => {
      const trimmed = next.trim();
      if (trimmed === '') return;
      setText(trimmed);
      setHistory([trimmed, ...history.filter((each) => each !== trimmed)].slice(0, historyMax));
      void navigate({
        to: '/hunt',
        search: ((previous: Record<string, unknown>) => {
          const { saved: before, ...rest } = previous;
          const id = of ?? before;
          return { ...rest, ask: trimmed, ...(id === undefined ? {} : { saved: id }) };
        }) as never,
      });
    },
    [navigate, history, setHistory],
  );
  const run = () => {
    if (text.trim() === asked.trim()) void query.refetch();
    else ask(text);
  };

  // The centre may refuse what the page took, for it knows the logs of the time; then its place is shown.
  const fault = useMemo<Fault | null>(() => {
    if (read.fault !== null) return read.fault;
    const { error } = query;
    if (!(error instanceof Problem) || error.code !== 'query.kql' || text.trim() !== asked.trim()) return null;
    const from = Number(error.place?.['offset'] ?? 0);
    return { from, to: from + 1, message: error.message, advice: error.advice ?? '' };
  }, [read, query, text, asked]);

  const answer = query.data;
  const narrow = useMemo<Narrow>(() => {
    const nameOf = (field: string) => answer?.columns?.find((column) => column.field === field)?.name ?? field;
    // A condition on what was counted stands behind the counting.
    const grouped = (field: string) =>
      answer?.grouped === true &&
      !views?.some(({ log, columns }) => answer.logs.includes(log) && columns.some(({ name }) => name === field));
    const conditions = (field: string, value: string) => conditionsFor(grouped(field) ? nameOf(field) : field, value);
    // Of several logs a row says from which it is; that is the question's source, and no column.
    const byLog = (next: Omit<Narrow, 'groups'>): Narrow => ({
      include: (field, value) => (field === '_log' ? ask(ofLog(asked, value, true)) : next.include(field, value)),
      exclude: (field, value) => (field === '_log' ? ask(ofLog(asked, value, false)) : next.exclude(field, value)),
      only: (field, value) => (field === '_log' ? ask(ofLog(asked, value, true)) : next.only(field, value)),
      groupBy: next.groupBy,
      groups: (field) => field !== '_log',
    });
    return byLog({
      include: (field, value) => ask(withWhere(asked, { ...conditions(field, value), grouped: grouped(field) })),
      exclude: (field, value) => {
        const { condition, opposite } = conditions(field, value);
        ask(withWhere(asked, { condition: opposite, opposite: condition, grouped: grouped(field) }));
      },
      only: (field, value) =>
        ask(
          grouped(field)
            ? withWhere(asked, { ...conditions(field, value), grouped: true })
            : onlyWhere(asked, conditions(field, value).condition),
        ),
      groupBy: (field) => ask(countedBy(asked, grouped(field) ? nameOf(field) : field)),
    });
  }, [answer, views, asked, ask]);

  const failed = query.isError && fault === null ? problemText(query.error) : null;
  return (
    <NarrowContext value={narrow}>
      <Page
        title={current === undefined ? t('investigate.hunt') : `${t('investigate.hunt')} · ${current.name}`}
        fill
        tools={
          <>
            <SavedHunts kept={kept ?? []} open={(hunt) => ask(hunt.text, hunt.id)} />
            <Menu position="bottom-end" width={420}>
              <Menu.Target>
                <button type="button" className="tool">
                  <Icon name="clock" size={14} />
                  <span>{t('investigate.hunt.history')}</span>
                </button>
              </Menu.Target>
              <Menu.Dropdown className="hunt-menu">
                <Menu.Label>{history.length === 0 ? t('investigate.hunt.examples') : t('investigate.hunt.history')}</Menu.Label>
                {(history.length === 0 ? examples : history).map((each) => (
                  <Menu.Item key={each} onClick={() => ask(each)}>
                    <span className="mono hunt-line">{each.replaceAll('\n', ' ')}</span>
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
            <button type="button" className="tool" disabled={read.hunt === null} onClick={() => setDialog('save')}>
              <Icon name="download" size={14} />
              <span>{t('investigate.hunt.save')}</span>
            </button>
            <button type="button" className="tool" disabled={read.hunt === null} onClick={() => setDialog('rule')}>
              <Icon name="coverage" size={14} />
              <span>{t('investigate.hunt.rule')}</span>
            </button>
          </>
        }
      >
        <form
          className="hunt-form"
          onSubmit={(event) => {
            event.preventDefault();
            run();
          }}
        >
          <Editor text={text} setText={setText} run={run} fault={fault} recordTypes={types} range={range} />
          <Button type="submit" loading={query.isFetching} leftSection={<Icon name="play" size={14} />}>
            {t('investigate.hunt.run')}
          </Button>
        </form>
        {asked === '' ? (
          <div className="hunt-start">
            <h2>{t('investigate.hunt.examples')}</h2>
            <ul className="stack">
              {examples.map((each) => (
                <li key={each}>
                  <button type="button" className="hunt-example mono" onClick={() => ask(each)}>
                    {each}
                  </button>
                </li>
              ))}
            </ul>
          </div>
        ) : failed !== null ? (
          <Empty icon="alert" title={failed.text}>
            {failed.detail}
          </Empty>
        ) : answer === undefined || views === undefined ? (
          query.isError ? null : (
            <p className="loading" role="status">
              {t('web.loading')}
            </p>
          )
        ) : (
          <Results key={asked} answer={answer} types={views} stale={query.isPlaceholderData} />
        )}
      </Page>
      {dialog === 'save' ? (
        <SaveHunt text={text.trim()} current={current} close={() => setDialog(null)} saved={(hunt) => ask(hunt.text, hunt.id)} />
      ) : null}
      {dialog === 'rule' ? (
        <AsRule text={text.trim()} name={current?.name ?? ''} range={range} hunt={read.hunt} close={() => setDialog(null)} />
      ) : null}
    </NarrowContext>
  );
}
