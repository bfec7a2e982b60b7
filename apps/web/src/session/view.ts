/** What of the address all pages share: the range of time, the zone, the query. */

import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { useEpoch } from './live.tsx';
import { keep, recall } from './preferences.ts';
import { defaultRange, readRange, resolveRange, type Range } from './range.ts';
import type { Zone } from './instants.ts';

export type View = { range?: string; zone?: Zone; q?: string };

/** Search parameters of every page that are not of one page. */
export function readView(search: Record<string, unknown>): View {
  const text = (name: string, most: number) => {
    const value = search[name];
    return typeof value === 'string' && value !== '' ? value.slice(0, most) : undefined;
  };
  const view: View = {};
  const range = text('range', 64);
  if (range !== undefined && range !== defaultRange) view.range = range;
  const zone = text('zone', 5);
  if (zone === 'utc' || zone === 'local') view.zone = zone;
  const q = text('q', 4000);
  if (q !== undefined) view.q = q;
  return view;
}

const useView = (): View => useSearch({ strict: false }) as View;

export function useZone(): Zone {
  return useView().zone ?? recall<Zone>('zone', 'local');
}

export function useQueryText(): string {
  return useView().q ?? '';
}

export type ResolvedRange = { text: string; range: Range; fromMs: number; toMs: number; from: string; to: string };

/**
 * The range with its instants. A range that ends now moves only with the epoch of live updates, so that pages of one
 * list fit together.
 */
export function useRange(): ResolvedRange {
  const text = useView().range ?? defaultRange;
  const epoch = useEpoch();
  return useMemo(() => {
    const range = readRange(text);
    // The epoch is the moment that live data last moved on: all parts of a page end at the same instant.
    const { fromMs, toMs } = resolveRange(range, Math.ceil(epoch / 1000) * 1000);
    return { text, range, fromMs, toMs, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
  }, [text, epoch]);
}

/** Changes the shared part of the address; `undefined` takes a part away. */
export function useSetView(): (change: { [K in keyof View]: View[K] | undefined }) => void {
  const navigate = useNavigate();
  return useCallback(
    (change) => {
      if (change.zone !== undefined) keep('zone', change.zone);
      void navigate({
        to: '.',
        search: ((previous: Record<string, unknown>) => {
          const next: Record<string, unknown> = { ...previous, ...change };
          for (const [name, value] of Object.entries(next)) if (value === undefined || value === '') delete next[name];
          if (next['range'] === defaultRange) delete next['range'];
          return next;
        }) as never,
      });
    },
    [navigate],
  );
}
