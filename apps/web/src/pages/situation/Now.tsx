/** What waits for a person: clocks, parts and tasks of the own organisation, warnings to read, to finish or to chase, incidents without a grade. */

import type { SituationView } from '@forewarn/model/api';
import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, type ReactNode } from 'react';
import { keepAnd } from '../../frame/keep.ts';
import { Empty, Panel } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { ColourMark, GradeMark } from '../../marks/Grade.tsx';
import { ClockBar, clockStateAt, ClockStateMark, Countdown, TlpBadge } from '../../marks/Marks.tsx';
import { partKeys, taskStateKeys, waitsForPerson } from '../../marks/Stage.tsx';
import { useSecond } from '../../session/clock.ts';
import { useSpan } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { incidentQuery, useOrganisationName, warningsQuery } from '../../session/resources.ts';

/** A span that says only how long ago: whole minutes, then hours, then days. */
export function coarse(seconds: number): number {
  const unit = seconds < 5400 ? 60 : seconds < 172_800 ? 3600 : 86_400;
  return Math.max(60, Math.round(seconds / unit) * unit);
}

const urgency = { missed: 0, 'due-soon': 1, running: 2, waiting: 3, met: 4 } as const;

export function Now({ data }: { data: SituationView }) {
  const { t, l } = useTexts();
  const me = useMe();
  const may = useMay();
  const name = useOrganisationName();
  const nowMs = useSecond() * 1000;
  const clocks = useMemo(
    () =>
      data.clocks
        .map((clock) => ({ clock, state: clockStateAt(clock, nowMs) }))
        .filter(({ state }) => state !== 'met' && state !== 'waiting')
        .sort((a, b) => urgency[a.state] - urgency[b.state] || dueMs(a.clock) - dueMs(b.clock)),
    [data.clocks, nowMs],
  );
  const toAcknowledge = data.warnings.filter(
    (warning) =>
      warning.state !== 'draft' &&
      warning.state !== 'lifted' &&
      warning.audience.some(
        ({ organisation, acknowledgedAt, part }) =>
          organisation === me.organisation.id && acknowledgedAt === null && part === 'warned',
      ),
  );
  const { data: warnings } = useQuery({ ...warningsQuery, enabled: may('warnings:issue') && me.organisation.centre });
  const drafts = (warnings?.items ?? []).filter(waitsForPerson);
  // Whoever issued a warning sees to it that it is read.
  const unread = may('warnings:issue')
    ? data.warnings.flatMap((warning) => {
        const missing = warning.audience.filter(({ acknowledgedAt, part }) => acknowledgedAt === null && part === 'warned');
        return missing.length === 0 || warning.state === 'draft' || warning.state === 'lifted' ? [] : [{ warning, missing }];
      })
    : [];
  const own = useOwnParts(data);
  const ungraded = data.incidents.filter(
    ({ state, grade }) => state === 'open' && (grade === null || (grade.floor === null && grade.ceiling !== null)),
  );
  const count = clocks.length + own.length + toAcknowledge.length + drafts.length + ungraded.length + unread.length;
  return (
    <Panel title={t('web.now.title')} className="now" count={count === 0 ? undefined : count}>
      {count === 0 ? (
        <Empty title={t('web.now.none')}>{t('web.now.none.means')}</Empty>
      ) : (
        <ul className="now-list">
          {clocks.map(({ clock, state }) => (
            <Row
              key={clock.id}
              state={state}
              mark={<ClockStateMark state={state} />}
              to="/incidents/$id"
              id={clock.incident}
              title={l(clock.dutyText)}
              number={clock.number}
              aside={
                <div className="now-time">
                  <Countdown clock={clock} large />
                  <ClockBar clock={clock} />
                </div>
              }
            >
              <span data-own={clock.organisation === me.organisation.id || undefined}>{name(clock.organisation)}</span>
              <span>{clock.article}</span>
            </Row>
          ))}
          {own.map((part) => (
            <Row
              key={part.key}
              mark={
                <span className="clock-state">
                  <Icon name={part.icon} size={14} />
                  {part.word}
                </span>
              }
              to="/incidents/$id"
              id={part.incident.id}
              tab={part.tab}
              title={part.title}
              number={part.incident.number}
              aside={<span className="now-do">{part.dueAt === null ? part.act : <DueIn at={part.dueAt} />}</span>}
            >
              <GradeMark floor={part.incident.grade?.floor} ceiling={part.incident.grade?.ceiling} />
            </Row>
          ))}
          {toAcknowledge.map((warning) => (
            <WarningRow key={warning.id} warning={warning} act={t('web.now.acknowledge')}>
              <TlpBadge marking={warning.marking} />
            </WarningRow>
          ))}
          {drafts.map((warning) => (
            <WarningRow key={warning.id} warning={warning} act={t('web.now.draft')}>
              <span>{name(warning.issuingAuthority)}</span>
            </WarningRow>
          ))}
          {unread
            .filter(({ warning }) => !toAcknowledge.includes(warning))
            .map(({ warning, missing }) => (
              <WarningRow key={`unread ${warning.id}`} warning={warning} act={t('web.now.chase')}>
                <span>
                  {t('web.now.unread', { names: missing.map(({ organisation }) => name(organisation)).join(t('web.list')) })}
                </span>
              </WarningRow>
            ))}
          {ungraded.map((incident) => (
            <Ungraded key={incident.id} incident={incident} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

type OwnPart = {
  key: string;
  icon: 'person' | 'check';
  word: string;
  title: string;
  act: string;
  dueAt: string | null;
  tab: string | undefined;
  incident: SituationView['incidents'][number];
};

/** Incidents looked into for what the own organisation was asked; the most urgent come first in the list. */
const lookedInto = 20;

/** What waits for the own organisation inside incidents: parts it was asked to take, tasks it was given. */
function useOwnParts(data: SituationView): OwnPart[] {
  const { t, w } = useTexts();
  const me = useMe();
  const may = useMay();
  const open = data.incidents.filter(({ state }) => state !== 'closed').slice(0, may('incidents:read') ? lookedInto : 0);
  const views = useQueries({ queries: open.map(({ id }) => incidentQuery(id)) });
  return views.flatMap(({ data: incident }) => {
    if (incident === undefined) return [];
    const asked = incident.responsibilities
      .filter(({ organisation, state }) => organisation === me.organisation.id && state === 'asked')
      .map((each): OwnPart => ({
        key: `${incident.id} ${each.part}`,
        icon: 'person',
        word: t(partKeys[each.part]),
        title: t('web.now.asked', { title: w(incident.title) }),
        act: t('web.now.answer'),
        dueAt: null,
        tab: undefined,
        incident,
      }));
    const tasks = incident.tasks
      .filter(({ organisation, state }) => organisation === me.organisation.id && (state === 'open' || state === 'doing'))
      .map((task): OwnPart => ({
        key: task.id,
        icon: 'check',
        word: t(taskStateKeys[task.state]),
        title: task.title,
        act: t('web.now.task'),
        dueAt: task.dueAt,
        tab: 'tasks',
        incident,
      }));
    return [...asked, ...tasks];
  });
}

function DueIn({ at }: { at: string }) {
  const { t } = useTexts();
  const span = useSpan();
  const left = Date.parse(at) / 1000 - useSecond();
  return left < 0 ? (
    <span className="late">{t('web.clock.lateBy', { span: span(-left) })}</span>
  ) : (
    t('web.clock.leftSpan', { span: span(coarse(left)) })
  );
}

/** One thing that waits: its mark, its name that leads to it, its number with what else to know, and the act or the time at its end. */
function Row({
  state,
  mark,
  to,
  id,
  tab,
  title,
  number,
  aside,
  children,
}: {
  state?: string;
  mark: ReactNode;
  to: '/incidents/$id' | '/warnings/$id';
  id: string;
  tab?: string | undefined;
  title: string;
  number: string;
  aside: ReactNode;
  children?: ReactNode;
}) {
  return (
    <li className="now-row" data-state={state} data-row tabIndex={-1}>
      {mark}
      <div className="now-what">
        <Link data-open to={to} params={{ id }} search={keepAnd({ tab })} className="now-title">
          {title}
        </Link>
        <div className="now-facts">
          <span className="mono">{number}</span>
          {children}
        </div>
      </div>
      {aside}
    </li>
  );
}

function WarningRow({
  warning: { id, number, colour, title },
  act,
  children,
}: {
  warning: Pick<SituationView['warnings'][number], 'id' | 'number' | 'colour' | 'title'>;
  act: string;
  children: ReactNode;
}) {
  const { l } = useTexts();
  return (
    <Row
      mark={<ColourMark colour={colour} />}
      to="/warnings/$id"
      id={id}
      title={l(title)}
      number={number}
      aside={<span className="now-do">{act}</span>}
    >
      {children}
    </Row>
  );
}

function Ungraded({ incident: { id, number, title, grade } }: { incident: SituationView['incidents'][number] }) {
  const { t, w } = useTexts();
  return (
    <Row
      mark={<GradeMark floor={grade?.floor} ceiling={grade?.ceiling} />}
      to="/incidents/$id"
      id={id}
      title={w(title)}
      number={number}
      aside={<span className="now-do">{t('web.now.facts')}</span>}
    />
  );
}

const dueMs = (clock: SituationView['clocks'][number]) => (clock.dueAt === null ? Infinity : Date.parse(clock.dueAt));
