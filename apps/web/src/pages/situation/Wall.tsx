/** The situation on a wall: few things, large, read from across the room. It is only looked at; Escape leads back. */

import type { SituationView } from '@forewarn/model/api';
import type { SituationIndexView } from '@forewarn/model/situation-api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { keepView } from '../../frame/keep.ts';
import { LevelShape, useLevelName } from '../../marks/Grade.tsx';
import { clockStateAt, ClockStateMark, Countdown } from '../../marks/Marks.tsx';
import { useSecond } from '../../session/clock.ts';
import { useInstants } from '../../session/instants.ts';
import { useNamed, useTexts } from '../../session/language.tsx';
import { situationQuery, useOrganisationName } from '../../session/resources.ts';
import { Band, Change, RiskBar, Ruler, Seen, useRangeText } from './parts.tsx';
import { indexQuery } from './queries.ts';
import { componentKeys, dimensionKeys } from './words.ts';

/** Lines that a wall has room for. */
const shown = { clocks: 3, incidents: 4, places: 5 } as const;

export function Wall() {
  const { t } = useTexts();
  const { data } = useQuery(situationQuery);
  const { data: index } = useQuery(indexQuery());
  useEffect(() => {
    document.title = `${t('situations.wall')} · Forewarn`;
  }, [t]);
  return (
    <div className="wall">
      <header className="wall-head">
        <h1>{t('web.page.situation')}</h1>
        <WallClock />
        <Link to="/situation" search={keepView} data-up className="wall-leave">
          {t('situations.wall.leave')}
        </Link>
      </header>
      <div className="wall-body">
        {index === undefined ? <p className="wall-panel">{t('situations.none')}</p> : <WallIndex index={index} />}
        {data === undefined ? null : <WallNow data={data} />}
        {index === undefined ? null : <WallPlaces index={index} />}
      </div>
    </div>
  );
}

function WallClock() {
  const { short } = useInstants();
  return <span className="wall-clock">{short(useSecond() * 1000)}</span>;
}

function WallIndex({ index }: { index: SituationIndexView }) {
  const { t } = useTexts();
  const range = useRangeText();
  const { whole, rules } = index;
  return (
    <section className="wall-panel wall-index" aria-label={t('situations.index')}>
      <h2>{t('situations.index')}</h2>
      <p className="wall-number">{range(whole)}</p>
      <p className="wall-band">
        <Band band={whole.band} />
      </p>
      <Ruler of={whole} rules={rules} />
      <p className="wall-small">
        <Change of={whole} /> · <Seen seen={whole.seen} />
      </p>
      <ul className="wall-parts">
        {whole.components.map(({ id, risk }) => (
          <li key={id}>
            <span>{t(componentKeys[id])}</span>
            <RiskBar floor={risk.floor} ceiling={risk.ceiling} />
          </li>
        ))}
      </ul>
    </section>
  );
}

const urgency = { missed: 0, 'due-soon': 1, running: 2, waiting: 3, met: 4 } as const;

function WallNow({ data }: { data: SituationView }) {
  const { t, n, w, l } = useTexts();
  const level = useLevelName();
  const name = useOrganisationName();
  const nowMs = useSecond() * 1000;
  const clocks = data.clocks
    .map((clock) => ({ clock, state: clockStateAt(clock, nowMs) }))
    .filter(({ state }) => state !== 'met' && state !== 'waiting')
    .sort((a, b) => urgency[a.state] - urgency[b.state] || Date.parse(a.clock.dueAt ?? '') - Date.parse(b.clock.dueAt ?? ''));
  const open = data.incidents
    .filter(({ state }) => state !== 'closed')
    .sort((a, b) => (a.grade?.floor ?? 9) - (b.grade?.floor ?? 9));
  const inForce = data.warnings.filter(({ state }) => state === 'issued' || state === 'adjusted');
  const unread = inForce.reduce((all, { counts }) => all + counts.warned - counts.acknowledged, 0);
  const { before, of } = data.responseRatio;
  return (
    <section className="wall-panel wall-now" aria-label={t('web.now.title')}>
      <ul className="wall-levels">
        {([1, 2, 3, 4, 0] as const).map((each) => {
          const count = data.openByLevel[String(each)] ?? 0;
          return (
            <li key={each} data-none={count === 0 || undefined}>
              <LevelShape level={each === 0 ? null : each} size={64} />
              <span className="wall-figure">{n(count)}</span>
              <span className="wall-small">{each === 0 ? t('web.level.ungraded') : level(each)}</span>
            </li>
          );
        })}
      </ul>
      <h2>{t('situations.wall.clocks')}</h2>
      {clocks.length === 0 ? <p>{t('situations.wall.clocks.none')}</p> : null}
      <ul className="wall-list">
        {clocks.slice(0, shown.clocks).map(({ clock, state }) => (
          <li key={clock.id} data-state={state}>
            <ClockStateMark state={state} />
            <span className="wall-what">
              <span className="dim">{name(clock.organisation)}</span> {l(clock.dutyText)}
            </span>
            <Countdown clock={clock} />
          </li>
        ))}
      </ul>
      <h2>{t('web.situation.incidents')}</h2>
      {open.length === 0 ? <p>{t('web.incidents.none')}</p> : null}
      <ul className="wall-list">
        {open.slice(0, shown.incidents).map((incident) => (
          <li key={incident.id}>
            <LevelShape level={levelOf(incident.grade?.floor)} size={40} />
            <span className="wall-what">{w(incident.title)}</span>
            <span className="dim">{name(incident.lead.organisation)}</span>
          </li>
        ))}
      </ul>
      <ul className="wall-figures">
        <li>
          <span className="wall-figure">{n(inForce.length)}</span>
          <span className="wall-small">{t('web.situation.warnings')}</span>
        </li>
        <li data-late={unread > 0 || undefined}>
          <span className="wall-figure">{n(unread)}</span>
          <span className="wall-small">{t('situations.wall.unread')}</span>
        </li>
        <li>
          <span className="wall-figure">{of === 0 ? '–' : `${n((before / of) * 100)} %`}</span>
          <span className="wall-small">{t('web.ratio.title')}</span>
        </li>
      </ul>
    </section>
  );
}

/** Schemes with more levels show the milder ones as ungraded shapes. */
const levelOf = (floor: number | null | undefined): 1 | 2 | 3 | 4 | null =>
  floor === 1 || floor === 2 || floor === 3 || floor === 4 ? floor : null;

function WallPlaces({ index }: { index: SituationIndexView }) {
  const { t } = useTexts();
  const named = useNamed();
  const range = useRangeText();
  return (
    <section className="wall-panel wall-places" aria-label={t('situations.places')}>
      {(['network-type', 'sector', 'region'] as const).map((dimension) => {
        const cells = index.cells.filter((cell) => cell.dimension === dimension).slice(0, shown.places);
        return cells.length === 0 ? null : (
          <div key={dimension}>
            <h2>{t(dimensionKeys[dimension])}</h2>
            <ul className="wall-parts">
              {cells.map((cell) => (
                <li key={cell.key}>
                  <span>{named(cell.name)}</span>
                  <Ruler of={cell} rules={index.rules} />
                  <span className="number">{range(cell)}</span>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </section>
  );
}
