/** An incident's grades: what each scheme proves, what it could still reach, what is missing and what comes next. */

import type { GradeView, IncidentView } from '@forewarn/model/api';
import { Button, Tabs } from '@mantine/core';
import { useState } from 'react';
import { SchemeScale, SchemeShape } from '../../marks/Grade.tsx';
import { At, SourceMark } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { FactForm, unitKeys } from './FactForm.tsx';

/** One scheme at a time; those that know of something first. */
export function Grades({ incident }: { incident: IncidentView }) {
  const { t, l, w } = useTexts();
  const [scheme, setScheme] = useState<string | null>(null);
  const [all, setAll] = useState(false);
  const grades = incident.grades;
  if (grades.length === 0) return <p className="prose dim">{t('web.grade.noneYet')}</p>;
  const shown =
    grades.find((grade) => grade.scheme === scheme) ??
    grades.find((grade) => grade.scheme === incident.grade?.scheme) ??
    grades[0]!;
  // A scheme that knows of nothing yet stands back; the page of all schemes has every one.
  const telling = grades.filter((grade) => grade === shown || grade.scheme === incident.grade?.scheme || provesSomething(grade));
  const listed = all ? grades : telling;
  return (
    <>
      {grades.length > 1 ? (
        <Tabs value={shown.scheme} onChange={setScheme} variant="none" className="scheme-tabs">
          <Tabs.List aria-label={t('web.grade.schemes')}>
            {listed.map((grade) => (
              <Tabs.Tab key={grade.scheme} value={grade.scheme} title={l(grade.schemeTitle)}>
                <span className="scheme-tab">
                  <SchemeShape levels={grade.levels} level={grade.floor} size={16} />
                  <span className="scheme-tab-name">{w({ text: `grade.${grade.scheme}` })}</span>
                </span>
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {telling.length < grades.length ? (
            <button type="button" className="link scheme-more" aria-expanded={all} onClick={() => setAll(!all)}>
              {all ? t('web.fewer') : t('web.grade.otherSchemes', { count: grades.length - telling.length })}
            </button>
          ) : null}
          {listed.map((grade) => (
            <Tabs.Panel key={grade.scheme} value={grade.scheme}>
              {grade === shown ? <Grade grade={grade} incident={incident} /> : null}
            </Tabs.Panel>
          ))}
        </Tabs>
      ) : (
        <Grade grade={shown} incident={incident} />
      )}
    </>
  );
}

/** Whether a criterion is met: a residual level, or the band of a score of nothing, is no more than a beginning. */
const provesSomething = (grade: GradeView) => grade.fired.length > 0 && (grade.score === null || grade.score.min > 0);

/** Missing facts and thresholds beyond this wait behind a button, so that the clocks below stay in sight. */
const listShown = 3;

function Grade({ grade, incident }: { grade: GradeView; incident: IncidentView }) {
  const { t, l, w } = useTexts();
  const [allNext, setAllNext] = useState(false);
  const open = grade.ceiling !== null && (grade.floor === null || grade.ceiling < grade.floor);
  const { score } = grade;
  return (
    <div className="grade">
      <div className="grade-head">
        <SchemeShape levels={grade.levels} level={grade.floor} size={32} />
        <div>
          <div className="grade-title">{grade.floorName === null ? t('web.level.none') : l(grade.floorName)}</div>
          <div className="dim">
            {open ? t('web.grade.possible', { level: l(grade.ceilingName) }) : t('web.grade.settled')}{' '}
            <SourceMark mark={grade.confidence} />
          </div>
          {score === null ? null : (
            <div className="dim tabular">
              {score.min === score.max
                ? t('web.grade.score', { score: score.min, of: score.of })
                : t('web.grade.scoreRange', { min: score.min, max: score.max, of: score.of })}
            </div>
          )}
        </div>
      </div>
      <SchemeScale levels={grade.levels} floor={grade.floor} ceiling={grade.ceiling} />
      <div className="why-part">
        <h3>{t('web.grade.fired')}</h3>
        {grade.fired.length === 0 ? (
          <p className="dim">{t('web.grade.nothingFired')}</p>
        ) : (
          <ul className="fired">
            {grade.fired.map((fired) => (
              <li key={`${fired.criterion} ${fired.fact}`}>
                <SchemeShape levels={grade.levels} level={fired.level} size={18} />
                <div>
                  <div>{w(fired.text)}</div>
                  <div className="fired-value">
                    <span className="tabular">{fired.valueText === undefined ? fired.value : w(fired.valueText)}</span>{' '}
                    <span className="dim">
                      {fired.points !== undefined && fired.thresholdText !== undefined
                        ? w(fired.thresholdText)
                        : t('web.grade.against', { threshold: fired.thresholdText ?? fired.threshold })}
                    </span>
                  </div>
                  <div className="dim fired-article">
                    {fired.article} <SourceMark mark={fired.confidence} />
                  </div>
                </div>
              </li>
            ))}
          </ul>
        )}
      </div>
      <Missing grade={grade} incident={incident} />
      {grade.unread.length === 0 ? null : (
        <div className="why-part">
          <h3>{t('web.grade.unread')}</h3>
          <p className="dim small">{t('web.grade.unread.means')}</p>
          <ul className="next">
            {grade.unread.map((clause) => (
              <li key={`${clause.level} ${l(clause.means)}`}>
                <SchemeShape levels={grade.levels} level={clause.level} size={18} />
                <div>
                  <div>{l(clause.means)}</div>
                  <div className="dim fired-article">
                    {clause.article} <SourceMark mark="U" />
                  </div>
                </div>
              </li>
            ))}
          </ul>
        </div>
      )}
      {grade.next.length === 0 ? null : (
        <div className="why-part">
          <h3>{t('web.grade.next')}</h3>
          <ul className="next">
            {grade.next.slice(0, allNext ? undefined : listShown).map((next) => (
              <li key={`${next.fact} ${next.level} ${next.threshold}`}>
                <SchemeShape levels={grade.levels} level={next.level} size={18} />
                <div>
                  <div>{l(next.name)}</div>
                  <div className="dim tabular">
                    {next.now === null
                      ? t('web.grade.nextUnknown', { threshold: next.thresholdText ?? next.threshold })
                      : t('web.grade.nextFrom', {
                          now: next.nowText ?? next.now,
                          threshold: next.thresholdText ?? next.threshold,
                        })}
                  </div>
                </div>
              </li>
            ))}
          </ul>
          {grade.next.length > listShown ? (
            <button type="button" className="link" onClick={() => setAllNext(!allNext)}>
              {allNext ? t('web.fewer') : t('web.moreCount', { count: grade.next.length - listShown })}
            </button>
          ) : null}
        </div>
      )}
      <p className="dim small">
        {t('web.grade.computed')} <At at={grade.at} />
      </p>
    </div>
  );
}

function Missing({ grade, incident }: { grade: GradeView; incident: IncidentView }) {
  const { t, l } = useTexts();
  const may = useMay();
  const [stating, setStating] = useState<string | null>(null);
  const [all, setAll] = useState(false);
  if (grade.missing.length === 0) return null;
  const sorted = grade.missing.toSorted((a, b) => a.couldReach - b.couldReach);
  const shown = all ? sorted : sorted.slice(0, listShown);
  return (
    <div className="why-part">
      <h3>{t('web.grade.missing')}</h3>
      <p className="dim small">{t('web.grade.missing.means')}</p>
      <ul className="missing">
        {shown.map((missing) => (
          <li key={missing.fact}>
            <div className="missing-head">
              <SchemeShape levels={grade.levels} level={missing.couldReach} size={18} />
              <span className="missing-name">
                {l(missing.name)}
                {missing.unit === null ? null : <span className="dim"> ({t(unitKeys[missing.unit] ?? 'web.unit.count')})</span>}
              </span>
              {may('incidents:write') ? (
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-expanded={stating === missing.fact}
                  aria-label={t('web.fact.stateOne', { fact: l(missing.name) })}
                  onClick={() => setStating(stating === missing.fact ? null : missing.fact)}
                >
                  {stating === missing.fact ? t('web.cancel') : t('web.fact.state')}
                </Button>
              ) : null}
            </div>
            {stating === missing.fact ? (
              <FactForm incident={incident.id} fact={missing.fact} done={() => setStating(null)} />
            ) : null}
          </li>
        ))}
      </ul>
      {sorted.length > listShown ? (
        <button type="button" className="link" onClick={() => setAll(!all)}>
          {all ? t('web.fewer') : t('web.moreCount', { count: sorted.length - listShown })}
        </button>
      ) : null}
    </div>
  );
}
