/** A value taken along into an incident: a task of the own organisation to look into it, which everybody who works there sees. */

import { Button, Modal, Select, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { keepAnd } from '../frame/keep.ts';
import { useAct } from '../frame/act.ts';
import { useTexts } from '../session/language.tsx';
import { useMe } from '../session/me.tsx';
import { incidentsQuery, useNamedWords } from '../session/resources.ts';
import type { ValueAt } from './ValueMenu.tsx';

export function AddToIncident({ value, close }: { value: ValueAt; close: () => void }) {
  const { t } = useTexts();
  const me = useMe();
  const named = useNamedWords();
  const navigate = useNavigate();
  const { data } = useQuery(incidentsQuery({}));
  const open = (data?.items ?? []).filter(({ state }) => state !== 'closed');
  const [incident, setIncident] = useState<string | null>(null);
  const [title, setTitle] = useState(t('investigate.toIncident.task', { field: value.field, value: value.value }));
  const act = useAct(['incident', 'incidents'], () => {
    close();
    void navigate({ to: '/incidents/$id', params: { id: incident! }, search: keepAnd({ tab: 'tasks' }) });
  });
  return (
    <Modal opened onClose={close} title={t('investigate.value.toIncident')} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (incident === null || title.trim() === '') return;
          act.mutate({
            method: 'POST',
            path: `/incidents/${encodeURIComponent(incident)}/tasks`,
            body: { title: title.trim(), organisation: me.organisation.id },
            done: t('investigate.toIncident.done'),
          });
        }}
      >
        <Select
          data-autofocus
          label={t('investigate.toIncident.which')}
          placeholder={open.length === 0 ? t('investigate.toIncident.none') : ''}
          required
          searchable
          data={open.map(({ id, number, title: name }) => ({ value: id, label: `${number} ${named(name)}` }))}
          value={incident}
          onChange={setIncident}
        />
        <Textarea
          label={t('investigate.toIncident.what')}
          description={t('investigate.toIncident.means')}
          required
          autosize
          maxLength={300}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Button type="submit" loading={act.isPending} disabled={incident === null}>
          {t('investigate.toIncident.add')}
        </Button>
      </form>
    </Modal>
  );
}
