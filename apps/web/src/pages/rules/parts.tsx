/** How a rule does: how often it was right, and what it costs. */

import type { Precision, RuleView } from '@forewarn/model/rule';
import { Tooltip } from '@mantine/core';
import { useTexts } from '../../session/language.tsx';

export const ruleKindKeys = {
  sigma: 'noise.ruleKind.sigma',
  correlation: 'noise.ruleKind.correlation',
  behaviour: 'noise.ruleKind.behaviour',
  indicator: 'noise.ruleKind.indicator',
} as const;

/** The share with its interval as a line, and of how many: few judgements are a wide line. */
export function PrecisionBar({ precision }: { precision: Precision | null }) {
  const { t, n } = useTexts();
  if (precision === null) return <span className="dim">{t('noise.precision.none')}</span>;
  const { value, low, high, n: judged } = precision;
  const share = (each: number) => `${n(each * 100)} %`;
  const label = t('noise.precision.label', { value: share(value), low: share(low), high: share(high), n: n(judged) });
  return (
    <Tooltip label={label}>
      <span className="precision" role="img" aria-label={label}>
        <svg width="80" height="10" aria-hidden="true">
          <line x1="0" x2="80" y1="5" y2="5" className="precision-track" />
          <line x1={low * 80} x2={high * 80} y1="5" y2="5" className="precision-range" />
          <circle cx={Math.min(77, Math.max(3, value * 80))} cy="5" r="3" className="precision-value" />
        </svg>
        <span aria-hidden="true">
          {share(value)} <span className="dim">{t('noise.precision.n', { n: n(judged) })}</span>
        </span>
      </span>
    </Tooltip>
  );
}

export function Cost({ rule: { costMicros, samples } }: { rule: Pick<RuleView, 'costMicros' | 'samples'> }) {
  const { t, n } = useTexts();
  if (costMicros === null) return <span className="dim">–</span>;
  const shown = costMicros > 0 && costMicros < 0.01 ? `< ${n(0.01, 2)}` : n(costMicros, 2);
  return <span title={t('noise.cost.means', { samples: n(samples) })}>{t('noise.cost.micros', { micros: shown })}</span>;
}
