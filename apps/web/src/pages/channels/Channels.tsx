/** Where notices of the own organisation go besides the workbench, what became of them, who reads its feed, and how the centre sends. */

import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { keepAnd } from '../../frame/keep.ts';
import { Page } from '../../frame/Page.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { CentreSettings } from './CentreSettings.tsx';
import { DeliveryLog } from './DeliveryLog.tsx';
import { Endpoints } from './Endpoints.tsx';
import { Feed } from './Feed.tsx';
import { troublesQuery } from './queries.ts';
import { Troubles } from './Troubles.tsx';

const tabs = ['channels', 'log', 'feed', 'centre'] as const;
const tabKeys = {
  channels: 'notices.tab.channels',
  log: 'notices.tab.log',
  feed: 'notices.tab.feed',
  centre: 'notices.tab.centre',
} as const;

export function Channels() {
  const { t } = useTexts();
  const me = useMe();
  const may = useMay();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { tab?: string };
  const { data: troubles } = useQuery(troublesQuery);
  const shown = tabs.filter(
    (tab) => (tab !== 'feed' || may('channels:write')) && (tab !== 'centre' || (me.organisation.centre && may('accounts:write'))),
  );
  const tab = shown.find((each) => each === search.tab) ?? 'channels';
  return (
    <Page title={t('notices.page')}>
      <p className="prose dim channel-means">{t('notices.page.means')}</p>
      {troubles === undefined || troubles.length === 0 ? null : <Troubles troubles={troubles} />}
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) =>
          void navigate({ to: '/channels', search: keepAnd(value === null || value === 'channels' ? {} : { tab: value }) })
        }
      >
        <Tabs.List aria-label={t('notices.page')} className="page-tabs">
          {shown.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(tabKeys[each])}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="channels">
          <Endpoints />
        </Tabs.Panel>
        <Tabs.Panel value="log">
          <DeliveryLog />
        </Tabs.Panel>
        <Tabs.Panel value="feed">
          <Feed />
        </Tabs.Panel>
        <Tabs.Panel value="centre">
          <CentreSettings />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
