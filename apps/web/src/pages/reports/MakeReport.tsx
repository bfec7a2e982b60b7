/** Making a report: by which template, and of what. */

import type { ReportView } from '@forewarn/model/report';
import { Modal, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { keepView } from '../../frame/keep.ts';
import { useAct } from '../../frame/act.ts';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useTexts } from '../../session/language.tsx';
import { incidentsQuery, useNamedWords, warningsQuery } from '../../session/resources.ts';
import { templatesQuery, touched } from './queries.ts';

export function MakeReport({ close }: { close: () => void }) {
  const { t, l } = useTexts();
  const w = useNamedWords();
  const navigate = useNavigate();
  const { data: templates = [] } = useQuery(templatesQuery);
  const [template, setTemplate] = useState<string | null>('daily');
  const [subject, setSubject] = useState<string | null>(null);
  const about = templates.find(({ id }) => id === template)?.about ?? 'situation';
  const incidents = useQuery({ ...incidentsQuery({}), enabled: about === 'incident' });
  const warnings = useQuery({ ...warningsQuery, enabled: about === 'warning' });
  const act = useAct<ReportView>(touched, (report) => {
    close();
    void navigate({ to: '/reports/$id', params: { id: report.id }, search: keepView });
  });
  const subjects =
    about === 'incident'
      ? (incidents.data?.items ?? []).map(({ id, number, title }) => ({ value: id, label: `${number} ${w(title)}` }))
      : (warnings.data?.items ?? []).map(({ id, number, title }) => ({ value: id, label: `${number} ${l(title)}` }));
  const ready = template !== null && (about === 'situation' || subject !== null);
  return (
    <Modal opened onClose={close} title={t('reports.make')} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          const body = { template, ...(about === 'situation' ? {} : { subject }) };
          act.mutate({ method: 'POST', path: '/reports', body, done: t('reports.made') });
        }}
      >
        <Select
          label={t('reports.template')}
          value={template}
          allowDeselect={false}
          data={templates.map(({ id, title }) => ({ value: id, label: l(title) }))}
          onChange={(value) => {
            setTemplate(value);
            setSubject(null);
          }}
        />
        {about === 'situation' ? null : (
          <Select
            label={t(about === 'incident' ? 'reports.about.incident' : 'reports.about.warning')}
            required
            searchable
            value={subject}
            data={subjects}
            nothingFoundMessage={t('reports.noneFit')}
            onChange={setSubject}
          />
        )}
        <p className="prose dim small">{t('reports.make.means')}</p>
        <FormEnd close={close} disabled={!ready} pending={act.isPending}>
          {t('reports.make')}
        </FormEnd>
      </form>
    </Modal>
  );
}
