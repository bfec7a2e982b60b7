import type { FindingView } from '@forewarn/model/api';
import { ruleName } from '@forewarn/model/finding';
import { Link } from '@tanstack/react-router';
import { keepView } from '../../frame/Frame.tsx';
import { At, ConfidenceBar, FindingLevelMark } from '../../marks/Marks.tsx';
import { Technique } from '../../marks/Technique.tsx';
import { useTexts } from '../../session/language.tsx';
import { shownIndicator } from '../../values/defang.ts';
import { AskPackets } from '../packets/AskPackets.tsx';
import { Value } from '../../values/ValueMenu.tsx';

/** Findings one by one: the sentence, then what it rests on. */
export function FindingTable({
  findings,
  more = false,
  log = null,
  packets = false,
}: {
  findings: readonly FindingView[];
  more?: boolean;
  log?: string | null;
  /** Whether each row leads to the packets of its flows. */
  packets?: boolean;
}) {
  const { t, w, n } = useTexts();
  return (
    <>
      <div className="table-scroll" role="region" aria-label={t('web.page.findings')} tabIndex={0}>
        <table className="table table-cards">
          <thead>
            <tr>
              <th scope="col">{t('web.finding.lastSeen')}</th>
              <th scope="col">{t('web.finding.level')}</th>
              <th scope="col">{t('web.finding')}</th>
              <th scope="col">{t('web.finding.source')}</th>
              <th scope="col">{t('web.finding.technique')}</th>
              <th scope="col">{t('web.finding.confidence')}</th>
              <th scope="col" className="number">
                {t('web.finding.records')}
              </th>
            </tr>
          </thead>
          <tbody>
            {findings.map((finding) => (
              <tr key={finding.id} data-row tabIndex={-1}>
                <td data-label={t('web.finding.lastSeen')}>
                  <At at={finding.to} />
                </td>
                <td data-label={t('web.finding.level')}>
                  <FindingLevelMark level={finding.level} />
                </td>
                <td className="cell-main">
                  <Link data-open to="/findings/$id" params={{ id: finding.id }} search={keepView}>
                    {w(finding.explanation)}
                  </Link>
                  <div className="dim small">{w(ruleName(finding.rule))}</div>
                  {packets ? (
                    <AskPackets compact bound={{ finding: finding.id }} flows={finding.records} about={w(finding.explanation)} />
                  ) : null}
                </td>
                <td className="cell-host" data-label={t('web.finding.source')}>
                  <Value field="source" value={finding.source} log={log} shown={shownIndicator(finding.source)} />
                </td>
                <td data-label={t('web.finding.technique')}>
                  {finding.technique.length === 0 ? '–' : finding.technique.map((id) => <Technique key={id} id={id} />)}
                </td>
                <td data-label={t('web.finding.confidence')}>
                  <ConfidenceBar value={finding.confidence} />
                </td>
                <td className="number" data-label={t('web.finding.records')}>
                  {n(finding.recordCount)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {more ? <p className="dim small">{t('web.findings.more', { count: findings.length })}</p> : null}
    </>
  );
}
