/** Findings become an incident, or part of one that is there. */

import type { IncidentSummary } from '@forewarn/model/api';
import { Modal, MultiSelect, Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { keepView } from '../../frame/keep.ts';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { useTexts } from '../../session/language.tsx';
import { incidentsQuery, organisationsQuery } from '../../session/resources.ts';
import { incidentFindingsMax } from './queries.ts';

const fresh = '';

export function ToIncident({
  findings,
  organisations: concerned,
  more = false,
  close,
}: {
  findings: readonly string[];
  organisations: readonly string[];
  /** There are more than one incident takes at once. */
  more?: boolean;
  close: () => void;
}) {
  const { t, l, w, n } = useTexts();
  const navigate = useNavigate();
  const { data: organisations } = useQuery(organisationsQuery);
  const { data: incidents } = useQuery(incidentsQuery({}));
  const open = (incidents?.items ?? []).filter(({ state }: IncidentSummary) => state !== 'closed');
  const [into, setInto] = useState(fresh);
  const [title, setTitle] = useState('');
  const [reason, setReason] = useState('');
  const [chosen, setChosen] = useState<string[]>([...concerned]);
  const act = useAct<{ id?: string }>(['incidents', 'incident', 'situation', 'findings'], (made) => {
    close();
    const id = into === fresh ? made?.id : into;
    if (typeof id === 'string') void navigate({ to: '/incidents/$id', params: { id }, search: keepView });
  });
  const ready = findings.length > 0 && (into === fresh ? title.trim() !== '' && chosen.length > 0 : reason.trim() !== '');
  return (
    <Modal
      opened
      onClose={close}
      title={t('noise.toIncident', { count: findings.length })}
      closeButtonProps={{ 'aria-label': t('web.close') }}
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          if (into === fresh) {
            const body = { title: title.trim(), findings, organisations: chosen };
            act.mutate({ method: 'POST', path: '/incidents', body, done: t('web.incidents.opened') });
          } else {
            const path = `/incidents/${encodeURIComponent(into)}/grouping`;
            act.mutate({
              method: 'POST',
              path,
              body: { act: 'put-in', findings, reason: reason.trim() },
              done: t('noise.toIncident.done'),
            });
          }
        }}
      >
        {more ? <p className="prose dim">{t('noise.toIncident.more', { most: n(incidentFindingsMax) })}</p> : null}
        <Select
          label={t('web.incident')}
          allowDeselect={false}
          searchable
          value={into}
          onChange={(value) => setInto(value ?? fresh)}
          data={[
            { value: fresh, label: t('noise.toIncident.new') },
            ...open.map(({ id, number, title: named }) => ({ value: id, label: `${number} ${w(named)}` })),
          ]}
        />
        {into === fresh ? (
          <>
            <TextInput
              data-autofocus
              label={t('web.incident.title')}
              required
              maxLength={300}
              value={title}
              onChange={(event) => setTitle(event.currentTarget.value)}
            />
            <MultiSelect
              label={t('web.incident.organisations')}
              required
              searchable
              data={(organisations ?? []).map((each) => ({ value: each.id, label: l(each.name) }))}
              value={chosen}
              onChange={setChosen}
            />
          </>
        ) : (
          <Textarea
            label={t('noise.reason')}
            required
            autosize
            minRows={2}
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        )}
        <FormEnd close={close} disabled={!ready} pending={act.isPending}>
          {into === fresh ? t('web.incidents.new') : t('noise.toIncident.add')}
        </FormEnd>
      </form>
    </Modal>
  );
}
