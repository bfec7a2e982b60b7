/** Deciding a proposal with more than a key: accepting it with changes, merging it, refusing it with a reason. */

import { Asset } from '@forewarn/model/estate';
import type { ProposalChoice, ProposalOutcome, ProposalView } from '@forewarn/model/proposal';
import { Modal, Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { useNotice } from '../../frame/notices.tsx';
import { useTexts } from '../../session/language.tsx';
import { assetsQuery, businessesQuery, networksQuery } from '../../session/resources.ts';
import { assetKindKeys, importanceKeys } from '../estate/words.ts';
import { candidatesQuery } from './queries.ts';

/** What decisions change: the inbox, and all that shows the register. */
const touched = [
  'proposals',
  'networks',
  'assets',
  'businesses',
  'applications',
  'components',
  'estate',
  'coverage',
  'situation',
];

/** Messages of one answer that a notice can hold; the proposals stay in the inbox with what they need. */
const faultsShown = 3;

/** Decides, and says what came of it. */
export function useDecide(done: (count: string) => string, then?: () => void) {
  const { t, w, n } = useTexts();
  const notice = useNotice();
  return useAct<ProposalOutcome>(touched, ({ decided, faults }) => {
    if (decided.length > 0) notice({ text: done(n(decided.length)) });
    if (faults.length > 0) {
      const detail = [...new Set(faults.map(({ message }) => w(message)))].slice(0, faultsShown).join(' ');
      notice({ text: t('proposals.faults', { count: n(faults.length) }), detail, bad: true });
    }
    if (decided.length > 0) then?.();
  });
}

function Form({ title, close, submit, children }: { title: string; close: () => void; submit: () => void; children: ReactNode }) {
  const { t } = useTexts();
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ 'aria-label': t('web.close') }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {children}
      </form>
    </Modal>
  );
}

/** All there is to say of one proposal. */
function About({ proposal }: { proposal: ProposalView }) {
  const { w } = useTexts();
  return (
    <div className="prose dim">
      {proposal.why.map((words) => (
        <p key={words.text}>{w(words)}</p>
      ))}
    </div>
  );
}

export function AcceptForm({ proposal, close }: { proposal: ProposalView; close: () => void }) {
  const { t, l } = useTexts();
  const { kind, draft, organisation } = proposal;
  const [choice, setChoice] = useState<ProposalChoice>({});
  const [names, setNames] = useState({ en: '', zh: '' });
  const decide = useDecide((count) => t('proposals.done.accepted', { count }), close);
  const own = <Item extends { organisation: string }>(items: readonly Item[] | undefined): Item[] =>
    (items ?? []).filter((item) => item.organisation === organisation);
  const { data: networks } = useQuery(networksQuery);
  const { data: assets } = useQuery(assetsQuery);
  const { data: businesses } = useQuery(businessesQuery);
  const makesAsset = kind === 'host' || (kind === 'name' && proposal.asset === null);
  const set = (change: { [field in keyof ProposalChoice]: string | null }) =>
    setChoice((before) => Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== null)));
  const select = (
    field: 'network' | 'asset' | 'business' | 'kind' | 'importance',
    label: string,
    data: { value: string; label: string }[],
  ) => (
    <Select
      label={label}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('noise.clear', { what: label }) }}
      placeholder={draft.needs === field ? undefined : t('proposals.form.asDrafted')}
      required={draft.needs === field}
      data={data}
      value={choice[field] ?? null}
      onChange={(value) => set({ [field]: value })}
    />
  );
  const named = (items: readonly { id: string; name: { en: string; zh: string } }[]) =>
    items.map(({ id, name }) => ({ value: id, label: `${l(name)} (${id})` }));
  const ready = draft.needs === null || choice[draft.needs] !== undefined;
  const creates = draft.creates || draft.needs === 'network';
  return (
    <Form
      title={`${t('proposals.form.accept')}: ${draft.name}`}
      close={close}
      submit={() => {
        if (!ready) return;
        const name = names.en === '' && names.zh === '' ? {} : { name: { en: names.en || names.zh, zh: names.zh || names.en } };
        decide.mutate({
          method: 'POST',
          path: '/proposals/accept',
          body: { proposals: [{ id: proposal.id, choice: { ...choice, ...name } }] },
        });
      }}
    >
      <About proposal={proposal} />
      {kind !== 'surface' && (makesAsset || proposal.asset === null)
        ? select('network', t('proposals.form.network'), named(own(networks)))
        : null}
      {kind === 'surface' ? select('business', t('proposals.form.business'), named(own(businesses))) : null}
      {kind === 'service' || kind === 'product' ? select('asset', t('proposals.form.asset'), named(own(assets))) : null}
      {creates ? (
        <>
          <TextInput
            label={t('proposals.form.name.en')}
            maxLength={500}
            placeholder={draft.name}
            value={names.en}
            onChange={(event) => setNames({ ...names, en: event.currentTarget.value })}
          />
          <TextInput
            label={t('proposals.form.name.zh')}
            maxLength={500}
            placeholder={draft.name}
            value={names.zh}
            onChange={(event) => setNames({ ...names, zh: event.currentTarget.value })}
          />
          <TextInput
            label={t('proposals.form.item')}
            description={t('proposals.form.item.means')}
            maxLength={64}
            placeholder={draft.item?.id}
            value={choice.item ?? ''}
            onChange={(event) => set({ item: event.currentTarget.value === '' ? null : event.currentTarget.value })}
          />
        </>
      ) : null}
      {makesAsset
        ? select(
            'kind',
            t('proposals.form.kind'),
            Asset.shape.kind.options.map((value) => ({ value, label: t(assetKindKeys[value]) })),
          )
        : null}
      {makesAsset || kind === 'service'
        ? select(
            'importance',
            t('proposals.form.importance'),
            Asset.shape.importance.options.map((value) => ({ value, label: t(importanceKeys[value]) })),
          )
        : null}
      <FormEnd close={close} disabled={!ready} pending={decide.isPending}>
        {t('proposals.accept')}
      </FormEnd>
    </Form>
  );
}

