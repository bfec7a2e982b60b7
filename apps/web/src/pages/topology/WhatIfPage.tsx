/** Takes anything away and says what falls. */

import { Autocomplete, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { keepView } from '../../frame/keep.ts';
import { Empty, Page, Panel, Waiting } from '../../frame/Page.tsx';
import { useTexts } from '../../session/language.tsx';
import { Falls } from './Falls.tsx';
import { fallsQuery, namedQuery, reliancesQuery } from './queries.ts';
import { keepAnd } from '../../frame/keep.ts';
import { takenKinds, type TakenKind } from '@forewarn/model/estate';
import { isTakenKind, isWritten, takenKeys } from './words.ts';

export function WhatIfPage() {
  const { t } = useTexts();
  const search = useSearch({ strict: false }) as { kind?: string; id?: string };
  const kind: TakenKind = isTakenKind(search.kind) ? search.kind : 'links';
  return (
    <Page
      title={t('topology.whatIf')}
      tools={
        <Link className="tool" to="/reliances" search={keepView}>
          {t('topology.reliances')}
        </Link>
      }
    >
      <p className="prose dim topology-lead">{t('topology.whatIf.means')}</p>
      <Pick key={kind} kind={kind} chosen={search.id} />
      {search.id === undefined ? (
        <Empty icon="not" title={t('topology.whatIf.none')}>
          {t('topology.whatIf.none.means')}
        </Empty>
      ) : (
        <Answer kind={kind} id={search.id} />
      )}
    </Page>
  );
}

/** The kind, and one of it by what is typed. */
function Pick({ kind, chosen }: { kind: TakenKind; chosen: string | undefined }) {
  const { t, l } = useTexts();
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const written = isWritten(kind);
  const { data: named } = useQuery(namedQuery(kind, typed.trim(), !written));
  const { data: reliances } = useQuery({ ...reliancesQuery, enabled: written });
  const options = written
    ? (reliances ?? []).filter((one) => one.kind === kind).map(({ id }) => ({ id, label: id }))
    : (named ?? []).map(({ id, name }) => ({ id, label: `${l(name)} (${id})` }));
  const go = (to: { kind: TakenKind; id?: string }) => void navigate({ to: '/what-if', search: keepAnd(to) });
  return (
    <div className="taken-pick">
      <Select
        label={t('topology.whatIf.kind')}
        data={takenKinds.map((each) => ({ value: each, label: t(takenKeys[each]) }))}
        value={kind}
        allowDeselect={false}
        onChange={(value) => isTakenKind(value ?? undefined) && go({ kind: value as TakenKind })}
      />
      <Autocomplete
        label={t('topology.whatIf.which')}
        placeholder={t('topology.whatIf.search')}
        value={typed}
        onChange={setTyped}
        data={options.map(({ label }) => label)}
        filter={written ? undefined : ({ options: all }) => all}
        limit={20}
        onOptionSubmit={(label) => {
          const one = options.find((each) => each.label === label);
          if (one) go({ kind, id: one.id });
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || options.length === 0) return;
          const exact = options.find(({ id, label }) => label === typed || id === typed.trim());
          if (exact) go({ kind, id: exact.id });
        }}
      />
      {chosen === undefined ? null : (
        <button type="button" className="tool" onClick={() => go({ kind })}>
          {t('topology.whatIf.clear')}
        </button>
      )}
    </div>
  );
}

function Answer({ kind, id }: { kind: TakenKind; id: string }) {
  const { t } = useTexts();
  const query = useQuery(fallsQuery(kind, id));
  return (
    <Panel
      title={
        <>
          {t('topology.whatIf.without', { kind: t(takenKeys[kind]) })} <span className="mono">{id}</span>
        </>
      }
      count={query.data?.count}
    >
      <Waiting query={query}>{(answer) => <Falls answer={answer} />}</Waiting>
    </Panel>
  );
}
