/** One finding: the sentence, how sure, by which rule, and the records it rests on. */

import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { keepView } from '../../frame/keep.ts';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { At, ConfidenceBar, FindingLevelMark } from '../../marks/Marks.tsx';
import { Technique } from '../../marks/Technique.tsx';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { writeBetween } from '../../session/range.ts';
import { findingQuery, useOrganisationName } from '../../session/resources.ts';
import { shownIndicator } from '../../values/defang.ts';
import { equalTo } from '../../values/terms.ts';
import { ruleName } from '@forewarn/model/finding';
import { printPredicate } from '@forewarn/model/query/text';
import { Value } from '../../values/ValueMenu.tsx';
import { AskPackets } from '../packets/AskPackets.tsx';
import { Judging, Verdicts } from './Judging.tsx';
import { HiddenMark, VerdictMark } from './marks.tsx';

const kindKeys = { sigma: 'web.rule.sigma', indicator: 'web.rule.indicator', behaviour: 'web.rule.behaviour' } as const;
const harmKeys = {
  confidentiality: 'web.harm.confidentiality',
  integrity: 'web.harm.integrity',
  availability: 'web.harm.availability',
  controllability: 'web.harm.controllability',
} as const;

/** Traffic round a record is looked at with this much time before and after. */
const marginMs = 60_000;

/** Traffic that is looked at because of a finding remembers it, so that its packets can be asked for. */
const withFinding = (finding: string) =>
  ((previous: Record<string, unknown>) => ({
    ...(typeof previous['range'] === 'string' ? { range: previous['range'] } : {}),
    ...(typeof previous['zone'] === 'string' ? { zone: previous['zone'] } : {}),
    finding,
  })) as never;

