/** What went to the own endpoints, what waits, and what was given up. */

import type { DeliveryState, DeliveryView } from '@forewarn/model/channel';
import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { keepView } from '../../frame/keep.ts';
import { Empty, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { ColourMark } from '../../marks/Grade.tsx';
import { At, TlpBadge } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { deliveriesQuery } from './queries.ts';
import { deliveryStateKeys, noticeKindKeys } from './words.ts';

const states = ['waiting', 'sent', 'given-up'] as const;

export function DeliveryLog() {
  const { t, l, n } = useTexts();
  const [state, setState] = useState<DeliveryState | 'all'>('all');
  const query = useQuery(deliveriesQuery(state === 'all' ? {} : { state }));
  return (
    <div className="stack">
      <div>
        <SegmentedControl
          aria-label={t('notices.state')}
          value={state}
          onChange={(value) => setState(value as DeliveryState | 'all')}
          data={[
            { value: 'all', label: t('notices.delivery.all') },
            ...states.map((each) => ({ value: each as string, label: t(deliveryStateKeys[each]) })),
          ]}
        />
      </div>
      <Waiting query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="send" title={t('notices.delivery.none')}>
              {t('notices.delivery.none.means')}
            </Empty>
          ) : (
            <Table
              label={t('notices.tab.log')}
              rows={items}
              keyOf={({ notice, endpoint }) => `${notice} ${endpoint}`}
              columns={[
                { head: t('notices.at'), cell: ({ at }) => <At at={at} /> },
                {
                  head: t('notices.notice'),
                  main: true,
                  cell: (one) => (
                    <>
                      <Subject delivery={one} /> {l(one.title)}
                      <div className="dim small">{t(noticeKindKeys[one.kind])}</div>
                    </>
                  ),
                },
                { head: t('notices.colour'), cell: ({ colour }) => (colour === null ? '–' : <ColourMark colour={colour} />) },
                { head: t('web.marking'), cell: ({ marking }) => <TlpBadge marking={marking} /> },
                { head: t('notices.name'), cell: ({ endpointName }) => endpointName },
                { head: t('notices.state'), cell: (one) => <State delivery={one} /> },
                { head: t('notices.attempts'), number: true, cell: ({ attempts }) => n(attempts) },
              ]}
            />
          )
        }
      </Waiting>
    </div>
  );
}

function Subject({ delivery: { subject, number } }: { delivery: DeliveryView }) {
  if (subject.kind !== 'warning') return <span className="mono">{number}</span>;
  return (
    <Link data-open to="/warnings/$id" params={{ id: subject.id }} search={keepView} className="mono">
      {number}
    </Link>
  );
}

function State({ delivery: { state, endedAt, dueAt, trouble } }: { delivery: DeliveryView }) {
  const { t, w } = useTexts();
  const when = state === 'waiting' ? dueAt : endedAt;
  return (
    <>
      <span className={state === 'given-up' ? 'bad-text' : undefined}>{t(deliveryStateKeys[state])}</span>
      {when === null ? null : (
        <span className="dim small">
          {' '}
          {state === 'waiting' ? `${t('notices.next')} ` : ''}
          <At at={when} />
        </span>
      )}
      {trouble === null || state === 'sent' ? null : <div className="dim small">{w(trouble.text)}</div>}
    </>
  );
}
