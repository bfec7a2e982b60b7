/** Parts of the pages of exposure: what is decided, how sure it is, how long is left, what was done. */

import type { ExposureCount, ExposureDetail, ExposureView, RemedyKind } from '@forewarn/model/exposure-api';
import { useQuery } from '@tanstack/react-query';
import { Tooltip } from '@mantine/core';
import { Icon } from '../../look/icons.tsx';
import { At } from '../../marks/Marks.tsx';
import { useSecond } from '../../session/clock.ts';
import { useInstants, useSpan } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { exposureSummaryQuery } from './queries.ts';

/** Outcomes of the tables that the product brings; another table's are shown as it writes them. */
const outcomeKeys: { readonly [outcome: string]: string } = {
  immediate: 'exposures.outcome.immediate',
  'out-of-cycle': 'exposures.outcome.outOfCycle',
  scheduled: 'exposures.outcome.scheduled',
  defer: 'exposures.outcome.defer',
};
const outcomeMeans: { readonly [outcome: string]: string } = {
  immediate: 'exposures.outcome.immediate.means',
  'out-of-cycle': 'exposures.outcome.outOfCycle.means',
  scheduled: 'exposures.outcome.scheduled.means',
  defer: 'exposures.outcome.defer.means',
};

export function useOutcome(): { name: (outcome: string) => string; means: (outcome: string) => string | undefined } {
  const { t } = useTexts();
  return {
    name: (outcome) => (outcomeKeys[outcome] === undefined ? outcome : t(outcomeKeys[outcome])),
    means: (outcome) => (outcomeMeans[outcome] === undefined ? undefined : t(outcomeMeans[outcome])),
  };
}

/** Values of the points, as the tables write them. */
const valueKeys: { readonly [value: string]: string } = {
  none: 'exposures.value.none',
  'public poc': 'exposures.value.publicPoc',
  active: 'exposures.value.active',
  small: 'exposures.value.small',
  controlled: 'exposures.value.controlled',
  open: 'exposures.value.open',
  no: 'exposures.value.no',
  yes: 'exposures.value.yes',
  low: 'exposures.value.low',
  medium: 'exposures.value.medium',
  high: 'exposures.value.high',
  'very high': 'exposures.value.veryHigh',
  partial: 'exposures.value.partial',
  total: 'exposures.value.total',
};
const pointKeys: { readonly [point: string]: string } = {
  Exploitation: 'exposures.point.exploitation',
  'System Exposure': 'exposures.point.systemExposure',
  Automatable: 'exposures.point.automatable',
  'Human Impact': 'exposures.point.humanImpact',
  'Technical Impact': 'exposures.point.technicalImpact',
};

/** Points and their values in the reader's language. */
export function usePoint(): { name: (point: string) => string; value: (value: string) => string } {
  const { t } = useTexts();
  return {
    name: (point) => (pointKeys[point] === undefined ? point : t(pointKeys[point])),
    value: (value) => (valueKeys[value] === undefined ? value : t(valueKeys[value])),
  };
}

/** The table's outcomes, the mildest first; until they are known, none. */
const useOutcomes = (): readonly string[] =>
  useQuery(exposureSummaryQuery(undefined)).data?.table.outcomes.map(({ outcome }) => outcome) ?? [];

const levels = ['informational', 'low', 'medium', 'high', 'critical'] as const;

/** What is certain at least as full bars, what is possible at most as empty ones, and both in words. */
export function DecisionMark({ floor, ceiling }: { floor: string; ceiling: string }) {
  const { name, means } = useOutcome();
  const outcomes = useOutcomes();
  const at = outcomes.indexOf(floor);
  const to = outcomes.indexOf(ceiling);
  const level = levels[Math.round((at / Math.max(1, outcomes.length - 1)) * (levels.length - 1))] ?? 'informational';
  const label = means(floor);
  const mark = (
    <span className="finding-level" data-level={level}>
      <svg viewBox="0 0 14 12" width="14" height="12" aria-hidden="true">
        {outcomes.map((outcome, i) => (
          <rect
            key={outcome}
            x={i * 3.6}
            y={10 - i * 3}
            width="2.6"
            height={i * 3 + 2}
            className={i <= at ? 'on' : i <= to ? 'exposure-possible' : 'off'}
          />
        ))}
      </svg>
      <span>{floor === ceiling ? name(floor) : `${name(floor)} … ${name(ceiling)}`}</span>
    </span>
  );
  return label === undefined ? mark : <Tooltip label={label}>{mark}</Tooltip>;
}

