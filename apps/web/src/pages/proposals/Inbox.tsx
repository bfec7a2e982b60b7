/** Proposals as rows: what was seen, why it is proposed, what accepting writes; decided one by one or together, by mouse or keys. */

import type { ProposalView } from '@forewarn/model/proposal';
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { keepAnd, keepView } from '../../frame/keep.ts';
import { useKeys } from '../../frame/keys.ts';
import { Table, type Column } from '../../frame/Table.tsx';
import { Icon } from '../../look/icons.tsx';
import { At, ConfidenceBar } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useMay, useMe } from '../../session/me.tsx';
import { useActorName } from '../../session/people.ts';
import { useOrganisationName } from '../../session/resources.ts';
import { estateKinds } from '../estate/words.ts';
import { AcceptForm, MergeForm, RefuseForm, useDecide } from './forms.tsx';
import { guessBelow, kindKeys, needKeys } from './words.ts';

type Doing = { kind: 'change' | 'merge'; proposal: ProposalView } | { kind: 'refuse'; proposals: string[] } | null;

/** The row that has focus. */
const rowNow = (): string | undefined =>
  document.activeElement?.closest('[data-row]')?.querySelector<HTMLInputElement>('[data-select]')?.value;

export function Inbox({ proposals, open }: { proposals: readonly ProposalView[]; open: boolean }) {
  const { t, n } = useTexts();
  const may = useMay();
  const me = useMe();
  const name = useOrganisationName();
  const person = useActorName();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [doing, setDoing] = useState<Doing>(null);
  const writes = open && may('estate:write');
  const clear = () => setSelected(new Set());
  const accepting = useDecide((count) => t('proposals.done.accepted', { count }), clear);
  const reopening = useDecide(() => t('proposals.done.reopened'));
  const shown = new Set(proposals.map(({ id }) => id));
  const chosen = [...selected].filter((id) => shown.has(id));
  const accept = (ids: readonly string[]) =>
    accepting.mutate({ method: 'POST', path: '/proposals/accept', body: { proposals: ids.map((id) => ({ id })) } });
  const toggle = (id: string) =>
    setSelected((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  // What is selected, or the row that has focus.
  useKeys((key) => {
    if (!writes || doing !== null || !['a', 'r', 'm', 'e'].includes(key)) return false;
    const row = rowNow();
    const which = chosen.length > 0 ? chosen : row === undefined ? [] : [row];
    const proposal = proposals.find(({ id }) => id === row);
    if (key === 'a' && which.length > 0) {
      // A second press while the first is under way would decide them twice.
      if (!accepting.isPending) accept(which);
    } else if (key === 'r' && which.length > 0) setDoing({ kind: 'refuse', proposals: which });
    else if (key === 'm' && proposal) setDoing({ kind: 'merge', proposal });
    else if (key === 'e' && proposal) setDoing({ kind: 'change', proposal });
    else return false;
    return true;
  });
  const all = proposals.length > 0 && chosen.length === proposals.length;
  const columns: Column<ProposalView>[] = [
    ...(writes
      ? [
          {
            head: t('web.select'),
            headHidden: true,
            className: 'cell-check',
            cell: ({ id, draft }: ProposalView) => (
              <input
                type="checkbox"
                data-select
                value={id}
                aria-label={t('proposals.select', { what: draft.name })}
                checked={selected.has(id)}
                onChange={() => toggle(id)}
              />
            ),
          },
        ]
      : []),
    {
      head: t('proposals.what'),
      main: true,
      cell: (proposal) => <What proposal={proposal} change={writes ? () => setDoing({ kind: 'change', proposal }) : undefined} />,
    },
    ...(me.organisation.centre
      ? [{ head: t('proposals.blind.owner'), cell: ({ organisation }: ProposalView) => name(organisation) }]
      : []),
    { head: t('proposals.why'), cell: (proposal) => <Why proposal={proposal} /> },
    {
      head: open ? t('proposals.becomes') : t('proposals.decision'),
      cell: (proposal) => (open ? <Becomes proposal={proposal} /> : <Decided proposal={proposal} person={person} />),
    },
    { head: t('proposals.evidence'), cell: (proposal) => <Evidence proposal={proposal} /> },
    {
      head: t('proposals.confidence'),
      cell: ({ confidence }) => (
        <>
          <ConfidenceBar value={confidence} />
          {confidence < guessBelow ? <div className="dim small">{t('proposals.guess')}</div> : null}
        </>
      ),
    },
    ...(writes
      ? [
          {
            head: t('proposals.actions'),
            headHidden: true,
            cell: (proposal: ProposalView) => (
              <Actions name={proposal.draft.name}>
                <button
                  type="button"
                  className="link"
                  disabled={accepting.isPending}
                  onClick={() => (proposal.draft.needs === null ? accept([proposal.id]) : setDoing({ kind: 'change', proposal }))}
                >
                  {t('proposals.accept')}
                </button>
                <button type="button" className="link" onClick={() => setDoing({ kind: 'merge', proposal })}>
                  {t('proposals.merge')}
                </button>
                <button type="button" className="link" onClick={() => setDoing({ kind: 'refuse', proposals: [proposal.id] })}>
                  {t('proposals.refuse')}
                </button>
              </Actions>
            ),
          },
        ]
      : []),
    ...(!open && may('estate:write')
      ? [
          {
            head: t('proposals.actions'),
            headHidden: true,
            cell: ({ id, state, draft }: ProposalView) =>
              state === 'refused' ? (
                <Actions name={draft.name}>
                  <button
                    type="button"
                    className="link"
                    onClick={() =>
                      reopening.mutate({ method: 'POST', path: `/proposals/${encodeURIComponent(id)}/reopen`, body: {} })
                    }
                  >
                    {t('proposals.reopen')}
                  </button>
                </Actions>
              ) : null,
          },
        ]
      : []),
  ];
  const close = () => setDoing(null);
  return (
    <>
      {writes ? (
        <div className="proposal-bar" role="group" aria-label={t('proposals.actions')}>
          <label className="proposal-all">
            <input
              type="checkbox"
              checked={all}
              ref={(box) => {
                if (box) box.indeterminate = chosen.length > 0 && !all;
              }}
              onChange={() => (all ? clear() : setSelected(new Set(proposals.map(({ id }) => id).slice(0, atOnce))))}
            />
            {t('proposals.select.all')}
          </label>
          <span className="dim" role="status">
            {t('proposals.selected', { count: n(chosen.length) })}
          </span>
          <Button
            size="xs"
            leftSection={<Icon name="check" />}
            disabled={chosen.length === 0}
            loading={accepting.isPending}
            onClick={() => accept(chosen)}
          >
            {t('proposals.accept.selected')}
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<Icon name="not" />}
            disabled={chosen.length === 0}
            onClick={() => setDoing({ kind: 'refuse', proposals: chosen })}
          >
            {t('proposals.refuse.selected')}
          </Button>
        </div>
      ) : null}
      <Table label={t('proposals.page')} rows={proposals} keyOf={({ id }) => id} columns={columns} />
      {doing?.kind === 'change' ? <AcceptForm proposal={doing.proposal} close={close} /> : null}
      {doing?.kind === 'merge' ? <MergeForm proposal={doing.proposal} close={close} /> : null}
      {doing?.kind === 'refuse' ? <RefuseForm proposals={doing.proposals} close={close} done={clear} /> : null}
    </>
  );
}

/** What the centre takes in one act. */
const atOnce = 200;

/** The buttons of a row, named by it for who does not see the row. */
function Actions({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="values proposal-actions" role="group" aria-label={name}>
      {children}
    </div>
  );
}

function What({ proposal: { kind, draft, host, asset }, change }: { proposal: ProposalView; change: (() => void) | undefined }) {
  const { t, l } = useTexts();
  return (
    <>
      {change === undefined ? (
        <span>{draft.name}</span>
      ) : (
        <button
          type="button"
          className="link"
          data-open
          aria-haspopup="dialog"
          title={t('proposals.accept.change')}
          onClick={change}
        >
          {draft.name}
        </button>
      )}
      <div className="dim small">
        {t(kindKeys[kind])} · <span className="mono">{host}</span>
        {asset === null ? null : ` · ${l(asset.name)}`}
      </div>
    </>
  );
}

function Why({ proposal: { why } }: { proposal: ProposalView }) {
  const { w } = useTexts();
  const [first, ...rest] = why;
  return (
    <div className="proposal-why">
      {first === undefined ? null : w(first)}
      {rest.map((words) => (
        <div key={words.text} className="dim small">
          {w(words)}
        </div>
      ))}
    </div>
  );
}

function Becomes({ proposal: { draft } }: { proposal: ProposalView }) {
  const { t } = useTexts();
  if (draft.needs !== null) return <span className="proposal-needs">{t(needKeys[draft.needs])}</span>;
  if (draft.item === null) return '–';
  return (
    <>
      {t(estateKinds[draft.item.kind])}
      <div className="dim small">
        {t(draft.creates ? 'proposals.becomes.new' : 'proposals.becomes.adds', { what: draft.item.id })}
      </div>
    </>
  );
}

function Decided({ proposal: { decided }, person }: { proposal: ProposalView; person: (id: string) => string }) {
  const { t } = useTexts();
  if (decided === null) return '–';
  return (
    <>
      {decided.item === null ? (
        decided.reason
      ) : (
        <Link data-open to="/estate/$kind/$id" params={decided.item} search={keepView}>
          {t(estateKinds[decided.item.kind])}: {decided.item.id}
        </Link>
      )}
      <div className="dim small">
        {person(decided.by)} · <At at={decided.at} />
      </div>
    </>
  );
}

function Evidence({ proposal: { firstSeen, lastSeen, count, record, host } }: { proposal: ProposalView }) {
  const { t, n } = useTexts();
  return (
    <>
      <At at={lastSeen} />
      <div className="dim small">
        {t('proposals.evidence.count', { count: n(count) })} · {t('proposals.evidence.since')} <At at={firstSeen} />
      </div>
      {record === null ? (
        <div className="dim small">{t('proposals.evidence.other')}</div>
      ) : (
        <Link
          className="small"
          to="/traffic/$log"
          params={{ log: record.log }}
          search={keepAnd({ q: `host:"${host}"`, range: '30d' })}
        >
          {t('proposals.records')}
        </Link>
      )}
    </>
  );
}
