/** A rule tried on what is stored: it shows what it has found while it still looks. */

import type { Trial } from '@forewarn/model/trials';
import { Button, Progress } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useNotice, useProblemText } from '../../frame/notices.tsx';
import { Panel } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { ask } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';

/** While it looks, it is asked this often. */
const everyMs = 700;

const pathOf = (id: string) => `/trials/${encodeURIComponent(id)}`;

export function BackTest({ rule }: { rule: string }) {
  const { t, n } = useTexts();
  const may = useMay();
  const notice = useNotice();
  const problemText = useProblemText();
  const [id, setId] = useState<string | null>(null);
  useEffect(() => setId(null), [rule]);
  const begin = useMutation({
    mutationFn: () => ask<Trial>('POST', '/trials', { rule }),
    onSuccess: (made) => setId(made.id),
    onError: (error) => notice({ ...problemText(error), bad: true }),
  });
  const { data: trial } = useQuery({
    queryKey: ['trial', id],
    queryFn: ({ signal }) => ask<Trial>('GET', pathOf(id!), undefined, signal),
    enabled: id !== null,
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? everyMs : false),
  });
  if (!may('records:read')) return null;
  const most = Math.max(1, ...(trial?.days ?? []).map(({ hits }) => hits));
  return (
    <Panel
      title={t('noise.trial')}
      tools={
        trial?.state === 'running' ? (
          <Button size="xs" variant="default" onClick={() => void ask('DELETE', pathOf(trial.id))}>
            {t('noise.trial.stop')}
          </Button>
        ) : (
          <Button size="xs" variant="default" loading={begin.isPending} onClick={() => begin.mutate()}>
            {t('noise.trial.begin')}
          </Button>
        )
      }
    >
      {trial === undefined ? (
        <p className="panel-note dim">{t('noise.trial.means')}</p>
      ) : (
        <div className="panel-body" aria-live="polite">
          {trial.state === 'running' ? <Progress aria-label={t('noise.trial')} value={trial.progress * 100} /> : null}
          <p>
            <strong>{t('noise.trial.hits', { count: n(trial.hits) })}</strong>{' '}
            <span className="dim">{t('noise.trial.read', { rows: n(trial.read.rows), seconds: n(trial.read.seconds, 1) })}</span>
          </p>
          {trial.trouble === null ? null : (
            <p role="alert" className="noise-grave">
              {trial.trouble.message} {trial.trouble.advice}
            </p>
          )}
          {trial.missing.map(({ log, fields }) => (
            <p key={log} className="dim">
              {t('noise.trial.missing', { log, fields: fields.join(', ') })}
            </p>
          ))}
          {trial.days.length === 0 ? null : (
            <Table
              label={t('noise.trial.days')}
              form="still"
              rows={trial.days}
              keyOf={({ day }) => day}
              columns={[
                { head: t('noise.trial.day'), cell: ({ day }) => day },
                { head: t('noise.trial.hitsOf'), number: true, cell: ({ hits }) => n(hits) },
                {
                  head: t('noise.spark'),
                  headHidden: true,
                  className: 'noise-bar',
                  cell: ({ hits }) => <span aria-hidden="true" style={{ width: `${(hits / most) * 100}%` }} />,
                },
              ]}
            />
          )}
          {trial.subjects.length === 0 ? null : (
            <Table
              label={t('noise.trial.subjects')}
              form="still"
              rows={trial.subjects}
              keyOf={({ organisation, field, value }) => `${organisation} ${field} ${value}`}
              columns={[
                {
                  head: t('noise.trial.subject'),
                  main: true,
                  className: 'mono',
                  cell: ({ organisation, field, value }) => [`${field} ${value}`, organisation].filter(Boolean).join(' · '),
                },
                { head: t('noise.trial.hitsOf'), number: true, cell: ({ hits }) => n(hits) },
              ]}
            />
          )}
        </div>
      )}
    </Panel>
  );
}
