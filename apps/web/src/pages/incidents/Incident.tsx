/** One incident: what is known, what happened, what is to be done; the rail says why. */

import type { IncidentView } from '@forewarn/model/api';
import { Button, Menu, Modal, Tabs, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { keepAnd } from '../../frame/keep.ts';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { Page, Waiting } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { GradeMark } from '../../marks/Grade.tsx';
import { clockStateAt, ClockStateMark, Countdown, TlpBadge } from '../../marks/Marks.tsx';
import { StageWord, StateWord } from '../../marks/Stage.tsx';
import { serverNow, useSecond } from '../../session/clock.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { incidentQuery } from '../../session/resources.ts';
import { MakeOf } from '../reports/MakeOf.tsx';
import type { EventKind } from '@forewarn/model/duty';
import { CloseForm } from '../causes/CloseForm.tsx';
import { IncidentForecast } from '../forecast/IncidentForecast.tsx';
import { Causes } from './Causes.tsx';
import { Communications } from './Communications.tsx';
import { Decisions } from './Decisions.tsx';
import { eventKeys, recordable } from './events.ts';
import { Facts } from './Facts.tsx';
import { IncidentFindings } from './IncidentFindings.tsx';
import { Summary } from './Summary.tsx';
import { Tasks } from './Tasks.tsx';
import { Timeline } from './Timeline.tsx';
import { touched, Why } from './Why.tsx';

export function Incident() {
  const { id } = useParams({ strict: false }) as { id: string };
  const query = useQuery(incidentQuery(id));
  const { t } = useTexts();
  if (query.data === undefined) {
    return (
      <Page title={t('web.incident')}>
        <Waiting query={query}>{() => null}</Waiting>
      </Page>
    );
  }
  return <IncidentBody incident={query.data} />;
}

/** Where the rail stands below the page, the most urgent clock stands in the head as well. */
function NearestClock({ incident }: { incident: IncidentView }) {
  const { l } = useTexts();
  const nowMs = useSecond() * 1000;
  const [clock] = incident.clocks
    .filter((each) => each.dueAt !== null && ['missed', 'due-soon', 'running'].includes(clockStateAt(each, nowMs)))
    .toSorted((a, b) => (a.dueAt ?? '').localeCompare(b.dueAt ?? ''));
  if (clock === undefined) return null;
  return (
    <div className="nearest-clock" data-state={clockStateAt(clock, nowMs)}>
      <ClockStateMark state={clockStateAt(clock, nowMs)} />
      <Countdown clock={clock} />
      <span>{l(clock.dutyText)}</span>
    </div>
  );
}

const tabs = ['summary', 'timeline', 'findings', 'tasks', 'facts', 'forecast', 'causes', 'decisions', 'communications'] as const;
type Tab = (typeof tabs)[number];
const tabKeys: { [tab in Tab]: string } = {
  summary: 'web.incident.tab.summary',
  timeline: 'web.incident.tab.timeline',
  findings: 'web.incident.tab.findings',
  tasks: 'web.incident.tab.tasks',
  facts: 'web.incident.tab.facts',
  forecast: 'forecast.tab',
  causes: 'causes.tab',
  decisions: 'web.incident.tab.decisions',
  communications: 'web.incident.tab.communications',
};

function IncidentBody({ incident }: { incident: IncidentView }) {
  const { t, w } = useTexts();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { tab?: string };
  const tab = tabs.find((each) => each === search.tab) ?? 'summary';
  const counts: { [tab in Tab]?: number } = {
    findings: incident.findings,
    tasks: incident.tasks.filter(({ state }) => state === 'open' || state === 'doing').length,
    facts: incident.facts.filter(({ superseded }) => !superseded).length,
    decisions: incident.decisions.length,
    communications: incident.warnings.length,
  };
  return (
    <Page
      title={`${incident.number} ${w(incident.title)}`}
      heading={
        <ItemHead
          up={{ to: '/incidents', name: t('web.page.incidents') }}
          title={w(incident.title)}
          below={<NearestClock incident={incident} />}
        >
          <span className="mono">{incident.number}</span>
          <GradeMark floor={incident.grade?.floor} ceiling={incident.grade?.ceiling} />
          <StateWord state={incident.state} />
          <StageWord stage={incident.stage} />
          <TlpBadge marking={incident.marking} />
        </ItemHead>
      }
      tools={
        <>
          <MakeOf kind="incident" id={incident.id} />
          <Acts incident={incident} />
        </>
      }
      aside={<Why incident={incident} />}
      asideLabel={t('web.why')}
    >
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) =>
          void navigate({
            to: '/incidents/$id',
            params: { id: incident.id },
            search: ((previous: Record<string, unknown>) => {
              const { tab: _tab, ...rest } = previous;
              return value === null || value === 'summary' ? rest : { ...rest, tab: value };
            }) as never,
          })
        }
      >
        <Tabs.List aria-label={t('web.incident.tabs')} className="page-tabs">
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(tabKeys[each])}
              {counts[each] === undefined ? null : <span className="tab-count">{counts[each]}</span>}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="summary">
          <Summary incident={incident} />
        </Tabs.Panel>
        <Tabs.Panel value="timeline">
          <Timeline incident={incident} />
        </Tabs.Panel>
        <Tabs.Panel value="findings">
          <IncidentFindings incident={incident} />
        </Tabs.Panel>
        <Tabs.Panel value="tasks">
          <Tasks incident={incident} />
        </Tabs.Panel>
        <Tabs.Panel value="facts">
          <Facts incident={incident} />
        </Tabs.Panel>
        <Tabs.Panel value="forecast">
          <IncidentForecast incident={incident} />
        </Tabs.Panel>
        <Tabs.Panel value="causes">
          <Causes incident={incident} />
        </Tabs.Panel>
        <Tabs.Panel value="decisions">
          <Decisions incident={incident} />
        </Tabs.Panel>
        <Tabs.Panel value="communications">
          <Communications incident={incident} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

