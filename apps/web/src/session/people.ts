/** Names of accounts. The centre tells who did something by account; a person reads the names of their own people and the centre's. */

import type { Role } from '@forewarn/model/permissions';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { askList } from './api.ts';
import { useTexts } from './language.tsx';
import { useMe } from './me.tsx';
import { demoPeopleQuery } from './sign-in.ts';

export type AccountRow = {
  account: string;
  name: string;
  email: string;
  organisation: string;
  role: Role;
  totp: boolean;
  createdAt: string;
};

export const accountsQuery = queryOptions({
  queryKey: ['accounts'],
  queryFn: ({ signal }) => askList<AccountRow>('/accounts', signal),
});

const namesQuery = queryOptions({
  queryKey: ['people'],
  queryFn: ({ signal }) => askList<{ account: string; name: string }>('/people', signal),
  staleTime: 60_000,
});

/** An account's id is random; its beginning tells two of them apart. */
const shownCharacters = 8;

export function useActorName(): (account: string) => string {
  const { t, person } = useTexts();
  const me = useMe();
  const { data: demo } = useQuery({ ...demoPeopleQuery, enabled: me.demo });
  const { data: people } = useQuery(namesQuery);
  const names = useMemo(
    () => new Map([...(people ?? []), ...(demo ?? []), me].map(({ account, name }) => [account, name])),
    [people, demo, me],
  );
  return useCallback(
    (account) => {
      if (account === 'forewarn') return 'Forewarn';
      const name = names.get(account);
      if (name !== undefined) return person(name);
      return /^[0-9a-f]{24}$/.test(account) ? t('web.actor.account', { id: account.slice(0, shownCharacters) }) : account;
    },
    [names, t, person],
  );
}
