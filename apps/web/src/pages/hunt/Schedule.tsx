/** Whether a saved hunt runs by itself, how often, what its findings are worth, and how far it has come. */

import { Select } from '@mantine/core';
import type { ScheduleView } from '@forewarn/model/schedule';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { findingLevels, useFindingLevelName, type FindingLevel } from '../../marks/Marks.tsx';
import { askList } from '../../session/api.ts';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';

const schedulesQuery = queryOptions({
  queryKey: ['schedules'],
  queryFn: ({ signal }) => askList<ScheduleView>('/schedules', signal),
});

const everyKeys = {
  0: 'schedule.never',
  900: 'schedule.every.900',
  3600: 'schedule.every.3600',
  21600: 'schedule.every.21600',
  86400: 'schedule.every.86400',
} as const;

export function HuntSchedule({ hunt }: { hunt: string }) {
  const { t, n } = useTexts();
  const { full } = useInstants();
  const levelName = useFindingLevelName();
  const { data } = useQuery(schedulesQuery);
  const act = useAct(['schedules']);
  const [chosen, setChosen] = useState<FindingLevel>('medium');
  // A hunt of the centre has a row for each organisation.
  const rows = (data ?? []).filter(({ kind, of }) => kind === 'hunt' && of === hunt);
  const [row] = rows;
  const level = row?.level ?? chosen;
  const path = `/hunts/${encodeURIComponent(hunt)}/schedule`;
  const put = (everySeconds: number, worth: FindingLevel): void =>
    act.mutate({ method: 'PUT', path, body: { everySeconds, level: worth }, done: t('schedule.put') });
  return (
    <>
      <div className="form-pair">
        <Select
          label={t('schedule.every')}
          description={t('schedule.every.means')}
          allowDeselect={false}
          disabled={act.isPending || data === undefined}
          value={String(row?.everySeconds ?? 0)}
          onChange={(value) => {
            if (Number(value) > 0) put(Number(value), level);
            else act.mutate({ method: 'DELETE', path, done: t('schedule.removed') });
          }}
          data={Object.entries(everyKeys).map(([value, key]) => ({ value, label: t(key) }))}
        />
        <Select
          label={t('schedule.level')}
          description={t('schedule.level.means')}
          allowDeselect={false}
          disabled={act.isPending || data === undefined}
          value={level}
          onChange={(value) => {
            const worth = findingLevels.find((one) => one === value) ?? 'medium';
            setChosen(worth);
            if (row) put(row.everySeconds, worth);
          }}
          data={findingLevels.map((value) => ({ value, label: levelName(value) }))}
        />
      </div>
      {row === undefined ? null : (
        <p className="dim small" role="status">
          {t('schedule.until', { until: full(row.until), hits: n(rows.reduce((sum, { hits }) => sum + hits, 0)) })}
          {rows.some(({ trouble }) => trouble) ? ` ${t('schedule.trouble')}` : ''}
        </p>
      )}
    </>
  );
}
