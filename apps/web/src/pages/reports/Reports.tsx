/** Reports: drafts that wait for a person first, then what was released. */

import type { ReportState, ReportView } from '@forewarn/model/report';
import { Button, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { keepView } from '../../frame/keep.ts';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { At, TlpBadge } from '../../marks/Marks.tsx';
import { personName, useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { useOrganisationName } from '../../session/resources.ts';
import { useQueryText } from '../../session/view.ts';
import { filterOf } from '../../values/terms.ts';
import { MakeReport } from './MakeReport.tsx';
import { reportsQuery, templatesQuery } from './queries.ts';

export const stateKeys: { readonly [state in ReportState]: string } = {
  draft: 'reports.state.draft',
  released: 'reports.state.released',
  dropped: 'reports.state.dropped',
};

const aboutKeys = { all: 'reports.about.all', situation: 'reports.about.situation', incident: 'reports.about.incident', warning: 'reports.about.warning' } as const; // oxfmt-ignore

export function Reports() {
  const { t, l } = useTexts();
  const may = useMay();
  const name = useOrganisationName();
  const text = useQueryText();
  const query = useQuery(reportsQuery({}));
  const [about, setAbout] = useState<keyof typeof aboutKeys>('all');
  const [making, setMaking] = useState(false);
  const shown = useMemo(() => {
    const fits = filterOf<ReportView>(
      text,
      (report) => `${report.number} ${l(report.title)} ${report.subject?.number ?? ''} ${name(report.owner)}`,
    );
    return (query.data?.items ?? []).filter((report) => (about === 'all' || report.about === about) && fits(report));
  }, [query.data, text, l, name, about]);
  const groups = (['draft', 'released', 'dropped'] as const).map((state) => ({
    state,
    title: t({ draft: 'reports.waiting', released: 'reports.released', dropped: 'reports.dropped' }[state]),
    reports: shown.filter((report) => report.state === state),
  }));
  return (
    <Page
      title={t('reports.page')}
      tools={
        <>
          <SegmentedControl
            size="xs"
            aria-label={t('reports.about')}
            value={about}
            onChange={(value) => setAbout(value as keyof typeof aboutKeys)}
            data={Object.entries(aboutKeys).map(([value, key]) => ({ value, label: t(key) }))}
          />
          {may('reports:write') ? (
            <Button leftSection={<Icon name="plus" size={14} />} onClick={() => setMaking(true)}>
              {t('reports.make')}
            </Button>
          ) : null}
        </>
      }
    >
      <p className="prose dim page-means">{t('reports.means')}</p>
      <Waiting query={query}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty icon="list" title={t('reports.none')}>
              {t('reports.none.means')}
            </Empty>
          ) : shown.length === 0 ? (
            <Empty icon="search" title={t('reports.noneFit')}>
              {t('web.noneFit.means')}
            </Empty>
          ) : (
            <>
              {groups
                .filter(({ reports }) => reports.length > 0)
                .map(({ state, title, reports }) => (
                  <Panel key={state} title={title} count={reports.length}>
                    <ReportTable reports={reports} label={title} />
                  </Panel>
                ))}
              {data.next === null ? null : <p className="dim small">{t('reports.more')}</p>}
            </>
          )
        }
      </Waiting>
      <Schedule />
      {making ? <MakeReport close={() => setMaking(false)} /> : null}
    </Page>
  );
}

function ReportTable({ reports, label }: { reports: readonly ReportView[]; label: string }) {
  const { t, l, n, language } = useTexts();
  const actor = useActorName();
  const name = useOrganisationName();
  return (
    <Table
      label={label}
      rows={reports}
      keyOf={({ id }) => id}
      over={({ state }) => state === 'dropped'}
      columns={[
        {
          head: t('reports.report'),
          main: true,
          cell: ({ id, title, number, subject }) => (
            <>
              <Link data-open to="/reports/$id" params={{ id }} search={keepView}>
                {l(title)}
              </Link>
              <div className="dim small report-line">
                <span className="mono">{number}</span>
                {subject === null ? null : <span className="mono">{subject.number}</span>}
              </div>
            </>
          ),
        },
        {
          head: t('reports.span'),
          cell: ({ from, to }) =>
            from === to ? (
              <At at={to} />
            ) : (
              <span>
                <At at={from} /> – <At at={to} />
              </span>
            ),
        },
        { head: t('reports.owner'), cell: ({ owner }) => name(owner) },
        { head: t('reports.madeBy'), cell: ({ madeBy, madeAt }) => (<span>{madeBy === null ? t('reports.bySchedule') : actor(madeBy)} · <At at={madeAt} /></span>) }, // oxfmt-ignore
        {
          head: t('reports.releasedBy'),
          cell: ({ releasedAt, releasedBy }) => (releasedAt === null ? '–' : (<span>{personName(releasedBy ?? '', language)} · <At at={releasedAt} /></span>)), // oxfmt-ignore
        },
        {
          head: t('reports.opened'),
          number: true,
          cell: ({ recipients }) =>
            recipients.length === 0
              ? '–'
              : t('reports.openedOf', {
                  opened: n(recipients.filter(({ openedAt }) => openedAt !== null).length),
                  of: n(recipients.length),
                }),
        },
        { head: t('web.marking'), cell: ({ marking }) => <TlpBadge marking={marking} /> },
      ]}
    />
  );
}

const weekdayKeys = ['reports.day.1', 'reports.day.2', 'reports.day.3', 'reports.day.4', 'reports.day.5', 'reports.day.6', 'reports.day.7'] as const; // oxfmt-ignore

/** What is made by itself, and when. */
function Schedule() {
  const { t, l } = useTexts();
  const { data = [] } = useQuery(templatesQuery);
  const scheduled = data.filter(({ schedule }) => schedule !== null);
  if (scheduled.length === 0) return null;
  return (
    <Panel title={t('reports.schedule')}>
      <ul className="reasons">
        {scheduled.map(({ id, title, schedule }) => (
          <li key={id}>
            {schedule!.weekday === undefined
              ? t('reports.schedule.daily', { title: l(title), at: schedule!.at })
              : t('reports.schedule.weekly', { title: l(title), day: t(weekdayKeys[schedule!.weekday - 1]!), at: schedule!.at })}
          </li>
        ))}
      </ul>
      <p className="dim small">{t('reports.schedule.means')}</p>
    </Panel>
  );
}
