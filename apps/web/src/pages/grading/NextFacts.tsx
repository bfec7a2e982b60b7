/** Which fact is worth finding out next: what it would settle, and what may come out. */

import type { GradingDesk } from '@forewarn/model/grading-api';
import { useState } from 'react';
import { Empty } from '../../frame/Page.tsx';
import { useTexts } from '../../session/language.tsx';

/** Facts that stand there at once; the others wait behind a button. */
const shownMax = 4;

export function NextFacts({ desk }: { desk: GradingDesk }) {
  const { t, l, w, n } = useTexts();
  const [all, setAll] = useState(false);
  if (desk.next.length === 0) return <Empty title={t('desk.next.none')}>{t('desk.next.none.means')}</Empty>;
  const most = Math.max(...desk.next.map(({ saves, narrows }) => saves + narrows));
  const schemeOf = (id: string) => desk.schemes.find(({ scheme }) => scheme === id);
  const level = (scheme: string, at: number | null): string =>
    at === null ? '–' : (schemeOf(scheme)?.levels.find((each) => each.level === at)?.roman ?? String(at));
  return (
    <>
      <p className="dim small">
        {t('desk.next.means', { low: n(desk.costs.tooLow, 1), high: n(desk.costs.tooHigh, 1), mark: desk.costs.mark })}
      </p>
      <ol className="next-facts">
        {desk.next.slice(0, all ? undefined : shownMax).map((one) => (
          <li key={one.fact}>
            <details>
              <summary>
                <span className="next-fact-name">{l(one.name)}</span>
                <span className="next-fact-bar" aria-hidden="true">
                  <span style={{ width: `${(100 * (one.saves + one.narrows)) / most}%` }} />
                </span>
                <span className="dim small">{t('desk.next.worth', { saves: n(one.saves, 1), narrows: n(one.narrows, 1) })}</span>
              </summary>
              <p className="dim small">{l(one.means)}</p>
              {one.schemes.map(({ scheme, settles, outcomes }) => (
                <table key={scheme} className="table outcomes">
                  <caption className="small">
                    {l(schemeOf(scheme)?.short)} · {t('desk.next.settles', { settles, count: outcomes.length })}
                  </caption>
                  <tbody>
                    {outcomes.map((outcome) => (
                      <tr key={w(outcome.text)}>
                        <th scope="row">{w(outcome.text)}</th>
                        <td>
                          {level(scheme, outcome.floor)}
                          {outcome.ceiling === outcome.floor ? '' : ` → ${level(scheme, outcome.ceiling)}`}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              ))}
            </details>
          </li>
        ))}
      </ol>
      {desk.next.length > shownMax ? (
        <button type="button" className="link" onClick={() => setAll(!all)}>
          {all ? t('web.fewer') : t('web.moreCount', { count: desk.next.length - shownMax })}
        </button>
      ) : null}
    </>
  );
}