export function RefuseForm({ proposals, close, done }: { proposals: readonly string[]; close: () => void; done: () => void }) {
  const { t, n } = useTexts();
  const [reason, setReason] = useState('');
  const decide = useDecide(
    (count) => t('proposals.done.refused', { count }),
    () => {
      close();
      done();
    },
  );
  const ready = reason.trim().length >= 3;
  return (
    <Form
      title={t('proposals.form.refuse', { count: n(proposals.length) })}
      close={close}
      submit={() => {
        if (ready) decide.mutate({ method: 'POST', path: '/proposals/refuse', body: { proposals, reason: reason.trim() } });
      }}
    >
      <Textarea
        data-autofocus
        label={t('proposals.form.reason')}
        description={t('proposals.form.reason.means')}
        required
        autosize
        minRows={2}
        maxLength={1000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <FormEnd close={close} disabled={!ready} pending={decide.isPending}>
        {t('proposals.refuse')}
      </FormEnd>
    </Form>
  );
}

export function MergeForm({ proposal, close }: { proposal: ProposalView; close: () => void }) {
  const { t, l } = useTexts();
  const [text, setText] = useState('');
  const [item, setItem] = useState<string | null>(null);
  const { data } = useQuery(candidatesQuery(proposal.id, text.trim()));
  const decide = useDecide(() => t('proposals.done.merged'), close);
  return (
    <Form
      title={`${t('proposals.form.merge')}: ${proposal.draft.name}`}
      close={close}
      submit={() => {
        if (item !== null)
          decide.mutate({ method: 'POST', path: `/proposals/${encodeURIComponent(proposal.id)}/merge`, body: { item } });
      }}
    >
      <p className="prose dim">{t('proposals.form.merge.means')}</p>
      <TextInput
        data-autofocus
        label={t('proposals.form.merge.search')}
        maxLength={200}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setItem(null);
        }}
      />
      {data?.items.length === 0 ? <p className="dim">{t('proposals.form.merge.none')}</p> : null}
      <fieldset className="proposal-candidates">
        <legend className="visually-hidden">{t('proposals.form.merge')}</legend>
        {(data?.items ?? []).map(({ id, name, near }) => (
          <label key={id}>
            <input type="radio" name="item" value={id} checked={item === id} onChange={() => setItem(id)} />
            <span>
              {l(name)} <span className="dim small mono">{id}</span>
              {near ? <span className="dim small"> · {t('proposals.form.near')}</span> : null}
            </span>
          </label>
        ))}
      </fieldset>
      <FormEnd close={close} disabled={item === null} pending={decide.isPending}>
        {t('proposals.merge')}
      </FormEnd>
    </Form>
  );
}
