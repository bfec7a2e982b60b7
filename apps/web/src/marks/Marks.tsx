/** Small marks with one meaning each: sharing (TLP), how sure (H M U), how severe a finding, how a clock stands. */

import type { ClockView } from '@forewarn/model/api';
import type { Tlp } from '@forewarn/model/markings';
import { Tooltip } from '@mantine/core';
import { Icon, type IconName } from '../look/icons.tsx';
import { useSecond } from '../session/clock.ts';
import { figures, span, useInstants } from '../session/instants.ts';
import { useTexts } from '../session/language.tsx';

const tlpKeys: { [marking in Tlp]: string } = {
  'TLP:RED': 'web.tlp.red',
  'TLP:AMBER+STRICT': 'web.tlp.amberStrict',
  'TLP:AMBER': 'web.tlp.amber',
  'TLP:GREEN': 'web.tlp.green',
  'TLP:CLEAR': 'web.tlp.clear',
};

const tlpClass: { [marking in Tlp]: string } = {
  'TLP:RED': 'tlp-red',
  'TLP:AMBER+STRICT': 'tlp-amber',
  'TLP:AMBER': 'tlp-amber',
  'TLP:GREEN': 'tlp-green',
  'TLP:CLEAR': 'tlp-clear',
};

/** FIRST's exact colours on black, in both themes. */
export function TlpBadge({ marking }: { marking: Tlp }) {
  const { t } = useTexts();
  return (
    <Tooltip label={t(tlpKeys[marking])}>
      <span className={`tlp ${tlpClass[marking]}`}>{marking}</span>
    </Tooltip>
  );
}

const confidenceKeys = { H: 'web.mark.h', M: 'web.mark.m', U: 'web.mark.u' } as const;
const confidenceMeans = { H: 'web.mark.h.means', M: 'web.mark.m.means', U: 'web.mark.u.means' } as const;

/** How well the text of a law or scheme was read: a word, and the reason on pointing or focus. */
export function SourceMark({ mark }: { mark: 'H' | 'M' | 'U' }) {
  const { t } = useTexts();
  return (
    <Tooltip label={t(confidenceMeans[mark])}>
      <button
        type="button"
        className="source-mark"
        data-mark={mark}
        aria-label={`${t(confidenceKeys[mark])}. ${t(confidenceMeans[mark])}`}
      >
        {mark}
      </button>
    </Tooltip>
  );
}

export type FindingLevel = 'informational' | 'low' | 'medium' | 'high' | 'critical';
export const findingLevels: readonly FindingLevel[] = ['critical', 'high', 'medium', 'low', 'informational'];

const findingLevelKeys: { [level in FindingLevel]: string } = {
  critical: 'web.finding.level.critical',
  high: 'web.finding.level.high',
  medium: 'web.finding.level.medium',
  low: 'web.finding.level.low',
  informational: 'web.finding.level.informational',
};

export function useFindingLevelName(): (level: FindingLevel) => string {
  const { t } = useTexts();
  return (level) => t(findingLevelKeys[level]);
}

/** A finding's level as rising bars: not a grade, so neither its colours nor its shapes. */
export function FindingLevelMark({ level, compact = false }: { level: FindingLevel; compact?: boolean }) {
  const { t } = useTexts();
  const height = 5 - findingLevels.indexOf(level);
  return (
    <span className="finding-level" data-level={level}>
      <svg viewBox="0 0 14 12" width="14" height="12" aria-hidden="true">
        {[1, 2, 3, 4, 5].map((bar) => (
          <rect
            key={bar}
            x={(bar - 1) * 3}
            y={12 - bar * 2.4}
            width="2"
            height={bar * 2.4}
            className={bar <= height ? 'on' : 'off'}
          />
        ))}
      </svg>
      <span className={compact ? 'visually-hidden' : undefined}>{t(findingLevelKeys[level])}</span>
    </span>
  );
}

