/** The inbox of what records show and the register lacks, and beside it what the register has and no record shows. */

import { proposalKinds, proposalStates } from '@forewarn/model/proposal';
import { Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useDeferredValue, useState } from 'react';
import { Empty, Page, Waiting } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { useTexts } from '../../session/language.tsx';
import { BlindSpots } from './BlindSpots.tsx';
import { Inbox } from './Inbox.tsx';
import { proposalsQuery } from './queries.ts';
import { kindKeys, stateKeys } from './words.ts';

export function Proposals() {
  const { t } = useTexts();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { tab?: string; state?: string; kind?: string };
  const set = (change: { [name: string]: string | undefined }) =>
    void navigate({
      to: '/proposals',
      search: ((previous: Record<string, unknown>) =>
        Object.fromEntries(Object.entries({ ...previous, ...change }).filter(([, value]) => value !== undefined))) as never,
    });
  const blind = search.tab === 'blind';
  return (
    <Page
      title={t('proposals.page')}
      tools={
        <SegmentedControl
          aria-label={t('proposals.page')}
          value={blind ? 'blind' : 'inbox'}
          onChange={(value) => set({ tab: value === 'blind' ? 'blind' : undefined })}
          data={[
            { value: 'inbox', label: t('proposals.tab.inbox') },
            { value: 'blind', label: t('proposals.tab.blind') },
          ]}
        />
      }
    >
      {blind ? <BlindSpots /> : <List search={search} set={set} />}
    </Page>
  );
}

function List({
  search,
  set,
}: {
  search: { state?: string; kind?: string };
  set: (change: { [name: string]: string | undefined }) => void;
}) {
  const { t, n } = useTexts();
  const state = proposalStates.find((each) => each === search.state) ?? 'open';
  const kind = proposalKinds.find((each) => each === search.kind);
  const [typed, setTyped] = useState('');
  const text = useDeferredValue(typed.trim());
  const query = useInfiniteQuery(
    proposalsQuery({ state, ...(kind === undefined ? {} : { kind }), ...(text === '' ? {} : { text }) }),
  );
  const totals = query.data?.pages[0]?.totals;
  return (
    <>
      <p className="prose dim noise-means">{t('proposals.page.means')}</p>
      <div className="noise-filters" role="group" aria-label={t('proposals.kind')}>
        <div className="chips" role="group" aria-label={t('proposals.kind')}>
          <button type="button" className="chip" aria-pressed={kind === undefined} onClick={() => set({ kind: undefined })}>
            {t('proposals.kind.all')} <span className="tab-count">{n(totals?.open ?? 0)}</span>
          </button>
          {proposalKinds.map((each) => (
            <button
              key={each}
              type="button"
              className="chip"
              aria-pressed={kind === each}
              onClick={() => set({ kind: kind === each ? undefined : each })}
            >
              {t(kindKeys[each])} <span className="tab-count">{n(totals?.kinds[each] ?? 0)}</span>
            </button>
          ))}
        </div>
        <Select
          size="xs"
          aria-label={t('proposals.state')}
          allowDeselect={false}
          value={state}
          onChange={(value) => set({ state: value === 'open' ? undefined : (value ?? undefined) })}
          data={proposalStates.map((value) => ({ value, label: t(stateKeys[value]) }))}
        />
        <TextInput
          size="xs"
          type="search"
          aria-label={t('proposals.search')}
          placeholder={t('proposals.search')}
          maxLength={200}
          leftSection={<Icon name="search" size={14} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </div>
      <Waiting query={query}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          return items.length === 0 ? (
            state === 'open' ? (
              <Empty title={t('proposals.none')}>{t('proposals.none.means')}</Empty>
            ) : (
              <Empty title={t('proposals.none.refused')} />
            )
          ) : (
            <>
              {totals?.full === true && state === 'open' ? (
                <p className="proposal-full" role="status">
                  <Icon name="alert" /> {t('proposals.full', { most: n(totals.most) })}
                </p>
              ) : null}
              <Inbox key={state} proposals={items} open={state === 'open'} />
              {query.hasNextPage ? (
                <Button variant="default" size="xs" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {t('proposals.more')}
                </Button>
              ) : null}
            </>
          );
        }}
      </Waiting>
    </>
  );
}
