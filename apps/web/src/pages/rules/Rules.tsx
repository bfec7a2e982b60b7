/** All that can tell findings – Sigma rules, correlations, behaviours, indicators – with what came of each. */

import { ruleKinds, type RuleView } from '@forewarn/model/rule';
import { ruleName } from '@forewarn/model/finding';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { keepView } from '../../frame/keep.ts';
import { Empty, Page, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { At, FindingLevelMark } from '../../marks/Marks.tsx';
import { Technique } from '../../marks/Technique.tsx';
import { useTexts } from '../../session/language.tsx';
import { useQueryText } from '../../session/view.ts';
import { filterOf } from '../../values/terms.ts';
import { rulesQuery } from '../findings/queries.ts';
import { Cost, PrecisionBar, ruleKindKeys } from './parts.tsx';

export function Rules() {
  const { t, w, n } = useTexts();
  const text = useQueryText();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { kind?: string };
  const kind = ruleKinds.find((each) => each === search.kind);
  const query = useQuery(rulesQuery);
  const shown = useMemo(() => {
    const fits = filterOf<RuleView>(text, (rule) => w(ruleName(rule)));
    return (query.data?.items ?? [])
      .filter((rule) => (kind === undefined || rule.kind === kind) && fits(rule))
      .sort((a, b) => b.hits - a.hits || w(ruleName(a)).localeCompare(w(ruleName(b))));
  }, [query.data, kind, text, w]);
  return (
    <Page title={t('noise.rules')}>
      <div className="chips" role="group" aria-label={t('noise.kind')}>
        {ruleKinds.map((each) => (
          <button
            key={each}
            type="button"
            className="chip"
            aria-pressed={kind === each}
            onClick={() =>
              void navigate({
                to: '/rules',
                search: ((previous: Record<string, unknown>) => ({
                  ...previous,
                  kind: kind === each ? undefined : each,
                })) as never,
              })
            }
          >
            {t(ruleKindKeys[each])}
            <span className="tab-count">{n((query.data?.items ?? []).filter((rule) => rule.kind === each).length)}</span>
          </button>
        ))}
      </div>
      <Waiting query={query}>
        {() =>
          shown.length === 0 ? (
            <Empty title={t('noise.rules.none')}>{t('web.noneFit.means')}</Empty>
          ) : (
            <Table
              label={t('noise.rules')}
              rows={shown}
              keyOf={({ id }) => id}
              columns={[
                {
                  head: t('noise.rule'),
                  main: true,
                  cell: (rule) => (
                    <>
                      <Link data-open to="/rules/$id" params={{ id: rule.id }} search={keepView}>
                        {w(ruleName(rule))}
                      </Link>
                      <div className="dim small">
                        {t(ruleKindKeys[rule.kind])}
                        {rule.status === null ? null : ` · ${rule.status}`}
                      </div>
                    </>
                  ),
                },
                {
                  head: t('web.finding.level'),
                  cell: ({ level }) => (level === null ? '–' : <FindingLevelMark level={level} />),
                },
                {
                  head: t('web.finding.technique'),
                  cell: ({ technique }) =>
                    technique.length === 0 ? '–' : technique.slice(0, 3).map((id) => <Technique key={id} id={id} />),
                },
                { head: t('noise.hitsAll'), number: true, cell: ({ hits }) => n(hits) },
                { head: t('noise.hidden'), number: true, cell: ({ hidden }) => n(hidden) },
                { head: t('noise.precision'), cell: ({ precision }) => <PrecisionBar precision={precision} /> },
                { head: t('noise.lastHit'), cell: ({ lastHit }) => (lastHit === null ? '–' : <At at={lastHit} />) },
                { head: t('noise.cost'), number: true, cell: (rule) => <Cost rule={rule} /> },
                {
                  head: t('noise.tested'),
                  cell: ({ tested, cases }) =>
                    cases === null || cases.count === 0
                      ? tested
                        ? t('noise.tested.measured')
                        : '–'
                      : t('noise.tested.cases', { passed: n(cases.passed), count: n(cases.count) }),
                },
              ]}
            />
          )
        }
      </Waiting>
    </Page>
  );
}
