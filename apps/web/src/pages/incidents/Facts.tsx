import type { FactView, IncidentView } from '@forewarn/model/api';
import type { FactDefinition } from '@forewarn/model/facts';
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Empty, Panel } from '../../frame/Page.tsx';
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
    if (Array.isArray(value)) return value.map(one).join(t('web.list'));
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
        <div className="table-scroll" role="region" aria-label={t('web.incident.tab.facts')} tabIndex={0}>
          <table className="table table-cards">
            <thead>
              <tr>
                <th scope="col">{t('web.fact')}</th>
                <th scope="col" className="number">
                  {t('web.fact.valueOf')}
                </th>
                <th scope="col">{t('web.fact.source')}</th>
                <th scope="col">{t('web.fact.by')}</th>
                <th scope="col">{t('web.fact.at')}</th>
              </tr>
            </thead>
            <tbody>
              {sorted.map((fact) => (
                <tr key={fact.id} data-row tabIndex={-1} data-over={fact.superseded || undefined}>
                  <td className="cell-main">
                    {l(fact.name)}
                    {fact.superseded ? <span className="dim"> · {t('web.fact.superseded')}</span> : null}
                  </td>
                  <td className="number" data-label={t('web.fact.valueOf')}>
                    {write(fact)}
                  </td>
                  <td data-label={t('web.fact.source')}>
                    {fact.derived
                      ? t(fact.source === 'estate' ? 'web.fact.source.estate' : 'web.fact.source.finding')
                      : fact.source}
                  </td>
                  <td data-label={t('web.fact.by')}>{actor(fact.by)}</td>
                  <td data-label={t('web.fact.at')}>
                    <At at={fact.at} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
