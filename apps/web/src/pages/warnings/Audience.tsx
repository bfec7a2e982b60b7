/** Whom a warning reached: surely and possibly concerned apart, what each answered and did, who was chased, what inventory and traffic say since. */

import type { WarningView } from '@forewarn/model/api';
import type { WarnedView } from '@forewarn/model/warning-view';
import { Button, Select } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Empty, Panel } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { At } from '../../marks/Marks.tsx';
import { ask, query, type Page } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';
import { useNamedWords, useOrganisationName } from '../../session/resources.ts';

const states = ['unacknowledged', 'possibly', 'undone', 'climbed', 'exposed', 'seen'] as const;
type State = (typeof states)[number];
const stateKeys: { [state in State]: string } = {
  unacknowledged: 'warnings.audience.unacknowledged',
  possibly: 'warnings.audience.possibly',
  undone: 'warnings.audience.undone',
  climbed: 'warnings.audience.climbed',
  exposed: 'warnings.audience.exposed',
  seen: 'warnings.audience.seen',
};

export function Audience({ warning }: { warning: WarningView }) {
  const { t, n } = useTexts();
  const [state, setState] = useState<State | null>(null);
  const { counts } = warning;
  const total = counts.warned;
  const pages = useInfiniteQuery({
    queryKey: ['warning', warning.id, 'audience', state],
    queryFn: ({ pageParam, signal }) =>
      ask<Page<WarnedView>>(
        'GET',
        `/warnings/${encodeURIComponent(warning.id)}/audience${query({ state, cursor: pageParam, limit: 50 })}`,
        undefined,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    enabled: total > 0,
  });
  const shown = pages.data?.pages.flatMap(({ items }) => items) ?? warning.audience;
  const groups = [
    {
      title: t('warnings.certainty.sure'),
      items: shown.filter(({ part, certainty }) => part === 'warned' && certainty === 'sure'),
    },
    {
      title: t('warnings.certainty.possibly'),
      items: shown.filter(({ part, certainty }) => part === 'warned' && certainty === 'possibly'),
    },
    { title: t('warnings.overseers'), items: shown.filter(({ part }) => part === 'overseer') },
  ].filter(({ items }) => items.length > 0);
  if (total === 0) {
    return (
      <Panel title={t('web.warning.audience')}>
        <Empty icon="send" title={t(warning.state === 'dropped' ? 'warnings.audience.dropped' : 'web.warning.audience.none')}>
          {t(warning.state === 'dropped' ? 'warnings.audience.dropped.means' : 'web.warning.audience.none.means')}
        </Empty>
      </Panel>
    );
  }
  return (
    <Panel
      title={t('web.warning.audience')}
      count={t('web.warning.acknowledgedOf', { acknowledged: n(counts.acknowledged), of: n(total) })}
    >
      {total < 2 && state === null ? null : (
        <div className="panel-body">
          <Select
            size="xs"
            aria-label={t('warnings.audience.filter')}
            placeholder={t('warnings.audience.all')}
            clearable
            value={state}
            onChange={(value) => setState(value as State | null)}
            data={states.map((value) => ({ value, label: t(stateKeys[value]) }))}
          />
        </div>
      )}
      {groups.length === 0 && !pages.isPending ? <p className="panel-body dim">{t('warnings.audience.nobody')}</p> : null}
      {groups.map(({ title, items }) => (
        <div key={title}>
          <h3 className="audience-group">{title}</h3>
          <ul className="audience">
            {items.map((one) => (
              <Warned key={one.organisation} one={one} measures={warning.measures} />
            ))}
          </ul>
        </div>
      ))}
      {pages.hasNextPage ? (
        <div className="panel-body">
          <Button size="xs" variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            {t('warnings.audience.more')}
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}

function Warned({ one, measures }: { one: WarnedView; measures: WarningView['measures'] }) {
  const { t, n } = useTexts();
  const w = useNamedWords();
  const name = useOrganisationName();
  const { check } = one;
  const done = measures.filter(({ id }) => one.done.some(({ measure }) => measure === id)).length;
  return (
    <li>
      <div className="audience-head">
        <strong>{name(one.organisation)}</strong>
        {one.part === 'overseer' ? null : (
          <span className="audience-state" data-acknowledged={one.acknowledgedAt !== null || undefined}>
            <Icon name={one.acknowledgedAt === null ? 'clock' : 'check'} size={14} />
            {one.acknowledgedAt === null ? (
              t('web.warning.notAcknowledged')
            ) : (
              <>
                {t('web.warning.acknowledged')} <At at={one.acknowledgedAt} />
              </>
            )}
          </span>
        )}
      </div>
      <ul className="reasons dim small">
        {one.part === 'overseer' || measures.length === 0 || done === 0 ? null : (
          <li>{t('warnings.audience.done', { done: n(done), of: n(measures.length) })}</li>
        )}
        {one.reminders === 0 || one.remindedAt === null ? null : (
          <li className="soon">
            {t('warnings.audience.reminded', { count: n(one.reminders) })} <At at={one.remindedAt} />
          </li>
        )}
        {one.climbedAt === null ? null : (
          <li className="late">
            {t('warnings.audience.overseerTold')} <At at={one.climbedAt} />
          </li>
        )}
        {check === null || check.exposed === null ? null : (
          <li className={check.exposed === 0 ? 'good' : undefined}>
            {check.exposed === 0
              ? t('warnings.check.gone', { before: n(check.exposedThen ?? 0) })
              : t('warnings.check.still', { now: n(check.exposed), before: n(check.exposedThen ?? 0) })}
          </li>
        )}
        {check === null || check.seenAt === null ? null : (
          <li className="late">
            {t('warnings.check.seen')} <At at={check.seenAt} />
          </li>
        )}
        {one.reasons.map((reason, index) => (
          // Reasons have no id and never change places.
          <li key={index}>{w(reason)}</li>
        ))}
      </ul>
    </li>
  );
}
