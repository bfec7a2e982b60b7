/** Groups of findings as rows that open in place: what they have in common, how many, when – then the findings, one by one. */

import type { FindingGroupView } from '@forewarn/model/noise-api';
import { ruleName } from '@forewarn/model/finding';
import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Spark } from '../../charts/Spark.tsx';
import { Waiting } from '../../frame/Page.tsx';
import { TableRegion } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { At, FindingLevelMark, useFindingLevelName } from '../../marks/Marks.tsx';
import { Technique, useTechniqueName } from '../../marks/Technique.tsx';
import { useTexts } from '../../session/language.tsx';
import { linksQuery, useOrganisationName } from '../../session/resources.ts';
import { useQuery } from '@tanstack/react-query';
import { shownIndicator } from '../../values/defang.ts';
import { FindingTable } from './FindingTable.tsx';
import { filterOfGroup, findingListQuery, type Filter, type Grouping } from './queries.ts';
import { groupingKeys } from './words.ts';

export const keyOf = (group: Pick<FindingGroupView, 'key'>): string => group.key.join('\n');

/** What a group is called: its rule, its host, its technique. */
export function useGroupName(by: Grouping): (group: FindingGroupView) => string {
  const { t, w, l } = useTexts();
  const organisation = useOrganisationName();
  const level = useFindingLevelName();
  const technique = useTechniqueName();
  const { data: links } = useQuery(linksQuery);
  const linkNames = useMemo(() => new Map((links ?? []).map(({ id, name }) => [id, l(name)])), [links, l]);
  return ({ key, rule, level: gravest }) => {
    const [first = '', second = ''] = key;
    switch (by) {
      case 'rule-source':
        return `${w(ruleName(rule!))} · ${second === '' ? t('noise.none') : shownIndicator(second)}`;
      case 'rule':
        return w(ruleName(rule!));
      case 'level':
        return level(gravest);
      case 'technique':
        return first === '' ? t('noise.none') : `${first} ${technique(first) ?? ''}`.trim();
      case 'organisation':
        return organisation(first);
      case 'link':
        return first === '' ? t('noise.none') : (linkNames.get(first) ?? first);
      default:
        return first === '' ? t('noise.none') : shownIndicator(first);
    }
  };
}

export function Groups({
  groups,
  by,
  filter,
  open,
  toggle,
  selected,
  select,
}: {
  groups: readonly FindingGroupView[];
  by: Grouping;
  filter: Filter;
  open: ReadonlySet<string>;
  toggle: (key: string) => void;
  /** Null where nothing may be done with them. */
  selected: ReadonlySet<string> | null;
  select: (key: string) => void;
}) {
  const { t, n } = useTexts();
  const nameOf = useGroupName(by);
  const columns = selected === null ? 7 : 8;
  return (
    <TableRegion label={t('web.page.findings')}>
      <table className="table table-groups">
        <thead>
          <tr>
            {selected === null ? null : (
              <th scope="col" className="cell-check">
                <span className="visually-hidden">{t('web.select')}</span>
              </th>
            )}
            <th scope="col">{t('web.finding.level')}</th>
            <th scope="col">{t(groupingKeys[by])}</th>
            <th scope="col" className="number">
              {t('web.page.findings')}
            </th>
            <th scope="col" className="narrow-hide">
              {t('noise.spark')}
            </th>
            <th scope="col" className="narrow-hide">
              {t('noise.judged')}
            </th>
            <th scope="col" className="narrow-hide">
              {t('web.finding.technique')}
            </th>
            <th scope="col">{t('noise.seen')}</th>
          </tr>
        </thead>
        {groups.map((group) => {
          const key = keyOf(group);
          const name = nameOf(group);
          const { verdicts } = group;
          const right = verdicts['true-positive'] + verdicts.expected;
          return (
            <tbody key={key}>
              <tr data-row tabIndex={-1} data-group={key} data-expanded={open.has(key) || undefined}>
                {selected === null ? null : (
                  <td className="cell-check">
                    <input
                      type="checkbox"
                      data-select
                      aria-label={t('web.selectOne', { name })}
                      checked={selected.has(key)}
                      onChange={() => select(key)}
                    />
                  </td>
                )}
                <td>
                  <FindingLevelMark level={group.level} />
                </td>
                <td className="cell-main">
                  <button type="button" className="expander" data-open aria-expanded={open.has(key)} onClick={() => toggle(key)}>
                    <Icon name={open.has(key) ? 'down' : 'right'} size={14} />
                    <span>{name}</span>
                  </button>
                  <div className="dim small">
                    {t('noise.records', { count: group.records })}
                    {by === 'rule-source' || by === 'source' ? null : ` · ${t('noise.sources', { count: group.sources })}`}
                    {group.incidents === 0 ? null : ` · ${t('noise.incidents', { count: group.incidents })}`}
                  </div>
                </td>
                <td className="number">{n(group.count)}</td>
                <td className="narrow-hide">
                  <Spark values={group.spark} label={t('noise.spark.label', { count: group.count })} />
                </td>
                <td className="narrow-hide">
                  {right + verdicts['false-positive'] === 0 ? (
                    <span className="dim">–</span>
                  ) : (
                    t('noise.judged.count', { right: n(right), wrong: n(verdicts['false-positive']) })
                  )}
                </td>
                <td className="narrow-hide">
                  {group.techniques.map((id) => (
                    <Technique key={id} id={id} />
                  ))}
                </td>
                <td>
                  <At at={group.last} />
                  {group.first === group.last ? null : (
                    <div className="dim small">
                      {t('noise.first')} <At at={group.first} />
                    </div>
                  )}
                </td>
              </tr>
              {open.has(key) ? (
                <tr className="detail-row">
                  <td colSpan={columns}>
                    <GroupFindings filter={filterOfGroup(by, group.key, filter)} />
                  </td>
                </tr>
              ) : null}
            </tbody>
          );
        })}
      </table>
    </TableRegion>
  );
}

/** The findings of a filter, a page after another. */
export function GroupFindings({ filter }: { filter: Filter }) {
  const { t } = useTexts();
  const query = useInfiniteQuery(findingListQuery(filter));
  return (
    <Waiting query={query}>
      {({ pages }) => (
        <>
          <FindingTable findings={pages.flatMap(({ items }) => items)} log="findings" />
          {query.hasNextPage ? (
            <Button variant="default" size="xs" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {t('noise.more')}
            </Button>
          ) : null}
        </>
      )}
    </Waiting>
  );
}
