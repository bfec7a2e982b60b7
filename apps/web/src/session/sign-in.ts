/** Ways in: password with code, one-time link, and the demo's people. */

import type { Role } from '@forewarn/model/permissions';
import type { LocalText } from '@forewarn/model/text';
import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { ask, askList, Problem } from './api.ts';
import { meQuery } from './resources.ts';

export type DemoPerson = {
  account: string;
  name: string;
  organisation: string;
  organisationName: LocalText;
  role: Role;
  link: string;
};

/** Empty where this is no demo: the centre answers 404 then. */
export const demoPeopleQuery = queryOptions({
  queryKey: ['demo-people'],
  queryFn: async ({ signal }): Promise<DemoPerson[]> => {
    try {
      return await askList<DemoPerson>('/sessions/demo', signal);
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return [];
      throw error;
    }
  },
  staleTime: 10 * 60_000,
});

/** The token at the end of a sign-in link, whole addresses and bare tokens alike. */
export function tokenOf(link: string): string {
  return decodeURIComponent(
    link
      .split('?')[0]!
      .split('/')
      .findLast((part) => part !== '') ?? '',
  );
}

export function useSignIn() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const enter = useCallback(
    async (to: string) => {
      // What another person saw must not show for a moment to this one.
      client.clear();
      await client.fetchQuery(meQuery);
      await navigate({ to, replace: true });
    },
    [client, navigate],
  );
  const signInByLink = useCallback(
    async (link: string, to = '/situation') => {
      await ask('POST', '/sessions/link', { token: tokenOf(link) });
      await enter(to);
    },
    [enter],
  );
  const signInByPassword = useCallback(
    async (given: { email: string; password: string; totp?: string }, to = '/situation') => {
      await ask('POST', '/sessions', given);
      await enter(to);
    },
    [enter],
  );
  return { signInByLink, signInByPassword };
}
