/** The grading desk: an incident, or facts alone, under every scheme; what to find out next; sliders; computed facts; how the grade came about. */

import type { GradingDesk } from '@forewarn/model/grading-api';
import { Button, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { keepAnd, keepView } from '../../frame/keep.ts';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { SourceMark } from '../../marks/Marks.tsx';
import { useInstants } from '../../session/instants.ts';
import { useNamed, useTexts } from '../../session/language.tsx';
import { factsQuery, incidentsQuery } from '../../session/resources.ts';
import { ComputedFacts } from './ComputedFacts.tsx';
import { History } from './History.tsx';
import { NextFacts } from './NextFacts.tsx';
import { deskQuery, gradesQuery, type Tried } from './queries.ts';
import { SchemeBars } from './SchemeBars.tsx';
import { Trying } from './Trying.tsx';

/** A hand on a slider moves on; the centre is asked when it rests. */
const restMs = 200;

export function Grading() {
  const { t, w } = useTexts();
  const { incident: asked } = useSearch({ strict: false }) as { incident?: string };
  const incident = asked === '' ? undefined : asked;
  const navigate = useNavigate();
  const { data: incidents } = useQuery(incidentsQuery({}));
  return (
    <Page
      title={t('desk.page')}
      tools={
        <>
          <Select
            size="xs"
            aria-label={t('desk.incident')}
            placeholder={t('desk.incident.none')}
            searchable
            clearable
            clearButtonProps={{ 'aria-label': t('desk.incident.none') }}
            value={incident ?? null}
            onChange={(id) => void navigate({ to: '/grading', search: keepAnd({ incident: id ?? undefined }) })}
            data={(incidents?.items ?? []).map(({ id, number, title }) => ({ value: id, label: `${number} ${w(title)}` }))}
          />
          <Link className="tool" to="/quantification" search={keepView}>
            {t('desk.quantification')}
          </Link>
        </>
      }
    >
      <Desk key={incident ?? ''} incident={incident} />
    </Page>
  );
}

function Desk({ incident }: { incident: string | undefined }) {
  const { t, w } = useTexts();
  const [tried, setTried] = useState<Tried>({});
  const [asked, setAsked] = useState<Tried>({});
  useEffect(() => {
    const rest = setTimeout(() => setAsked(tried), restMs);
    return () => clearTimeout(rest);
  }, [tried]);
  const query = useQuery(deskQuery(incident, asked));
  const { data: definitions } = useQuery(factsQuery);
  const trying = Object.keys(tried).length > 0;
  return (
    <Waiting query={query}>
      {(desk) => (
        <div className="desk">
          <div className="desk-main">
            <Panel
              title={
                desk.incident === null ? (
                  t('desk.schemes')
                ) : (
                  <>
                    {t('desk.schemes.of')}{' '}
                    <Link to="/incidents/$id" params={{ id: desk.incident.id }} search={keepView}>
                      {desk.incident.number}
                    </Link>{' '}
                    {w(desk.incident.title)}
                  </>
                )
              }
              tools={
                trying ? (
                  <Button size="compact-xs" variant="default" onClick={() => setTried({})}>
                    {t('desk.try.reset')}
                  </Button>
                ) : undefined
              }
            >
              {trying ? <p className="desk-tried">{t('desk.tried')}</p> : null}
              <SchemeBars schemes={desk.schemes} />
            </Panel>
            {incident === undefined ? null : (
              <>
                <Panel title={t('desk.history')}>
                  <Graded incident={incident} desk={desk} />
                </Panel>
                <Panel title={t('desk.computed')}>
                  <ComputedFacts incident={incident} />
                </Panel>
              </>
            )}
            <Panel title={t('desk.facts')} count={desk.facts.length}>
              <Facts desk={desk} />
            </Panel>
          </div>
          <div className="desk-side">
            <Panel title={t('desk.next')}>
              <NextFacts desk={desk} />
            </Panel>
            <Panel title={t('desk.try')}>
              {definitions === undefined ? null : (
                <Trying desk={desk} definitions={definitions} tried={tried} setTried={setTried} />
              )}
            </Panel>
          </div>
        </div>
      )}
    </Waiting>
  );
}

function Graded({ incident, desk }: { incident: string; desk: GradingDesk }) {
  const { t } = useTexts();
  const [whole, setWhole] = useState(false);
  const query = useQuery(gradesQuery(incident, whole));
  return (
    <Waiting query={query}>
      {({ items, more }) => (
        <>
          <History
            lines={items}
            schemes={desk.schemes}
            tools={
              <button
                type="button"
                className="tool"
                aria-pressed={whole}
                title={t('desk.whole.means')}
                onClick={() => setWhole(!whole)}
              >
                {t('desk.whole')}
              </button>
            }
          />
          {more > 0 ? <p className="dim small">{t('desk.history.more', { count: more })}</p> : null}
        </>
      )}
    </Waiting>
  );
}

const originKeys = {
  stated: 'desk.origin.stated',
  computed: 'desk.origin.computed',
  table: 'desk.origin.table',
  tried: 'desk.origin.tried',
  together: 'desk.origin.together',
} as const;

const holdsKeys = { yes: 'desk.holds.yes', no: 'desk.holds.no', unknown: 'desk.holds.unknown' } as const;

/** What is known, whence, and what the table made of it. */
export function Facts({ desk }: { desk: GradingDesk }) {
  const { t, l, w, n } = useTexts();
  const named = useNamed();
  const instants = useInstants();
  const { data: definitions } = useQuery(factsQuery);
  const isInstant = (id: string): boolean => definitions?.find((definition) => definition.id === id)?.kind === 'instant';
  if (desk.facts.length === 0) return <Empty title={t('desk.facts.none')}>{t('desk.facts.none.means')}</Empty>;
  return (
    <>
      <Table
        label={t('desk.facts')}
        rows={desk.facts}
        form="cards"
        keyOf={({ fact }) => fact}
        columns={[
          { head: t('desk.fact'), main: true, cell: ({ name }) => l(name) },
          {
            head: t('desk.value'),
            cell: ({ fact, value, text }) => (
              <span className="tabular">
                {value.kind === 'quantity' && isInstant(fact) ? instants.full(value.value * 1000) : w(text)}
              </span>
            ),
          },
          {
            head: t('desk.origin'),
            cell: ({ origin, source }) => (
              <>
                <span className="origin" data-origin={origin}>
                  {t(originKeys[origin])}
                </span>
                {origin === 'stated' && source !== null ? <span className="dim small"> · {source}</span> : null}
              </>
            ),
          },
          { head: t('desk.readBy'), number: true, cell: ({ schemes }) => n(schemes.length) },
        ]}
      />
      {desk.made.map((made) => (
        <details key={made.fact} className="made">
          <summary>
            {l(desk.facts.find(({ fact }) => fact === made.fact)?.name)} · {t('desk.origin.table')} ({made.mark})
          </summary>
          <p className="small">
            <SourceMark mark={made.mark} />
          </p>
          {made.kind === 'index' ? (
            <Table
              label={t('desk.index.parts')}
              rows={made.parts}
              form="still"
              keyOf={({ fact }) => fact}
              columns={[
                { head: t('desk.fact'), rowHead: true, cell: ({ name }) => l(name) },
                { head: t('desk.value'), cell: ({ text }) => w(text) },
                { head: t('desk.weight'), number: true, cell: ({ weight }) => `${n(weight * 100, 1)} %` },
                {
                  head: t('desk.points'),
                  number: true,
                  cell: ({ points }) =>
                    points.min === points.max ? n(points.min, 1) : `${n(points.min, 1)} – ${n(points.max, 1)}`,
                },
              ]}
            />
          ) : (
            <ul className="rungs">
              {made.rungs.map((rung) => (
                <li key={w(rung.text)} data-holds={rung.holds}>
                  <span className="rung-holds">{t(holdsKeys[rung.holds])}</span> {w(rung.text)} <SourceMark mark={rung.mark} />
                  <div className="dim small">{named(rung.source)}</div>
                </li>
              ))}
            </ul>
          )}
        </details>
      ))}
      {desk.table === null ? (
        <p className="dim small">
          {t('desk.unsigned')}{' '}
          <Link to="/quantification" search={keepView}>
            {t('desk.quantification')}
          </Link>
        </p>
      ) : null}
    </>
  );
}
