import type { FindingView } from '@forewarn/model/api';
import type { Entity, EntityKind, EntityView } from '@forewarn/model/entity';
import type { HuntAnswer } from '@forewarn/model/hunt';
import { kqlText } from '@forewarn/model/kql/print';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, query as queryString, type Page } from '../../session/api.ts';

type Range = { from: string; to: string };

export const entityQuery = (kind: EntityKind, id: string, { from, to }: Range) =>
  queryOptions({
    queryKey: ['entity', kind, id, from, to],
    queryFn: ({ signal }) =>
      ask<EntityView>('GET', `/entities/${kind}/${encodeURIComponent(id)}${queryString({ from, to })}`, undefined, signal),
    placeholderData: (previous, old) => (old?.queryKey[2] === id ? previous : undefined),
    retry: false,
  });

export const blockQuery = (text: string, { from, to }: Range) =>
  queryOptions({
    queryKey: ['hunt', text, from, to],
    queryFn: ({ signal }) => ask<HuntAnswer>('POST', '/hunts/run', { text, from, to }, signal),
    // While time moves on the old answer stays; another thing's never stands for this one.
    placeholderData: (previous, old) => (old?.queryKey[1] === text ? previous : undefined),
    staleTime: 30_000,
    retry: false,
  });

/** Findings shown of it; the page of findings has the rest. */
const findingsShown = 20;

export const findingsOfQuery = (entity: Entity, { from, to }: Range) =>
  queryOptions({
    queryKey: ['findings', 'of', entity.kind, entity.id, from, to],
    queryFn: ({ signal }) =>
      ask<Page<FindingView>>(
        'GET',
        `/findings${queryString({ q: findingsText(entity), from, to, limit: findingsShown })}`,
        undefined,
        signal,
      ),
    placeholderData: keepPreviousData,
  });

/** The query bar's question for findings that name it. */
export function findingsText(entity: Entity): string {
  switch (entity.kind) {
    case 'host':
      return `source:${kqlText(entity.id)} or targets:${kqlText(entity.id)}`;
    case 'service':
      return `source:${kqlText(entity.host)} or targets:${kqlText(entity.host)}`;
    case 'domain':
      return `names:${kqlText(entity.id)}`;
    case 'certificate':
      return kqlText(entity.id);
  }
}
