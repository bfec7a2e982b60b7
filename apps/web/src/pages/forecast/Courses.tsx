/** Ten courses at each horizon, stacked from the lightest at the foot to the gravest at the head; the band is framed, the expected level marked. */

import type { ForecastPoint } from '@forewarn/model/forecast';
import { Picture } from '../../charts/Picture.tsx';
import { Table } from '../../frame/Table.tsx';
import { asLevel, colourOfLevel, romanOfLevel } from '../../marks/Grade.tsx';
import { useTexts } from '../../session/language.tsx';
import { SchemeLevel, seriousness, useHorizon, useSchemeLevel } from './levels.tsx';

type Point = Pick<ForecastPoint, 'horizonSeconds' | 'expected' | 'lightest' | 'gravest' | 'courses'>;

export function Courses({ scheme, now, points }: { scheme: string; now: number | null; points: readonly Point[] }) {
  const { t } = useTexts();
  const level = useSchemeLevel(scheme);
  const horizon = useHorizon();
  const levels = [...new Set([now, ...points.flatMap(({ courses }) => courses)])].toSorted((a, b) => seriousness(b) - seriousness(a)); // oxfmt-ignore
  const share = (point: Point, of: number | null): number =>
    point.courses.filter((one) => seriousness(one) >= seriousness(of)).length / point.courses.length;
  const said = points
    .map((point) =>
      t('forecast.said', {
        horizon: horizon(point.horizonSeconds),
        expected: level(point.expected),
        lightest: level(point.lightest),
        gravest: level(point.gravest),
      }),
    ) // oxfmt-ignore
    .join(' ');
  return (
    <Picture
      label={t('forecast.courses')}
      table={
        <Table
          label={t('forecast.courses')}
          form="still"
          rows={levels.filter((one) => one !== null)}
          keyOf={(row) => row}
          columns={[
            { head: t('forecast.reaches'), rowHead: true, cell: (row) => level(row) },
            ...points.map((point) => ({
              head: horizon(point.horizonSeconds),
              number: true,
              cell: (row: number) => t('forecast.ofTen', { count: Math.round(share(point, row) * 10) }),
            })),
          ]}
        />
      }
    >
      <div className="courses" role="img" aria-label={`${t('forecast.courses')}. ${t('forecast.now')}: ${level(now)}. ${said}`}>
        <div className="courses-column">
          <div className="courses-stack">
            <span className={`course course-now ${colourClass(now)}`}>{short(now)}</span>
          </div>
          <span className="courses-head">{t('forecast.now')}</span>
        </div>
        {points.map((point) => (
          <div className="courses-column" key={point.horizonSeconds}>
            <div className="courses-stack">
              {/* The gravest stands on top. */}
              {point.courses.toReversed().map((one, i) => (
                // Courses have no id but their place.
                <span key={i} className={`course ${colourClass(one)}`} data-band={(i >= 1 && i <= 8) || undefined}>
                  {short(one)}
                </span>
              ))}
              <span className="courses-band" />
              <span className="courses-expected">◂</span>
            </div>
            <span className="courses-head">{horizon(point.horizonSeconds)}</span>
          </div>
        ))}
      </div>
      <dl className="courses-words">
        <div>
          <dt>{t('forecast.now')}</dt>
          <dd>
            <SchemeLevel scheme={scheme} level={now} />
          </dd>
        </div>
        {points.map((point) => (
          <div key={point.horizonSeconds}>
            <dt>{horizon(point.horizonSeconds)}</dt>
            <dd>
              <SchemeLevel scheme={scheme} level={point.expected} />
              {point.lightest === point.gravest ? (
                <span className="dim small">{t('forecast.sure')}</span>
              ) : (
                <span className="dim small">
                  {t('forecast.band', { lightest: level(point.lightest), gravest: level(point.gravest) })}
                </span>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <p className="dim small">{t('forecast.courses.means')}</p>
    </Picture>
  );
}

const colourClass = (level: number | null): string => {
  const known = asLevel(level);
  return known === null ? 'course-other' : `grade-${colourOfLevel[known]}`;
};
const short = (level: number | null): string => {
  const known = asLevel(level);
  return known === null ? (level === null ? '–' : String(level)) : romanOfLevel[known];
};
