/** The rail of an incident: its grade and why, its clocks, who is responsible. */

import type { ClockView, IncidentView, ResponsibilityView } from '@forewarn/model/api';
import { Button, Modal, Select, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { Panel } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { At, ClockBar, clockStateAt, ClockStateMark, Countdown, SourceMark } from '../../marks/Marks.tsx';
import { partKeys, responsibilityStateKeys } from '../../marks/Stage.tsx';
import { serverNow, useSecond } from '../../session/clock.ts';
import { useSpan } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { lawsQuery, organisationsQuery, useOrganisationName } from '../../session/resources.ts';
import { useActorName } from '../../session/people.ts';
import { eventKeys } from './events.ts';
import { Grades } from './Grades.tsx';

export const touched = ['incident', 'incidents', 'situation'];

export function Why({ incident }: { incident: IncidentView }) {
  const { t } = useTexts();
  return (
    <>
      <Panel
        title={t('web.why.grade')}
        tools={
          <Link className="tool" to="/grading" search={((previous: object) => ({ ...previous, incident: incident.id })) as never}>
            {t('desk.incident.all')}
          </Link>
        }
      >
        <Grades incident={incident} />
      </Panel>
      <Panel title={t('web.why.clocks')} count={incident.clocks.filter(({ state }) => state !== 'met').length}>
        <Clocks clocks={incident.clocks} incident={incident} />
      </Panel>
      <Panel title={t('web.why.responsibility')}>
        <Responsibilities incident={incident} />
      </Panel>
    </>
  );
}

const clockOrder = { missed: 0, 'due-soon': 1, running: 2, waiting: 3, met: 4 } as const;

function Clocks({ clocks, incident }: { clocks: readonly ClockView[]; incident: IncidentView }) {
  const { t } = useTexts();
  const nowMs = useSecond() * 1000;
  if (clocks.length === 0) return <p className="prose dim">{t('web.clocks.none')}</p>;
  const sorted = clocks.toSorted(
    (a, b) =>
      clockOrder[clockStateAt(a, nowMs)] - clockOrder[clockStateAt(b, nowMs)] || (a.dueAt ?? '9').localeCompare(b.dueAt ?? '9'),
  );
  return (
    <ul className="clocks">
      {sorted.map((clock) => (
        <Clock key={clock.id} clock={clock} incident={incident} />
      ))}
    </ul>
  );
}

function Clock({ clock, incident }: { clock: ClockView; incident: IncidentView }) {
  const { t, l, w } = useTexts();
  const span = useSpan();
  const name = useOrganisationName();
  const may = useMay();
  const me = useMe();
  const nowMs = useSecond() * 1000;
  const state = clockStateAt(clock, nowMs);
  const report = useAct(touched);
  const { data: laws } = useQuery(lawsQuery);
  // The law says by which recorded event its duty is met.
  const metBy = laws?.find(({ id }) => id === clock.law)?.duties.find(({ id }) => id === clock.duty)?.metBy ?? 'reported';
  const [shown, setShown] = useState(false);
  const own = clock.organisation === me.organisation.id || me.organisation.centre;
  return (
    <li className="clock" data-state={state}>
      <div className="clock-head">
        <ClockStateMark state={state} />
        <Countdown clock={clock} />
      </div>
      <ClockBar clock={clock} />
      <div className="clock-duty">{l(clock.dutyText)}</div>
      <dl className="clock-facts">
        <div>
          <dt>{t('web.clock.who')}</dt>
          <dd>{name(clock.organisation)}</dd>
        </div>
        <div>
          <dt>{t('web.clock.to')}</dt>
          <dd>{clock.to.map(l).join(t('web.list'))}</dd>
        </div>
        <div>
          <dt>{t('web.clock.law')}</dt>
          <dd>
            {l(clock.lawTitle)}, {clock.article} <SourceMark mark={clock.confidence} />
          </dd>
        </div>
        {clock.startedAt === null ? null : (
          <div>
            <dt>{t('web.clock.since')}</dt>
            <dd>
              <At at={clock.startedAt} />
              {clock.startedBy === null ? null : ` – ${w(clock.startedBy)}`}
            </dd>
          </div>
        )}
        {clock.limitSeconds === null ? null : (
          <div>
            <dt>{t('web.clock.limit')}</dt>
            <dd>{span(clock.limitSeconds)}</dd>
          </div>
        )}
      </dl>
      <div className="clock-do">
        {clock.content.length === 0 ? null : (
          <button type="button" className="link" aria-expanded={shown} onClick={() => setShown(!shown)}>
            {t('web.clock.content', { count: clock.content.length })}
          </button>
        )}
        {own && may('incidents:write') && state !== 'met' && state !== 'waiting' ? (
          <Button
            size="compact-xs"
            variant="default"
            loading={report.isPending}
            onClick={() =>
              report.mutate({
                method: 'POST',
                path: `/incidents/${encodeURIComponent(incident.id)}/events`,
                body: {
                  event: metBy,
                  duty: clock.duty,
                  at: new Date(serverNow()).toISOString(),
                  ...(clock.organisation === me.organisation.id ? {} : { organisation: clock.organisation }),
                },
                done: t('web.clock.reported'),
              })
            }
          >
            {t('web.clock.report', { event: t(eventKeys[metBy]) })}
          </Button>
        ) : null}
      </div>
      {shown ? (
        <ul className="clock-content">
          {clock.content.map((item) => (
            <li key={item.id} data-first={item.first || undefined}>
              <Icon name={item.first ? 'alert' : 'minus'} size={14} />
              <span>
                {l(item.text)}
                {item.first ? <span className="dim"> · {t('web.clock.first')}</span> : null}
              </span>
            </li>
          ))}
        </ul>
      ) : null}
    </li>
  );
}

type Answer = { part: ResponsibilityView['part']; answer: 'accept' | 'refuse' | 'hand-over' };

function Responsibilities({ incident }: { incident: IncidentView }) {
  const { t } = useTexts();
  const me = useMe();
  const may = useMay();
  const name = useOrganisationName();
  const actor = useActorName();
  const act = useAct(touched);
  const [asking, setAsking] = useState(false);
  const [answering, setAnswering] = useState<Answer | null>(null);
  const path = `/incidents/${encodeURIComponent(incident.id)}/responsibilities`;
  const rest = incident.responsibilities.filter(
    ({ part, state, organisation }) => !(part === 'lead' && state === 'accepted' && organisation === incident.lead.organisation),
  );
  const ownLead = incident.lead.organisation === me.organisation.id;
  return (
    <div className="responsibility">
      <div className="lead">
        <span className="part-word" data-part="lead">
          {t('web.part.lead')}
        </span>
        <div>
          <div className="lead-name">{name(incident.lead.organisation)}</div>
          <div className="dim small">
            {t('web.lead.since')} <At at={incident.lead.since} />
          </div>
        </div>
        {ownLead && may('responsibility:answer') ? (
          <Button size="compact-xs" variant="default" onClick={() => setAnswering({ part: 'lead', answer: 'hand-over' })}>
            {t('web.responsibility.handOver')}
          </Button>
        ) : null}
      </div>
      {rest.length === 0 ? null : (
        <ul className="parts">
          {rest.map((each) => (
            <li key={`${each.organisation} ${each.part}`} data-state={each.state}>
              <span className="part-word" data-part={each.part}>
                {t(partKeys[each.part])}
              </span>
              <div className="part-who">
                <div>{name(each.organisation)}</div>
                <div className="dim small">
                  {t(responsibilityStateKeys[each.state])} · <At at={each.since} /> · {actor(each.by)}
                </div>
                {each.reason === null ? null : <div className="dim small">“{each.reason}”</div>}
                {each.state === 'asked' && each.organisation === me.organisation.id && may('responsibility:answer') ? (
                  <div className="part-answers">
                    <Button
                      size="compact-xs"
                      loading={act.isPending}
                      onClick={() =>
                        act.mutate({
                          method: 'POST',
                          path: `${path}/answer`,
                          body: { part: each.part, answer: 'accept' },
                          done: t('web.responsibility.acceptedNow'),
                        })
                      }
                    >
                      {t('web.responsibility.accept')}
                    </Button>
                    <Button
                      size="compact-xs"
                      variant="default"
                      onClick={() => setAnswering({ part: each.part, answer: 'refuse' })}
                    >
                      {t('web.responsibility.refuse')}
                    </Button>
                    <Button
                      size="compact-xs"
                      variant="default"
                      onClick={() => setAnswering({ part: each.part, answer: 'hand-over' })}
                    >
                      {t('web.responsibility.handOver')}
                    </Button>
                  </div>
                ) : null}
                {each.state === 'accepted' &&
                each.organisation === me.organisation.id &&
                each.part !== 'inform' &&
                may('responsibility:answer') ? (
                  <div className="part-answers">
                    <Button
                      size="compact-xs"
                      variant="default"
                      onClick={() => setAnswering({ part: each.part, answer: 'hand-over' })}
                    >
                      {t('web.responsibility.handOver')}
                    </Button>
                  </div>
                ) : null}
              </div>
            </li>
          ))}
        </ul>
      )}
      {may('responsibility:assign') && (me.organisation.centre || ownLead) ? (
        <Button size="compact-sm" variant="default" leftSection={<Icon name="plus" size={14} />} onClick={() => setAsking(true)}>
          {t('web.responsibility.ask')}
        </Button>
      ) : null}
      <AskModal incident={incident} opened={asking} close={() => setAsking(false)} />
      <AnswerModal incident={incident} answer={answering} close={() => setAnswering(null)} />
    </div>
  );
}

function AskModal({ incident, opened, close }: { incident: IncidentView; opened: boolean; close: () => void }) {
  const { t, l } = useTexts();
  const { data: organisations } = useQuery(organisationsQuery);
  const [organisation, setOrganisation] = useState<string | null>(null);
  const [part, setPart] = useState<ResponsibilityView['part']>('support');
  const act = useAct(touched, close);
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t('web.responsibility.ask')}
      closeButtonProps={{ 'aria-label': t('web.close') }}
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (organisation === null) return;
          act.mutate({
            method: 'POST',
            path: `/incidents/${encodeURIComponent(incident.id)}/responsibilities`,
            body: { organisation, part },
            done: t('web.responsibility.askedNow'),
          });
        }}
      >
        <Select
          label={t('web.organisation')}
          searchable
          required
          data-autofocus
          data={(organisations ?? []).map((each) => ({ value: each.id, label: l(each.name) }))}
          value={organisation}
          onChange={setOrganisation}
        />
        <Select
          label={t('web.responsibility.part')}
          required
          allowDeselect={false}
          data={(['lead', 'support', 'inform'] as const).map((each) => ({ value: each, label: t(partKeys[each]) }))}
          value={part}
          onChange={(value) => setPart(value as ResponsibilityView['part'])}
        />
        <FormEnd close={close} disabled={organisation === null} pending={act.isPending}>
          {t('web.responsibility.askSubmit')}
        </FormEnd>
      </form>
    </Modal>
  );
}

