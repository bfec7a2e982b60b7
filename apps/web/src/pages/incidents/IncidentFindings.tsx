import type { IncidentView } from '@forewarn/model/api';
import { useQuery } from '@tanstack/react-query';
import { Empty, Panel, Waiting } from '../../frame/Page.tsx';
import { useTexts } from '../../session/language.tsx';
import { findingsQuery, groupingQuery } from '../../session/resources.ts';
import { FindingTable } from '../findings/FindingTable.tsx';
import { Course, GroupingDecisions, Signs, TakenOut } from './Grouping.tsx';

/** The incident's evidence: its signs with what people can do about their grouping, then each finding with its records. */
export function IncidentFindings({ incident }: { incident: IncidentView }) {
  const { t } = useTexts();
  const grouping = useQuery(groupingQuery(incident.id));
  const query = useQuery(findingsQuery({ incident: incident.id }));
  return (
    <div className="stack">
      <Waiting query={grouping}>
        {(data) => (
          <>
            <Course course={data.course} />
            <Signs incident={incident} grouping={data} />
            <TakenOut incident={incident} taken={data.taken} />
            <GroupingDecisions decisions={data.decisions} />
          </>
        )}
      </Waiting>
      <Panel title={t('grouping.each')}>
        <Waiting query={query}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty icon="findings" title={t('web.findings.noneHere')} />
            ) : (
              <FindingTable findings={data.items} more={data.next !== null} packets />
            )
          }
        </Waiting>
      </Panel>
    </div>
  );
}
