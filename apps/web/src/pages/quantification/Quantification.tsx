/** The quantification table: how plain words follow from quantities, the two indices, and signing an edition. */

import type { QuantificationTable } from '@forewarn/model/quantification';
import { Button, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { quantificationQuery } from '../grading/queries.ts';
import { Indices, Ladders, Rules } from './TableParts.tsx';

const sealKeys = { sealed: 'desk.seal.sealed', differs: 'desk.seal.differs', none: 'desk.seal.none' } as const;

export function Quantification() {
  const { t, l } = useTexts();
  const me = useMe();
  const may = useMay();
  const actor = useActorName();
  const query = useQuery(quantificationQuery);
  const [draft, setDraft] = useState<QuantificationTable | null>(null);
  const [reason, setReason] = useState('');
  const act = useAct(['quantification', 'grading'], () => {
    setDraft(null);
    setReason('');
  });
  const maySign = me.organisation.centre && may('gradings:sign');
  return (
    <Waiting query={query}>
      {({ inForce, table, proposed, editions, regrading }) => {
        const shown = draft ?? table ?? proposed;
        return (
          <Page
            title={t('desk.quantification')}
            tools={
              maySign && draft === null && shown !== null ? (
                <>
                  {inForce !== null && proposed !== null ? (
                    <Button size="xs" variant="default" onClick={() => setDraft(structuredClone(proposed))}>
                      {t('desk.table.fromProposed')}
                    </Button>
                  ) : null}
                  <Button size="xs" onClick={() => setDraft(structuredClone(shown))}>
                    {t(inForce === null ? 'desk.table.judge' : 'desk.table.change')}
                  </Button>
                </>
              ) : undefined
            }
          >
            <p className="prose dim page-means">{t('desk.table.means')}</p>
            {inForce === null ? (
              <p className="desk-tried">
                <Icon name="alert" size={14} /> {t('desk.table.unsigned')}
              </p>
            ) : (
              <p className="table-signed">
                <Icon name="check" size={14} />{' '}
                {t('desk.table.signed', { version: inForce.version, who: actor(inForce.signedBy) })} <At at={inForce.signedAt} />{' '}
                · {inForce.reason}
                {regrading ? ` · ${t('desk.table.regrading')}` : ''}
              </p>
            )}
            {shown === null ? (
              <Empty title={t('desk.table.none')} />
            ) : (
              <>
                {inForce !== null && draft === null ? null : (
                  <>
                    <h2 className="table-title">{l(shown.title)}</h2>
                    {shown.note === undefined ? null : <p className="prose dim">{l(shown.note)}</p>}
                  </>
                )}
                <Indices table={shown} change={draft === null ? undefined : setDraft} />
                <Ladders table={shown} change={draft === null ? undefined : setDraft} />
                <Rules table={shown} change={draft === null ? undefined : setDraft} />
              </>
            )}
            {draft === null ? null : (
              <Panel title={t('desk.table.sign')}>
                <form
                  className="form"
                  onSubmit={(event) => {
                    event.preventDefault();
                    act.mutate({
                      method: 'POST',
                      path: '/quantification',
                      body: { after: inForce?.version ?? 0, table: draft, reason: reason.trim() },
                      done: t('desk.table.done'),
                    });
                  }}
                >
                  <p className="prose dim">{t('desk.table.sign.means')}</p>
                  <Textarea
                    label={t('web.reason')}
                    required
                    maxLength={2000}
                    value={reason}
                    onChange={(event) => setReason(event.currentTarget.value)}
                  />
                  <FormEnd close={() => setDraft(null)} disabled={reason.trim() === ''} pending={act.isPending}>
                    {t('desk.table.sign')}
                  </FormEnd>
                </form>
              </Panel>
            )}
            {editions.length === 0 ? null : (
              <Panel title={t('desk.table.editions')} count={editions.length}>
                <Table
                  label={t('desk.table.editions')}
                  rows={editions}
                  form="still"
                  keyOf={({ version }) => version}
                  columns={[
                    { head: t('desk.table.edition'), rowHead: true, cell: ({ version }) => version },
                    { head: t('desk.table.at'), cell: ({ signedAt }) => <At at={signedAt} /> },
                    { head: t('desk.table.who'), cell: ({ signedBy }) => actor(signedBy) },
                    { head: t('web.reason'), cell: (one) => one.reason },
                    {
                      head: t('desk.history.seal'),
                      cell: ({ seal, digest }) => (
                        <span className="seal" data-seal={seal} title={digest}>
                          <Icon name={seal === 'sealed' ? 'check' : 'alert'} size={12} /> {t(sealKeys[seal])}{' '}
                          <span className="mono dim">{digest.slice(0, 12)}</span>
                        </span>
                      ),
                    },
                  ]}
                />
              </Panel>
            )}
          </Page>
        );
      }}
    </Waiting>
  );
}