type Change = { kind: 'state'; state: 'contained' | 'closed' | 'open' } | { kind: 'event'; event: EventKind };

function Acts({ incident }: { incident: IncidentView }) {
  const { t } = useTexts();
  const may = useMay();
  const navigate = useNavigate();
  const me = useMe();
  const [change, setChange] = useState<Change | null>(null);
  // The centre and the lead say when an incident is contained or closed.
  const leads = me.organisation.centre || incident.lead.organisation === me.organisation.id;
  if (!may('incidents:write') && !may('warnings:draft')) return null;
  return (
    <>
      {may('warnings:draft') && incident.state !== 'closed' ? (
        <Button
          variant="default"
          leftSection={<Icon name="warnings" />}
          onClick={() => void navigate({ to: '/warnings/new', search: keepAnd({ incident: incident.id }) })}
        >
          {t('web.warnings.new')}
        </Button>
      ) : null}
      {may('incidents:write') ? (
        <>
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" rightSection={<Icon name="down" size={12} />}>
                {t('web.event.record')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {recordable.map((event) => (
                <Menu.Item key={event} onClick={() => setChange({ kind: 'event', event })}>
                  {t(eventKeys[event])}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
          {leads && incident.state === 'open' ? (
            <Button variant="default" onClick={() => setChange({ kind: 'state', state: 'contained' })}>
              {t('web.incident.contain')}
            </Button>
          ) : null}
          {leads && incident.state === 'contained' ? (
            <Button variant="default" onClick={() => setChange({ kind: 'state', state: 'closed' })}>
              {t('web.incident.close')}
            </Button>
          ) : null}
          {!leads || incident.state === 'open' ? null : (
            <Button variant="default" onClick={() => setChange({ kind: 'state', state: 'open' })}>
              {t('web.incident.reopen')}
            </Button>
          )}
        </>
      ) : null}
      <ChangeModal incident={incident} change={change} close={() => setChange(null)} />
    </>
  );
}

/** What a closing changes beside the incident. */
const touchedByCause = [...touched, 'causes', 'preventions', 'incident-causes'];

const changeTitles = { contained: 'web.incident.contain', closed: 'web.incident.close', open: 'web.incident.reopen' } as const;

function ChangeModal({ incident, change, close }: { incident: IncidentView; change: Change | null; close: () => void }) {
  const { t } = useTexts();
  const [reason, setReason] = useState('');
  const act = useAct(touched, () => {
    close();
    setReason('');
  });
  const path = `/incidents/${encodeURIComponent(incident.id)}`;
  const title = change === null ? '' : change.kind === 'event' ? t(eventKeys[change.event]) : t(changeTitles[change.state]);
  return (
    <Modal opened={change !== null} onClose={close} title={title} closeButtonProps={{ 'aria-label': t('web.close') }}>
      {change?.kind === 'state' && change.state === 'closed' ? (
        <CloseForm incident={incident} touched={touchedByCause} close={close} />
      ) : (
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            if (change === null) return;
            if (change.kind === 'event') {
              act.mutate({
                method: 'POST',
                path: `${path}/events`,
                body: {
                  event: change.event,
                  at: new Date(serverNow()).toISOString(),
                  ...(reason.trim() === '' ? {} : { note: reason.trim() }),
                },
                done: t('web.event.recorded', { event: title }),
              });
            } else {
              act.mutate({
                method: 'POST',
                path: `${path}/state`,
                body: { state: change.state, reason: reason.trim() },
                done: t('web.incident.stateChanged'),
              });
            }
          }}
        >
          {change?.kind === 'event' ? <p className="prose dim">{t('web.event.means')}</p> : null}
          <Textarea
            label={change?.kind === 'event' ? t('web.note') : t('web.reason')}
            required={change?.kind === 'state'}
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <FormEnd close={close} disabled={change?.kind === 'state' && reason.trim() === ''} pending={act.isPending}>
            {title}
          </FormEnd>
        </form>
      )}
    </Modal>
  );
}
