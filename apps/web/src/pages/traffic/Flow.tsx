/** One flow: every record that any parser made of it, in order of time. */

import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { keepView } from '../../frame/Frame.tsx';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
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
        <div className="incident-head">
          <Link to="/traffic/$log" params={{ log: 'conn' }} search={keepView} data-up className="up">
            <Icon name="left" size={14} />
            {t('web.page.traffic')}
          </Link>
          <h1>
            {t('web.flow.title')} <span className="mono">{uid}</span>
          </h1>
        </div>
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
