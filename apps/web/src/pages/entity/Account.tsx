/**
 * An account, opened because of a finding or incident and for a purpose that is asked first; the look stands in the audit. Until both are given
 * nothing is shown, and what is shown is of the time of the evidence alone.
 */

import { Button, Select, Textarea } from '@mantine/core';
import type { AccountView } from '@forewarn/model/entity';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useProblemText } from '../../frame/notices.tsx';
import { Empty, Page, Panel } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { ask } from '../../session/api.ts';
import { useInstants } from '../../session/instants.ts';
import { useTexts } from '../../session/language.tsx';
import { useMay } from '../../session/me.tsx';
import { findingQuery, incidentsQuery, useNamedWords } from '../../session/resources.ts';
import { Value } from '../../values/ValueMenu.tsx';
import { HuntLink } from './Block.tsx';

/** The least that says what for; the centre asks the same. */
const purposeMin = 10;

export function Account() {
  const { t, w } = useTexts();
  const { id: account } = useParams({ strict: false }) as { id: string };
  const { finding } = useSearch({ strict: false }) as { finding?: string };
  const may = useMay();
  const named = useNamedWords();
  const problemText = useProblemText();
  const [incident, setIncident] = useState<string | null>(null);
  const [purpose, setPurpose] = useState('');
  const { data: incidents } = useQuery({ ...incidentsQuery({}), enabled: may('incidents:read') });
  const { data: found } = useQuery({ ...findingQuery(finding ?? ''), enabled: finding !== undefined });
  const look = useMutation({
    mutationFn: () =>
      ask<AccountView>('POST', '/account-looks', {
        account,
        purpose: purpose.trim(),
        ...(incident === null ? { finding } : { incident }),
      }),
  });
  const failed = look.isError ? problemText(look.error) : null;
  if (!may('packets:read')) {
    return (
      <Page title={t('investigate.account')}>
        <Empty icon="person" title={t('investigate.account.notYours')}>
          {t('investigate.account.means')}
        </Empty>
      </Page>
    );
  }
  return (
    <Page
      title={`${t('investigate.account')} ${account}`}
      heading={
        <h1>
          <span className="dim">{t('investigate.account')}</span> <span className="mono">{account}</span>
        </h1>
      }
    >
      <Panel title={t('investigate.account.why')}>
        <form
          className="form panel-body"
          onSubmit={(event) => {
            event.preventDefault();
            look.mutate();
          }}
        >
          <p className="dim">{t('investigate.account.means')}</p>
          {found === undefined ? null : <p>{t('investigate.account.finding', { finding: w(found.explanation) })}</p>}
          <Select
            label={t('investigate.account.incident')}
            description={finding === undefined ? undefined : t('investigate.account.insteadOf')}
            required={finding === undefined}
            clearable
            searchable
            maw={560}
            data={(incidents?.items ?? []).map(({ id, number, title }) => ({ value: id, label: `${number} ${named(title)}` }))}
            value={incident}
            onChange={setIncident}
          />
          <Textarea
            label={t('investigate.account.purpose')}
            description={t('investigate.account.purpose.means')}
            required
            autosize
            maw={560}
            maxLength={500}
            value={purpose}
            onChange={(event) => setPurpose(event.currentTarget.value)}
          />
          {failed === null ? null : (
            <p role="alert" className="field-error">
              {failed.text} {failed.detail}
            </p>
          )}
          <div>
            <Button
              type="submit"
              loading={look.isPending}
              disabled={purpose.trim().length < purposeMin || (incident === null && finding === undefined)}
            >
              {t('investigate.account.look')}
            </Button>
          </div>
        </form>
      </Panel>
      {look.data === undefined ? null : <Shown view={look.data} />}
    </Page>
  );
}

function Shown({ view }: { view: AccountView }) {
  const { t, n } = useTexts();
  const { full } = useInstants();
  return (
    <>
      <p role="status" className="dim">
        {t('investigate.account.shown', { from: full(view.range.from), to: full(view.range.to) })}
      </p>
      <div className="entity-grid">
        <Panel title={t('investigate.entity.logs')} count={n(view.logs.length)}>
          {view.logs.length === 0 ? (
            <p className="dim panel-note">{t('investigate.block.none')}</p>
          ) : (
            <Table
              label={t('investigate.entity.logs')}
              form="still"
              rows={view.logs}
              keyOf={({ log }) => log}
              columns={[
                {
                  head: t('investigate.account.log'),
                  main: true,
                  cell: ({ log, hunt }) => <HuntLink text={hunt}>{log}</HuntLink>,
                },
                { head: t('investigate.column.n'), number: true, cell: ({ records }) => n(records) },
                { head: t('investigate.column.first'), cell: ({ first }) => full(first) },
                { head: t('investigate.column.last'), cell: ({ last }) => full(last) },
              ]}
            />
          )}
        </Panel>
        <Panel title={t('investigate.account.hosts')} count={n(view.hosts.length)}>
          {view.hosts.length === 0 ? (
            <p className="dim panel-note">{t('investigate.block.none')}</p>
          ) : (
            <Table
              label={t('investigate.account.hosts')}
              form="still"
              rows={view.hosts}
              keyOf={({ log, value }) => `${log} ${value}`}
              columns={[
                {
                  head: t('investigate.entity.host'),
                  main: true,
                  cell: ({ field, value, log }) => <Value field={field} value={value} log={log} />,
                },
                { head: t('investigate.account.log'), cell: ({ log }) => log },
                { head: t('investigate.column.n'), number: true, cell: ({ records }) => n(records) },
              ]}
            />
          )}
        </Panel>
      </div>
    </>
  );
}
