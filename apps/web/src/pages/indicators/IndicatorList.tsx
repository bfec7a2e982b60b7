/** One list: who says it and how sure, what was left out, what the past says, and its end. */

import { Button, Modal, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { keepAnd } from '../../frame/keep.ts';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { ItemHead } from '../../frame/ItemHead.tsx';
import { Page, Panel, Waiting } from '../../frame/Page.tsx';
import { TlpBadge } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { useOrganisationName } from '../../session/resources.ts';
import { useBytes } from '../sensors/parts.tsx';
import { AtSeconds, formatNames, Rating, Refused, SearchState } from './parts.tsx';
import { indicatorListQuery } from './queries.ts';

/** As the centre offers. */
const pastDays = 30;

export function IndicatorList() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t, n } = useTexts();
  const me = useMe();
  const may = useMay();
  const actor = useActorName();
  const organisation = useOrganisationName();
  const bytes = useBytes();
  const query = useQuery(indicatorListQuery(id));
  const [retiring, setRetiring] = useState(false);
  const search = useAct(['indicator-lists']);
  return (
    <Waiting query={query}>
      {(list) => {
        const mine =
          may('indicators:write') &&
          list.retired === null &&
          (list.organisation === me.organisation.id || me.organisation.centre);
        const busy = list.search?.state === 'running' || list.search?.state === 'waiting';
        return (
          <Page
            title={list.name}
            heading={
              <ItemHead up={{ to: '/indicators', name: t('indicators.page') }} title={list.name}>
                <TlpBadge marking={list.marking} />
                {list.retired === null ? null : <span className="dim">{t('indicators.retired')}</span>}
              </ItemHead>
            }
            tools={
              mine ? (
                <Button size="xs" variant="default" onClick={() => setRetiring(true)}>
                  {t('indicators.retire')}
                </Button>
              ) : undefined
            }
          >
            <Panel title={t('indicators.about')}>
              <dl className="pairs pairs-wide">
                <div>
                  <dt>{t('indicators.source')}</dt>
                  <dd>{list.source}</dd>
                </div>
                <div>
                  <dt>{t('indicators.rating')}</dt>
                  <dd>
                    <Rating list={list} />
                  </dd>
                </div>
                <div>
                  <dt>{t('indicators.loaded')}</dt>
                  <dd>{n(list.loaded)}</dd>
                </div>
                <div>
                  <dt>{t('indicators.hits')}</dt>
                  <dd>
                    {list.hits === 0 ? (
                      '0'
                    ) : (
                      <Link to="/findings" search={keepAnd({ rule: `indicator:${list.id}` })}>
                        {n(list.hits)}
                      </Link>
                    )}
                  </dd>
                </div>
                <div>
                  <dt>{t('indicators.holds')}</dt>
                  <dd>
                    {list.validFrom === null && list.validUntil === null ? t('indicators.always') : null}
                    {list.validFrom === null ? null : <AtSeconds at={list.validFrom} />}
                    {list.validUntil === null ? null : (
                      <>
                        {' – '}
                        <AtSeconds at={list.validUntil} />
                      </>
                    )}
                  </dd>
                </div>
                <div>
                  <dt>{t('indicators.brought')}</dt>
                  <dd>
                    <AtSeconds at={list.at} /> · {actor(list.by)} · {organisation(list.organisation)}
                  </dd>
                </div>
                <div>
                  <dt>{t('web.estate.file')}</dt>
                  <dd>
                    {formatNames[list.format] ?? list.format} · {bytes(list.bytes)} ·{' '}
                    <span className="mono small breakable">SHA-256 {list.sha256}</span>
                  </dd>
                </div>
                {list.retired === null ? null : (
                  <div>
                    <dt>{t('indicators.retired')}</dt>
                    <dd>
                      <AtSeconds at={list.retired.at} /> · {actor(list.retired.by)} · {list.retired.reason}
                    </dd>
                  </div>
                )}
              </dl>
            </Panel>
            <Panel
              title={t('indicators.search')}
              tools={
                mine ? (
                  <Button
                    size="compact-xs"
                    variant="default"
                    disabled={busy}
                    onClick={() =>
                      search.mutate({
                        method: 'POST',
                        path: `/indicator-lists/${encodeURIComponent(list.id)}/search`,
                        body: { days: pastDays },
                        done: t('indicators.search.begun'),
                      })
                    }
                  >
                    {t('indicators.search.again', { days: pastDays })}
                  </Button>
                ) : undefined
              }
            >
              <div className="panel-note">
                <SearchState search={list.search} full />
              </div>
            </Panel>
            {list.refused === 0 ? null : (
              <Panel title={t('indicators.refused')} count={n(list.refused)}>
                <Refused refusals={list.refusals} refused={list.refused} />
              </Panel>
            )}
            {retiring ? <Retire id={list.id} name={list.name} close={() => setRetiring(false)} /> : null}
          </Page>
        );
      }}
    </Waiting>
  );
}

function Retire({ id, name, close }: { id: string; name: string; close: () => void }) {
  const { t } = useTexts();
  const [reason, setReason] = useState('');
  const act = useAct(['indicator-lists'], close);
  return (
    <Modal opened onClose={close} title={t('indicators.retire')} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate({
            method: 'POST',
            path: `/indicator-lists/${encodeURIComponent(id)}/retire`,
            body: { reason: reason.trim() },
            done: t('indicators.retire.done', { name }),
          });
        }}
      >
        <p className="prose dim">{t('indicators.retire.means')}</p>
        <Textarea
          data-autofocus
          label={t('indicators.reason')}
          required
          autosize
          minRows={2}
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <FormEnd close={close} disabled={reason.trim() === ''} pending={act.isPending}>
          {t('indicators.retire')}
        </FormEnd>
      </form>
    </Modal>
  );
}
