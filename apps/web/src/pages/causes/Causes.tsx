/** Causes over closed incidents: which come back, what would have prevented them, and what is being done. */

import type { CauseView, RecurrenceView } from '@forewarn/model/cause';
import { Button, Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Spark } from '../../charts/Spark.tsx';
import { keepView } from '../../frame/keep.ts';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { asLevel, LevelShape } from '../../marks/Grade.tsx';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { PreventionForm, type Proposed } from './PreventionForm.tsx';
import { Preventions } from './Preventions.tsx';
import { causesQuery, useCauses } from './queries.ts';

export function Causes() {
  const { t } = useTexts();
  const may = useMay();
  const query = useQuery(causesQuery);
  /** What a form to propose a measure begins with; null: it is not open. */
  const [proposing, setProposing] = useState<Proposed | null>(null);
  const propose = may('incidents:write') ? setProposing : undefined;
  return (
    <Page
      title={t('causes.page')}
      tools={
        propose === undefined ? undefined : (
          <Button
            variant="default"
            leftSection={<Icon name="plus" size={14} />}
            onClick={() => propose({ measure: null, causes: [] })}
          >
            {t('causes.propose')}
          </Button>
        )
      }
    >
      <p className="prose dim page-means">{t('causes.means')}</p>
      <Waiting query={query}>
        {(found) => (
          <div className="stack">
            <Recurring found={found} />
            <CauseTable found={found} />
            <Measures found={found} propose={propose} />
            <Preventions />
          </div>
        )}
      </Waiting>
      <Modal
        opened={proposing !== null}
        onClose={() => setProposing(null)}
        title={t('causes.propose')}
        closeButtonProps={{ 'aria-label': t('web.close') }}
      >
        {proposing === null ? null : <PreventionForm first={proposing} close={() => setProposing(null)} />}
      </Modal>
    </Page>
  );
}

/** What needs somebody first: causes that came back. */
function Recurring({ found }: { found: RecurrenceView }) {
  const { t, l } = useTexts();
  const { catalogue, cause } = useCauses();
  if (catalogue === undefined || found.closed === 0) return null;
  const { count, withinDays, citations } = catalogue.recurring;
  const source = citations.map((one) => l(catalogue.sources.find(({ id }) => id === one.source)?.title)).join(t('web.list'));
  const recurring = found.causes.filter((one) => one.recurring);
  return (
    <Panel title={t('causes.recurring.title')} count={recurring.length}>
      {recurring.length === 0 ? (
        <p className="prose">{t('causes.recurring.none')}</p>
      ) : (
        <ul className="cause-recurrings">
          {recurring.map((one) => (
            <li key={one.cause} className="cause-recurring">
              <Icon name="alert" size={14} /> <strong>{cause(one.cause)}</strong>{' '}
              <span className="dim">{t('causes.effect.before', { count: one.recent })}</span>
            </li>
          ))}
        </ul>
      )}
      <p className="dim small">{t('causes.recurring.means', { count, days: withinDays, source })}</p>
    </Panel>
  );
}