/** The days that are left, or by how many it is late. */
export function TimeLeft({ due, dueBy }: Pick<ExposureView, 'due' | 'dueBy'>) {
  const { t } = useTexts();
  const span = useSpan();
  const instants = useInstants();
  const now = useSecond();
  if (due === null) return <span className="dim">{t('exposures.due.none')}</span>;
  const left = Date.parse(due) / 1000 - now;
  // Below a day the minutes count, above it the days.
  const shown = Math.abs(left) > 86_400 ? Math.floor(Math.abs(left) / 86_400) * 86_400 : Math.abs(left);
  return (
    <time className="exposure-left" data-late={left < 0 || undefined} dateTime={due} title={instants.full(due)}>
      {left < 0 ? (
        <>
          <Icon name="alert" size={14} /> {t('exposures.late', { span: span(shown === 86_400 ? 86_401 : shown) })}
        </>
      ) : (
        span(shown === 86_400 ? 86_401 : shown)
      )}
      <span className="dim small"> {t(dueBy === 'catalogue' ? 'exposures.due.catalogue' : 'exposures.due.decision')}</span>
    </time>
  );
}

/** A day of years past and to come, as catalogues name it. */
export function Day({ at }: { at: string | null }) {
  return at === null ? '–' : <time dateTime={at}>{at.slice(0, 10)}</time>;
}

export function ExploitedMark({ ransomware }: { ransomware: boolean }) {
  const { t } = useTexts();
  return (
    <span className="exposure-exploited">
      <Icon name="alert" size={14} />
      {t(ransomware ? 'exposures.ransomware' : 'exposures.exploited')}
    </span>
  );
}

const certaintyKeys = { exposed: 'exposures.exposed', possibly: 'exposures.possibly' } as const;
const matchedKeys = {
  package: 'exposures.matched.package',
  cpe: 'exposures.matched.cpe',
  name: 'exposures.matched.name',
} as const;

export function Certainty({ certainty, matched }: Pick<ExposureView, 'certainty' | 'matched'>) {
  const { t } = useTexts();
  return (
    <>
      {t(certaintyKeys[certainty])} <span className="dim small">{t(matchedKeys[matched])}</span>
    </>
  );
}

export const remedyKeys: { readonly [kind in RemedyKind | 'reopened']: string } = {
  mitigated: 'exposures.remedy.mitigated',
  patched: 'exposures.remedy.patched',
  accepted: 'exposures.remedy.accepted',
  reopened: 'exposures.remedy.reopened',
};

export function RemedyMark({ remedy }: { remedy: ExposureDetail['remedy'] }) {
  const { t } = useTexts();
  if (remedy === null) return <span className="dim">{t('exposures.remedy.none')}</span>;
  return (
    <span className="verdict">
      <Icon name="check" size={14} />
      {t(remedyKeys[remedy.kind])}
      {remedy.until === null ? null : (
        <span className="dim small">
          {t('exposures.until')} <At at={remedy.until} />
        </span>
      )}
    </span>
  );
}

/** Of a list of counts: exposed and possibly, handled or not. */
export const sumOf = (counts: readonly ExposureCount[], certainty: ExposureCount['certainty'], part: 'count' | 'open'): number =>
  counts.reduce((sum, one) => sum + (one.certainty === certainty ? one[part] : 0), 0);

/** The gravest decision for what is surely exposed and open, or else for what possibly is. */
export function gravest(counts: readonly ExposureCount[], outcomes: readonly string[]): string | undefined {
  const open = counts.filter((one) => one.open > 0);
  const sure = open.filter(({ certainty }) => certainty === 'exposed');
  return (sure.length > 0 ? sure : open)
    .map(({ decision }) => decision)
    .toSorted((a, b) => outcomes.indexOf(b) - outcomes.indexOf(a))[0];
}
