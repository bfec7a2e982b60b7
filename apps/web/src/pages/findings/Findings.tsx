/**
 * Findings grouped first – by rule and source unless somebody chooses otherwise – with counts; then one by one. The centre filters, groups and
 * counts, so that a million of them are no more to the page than a hundred.
 */

import { printPredicate } from '@forewarn/model/query/text';
import type { Predicate } from '@forewarn/model/query/query';
import { Button, Select } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useKeys } from '../../frame/keys.ts';
import { keepView } from '../../frame/keep.ts';
import { Empty, Page, Waiting } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { keep, recall } from '../../session/preferences.ts';
import { useQueryText, useRange } from '../../session/view.ts';
import { equalTo } from '../../values/terms.ts';
import { ExceptionForm, type ExceptionStart } from './ExceptionForm.tsx';
import { Filters } from './Filters.tsx';
import { GroupFindings, Groups, keyOf } from './Groups.tsx';
import { JudgeForm } from './JudgeForm.tsx';
import { filterOfGroup, groupings, groupsQuery, idsOf, incidentFindingsMax, type Filter, type Grouping } from './queries.ts';
import { findingFilters, type FindingsSearch } from './search.ts';
import { ToIncident } from './ToIncident.tsx';
import { groupingKeys } from './words.ts';

/** A group as conditions that an exception may begin with: what its findings have in common, and nothing else of it. */
function startOf(groups: readonly { by: Grouping; key: readonly string[] }[]): ExceptionStart {
  const [only, ...others] = groups;
  if (only !== undefined && others.length === 0) {
    const [first = '', second = ''] = only.key;
    switch (only.by) {
      case 'rule-source':
        return { rule: first, condition: second === '' ? '' : printPredicate(equalTo('source', second)) };
      case 'rule':
        return { rule: first };
      case 'source':
        return { condition: printPredicate(first === '' ? absent('source') : equalTo('source', first)) };
      case 'target':
        return { condition: printPredicate(first === '' ? absent('targets') : equalTo('targets', first)) };
      default:
        return { condition: printPredicate(first === '' ? absent(only.by) : equalTo(only.by, first)) };
    }
  }
  const of = groups.map(({ by, key }): Predicate => {
    const fields = by === 'rule-source' ? ['rule', 'source'] : [by === 'target' ? 'targets' : by];
    const parts = fields.map((field, at) => (key[at] ? equalTo(field, key[at]) : absent(field)));
    return parts.length === 1 ? parts[0]! : { kind: 'and', of: parts };
  });
  return { condition: of.length === 0 ? '' : printPredicate({ kind: 'or', of }) };
}

const absent = (field: string): Predicate => ({ kind: 'not', of: { kind: 'exists', field } });

type Doing =
  | { kind: 'exception'; start: ExceptionStart }
  | { kind: 'judge' }
  | { kind: 'incident'; ids: string[]; more: boolean };