function CauseTable({ found }: { found: RecurrenceView }) {
  const { t } = useTexts();
  const { cause, group, kind } = useCauses();
  const most = Math.max(1, ...found.causes.map(({ leading, contributing }) => leading + contributing));
  return (
    <Panel
      title={t('causes.chart')}
      count={
        <>
          {t('causes.closed', { count: found.closed })} · {t('causes.unknown', { count: found.unknown })}
        </>
      }
    >
      {found.causes.length === 0 ? (
        <Empty icon="flow" title={t('causes.none')}>
          {t('causes.none.means')}
        </Empty>
      ) : (
        <Table
          label={t('causes.chart.means')}
          rows={found.causes}
          keyOf={(row) => row.cause}
          columns={[
            {
              head: t('causes.cause'),
              main: true,
              cell: (row) => (
                <>
                  {cause(row.cause)}
                  {row.recurring ? <span className="cause-flag">{t('causes.recurring')}</span> : null}
                  <span className="dim small cause-group">{group(kind(row.cause)?.group ?? '')}</span>
                </>
              ),
            },
            { head: t('causes.incidents'), className: 'cause-bar-cell', cell: (row) => <Bar row={row} most={most} /> },
            { head: t('causes.organisations'), number: true, cell: (row) => row.organisations },
            { head: t('causes.gravest'), cell: (row) => <LevelShape level={asLevel(row.gravest)} size={18} /> },
            { head: t('causes.months'), cell: (row) => <Months row={row} /> },
            { head: t('causes.last'), cell: (row) => <At at={row.lastAt} /> },
            {
              head: t('causes.preventions'),
              cell: (row) =>
                row.preventions.open + row.preventions.done === 0 ? (
                  <span className="dim">{t('causes.notTaken')}</span>
                ) : (
                  `${t('causes.state.doing')} ${row.preventions.open} · ${t('causes.state.done')} ${row.preventions.done}`
                ),
            },
            {
              head: t('causes.which'),
              cell: (row) => (
                <span className="values">
                  {row.incidents.slice(0, 5).map((one) => (
                    <Link key={one.id} to="/incidents/$id" params={{ id: one.id }} search={keepView} className="mono">
                      {one.number}
                    </Link>
                  ))}
                </span>
              ),
            },
          ]}
        />
      )}
    </Panel>
  );
}

/** Leading causes full, contributing ones hatched; the numbers stand beside. */
function Bar({ row, most }: { row: CauseView; most: number }) {
  const { t } = useTexts();
  const share = (count: number): string => `${(count / most) * 100}%`;
  return (
    <span className="cause-bar-line">
      <span className="cause-bar" aria-hidden="true">
        <span data-part="leading" style={{ inlineSize: share(row.leading) }} />
        <span data-part="contributing" style={{ inlineSize: share(row.contributing) }} />
      </span>
      <span className="cause-bar-numbers">
        {t('causes.leading')} {row.leading} · {t('causes.contributing')} {row.contributing}
      </span>
    </span>
  );
}

function Months({ row }: { row: CauseView }) {
  const { t } = useTexts();
  const label = row.months.filter(({ count }) => count > 0).map(({ month, count }) => t('causes.months.value', { month, count }));
  return <Spark values={row.months.map(({ count }) => count)} label={`${t('causes.months')}: ${label.join(t('web.list'))}`} />;
}

function Measures({ found, propose }: { found: RecurrenceView; propose: ((first: Proposed) => void) | undefined }) {
  const { t } = useTexts();
  const { cause, measure } = useCauses();
  if (found.measures.length === 0) return null;
  const most = Math.max(1, ...found.measures.map(({ incidents }) => incidents));
  return (
    <Panel title={t('causes.measures')} count={found.measures.length}>
      <p className="prose dim">{t('causes.measures.means')}</p>
      <Table
        label={t('causes.measures')}
        rows={found.measures}
        keyOf={(row) => row.measure}
        columns={[
          { head: t('causes.measure'), main: true, cell: (row) => measure(row.measure) },
          {
            head: t('causes.incidents'),
            className: 'cause-bar-cell',
            cell: (row) => (
              <span className="cause-bar-line">
                <span className="cause-bar" aria-hidden="true">
                  <span data-part="leading" style={{ inlineSize: `${(row.incidents / most) * 100}%` }} />
                </span>
                <span className="cause-bar-numbers">{row.incidents}</span>
              </span>
            ),
          },
          { head: t('causes.against'), cell: (row) => row.causes.map(cause).join(t('web.list')) },
          {
            head: t('causes.taken'),
            cell: (row) =>
              row.preventions.length === 0 ? <span className="dim">{t('causes.notTaken')}</span> : row.preventions.length,
          },
          ...(propose === undefined
            ? []
            : [
                {
                  head: t('causes.propose'),
                  headHidden: true,
                  cell: (row: RecurrenceView['measures'][number]) => (
                    <button type="button" className="link" onClick={() => propose({ measure: row.measure, causes: row.causes })}>
                      {t('causes.propose')}
                    </button>
                  ),
                },
              ]),
        ]}
      />
    </Panel>
  );
}