/** How sure a rule is, as a share and a bar. */
export function ConfidenceBar({ value }: { value: number }) {
  const { t, n } = useTexts();
  return (
    <span className="confidence" role="img" aria-label={t('web.confidence', { share: `${n(value * 100)} %` })}>
      <span className="confidence-track">
        <span className="confidence-fill" style={{ width: `${Math.round(value * 100)}%` }} />
      </span>
      <span aria-hidden="true">{n(value * 100)} %</span>
    </span>
  );
}

type ClockState = ClockView['state'];

const clockIcons: { [state in ClockState]: IconName } = {
  missed: 'alert',
  'due-soon': 'clock',
  running: 'clock',
  waiting: 'pause',
  met: 'check',
};

const clockKeys: { [state in ClockState]: string } = {
  missed: 'web.clock.missed',
  'due-soon': 'web.clock.dueSoon',
  running: 'web.clock.running',
  waiting: 'web.clock.waiting',
  met: 'web.clock.met',
};

/** Four fifths of the time gone: the same rule the centre keeps, so that a page left open turns by itself. */
export function clockStateAt(
  clock: Pick<ClockView, 'state' | 'dueAt' | 'startedAt' | 'limitSeconds'>,
  nowMs: number,
): ClockState {
  if (clock.dueAt === null || clock.state === 'met' || clock.state === 'waiting') return clock.state;
  const left = Date.parse(clock.dueAt) - nowMs;
  if (left < 0) return 'missed';
  if (clock.limitSeconds !== null && left < (clock.limitSeconds * 1000) / 5) return 'due-soon';
  return clock.state === 'missed' ? 'missed' : clock.state;
}

export function ClockStateMark({ state }: { state: ClockState }) {
  const { t } = useTexts();
  return (
    <span className="clock-state" data-state={state}>
      <Icon name={clockIcons[state]} size={14} />
      {t(clockKeys[state])}
    </span>
  );
}

/** The time that is left, second by second, or how late it is. */
export function Countdown({ clock, large = false }: { clock: ClockView; large?: boolean }) {
  const texts = useTexts();
  const instants = useInstants();
  const nowMs = useSecond() * 1000;
  const { t } = texts;
  const state = clockStateAt(clock, nowMs);
  const className = large ? 'countdown countdown-large' : 'countdown';
  if (state === 'met') {
    return (
      <span className={className} data-state="met">
        {clock.metAt === null ? t('web.clock.met') : t('web.clock.metAt', { at: instants.short(clock.metAt) })}
      </span>
    );
  }
  if (clock.dueAt === null) {
    return (
      <span className={className} data-state={state}>
        {state === 'waiting' ? t('web.clock.notStarted') : t('web.clock.promptly')}
      </span>
    );
  }
  const left = (Date.parse(clock.dueAt) - nowMs) / 1000;
  return (
    <time
      className={className}
      data-state={state}
      dateTime={clock.dueAt}
      title={t('web.clock.dueAt', { at: instants.full(clock.dueAt) })}
    >
      <span aria-hidden="true">
        {left < 0 ? '+' : ''}
        {figures(left, texts)}
      </span>
      <span className="visually-hidden">
        {left < 0 ? t('web.clock.lateBy', { span: span(-left, texts) }) : t('web.clock.leftSpan', { span: span(left, texts) })}
      </span>
    </time>
  );
}

/** How much of the time is gone. */
export function ClockBar({ clock }: { clock: ClockView }) {
  const nowMs = useSecond() * 1000;
  if (clock.dueAt === null || clock.startedAt === null || clock.state === 'met') return null;
  const from = Date.parse(clock.startedAt);
  const to = Date.parse(clock.dueAt);
  const share = Math.min(1, Math.max(0, (nowMs - from) / Math.max(1, to - from)));
  return (
    <span className="clock-bar" data-state={clockStateAt(clock, nowMs)} aria-hidden="true">
      <span style={{ width: `${share * 100}%` }} />
    </span>
  );
}

/** An instant; on pointing the full one. */
export function At({ at, exact = false }: { at: string; exact?: boolean }) {
  const instants = useInstants();
  return (
    <time dateTime={at} title={instants.full(at)} className="at">
      {exact ? instants.full(at) : instants.short(at)}
    </time>
  );
}
