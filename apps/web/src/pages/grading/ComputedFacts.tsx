/** What estate and traffic show of an incident by themselves, how it was computed, and keeping it. */

import type { FactPart } from '@forewarn/model/grading-api';
import { valueWords } from '@forewarn/model/fact-words';
import { Button, Checkbox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { Waiting } from '../../frame/Page.tsx';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { assetsQuery, businessesQuery, factsQuery } from '../../session/resources.ts';
import { computedQuery } from './queries.ts';

export function ComputedFacts({ incident }: { incident: string }) {
  const { t, l, w } = useTexts();
  const may = useMay();
  const query = useQuery(computedQuery(incident));
  const { data: definitions } = useQuery(factsQuery);
  const { data: businesses } = useQuery(businessesQuery);
  const { data: assets } = useQuery(assetsQuery);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const act = useAct(['grading', 'incident', 'incidents', 'situation'], () => setChosen([]));
  const nameOf = ({ kind, id }: FactPart): string => {
    const of = kind === 'business' ? businesses : kind === 'asset' ? assets : undefined;
    return l(of?.find((one) => one.id === id)?.name) || id;
  };
  const unitOf = (fact: string) => {
    const definition = definitions?.find(({ id }) => id === fact);
    return definition?.kind === 'quantity' ? definition.unit : undefined;
  };
  const toggle = (fact: string) => setChosen(chosen.includes(fact) ? chosen.filter((one) => one !== fact) : [...chosen, fact]);
  return (
    <Waiting query={query}>
      {({ items, not }) => (
        <>
          <p className="prose dim">{t('desk.computed.means')}</p>
          <ul className="computed">
            {items.map((one) => (
              <li key={one.fact}>
                <div className="computed-head">
                  {may('incidents:write') ? (
                    <Checkbox
                      size="md"
                      aria-label={t('desk.computed.choose', { fact: l(one.name) })}
                      checked={chosen.includes(one.fact)}
                      onChange={() => toggle(one.fact)}
                    />
                  ) : null}
                  <span className="computed-name">{l(one.name)}</span>
                  <strong className="tabular">{w(one.text)}</strong>
                  {one.kept === null ? null : (
                    <span className="dim small">
                      {t(one.kept.computed ? 'desk.computed.kept' : 'desk.computed.stated', { value: one.kept.text })} ·{' '}
                      <At at={one.kept.at} />
                    </span>
                  )}
                </div>
                <details>
                  <summary className="small">{t('desk.computed.how')}</summary>
                  <p className="prose">{w(one.how.words)}</p>
                  <p className="dim small">
                    <At at={one.how.from} /> – <At at={one.how.to} />
                  </p>
                  {one.how.parts.length === 0 ? null : (
                    <table className="table">
                      <caption className="visually-hidden">{t('desk.computed.parts')}</caption>
                      <tbody>
                        {one.how.parts.map((part) => (
                          <tr key={`${part.kind} ${part.organisation} ${part.id}`}>
                            <th scope="row">{nameOf(part)}</th>
                            <td className="number">{w(valueWords(one.fact, part.value, unitOf(one.fact)))}</td>
                          </tr>
                        ))}
                      </tbody>
                    </table>
                  )}
                  {one.hidden > 0 ? <p className="dim small">{t('desk.computed.hidden', { count: one.hidden })}</p> : null}
                </details>
              </li>
            ))}
          </ul>
          {not.length === 0 ? null : (
            <details>
              <summary className="small">{t('desk.computed.not', { count: not.length })}</summary>
              <ul className="computed-not">
                {not.map(({ fact, name, why }) => (
                  <li key={fact}>
                    {l(name)}: <span className="dim">{w(why)}</span>
                  </li>
                ))}
              </ul>
            </details>
          )}
          {may('incidents:write') && items.length > 0 ? (
            <Button
              size="xs"
              disabled={chosen.length === 0}
              loading={act.isPending}
              onClick={() =>
                act.mutate({
                  method: 'POST',
                  path: `/incidents/${encodeURIComponent(incident)}/computed-facts`,
                  body: { facts: chosen },
                  done: t('desk.computed.done'),
                })
              }
            >
              {t('desk.computed.keep')}
            </Button>
          ) : null}
        </>
      )}
    </Waiting>
  );
}