function AnswerModal({ incident, answer, close }: { incident: IncidentView; answer: Answer | null; close: () => void }) {
  const { t, l } = useTexts();
  const me = useMe();
  const { data: organisations } = useQuery(organisationsQuery);
  const [to, setTo] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const act = useAct(touched, () => {
    close();
    setReason('');
    setTo(null);
  });
  const handing = answer?.answer === 'hand-over';
  const ready = reason.trim() !== '' && (!handing || to !== null);
  return (
    <Modal
      opened={answer !== null}
      onClose={close}
      title={handing ? t('web.responsibility.handOver.title') : t('web.responsibility.refuse.title')}
      closeButtonProps={{ 'aria-label': t('web.close') }}
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready || answer === null) return;
          act.mutate({
            method: 'POST',
            path: `/incidents/${encodeURIComponent(incident.id)}/responsibilities/answer`,
            body: { ...answer, reason: reason.trim(), ...(handing ? { to } : {}) },
            done: handing ? t('web.responsibility.handedOverNow') : t('web.responsibility.refusedNow'),
          });
        }}
      >
        {handing ? (
          <>
            <p className="prose dim">{t('web.responsibility.handOver.means')}</p>
            <Select
              label={t('web.responsibility.to')}
              searchable
              required
              data={(organisations ?? [])
                .filter(({ id }) => id !== me.organisation.id)
                .map((each) => ({ value: each.id, label: l(each.name) }))}
              value={to}
              onChange={setTo}
            />
          </>
        ) : null}
        <Textarea
          label={t('web.reason')}
          required
          value={reason}
          maxLength={2000}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <FormEnd close={close} disabled={!ready} pending={act.isPending}>
          {handing ? t('web.responsibility.handOver') : t('web.responsibility.refuse')}
        </FormEnd>
      </form>
    </Modal>
  );
}
