/** What can be done with one finding – say what it was, hide its like, take it to an incident – and what was said of it. */

import type { FindingView } from '@forewarn/model/api';
import type { VerdictView } from '@forewarn/model/noise-api';
import { printPredicate } from '@forewarn/model/query/text';
import { Button } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Panel } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { At } from '../../marks/Marks.tsx';
import { ask, type Page } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { equalTo } from '../../values/terms.ts';
import { ExceptionForm } from './ExceptionForm.tsx';
import { JudgeForm } from './JudgeForm.tsx';
import { VerdictMark } from './marks.tsx';
import { ToIncident } from './ToIncident.tsx';

export function Judging({ finding }: { finding: FindingView }) {
  const { t } = useTexts();
  const may = useMay();
  const [doing, setDoing] = useState<'judge' | 'hide' | 'incident' | null>(null);
  const close = () => setDoing(null);
  return (
    <>
      {may('findings:write') ? (
        <>
          <Button variant="default" leftSection={<Icon name="check" />} onClick={() => setDoing('judge')}>
            {t('noise.judge')}
          </Button>
          <Button variant="default" leftSection={<Icon name="pause" />} onClick={() => setDoing('hide')}>
            {t('noise.hide.selected')}
          </Button>
        </>
      ) : null}
      {may('incidents:write') && finding.incident === null ? (
        <Button variant="default" leftSection={<Icon name="incidents" />} onClick={() => setDoing('incident')}>
          {t('noise.toIncident.one')}
        </Button>
      ) : null}
      {doing === 'judge' ? <JudgeForm what={{ findings: [finding.id] }} count={1} close={close} /> : null}
      {doing === 'hide' ? (
        <ExceptionForm
          start={{ rule: finding.rule.id, condition: printPredicate(equalTo('source', finding.source)) }}
          close={close}
        />
      ) : null}
      {doing === 'incident' ? <ToIncident findings={[finding.id]} organisations={finding.organisations} close={close} /> : null}
    </>
  );
}

const verdictsQuery = (finding: string) =>
  queryOptions({
    queryKey: ['finding', finding, 'verdicts'],
    queryFn: ({ signal }) =>
      ask<Page<VerdictView>>('GET', `/findings/${encodeURIComponent(finding)}/verdicts`, undefined, signal),
  });

export function Verdicts({ finding }: { finding: string }) {
  const { t } = useTexts();
  const person = useActorName();
  const { data } = useQuery(verdictsQuery(finding));
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Panel title={t('noise.verdicts')}>
      <Table
        label={t('noise.verdicts')}
        form="still"
        rows={data.items}
        keyOf={({ at, by }) => `${at} ${by}`}
        columns={[
          { head: t('noise.verdict'), cell: ({ verdict }) => <VerdictMark verdict={verdict} /> },
          { head: t('noise.reason'), main: true, cell: ({ reason }) => reason },
          { head: t('noise.by'), cell: ({ by }) => person(by) },
          { head: t('noise.at'), cell: ({ at }) => <At at={at} /> },
        ]}
      />
    </Panel>
  );
}
