/** Where an incident is heading: its expected grade in an hour, six and a day, why, and what earlier forecasts of it came to. */

import type { IncidentView } from '@forewarn/model/api';
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Panel, Waiting } from '../../frame/Page.tsx';
import { useTexts } from '../../session/language.tsx';
import { Courses } from './Courses.tsx';
import { Fan } from './Fan.tsx';
import { Model } from './Model.tsx';
import { Outcomes } from './Outcomes.tsx';
import { forecastQuery } from './queries.ts';

export function IncidentForecast({ incident }: { incident: IncidentView }) {
  const { t, w } = useTexts();
  const [scheme, setScheme] = useState<string | null>(null);
  const query = useQuery(forecastQuery(incident.id, scheme));
  return (
    <Waiting query={query}>
      {(view) => {
        const facts = [...new Set(view.points.flatMap((point) => point.facts.map(({ fact }) => fact)))];
        const moving = facts.filter((fact) =>
          view.points.some((point) => point.facts.some((one) => one.fact === fact && one.movement !== 'still')),
        );
        return (
          <div className="stack">
            <Panel
              title={t('forecast.expected')}
              tools={
                <Select
                  aria-label={t('forecast.scheme')}
                  size="xs"
                  allowDeselect={false}
                  data={incident.grades.map((grade) => ({ value: grade.scheme, label: w({ text: `grade.${grade.scheme}` }) }))}
                  value={view.scheme}
                  onChange={setScheme}
                />
              }
            >
              <Courses scheme={view.scheme} now={view.now} points={view.points} />
            </Panel>
            <Panel title={t('forecast.because')}>
              <ul className="reasons">
                {view.because.map((reason, i) => (
                  // Reasons have no id and come anew with each forecast.
                  <li key={i}>{w(reason)}</li>
                ))}
              </ul>
              <div className="fans">
                {moving.map((fact) => (
                  <Fan key={fact} view={view} fact={fact} />
                ))}
              </div>
            </Panel>
            {view.earlier.length === 0 ? null : (
              <Panel title={t('forecast.earlier')} count={view.earlier.length}>
                <Outcomes rows={view.earlier} scheme={incident.grade?.scheme ?? view.scheme} named={false} />
              </Panel>
            )}
            <Model model={view.model} />
          </div>
        );
      }}
    </Waiting>
  );
}
