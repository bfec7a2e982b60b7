/** Beacons: a host that reports to one outside server at intervals, with messages of one size. The method is in README.md. */

import type { Seconds } from '@forewarn/base/time';
import type { RecordReference } from '@forewarn/model/finding';
import { BoundedMap } from '../../bounded.ts';
import { behaviour, count, flowOf, hourOf, latenessMax, median, medianDeviation } from '../behaviour.ts';

/** Pairs of inside host and outside server watched at once, at most 2 KB each: 200 MB when all are full, 30 MB as a rule. */
const pairsMax = 100_000;

/** Check-ins remembered of a pair; regularity shows in far fewer, and a change of rhythm must be able to show. */
const checkInsMax = 60;

type CheckIn = { ts: Seconds; bytes: number; answer: number; seconds: number; reference: RecordReference };

type Pair = { checkIns: CheckIn[]; total: number; window: Seconds | undefined; toldTotal: number };

export type Regularity = {
  /** Middle interval, seconds. */
  interval: number;
  /** Spread of the intervals and of the sizes, as a share of their middle. */
  jitter: number;
  sizeSpread: number;
  bytes: number;
  /** Share of the time in which a connection was open. */
  busy: number;
  /** Parts of the score, 0 to 1. */
  steady: number;
  symmetric: number;
  alike: number;
  score: number;
  /** Standard deviations by which the gaps are more even than gaps of chance are. */
  evenness: number;
};

/** Judges a series of check-ins in order of time. */
export function regularity(checkIns: readonly { ts: number; bytes: number; seconds: number }[], widest: number): Regularity {
  const gaps: number[] = [];
  for (let i = 1; i < checkIns.length; i++) gaps.push(checkIns[i]!.ts - checkIns[i - 1]!.ts);
  const interval = median(gaps);
  const jitter = interval > 0 ? medianDeviation(gaps, interval) / interval : Infinity;
  const sizes = checkIns.map((checkIn) => checkIn.bytes);
  const bytes = median(sizes);
  const sizeSpread = bytes > 0 ? medianDeviation(sizes, bytes) / bytes : Infinity;
  const steady = Math.max(0, 1 - jitter / widest);
  const alike = Math.max(0, 1 - sizeSpread / widest);
  const symmetric = 1 - Math.abs(bowleySkew(gaps));
  const span = checkIns.at(-1)!.ts - checkIns[0]!.ts;
  let open = 0;
  for (const checkIn of checkIns.slice(0, -1)) open += checkIn.seconds;
  return {
    interval,
    jitter,
    sizeSpread,
    bytes,
    busy: span > 0 ? open / span : 1,
    steady,
    symmetric,
    alike,
    // The mean of timing and size, as RITA weighs them; within timing, steadiness says more than symmetry when there are few gaps.
    score: 0.5 * (0.7 * steady + 0.3 * symmetric) + 0.5 * alike,
    evenness: evenness(gaps),
  };
}

/**
 * How far from chance the gaps are. For gaps of chance (exponential) 2n·(ln of the mean − mean of the ln) / (1 + (n+1)/6n) follows χ² with n − 1
 * degrees of freedom (Bartlett 1937, Moran 1951); even gaps make it small. Answered in standard deviations below the expected (Wilson and
 * Hilferty 1931), so that few gaps must be more even than many to count as much.
 */
function evenness(gaps: readonly number[]): number {
  const n = gaps.length;
  if (n < 3) return 0;
  let sum = 0;
  let logs = 0;
  for (const gap of gaps) {
    // Check-ins nearer than a millisecond are one; a gap of zero would make the rest look like nothing.
    const length = Math.max(gap, 0.001);
    sum += length;
    logs += Math.log(length);
  }
  const statistic = (2 * n * (Math.log(sum / n) - logs / n)) / (1 + (n + 1) / (6 * n));
  const spread = 2 / (9 * (n - 1));
  return (1 - spread - Math.cbrt(Math.max(0, statistic) / (n - 1))) / Math.sqrt(spread);
}

/** (Q1 + Q3 − 2·Q2) / (Q3 − Q1): 0 for symmetric gaps, towards 1 for gaps of chance (Bowley 1901). */
function bowleySkew(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const low = Math.floor(place);
    return sorted[low]! + (sorted[Math.min(low + 1, sorted.length - 1)]! - sorted[low]!) * (place - low);
  };
  const [q1, q2, q3] = [at(0.25), at(0.5), at(0.75)];
  return q3 - q1 > 0 ? (q1 + q3 - 2 * q2) / (q3 - q1) : 0;
}

