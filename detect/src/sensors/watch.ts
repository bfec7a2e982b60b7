/**
 * Sensors that fall silent or drop: what is not seen cannot be found, so the loss of sight is a finding itself. Its numbers are content
 * (`content/behaviours/silent-sensor.yaml`, `dropping-sensor.yaml`).
 *
 * A finding about a sensor grows while its trouble lasts and says at last when that was over, under the same id. Reports and the present come
 * from outside; nothing here keeps time.
 */

import type { Seconds } from '@forewarn/base/time';
import { Refusal } from '@forewarn/base/refusal';
import type { Finding } from '@forewarn/model/finding';
import type { SensorReport } from '@forewarn/model/sensor';
import type { Words } from '@forewarn/model/text';
import type { BehaviourSettings } from '../behaviours/behaviour.ts';
import { findingId } from '../ledger.ts';

const parameters = {
  'silent-sensor': ['silentAfter'],
  'dropping-sensor': ['droppedShare', 'droppedMin', 'overAfter'],
} as const;
export type SensorRule = keyof typeof parameters;

export type SensorRules = { readonly [rule in SensorRule]: BehaviourSettings };

/** Checks that a file's numbers are the rule's: every one, and no other. */
export function checkSensorRule(rule: SensorRule, settings: BehaviourSettings): BehaviourSettings {
  const names: readonly string[] = parameters[rule];
  const given = Object.keys(settings.parameters);
  const wrong = names.find((name) => !given.includes(name)) ?? given.find((name) => !names.includes(name));
  if (wrong === undefined) return settings;
  throw new Refusal(
    'detect.parameter',
    given.includes(wrong)
      ? `The rule "${rule}" has no parameter "${wrong}".`
      : `The rule "${rule}" needs the parameter "${wrong}".`,
    { advice: `Its parameters are ${names.join(', ')}.` },
  );
}

/** A finding that is going on, as the caller keeps it: what it counts so far, and when the trouble was last seen. */
export type OpenFinding = {
  finding: string;
  since: Seconds;
  lastAt: Seconds;
  dropped: number;
  of: number;
  lostRecords: number;
  reports: number;
};
export type OpenFindings = { readonly [rule in SensorRule]?: OpenFinding };

export type SensorSeen = {
  sensor: string;
  /** By the centre's clock. */
  reportedAt: Seconds;
  report: SensorReport;
};

export type Judged = { findings: Finding[]; open: OpenFindings };

const number = (stats: SensorReport['stats'], name: string): number => {
  const value = stats[name];
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
};

/** Packets of a report that were there to be seen, and those of them that were not. */
export function dropsOf(stats: SensorReport['stats']): { dropped: number; of: number; share: number } {
  const cards = number(stats, 'pkts_if_dropped');
  const dropped = number(stats, 'pkts_dropped') + cards;
  // What passed the kernel's filter includes what it dropped; what the card dropped never came so far.
  const of = number(stats, 'pkts_link') + cards;
  return { dropped, of, share: of === 0 ? 0 : dropped / of };
}

/** Whether it should be heard of: a pipe that ended has said all it had to say. */
const expected = ({ input, stopping }: SensorReport): boolean => !(stopping && input === 'stdin');

/** `since`: how long the centre itself has listened. While it was away nobody could be heard. */
export function isSilent(seen: SensorSeen, { at, since }: { at: Seconds; since: Seconds }, rules: SensorRules): boolean {
  return expected(seen.report) && at - Math.max(seen.reportedAt, since) > rules['silent-sensor'].parameters['silentAfter']!;
}

