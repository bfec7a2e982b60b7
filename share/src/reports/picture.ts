/** What a report of the situation is made of: the numbers of its issuer, and the lists of who reads the copy. */

import type { ClockView, IncidentSummary, WarningView } from '@forewarn/model/api';
import type { ResponseRatioView, SituationIndexView, SituationTrendView } from '@forewarn/model/situation-api';
import type { Words } from '@forewarn/model/text';
import type { Scheme } from './grades.ts';

/** Numbers of the issuer. */
export type SituationNumbers = {
  readonly scheme: Scheme;
  readonly index: SituationIndexView | null;
  readonly trend: SituationTrendView['points'];
  /** Opened in the time, and in as much time before it. */
  readonly opened: number;
  readonly openedBefore: number;
  readonly closed: number;
  /** Incidents that are not closed, by proven level; `possibly`: of them, those that could be graver. */
  readonly openByLevel: readonly { readonly level: number | null; readonly count: number; readonly possibly: number }[];
  readonly clocks: { readonly running: number; readonly dueSoon: number; readonly missed: number };
  readonly warnings: { readonly issued: number; readonly inForce: number; readonly unacknowledged: number };
  readonly ratio: ResponseRatioView | null;
  readonly exposures: readonly {
    readonly outcome: Words;
    readonly exposed: number;
    readonly possibly: number;
    readonly open: number;
  }[];
  readonly coverage: readonly {
    readonly type: string;
    readonly state: 'seen' | 'silent' | 'blind';
    readonly networks: number;
    readonly seen: number;
  }[];
};

/** A forecast that was made and stands. */
export type ForecastRow = {
  readonly number: string;
  readonly scheme: string;
  readonly now: number | null;
  readonly madeAt: number;
  readonly horizons: readonly {
    readonly hours: number;
    readonly low: number | null;
    readonly expected: number | null;
    readonly high: number | null;
  }[];
};

/** Lists of whoever reads the copy. */
export type SituationLists = {
  /** Opened or changed in the time, and all that are open: the gravest first. */
  readonly incidents: readonly IncidentSummary[];
  readonly clocks: readonly (ClockView & { readonly number: string })[];
  readonly warnings: readonly WarningView[];
  readonly rated: ResponseRatioView['items'];
  readonly forecasts: readonly ForecastRow[];
};
