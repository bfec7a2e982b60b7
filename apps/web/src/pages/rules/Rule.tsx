/** One rule: what it is, what came of it, its cases, its exceptions, and its text. */

import { ruleName } from '@forewarn/model/finding';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { keepAnd } from '../../frame/keep.ts';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { At, FindingLevelMark } from '../../marks/Marks.tsx';
import { Technique } from '../../marks/Technique.tsx';
import { useTexts } from '../../session/language.tsx';
import { ExceptionTable } from '../exceptions/Exceptions.tsx';
import { ruleQuery } from '../findings/queries.ts';
import { verdictKeys } from '../findings/words.ts';
import { verdicts } from '@forewarn/model/noise';
import { BackTest } from './BackTest.tsx';
import { Cost, PrecisionBar, ruleKindKeys } from './parts.tsx';

export function Rule() {
  const { t, w, n } = useTexts();
  const { id } = useParams({ strict: false }) as { id: string };
  const query = useQuery(ruleQuery(id));
  return (
    <Waiting query={query}>
      {(rule) => (
        <Page
          title={w(ruleName(rule))}
          tools={
            <Link className="button-link" to="/findings" search={keepAnd({ rule: rule.id, hidden: 'all', by: 'source' })}>
              {t('noise.rule.findings')}
            </Link>
          }
          heading={
            <ItemHead up={{ to: '/rules', name: t('noise.rules') }} title={w(ruleName(rule))}>
              {rule.level === null ? null : <FindingLevelMark level={rule.level} />}
              <span className="dim">{t(ruleKindKeys[rule.kind])}</span>
            </ItemHead>
          }
        >
          <Panel title={t('noise.rule.does')}>
            <dl className="pairs pairs-wide">
              <div>
                <dt>{t('noise.hitsAll')}</dt>
                <dd>
                  {n(rule.hits)}{' '}
                  {rule.hidden === 0 ? null : <span className="dim">{t('noise.rule.hidden', { count: n(rule.hidden) })}</span>}
                </dd>
              </div>
              <div>
                <dt>{t('noise.precision')}</dt>
                <dd>
                  <PrecisionBar precision={rule.precision} />
                  <div className="dim small">
                    {verdicts.map((each) => `${t(verdictKeys[each])} ${n(rule.verdicts[each])}`).join(' · ')}
                  </div>
                </dd>
              </div>
              <div>
                <dt>{t('noise.lastHit')}</dt>
                <dd>{rule.lastHit === null ? '–' : <At at={rule.lastHit} exact />}</dd>
              </div>
              <div>
                <dt>{t('noise.cost')}</dt>
                <dd>
                  <Cost rule={rule} />
                </dd>
              </div>
              <div>
                <dt>{t('web.finding.technique')}</dt>
                <dd className="values">
                  {rule.technique.length === 0 ? '–' : rule.technique.map((each) => <Technique key={each} id={each} />)}
                </dd>
              </div>
              <div>
                <dt>{t('noise.rule.logs')}</dt>
                <dd className="mono">{rule.logs.join(', ') || '–'}</dd>
              </div>
              <div>
                <dt>{t('noise.rule.id')}</dt>
                <dd>
                  <span className="mono">{rule.id}</span>{' '}
                  <span className="dim">
                    {[rule.version === null ? [] : t('web.finding.version', { version: rule.version }), rule.status ?? []]
                      .flat()
                      .join(' · ')}
                  </span>
                </dd>
              </div>
              {rule.falsePositives.length === 0 ? null : (
                <div>
                  <dt>{t('noise.rule.falsePositives')}</dt>
                  <dd>{rule.falsePositives.join(t('web.list'))}</dd>
                </div>
              )}
            </dl>
          </Panel>
          {rule.kind === 'sigma' || rule.kind === 'correlation' ? <BackTest rule={rule.id} /> : null}
          <Panel title={t('noise.rule.cases')} count={n(rule.results.length)}>
            {rule.results.length === 0 ? (
              <Empty title={rule.tested ? t('noise.tested.measured') : t('noise.rule.cases.none')}>
                {rule.tested ? t('noise.tested.measured.means') : t('noise.rule.cases.none.means')}
              </Empty>
            ) : (
              <Table
                label={t('noise.rule.cases')}
                form="still"
                rows={rule.results}
                keyOf={({ about }) => about}
                columns={[
                  { head: t('noise.rule.case'), main: true, cell: ({ about }) => about },
                  {
                    head: t('noise.rule.expected'),
                    cell: ({ expected }) => t(expected ? 'noise.rule.matches' : 'noise.rule.matchesNot'),
                  },
                  {
                    head: t('noise.rule.result'),
                    cell: ({ expected, holds }) => (
                      <span className={expected === holds ? 'case-good' : 'case-bad'}>
                        <Icon name={expected === holds ? 'check' : 'alert'} size={12} />{' '}
                        {t(expected === holds ? 'noise.rule.holds' : 'noise.rule.fails')}
                      </span>
                    ),
                  },
                ]}
              />
            )}
          </Panel>
          {rule.exceptions.length === 0 ? null : (
            <Panel title={t('noise.page')} count={n(rule.exceptions.length)}>
              <ExceptionTable exceptions={rule.exceptions} />
            </Panel>
          )}
          {rule.source === null ? null : (
            <Panel title={t('noise.rule.source')} count={rule.path ?? undefined}>
              <pre className="rule-source" tabIndex={0} role="region" aria-label={t('noise.rule.source')}>
                {rule.source}
              </pre>
            </Panel>
          )}
        </Page>
      )}
    </Waiting>
  );
}
