/** One flow: every record that any parser made of it, in order of time. */

import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { useTexts } from '../../session/language.tsx';
import { recordTypesQuery } from '../../session/resources.ts';
import { flowQuery, RecordDetail } from './RecordDetail.tsx';

export function Flow() {
  const { t } = useTexts();
  const { uid } = useParams({ strict: false }) as { uid: string };
  const query = useQuery(flowQuery(uid));
  const { data: types } = useQuery(recordTypesQuery);
  return (
    <Page
      title={t('web.flow', { uid })}
      heading={
        <ItemHead
          up={{ to: '/traffic/$log', params: { log: 'conn' }, name: t('web.page.traffic') }}
          title={
            <>
              {t('web.flow.title')} <span className="mono">{uid}</span>
            </>
          }
        />
      }
    >
      <Waiting query={query}>
        {(flow) => {
          const logs = Object.entries(flow).filter(([, records]) => records.length > 0);
          return logs.length === 0 ? (
            <Empty icon="flow" title={t('web.flow.none')} />
          ) : (
            logs.map(([log, records]) => (
              <Panel key={log} title={<span className="mono">{log}</span>} count={records.length}>
                {records.map((record, index) => (
                  // Records have no id of their own.
                  <RecordDetail
                    key={index}
                    type={types?.find((type) => type.log === log) ?? { log, means: '', columns: [] }}
                    record={record}
                  />
                ))}
              </Panel>
            ))
          );
        }}
      </Waiting>
    </Page>
  );
}
