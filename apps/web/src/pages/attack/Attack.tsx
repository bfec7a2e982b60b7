/**
 * ATT&CK: what would be seen, by rules that are tested, and what was seen in the range of time. A technique that a rule only names counts as not
 * covered: nobody knows whether the rule holds. The matrix has a list as its twin.
 */

import { Popover, SegmentedControl, Switch } from '@mantine/core';
import type { AttackView } from '@forewarn/model/attack';
import { ruleName } from '@forewarn/model/finding';
import type { FindingGroupsView } from '@forewarn/model/noise-api';
import type { RuleView } from '@forewarn/model/rule';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { keepView } from '../../frame/keep.ts';
import { Page, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { useTechniqueName } from '../../marks/Technique.tsx';
import { ask, askList, query as queryString } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';
import { usePreference } from '../../session/preferences.ts';
import { useRange } from '../../session/view.ts';

const attackQuery = queryOptions({
  queryKey: ['attack'],
  queryFn: ({ signal }) => ask<AttackView>('GET', '/attack', undefined, signal),
  staleTime: Infinity,
});
const rulesQuery = queryOptions({
  queryKey: ['rules', 'attack'],
  queryFn: ({ signal }) => askList<RuleView>('/rules', signal),
  staleTime: 60_000,
});
const findingsByTechnique = ({ from, to }: { from: string; to: string }) =>
  queryOptions({
    queryKey: ['findings', 'by-technique', from, to],
    queryFn: ({ signal }) =>
      ask<FindingGroupsView>(
        'GET',
        `/findings/groups${queryString({ by: 'technique', from, to, limit: 500 })}`,
        undefined,
        signal,
      ),
    placeholderData: keepPreviousData,
  });

type Told = { tested: RuleView[]; named: RuleView[]; findings: number };
type Place = { id: string; name: string; tactic: string; told: Told };

const nothing: Told = { tested: [], named: [], findings: 0 };

/** What rules and findings say of each technique; those of a sub-technique count for the one above it. */
function toldOf(rules: readonly RuleView[], groups: FindingGroupsView | undefined): ReadonlyMap<string, Told> {
  const told = new Map<string, Told>();
  const at = (technique: string): Told => {
    const id = technique.split('.')[0]!;
    let found = told.get(id);
    if (found === undefined) told.set(id, (found = { tested: [], named: [], findings: 0 }));
    return found;
  };
  for (const rule of rules) {
    for (const id of new Set(rule.technique.map((technique) => technique.split('.')[0]!))) {
      at(id)[rule.tested ? 'tested' : 'named'].push(rule);
    }
  }
  for (const { key, count } of groups?.items ?? []) if (key[0] !== undefined && key[0] !== '') at(key[0]).findings += count;
  return told;
}

const matrixNames = {
  enterprise: 'investigate.attack.enterprise',
  ics: 'investigate.attack.ics',
  mobile: 'investigate.attack.mobile',
} as const;

export function Attack() {
  const { t } = useTexts();
  const attack = useQuery(attackQuery);
  return (
    <Page
      title={t('investigate.attack')}
      tools={<span className="dim small">{t('investigate.attack.source', { version: attack.data?.version ?? '' })}</span>}
    >
      <Waiting query={attack}>{(view) => <Matrices view={view} />}</Waiting>
    </Page>
  );
}

function Matrices({ view }: { view: AttackView }) {
  const { t, w, n } = useTexts();
  const range = useRange();
  const named = useTechniqueName();
  const rules = useQuery(rulesQuery);
  const groups = useQuery(findingsByTechnique(range));
  const [id, setId] = usePreference<AttackView['matrices'][number]['id']>('attack.matrix', 'enterprise');
  const [only, setOnly] = usePreference('attack.only', false);
  const [asList, setAsList] = useState(false);
  const matrix = view.matrices.find((each) => each.id === id) ?? view.matrices[0]!;
  const told = useMemo(() => toldOf(rules.data ?? [], groups.data), [rules.data, groups.data]);
  const tacticName = (tactic: string) => w({ text: `detect.tactic.${tactic}` });
  const columns = useMemo(
    () =>
      matrix.tactics.map(({ id: tactic, techniques }) => ({
        tactic,
        all: techniques.length,
        covered: techniques.filter((technique) => (told.get(technique.id)?.tested.length ?? 0) > 0).length,
        places: techniques
          .map((technique): Place => ({
            id: technique.id,
            name: technique.name,
            tactic,
            told: told.get(technique.id) ?? nothing,
          }))
          .filter(({ told: of }) => !only || of.tested.length + of.named.length + of.findings > 0),
      })),
    [matrix, told, only],
  );
  const techniques = new Map(columns.flatMap(({ places }) => places.map((place) => [place.id, place])));
  const ids = new Set(matrix.tactics.flatMap(({ techniques: of }) => of.map((technique) => technique.id)));
  const covered = [...ids].filter((technique) => (told.get(technique)?.tested.length ?? 0) > 0).length;
  const met = [...ids].filter((technique) => (told.get(technique)?.findings ?? 0) > 0).length;
  return (
    <>
      <div className="attack-tools">
        <SegmentedControl
          aria-label={t('investigate.attack.matrix')}
          value={matrix.id}
          onChange={(chosen) => setId(chosen as typeof id)}
          data={view.matrices.map((each) => ({ value: each.id, label: t(matrixNames[each.id]) }))}
        />
        <Switch label={t('investigate.attack.only')} checked={only} onChange={(event) => setOnly(event.currentTarget.checked)} />
        <button type="button" className="tool" aria-pressed={asList} onClick={() => setAsList(!asList)}>
          <Icon name="list" size={14} />
          <span>{t('investigate.graph.list')}</span>
        </button>
        <p role="status" className="dim">
          {rules.data === undefined
            ? t('web.loading')
            : t('investigate.attack.summary', { covered: n(covered), all: n(ids.size), met: n(met) })}
        </p>
      </div>
      <ul className="attack-legend small">
        <li data-cover="tested">{t('investigate.attack.tested')}</li>
        <li data-cover="named">{t('investigate.attack.named')}</li>
        <li data-cover="none">{t('investigate.attack.uncovered')}</li>
        <li>
          <span className="attack-findings">{n(3)}</span> {t('investigate.attack.findings')}
        </li>
      </ul>
      {asList ? (
        <Table<Place>
          label={t(matrixNames[matrix.id])}
          form="rows"
          rows={[...techniques.values()].sort((a, b) => b.told.findings - a.told.findings || (a.id < b.id ? -1 : 1))}
          keyOf={(place) => place.id}
          columns={[
            {
              head: t('investigate.attack.technique'),
              main: true,
              cell: (place) => (
                <>
                  {named(place.id) ?? place.name} <span className="dim mono">{place.id}</span>
                </>
              ),
            },
            {
              head: t('investigate.attack.tactics'),
              cell: (place) =>
                matrix.tactics
                  .filter(({ techniques: of }) => of.some((technique) => technique.id === place.id))
                  .map(({ id: tactic }) => tacticName(tactic))
                  .join(', '),
            },
            { head: t('investigate.attack.testedRules'), cell: ({ told: of }) => <RuleLinks rules={of.tested} /> },
            { head: t('investigate.attack.otherRules'), cell: ({ told: of }) => <RuleLinks rules={of.named} /> },
            {
              head: t('investigate.attack.findings'),
              number: true,
              cell: (place) =>
                place.told.findings === 0 ? '–' : <FindingsLink id={place.id}>{n(place.told.findings)}</FindingsLink>,
            },
          ]}
        />
      ) : (
        <div className="attack-place" role="region" tabIndex={0} aria-label={t(matrixNames[matrix.id])}>
          <div className="attack-matrix" style={{ gridTemplateColumns: `repeat(${columns.length}, minmax(132px, 1fr))` }}>
            {columns.map(({ tactic, all, covered: ofTactic, places }) => (
              <section key={tactic} aria-label={tacticName(tactic)}>
                <h2>
                  {tacticName(tactic)}
                  <span className="dim tabular">{t('investigate.attack.share', { covered: n(ofTactic), all: n(all) })}</span>
                </h2>
                <ul>
                  {places.map((place) => (
                    <li key={place.id}>
                      <Cell place={place} name={named(place.id) ?? place.name} />
                    </li>
                  ))}
                </ul>
              </section>
            ))}
          </div>
        </div>
      )}
    </>
  );
}

function Cell({ place, name }: { place: Place; name: string }) {
  const { t, n } = useTexts();
  const { tested, named, findings } = place.told;
  const cover = tested.length > 0 ? 'tested' : named.length > 0 ? 'named' : 'none';
  const says = t('investigate.attack.cell', { tested: n(tested.length), named: n(named.length), findings: n(findings) });
  return (
    <Popover position="bottom-start" width={320} trapFocus returnFocus withinPortal>
      <Popover.Target>
        <button type="button" className="attack-cell" data-cover={cover} data-met={findings > 0 || undefined}>
          <span>{name}</span>
          <span className="visually-hidden">
            {place.id} {says}
          </span>
          {findings > 0 ? (
            <span className="attack-findings" aria-hidden="true">
              {n(findings)}
            </span>
          ) : null}
        </button>
      </Popover.Target>
      <Popover.Dropdown className="attack-detail">
        <h3>
          {name} <span className="dim mono">{place.id}</span>
        </h3>
        <p className="dim">{says}</p>
        {tested.length === 0 ? null : (
          <div>
            <strong>{t('investigate.attack.testedRules')}</strong>
            <RuleLinks rules={tested} />
          </div>
        )}
        {named.length === 0 ? null : (
          <div>
            <strong>{t('investigate.attack.otherRules')}</strong>
            <RuleLinks rules={named} />
          </div>
        )}
        <FindingsLink id={place.id}>{t('investigate.attack.openFindings')}</FindingsLink>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Rules of one technique that are named; the page of rules has the rest. */
const rulesShown = 12;

function RuleLinks({ rules }: { rules: readonly RuleView[] }) {
  const { t, w, n } = useTexts();
  if (rules.length === 0) return <span className="dim">–</span>;
  return (
    <ul className="attack-rules">
      {rules.slice(0, rulesShown).map((rule) => (
        <li key={rule.id}>
          <Link to="/rules/$id" params={{ id: rule.id }} search={keepView}>
            {w(ruleName(rule))}
          </Link>
        </li>
      ))}
      {rules.length > rulesShown ? (
        <li className="dim">{t('investigate.more', { count: n(rules.length - rulesShown) })}</li>
      ) : null}
    </ul>
  );
}

function FindingsLink({ id, children }: { id: string; children: string }) {
  return (
    <Link
      to="/findings"
      search={
        ((previous: Record<string, unknown>) => ({
          ...(previous['range'] === undefined ? {} : { range: previous['range'] }),
          q: `technique:${id}*`,
        })) as never
      }
    >
      {children}
    </Link>
  );
}
