/** The rail of an incident: its grade and why, its clocks, who is responsible. */

import type { ClockView, GradeView, IncidentView, ResponsibilityView } from '@forewarn/model/api';
import { Button, Modal, Select, Tabs, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { Panel } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { SchemeScale, SchemeShape } from '../../marks/Grade.tsx';
import { At, ClockBar, clockStateAt, ClockStateMark, Countdown, SourceMark } from '../../marks/Marks.tsx';
import { partKeys, responsibilityStateKeys } from '../../marks/Stage.tsx';
import { serverNow, useSecond } from '../../session/clock.ts';
import { useSpan } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { lawsQuery, organisationsQuery, useOrganisationName } from '../../session/resources.ts';
import { useActorName } from '../../session/people.ts';
import { eventKeys } from './events.ts';
import { FactForm, unitKeys } from './FactForm.tsx';

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

function Grades({ incident }: { incident: IncidentView }) {
  const { t, l, w } = useTexts();
  const [scheme, setScheme] = useState<string | null>(null);
  const grades = incident.grades;
  if (grades.length === 0) return <p className="prose dim">{t('web.grade.noneYet')}</p>;
  const shown =
    grades.find((grade) => grade.scheme === scheme) ??
    grades.find((grade) => grade.scheme === incident.grade?.scheme) ??
    grades[0]!;
  return (
    <>
      {grades.length > 1 ? (
        <Tabs value={shown.scheme} onChange={setScheme} variant="none" className="scheme-tabs">
          <Tabs.List aria-label={t('web.grade.schemes')}>
            {grades.map((grade) => (
              <Tabs.Tab key={grade.scheme} value={grade.scheme} title={l(grade.schemeTitle)}>
                <span className="scheme-tab">
                  <SchemeShape levels={grade.levels} level={grade.floor} size={16} />
                  <span className="scheme-tab-name">{w({ text: `grade.${grade.scheme}` })}</span>
                </span>
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {grades.map((grade) => (
            <Tabs.Panel key={grade.scheme} value={grade.scheme}>
              {grade === shown ? <Grade grade={grade} incident={incident} /> : null}
            </Tabs.Panel>
          ))}
        </Tabs>
      ) : (
        <Grade grade={shown} incident={incident} />
      )}
    </>
  );
}

/** Missing facts and thresholds beyond this wait behind a button, so that the clocks below stay in sight. */
const listShown = 3;

function Grade({ grade, incident }: { grade: GradeView; incident: IncidentView }) {
  const { t, l, w } = useTexts();
  const [allNext, setAllNext] = useState(false);
  const open = grade.ceiling !== null && (grade.floor === null || grade.ceiling < grade.floor);
  const { score } = grade;
  return (
    <div className="grade">
      <div className="grade-head">
        <SchemeShape levels={grade.levels} level={grade.floor} size={32} />
        <div>
          <div className="grade-title">{grade.floorName === null ? t('web.level.none') : l(grade.floorName)}</div>
          <div className="dim">
            {open ? t('web.grade.possible', { level: l(grade.ceilingName) }) : t('web.grade.settled')}{' '}
            <SourceMark mark={grade.confidence} />
          </div>
          {score === null ? null : (
            <div className="dim tabular">
              {score.min === score.max
                ? t('web.grade.score', { score: score.min, of: score.of })
                : t('web.grade.scoreRange', { min: score.min, max: score.max, of: score.of })}
            </div>
          )}
        </div>
      </div>
      <SchemeScale levels={grade.levels} floor={grade.floor} ceiling={grade.ceiling} />
      <div className="why-part">
        <h3>{t('web.grade.fired')}</h3>
        {grade.fired.length === 0 ? (
          <p className="dim">{t('web.grade.nothingFired')}</p>
        ) : (
          <ul className="fired">
            {grade.fired.map((fired) => (
              <li key={`${fired.criterion} ${fired.fact}`}>
                <SchemeShape levels={grade.levels} level={fired.level} size={18} />
                <div>
                  <div>{w(fired.text)}</div>
                  <div className="fired-value">
                    <span className="tabular">{fired.valueText === undefined ? fired.value : w(fired.valueText)}</span>{' '}
                    <span className="dim">{t('web.grade.against', { threshold: fired.thresholdText ?? fired.threshold })}</span>
                  </div>
                  <div className="dim fired-article">
                    {fired.article} <SourceMark mark={fired.confidence} />
                  </div>
                </div>
              </li>
            ))}
          </ul>
        )}
      </div>
      <Missing grade={grade} incident={incident} />
      {grade.unread.length === 0 ? null : (
        <div className="why-part">
          <h3>{t('web.grade.unread')}</h3>
          <p className="dim small">{t('web.grade.unread.means')}</p>
          <ul className="next">
            {grade.unread.map((clause) => (
              <li key={`${clause.level} ${l(clause.means)}`}>
                <SchemeShape levels={grade.levels} level={clause.level} size={18} />
                <div>
                  <div>{l(clause.means)}</div>
                  <div className="dim fired-article">
                    {clause.article} <SourceMark mark="U" />
                  </div>
                </div>
              </li>
            ))}
          </ul>
        </div>
      )}
      {grade.next.length === 0 ? null : (
        <div className="why-part">
          <h3>{t('web.grade.next')}</h3>
          <ul className="next">
            {grade.next.slice(0, allNext ? undefined : listShown).map((next) => (
              <li key={`${next.fact} ${next.level} ${next.threshold}`}>
                <SchemeShape levels={grade.levels} level={next.level} size={18} />
                <div>
                  <div>{l(next.name)}</div>
                  <div className="dim tabular">
                    {next.now === null
                      ? t('web.grade.nextUnknown', { threshold: next.thresholdText ?? next.threshold })
                      : t('web.grade.nextFrom', {
                          now: next.nowText ?? next.now,
                          threshold: next.thresholdText ?? next.threshold,
                        })}
                  </div>
                </div>
              </li>
            ))}
          </ul>
          {grade.next.length > listShown ? (
            <button type="button" className="link" onClick={() => setAllNext(!allNext)}>
              {allNext ? t('web.fewer') : t('web.moreCount', { count: grade.next.length - listShown })}
            </button>
          ) : null}
        </div>
      )}
      <p className="dim small">
        {t('web.grade.computed')} <At at={grade.at} />
      </p>
    </div>
  );
}

function Missing({ grade, incident }: { grade: GradeView; incident: IncidentView }) {
  const { t, l } = useTexts();
  const may = useMay();
  const [stating, setStating] = useState<string | null>(null);
  const [all, setAll] = useState(false);
  if (grade.missing.length === 0) return null;
  const sorted = grade.missing.toSorted((a, b) => a.couldReach - b.couldReach);
  const shown = all ? sorted : sorted.slice(0, listShown);
  return (
    <div className="why-part">
      <h3>{t('web.grade.missing')}</h3>
      <p className="dim small">{t('web.grade.missing.means')}</p>
      <ul className="missing">
        {shown.map((missing) => (
          <li key={missing.fact}>
            <div className="missing-head">
              <SchemeShape levels={grade.levels} level={missing.couldReach} size={18} />
              <span className="missing-name">
                {l(missing.name)}
                {missing.unit === null ? null : <span className="dim"> ({t(unitKeys[missing.unit] ?? 'web.unit.count')})</span>}
              </span>
              {may('incidents:write') ? (
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-expanded={stating === missing.fact}
                  aria-label={t('web.fact.stateOne', { fact: l(missing.name) })}
                  onClick={() => setStating(stating === missing.fact ? null : missing.fact)}
                >
                  {stating === missing.fact ? t('web.cancel') : t('web.fact.state')}
                </Button>
              ) : null}
            </div>
            {stating === missing.fact ? (
              <FactForm incident={incident.id} fact={missing.fact} done={() => setStating(null)} />
            ) : null}
          </li>
        ))}
      </ul>
      {sorted.length > listShown ? (
        <button type="button" className="link" onClick={() => setAll(!all)}>
          {all ? t('web.fewer') : t('web.moreCount', { count: sorted.length - listShown })}
        </button>
      ) : null}
    </div>
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
