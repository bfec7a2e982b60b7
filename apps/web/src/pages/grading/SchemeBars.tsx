/** All schemes side by side: each its own levels, filled up to what is proven, hatched up to what is still possible, and where to act meanwhile. */

import type { SchemeOutcome } from '@forewarn/model/grading-api';
import { useState } from 'react';
import { SourceMark } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';

type Props = { schemes: readonly SchemeOutcome[] };

export function SchemeBars({ schemes }: Props) {
  const { t } = useTexts();
  return (
    <>
      <ul className="schemes">
        {schemes.map((one) => (
          <Scheme key={one.scheme} one={one} />
        ))}
      </ul>
      <p className="dim small schemes-key">
        <span className="scheme-level" data-state="proven" data-colour="blue" aria-hidden="true" /> {t('desk.key.proven')}
        <span className="scheme-level" data-state="possible" data-colour="blue" aria-hidden="true" /> {t('desk.key.possible')}
        <span className="scheme-act" aria-hidden="true">
          ◆
        </span>{' '}
        {t('desk.key.act')}
      </p>
    </>
  );
}

function Scheme({ one }: { one: SchemeOutcome }) {
  const { t, l, w, n } = useTexts();
  const [shown, setShown] = useState(false);
  const name = (level: number | null): string => {
    const known = one.levels.find((each) => each.level === level);
    return known === undefined ? t('web.level.none') : `${known.roman} ${l(known.name)}`;
  };
  // The least serious first; a level's number is smaller the graver it is, and none is before all.
  const rank = (level: number | null): number => one.levels.findIndex((each) => each.level === level);
  const floor = rank(one.floor);
  const ceiling = rank(one.ceiling);
  const open = ceiling > floor;
  const act = one.leastRegret;
  const label = open
    ? t('desk.bar.open', { scheme: l(one.short), floor: name(one.floor), ceiling: name(one.ceiling), act: name(act.level) })
    : t('desk.bar.settled', { scheme: l(one.short), level: name(one.floor) });
  return (
    <li className="scheme">
      <div className="scheme-head">
        <span className="scheme-name" title={l(one.title)}>
          {l(one.short)}
        </span>
        <span className="dim small">
          {one.jurisdiction} · {one.version}
          {one.withdrawn === null ? '' : ` · ${t('desk.withdrawn', { day: one.withdrawn })}`}
        </span>
        <SourceMark mark={one.confidence} />
      </div>
      <div className="scheme-track" role="img" aria-label={label}>
        {one.levels.map(({ level, roman, colour }, i) => (
          <span key={level} className="scheme-place">
            <span
              className="scheme-level"
              data-colour={colour}
              data-state={i <= floor ? 'proven' : i <= ceiling ? 'possible' : 'excluded'}
            >
              {roman}
            </span>
            <span className="scheme-act">{open && act.level === level ? '◆' : ''}</span>
          </span>
        ))}
      </div>
      <div className="scheme-said">
        <strong>{name(one.floor)}</strong>
        {open ? <span> → {name(one.ceiling)}</span> : <span className="dim"> · {t('desk.settled')}</span>}
        {open ? <div className="dim small">{t('desk.act', { level: name(act.level), worst: n(act.worst, 1) })}</div> : null}
        <button type="button" className="link" aria-expanded={shown} onClick={() => setShown(!shown)}>
          {t('desk.why')}
        </button>
      </div>
      {shown ? (
        <div className="scheme-why">
          {one.words.map((words) => (
            <p key={words.text} className="prose">
              {w(words)}
            </p>
          ))}
          {one.fired.length === 0 ? null : (
            <ul className="scheme-reasons">
              {one.fired.map((fired) => (
                <li key={`${fired.article} ${l(fired.text)}`}>
                  {l(fired.text)} <span className="dim small">{fired.article}</span> <SourceMark mark={fired.mark} />
                  {fired.judged ? <span className="dim small"> · {t('desk.judged')}</span> : null}
                </li>
              ))}
            </ul>
          )}
          {one.unread.length === 0 ? null : (
            <>
              <h3>{t('desk.unread')}</h3>
              <ul className="scheme-reasons">
                {one.unread.map((clause) => (
                  <li key={`${clause.level} ${clause.article}`}>
                    {name(clause.level)}: {l(clause.text)} <span className="dim small">{clause.article}</span>{' '}
                    <SourceMark mark={clause.mark} />
                  </li>
                ))}
              </ul>
            </>
          )}
          {one.missing.length === 0 ? null : (
            <p className="prose dim">
              {t('desk.missing', { facts: one.missing.slice(0, 8).map((each) => l(each.name)), count: one.missing.length })}
            </p>
          )}
          {one.disputes.map((words) => (
            <p key={w(words)} className="prose">
              {w(words)}
            </p>
          ))}
          {act.rows.length < 2 ? null : (
            <table className="table regret">
              <caption className="dim small">{t('desk.regret')}</caption>
              <thead>
                <tr>
                  <th scope="col">{t('desk.regret.act')}</th>
                  <th scope="col" className="number">
                    {t('desk.regret.worst')}
                  </th>
                </tr>
              </thead>
              <tbody>
                {act.rows.map((row) => (
                  <tr key={row.level ?? 0} data-chosen={row.level === act.level || undefined}>
                    <th scope="row">
                      {row.level === act.level ? '◆ ' : ''}
                      {name(row.level)}
                    </th>
                    <td className="number">{n(row.worst, 1)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
      ) : null}
    </li>
  );
}
