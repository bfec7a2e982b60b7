/** Causes as the centre tells them, and their names in the reader's language. */

import type { CauseChainView, CauseKind, CauseTaxonomy, PreventionView, RecurrenceView } from '@forewarn/model/cause';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ask, query, type Page } from '../../session/api.ts';
import { useTexts } from '../../session/language.tsx';

/** The catalogue changes with a new version of the product. */
const slow = 10 * 60_000;

export const causeCatalogueQuery = queryOptions({
  queryKey: ['cause-catalogue'],
  queryFn: ({ signal }) => ask<CauseTaxonomy>('GET', '/causes/catalogue', undefined, signal),
  staleTime: slow,
});

export const causesQuery = queryOptions({
  queryKey: ['causes'],
  queryFn: ({ signal }) => ask<RecurrenceView>('GET', '/causes', undefined, signal),
});

export const preventionsQuery = queryOptions({
  queryKey: ['preventions'],
  queryFn: ({ signal }) => ask<Page<PreventionView>>('GET', '/preventions?limit=500', undefined, signal),
});

export const chainQuery = (incident: string, language: string) =>
  queryOptions({
    queryKey: ['incident-causes', incident, language],
    queryFn: ({ signal }) =>
      ask<CauseChainView>('GET', `/incidents/${encodeURIComponent(incident)}/causes${query({ language })}`, undefined, signal),
  });

/** Names of causes, groups and measures by id; an id that is not known to us shows as itself. */
export function useCauses() {
  const { l } = useTexts();
  const { data } = useQuery(causeCatalogueQuery);
  return useMemo(() => {
    const of = (list: readonly { id: string; name: { en: string; zh: string } }[] | undefined) => {
      const names = new Map((list ?? []).map(({ id, name }) => [id, name]));
      return (id: string): string => l(names.get(id)) || id;
    };
    const byId = new Map((data?.causes ?? []).map((one) => [one.id, one]));
    return {
      catalogue: data,
      cause: of(data?.causes),
      group: of(data?.groups),
      measure: of(data?.measures),
      kind: (id: string): CauseKind | undefined => byId.get(id),
    };
  }, [data, l]);
}

/** Causes for a list to choose from, in the groups of the catalogue. */
export function useCauseChoices(): { group: string; items: { value: string; label: string }[] }[] {
  const { catalogue, cause, group } = useCauses();
  return useMemo(
    () =>
      (catalogue?.groups ?? []).map(({ id }) => ({
        group: group(id),
        items: (catalogue?.causes ?? [])
          .filter((one) => one.group === id)
          .map((one) => ({ value: one.id, label: cause(one.id) })),
      })),
    [catalogue, cause, group],
  );
}
