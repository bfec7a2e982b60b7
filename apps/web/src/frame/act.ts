/** Doing something at the centre from a page: asks, says what happened, and has what changed asked for again. */

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ask, type Method } from '../session/api.ts';
import { useNotice, useProblemText } from './notices.tsx';

export type Act = { method: Method; path: string; body?: unknown; done?: string };

/** `touches` are the first words of the query keys that the act changes. */
export function useAct<T = unknown>(touches: readonly string[], then?: (answer: T) => void) {
  const client = useQueryClient();
  const notice = useNotice();
  const problemText = useProblemText();
  return useMutation({
    mutationFn: ({ method, path, body }: Act) => ask<T>(method, path, body),
    onSuccess: async (answer, { done }) => {
      if (done !== undefined) notice({ text: done });
      then?.(answer);
      await client.invalidateQueries({ predicate: ({ queryKey }) => touches.includes(String(queryKey[0])) });
    },
    onError: (error) => notice({ ...problemText(error), bad: true }),
  });
}
