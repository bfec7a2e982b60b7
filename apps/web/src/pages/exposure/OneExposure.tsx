/** One exposure: why it is decided so, what would narrow it, by when to act, and what was done. */

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { keepView } from '../../frame/keep.ts';
import { Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { At, SourceMark } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { useOrganisationName } from '../../session/resources.ts';
import { Certainty, DecisionMark, ExploitedMark, RemedyMark, remedyKeys, TimeLeft, useOutcome, usePoint } from './parts.tsx';
import { exposureQuery } from './queries.ts';
import { RemedyForm } from './RemedyForm.tsx';

export function OneExposure() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t, l, n } = useTexts();
  const may = useMay();
  const actor = useActorName();
  const organisation = useOrganisationName();
  const outcome = useOutcome();
  const point = usePoint();
  const query = useQuery(exposureQuery(id));
  const [acting, setActing] = useState(false);
  return (
    <Waiting query={query}>
      {(one) => (
        <Page
          title={`${one.vulnerability.id} · ${l(one.asset.name)}`}
          heading={
            <ItemHead
              up={{ to: '/exposure', name: t('exposures.page') }}
              title={`${one.vulnerability.id} · ${l(one.asset.name)}`}
            >
              <DecisionMark {...one.decision} />
              {one.vulnerability.exploited ? <ExploitedMark ransomware={one.vulnerability.ransomware} /> : null}
            </ItemHead>
          }
          tools={
            may('estate:write') ? (
              <Button size="xs" onClick={() => setActing(true)}>
                {t('exposures.remedy.say')}
              </Button>
            ) : undefined
          }
        >
          <Panel title={t('exposures.about')}>
            <dl className="pairs pairs-wide">
              <div>
                <dt>{t('exposures.vulnerability')}</dt>
                <dd>
                  <Link to="/vulnerabilities/$id" params={{ id: one.vulnerability.id }} search={keepView}>
                    {one.vulnerability.id}
                  </Link>{' '}
                  {one.vulnerability.title}
                </dd>
              </div>
              <div>
                <dt>{t('exposures.component')}</dt>
                <dd>
                  {l(one.component.name)} <span className="mono">{one.component.version ?? t('exposures.version.unknown')}</span>
                </dd>
              </div>
              <div>
                <dt>{t('exposures.asset')}</dt>
                <dd>
                  {l(one.asset.name)} · {organisation(one.organisation)}
                </dd>
              </div>
              <div>
                <dt>{t('exposures.certainty')}</dt>
                <dd>
                  <Certainty certainty={one.certainty} matched={one.matched} />
                </dd>
              </div>
              <div>
                <dt>{t('exposures.since')}</dt>
                <dd>
                  <At at={one.since} />
                </dd>
              </div>
              <div>
                <dt>{t('exposures.left')}</dt>
                <dd>
                  <TimeLeft due={one.due} dueBy={one.dueBy} />
                </dd>
              </div>
              <div>
                <dt>{t('exposures.remedy')}</dt>
                <dd>
                  <RemedyMark remedy={one.remedy} />
                </dd>
              </div>
            </dl>
          </Panel>
          <Panel title={t('exposures.why')}>
            <div className="panel-note">
              <p className="prose">
                {outcome.means(one.decision.floor)}{' '}
                {one.missing.length === 0
                  ? t('exposures.why.certain')
                  : t('exposures.why.missing', {
                      points: one.missing.map((name) => point.name(name)).join(t('web.list')),
                      outcome: outcome.name(one.decision.ceiling),
                    })}
              </p>
            </div>
            <Table
              label={t('exposures.points')}
              form="still"
              rows={one.points}
              keyOf={({ name }) => name}
              columns={[
                { head: t('exposures.point'), rowHead: true, cell: ({ name }) => point.name(name) },
                {
                  head: t('exposures.value'),
                  cell: ({ value }) =>
                    value === null ? <span className="dim">{t('exposures.unknown')}</span> : point.value(value),
                },
              ]}
            />
            <p className="panel-note dim small">
              {l(one.table.title)} · {one.table.source}
              <br />
              {one.deadline.days === null
                ? t('exposures.deadline.none', { outcome: outcome.name(one.deadline.outcome) })
                : t('exposures.deadline', { outcome: outcome.name(one.deadline.outcome), days: n(one.deadline.days) })}{' '}
              {one.deadline.source} <SourceMark mark={one.deadline.confidence} />
            </p>
          </Panel>
          {one.remedies.length === 0 ? null : (
            <Panel title={t('exposures.remedies')} count={n(one.remedies.length)}>
              <Table
                label={t('exposures.remedies')}
                form="still"
                rows={one.remedies}
                keyOf={({ at, kind }) => `${at} ${kind}`}
                columns={[
                  { head: t('exposures.at'), cell: ({ at }) => <At at={at} /> },
                  {
                    head: t('exposures.remedy'),
                    cell: ({ kind, version, until }) => (
                      <>
                        {t(remedyKeys[kind])} {version === null ? null : <span className="mono small">{version}</span>}
                        {until === null ? null : (
                          <span className="dim small">
                            {' '}
                            {t('exposures.until')} <At at={until} />
                          </span>
                        )}
                      </>
                    ),
                  },
                  { head: t('exposures.reason'), main: true, cell: ({ reason }) => (reason === '' ? '–' : reason) },
                  { head: t('exposures.by.whom'), cell: ({ by }) => actor(by) },
                ]}
              />
            </Panel>
          )}
          {acting ? <RemedyForm exposure={one} close={() => setActing(false)} /> : null}
        </Page>
      )}
    </Waiting>
  );
}
