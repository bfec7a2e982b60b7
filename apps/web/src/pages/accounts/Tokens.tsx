/** The own API tokens: a program acts with them instead of a password. A secret is shown once. */

import type { Permission } from '@forewarn/model/permissions';
import { Button, Modal, MultiSelect, TextInput } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { Empty, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { At } from '../../marks/Marks.tsx';
import { askList } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';
import { useMe } from '../../session/me.tsx';
import { Once, secretOf, Section } from './parts.tsx';

type TokenRow = {
  id: string;
  name: string;
  account: string;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  permissions: readonly Permission[] | null;
};

const tokensQuery = queryOptions({ queryKey: ['tokens'], queryFn: ({ signal }) => askList<TokenRow>('/tokens', signal) });

export function Tokens() {
  const { t } = useTexts();
  const me = useMe();
  const [permissions, setPermissions] = useState<string[]>([]);
  const query = useQuery(tokensQuery);
  const [adding, setAdding] = useState(false);
  const [name, setName] = useState('');
  const [secret, setSecret] = useState<string | null>(null);
  const make = useAct<unknown>(['tokens'], (answer) => {
    setAdding(false);
    setName('');
    setPermissions([]);
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
            <Table
              label={t('web.accounts.tokens')}
              rows={tokens}
              keyOf={({ id }) => id}
              columns={[
                { head: t('web.tokens.name'), main: true, cell: (token) => token.name },
                {
                  head: t('web.tokens.permissions'),
                  cell: (token) =>
                    token.permissions === null ? (
                      <span className="dim">{t('web.tokens.permissions.all')}</span>
                    ) : (
                      token.permissions.map((each) => t(`guard.permission.${each}`)).join(t('web.list'))
                    ),
                },
                { head: t('web.tokens.made'), cell: ({ createdAt }) => <At at={createdAt} /> },
                {
                  head: t('web.tokens.used'),
                  cell: ({ lastUsedAt }) => (lastUsedAt === null ? t('web.tokens.never') : <At at={lastUsedAt} />),
                },
                {
                  head: t('web.tokens.revoke'),
                  headHidden: true,
                  cell: (token) => (
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
                  ),
                },
              ]}
            />
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
            const narrowed = permissions.length === 0 ? {} : { permissions };
            if (name.trim() !== '') make.mutate({ method: 'POST', path: '/tokens', body: { name: name.trim(), ...narrowed } });
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
          <MultiSelect
            label={t('web.tokens.permissions')}
            description={t('web.tokens.permissions.means')}
            searchable
            data={me.permissions.map((each) => ({ value: each, label: t(`guard.permission.${each}`) }))}
            value={permissions}
            onChange={setPermissions}
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
