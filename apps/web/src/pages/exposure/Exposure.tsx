/** Who is exposed to what, in the order in which to act: counted by decision, surely or possibly, component by component or by vulnerability. */

import { Button, Select } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { keepView } from '../../frame/keep.ts';
import { Empty, Page, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { organisationsQuery } from '../../session/resources.ts';
import { useQueryText } from '../../session/view.ts';
import { BringVulnerabilities } from './BringVulnerabilities.tsx';
import { ExposureTable } from './ExposureTable.tsx';
import { Day, DecisionMark, ExploitedMark, gravest, sumOf, useOutcome } from './parts.tsx';
import { exposuresQuery, exposureSummaryQuery, vulnerabilitiesQuery } from './queries.ts';
import type { ExposureSearch } from './search.ts';

const formatKeys: { readonly [format: string]: string } = {
  cve: 'exposures.format.cve',
  csaf: 'exposures.format.csaf',
  kev: 'exposures.format.kev',
  epss: 'exposures.format.epss',
  table: 'exposures.format.table',
};

export function Exposure() {
  const { t, n, l } = useTexts();
  const me = useMe();
  const may = useMay();
  const navigate = useNavigate();
  // A quoted word is looked for as it stands.
  const text = useQueryText().replaceAll('"', '');
  const outcome = useOutcome();
  const search = useSearch({ strict: false }) as ExposureSearch;
  const certainty = search.certainty === 'possibly' ? 'possibly' : 'exposed';
  const byVulnerability = search.by === 'vulnerability';
  const [bringing, setBringing] = useState(false);
  const summary = useQuery(exposureSummaryQuery(search.organisation));
  const { data: organisations } = useQuery(organisationsQuery);
  const counts = summary.data?.counts ?? [];
  const outcomes = summary.data?.table.outcomes ?? [];
  const open = (decision: string): number =>
    counts.reduce((sum, one) => sum + (one.certainty === certainty && one.decision === decision ? one.open : 0), 0);
  const set = (change: Partial<ExposureSearch>) =>
    void navigate({
      to: '/exposure',
      search: ((previous: Record<string, unknown>) =>
        Object.fromEntries(Object.entries({ ...previous, ...change }).filter(([, value]) => value !== undefined))) as never,
    });
  return (
    <Page
      title={t('exposures.page')}
      tools={
        <>
          <Select
            aria-label={t('exposures.by')}
            allowDeselect={false}
            value={byVulnerability ? 'vulnerability' : 'component'}
            onChange={(value) => set({ by: value === 'vulnerability' ? value : undefined })}
            data={[
              { value: 'component', label: t('exposures.by.component') },
              { value: 'vulnerability', label: t('exposures.by.vulnerability') },
            ]}
          />
          {me.organisation.centre && may('estate:write') ? (
            <Button size="xs" leftSection={<Icon name="upload" />} onClick={() => setBringing(true)}>
              {t('exposures.bring')}
            </Button>
          ) : null}
        </>
      }
    >
      <div className="noise-filters" role="group" aria-label={t('exposures.filters')}>
        {byVulnerability ? null : (
          <div className="chips" role="group" aria-label={t('exposures.certainty')}>
            {(['exposed', 'possibly'] as const).map((each) => (
              <button
                key={each}
                type="button"
                className="chip"
                aria-pressed={certainty === each}
                onClick={() => set({ certainty: each === 'possibly' ? each : undefined, decision: undefined })}
              >
                {t(each === 'exposed' ? 'exposures.exposed' : 'exposures.possibly')}
                <span className="tab-count">{n(sumOf(counts, each, 'open'))}</span>
              </button>
            ))}
          </div>
        )}
        {byVulnerability ? null : (
          <>
            <div className="chips" role="group" aria-label={t('exposures.decision')}>
              {outcomes.toReversed().map(({ outcome: each }) => (
                <button
                  key={each}
                  type="button"
                  className="chip"
                  title={outcome.means(each)}
                  aria-pressed={search.decision === each}
                  onClick={() => set({ decision: search.decision === each ? undefined : each })}
                >
                  <DecisionMark floor={each} ceiling={each} />
                  <span className="tab-count">{n(open(each))}</span>
                </button>
              ))}
            </div>
            <Select
              size="xs"
              aria-label={t('exposures.state')}
              allowDeselect={false}
              value={search.state ?? 'open'}
              onChange={(value) => set({ state: value === null || value === 'open' ? undefined : value })}
              data={[
                { value: 'open', label: t('exposures.state.open') },
                { value: 'handled', label: t('exposures.state.handled') },
                { value: 'all', label: t('exposures.state.all') },
              ]}
            />
            <Select
              size="xs"
              aria-label={t('exposures.left')}
              placeholder={t('exposures.left')}
              clearable
              clearButtonProps={{ 'aria-label': t('web.remove') }}
              value={search.due ?? null}
              onChange={(value) => set({ due: value ?? undefined })}
              data={[
                { value: 'overdue', label: t('exposures.due.overdue') },
                { value: 'week', label: t('exposures.due.week') },
              ]}
            />
            {me.organisation.centre ? (
              <Select
                size="xs"
                aria-label={t('exposures.organisation')}
                placeholder={t('exposures.organisation')}
                clearable
                searchable
                clearButtonProps={{ 'aria-label': t('web.remove') }}
                value={search.organisation ?? null}
                onChange={(value) => set({ organisation: value ?? undefined })}
                data={(organisations ?? []).map(({ id, name }) => ({ value: id, label: l(name) }))}
              />
            ) : null}
          </>
        )}
      </div>
      {byVulnerability ? (
        <Vulnerabilities text={text} outcomes={outcomes.map(({ outcome: each }) => each)} />
      ) : (
        <Components search={search} certainty={certainty} text={text} />
      )}
      {summary.data === undefined ? null : (
        <p className="dim small">
          {summary.data.imports.length === 0
            ? t('exposures.imports.none')
            : summary.data.imports.map(({ format, edition, items, at }, i) => (
                <span key={format}>
                  {i === 0 ? '' : ' · '}
                  {t(formatKeys[format] ?? 'exposures.format.table')} {edition ?? ''} ({n(items)}), <At at={at} />
                </span>
              ))}
          {summary.data.comparing ? ` · ${t('exposures.comparing')}` : ''}
        </p>
      )}
      {bringing ? <BringVulnerabilities close={() => setBringing(false)} /> : null}
    </Page>
  );
}

function Components({ search, certainty, text }: { search: ExposureSearch; certainty: string; text: string }) {
  const { t } = useTexts();
  const { decision, state, due, organisation } = search;
  const query = useInfiniteQuery(
    exposuresQuery({
      certainty,
      ...(decision === undefined ? {} : { decision }),
      ...(state === undefined ? {} : { state }),
      ...(due === undefined ? {} : { due }),
      ...(organisation === undefined ? {} : { organisation }),
      ...(text === '' ? {} : { q: text }),
    }),
  );
  return (
    <Waiting query={query}>
      {({ pages }) => {
        const rows = pages.flatMap(({ items }) => items);
        return rows.length === 0 ? (
          <Empty title={t('exposures.none')}>{t('exposures.none.means')}</Empty>
        ) : (
          <>
            {certainty === 'possibly' ? <p className="prose dim">{t('exposures.possibly.means')}</p> : null}
            <ExposureTable rows={rows} />
            <More query={query} />
          </>
        );
      }}
    </Waiting>
  );
}

/** The next page of a list. */
export function More({
  query,
}: {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
}) {
  const { t } = useTexts();
  if (!query.hasNextPage) return null;
  return (
    <Button variant="default" size="xs" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
      {t('exposures.more')}
    </Button>
  );
}

function Vulnerabilities({ text, outcomes }: { text: string; outcomes: readonly string[] }) {
  const { t, n } = useTexts();
  const query = useInfiniteQuery(vulnerabilitiesQuery(text === '' ? { exposed: 'true' } : { q: text }));
  return (
    <Waiting query={query}>
      {({ pages }) => {
        const rows = pages.flatMap(({ items }) => items);
        return rows.length === 0 ? (
          <Empty title={t('exposures.vulnerabilities.none')}>{t('exposures.none.means')}</Empty>
        ) : (
          <>
            <Table
              label={t('exposures.vulnerabilities')}
              rows={rows}
              keyOf={({ id }) => id}
              columns={[
                {
                  head: t('exposures.vulnerability'),
                  main: true,
                  cell: ({ id, title, exploited }) => (
                    <>
                      <Link data-open to="/vulnerabilities/$id" params={{ id }} search={keepView}>
                        {id}
                      </Link>
                      <div className="dim small exposure-title">{title}</div>
                      {exploited === null ? null : <ExploitedMark ransomware={exploited.ransomware} />}
                    </>
                  ),
                },
                {
                  head: t('exposures.decision'),
                  cell: ({ counts }) => {
                    const most = gravest(counts, outcomes);
                    return most === undefined ? '–' : <DecisionMark floor={most} ceiling={most} />;
                  },
                },
                { head: t('exposures.exposed'), number: true, cell: ({ counts }) => n(sumOf(counts, 'exposed', 'open')) },
                { head: t('exposures.possibly'), number: true, cell: ({ counts }) => n(sumOf(counts, 'possibly', 'open')) },
                { head: t('exposures.cvss'), number: true, cell: ({ cvss }) => cvss ?? '–' },
                {
                  head: t('exposures.probability'),
                  number: true,
                  cell: ({ probability }) => (probability === null ? '–' : `${n(probability.score * 100)} %`),
                },
                { head: t('exposures.published'), cell: ({ published }) => <Day at={published} /> },
              ]}
            />
            <More query={query} />
          </>
        );
      }}
    </Waiting>
  );
}
