/** What is usual of a host, service or link at this hour of the week, on what that rests, and what a person decided about it. */

import type { BaselineView } from '@forewarn/model/baseline';
import { Button, Group, Modal, Radio, Textarea } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { useAct } from '../../frame/act.ts';
import { ask, query as queryString } from '../../session/api.ts';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';

type Measured = BaselineView['measures'][number];

const measureKeys = {
  out: 'usual.out',
  connections: 'usual.connections',
  peers: 'usual.peers',
  failed: 'usual.failed',
} as const satisfies { [measure in Measured['measure']]: string };

const path = (subject: string, organisation: string): string => `/baselines${queryString({ subject, organisation })}`;

const usualQuery = (subject: string, organisation: string) =>
  queryOptions({
    queryKey: ['baseline', subject, organisation],
    queryFn: ({ signal }) => ask<BaselineView>('GET', path(subject, organisation), undefined, signal),
    staleTime: 60_000,
    retry: false,
  });

/** `subject` as the API names it: `host 10.0.0.1`, `service 10.0.0.1 443`, `link uplink`. */
export function Usual({ subject, organisation, className }: { subject: string; organisation: string; className?: string }) {
  const { t, n } = useTexts();
  const may = useMay();
  const { full, short } = useInstants();
  const actor = useActorName();
  const [deciding, setDeciding] = useState(false);
  const query = useQuery(usualQuery(subject, organisation));
  const release = useAct(['baseline']);
  const amount = (measure: Measured['measure'], value: number): string =>
    measure === 'failed' ? `${n(value * 100, 1)} %` : n(value, 0);
  return (
    <Panel
      title={t('usual.title')}
      {...(className === undefined ? {} : { className })}
      tools={
        may('findings:write') ? (
          <Button variant="default" size="xs" onClick={() => setDeciding(true)}>
            {t('usual.decide')}
          </Button>
        ) : undefined
      }
    >
      <Waiting query={query}>
        {({ measures, since, hour, decision }) => (
          <>
            <p className="prose dim">
              {since === null ? t('usual.none') : t('usual.since', { since: full(since), hour: short(hour) })}
            </p>
            {decision === null ? null : (
              <p className="panel-note">
                {t(decision.act === 'pin' ? 'usual.pinned' : 'usual.wasReset', {
                  at: full(decision.at),
                  who: actor(decision.account),
                  reason: decision.reason,
                })}{' '}
                {may('findings:write') ? (
                  <Button
                    variant="subtle"
                    size="compact-xs"
                    loading={release.isPending}
                    onClick={() =>
                      release.mutate({ method: 'DELETE', path: path(subject, organisation), done: t('usual.released') })
                    }
                  >
                    {t('usual.release')}
                  </Button>
                ) : null}
              </p>
            )}
            {measures.length === 0 ? null : (
              <Table<Measured>
                label={t('usual.title')}
                form="still"
                rows={measures}
                keyOf={({ measure }) => measure}
                columns={[
                  { head: t('usual.measure'), main: true, cell: ({ measure }) => t(measureKeys[measure]) },
                  { head: t('usual.value'), number: true, cell: ({ measure, value }) => amount(measure, value) },
                  { head: t('usual.usual'), number: true, cell: ({ measure, usual }) => amount(measure, usual) },
                  { head: t('usual.most'), number: true, cell: ({ measure, most }) => amount(measure, most) },
                  { head: t('usual.deviation'), number: true, cell: ({ deviation }) => n(deviation, 1) },
                  { head: t('usual.weeks'), number: true, cell: ({ weeks }) => n(weeks) },
                  { head: t('usual.confidence'), number: true, cell: ({ confidence }) => `${n(confidence * 100, 0)} %` },
                ]}
              />
            )}
          </>
        )}
      </Waiting>
      {deciding ? <Decide subject={subject} organisation={organisation} close={() => setDeciding(false)} /> : null}
    </Panel>
  );
}

function Decide({ subject, organisation, close }: { subject: string; organisation: string; close: () => void }) {
  const { t } = useTexts();
  const [does, setDoes] = useState<'reset' | 'pin'>('reset');
  const [reason, setReason] = useState('');
  const act = useAct(['baseline'], close);
  return (
    <Modal opened onClose={close} title={t('usual.decide')} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (reason.trim() === '') return;
          act.mutate({
            method: 'PUT',
            path: path(subject, organisation),
            body: { act: does, reason },
            done: t(does === 'pin' ? 'usual.pin.done' : 'usual.reset.done'),
          });
        }}
      >
        <Radio.Group label={t('usual.does')} value={does} onChange={(to) => setDoes(to as 'reset' | 'pin')}>
          <Group gap="xs" mt={4}>
            <Radio value="reset" label={t('usual.reset')} description={t('usual.reset.means')} data-autofocus />
            <Radio value="pin" label={t('usual.pin')} description={t('usual.pin.means')} />
          </Group>
        </Radio.Group>
        <Textarea
          label={t('usual.reason')}
          required
          autosize
          minRows={2}
          maxRows={6}
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <FormEnd close={close} disabled={reason.trim() === ''} pending={act.isPending}>
          {t('usual.send')}
        </FormEnd>
      </form>
    </Modal>
  );
}
