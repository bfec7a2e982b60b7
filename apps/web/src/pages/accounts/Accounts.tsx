/** For the administrator: people, tokens, sensors. A secret is shown once. */

import type { NetworkType } from '@forewarn/model/estate';
import type { Tlp } from '@forewarn/model/markings';
import type { Role } from '@forewarn/model/permissions';
import { Button, Modal, Select, Tabs, TextInput } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useAct } from '../../frame/act.ts';
import { useNotice } from '../../frame/notices.tsx';
import { Empty, Page, Waiting } from '../../frame/Page.tsx';
import { Icon } from '../../look/icons.tsx';
import { At, TlpBadge } from '../../marks/Marks.tsx';
import { roleKeys } from '../../marks/Stage.tsx';
import { askList } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';
import { networkTypeKeys } from '../estate/words.ts';
import { accountsQuery } from '../../session/people.ts';
import { linksQuery, organisationsQuery, useOrganisationName } from '../../session/resources.ts';

type TokenRow = {
  id: string;
  name: string;
  account: string;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
};
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

const tabs = ['accounts', 'tokens', 'sensors'] as const;
const tabKeys = { accounts: 'web.accounts.accounts', tokens: 'web.accounts.tokens', sensors: 'web.accounts.sensors' } as const;

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
          void navigate({ to: '/accounts', search: value === null || value === 'accounts' ? {} : { tab: value } })
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
        <Tabs.Panel value="tokens">
          <Tokens />
        </Tabs.Panel>
        <Tabs.Panel value="sensors">
          <SensorRegister />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

/** What the centre tells once: a token or a sign-in link. */
function Once({ secret, close }: { secret: string | null; close: () => void }) {
  const { t } = useTexts();
  const notice = useNotice();
  return (
    <Modal
      opened={secret !== null}
      onClose={close}
      title={t('web.once.title')}
      closeButtonProps={{ 'aria-label': t('web.close') }}
    >
      <div className="form">
        <p className="prose">{t('web.once.means')}</p>
        <code className="secret">{secret}</code>
        <div className="form-end">
          <Button
            leftSection={<Icon name="copy" />}
            onClick={() =>
              void navigator.clipboard.writeText(secret ?? '').then(
                () => notice({ text: t('web.once.copied') }),
                () => notice({ text: t('web.value.notCopied'), bad: true }),
              )
            }
          >
            {t('web.value.copy')}
          </Button>
        </div>
      </div>
    </Modal>
  );
}

/** The secret of an answer, under whichever of these names it stands. */
function secretOf(answer: unknown): string | null {
  if (answer === null || typeof answer !== 'object') return null;
  const values = answer as Record<string, unknown>;
  for (const name of ['token', 'link', 'key', 'secret', 'password']) if (typeof values[name] === 'string') return values[name];
  return null;
}

