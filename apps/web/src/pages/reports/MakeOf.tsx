/** Makes the report of one incident or warning from its own page, and goes to the draft. */

import type { ReportView } from '@forewarn/model/report';
import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { keepView } from '../../frame/keep.ts';
import { useAct } from '../../frame/act.ts';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { touched } from './queries.ts';

export function MakeOf({ kind, id }: { kind: 'incident' | 'warning'; id: string }) {
  const { t } = useTexts();
  const may = useMay();
  const navigate = useNavigate();
  const act = useAct<ReportView>(
    touched,
    (report) => void navigate({ to: '/reports/$id', params: { id: report.id }, search: keepView }),
  );
  if (!may('reports:write')) return null;
  return (
    <Button
      variant="default"
      leftSection={<Icon name="list" />}
      loading={act.isPending}
      onClick={() =>
        act.mutate({ method: 'POST', path: '/reports', body: { template: kind, subject: id }, done: t('reports.made') })
      }
    >
      {t(kind === 'incident' ? 'reports.make.brief' : 'reports.make.sheet')}
    </Button>
  );
}
