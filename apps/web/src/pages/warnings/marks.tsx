/** Marks of warnings: how urgent for its reader, how far it is, how much time there is. */

import type { WarningView } from '@forewarn/model/api';
import { useSecond } from '../../session/clock.ts';
import { useSpan } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';

/** What is read again after an act on a warning. */
export const touched = ['warning', 'warnings', 'situation', 'incident'];

export type Urgency = WarningView['urgency'];
export const urgencies: readonly Urgency[] = ['incident', 'abuse', 'exposure'];

const urgencyKeys: { [urgency in Urgency]: string } = {
  incident: 'warnings.urgency.incident',
  abuse: 'warnings.urgency.abuse',
  exposure: 'warnings.urgency.exposure',
};
const urgencyMeans: { [urgency in Urgency]: string } = {
  incident: 'warnings.urgency.incident.means',
  abuse: 'warnings.urgency.abuse.means',
  exposure: 'warnings.urgency.exposure.means',
};

export function useUrgencyName(): { name: (urgency: Urgency) => string; means: (urgency: Urgency) => string } {
  const { t } = useTexts();
  return { name: (urgency) => t(urgencyKeys[urgency]), means: (urgency) => t(urgencyMeans[urgency]) };
}

export function UrgencyWord({ urgency }: { urgency: Urgency }) {
  const { name, means } = useUrgencyName();
  return (
    <span className="urgency" data-urgency={urgency} title={means(urgency)}>
      {name(urgency)}
    </span>
  );
}

/** A part of a whole as a bar, with its figures. */
export function Share({ part, of, label }: { part: number; of: number; label: string }) {
  const { t, n } = useTexts();
  return (
    <span className="share" title={label}>
      <span className="share-bar" aria-hidden="true">
        <span style={{ inlineSize: `${of === 0 ? 0 : (100 * part) / of}%` }} />
      </span>
      <span className="tabular">{t('web.ofCount', { part: n(part), of: n(of) })}</span>
    </span>
  );
}

/** What is left until an instant, or how long it has passed. */
export function Left({ until }: { until: string }) {
  const { t } = useTexts();
  const span = useSpan();
  const left = Date.parse(until) / 1000 - useSecond();
  return (
    <span className={left < 0 ? 'late' : undefined}>
      {left < 0 ? t('warnings.passed', { span: span(-left) }) : t('warnings.left', { span: span(left) })}
    </span>
  );
}

export const inForce = ({ state }: Pick<WarningView, 'state'>): boolean => state === 'issued' || state === 'adjusted';
