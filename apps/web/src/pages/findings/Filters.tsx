/** What the Findings page is narrowed by: levels at a glance, the rest by choice; what came by a link stands as a pill that can be taken away. */

import { verdicts } from '@forewarn/model/noise';
import { ruleName } from '@forewarn/model/finding';
import { Select, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Icon } from '../../look/icons.tsx';
import { FindingLevelMark, findingLevels } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { linksQuery, organisationsQuery } from '../../session/resources.ts';
import { shownIndicator } from '../../values/defang.ts';
import { networkTypeKeys } from '../estate/words.ts';
import { rulesQuery, type Filter } from './queries.ts';
import { verdictKeys } from './words.ts';

type Chosen = Pick<
  Filter,
  'level' | 'rule' | 'source' | 'target' | 'technique' | 'organisation' | 'link' | 'networkType' | 'verdict' | 'hidden'
>;

export function Filters({
  chosen,
  levels,
  hidden,
  set,
}: {
  chosen: Chosen;
  /** How many of each level the filter shows, whichever level is chosen. */
  levels: { [level in (typeof findingLevels)[number]]?: number | undefined };
  hidden: number;
  set: (change: { [name in keyof Chosen]: string | undefined }) => void;
}) {
  const { t, n, l, w } = useTexts();
  const { data: organisations } = useQuery(organisationsQuery);
  const { data: links } = useQuery(linksQuery);
  const { data: rules } = useQuery(rulesQuery);
  const rule = rules?.items.find(({ id }) => id === chosen.rule);
  const pills = [
    ['rule', rule === undefined ? chosen.rule : w(ruleName(rule))],
    ['source', chosen.source === undefined ? undefined : shownIndicator(chosen.source)],
    ['target', chosen.target === undefined ? undefined : shownIndicator(chosen.target)],
    ['technique', chosen.technique],
  ] as const;
  const pillKeys = {
    rule: 'noise.by.rule',
    source: 'noise.by.source',
    target: 'noise.by.target',
    technique: 'noise.by.technique',
  } as const;
  const select = (
    name: 'verdict' | 'networkType' | 'link' | 'organisation',
    label: string,
    data: { value: string; label: string }[],
  ) => (
    <Select
      size="xs"
      aria-label={label}
      placeholder={label}
      clearable
      searchable
      clearButtonProps={{ 'aria-label': t('noise.clear', { what: label }) }}
      data={data}
      value={chosen[name] ?? null}
      onChange={(value) => set({ [name]: value ?? undefined })}
    />
  );
  return (
    <div className="noise-filters" role="group" aria-label={t('noise.filters')}>
      <div className="chips" role="group" aria-label={t('web.finding.level')}>
        {findingLevels.map((level) => (
          <button
            key={level}
            type="button"
            className="chip"
            aria-pressed={chosen.level === level}
            onClick={() => set({ level: chosen.level === level ? undefined : level })}
          >
            <FindingLevelMark level={level} />
            <span className="tab-count">{n(levels[level] ?? 0)}</span>
          </button>
        ))}
      </div>
      {select('verdict', t('noise.verdict'), [
        { value: 'none', label: t('noise.verdict.none') },
        ...verdicts.map((each) => ({ value: each, label: t(verdictKeys[each]) })),
      ])}
      {select(
        'networkType',
        t('noise.networkType'),
        Object.entries(networkTypeKeys).map(([value, key]) => ({ value, label: t(key) })),
      )}
      {select(
        'link',
        t('noise.by.link'),
        (links ?? []).map((each) => ({ value: each.id, label: l(each.name) })),
      )}
      {select(
        'organisation',
        t('noise.by.organisation'),
        (organisations ?? []).map((each) => ({ value: each.id, label: l(each.name) })),
      )}
      <Switch
        size="xs"
        label={t('noise.showHidden', { count: n(hidden) })}
        checked={chosen.hidden === 'all'}
        onChange={(event) => set({ hidden: event.currentTarget.checked ? 'all' : undefined })}
      />
      {pills.map(([name, shown]) =>
        shown === undefined ? null : (
          <button
            key={name}
            type="button"
            className="chip"
            aria-pressed="true"
            aria-label={t('noise.clear', { what: `${t(pillKeys[name])} ${shown}` })}
            onClick={() => set({ [name]: undefined })}
          >
            <span className="dim">{t(pillKeys[name])}</span> {shown} <Icon name="close" size={12} />
          </button>
        ),
      )}
    </div>
  );
}
