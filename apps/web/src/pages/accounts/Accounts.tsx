/** For the administrator: people and sensors. A secret is shown once. */

import type { NetworkType } from '@forewarn/model/estate';
import type { Tlp } from '@forewarn/model/markings';
import type { Role } from '@forewarn/model/permissions';
import { Button, Modal, Select, Tabs, TextInput } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { keepAnd } from '../../frame/keep.ts';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { useAct } from '../../frame/act.ts';
import { Empty, Page, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { At, TlpBadge } from '../../marks/Marks.tsx';
import { roleKeys } from '../../marks/Stage.tsx';
import { askList } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';
import { networkTypeKeys } from '../estate/words.ts';
import { useMe } from '../../session/me.tsx';
import { accountsQuery, type AccountRow } from '../../session/people.ts';
import { linksQuery, organisationsQuery, useOrganisationName } from '../../session/resources.ts';
import { Ask, Once, secretOf, Section, type Asking } from './parts.tsx';

type SensorRow = {
  id: string;
  name: string;
  organisation: string;
  link: string | null;
  networkType: NetworkType;
  marking: Tlp;
  lastBatchAt: string | null;
  records: number;
};

const list = <T,>(name: string) => queryOptions({ queryKey: [name], queryFn: ({ signal }) => askList<T>(`/${name}`, signal) });

const tabs = ['accounts', 'sensors'] as const;
const tabKeys = { accounts: 'web.accounts.accounts', sensors: 'web.accounts.sensors' } as const;

export function Accounts() {
  const { t } = useTexts();
  const navigate = useNavigate();
  const search = useSearch({ strict: false }) as { tab?: string };
  const tab = tabs.find((each) => each === search.tab) ?? 'accounts';
  return (
    <Page title={t('web.page.accounts')}>
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) =>
          void navigate({ to: '/accounts', search: keepAnd(value === null || value === 'accounts' ? {} : { tab: value }) })
        }
      >
        <Tabs.List aria-label={t('web.page.accounts')} className="page-tabs">
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(tabKeys[each])}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="accounts">
          <People />
        </Tabs.Panel>
        <Tabs.Panel value="sensors">
          <SensorRegister />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function useOrganisationChoices() {
  const { l } = useTexts();
  const { data } = useQuery(organisationsQuery);
  return (data ?? []).map((each) => ({ value: each.id, label: l(each.name) }));
}

function People() {
  const { t } = useTexts();
  const name = useOrganisationName();
  const query = useQuery(accountsQuery);
  const organisations = useOrganisationChoices();
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [form, setForm] = useState({ name: '', email: '', organisation: null as string | null, role: 'analyst' as Role });
  const act = useAct<unknown>(['accounts'], (answer) => {
    setAdding(false);
    setForm({ name: '', email: '', organisation: null, role: 'analyst' });
    setSecret(secretOf(answer));
  });
  const ready = form.name.trim() !== '' && form.email.trim() !== '' && form.organisation !== null;
  const me = useMe();
  const [asking, setAsking] = useState<Asking | null>(null);
  const askLink = ({ account, name: who }: AccountRow) =>
    setAsking({
      title: t('web.accounts.link.of', { name: who }),
      means: t('web.accounts.link.means'),
      button: t('web.accounts.link'),
      act: () => act.mutate({ method: 'POST', path: `/accounts/${encodeURIComponent(account)}/link` }),
    });
  const askEnd = ({ account, name: who }: AccountRow) =>
    setAsking({
      title: t('web.accounts.end.of', { name: who }),
      means: t('web.accounts.end.means'),
      button: t('web.accounts.end'),
      act: () =>
        act.mutate({
          method: 'DELETE',
          path: `/accounts/${encodeURIComponent(account)}`,
          done: t('web.accounts.ended', { name: who }),
        }),
    });
  return (
    <Section add={() => setAdding(true)} addLabel={t('web.accounts.new')}>
      <Waiting query={query}>
        {(accounts) => (
          <Table
            label={t('web.accounts.accounts')}
            rows={accounts}
            keyOf={({ account }) => account}
            columns={[
              { head: t('web.accounts.name'), main: true, cell: (account) => account.name },
              { head: t('web.accounts.email'), cell: ({ email }) => email },
              { head: t('web.organisation'), cell: ({ organisation }) => name(organisation) },
              { head: t('web.accounts.role'), cell: ({ role }) => t(roleKeys[role]) },
              {
                head: t('web.account.totp'),
                cell: ({ totp }) => (totp ? t('web.yes') : <span className="dim">{t('web.no')}</span>),
              },
              {
                head: t('web.accounts.acts'),
                headHidden: true,
                className: 'cell-acts',
                cell: (account) => (
                  <>
                    <Button
                      size="compact-xs"
                      variant="default"
                      aria-label={t('web.accounts.link.of', { name: account.name })}
                      onClick={() => askLink(account)}
                    >
                      {t('web.accounts.link')}
                    </Button>
                    {account.account === me.account ? null : (
                      <Button
                        size="compact-xs"
                        variant="default"
                        aria-label={t('web.accounts.end.of', { name: account.name })}
                        onClick={() => askEnd(account)}
                      >
                        {t('web.accounts.end')}
                      </Button>
                    )}
                  </>
                ),
              },
            ]}
          />
        )}
      </Waiting>
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        title={t('web.accounts.new')}
        closeButtonProps={{ 'aria-label': t('web.close') }}
      >
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            if (ready)
              act.mutate({
                method: 'POST',
                path: '/accounts',
                body: { ...form, name: form.name.trim(), email: form.email.trim() },
                done: t('web.accounts.made'),
              });
          }}
        >
          <p className="prose dim">{t('web.accounts.new.means')}</p>
          <TextInput
            data-autofocus
            label={t('web.accounts.name')}
            required
            value={form.name}
            onChange={(event) => setForm({ ...form, name: event.currentTarget.value })}
          />
          <TextInput
            type="email"
            label={t('web.accounts.email')}
            required
            value={form.email}
            onChange={(event) => setForm({ ...form, email: event.currentTarget.value })}
          />
          <Select
            label={t('web.organisation')}
            required
            searchable
            data={organisations}
            value={form.organisation}
            onChange={(organisation) => setForm({ ...form, organisation })}
          />
          <Select
            label={t('web.accounts.role')}
            required
            allowDeselect={false}
            data={(Object.keys(roleKeys) as Role[])
              .filter((role) => role !== 'sensor')
              .map((role) => ({ value: role, label: t(roleKeys[role]) }))}
            value={form.role}
            onChange={(role) => setForm({ ...form, role: role as Role })}
          />
          <FormEnd close={() => setAdding(false)} disabled={!ready} pending={act.isPending}>
            {t('web.accounts.new')}
          </FormEnd>
        </form>
      </Modal>
      <Ask asking={asking} close={() => setAsking(null)} />
      <Once secret={secret} close={() => setSecret(null)} />
    </Section>
  );
}