/** A report has come: what is found of it, what is over by it. */
export function judgeReport(seen: SensorSeen, open: OpenFindings, rules: SensorRules): Judged {
  const findings: Finding[] = [];
  const { 'silent-sensor': silent, 'dropping-sensor': dropping, ...none } = open;
  const kept: { -readonly [rule in SensorRule]?: OpenFinding } = none;
  const { sensor, reportedAt: at, report } = seen;
  if (silent) {
    const values = { sensor, minutes: minutesOf(at - silent.since), seconds: Math.round(at - silent.since) };
    findings.push(findingOf(seen, 'silent-sensor', rules, silent, at, { text: 'detect.sensor.silent-over', values }));
  }
  const { droppedShare, droppedMin, overAfter } = rules['dropping-sensor'].parameters as {
    [name in 'droppedShare' | 'droppedMin' | 'overAfter']: number;
  };
  const drops = dropsOf(report.stats);
  const lostRecords = number(report.stats, 'lost_records');
  const bad = (drops.dropped >= droppedMin && drops.share >= droppedShare) || lostRecords > 0;
  const was = dropping && at - dropping.lastAt <= overAfter ? dropping : undefined;
  if (dropping && !was) {
    findings.push(findingOf(seen, 'dropping-sensor', rules, dropping, dropping.lastAt, droppedWords(sensor, dropping, true)));
  }
  if (bad) {
    const span = number(report.stats, 'span');
    const since = was?.since ?? at - span;
    const now: OpenFinding = {
      finding: was?.finding ?? findingId('dropping-sensor', sensor, since),
      since,
      lastAt: at,
      dropped: (was?.dropped ?? 0) + drops.dropped,
      of: (was?.of ?? 0) + drops.of,
      lostRecords: (was?.lostRecords ?? 0) + lostRecords,
      reports: (was?.reports ?? 0) + 1,
    };
    kept['dropping-sensor'] = now;
    findings.push(findingOf(seen, 'dropping-sensor', rules, now, at, droppedWords(sensor, now, false)));
  } else if (was) kept['dropping-sensor'] = was;
  return { findings, open: kept };
}

/** Time has passed without a report. Nothing when nothing is new. */
export function judgeSilence(
  seen: SensorSeen,
  open: OpenFindings,
  listened: { at: Seconds; since: Seconds },
  rules: SensorRules,
): Judged | undefined {
  if (open['silent-sensor'] || !isSilent(seen, listened, rules)) return undefined;
  const { at } = listened;
  const { sensor, reportedAt: since, report } = seen;
  const now: OpenFinding = {
    finding: findingId('silent-sensor', sensor, since),
    since,
    lastAt: at,
    dropped: 0,
    of: 0,
    lostRecords: 0,
    reports: 1,
  };
  const values = { sensor, minutes: minutesOf(at - since), seconds: Math.round(at - since) };
  const explanation = { text: report.stopping ? 'detect.sensor.stopped' : 'detect.sensor.silent', values };
  return {
    findings: [findingOf(seen, 'silent-sensor', rules, now, at, explanation)],
    open: { ...open, 'silent-sensor': now },
  };
}

const minutesOf = (seconds: Seconds): number => Math.max(1, Math.round(seconds / 60));

function droppedWords(sensor: string, open: OpenFinding, over: boolean): Words {
  const parts: Words[] = [];
  if (open.dropped > 0) {
    const share = open.of === 0 ? 0 : Math.round((open.dropped / open.of) * 1000) / 10;
    parts.push({ text: 'detect.sensor.dropped', values: { dropped: open.dropped, share } });
  }
  if (open.lostRecords > 0) parts.push({ text: 'detect.sensor.lost', values: { records: open.lostRecords } });
  return { text: over ? 'detect.sensor.dropping-over' : 'detect.sensor.dropping', values: { sensor, what: parts } };
}

function findingOf(
  { sensor }: SensorSeen,
  rule: SensorRule,
  rules: SensorRules,
  open: OpenFinding,
  to: Seconds,
  explanation: Words,
): Finding {
  const { version, name } = rules[rule];
  return {
    id: open.finding,
    from: open.since,
    to: Math.max(to, open.since),
    rule: { id: `behaviour:${rule}`, version, kind: 'behaviour', name },
    // A lost sensor is no technique by itself: it is most often a cable. An attacker's part in it is for a person to see.
    technique: [],
    tactic: [],
    level: 'medium',
    confidence: 1,
    explanation,
    source: sensor,
    targets: [],
    names: [],
    records: [],
    recordCount: open.reports,
    harm: null,
  };
}