function Section({ add, addLabel, children }: { add: () => void; addLabel: string; children: ReactNode }) {
  return (
    <div className="stack">
      <div>
        <Button leftSection={<Icon name="plus" size={14} />} onClick={add}>
          {addLabel}
        </Button>
      </div>
      {children}
    </div>
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
  return (
    <Section add={() => setAdding(true)} addLabel={t('web.accounts.new')}>
      <Waiting query={query}>
        {(accounts) => (
          <div className="table-scroll" role="region" aria-label={t('web.accounts.accounts')} tabIndex={0}>
            <table className="table table-cards">
              <thead>
                <tr>
                  <th scope="col">{t('web.accounts.name')}</th>
                  <th scope="col">{t('web.accounts.email')}</th>
                  <th scope="col">{t('web.organisation')}</th>
                  <th scope="col">{t('web.accounts.role')}</th>
                  <th scope="col">{t('web.account.totp')}</th>
                </tr>
              </thead>
              <tbody>
                {accounts.map((account) => (
                  <tr key={account.account} data-row tabIndex={-1}>
                    <td className="cell-main">{account.name}</td>
                    <td data-label={t('web.accounts.email')}>{account.email}</td>
                    <td data-label={t('web.organisation')}>{name(account.organisation)}</td>
                    <td data-label={t('web.accounts.role')}>{t(roleKeys[account.role])}</td>
                    <td data-label={t('web.account.totp')}>
                      {account.totp ? t('web.yes') : <span className="dim">{t('web.no')}</span>}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
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
          <div className="form-end">
            <Button variant="default" onClick={() => setAdding(false)}>
              {t('web.cancel')}
            </Button>
            <Button type="submit" disabled={!ready} loading={act.isPending}>
              {t('web.accounts.new')}
            </Button>
          </div>
        </form>
      </Modal>
      <Once secret={secret} close={() => setSecret(null)} />
    </Section>
  );
}

function Tokens() {
  const { t } = useTexts();
  const query = useQuery(list<TokenRow>('tokens'));
  const [adding, setAdding] = useState(false);
  const [name, setName] = useState('');
  const [secret, setSecret] = useState<string | null>(null);
  const make = useAct<unknown>(['tokens'], (answer) => {
    setAdding(false);
    setName('');
    setSecret(secretOf(answer));
  });
  const revoke = useAct(['tokens']);
  return (
    <Section add={() => setAdding(true)} addLabel={t('web.tokens.new')}>
      <Waiting query={query}>
        {(tokens) =>
          tokens.length === 0 ? (
            <Empty icon="key" title={t('web.tokens.none')}>
              {t('web.tokens.none.means')}
            </Empty>
          ) : (
            <div className="table-scroll" role="region" aria-label={t('web.accounts.tokens')} tabIndex={0}>
              <table className="table table-cards">
                <thead>
                  <tr>
                    <th scope="col">{t('web.tokens.name')}</th>
                    <th scope="col">{t('web.tokens.made')}</th>
                    <th scope="col">{t('web.tokens.used')}</th>
                    <th scope="col">
                      <span className="visually-hidden">{t('web.tokens.revoke')}</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {tokens.map((token) => (
                    <tr key={token.id} data-row tabIndex={-1}>
                      <td className="cell-main">{token.name}</td>
                      <td data-label={t('web.tokens.made')}>
                        <At at={token.createdAt} />
                      </td>
                      <td data-label={t('web.tokens.used')}>
                        {token.lastUsedAt === null ? t('web.tokens.never') : <At at={token.lastUsedAt} />}
                      </td>
                      <td>
                        <Button
                          size="compact-xs"
                          variant="default"
                          aria-label={t('web.tokens.revokeOne', { name: token.name })}
                          onClick={() =>
                            revoke.mutate({
                              method: 'DELETE',
                              path: `/tokens/${encodeURIComponent(token.id)}`,
                              done: t('web.tokens.revoked'),
                            })
                          }
                        >
                          {t('web.tokens.revoke')}
                        </Button>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Waiting>
      <Modal
        opened={adding}
        onClose={() => setAdding(false)}
        title={t('web.tokens.new')}
        closeButtonProps={{ 'aria-label': t('web.close') }}
      >
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() !== '') make.mutate({ method: 'POST', path: '/tokens', body: { name: name.trim() } });
          }}
        >
          <p className="prose dim">{t('web.tokens.new.means')}</p>
          <TextInput
            data-autofocus
            label={t('web.tokens.name')}
            required
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <div className="form-end">
            <Button type="submit" disabled={name.trim() === ''} loading={make.isPending}>
              {t('web.tokens.new')}
            </Button>
          </div>
        </form>
      </Modal>
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
            <div className="table-scroll" role="region" aria-label={t('web.accounts.sensors')} tabIndex={0}>
              <table className="table table-cards">
                <thead>
                  <tr>
                    <th scope="col">{t('web.sensor')}</th>
                    <th scope="col">{t('web.organisation')}</th>
                    <th scope="col">{t('web.estate.type')}</th>
                    <th scope="col">{t('web.sensor.link')}</th>
                    <th scope="col">{t('web.marking')}</th>
                    <th scope="col">{t('web.sensor.lastBatch')}</th>
                    <th scope="col" className="number">
                      {t('web.sensor.records')}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {sensors.map((sensor) => (
                    <tr key={sensor.id} data-row tabIndex={-1}>
                      <td className="cell-main">
                        {sensor.name}
                        <div className="dim mono small">{sensor.id}</div>
                      </td>
                      <td data-label={t('web.organisation')}>{nameOf(sensor.organisation)}</td>
                      <td data-label={t('web.estate.type')}>{t(networkTypeKeys[sensor.networkType])}</td>
                      <td data-label={t('web.sensor.link')} className="mono">
                        {sensor.link ?? '–'}
                      </td>
                      <td data-label={t('web.marking')}>
                        <TlpBadge marking={sensor.marking} />
                      </td>
                      <td data-label={t('web.sensor.lastBatch')}>
                        {sensor.lastBatchAt === null ? t('web.sensor.never') : <At at={sensor.lastBatchAt} />}
                      </td>
                      <td className="number" data-label={t('web.sensor.records')}>
                        {n(sensor.records)}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
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