export const beacon = behaviour({
  id: 'beacon',
  technique: ['T1071'],
  logs: ['conn', 'ipfix'],
  parameters: [
    'checkInsMin',
    'evennessMin',
    'spreadWidest',
    'scoreMin',
    'steadyMin',
    'intervalMin',
    'intervalMax',
    'busyMax',
    'bytesMax',
    'clientsMax',
    'mergeWithin',
    'timePort',
  ],
  start({ parameters, inside, prevalence, rule, sight }) {
    const pairs = new BoundedMap<string, Pair>(pairsMax);
    return {
      evictions: () => pairs.evictions,
      push(log, record) {
        const flow = flowOf(log, record);
        if (!flow || inside(flow.source) !== 'inside' || inside(flow.target) !== 'outside') return;
        const { proto, conn_state: state } = record;
        // The pieces of a long exported flow come at the steady interval of the exporter's clock.
        if (record['continued'] === true) return;
        if (proto !== 'tcp' && proto !== 'udp') return;
        // Clocks are set at steady intervals by design.
        if (proto === 'udp' && flow.port === parameters.timePort) return;
        // A server that never answers takes no reports.
        if (state === 'S0' || state === 'REJ' || count(record['resp_pkts']) === 0) return;
        const bytes = count(record['orig_bytes']);
        if (bytes === 0) return;
        const key = `${flow.source} ${flow.target} ${flow.port} ${proto}`;
        let pair = pairs.touch(key);
        if (!pair) {
          pair = { checkIns: [], total: 0, window: undefined, toldTotal: 0 };
          pairs.set(key, pair);
        }
        const checkIn = {
          ts: flow.ts,
          bytes,
          answer: count(record['resp_bytes']),
          seconds: count(record['duration']),
          reference: flow.reference,
        };
        if (!insert(pair.checkIns, checkIn, parameters.mergeWithin)) return;
        pair.total++;
        const { checkIns } = pair;
        if (checkIns.length < parameters.checkInsMin) return;
        // What many hosts do is the network's habit.
        if (prevalence.clientsOf(flow.target) > parameters.clientsMax) return;
        const found = regularity(checkIns, parameters.spreadWidest);
        if (found.interval < parameters.intervalMin || found.interval > parameters.intervalMax) return;
        if (found.busy > parameters.busyMax || found.bytes > parameters.bytesMax) return;
        if (found.evenness < parameters.evennessMin || found.steady < parameters.steadyMin || found.score < parameters.scoreMin)
          return;
        const first = pair.window === undefined;
        pair.window ??= hourOf(checkIns[0]!.ts);
        const names = prevalence.namesOf(flow.target);
        sight({
          rule,
          subject: key,
          window: pair.window,
          from: checkIns[0]!.ts,
          to: checkIns.at(-1)!.ts,
          technique: ['T1071'],
          tactic: ['command-and-control'],
          level: 'medium',
          // Benign programs beat as well: never sure, surer with more check-ins.
          confidence: Math.min(0.9, 0.4 + 0.4 * found.score + 0.1 * Math.min(1, checkIns.length / checkInsMax)),
          explanation: {
            text: names.length > 0 ? 'detect.beacon.named' : 'detect.beacon.unnamed',
            values: {
              source: flow.source,
              target: flow.target,
              name: names[0] ?? '',
              port: flow.port,
              count: pair.total,
              interval: round(found.interval),
              jitter: round(found.jitter * 100),
              bytes: Math.round(found.bytes),
              sizeSpread: round(found.sizeSpread * 100),
              score: round(found.score * 100),
              clients: prevalence.clientsOf(flow.target),
            },
          },
          source: flow.source,
          targets: [flow.target],
          names,
          records: first ? checkIns.map(({ reference }) => reference) : [flow.reference],
          recordCount: first ? pair.total : pair.total - pair.toldTotal,
          harm: null,
        });
        pair.toldTotal = pair.total;
      },
      advance(ts) {
        for (const [key, pair] of pairs.entries()) {
          // So many missed intervals of the slowest beacon, and it has stopped.
          if (pair.checkIns.at(-1)!.ts + 3 * parameters.intervalMax + latenessMax < ts) pairs.delete(key);
        }
      },
    };
  },
});

/** Puts a check-in in its place in time; connections opened together are one check-in. Returns whether it is a new one. */
function insert(checkIns: CheckIn[], checkIn: CheckIn, mergeWithin: number): boolean {
  let place = checkIns.length;
  while (place > 0 && checkIns[place - 1]!.ts > checkIn.ts) place--;
  const before = checkIns[place - 1];
  const after = checkIns[place];
  const near =
    before && checkIn.ts - before.ts < mergeWithin ? before : after && after.ts - checkIn.ts < mergeWithin ? after : undefined;
  if (near) {
    near.bytes += checkIn.bytes;
    near.seconds = Math.max(near.seconds, checkIn.seconds);
    return false;
  }
  checkIns.splice(place, 0, checkIn);
  if (checkIns.length > checkInsMax) checkIns.shift();
  return true;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
