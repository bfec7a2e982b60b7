/** One window of the query algebra on records given one by one: its conditions compiled, its chains put after what they hear. */

import type { Seconds } from '@forewarn/base/time';
import { RecordView, compileIn } from '@forewarn/model/query/evaluate';
import type { EventFields, WindowQuery } from '@forewarn/model/query/window';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Listened } from './collection.ts';
import { createCorrelator, type Correlated, type Correlating } from './correlate.ts';

export type WindowRunner = {
  push(log: string, record: AnyRecord): void;
  /** Record time has come to `ts`. */
  advance(ts: Seconds): void;
  end(): void;
  readonly evictions: () => number;
};

type Told = Pick<Correlated<Correlating>, 'group' | 'number' | 'from' | 'to'>;

/** Tells each time that the window holds; what its chains hear of is not told. Refusals: those of `compile`. */
export function createWindowRunner(
  window: WindowQuery,
  { lateness, tell }: { lateness: Seconds; tell: (told: Told) => void },
): WindowRunner {
  const view = new RecordView();
  const correlations: Correlating[] = [];
  const tests: { id: string; logs: ReadonlySet<string>; matches: () => boolean }[] = [];

  function take(of: WindowQuery): string {
    const listens = new Map<string, Listened>();
    for (const [index, source] of of.of.entries()) {
      if (source.kind === 'window') {
        const { by, values } = source;
        listens.set(take(source.window), { index, namesOf: () => ({ by, values }) });
        continue;
      }
      const id = `records ${tests.length}`;
      const names = new Map<string, EventFields>();
      for (const { logs, where, by, values } of source.parts) {
        for (const log of logs) names.set(log, { by, values });
        tests.push({ id, logs: new Set(logs), matches: compileIn(view, where) });
      }
      listens.set(id, { index, namesOf: (log) => names.get(log) ?? names.get('*')! });
    }
    const id = `window ${correlations.length}`;
    correlations.push({ ...of, id, listens });
    return id;
  }
  const whole = take(window);
  const correlator = createCorrelator(correlations, {
    lateness,
    tell: ({ correlation, group, number, from, to }) => {
      if (correlation.id === whole) tell({ group, number, from, to });
    },
  });
  return {
    push(log, record) {
      view.set(record);
      for (const { id, logs, matches } of tests) {
        if ((logs.has(log) || logs.has('*')) && matches()) correlator.push(id, log, record, () => undefined);
      }
    },
    advance: (ts) => correlator.advance(ts),
    end: () => correlator.end(),
    evictions: correlator.evictions,
  };
}
