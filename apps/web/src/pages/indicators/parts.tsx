/** Parts of the pages of indicators: how a source is rated, how far a search of the past is, what was left out. */

import type { Credibility, Reliability } from '@forewarn/model/indicator';
import type { IndicatorListView, IndicatorSearch, RefusedEntry } from '@forewarn/model/indicator-api';
import { Table } from '../../frame/Table.tsx';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useBytes } from '../sensors/parts.tsx';

/** An instant in seconds. */
export function AtSeconds({ at }: { at: number }) {
  return <At at={new Date(at * 1000).toISOString()} />;
}

export const formatNames: { readonly [format: string]: string } = {
  csv: 'CSV',
  'misp-csv': 'MISP CSV',
  'misp-json': 'MISP JSON',
  stix: 'STIX 2.1',
};

export const reliabilityKeys: { readonly [grade in Reliability]: string } = {
  A: 'indicators.reliability.A',
  B: 'indicators.reliability.B',
  C: 'indicators.reliability.C',
  D: 'indicators.reliability.D',
  E: 'indicators.reliability.E',
  F: 'indicators.reliability.F',
};

export const credibilityKeys: { readonly [grade in Credibility]: string } = {
  '1': 'indicators.credibility.1',
  '2': 'indicators.credibility.2',
  '3': 'indicators.credibility.3',
  '4': 'indicators.credibility.4',
  '5': 'indicators.credibility.5',
  '6': 'indicators.credibility.6',
};

const searchKeys = {
  waiting: 'indicators.search.waiting',
  running: 'indicators.search.running',
  failed: 'indicators.search.failed',
  stopped: 'indicators.search.stopped',
} as const;

/** `B2` with its meaning for whoever does not know the scale. */
export function Rating({ list }: { list: Pick<IndicatorListView, 'reliability' | 'credibility'> }) {
  const { t } = useTexts();
  const { reliability, credibility } = list;
  if (reliability === null && credibility === null) return <span className="dim">{t('indicators.unrated')}</span>;
  const words = [
    reliability === null ? '' : t(reliabilityKeys[reliability]),
    credibility === null ? '' : t(credibilityKeys[credibility]),
  ].filter((text) => text !== '');
  return (
    <>
      <span className="mono" aria-hidden="true">
        {reliability ?? '–'}
        {credibility ?? '–'}
      </span>
      <div className="dim small">{words.join(t('web.list'))}</div>
    </>
  );
}

export function SearchState({ search, full = false }: { search: IndicatorSearch | null; full?: boolean }) {
  const { t, n } = useTexts();
  const bytes = useBytes();
  if (search === null) return <span className="dim">{t('indicators.search.none')}</span>;
  const { state, done, parts, findings, known, rowsRead, bytesRead } = search;
  const moving = state === 'running' || state === 'waiting';
  const says =
    state === 'done'
      ? t('indicators.search.done', { findings: n(findings), known: n(known) })
      : t(searchKeys[state], { done: n(done), parts: n(parts) });
  return (
    <div className="indicator-search" data-state={state}>
      {moving ? (
        <progress max={parts} value={done} aria-label={t('indicators.search')}>
          {n(done)} / {n(parts)}
        </progress>
      ) : null}
      <div role={full ? 'status' : undefined}>{says}</div>
      {full ? (
        <div className="dim small">
          <p>{t('indicators.search.read', { rows: n(rowsRead), bytes: bytes(bytesRead), records: n(search.records) })}</p>
          <p>
            <AtSeconds at={search.from} /> – <AtSeconds at={search.to} />
          </p>
          {search.beyond === 0 ? null : (
            <p>{t('indicators.search.beyond', { asked: n(search.asked), beyond: n(search.beyond) })}</p>
          )}
          {search.cut ? <p>{t('indicators.search.cut')}</p> : null}
          {search.trouble === null ? null : <p role="alert">{search.trouble}</p>}
        </div>
      ) : null}
    </div>
  );
}

/** What was left out, with its place and reason. */
export function Refused({ refusals, refused }: { refusals: readonly RefusedEntry[]; refused: number }) {
  const { t, n } = useTexts();
  if (refused === 0) return null;
  return (
    <>
      {refused > refusals.length ? (
        <p className="panel-note dim">{t('indicators.refused.first', { shown: n(refusals.length), of: n(refused) })}</p>
      ) : null}
      <Table
        label={t('indicators.refused')}
        form="still"
        rows={refusals.map((refusal, index) => ({ ...refusal, index }))}
        keyOf={({ index }) => index}
        columns={[
          {
            head: t('indicators.place'),
            className: 'mono',
            cell: ({ line, field }) => (line === null ? (field ?? '–') : t('indicators.lineOne', { line: String(line) })),
          },
          {
            head: t('web.estate.wrong'),
            cell: ({ message, advice }) => (
              <>
                <span className="breakable">{message}</span>
                <div className="dim small">{advice}</div>
              </>
            ),
          },
        ]}
      />
    </>
  );
}
