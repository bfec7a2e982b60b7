/**
 * A host, service or link that does far more than at this hour of the weeks before. What it did is counted by queries over the store; here it is
 * judged and explained. Never a person: what is counted are addresses, ports and links.
 */

import type { Seconds } from '@forewarn/base/time';
import type { Finding, RecordReference } from '@forewarn/model/finding';
import type { Words } from '@forewarn/model/text';
import type { BehaviourSettings } from '../behaviours/behaviour.ts';
import { findingId } from '../ledger.ts';
import { confidenceOf, deviationOf, hourSeconds, seasonOf, type Sample, type Season } from './season.ts';

export const subjectKinds = ['host', 'service', 'link'] as const;
export type SubjectKind = (typeof subjectKinds)[number];

/** `host 10.0.0.1`, `service 10.0.0.1 443`, `link uplink`. */
export type Subject = { readonly kind: SubjectKind; readonly name: string };
export const subjectText = ({ kind, name }: Subject): string => `${kind} ${name}`;

/** What is counted in an hour. `out`: bytes that leave a host or a service, or pass a link; `peers`: hosts at the other end. */
export type Hour = { readonly out: number; readonly connections: number; readonly peers: number; readonly failed: number };

export const measures = ['out', 'connections', 'peers', 'failed'] as const;
export type Measure = (typeof measures)[number];

export const unusualHourParameters = [
  'weeks',
  'weeksMin',
  'deviationMin',
  'spreadMin',
  'shareSpreadMin',
  'outMin',
  'connectionsMin',
  'destinationsMin',
  'failedMin',
] as const;

export type UnusualHourParameters = { readonly [name in (typeof unusualHourParameters)[number]]: number };

/** What was in an hour of a week before: the same hour of the week, the one before or the one after it. */
export type PastHour = { readonly week: number; readonly shift: number; readonly hour: Hour };

export type Judged = {
  readonly measure: Measure;
  readonly value: number;
  readonly season: Season;
  readonly deviation: number;
};

/** A measure of an hour; of the failed ones, their share. */
export function valueOf(hour: Hour, measure: Measure): number {
  if (measure !== 'failed') return hour[measure];
  return hour.connections === 0 ? 0 : hour.failed / hour.connections;
}

/** What is usual of each measure at an hour of the week, by those hours that say something. */
export function seasonsOf(
  past: readonly PastHour[],
  parameters: UnusualHourParameters,
  shift = 0,
): { measure: Measure; season: Season }[] {
  const own = past.filter((one) => one.shift === shift);
  return measures.flatMap((measure) => {
    const isShare = measure === 'failed';
    // An hour without connections has no share.
    const said = isShare ? own.filter(({ hour }) => hour.connections > 0) : own;
    const samples: Sample[] = said.map(({ week, hour }) => ({ week, value: valueOf(hour, measure) }));
    const season = seasonOf(samples, isShare ? 'share' : 'amount', parameters);
    return season ? [{ measure, season }] : [];
  });
}

/** What of an hour is unusual, the most unusual first; nothing where too little is known. */
export function judgeHour(now: Hour, past: readonly PastHour[], parameters: UnusualHourParameters): Judged[] {
  const enough = {
    out: now.out >= parameters.outMin,
    connections: now.connections >= parameters.connectionsMin,
    peers: now.peers >= parameters.destinationsMin,
    failed: now.failed >= parameters.failedMin,
  };
  // What is usual an hour earlier or later is usual: a peak moves with summer time, and with who comes late.
  const neighbours = [-1, 1].flatMap((shift) => seasonsOf(past, parameters, shift));
  return seasonsOf(past, parameters)
    .filter(({ measure }) => enough[measure])
    .map(({ measure, season: own }): Judged => {
      const value = valueOf(now, measure);
      const seasons = [own, ...neighbours.filter((one) => one.measure === measure).map(({ season }) => season)];
      const nearest = seasons.reduce((best, one) => (deviationOf(one, value) < deviationOf(best, value) ? one : best));
      const season = { ...nearest, most: Math.max(...seasons.map(({ most }) => most)) };
      return { measure, value, season, deviation: deviationOf(season, value) };
    })
    .filter(({ deviation, value, season }) => deviation >= parameters.deviationMin && value > season.most)
    .sort((a, b) => b.deviation - a.deviation);
}

export type UnusualHour = {
  subject: Subject;
  hour: Seconds;
  judged: readonly Judged[];
  /** The largest records of the hour, and the hosts at the other end. */
  records: readonly RecordReference[];
  targets: readonly string[];
  connections: number;
};

/** The finding, with its explanation in parts: each measure, what is usual, and how much is known. */
export function unusualHourFinding(
  { subject, hour, judged, records, targets, connections }: UnusualHour,
  settings: Pick<BehaviourSettings, 'behaviour' | 'version' | 'name'>,
  parameters: UnusualHourParameters,
): Finding {
  const rule = `behaviour:${settings.behaviour}`;
  const [first, ...others] = judged;
  const { season, deviation } = first!;
  const parts = judged.map(partOf);
  const joined = parts
    .slice(1)
    .reduce<Words>((text, part) => ({ text: 'detect.unusual-hour.and', values: { first: text, second: part } }), parts[0]!);
  // Further from what is usual is surer, and several measures at once are.
  const margin = Math.min(1, deviation / (2 * parameters.deviationMin));
  const confidence = Math.min(0.9, confidenceOf(season, parameters.weeks) * (0.6 + 0.3 * margin) + 0.05 * others.length);
  return {
    id: findingId(rule, subjectText(subject), hour),
    from: hour,
    to: hour + hourSeconds,
    rule: { id: rule, version: settings.version, kind: 'behaviour', name: settings.name },
    technique: [],
    tactic: [],
    level: judged.length > 1 ? 'medium' : 'low',
    confidence,
    explanation: {
      text: `detect.unusual-hour.${subject.kind}`,
      values: {
        subject: subject.name,
        parts: joined,
        weeks: season.weeks,
        confidence: Math.round(100 * confidenceOf(season, parameters.weeks)),
      },
    },
    source: subject.name.split(' ')[0]!,
    targets: targets.slice(0, 1_000),
    names: [],
    records: records.slice(0, 100),
    recordCount: Math.max(1, connections),
    harm: null,
  };
}

function partOf({ measure, value, season, deviation }: Judged): Words {
  const shown = (number: number): number => (measure === 'failed' ? Math.round(100 * number) : Math.round(number));
  return {
    text: `detect.unusual-hour.${measure}`,
    values: {
      value: shown(value),
      usual: shown(season.median),
      most: shown(season.most),
      deviation: Math.round(deviation * 10) / 10,
    },
  };
}
