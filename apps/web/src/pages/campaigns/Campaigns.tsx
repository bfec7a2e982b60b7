/** Campaigns: many small incidents that are one matter, with the grade of what they do together. */

import type { CampaignView } from '@forewarn/model/grading-api';
import { Button, Modal, MultiSelect, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { keepView } from '../../frame/keep.ts';
import { Empty, Page, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { GradeMark } from '../../marks/Grade.tsx';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { incidentsQuery } from '../../session/resources.ts';
import { campaignsQuery } from '../grading/queries.ts';

export function Campaigns() {
  const { t, n } = useTexts();
  const me = useMe();
  const may = useMay();
  const query = useQuery(campaignsQuery());
  const [making, setMaking] = useState(false);
  const mayMake = me.organisation.centre && may('incidents:write');
  const make = (
    <Button size="xs" leftSection={<Icon name="plus" size={14} />} onClick={() => setMaking(true)}>
      {t('desk.campaign.new')}
    </Button>
  );
  return (
    <Page title={t('desk.campaigns')} tools={mayMake ? make : undefined}>
      <Waiting query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="flow" title={t('desk.campaigns.none')}>
              {t(me.organisation.centre ? 'desk.campaigns.none.means' : 'desk.campaigns.centre')}
            </Empty>
          ) : (
            <Table
              label={t('desk.campaigns')}
              rows={items}
              keyOf={({ id }) => id}
              over={({ state }) => state === 'closed'}
              columns={[
                {
                  head: t('desk.campaign.name'),
                  main: true,
                  cell: ({ id, number, name }) => (
                    <>
                      <Link data-open to="/campaigns/$id" params={{ id }} search={keepView}>
                        {name}
                      </Link>
                      <div className="dim small">{number}</div>
                    </>
                  ),
                },
                {
                  head: t('desk.campaign.grade'),
                  cell: ({ grade }) => <GradeMark floor={grade?.floor} ceiling={grade?.ceiling} />,
                },
                { head: t('desk.campaign.incidents'), number: true, cell: ({ incidents }) => n(incidents) },
                { head: t('desk.campaign.changed'), cell: ({ changedAt }) => <At at={changedAt} /> },
                {
                  head: t('desk.campaign.state'),
                  cell: ({ state }) => t(state === 'open' ? 'desk.campaign.open' : 'desk.campaign.closed'),
                },
              ]}
            />
          )
        }
      </Waiting>
      {making ? <NewCampaign close={() => setMaking(false)} /> : null}
    </Page>
  );
}

function NewCampaign({ close }: { close: () => void }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [note, setNote] = useState('');
  const [incidents, setIncidents] = useState<string[]>([]);
  const [reason, setReason] = useState('');
  const act = useAct<CampaignView>(['campaigns'], ({ id }) => {
    close();
    void navigate({ to: '/campaigns/$id', params: { id }, search: keepView });
  });
  return (
    <Modal opened onClose={close} title={t('desk.campaign.new')} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate({
            method: 'POST',
            path: '/campaigns',
            body: { name: name.trim(), note: note.trim(), incidents, reason: reason.trim() },
            done: t('desk.campaign.made'),
          });
        }}
      >
        <TextInput
          label={t('desk.campaign.name')}
          required
          maxLength={300}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <IncidentChoice label={t('desk.campaign.incidents')} value={incidents} set={setIncidents} />
        <Textarea
          label={t('desk.campaign.reason')}
          description={t('desk.campaign.reason.means')}
          required
          maxLength={2000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Textarea label={t('web.note')} maxLength={5000} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
        <FormEnd
          close={close}
          disabled={name.trim() === '' || reason.trim() === '' || incidents.length === 0}
          pending={act.isPending}
        >
          {t('desk.campaign.make')}
        </FormEnd>
      </form>
    </Modal>
  );
}

export function IncidentChoice({
  label,
  value,
  set,
  without = [],
}: {
  label: string;
  value: string[];
  set: (incidents: string[]) => void;
  without?: readonly string[];
}) {
  const { w } = useTexts();
  const { data } = useQuery(incidentsQuery({}));
  return (
    <MultiSelect
      label={label}
      searchable
      required
      value={value}
      onChange={set}
      data={(data?.items ?? [])
        .filter(({ id }) => !without.includes(id))
        .map(({ id, number, title }) => ({ value: id, label: `${number} ${w(title)}` }))}
    />
  );
}