export function Finding() {
  const { t, w, n } = useTexts();
  const { id } = useParams({ strict: false }) as { id: string };
  const name = useOrganisationName();
  const instants = useInstants();
  const query = useQuery(findingQuery(id));
  return (
    <Waiting query={query}>
      {(finding) => (
        <Page
          title={w(finding.explanation)}
          tools={
            <>
              <Judging finding={finding} />
              <AskPackets bound={{ finding: finding.id }} flows={finding.records} about={w(finding.explanation)} />
            </>
          }
          heading={
            <ItemHead up={{ to: '/findings', name: t('web.page.findings') }} title={w(finding.explanation)}>
              <FindingLevelMark level={finding.level} />
              <ConfidenceBar value={finding.confidence} />
              {finding.verdict === null ? null : <VerdictMark verdict={finding.verdict} />}
              {finding.hiddenBy === null ? null : <HiddenMark exception={finding.hiddenBy} />}
            </ItemHead>
          }
        >
          <Panel title={t('web.finding.about')}>
            <dl className="pairs pairs-wide">
              <div>
                <dt>{t('web.finding.rule')}</dt>
                <dd>
                  <Link to="/rules/$id" params={{ id: finding.rule.id }} search={keepView}>
                    {w(ruleName(finding.rule))}
                  </Link>{' '}
                  <span className="dim">· {t(kindKeys[finding.rule.kind])} ·</span>{' '}
                  <span className="mono dim">{finding.rule.id}</span>{' '}
                  <span className="dim">{t('web.finding.version', { version: finding.rule.version })}</span>
                  {/^indicator:[0-9a-f-]{36}$/.test(finding.rule.id) ? (
                    <>
                      {' · '}
                      <Link to="/indicators/$id" params={{ id: finding.rule.id.slice('indicator:'.length) }} search={keepView}>
                        {t('indicators.finding.list')}
                      </Link>
                    </>
                  ) : null}
                </dd>
              </div>
              <div>
                <dt>{t('web.finding.technique')}</dt>
                <dd className="values">
                  {finding.technique.length === 0 ? '–' : finding.technique.map((each) => <Technique key={each} id={each} />)}
                </dd>
              </div>
              <div>
                <dt>{t('web.finding.source')}</dt>
                <dd>
                  <Value field="source" value={finding.source} log={null} shown={shownIndicator(finding.source)} />
                </dd>
              </div>
              <div>
                <dt>{t('web.finding.targets')}</dt>
                <dd className="values">
                  {finding.targets.length === 0
                    ? '–'
                    : finding.targets.map((each) => (
                        <Value key={each} field="targets" value={each} log={null} shown={shownIndicator(each)} />
                      ))}
                </dd>
              </div>
              {finding.names.length === 0 ? null : (
                <div>
                  <dt>{t('web.finding.names')}</dt>
                  <dd className="values">
                    {finding.names.map((each) => (
                      <Value key={each} field="names" value={each} log={null} shown={shownIndicator(each)} />
                    ))}
                  </dd>
                </div>
              )}
              <div>
                <dt>{t('web.finding.span')}</dt>
                <dd>
                  <At at={finding.from} exact /> – <At at={finding.to} exact />
                </dd>
              </div>
              {finding.past === undefined ? null : (
                <div>
                  <dt>{t('indicators.finding.past')}</dt>
                  <dd>{t('indicators.finding.past.means', { at: instants.full(finding.past * 1000) })}</dd>
                </div>
              )}
              {finding.harm === null ? null : (
                <div>
                  <dt>{t('web.finding.harm')}</dt>
                  <dd>{t(harmKeys[finding.harm])}</dd>
                </div>
              )}
              <div>
                <dt>{t('web.incident.organisations')}</dt>
                <dd>{finding.organisations.map(name).join(t('web.list')) || '–'}</dd>
              </div>
              <div>
                <dt>{t('web.incident')}</dt>
                <dd>
                  {finding.incident === null ? (
                    <span className="dim">{t('web.finding.noIncident')}</span>
                  ) : (
                    <Link to="/incidents/$id" params={{ id: finding.incident }} search={keepView}>
                      {t('web.warning.incident')}
                    </Link>
                  )}
                </dd>
              </div>
            </dl>
          </Panel>
          <Verdicts finding={finding.id} />
          <Panel title={t('web.finding.evidence')} count={n(finding.recordCount)}>
            {finding.recordCount > finding.records.length ? (
              <p className="panel-note dim">
                {t('web.finding.first', { shown: finding.records.length, of: finding.recordCount })}
              </p>
            ) : null}
            <Table
              label={t('web.finding.evidence')}
              form="rows"
              rows={finding.records}
              keyOf={({ log, uid, ts }) => `${log} ${uid} ${ts}`}
              columns={[
                { head: t('web.record.at'), className: 'tabular', cell: ({ ts }) => instants.exact(ts) },
                { head: t('web.record.log'), className: 'mono', cell: ({ log }) => log },
                {
                  head: t('web.record.flow'),
                  className: 'mono',
                  cell: ({ uid }) =>
                    uid === '' ? (
                      '–'
                    ) : (
                      <Link data-open to="/traffic/flow/$uid" params={{ uid }} search={withFinding(finding.id)}>
                        {uid}
                      </Link>
                    ),
                },
                {
                  head: t('web.record.open'),
                  headHidden: true,
                  className: 'cell-acts',
                  cell: (record) => (
                    <>
                      <AskPackets compact bound={{ finding: finding.id }} flows={[record]} about={w(finding.explanation)} />
                      <Link
                        to="/traffic/$log"
                        params={{ log: record.log }}
                        search={
                          {
                            range: writeBetween(
                              Math.floor((record.ts * 1000 - marginMs) / 1000) * 1000,
                              Math.ceil((record.ts * 1000 + marginMs) / 1000) * 1000,
                            ),
                            finding: finding.id,
                            ...(record.uid === '' ? {} : { q: printPredicate(equalTo('uid', record.uid)) }),
                          } as never
                        }
                      >
                        {t('web.record.open')}
                      </Link>
                    </>
                  ),
                },
              ]}
            />
          </Panel>
        </Page>
      )}
    </Waiting>
  );
}
