/** Preventive measures: whose, how far, by when, and whether their cause came back. */

import type { PreventionState, PreventionView } from '@forewarn/model/cause';
import { Modal, Select, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { Empty, Panel, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { useOrganisationName } from '../../session/resources.ts';
import { preventionStateKeys } from './marks.tsx';
import { preventionsQuery, useCauses } from './queries.ts';

/** As `respond/src/prevention.ts` allows; the centre refuses what this list would miss. */
const leadsTo: { readonly [state in PreventionState]: readonly PreventionState[] } = {
  proposed: ['agreed', 'doing', 'done', 'dropped'],
  agreed: ['doing', 'done', 'dropped'],
  doing: ['done', 'dropped'],
  done: ['doing'],
  dropped: ['proposed'],
};

/** What is still to be done first, the overdue on top. */
const rank = ({ state, overdue }: PreventionView): number => (overdue ? 0 : state === 'dropped' ? 3 : state === 'done' ? 2 : 1);

export function Preventions() {
  const { t } = useTexts();
  const may = useMay();
  const name = useOrganisationName();
  const { cause } = useCauses();
  const query = useQuery(preventionsQuery);
  const [moving, setMoving] = useState<PreventionView | null>(null);
  return (
    <Panel title={t('causes.preventions')} count={query.data?.items.length}>
      <Waiting query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="check" title={t('causes.preventions.none')}>
              {t('causes.preventions.none.means')}
            </Empty>
          ) : (
            <Table
              label={t('causes.preventions')}
              rows={items.toSorted((a, b) => rank(a) - rank(b) || (a.dueAt ?? '9').localeCompare(b.dueAt ?? '9'))}
              keyOf={(row) => row.id}
              over={(row) => row.state === 'dropped'}
              columns={[
                { head: t('causes.title'), main: true, cell: (row) => row.title },
                { head: t('causes.whose'), cell: (row) => name(row.organisation) },
                { head: t('causes.owner'), cell: (row) => row.owner },
                {
                  head: t('causes.state'),
                  cell: (row) => (
                    <>
                      {t(preventionStateKeys[row.state])} <span className="dim">· </span>
                      <At at={row.since} />
                      {row.reason === null ? null : <p className="dim small">{row.reason}</p>}
                    </>
                  ),
                },
                {
                  head: t('causes.due'),
                  cell: (row) =>
                    row.dueAt === null ? (
                      '–'
                    ) : (
                      <>
                        <At at={row.dueAt} />
                        {row.overdue ? <span className="cause-flag">{t('causes.overdue')}</span> : null}
                      </>
                    ),
                },
                { head: t('causes.against'), cell: (row) => row.causes.map(cause).join(t('web.list')) },
                { head: t('causes.effect'), cell: (row) => <Effect row={row} /> },
                ...(may('incidents:write')
                  ? [
                      {
                        head: t('causes.move'),
                        headHidden: true,
                        cell: (row: PreventionView) => (
                          <button type="button" className="link" onClick={() => setMoving(row)}>
                            {t('causes.move')}
                          </button>
                        ),
                      },
                    ]
                  : []),
              ]}
            />
          )
        }
      </Waiting>
      <Modal
        opened={moving !== null}
        onClose={() => setMoving(null)}
        title={moving?.title ?? ''}
        closeButtonProps={{ 'aria-label': t('web.close') }}
      >
        {moving === null ? null : <MoveForm prevention={moving} close={() => setMoving(null)} />}
      </Modal>
    </Panel>
  );
}

function Effect({ row }: { row: PreventionView }) {
  const { t } = useTexts();
  return (
    <>
      {t('causes.effect.before', { count: row.incidents })}
      {row.state !== 'done' ? null : row.cameBack > 0 ? (
        <p className="cause-back">{t('causes.effect.back', { count: row.cameBack })}</p>
      ) : (
        <p className="dim small">{t('causes.effect.held')}</p>
      )}
    </>
  );
}

function MoveForm({ prevention, close }: { prevention: PreventionView; close: () => void }) {
  const { t } = useTexts();
  const actor = useActorName();
  const next = leadsTo[prevention.state];
  const [state, setState] = useState<PreventionState>(next[0]!);
  const [reason, setReason] = useState('');
  const act = useAct(['preventions', 'causes'], close);
  const needsReason = state === 'dropped' || prevention.state === 'done' || prevention.state === 'dropped';
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        act.mutate({
          method: 'POST',
          path: `/preventions/${encodeURIComponent(prevention.id)}/state`,
          body: { state, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) },
          done: t('causes.moved', { state: t(preventionStateKeys[state]) }),
        });
      }}
    >
      <Select
        label={t('causes.state')}
        required
        allowDeselect={false}
        data={next.map((value) => ({ value, label: t(preventionStateKeys[value]) }))}
        value={state}
        onChange={(value) => setState(value as PreventionState)}
      />
      <Textarea
        label={t('web.reason')}
        required={needsReason}
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <section>
        <h3>{t('causes.history')}</h3>
        <ol className="plain-list small">
          {prevention.history.map((one, i) => (
            // History is only added to.
            <li key={i}>
              <At at={one.at} /> · {t(preventionStateKeys[one.state])} · {actor(one.by)}
              {one.reason === null ? null : <span className="dim"> – {one.reason}</span>}
            </li>
          ))}
        </ol>
      </section>
      <FormEnd close={close} disabled={needsReason && reason.trim() === ''} pending={act.isPending}>
        {t('causes.move')}
      </FormEnd>
    </form>
  );
}
