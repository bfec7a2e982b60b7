import type { IncidentView } from '@forewarn/model/api';
import { useQuery } from '@tanstack/react-query';
import { Empty, Waiting } from '../../frame/Page.tsx';
import { useTexts } from '../../session/language.tsx';
import { findingsQuery } from '../../session/resources.ts';
import { FindingTable } from '../findings/FindingTable.tsx';

/** The incident's evidence: its findings, each with its records. */
export function IncidentFindings({ incident }: { incident: IncidentView }) {
  const { t } = useTexts();
  const query = useQuery(findingsQuery({ incident: incident.id }));
  return (
    <Waiting query={query}>
      {(data) =>
        data.items.length === 0 ? (
          <Empty icon="findings" title={t('web.findings.noneHere')} />
        ) : (
          <FindingTable findings={data.items} more={data.next !== null} packets />
        )
      }
    </Waiting>
  );
}
