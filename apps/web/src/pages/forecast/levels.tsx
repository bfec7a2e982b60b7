/** Levels of any scheme, where a forecast speaks of them: the shape of the four colours, or the scheme's own name. */

import { asLevel, LevelShape } from '../../marks/Grade.tsx';
import { useTexts } from '../../session/language.tsx';

/** `II major`, as the scheme calls it. */
export function useSchemeLevel(scheme: string): (level: number | null) => string {
  const { t, w } = useTexts();
  return (level) => (level === null ? t('web.level.none') : w({ text: `grade.${scheme}.level.${level}` }));
}

export function SchemeLevel({ scheme, level, size = 18 }: { scheme: string; level: number | null; size?: number }) {
  const name = useSchemeLevel(scheme)(level);
  return (
    <span className="grade-mark">
      {level === null || asLevel(level) !== null ? <LevelShape level={asLevel(level)} size={size} /> : null}
      <span className="grade-word">{name}</span>
    </span>
  );
}

/** Graver is greater; none is below all. */
export const seriousness = (level: number | null): number => (level === null ? -Infinity : -level);

/** `+6 h`. */
export function useHorizon(): (seconds: number) => string {
  const { t } = useTexts();
  return (seconds) => t('forecast.horizon', { hours: Math.round((seconds / 3600) * 10) / 10 });
}
