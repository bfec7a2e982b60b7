/** How sure a cause is, what it rests on, and how far a measure is: in words, with a shape that needs no colour. */

import type { Cause, Confidence, Evidence, PreventionState } from '@forewarn/model/cause';
import { Link } from '@tanstack/react-router';
import { keepView } from '../../frame/keep.ts';
import { useTexts } from '../../session/language.tsx';
import { useCauses } from './queries.ts';

export const confidenceKeys = {
  low: 'causes.confidence.low',
  medium: 'causes.confidence.medium',
  high: 'causes.confidence.high',
} as const satisfies { [one in Confidence]: string };

export const preventionStateKeys = {
  proposed: 'causes.state.proposed',
  agreed: 'causes.state.agreed',
  doing: 'causes.state.doing',
  done: 'causes.state.done',
  dropped: 'causes.state.dropped',
} as const satisfies { [one in PreventionState]: string };

export const evidenceKeys = {
  finding: 'causes.evidence.kind.finding',
  fact: 'causes.evidence.kind.fact',
  exposure: 'causes.evidence.kind.exposure',
  log: 'causes.evidence.kind.log',
  document: 'causes.evidence.kind.document',
  statement: 'causes.evidence.kind.statement',
} as const satisfies { [one in Evidence['kind']]: string };

const bars: { [one in Confidence]: number } = { low: 1, medium: 2, high: 3 };

/** One, two or three bars, and the word. */
export function ConfidenceMark({ confidence }: { confidence: Confidence }) {
  const { t } = useTexts();
  return (
    <span className="confidence-mark" title={`${t('causes.confidence')}: ${t(confidenceKeys[confidence])}`}>
      <svg width="14" height="12" aria-hidden="true">
        {[0, 1, 2].map((bar) => (
          <rect
            key={bar}
            x={bar * 5}
            y={8 - bar * 4}
            width="4"
            height={4 + bar * 4}
            fill={bar < bars[confidence] ? 'currentColor' : 'none'}
            stroke="currentColor"
            strokeWidth="0.8"
          />
        ))}
      </svg>
      {t(confidenceKeys[confidence])}
    </span>
  );
}

export function EvidenceList({ evidence }: { evidence: readonly Evidence[] }) {
  const { t, w } = useTexts();
  if (evidence.length === 0) return <p className="dim small">{t('causes.evidence.none')}</p>;
  return (
    <ul className="evidence-list" aria-label={t('causes.evidence')}>
      {evidence.map((one, i) => (
        // Evidence has no id and never changes places.
        <li key={i}>
          <span className="dim">{t(evidenceKeys[one.kind])}</span>{' '}
          {one.kind === 'finding' ? (
            <Link to="/findings/$id" params={{ id: one.reference }} search={keepView}>
              {one.note === '' ? one.reference : one.note}
            </Link>
          ) : (
            <>
              {/* Of a fact its name; what was written by hand stands as it was. */}
              {one.kind === 'fact' && /^[a-z0-9_]+$/.test(one.reference) ? w({ text: `fact.${one.reference}` }) : one.reference}
              {one.note === '' ? null : <span className="dim"> – {one.note}</span>}
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What an incident was closed with, on one line. */
export function CauseText({ cause }: { cause: Cause }) {
  const { t } = useTexts();
  const { cause: name } = useCauses();
  if (cause.kind === 'unknown') return <span>{t('causes.closedUnknown', { reason: cause.reason })}</span>;
  return (
    <span>
      <strong>{name(cause.cause)}</strong> · <ConfidenceMark confidence={cause.confidence} /> – {cause.text}
    </span>
  );
}
