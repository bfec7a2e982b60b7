/** The register's questions: lists by kind, filtered and paged at the centre, single items, their editions, and how many there are. */

import { estateFilters, type EstateItem, type EstateKind } from '@forewarn/model/estate';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { ask, query, type Page } from '../../session/api.ts';
import { endOfDay, useInstants } from '../../session/instants.ts';
import { readQuery } from '../../values/terms.ts';

/** Since when the item counts in this form, and who wrote it; absent where the list is told in another shape. */
export type Edition = { version: number; since: string; by: string };
export type Item = EstateItem & { organisation?: string; edition?: Edition; readonly [field: string]: unknown };
export type PastEdition = {
  version: number;
  since: string;
  by: string;
  until: string | null;
  endedBy: string | null;
  removed: boolean;
  item: { readonly [field: string]: unknown };
};

/** As the register was at an instant; links are told there without what is watched of them. */
const pathOf = (kind: EstateKind): string => (kind === 'links' ? '/estate/links' : `/${kind}`);

export type Wanted = { q?: string; filters: { [field: string]: string }; unknown: string[] };

/**
 * What the query bar asks, as the register can be asked: words, and fields that are equal to something. Other conditions are told back instead of being
 * passed over.
 */
export function wantedOf(kind: EstateKind, text: string): Wanted {
  const wanted: Wanted = { filters: {}, unknown: [] };
  const words: string[] = [];
  const fields = ['organisation', ...estateFilters[kind]];
  for (const { predicate, text: written } of readQuery(text).terms) {
    if (predicate.kind === 'keyword' && predicate.op === 'contains') words.push(predicate.value);
    else if (
      predicate.kind === 'text' &&
      predicate.op === 'equals' &&
      fields.includes(predicate.field) &&
      !(predicate.field in wanted.filters)
    )
      wanted.filters[predicate.field] = String(predicate.value);
    // An id, an address or a name of it is found as a word.
    else if (
      predicate.kind === 'text' &&
      (predicate.op === 'equals' || predicate.op === 'contains') &&
      ['id', 'name', 'addresses', 'names', 'domains'].includes(predicate.field)
    )
      words.push(String(predicate.value));
    else wanted.unknown.push(written);
  }
  if (words.length > 0) wanted.q = words.join(' ');
  return wanted;
}

/** Rows of one question; the next ones are asked for as somebody goes on. */
const pageRows = 100;

/** `at`: the register as it stood at an instant (RFC 3339). */
export const registerQuery = (
  kind: EstateKind,
  { q, filters, at }: Pick<Wanted, 'q' | 'filters'> & { at?: string | undefined },
  limit: number = pageRows,
) =>
  infiniteQueryOptions({
    queryKey: ['estate', 'list', kind, q ?? '', filters, at ?? '', limit],
    queryFn: ({ signal, pageParam }) =>
      ask<Page<Item>>('GET', `${pathOf(kind)}${query({ ...filters, q, at, limit, cursor: pageParam })}`, undefined, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });

export const itemQuery = (kind: EstateKind, id: string) =>
  queryOptions({
    queryKey: ['estate', 'item', kind, id],
    queryFn: ({ signal }) => ask<Item>('GET', `${pathOf(kind)}/${encodeURIComponent(id)}`, undefined, signal),
  });

export const historyQuery = (kind: EstateKind, id: string) =>
  queryOptions({
    queryKey: ['estate', 'history', kind, id],
    queryFn: ({ signal }) => ask<Page<PastEdition>>('GET', `/${kind}/${encodeURIComponent(id)}/history`, undefined, signal),
    // What is not yet kept in editions has no history; that is no trouble of the page.
    retry: false,
  });

export const countsQuery = queryOptions({
  queryKey: ['estate', 'counts'],
  queryFn: ({ signal }) => ask<{ [kind in EstateKind]?: number }>('GET', '/estate/counts', undefined, signal),
  retry: false,
});

/** Where a list is fetched as a file. */
export const exportAddress = (kind: EstateKind, format: 'csv' | 'json', at?: string): string =>
  `/api/v1/estate/export${query({ kind, format, at })}`;

/** The last second of the day that the address names, in the zone that is shown; nothing where it names none. */
export function useDayShown(): { day: string | undefined; at: string | undefined } {
  const { day } = useSearch({ strict: false }) as { day?: string };
  const { zone } = useInstants();
  return { day, at: day === undefined ? undefined : (endOfDay(day, zone) ?? undefined) };
}
