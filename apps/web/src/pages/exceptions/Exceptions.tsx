/** Exceptions, maintenance windows and snoozes: what each is about, whose it is, until when, and what it has hidden. */

import type { ExceptionView } from '@forewarn/model/noise-api';
import { ruleName } from '@forewarn/model/finding';
import { Button, Checkbox, Modal, SegmentedControl, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { keepAnd } from '../../frame/keep.ts';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { Empty, Page, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { useOrganisationName } from '../../session/resources.ts';
import { ExceptionForm } from '../findings/ExceptionForm.tsx';
import { exceptionsQuery, rulesQuery } from '../findings/queries.ts';
import { entityKeys, kindKeys, stateKeys } from '../findings/words.ts';

const states = ['active', 'lifted', 'expired'] as const;

export function Exceptions() {
  const { t } = useTexts();
  const may = useMay();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { state?: string; open?: string };
  const state = states.find((each) => each === search.state);
  const query = useQuery(exceptionsQuery(state === undefined ? {} : { state }));
  const [making, setMaking] = useState(false);
  return (
    <Page
      title={t('noise.page')}
      tools={
        <>
          <SegmentedControl
            aria-label={t('noise.state')}
            value={state ?? 'all'}
            onChange={(value) => void navigate({ to: '/exceptions', search: keepAnd(value === 'all' ? {} : { state: value }) })}
            data={[
              { value: 'all', label: t('noise.state.all') },
              ...states.map((each) => ({ value: each as string, label: t(stateKeys[each]) })),
            ]}
          />
          {may('findings:write') ? (
            <Button leftSection={<Icon name="plus" />} onClick={() => setMaking(true)}>
              {t('noise.make')}
            </Button>
          ) : null}
        </>
      }
    >
      <p className="prose dim noise-means">{t('noise.page.means')}</p>
      <Waiting query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t('noise.page.none')}>{t('noise.page.none.means')}</Empty>
          ) : (
            <ExceptionTable exceptions={items} open={search.open} />
          )
        }
      </Waiting>
      {making ? <ExceptionForm start={{}} close={() => setMaking(false)} /> : null}
    </Page>
  );
}

/** In one line what it is about. */
function useAbout(): (exception: ExceptionView) => string[] {
  const { t, w } = useTexts();
  const name = useOrganisationName();
  const { data: rules } = useQuery(rulesQuery);
  return ({ rule, entity, condition, organisation }) => {
    const known = rules?.items.find(({ id }) => id === rule);
    return [
      ...(rule === null ? [] : [known === undefined ? rule : w(ruleName(known))]),
      ...(entity === null ? [] : [`${t(entityKeys[entity.kind])} ${entity.value}`]),
      ...(condition === '' ? [] : [condition]),
      ...(organisation === null ? [] : [name(organisation)]),
    ];
  };
}

export function ExceptionTable({ exceptions, open }: { exceptions: readonly ExceptionView[]; open?: string | undefined }) {
  const { t, n } = useTexts();
  const me = useMe();
  const may = useMay();
  const name = useOrganisationName();
  const person = useActorName();
  const about = useAbout();
  const [lifting, setLifting] = useState<ExceptionView | null>(null);
  return (
    <>
      <Table
        label={t('noise.page')}
        rows={exceptions}
        keyOf={({ id }) => id}
        over={({ state }) => state !== 'active'}
        columns={[
          { head: t('noise.kind'), cell: ({ kind }) => t(kindKeys[kind]) },
          {
            head: t('noise.about'),
            main: true,
            cell: (exception) => (
              <div data-opened={exception.id === open || undefined}>
                {about(exception).map((part) => (
                  <div key={part} className={part === exception.condition ? 'mono' : undefined}>
                    {part}
                  </div>
                ))}
                <div className="dim small">{exception.reason}</div>
                {exception.weekly === null ? null : (
                  <div className="dim small">
                    {t('noise.weekly.shown', {
                      count: exception.weekly.days.length,
                      start: exception.weekly.start,
                      minutes: n(exception.weekly.minutes),
                      zone: exception.weekly.zone,
                    })}
                  </div>
                )}
                {exception.ended === null || exception.ended.reason === '' ? null : (
                  <div className="dim small">{t('noise.ended.reason', { reason: exception.ended.reason })}</div>
                )}
              </div>
            ),
          },
          {
            head: t('noise.owner'),
            cell: ({ owner, by }) => (
              <>
                {name(owner)}
                <div className="dim small">{person(by)}</div>
              </>
            ),
          },
          {
            head: t('noise.hits'),
            number: true,
            cell: ({ id, hits }) =>
              hits === 0 ? (
                n(0)
              ) : (
                <Link data-open to="/findings" search={keepAnd({ hidden: 'yes', hiddenBy: id, by: 'none', range: '90d' })}>
                  {n(hits)}
                </Link>
              ),
          },
          { head: t('noise.lastHit'), cell: ({ lastHitAt }) => (lastHitAt === null ? '–' : <At at={lastHitAt} />) },
          {
            head: t('noise.until'),
            cell: ({ from, until }) => (
              <>
                {from === null ? null : (
                  <>
                    <At at={from} exact /> –{' '}
                  </>
                )}
                <At at={until} exact />
              </>
            ),
          },
          {
            head: t('noise.state'),
            cell: (exception) => (
              <>
                {t(stateKeys[exception.state])}
                {exception.state === 'active' &&
                may('findings:write') &&
                (me.organisation.centre || exception.owner === me.organisation.id) ? (
                  <>
                    {' '}
                    <button type="button" className="link" onClick={() => setLifting(exception)}>
                      {t('noise.lift')}
                    </button>
                  </>
                ) : null}
              </>
            ),
          },
        ]}
      />
      {lifting === null ? null : <LiftForm exception={lifting} close={() => setLifting(null)} />}
    </>
  );
}

function LiftForm({ exception, close }: { exception: ExceptionView; close: () => void }) {
  const { t, n } = useTexts();
  const [reason, setReason] = useState('');
  const [show, setShow] = useState(false);
  const act = useAct(['findings', 'finding', 'situation'], close);
  const ready = reason.trim().length >= 3;
  return (
    <Modal opened onClose={close} title={t('noise.lift.title')} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          const path = `/exceptions/${encodeURIComponent(exception.id)}/lift`;
          act.mutate({ method: 'POST', path, body: { reason: reason.trim(), show }, done: t('noise.lifted') });
        }}
      >
        <p className="prose dim">{t('noise.lift.means')}</p>
        <Textarea
          data-autofocus
          label={t('noise.reason')}
          required
          autosize
          minRows={2}
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Checkbox
          label={t('noise.lift.show', { count: n(exception.hits) })}
          checked={show}
          onChange={(event) => setShow(event.currentTarget.checked)}
        />
        <FormEnd close={close} disabled={!ready} pending={act.isPending}>
          {t('noise.lift')}
        </FormEnd>
      </form>
    </Modal>
  );
}
