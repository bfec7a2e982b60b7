import type { FindingView } from '@forewarn/model/api';
import { ruleName } from '@forewarn/model/finding';
import { Link } from '@tanstack/react-router';
import { keepView } from '../../frame/keep.ts';
import { Table } from '../../frame/Table.tsx';
import { At, ConfidenceBar, FindingLevelMark } from '../../marks/Marks.tsx';
import { Technique } from '../../marks/Technique.tsx';
import { useTexts } from '../../session/language.tsx';
import { shownIndicator } from '../../values/defang.ts';
import { AskPackets } from '../packets/AskPackets.tsx';
import { Value } from '../../values/ValueMenu.tsx';
import { HiddenMark, VerdictMark } from './marks.tsx';

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
      <Table
        label={t('web.page.findings')}
        rows={findings}
        keyOf={({ id }) => id}
        over={({ hiddenBy }) => hiddenBy !== null}
        columns={[
          { head: t('web.finding.lastSeen'), cell: ({ to }) => <At at={to} /> },
          { head: t('web.finding.level'), cell: ({ level }) => <FindingLevelMark level={level} /> },
          {
            head: t('web.finding'),
            main: true,
            cell: ({ id, explanation, rule, records, verdict, hiddenBy }) => (
              <>
                <Link data-open to="/findings/$id" params={{ id }} search={keepView}>
                  {w(explanation)}
                </Link>
                <div className="dim small">{w(ruleName(rule))}</div>
                {verdict === null && hiddenBy === null ? null : (
                  <div className="values">
                    {verdict === null ? null : <VerdictMark verdict={verdict} />}
                    {hiddenBy === null ? null : <HiddenMark exception={hiddenBy} />}
                  </div>
                )}
                {packets ? <AskPackets compact bound={{ finding: id }} flows={records} about={w(explanation)} /> : null}
              </>
            ),
          },
          {
            head: t('web.finding.source'),
            className: 'cell-host',
            cell: ({ source }) => <Value field="source" value={source} log={log} shown={shownIndicator(source)} />,
          },
          {
            head: t('web.finding.technique'),
            cell: ({ technique }) => (technique.length === 0 ? '–' : technique.map((id) => <Technique key={id} id={id} />)),
          },
          { head: t('web.finding.confidence'), cell: ({ confidence }) => <ConfidenceBar value={confidence} /> },
          { head: t('web.finding.records'), number: true, cell: ({ recordCount }) => n(recordCount) },
        ]}
      />
      {more ? <p className="dim small">{t('web.findings.more', { count: findings.length })}</p> : null}
    </>
  );
}
