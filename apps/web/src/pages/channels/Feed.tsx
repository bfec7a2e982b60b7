/** Readers of the own organisation's feed: each has an address of its own, which opens it. */

import type { FeedTokenView } from '@forewarn/model/channel';
import { Button, Modal, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '../../frame/act.ts';
import { FormEnd } from '../../frame/FormEnd.tsx';
import { Empty, Waiting } from '../../frame/Page.tsx';
import { Table } from '../../frame/Table.tsx';
import { At } from '../../marks/Marks.tsx';
import { useTexts } from '../../session/language.tsx';
import { useActorName } from '../../session/people.ts';
import { Ask, Once, Section, type Asking } from '../accounts/parts.tsx';
import { feedTokensQuery } from './queries.ts';

export function Feed() {
  const { t, language } = useTexts();
  const person = useActorName();
  const query = useQuery(feedTokensQuery);
  const [adding, setAdding] = useState(false);
  const [name, setName] = useState('');
  const [address, setAddress] = useState<string | null>(null);
  const [asking, setAsking] = useState<Asking | null>(null);
  const make = useAct<{ token: string }>(['channels'], ({ token }) => {
    setAdding(false);
    setName('');
    const { origin } = globalThis.location;
    setAddress(`${origin}/api/v1/feeds/notices?language=${language}&token=${encodeURIComponent(token)}`);
  });
  const remove = useAct(['channels']);
  const askRemove = ({ id, name: reader }: FeedTokenView) =>
    setAsking({
      title: t('notices.feed.end.of', { name: reader }),
      means: t('notices.feed.end.means'),
      button: t('notices.feed.end'),
      act: () => remove.mutate({ method: 'DELETE', path: `/feed-tokens/${encodeURIComponent(id)}` }),
    });
  return (
    <Section add={() => setAdding(true)} addLabel={t('notices.feed.add')}>
      <p className="prose dim">{t('notices.feed.means')}</p>
      <Waiting query={query}>
        {(tokens) =>
          tokens.length === 0 ? (
            <Empty icon="key" title={t('notices.feed.none')}>
              {t('notices.feed.none.means')}
            </Empty>
          ) : (
            <Table
              label={t('notices.tab.feed')}
              rows={tokens}
              keyOf={({ id }) => id}
              columns={[
                { head: t('notices.feed.reader'), main: true, cell: (token) => token.name },
                {
                  head: t('notices.feed.made'),
                  cell: ({ madeAt, madeBy }) => (
                    <>
                      <At at={madeAt} /> <span className="dim">{person(madeBy)}</span>
                    </>
                  ),
                },
                {
                  head: t('notices.feed.used'),
                  cell: ({ lastUsedAt }) => (lastUsedAt === null ? '–' : <At at={lastUsedAt} />),
                },
                {
                  head: t('notices.acts'),
                  headHidden: true,
                  className: 'cell-acts',
                  cell: (token) => (
                    <Button
                      size="compact-xs"
                      variant="default"
                      aria-label={t('notices.feed.end.of', { name: token.name })}
                      onClick={() => askRemove(token)}
                    >
                      {t('notices.feed.end')}
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
        title={t('notices.feed.add')}
        closeButtonProps={{ 'aria-label': t('web.close') }}
      >
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() !== '') make.mutate({ method: 'POST', path: '/feed-tokens', body: { name: name.trim() } });
          }}
        >
          <p className="prose dim">{t('notices.feed.add.means')}</p>
          <TextInput
            data-autofocus
            label={t('notices.feed.reader')}
            required
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <FormEnd close={() => setAdding(false)} disabled={name.trim() === ''} pending={make.isPending}>
            {t('notices.feed.add')}
          </FormEnd>
        </form>
      </Modal>
      <Ask asking={asking} close={() => setAsking(null)} />
      <Once secret={address} close={() => setAddress(null)} />
    </Section>
  );
}
