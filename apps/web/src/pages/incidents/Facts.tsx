import type { FactView, IncidentView } from '@forewarn/model/api';
import { isOnlyComputed, type FactDefinition } from '@forewarn/model/facts';
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Empty, Panel } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { At } from '../../marks/Marks.tsx';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { factsQuery } from '../../session/resources.ts';
import { FactForm, unitKeys } from './FactForm.tsx';

/** A fact's value in words: numbers with their unit, intervals, terms by name, unknown. */
export function useFactValue(): (fact: Pick<FactView, 'value' | 'unit' | 'fact'>) => string {
  const { t, l, n } = useTexts();
  const instants = useInstants();
  const { data: definitions } = useQuery(factsQuery);
  return ({ value, unit, fact }) => {
    const definition: FactDefinition | undefined = definitions?.find(({ id }) => id === fact);
    const withUnit = (text: string) =>
      unit === null || unit === 'count' ? text : `${text} ${t(unitKeys[unit] ?? 'web.unit.count')}`;
    const one = (each: unknown): string => {
      if (typeof each === 'number') return definition?.kind === 'instant' ? instants.full(each * 1000) : n(each, 6);
      if (typeof each === 'boolean') return each ? t('web.yes') : t('web.no');
      if (typeof each === 'string') {
        if (definition?.kind === 'term') return l(definition.terms.find(({ id }) => id === each)?.name) || each;
        if (definition?.kind === 'set') return l(definition.members.find(({ id }) => id === each)?.name) || each;
        if (definition?.kind === 'instant') return instants.full(each);
        return each;
      }
      return each === null ? '∞' : JSON.stringify(each);
    };
    if (value === null || value === undefined) return t('web.fact.unknown');
    if (Array.isArray(value)) return value.length === 0 ? t('web.fact.noMembers') : value.map(one).join(t('web.list'));
    if (typeof value === 'object' && 'min' in value && 'max' in value) return withUnit(`${one(value.min)} – ${one(value.max)}`);
    return typeof value === 'number' && definition?.kind !== 'instant' ? withUnit(one(value)) : one(value);
  };
}

/** What is known, by whom, since when; older statements stay under the newest. */
export function Facts({ incident }: { incident: IncidentView }) {
  const { t, l } = useTexts();
  const may = useMay();
  const write = useFactValue();
  const actor = useActorName();
  const { data: definitions } = useQuery(factsQuery);
  const [chosen, setChosen] = useState<string | null>(null);
  const sorted = incident.facts.toSorted(
    (a, b) => a.fact.localeCompare(b.fact) || Number(a.superseded) - Number(b.superseded) || b.at.localeCompare(a.at),
  );
  return (
    <div className="stack">
      {may('incidents:write') ? (
        <Panel title={t('web.fact.new')}>
          <div className="panel-body">
            <Select
              label={t('web.fact')}
              placeholder={t('web.fact.choose')}
              searchable
              clearable
              maw={420}
              data={(definitions ?? [])
                .filter((definition) => definition.collectionsOnly !== true && !isOnlyComputed(definition))
                .map((definition) => ({ value: definition.id, label: l(definition.name) }))
                .sort((a, b) => a.label.localeCompare(b.label))}
              value={chosen}
              onChange={setChosen}
            />
            {chosen === null ? null : <FactForm key={chosen} incident={incident.id} fact={chosen} done={() => setChosen(null)} />}
          </div>
        </Panel>
      ) : null}
      {sorted.length === 0 ? (
        <Empty icon="list" title={t('web.facts.none')}>
          {t('web.facts.none.means')}
        </Empty>
      ) : (
        <Table
          label={t('web.incident.tab.facts')}
          rows={sorted}
          keyOf={({ id }) => id}
          over={({ superseded }) => superseded}
          columns={[
            {
              head: t('web.fact'),
              main: true,
              cell: (fact) => (
                <>
                  {l(fact.name)}
                  {fact.superseded ? <span className="dim"> · {t('web.fact.superseded')}</span> : null}
                </>
              ),
            },
            { head: t('web.fact.valueOf'), number: true, cell: write },
            {
              head: t('web.fact.source'),
              cell: ({ derived, source }) =>
                derived ? t(source === 'estate' ? 'web.fact.source.estate' : 'web.fact.source.finding') : source,
            },
            { head: t('web.fact.by'), cell: ({ by }) => actor(by) },
            { head: t('web.fact.at'), cell: ({ at }) => <At at={at} /> },
          ]}
        />
      )}
    </div>
  );
}