export function Findings() {
  const { t, n } = useTexts();
  const may = useMay();
  const view = useRange();
  const text = useQueryText();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as FindingsSearch;
  const one = search.by === 'none';
  const by = groupings.find((each) => each === search.by) ?? recall<Grouping>('findings.by', 'rule-source');
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [doing, setDoing] = useState<Doing | null>(null);
  const filter: Filter = {
    from: view.from,
    to: view.to,
    ...(text === '' ? {} : { q: text }),
    ...Object.fromEntries(findingFilters.flatMap((name) => (search[name] === undefined ? [] : [[name, search[name]]]))),
  };
  const query = useInfiniteQuery(groupsQuery(filter, by));
  const groups = query.data?.pages.flatMap(({ items }) => items) ?? [];
  const totals = query.data?.pages[0]?.totals;
  const chosen = groups.filter((group) => selected.has(keyOf(group)));
  const filters = chosen.map(({ key }) => filterOfGroup(by, key, filter));
  const count = chosen.reduce((sum, group) => sum + group.count, 0);
  const writes = may('findings:write');
  const set = (change: { [name: string]: string | undefined }) => {
    setSelected(new Set());
    void navigate({
      to: '/findings',
      search: ((previous: Record<string, unknown>) =>
        Object.fromEntries(Object.entries({ ...previous, ...change }).filter(([, value]) => value !== undefined))) as never,
    });
  };
  const toggle = (all: ReadonlySet<string>, key: string): ReadonlySet<string> => {
    const next = new Set(all);
    if (!next.delete(key)) next.add(key);
    return next;
  };
  const hide = (which: typeof groups) => setDoing({ kind: 'exception', start: startOf(which.map(({ key }) => ({ by, key }))) });
  // `h` hides what is selected, or the row that has focus.
  useKeys((key) => {
    if (key !== 'h' || !writes || doing !== null) return false;
    const row = document.activeElement?.closest<HTMLElement>('[data-group]');
    const which = chosen.length > 0 ? chosen : groups.filter((group) => keyOf(group) === row?.dataset['group']);
    if (which.length === 0) return false;
    hide(which);
    return true;
  });
  const close = () => {
    setDoing(null);
    setSelected(new Set());
  };
  return (
    <Page
      title={t('web.page.findings')}
      tools={
        <>
          {chosen.length > 0 && writes ? (
            <>
              <Button variant="default" leftSection={<Icon name="check" />} onClick={() => setDoing({ kind: 'judge' })}>
                {t('noise.judge.selected', { count: n(count) })}
              </Button>
              <Button variant="default" leftSection={<Icon name="pause" />} onClick={() => hide(chosen)}>
                {t('noise.hide.selected')}
              </Button>
            </>
          ) : null}
          {chosen.length > 0 && may('incidents:write') ? (
            <Button
              leftSection={<Icon name="incidents" />}
              onClick={() =>
                void idsOf(filters).then((ids) => setDoing({ kind: 'incident', ids, more: count > incidentFindingsMax }))
              }
            >
              {t('noise.toIncident', { count: n(Math.min(count, incidentFindingsMax)) })}
            </Button>
          ) : null}
          <Select
            aria-label={t('web.findings.groupBy')}
            allowDeselect={false}
            value={one ? 'none' : by}
            onChange={(value) => {
              if (value !== 'none') keep('findings.by', value);
              set({ by: value ?? undefined });
            }}
            data={[
              ...groupings.map((each) => ({ value: each as string, label: t(groupingKeys[each]) })),
              { value: 'none', label: t('web.findings.one') },
            ]}
          />
          <Link className="button-link" to="/exceptions" search={keepView}>
            {t('noise.page')}
          </Link>
          <Link className="button-link" to="/rules" search={keepView}>
            {t('noise.rules')}
          </Link>
        </>
      }
    >
      <Filters chosen={search as Filter} levels={totals?.levels ?? {}} hidden={totals?.hidden ?? 0} set={set} />
      <Waiting query={query}>
        {() =>
          groups.length === 0 ? (
            <Empty icon="findings" title={text === '' ? t('web.findings.none') : t('web.findings.noneFit')}>
              {text === '' ? t('web.findings.none.means') : t('web.noneFit.means')}
            </Empty>
          ) : one ? (
            <GroupFindings filter={filter} />
          ) : (
            <>
              <Groups
                groups={groups}
                by={by}
                filter={filter}
                open={open}
                toggle={(key) => setOpen(toggle(open, key))}
                selected={writes || may('incidents:write') ? selected : null}
                select={(key) => setSelected(toggle(selected, key))}
              />
              {query.hasNextPage ? (
                <Button variant="default" size="xs" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {t('noise.moreGroups')}
                </Button>
              ) : null}
            </>
          )
        }
      </Waiting>
      {doing?.kind === 'exception' ? <ExceptionForm start={doing.start} close={close} /> : null}
      {doing?.kind === 'judge' ? <JudgeForm what={{ filters }} count={count} close={close} /> : null}
      {doing?.kind === 'incident' ? <ToIncident findings={doing.ids} organisations={[]} more={doing.more} close={close} /> : null}
    </Page>
  );
}
