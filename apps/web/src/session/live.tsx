/**
 * What changed at the centre, as it changes: `/api/v1/events` says which thing is new, and the queries that show it
 * are asked again. A reader may pause; changes are counted meanwhile and shown at once on going on.
 */

import type { ChangeEvent } from '@forewarn/model/api';
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { createContext, use, useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { serverNow } from './clock.ts';

/** Which queries show a kind of thing, by the first word of their keys. */
const shownIn: { [kind in ChangeEvent['kind']]: readonly string[] } = {
  incident: [
    'situation',
    'incidents',
    'incident',
    'grading',
    'campaigns',
    'campaign',
    'findings',
    'grouping',
    'causes',
    'incident-causes',
    'forecast',
    'forecasts',
  ],
  prevention: ['causes', 'preventions'],
  forecast: ['forecast', 'forecasts', 'calibration'],
  finding: ['situation', 'findings', 'finding', 'grouping'],
  warning: ['situation', 'warnings', 'warning', 'incident'],
  report: ['reports', 'report'],
  clock: ['situation', 'incidents', 'incident'],
  records: ['situation', 'sensors', 'links', 'link', 'coverage'],
  estate: [
    'topology',
    'reliances',
    'what-if',
    'business',
    'organisations',
    'networks',
    'links',
    'link',
    'assets',
    'businesses',
    'coverage',
    'quantification',
  ],
  audit: ['audit'],
  proposals: ['proposals'],
  packets: ['packet-requests', 'packet-request'],
  exposure: ['exposures', 'exposure', 'exposure-summary', 'vulnerabilities', 'vulnerability'],
};

/** Many changes come together; asking again more often than this only makes the page restless. */
const settleMs = 800;
/** A range that ends now moves on with new records, but not more often than a reader can follow. */
const epochMs = 5000;
/** Without new records it moves all the same, so that "the last 15 minutes" stays true. */
const slowEpochMs = 60_000;

export type Live = {
  state: 'connecting' | 'live' | 'broken';
  paused: boolean;
  /** Changes that came while paused. */
  pending: number;
  epoch: number;
  setPaused: (paused: boolean) => void;
  /** A page asks for quiet while somebody reads it; call the result to end it. */
  hold: () => () => void;
  refresh: () => void;
  /** The last thing worth saying aloud. */
  last: ChangeEvent | null;
};

const LiveContext = createContext<Live | null>(null);

function invalidate(client: QueryClient, kinds: Iterable<ChangeEvent['kind']>): void {
  const names = new Set([...kinds].flatMap((kind) => shownIn[kind]));
  void client.invalidateQueries({ predicate: ({ queryKey }) => names.has(String(queryKey[0])) });
}

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<Live['state']>('connecting');
  const [chosenPause, setChosenPause] = useState(false);
  const [holds, setHolds] = useState(0);
  const [pending, setPending] = useState(0);
  const [epoch, setEpoch] = useState(() => serverNow());
  const [last, setLast] = useState<ChangeEvent | null>(null);
  const paused = chosenPause || holds > 0;
  const pausedNow = useRef(paused);
  pausedNow.current = paused;
  const waiting = useRef(new Set<ChangeEvent['kind']>());

  useEffect(() => {
    let settle: ReturnType<typeof setTimeout> | undefined;
    let epochTimer: ReturnType<typeof setTimeout> | undefined;
    const source = new EventSource('/api/v1/events');
    const flush = () => {
      settle = undefined;
      if (pausedNow.current) return;
      const kinds = [...waiting.current];
      waiting.current.clear();
      invalidate(client, kinds);
    };
    const receive = (event: MessageEvent<string>) => {
      let change: ChangeEvent;
      try {
        change = JSON.parse(event.data) as ChangeEvent;
      } catch {
        return;
      }
      if (!(change.kind in shownIn)) return;
      waiting.current.add(change.kind);
      if (change.kind === 'incident' || change.kind === 'warning' || change.kind === 'clock') setLast(change);
      if (pausedNow.current) {
        setPending((count) => count + 1);
        return;
      }
      settle ??= setTimeout(flush, settleMs);
      if (change.kind === 'records' || change.kind === 'finding') {
        epochTimer ??= setTimeout(() => {
          epochTimer = undefined;
          if (!pausedNow.current) setEpoch(serverNow());
        }, epochMs);
      }
    };
    source.addEventListener('open', () => setState('live'));
    source.addEventListener('error', () => setState('broken'));
    source.addEventListener('message', receive);
    // The centre may name its events by kind; both forms are read.
    for (const kind of Object.keys(shownIn)) source.addEventListener(kind, receive as EventListener);
    const slow = setInterval(() => {
      if (!pausedNow.current) setEpoch(serverNow());
    }, slowEpochMs);
    return () => {
      clearInterval(slow);
      clearTimeout(settle);
      clearTimeout(epochTimer);
      source.close();
    };
  }, [client]);

  const refresh = useCallback(() => {
    waiting.current.clear();
    setPending(0);
    setEpoch(serverNow());
    void client.invalidateQueries();
  }, [client]);

  const setPaused = useCallback(
    (next: boolean) => {
      setChosenPause(next);
      if (!next) refresh();
    },
    [refresh],
  );

  const hold = useCallback(() => {
    setHolds((count) => count + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      setHolds((count) => count - 1);
    };
  }, []);

  const live = useMemo<Live>(
    () => ({ state, paused, pending, epoch, setPaused, hold, refresh, last }),
    [state, paused, pending, epoch, setPaused, hold, refresh, last],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useLive(): Live {
  const live = use(LiveContext);
  if (live === null) throw new Error('Live updates are used outside their provider.');
  return live;
}

/** The moment up to which a range that ends now is shown. */
export function useEpoch(): number {
  return use(LiveContext)?.epoch ?? 0;
}
