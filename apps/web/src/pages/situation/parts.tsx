/** How a value of the index is shown: the number, its band, and where it lies between the best and the worst. */

import type { SituationBand, SituationCell, SituationRules } from '@forewarn/model/situation';
import { useTexts } from '../../session/language.tsx';
import { bandKeys } from './words.ts';

/** `23` where both ends are the same to the tenth, else `23–61`. */
export function useRangeText(digits = 0): (of: { floor: number; ceiling: number }) => string {
  const { n } = useTexts();
  return ({ floor, ceiling }) => {
    const [from, to] = [n(floor, digits), n(ceiling, digits)];
    return from === to ? from : `${from}–${to}`;
  };
}

export function useBandText(): (band: { floor: SituationBand; ceiling: SituationBand }) => string {
  const { t } = useTexts();
  return ({ floor, ceiling }) =>
    floor === ceiling
      ? t(bandKeys[floor])
      : t('situations.band.upTo', { floor: t(bandKeys[floor]), ceiling: t(bandKeys[ceiling]) });
}

/** The band by word; colour is only for the two that need somebody. */
export function Band({ band }: { band: SituationCell['band'] }) {
  const text = useBandText();
  return (
    <span className="index-band" data-band={band.floor}>
      {text(band)}
    </span>
  );
}

/** Where a value lies: the bands as segments, what is known as a bar, what is possible hatched after it. */
export function Ruler({
  of,
  rules,
}: {
  of: Pick<SituationCell, 'floor' | 'ceiling' | 'band'>;
  rules: Pick<SituationRules, 'bands'>;
}) {
  const { t } = useTexts();
  const range = useRangeText();
  const band = useBandText();
  let from = 0;
  return (
    <span className="ruler" role="img" aria-label={t('situations.ruler', { range: range(of), band: band(of.band) })}>
      {rules.bands.map(({ id, below = 100 }) => {
        const width = below - from;
        from = below;
        return <span key={id} className="ruler-band" style={{ width: `${width}%` }} />;
      })}
      <span className="ruler-known" data-band={of.band.floor} style={{ width: `${of.floor}%` }} />
      <span className="ruler-possible" style={{ left: `${of.floor}%`, width: `${of.ceiling - of.floor}%` }} />
    </span>
  );
}

/** A bar of a share of what could be: known, then possible. */
export function RiskBar({ floor, ceiling }: { floor: number; ceiling: number }) {
  return (
    <span className="risk-bar" aria-hidden="true">
      <span className="ruler-known" style={{ width: `${floor * 100}%` }} />
      <span className="ruler-possible" style={{ left: `${floor * 100}%`, width: `${(ceiling - floor) * 100}%` }} />
    </span>
  );
}

/** Against a day before: more, less or the same, in points. */
export function Change({ of }: { of: { floor: number; before: { floor: number } | null } }) {
  const { t, n } = useTexts();
  if (of.before === null) return <span className="dim">{t('situations.before.none')}</span>;
  const by = of.floor - of.before.floor;
  if (Math.abs(by) < 0.05) return <span className="dim">{t('situations.before.same')}</span>;
  return (
    <span className={by > 0 ? 'index-worse' : 'index-better'}>
      {t(by > 0 ? 'situations.before.worse' : 'situations.before.better', { by: n(Math.abs(by), 1) })}
    </span>
  );
}

/** What cannot be seen cannot be counted: the share of networks that is seen, said beside every number. */
export function Seen({ seen }: { seen: number }) {
  const { t, n } = useTexts();
  return <>{t('situations.seen', { share: n(seen * 100) })}</>;
}

/** Warned before the harm, of those where both times are known: the share, in words, and as a bar. */
export function RatioFigure({ before, of }: { before: number; of: number }) {
  const { t, n } = useTexts();
  const percent = of === 0 ? null : (before / of) * 100;
  return (
    <>
      <div className="ratio-figure">
        <span className="figure-large">{percent === null ? '–' : `${n(percent)} %`}</span>
        <span className="dim">{percent === null ? t('web.ratio.none') : t('web.ratio.of', { before, of })}</span>
      </div>
      {percent === null ? null : (
        <span className="ratio-bar" aria-hidden="true">
          <span style={{ width: `${percent}%` }} />
        </span>
      )}
    </>
  );
}
