/** One campaign: its incidents, their facts taken together, its grade under every scheme, and how it came to that. */

import type { CampaignView } from '@forewarn/model/grading-api';
import { Button, Modal, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { keepView } from '../../frame/keep.ts';
import { Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { GradeMark } from '../../marks/Grade.tsx';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { useOrganisationName } from '../../session/resources.ts';
import { Facts } from '../grading/Grading.tsx';
import { History } from '../grading/History.tsx';
import { NextFacts } from '../grading/NextFacts.tsx';
import { campaignQuery } from '../grading/queries.ts';
import { SchemeBars } from '../grading/SchemeBars.tsx';
import { IncidentChoice } from './Campaigns.tsx';

const ruleKeys = {
  sum: 'desk.together.sum',
  overlap: 'desk.together.overlap',
  greatest: 'desk.together.greatest',
  gravest: 'desk.together.gravest',
  any: 'desk.together.any',
  earliest: 'desk.together.earliest',
  union: 'desk.together.union',
} as const;

type Change = { kind: 'add' } | { kind: 'remove'; incident: string } | { kind: 'state'; state: 'open' | 'closed' };

export function Campaign() {
  const { id } = useParams({ strict: false }) as { id: string };
  const query = useQuery(campaignQuery(id));
  return <Waiting query={query}>{(campaign) => <Shown campaign={campaign} />}</Waiting>;
}

function Shown({ campaign }: { campaign: CampaignView }) {
  const { t, l, w, n } = useTexts();
  const me = useMe();
  const may = useMay();
  const name = useOrganisationName();
  const actor = useActorName();
  const [change, setChange] = useState<Change | null>(null);
  const mayChange = me.organisation.centre && may('incidents:write');
  const open = campaign.state === 'open';
  return (
    <Page
      title={`${campaign.number} ${campaign.name}`}
      heading={
        <div>
          <h1>{campaign.name}</h1>
          <p className="dim">
            {campaign.number} · {t(open ? 'desk.campaign.open' : 'desk.campaign.closed')} · {actor(campaign.createdBy)} ·{' '}
            <At at={campaign.createdAt} />
          </p>
        </div>
      }
      tools={
        mayChange ? (
          <>
            {open ? (
              <Button size="xs" onClick={() => setChange({ kind: 'add' })}>
                {t('desk.campaign.add')}
              </Button>
            ) : null}
            <Button size="xs" variant="default" onClick={() => setChange({ kind: 'state', state: open ? 'closed' : 'open' })}>
              {t(open ? 'desk.campaign.close' : 'desk.campaign.reopen')}
            </Button>
          </>
        ) : undefined
      }
    >
      {campaign.note === '' ? null : <p className="prose">{campaign.note}</p>}
      <div className="desk">
        <div className="desk-main">
          <Panel title={t('desk.campaign.together')}>
            <SchemeBars schemes={campaign.desk.schemes} />
          </Panel>
          <Panel title={t('desk.campaign.incidents')} count={campaign.incidents}>
            <Table
              label={t('desk.campaign.incidents')}
              rows={campaign.members}
              keyOf={({ incident, at }) => `${incident} ${at}`}
              over={({ removed }) => removed !== null}
              columns={[
                {
                  head: t('desk.campaign.incident'),
                  main: true,
                  cell: ({ incident, number, title, organisations }) => (
                    <>
                      <Link data-open to="/incidents/$id" params={{ id: incident }} search={keepView}>
                        {number}
                      </Link>{' '}
                      {w(title)}
                      <div className="dim small">{organisations.map(name).join(t('web.list'))}</div>
                    </>
                  ),
                },
                {
                  head: t('desk.campaign.alone'),
                  cell: ({ grade }) => <GradeMark floor={grade?.floor} ceiling={grade?.ceiling} />,
                },
                {
                  head: t('web.reason'),
                  cell: ({ reason, removed, at, by }) => (
                    <>
                      {reason}
                      <div className="dim small">
                        {actor(by)} · <At at={at} />
                      </div>
                      {removed === null ? null : (
                        <div className="small">
                          {t('desk.campaign.removed')}: {removed.reason} · {actor(removed.by)} · <At at={removed.at} />
                        </div>
                      )}
                    </>
                  ),
                },
                {
                  head: t('web.remove'),
                  headHidden: true,
                  cell: ({ incident, number, removed }) =>
                    mayChange && open && removed === null ? (
                      <Button
                        size="compact-xs"
                        variant="default"
                        aria-label={`${t('web.remove')} ${number}`}
                        onClick={() => setChange({ kind: 'remove', incident })}
                      >
                        {t('web.remove')}
                      </Button>
                    ) : null,
                },
              ]}
            />
          </Panel>
          <Panel title={t('desk.history')}>
            <History lines={campaign.history} schemes={campaign.desk.schemes} />
          </Panel>
          <Panel title={t('desk.facts')} count={campaign.desk.facts.length}>
            <Facts desk={campaign.desk} />
          </Panel>
        </div>
        <div className="desk-side">
          <Panel title={t('desk.next')}>
            <NextFacts desk={campaign.desk} />
          </Panel>
          <Panel title={t('desk.together')}>
            {campaign.together.length === 0 ? (
              <p className="prose dim">{t('desk.facts.none')}</p>
            ) : (
              <Table
                label={t('desk.together')}
                rows={campaign.together}
                form="still"
                keyOf={({ fact }) => fact}
                columns={[
                  { head: t('desk.fact'), rowHead: true, cell: (one) => l(one.name) },
                  { head: t('desk.together.how'), cell: ({ rule }) => t(ruleKeys[rule]) },
                  {
                    head: t('desk.together.stated'),
                    number: true,
                    cell: ({ stated, silent }) => `${n(stated)} / ${n(stated + silent)}`,
                  },
                ]}
              />
            )}
          </Panel>
        </div>
      </div>
      {change === null ? null : <ChangeForm campaign={campaign} change={change} close={() => setChange(null)} />}
    </Page>
  );
}

function ChangeForm({ campaign, change, close }: { campaign: CampaignView; change: Change; close: () => void }) {
  const { t } = useTexts();
  const [incidents, setIncidents] = useState<string[]>([]);
  const [reason, setReason] = useState('');
  const act = useAct(['campaign', 'campaigns'], close);
  const title =
    change.kind === 'add'
      ? t('desk.campaign.add')
      : change.kind === 'remove'
        ? t('desk.campaign.remove', {
            number: campaign.members.find(({ incident }) => incident === change.incident)?.number ?? '',
          })
        : t(change.state === 'closed' ? 'desk.campaign.close' : 'desk.campaign.reopen');
  const body =
    change.kind === 'add'
      ? { add: incidents }
      : change.kind === 'remove'
        ? { remove: [change.incident] }
        : { state: change.state };
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate({
            method: 'POST',
            path: `/campaigns/${encodeURIComponent(campaign.id)}/change`,
            body: { ...body, reason: reason.trim() },
            done: t('desk.campaign.changed.done'),
          });
        }}
      >
        {change.kind === 'add' ? (
          <IncidentChoice
            label={t('desk.campaign.incidents')}
            value={incidents}
            set={setIncidents}
            without={campaign.members.filter(({ removed }) => removed === null).map(({ incident }) => incident)}
          />
        ) : null}
        <Textarea
          label={t('web.reason')}
          required
          maxLength={2000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <FormEnd
          close={close}
          disabled={reason.trim() === '' || (change.kind === 'add' && incidents.length === 0)}
          pending={act.isPending}
        >
          {title}
        </FormEnd>
      </form>
    </Modal>
  );
}
