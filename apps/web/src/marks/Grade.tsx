/**
 * Grades and warning colours: always a shape, a numeral and a word beside the colour. I octagon, II triangle, III diamond,
 * IV circle: told apart without seeing colour, and at sixteen pixels.
 */

import type { Colour } from '@forewarn/model/grade';
import { Tooltip } from '@mantine/core';
import { useTexts } from '../session/language.tsx';

export type LevelNumber = 1 | 2 | 3 | 4;

export const colourOfLevel = { 1: 'red', 2: 'orange', 3: 'yellow', 4: 'blue' } as const satisfies {
  [level in LevelNumber]: Colour;
};
export const levelOfColour = { red: 1, orange: 2, yellow: 3, blue: 4 } as const satisfies { [colour in Colour]: LevelNumber };
export const romanOfLevel = { 1: 'I', 2: 'II', 3: 'III', 4: 'IV' } as const;

const levelKeys = { 1: 'web.level.1', 2: 'web.level.2', 3: 'web.level.3', 4: 'web.level.4' } as const;
const colourKeys = {
  red: 'web.colour.red',
  orange: 'web.colour.orange',
  yellow: 'web.colour.yellow',
  blue: 'web.colour.blue',
} as const;

const shapes: { [level in LevelNumber]: { path: string; text: number } } = {
  1: { path: 'M7 1.5h6l5.500 5.500v6l-5.500 5.500H7l-5.500-5.500V7z', text: 13.8 },
  2: { path: 'M10 1 19.500 18H.500z', text: 15.5 },
  3: { path: 'M10 .500 19.500 10 10 19.500.500 10z', text: 13.2 },
  4: { path: 'M10 1a9 9 0 1 0 0 18 9 9 0 0 0 0-18', text: 13.4 },
};

export function asLevel(level: number | null | undefined): LevelNumber | null {
  return level === 1 || level === 2 || level === 3 || level === 4 ? level : null;
}

export function LevelShape({ level, size = 20 }: { level: LevelNumber | null; size?: number }) {
  if (level === null) {
    return (
      <svg className="grade-shape grade-none" viewBox="0 0 20 20" width={size} height={size} aria-hidden="true">
        <circle cx="10" cy="10" r="8.500" />
        <text x="10" y="14" textAnchor="middle">
          –
        </text>
      </svg>
    );
  }
  return (
    <svg
      className={`grade-shape grade-${colourOfLevel[level]}`}
      viewBox="0 0 20 20"
      width={size}
      height={size}
      aria-hidden="true"
    >
      <path d={shapes[level].path} />
      <text x="10" y={shapes[level].text} textAnchor="middle">
        {romanOfLevel[level]}
      </text>
    </svg>
  );
}

/** A grade in one line: what is proven, and what is still possible where that is more serious. */
export function GradeMark({
  floor,
  ceiling,
  name,
  compact = false,
}: {
  /** Absent: never graded. Null: graded, and below every level. */
  floor: number | null | undefined;
  ceiling?: number | null | undefined;
  name?: string;
  compact?: boolean;
}) {
  const { t } = useTexts();
  const proven = asLevel(floor);
  const possible = asLevel(ceiling);
  const word =
    name ?? (floor === undefined ? t('web.level.ungraded') : proven === null ? t('web.level.none') : t(levelKeys[proven]));
  const open = possible !== null && (proven === null || possible < proven);
  return (
    <span className="grade-mark">
      <LevelShape level={proven} />
      <span className={compact ? 'visually-hidden' : 'grade-word'}>{word}</span>
      {open ? (
        <Tooltip label={t('web.grade.possible', { level: t(levelKeys[possible]) })}>
          <span className="grade-open">
            <span aria-hidden="true">→</span>
            <LevelShape level={possible} size={18} />
            <span aria-hidden="true">{romanOfLevel[possible]}</span>
            <span className="visually-hidden">{t('web.grade.possible', { level: t(levelKeys[possible]) })}</span>
          </span>
        </Tooltip>
      ) : null}
    </span>
  );
}

/** The colour of a warning. */
export function ColourMark({ colour, large = false }: { colour: Colour; large?: boolean }) {
  const { t } = useTexts();
  return (
    <span className={large ? 'grade-mark grade-mark-large' : 'grade-mark'}>
      <LevelShape level={levelOfColour[colour]} size={large ? 28 : 20} />
      <span className="grade-word">{t(colourKeys[colour])}</span>
    </span>
  );
}

export function useColourName(): (colour: Colour) => string {
  const { t } = useTexts();
  return (colour) => t(colourKeys[colour]);
}

export function useLevelName(): (level: LevelNumber | null) => string {
  const { t } = useTexts();
  return (level) => (level === null ? t('web.level.none') : t(levelKeys[level]));
}

/** Four steps from IV to I: full up to what is proven, hatched up to what the unknown facts still allow. */
export function GradeScale({ floor, ceiling }: { floor: number | null; ceiling: number | null }) {
  const { t } = useTexts();
  const proven = asLevel(floor);
  const possible = asLevel(ceiling);
  const name = useLevelName();
  const label =
    possible !== null && (proven === null || possible < proven)
      ? t('web.grade.scaleRange', { floor: name(proven), ceiling: name(possible) })
      : t('web.grade.scaleSure', { floor: name(proven) });
  return (
    <div className="grade-scale" role="img" aria-label={label}>
      {([4, 3, 2, 1] as const).map((level) => {
        const state =
          proven !== null && level >= proven ? 'proven' : possible !== null && level >= possible ? 'possible' : 'excluded';
        return (
          <span
            key={level}
            className={`grade-step grade-${colourOfLevel[level]}`}
            data-state={state}
            data-floor={level === proven || undefined}
          >
            <span className="grade-step-bar" />
            <span className="grade-step-name">
              {romanOfLevel[level]}
              {level === proven ? <span className="grade-step-note">{t('web.grade.proven')}</span> : null}
              {level === possible && level !== proven ? <span className="grade-step-note">{t('web.grade.upTo')}</span> : null}
            </span>
          </span>
        );
      })}
    </div>
  );
}