const noSensor = {
  id: '',
  name: '',
  organisation: null as string | null,
  link: null as string | null,
  networkType: 'computer' as NetworkType,
  marking: 'TLP:AMBER' as Tlp,
};

function SensorRegister() {
  const { t, l, n } = useTexts();
  const nameOf = useOrganisationName();
  const query = useQuery(list<SensorRow>('sensors'));
  const organisations = useOrganisationChoices();
  const { data: links } = useQuery(linksQuery);
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [form, setForm] = useState(noSensor);
  const act = useAct<unknown>(['sensors'], (answer) => {
    setAdding(false);
    setForm(noSensor);
    setSecret(secretOf(answer));
  });
  const wrongId = form.id !== '' && !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(form.id);
  const ready = form.id !== '' && !wrongId && form.name.trim() !== '' && form.organisation !== null;
  return (
    <Section add={() => setAdding(true)} addLabel={t('web.sensors.new')}>
      <Waiting query={query}>
        {(sensors) =>
          sensors.length === 0 ? (
            <Empty icon="sensor" title={t('web.sensors.none')}>
              {t('web.sensors.none.means')}
            </Empty>
          ) : (
            <Table
              label={t('web.accounts.sensors')}
              rows={sensors}
              keyOf={({ id }) => id}
              columns={[
                {
                  head: t('web.sensor'),
                  main: true,
                  cell: ({ id, name }) => (
                    <>
                      {name}
                      <div className="dim mono small">{id}</div>
                    </>
                  ),
                },
                { head: t('web.organisation'), cell: ({ organisation }) => nameOf(organisation) },
                { head: t('web.estate.type'), cell: ({ networkType }) => t(networkTypeKeys[networkType]) },
                { head: t('web.sensor.link'), className: 'mono', cell: ({ link }) => link ?? '–' },
                { head: t('web.marking'), cell: ({ marking }) => <TlpBadge marking={marking} /> },
                {
                  head: t('web.sensor.lastBatch'),
                  cell: ({ lastBatchAt }) => (lastBatchAt === null ? t('web.sensor.never') : <At at={lastBatchAt} />),
                },
                { head: t('web.sensor.records'), number: true, cell: ({ records }) => n(records) },
              ]}
            />
          )
        }
      </Waiting>
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        title={t('web.sensors.new')}
        closeButtonProps={{ 'aria-label': t('web.close') }}
      >
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            if (ready) act.mutate({ method: 'POST', path: '/sensors', body: form });
          }}
        >
          <p className="prose dim">{t('web.sensors.new.means')}</p>
          <TextInput
            data-autofocus
            label={t('web.sensor')}
            description={t('web.sensor.id.means')}
            required
            error={wrongId ? t('web.sensor.id.wrong') : undefined}
            value={form.id}
            onChange={(event) => setForm({ ...form, id: event.currentTarget.value })}
          />
          <TextInput
            label={t('web.estate.name')}
            required
            maxLength={200}
            value={form.name}
            onChange={(event) => setForm({ ...form, name: event.currentTarget.value })}
          />
          <Select
            label={t('web.organisation')}
            required
            searchable
            data={organisations}
            value={form.organisation}
            onChange={(organisation) => setForm({ ...form, organisation, link: null })}
          />
          <Select
            label={t('web.estate.type')}
            required
            allowDeselect={false}
            data={(Object.entries(networkTypeKeys) as [NetworkType, string][]).map(([value, key]) => ({ value, label: t(key) }))}
            value={form.networkType}
            onChange={(networkType) => setForm({ ...form, networkType: networkType as NetworkType })}
          />
          <Select
            label={t('web.marking')}
            description={t('web.marking.means')}
            required
            allowDeselect={false}
            data={['TLP:RED', 'TLP:AMBER+STRICT', 'TLP:AMBER', 'TLP:GREEN', 'TLP:CLEAR']}
            value={form.marking}
            onChange={(marking) => setForm({ ...form, marking: marking as Tlp })}
          />
          <Select
            label={t('web.sensor.link')}
            clearable
            data={(links ?? [])
              .filter(({ organisation }) => organisation === form.organisation)
              .map((each) => ({ value: each.id, label: l(each.name) }))}
            value={form.link}
            onChange={(link) => setForm({ ...form, link })}
          />
          <div className="form-end">
            <Button type="submit" disabled={!ready} loading={act.isPending}>
              {t('web.sensors.new')}
            </Button>
          </div>
        </form>
      </Modal>
      <Once secret={secret} close={() => setSecret(null)} />
    </Section>
  );
}
