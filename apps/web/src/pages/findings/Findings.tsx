/** Findings grouped first – by rule, by host or by organisation – with counts; then one by one. */

import type { FindingView } from '@forewarn/model/api';
import { ruleName } from '@forewarn/model/finding';
import { Button, Modal, MultiSelect, SegmentedControl, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { Empty, Page, Waiting } from '../../frame/Page.tsx';
import { TableRegion } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { At, FindingLevelMark, findingLevels } from '../../marks/Marks.tsx';
import { Technique } from '../../marks/Technique.tsx';
import { useTexts, type Texts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { findingsQuery, organisationsQuery, useOrganisationName } from '../../session/resources.ts';
import { useQueryText, useRange } from '../../session/view.ts';
import { shownIndicator } from '../../values/defang.ts';
import { filterOf } from '../../values/terms.ts';
import { FindingTable } from './FindingTable.tsx';

const groupings = ['rule', 'host', 'organisation', 'none'] as const;
type Grouping = (typeof groupings)[number];
const groupingKeys: { [by in Grouping]: string } = {
  rule: 'web.findings.byRule',
  host: 'web.findings.byHost',
  organisation: 'web.findings.byOrganisation',
  none: 'web.findings.one',
};

type Group = {
  key: string;
  name: string;
  findings: FindingView[];
  records: number;
  last: string;
  level: FindingView['level'];
  hosts: number;
  techniques: string[];
  incidents: number;
};

function groupsOf(findings: readonly FindingView[], by: Grouping, name: (id: string) => string, w: Texts['w']): Group[] {
  const groups = new Map<string, Group>();
  for (const finding of findings) {
    const keys =
      by === 'rule'
        ? [[finding.rule.id, w(ruleName(finding.rule))] as const]
        : by === 'host'
          ? [[finding.source, shownIndicator(finding.source)] as const]
          : finding.organisations.map((id) => [id, name(id)] as const);
    for (const [key, shown] of keys) {
      let group = groups.get(key);
      if (group === undefined) {
        group = {
          key,
          name: shown,
          findings: [],
          records: 0,
          last: finding.to,
          level: finding.level,
          hosts: 0,
          techniques: [],
          incidents: 0,
        };
        groups.set(key, group);
      }
      group.findings.push(finding);
      group.records += finding.recordCount;
      if (finding.to > group.last) group.last = finding.to;
      if (findingLevels.indexOf(finding.level) < findingLevels.indexOf(group.level)) group.level = finding.level;
    }
  }
  for (const group of groups.values()) {
    group.hosts = new Set(group.findings.map(({ source }) => source)).size;
    group.techniques = [...new Set(group.findings.flatMap(({ technique }) => technique))].slice(0, 3);
    group.incidents = new Set(group.findings.flatMap(({ incident }) => incident ?? [])).size;
  }
  return [...groups.values()].sort(
    (a, b) => findingLevels.indexOf(a.level) - findingLevels.indexOf(b.level) || b.last.localeCompare(a.last),
  );
}

export function Findings() {
  const { t, n, w } = useTexts();
  const may = useMay();
  const view = useRange();
  const text = useQueryText();
  const name = useOrganisationName();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { by?: string; level?: string };
  const by = groupings.find((each) => each === search.by) ?? 'rule';
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [opening, setOpening] = useState(false);
  const query = useQuery(
    findingsQuery({ from: view.from, to: view.to, ...(search.level === undefined ? {} : { level: search.level }) }),
  );
  const findings = useMemo(() => {
    const fits = filterOf<FindingView>(
      text,
      (finding) => `${w(finding.explanation)} ${w(ruleName(finding.rule))} ${finding.organisations.map(name).join(' ')}`,
    );
    return (query.data?.items ?? []).filter(fits);
  }, [query.data, text, w, name]);
  const groups = useMemo(() => (by === 'none' ? [] : groupsOf(findings, by, name, w)), [findings, by, name, w]);
  const set = (change: { by?: string; level?: string | undefined }) =>
    void navigate({
      to: '/findings',
      search: ((previous: Record<string, unknown>) =>
        Object.fromEntries(
          Object.entries({ ...previous, ...change }).filter(([, value]) => value !== undefined && value !== 'rule'),
        )) as never,
    });
  const toggle = (all: ReadonlySet<string>, key: string) => {
    const next = new Set(all);
    if (!next.delete(key)) next.add(key);
    return next;
  };
  const chosen = groups.filter(({ key }) => selected.has(key)).flatMap((group) => group.findings.map(({ id }) => id));
  return (
    <Page
      title={t('web.page.findings')}
      tools={
        <>
          {chosen.length > 0 && may('incidents:write') ? (
            <Button leftSection={<Icon name="incidents" />} onClick={() => setOpening(true)}>
              {t('web.findings.toIncident', { count: chosen.length })}
            </Button>
          ) : null}
          <SegmentedControl
            aria-label={t('web.findings.groupBy')}
            value={by}
            onChange={(value) => set({ by: value })}
            data={groupings.map((each) => ({ value: each, label: t(groupingKeys[each]) }))}
          />
        </>
      }
    >
      <div className="chips" role="group" aria-label={t('web.finding.level')}>
        {findingLevels.map((level) => (
          <button
            key={level}
            type="button"
            className="chip"
            aria-pressed={search.level === level}
            onClick={() => set({ level: search.level === level ? undefined : level })}
          >
            <FindingLevelMark level={level} />
            {search.level === undefined ? (
              <span className="tab-count">{n(findings.filter((finding) => finding.level === level).length)}</span>
            ) : null}
          </button>
        ))}
      </div>
      <Waiting query={query}>
        {(data) =>
          findings.length === 0 ? (
            <Empty icon="findings" title={text === '' ? t('web.findings.none') : t('web.findings.noneFit')}>
              {text === '' ? t('web.findings.none.means') : t('web.noneFit.means')}
            </Empty>
          ) : by === 'none' ? (
            <FindingTable findings={findings} more={data.next !== null} log="findings" />
          ) : (
            <TableRegion label={t('web.page.findings')}>
              <table className="table table-groups">
                <thead>
                  <tr>
                    {may('incidents:write') ? (
                      <th scope="col" className="cell-check">
                        <span className="visually-hidden">{t('web.select')}</span>
                      </th>
                    ) : null}
                    <th scope="col">{t('web.finding.level')}</th>
                    <th scope="col">{t(groupingKeys[by])}</th>
                    <th scope="col" className="number">
                      {t('web.page.findings')}
                    </th>
                    <th scope="col" className="number narrow-hide">
                      {by === 'host' ? t('web.finding.records') : t('web.findings.hosts')}
                    </th>
                    <th scope="col" className="narrow-hide">
                      {t('web.finding.technique')}
                    </th>
                    <th scope="col" className="number narrow-hide">
                      {t('web.page.incidents')}
                    </th>
                    <th scope="col">{t('web.finding.lastSeen')}</th>
                  </tr>
                </thead>
                {groups.map((group) => (
                  <tbody key={group.key}>
                    <tr data-row tabIndex={-1} data-expanded={open.has(group.key) || undefined}>
                      {may('incidents:write') ? (
                        <td className="cell-check">
                          <input
                            type="checkbox"
                            data-select
                            aria-label={t('web.selectOne', { name: group.name })}
                            checked={selected.has(group.key)}
                            onChange={() => setSelected(toggle(selected, group.key))}
                          />
                        </td>
                      ) : null}
                      <td>
                        <FindingLevelMark level={group.level} />
                      </td>
                      <td className="cell-main">
                        <button
                          type="button"
                          className="expander"
                          data-open
                          aria-expanded={open.has(group.key)}
                          onClick={() => setOpen(toggle(open, group.key))}
                        >
                          <Icon name={open.has(group.key) ? 'down' : 'right'} size={14} />
                          <span className={by === 'host' ? 'mono' : undefined}>{group.name}</span>
                        </button>
                      </td>
                      <td className="number">{n(group.findings.length)}</td>
                      <td className="number narrow-hide">{n(by === 'host' ? group.records : group.hosts)}</td>
                      <td className="narrow-hide">
                        {group.techniques.map((id) => (
                          <Technique key={id} id={id} />
                        ))}
                      </td>
                      <td className="number narrow-hide">{n(group.incidents)}</td>
                      <td>
                        <At at={group.last} />
                      </td>
                    </tr>
                    {open.has(group.key) ? (
                      <tr className="detail-row">
                        <td colSpan={8}>
                          <FindingTable findings={group.findings} log="findings" />
                        </td>
                      </tr>
                    ) : null}
                  </tbody>
                ))}
              </table>
              {data.next === null ? null : (
                <p className="dim small panel-note">{t('web.findings.more', { count: data.items.length })}</p>
              )}
            </TableRegion>
          )
        }
      </Waiting>
      {opening ? (
        <ToIncident
          findings={chosen}
          organisations={[
            ...new Set(
              groups
                .filter(({ key }) => selected.has(key))
                .flatMap((group) => group.findings.flatMap((finding) => finding.organisations)),
            ),
          ]}
          close={() => setOpening(false)}
        />
      ) : null}
    </Page>
  );
}

function ToIncident({
  findings,
  organisations: concerned,
  close,
}: {
  findings: string[];
  organisations: string[];
  close: () => void;
}) {
  const { t, l } = useTexts();
  const navigate = useNavigate();
  const { data: organisations } = useQuery(organisationsQuery);
  const [title, setTitle] = useState('');
  const [chosen, setChosen] = useState<string[]>(concerned);
  const act = useAct<{ id?: string }>(['incidents', 'situation', 'findings'], (made) => {
    close();
    if (typeof made?.id === 'string') void navigate({ to: '/incidents/$id', params: { id: made.id } });
  });
  return (
    <Modal
      opened
      onClose={close}
      title={t('web.findings.toIncident', { count: findings.length })}
      closeButtonProps={{ 'aria-label': t('web.close') }}
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (title.trim() === '' || chosen.length === 0) return;
          act.mutate({
            method: 'POST',
            path: '/incidents',
            body: { title: title.trim(), findings, organisations: chosen },
            done: t('web.incidents.opened'),
          });
        }}
      >
        <TextInput
          data-autofocus
          label={t('web.incident.title')}
          required
          maxLength={300}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <MultiSelect
          label={t('web.incident.organisations')}
          required
          searchable
          data={(organisations ?? []).map((each) => ({ value: each.id, label: l(each.name) }))}
          value={chosen}
          onChange={setChosen}
        />
        <div className="form-end">
          <Button variant="default" onClick={close}>
            {t('web.cancel')}
          </Button>
          <Button type="submit" disabled={title.trim() === '' || chosen.length === 0} loading={act.isPending}>
            {t('web.incidents.new')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
