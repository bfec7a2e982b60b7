/**
 * Grades and warning colours: always a shape, a numeral and a word beside the colour. I octagon, II triangle, III diamond,
 * IV circle: told apart without seeing colour, and at sixteen pixels.
 */

import type { Colour, Level, LevelColour } from '@forewarn/model/grade';
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

/** Shapes of schemes that know more colours: each told apart without seeing colour. */
const colourShapes: { [colour in LevelColour]: { path: string; text: number } } = {
  red: shapes[1],
  orange: shapes[2],
  yellow: shapes[3],
  blue: shapes[4],
  black: { path: 'M1.500 1.500h17v17h-17z', text: 13.8 },
  green: { path: 'M5.500 2h9L19.500 10l-5 8h-9L.500 10z', text: 13.6 },
  white: {
    path: 'M5 1.500h10a3.500 3.500 0 0 1 3.500 3.500v10a3.500 3.500 0 0 1-3.500 3.500H5A3.500 3.500 0 0 1 1.500 15V5A3.500 3.500 0 0 1 5 1.500z',
    text: 13.8,
  },
};

/** A level of any scheme, with the sign and colour that the scheme gives it. */
export function SchemeShape({ levels, level, size = 20 }: { levels: readonly Level[]; level: number | null; size?: number }) {
  const known = levels.find((each) => each.level === level);
  if (known === undefined) return <LevelShape level={null} size={size} />;
  const shape = colourShapes[known.colour];
  return (
    <svg
      className={`grade-shape grade-${known.colour}`}
      data-long={known.roman.length > 2 || undefined}
      viewBox="0 0 20 20"
      width={size}
      height={size}
      aria-hidden="true"
    >
      <path d={shape.path} />
      <text x="10" y={shape.text} textAnchor="middle">
        {known.roman}
      </text>
    </svg>
  );
}

/** A step for each level of a scheme, the gravest last: full up to what is proven, hatched up to what the unknown facts still allow. */
export function SchemeScale({
  levels,
  floor,
  ceiling,
}: {
  levels: readonly Level[];
  floor: number | null;
  ceiling: number | null;
}) {
  const { t, l } = useTexts();
  const name = (level: number | null) => {
    const known = levels.find((each) => each.level === level);
    return known === undefined ? t('web.level.none') : `${known.roman} ${l(known.name)}`;
  };
  const open = ceiling !== null && (floor === null || ceiling < floor);
  // Seven steps leave no room for a word below each; what stands above the bar says the same.
  const noted = levels.length <= 4;
  const label = open
    ? t('web.grade.scaleRange', { floor: name(floor), ceiling: name(ceiling) })
    : t('web.grade.scaleSure', { floor: name(floor) });
  return (
    <div className="grade-scale" role="img" aria-label={label} style={{ gridTemplateColumns: `repeat(${levels.length}, 1fr)` }}>
      {levels
        .toSorted((a, b) => b.level - a.level)
        .map(({ level, roman, colour }) => {
          const proven = floor !== null && level >= floor;
          const possible = open && level >= ceiling;
          return (
            <span
              key={level}
              className={`grade-step grade-${colour}`}
              data-state={proven ? 'proven' : possible ? 'possible' : 'excluded'}
              data-floor={level === floor || undefined}
            >
              <span className="grade-step-bar" />
              <span className="grade-step-name">
                {roman}
                {noted && level === floor ? <span className="grade-step-note">{t('web.grade.proven')}</span> : null}
                {noted && open && level === ceiling ? <span className="grade-step-note">{t('web.grade.upTo')}</span> : null}
              </span>
            </span>
          );
        })}
    </div>
  );
}

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
