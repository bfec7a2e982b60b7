/**
 * Records in, findings out. Rules about single records, indicators and behaviours look at each record as it passes; what they see
 * becomes findings in the ledger. Nothing here knows the time of day: `advance` moves record time.
 */

import { createHash } from 'node:crypto';
import type { Seconds } from '@forewarn/base/time';
import { Refusal } from '@forewarn/base/refusal';
import { subjectFields, type RecordReference } from '@forewarn/model/finding';
import type { AnyRecord } from '@forewarn/model/records/record';
import { recordType } from '@forewarn/model/records/index';
import { widened } from '@forewarn/model/records/open';
import type { Words } from '@forewarn/model/text';
import {
  checkSettings,
  count,
  flowOf,
  hourOf,
  latenessMax,
  type BehaviourSettings,
  type Running,
} from './behaviours/behaviour.ts';
import { behaviours as knownBehaviours } from './behaviours/index.ts';
import { Prevalence } from './behaviours/prevalence.ts';
import type { CostMeter } from './cost.ts';
import { eveFlow } from './eve-flows.ts';
import { createExportedFlows } from './exported-flows.ts';
import { createIndicatorWatch, type TacticOf } from './indicators/meet.ts';
import type { Indicators } from './indicators/indicators.ts';
import { createHosts } from './hosts.ts';
import { createInside, type Inside } from './inside.ts';
import { createLedger, type FindingSink, type Sighting } from './ledger.ts';
import type { ResolvedCorrelation } from './sigma/collection.ts';
import { createCorrelator, type Correlated } from './sigma/correlate.ts';
import type { About } from './sigma/document.ts';
import type { SigmaRule } from './sigma/rule.ts';
import { createRuleSet } from './sigma/ruleset.ts';

export type DetectorOptions = {
  rules?: readonly SigmaRule[];
  correlations?: readonly ResolvedCorrelation[];
  /** One set, or several: those that all organisations share, and one's own. */
  indicators?: Indicators | readonly Indicators[];
  /** The numbers of the behaviours that shall run. */
  behaviours?: readonly BehaviourSettings[];
  /** Own networks; the private ones when there are none. */
  localNetworks?: readonly string[];
  /** The tactic of a technique, for indicators that name one. */
  tacticOf?: TacticOf;
  /** Confidence of a Sigma rule by its status. */
  confidence?: { readonly [status: string]: number };
  /** Samples what rules and behaviours cost. */
  cost?: CostMeter;
  /**
   * Receives each finding when it opens, again when it has grown (at most once a minute of record time) and a last time at
   * its end; the id stays, and each time the finding is whole.
   */
  sink: FindingSink;
};

export type Detector = {
  push(log: string, record: AnyRecord): void;
  /** Record time has come to `ts`: what is due is told, what has ended is forgotten. */
  advance(ts: Seconds): void;
  /** No more records: all that has changed is told. */
  end(): void;
  /** The inside address of a host's name, as far as the records have said it by now; else what was given. */
  addressOf(host: string): string;
  readonly counts: DetectorCounts;
};

export type DetectorCounts = {
  records: number;
  findings: number;
  /** Findings told, growth included. */
  told: number;
  /** Table entries that had to go before their time: above 0 something may have been missed. */
  evictions: number;
  rules: number;
  correlations: number;
  indicators: number;
  behaviours: number;
};

/** Sigma has no confidence; its status says how well a rule is tried. */
export const confidenceOfStatus: { readonly [status: string]: number } = {
  stable: 0.8,
  test: 0.65,
  experimental: 0.5,
  deprecated: 0.3,
  unsupported: 0.3,
};

/** Record time moves on by itself, in steps of so many seconds, when the caller does not say otherwise. */
const advanceEvery = 30;

/** A record dated further ahead than this does not move record time: one wrong clock would close all windows. A day. */
const leapMax = 86_400;

export function createDetector(options: DetectorOptions): Detector {
  const inside = createInside(options.localNetworks);
  const hosts = createHosts(inside);
  const ledger = createLedger(options.sink);
  const rules = createRuleSet(options.rules ?? []);
  const prevalence = new Prevalence(inside);
  const settings = options.behaviours ?? [];
  const running: { id: string; logs: ReadonlySet<string>; run: Running }[] = settings.map((of) => {
    const behaviour = knownBehaviours.find((candidate) => candidate.id === of.behaviour);
    if (!behaviour) {
      throw new Refusal('detect.behaviour', `There is no behaviour "${of.behaviour}".`, {
        advice: `Known are ${knownBehaviours.map(({ id }) => id).join(', ')}.`,
      });
    }
    checkSettings(behaviour, of);
    const context = {
      parameters: of.parameters,
      inside,
      prevalence,
      rule: { id: `behaviour:${of.behaviour}`, version: of.version, kind: 'behaviour' as const, name: of.name },
      sight: (sighting: Sighting) => ledger.sight(sighting),
    };
    return { id: context.rule.id, logs: new Set(behaviour.logs), run: behaviour.start(context) };
  });
  const indicators: readonly Indicators[] = options.indicators === undefined ? [] : [options.indicators].flat();
  const watch =
    indicators.length > 0
      ? createIndicatorWatch(indicators, {
          inside,
          sight: (sighting) => ledger.sight(sighting),
          tacticOf: options.tacticOf ?? (() => undefined),
        })
      : undefined;
  const exported = createExportedFlows((flow, of) => {
    const named = { ...flow, uid: recordName('ipfix', of) };
    watch?.('ipfix', named);
    prevalence.push('ipfix', named);
    for (const { logs, run } of running) if (logs.has('ipfix')) run.push('ipfix', named);
  });
  const confidences = options.confidence ?? confidenceOfStatus;
  const correlator = createCorrelator(options.correlations ?? [], {
    lateness: latenessMax,
    tell: (correlated) => {
      if (correlated.correlation.alone) ledger.sight(correlationSighting(correlated, inside, confidences));
    },
  });
  let records = 0;
  let watermark = -Infinity;
  let advancedAt = -Infinity;

  const behave = (log: string, record: AnyRecord, cost: CostMeter | undefined): void => {
    prevalence.push(log, record);
    for (const { id, logs, run } of running) {
      if (!logs.has(log)) continue;
      if (cost) cost.time(id, () => run.push(log, record));
      else run.push(log, record);
    }
  };

  const advance = (ts: Seconds): void => {
    if (ts <= advancedAt) return;
    advancedAt = ts;
    watermark = Math.max(watermark, ts);
    exported.advance(ts);
    correlator.advance(ts);
    for (const { run } of running) run.advance(ts);
    ledger.advance(ts);
  };

  return {
    get counts() {
      return {
        records,
        findings: ledger.counts.findings,
        told: ledger.counts.told,
        evictions:
          ledger.counts.evictedEarly +
          prevalence.evictions +
          exported.evictions +
          correlator.evictions() +
          running.reduce((sum, { run }) => sum + run.evictions(), 0),
        rules: rules.rules.length,
        correlations: options.correlations?.length ?? 0,
        indicators: indicators.reduce((sum, { size }) => sum + size, 0),
        behaviours: running.length,
      };
    },
    push(log, record) {
      records++;
      hosts.push(log, record);
      // What a centre kept of fields that nobody declared stands together in one.
      const whole = widened(record);
      const cost = options.cost?.due(log) ? options.cost : undefined;
      for (const rule of cost ? rules.matchTimed(log, whole, cost) : rules.match(log, whole)) {
        if (rule.alone) ledger.sight(sightingOf(rule, log, record, inside, confidences));
        correlator.push(rule.id, log, whole, () => referenceOf(log, record));
      }
      if (log === 'ipfix' || log === 'ipfix_options') exported.push(log, record);
      else {
        watch?.(log, record);
        if (running.length > 0) {
          // Suricata's flows and answers are looked at as such, and cited as the events they are.
          const flow = log === 'suricata' ? eveFlow(record) : undefined;
          if (flow) behave(flow.log, { ...flow.record, uid: recordName(log, record) }, cost);
          else behave(log, record, cost);
        }
      }
      const ts = record['ts'];
      if (typeof ts === 'number' && ts > watermark && (watermark === -Infinity || ts - watermark < leapMax)) {
        watermark = ts;
        if (ts - advancedAt >= advanceEvery) advance(ts);
      }
    },
    advance,
    addressOf: (host) => hosts.addressOf(host),
    end() {
      exported.end();
      correlator.end();
      ledger.end();
    },
  };
}

/** What a rule saw in one record, or a correlation at its last. */
export function sightingOf(
  rule: About,
  log: string,
  record: AnyRecord,
  inside: Inside,
  confidences: { readonly [status: string]: number },
): Sighting {
  const flow = flowOf(log, record);
  const ts = flow?.ts ?? (typeof record['ts'] === 'number' ? record['ts'] : 0);
  const source = flow?.source ?? subjectOf(record);
  const name = text(record['server_name']) ?? text(record['query']) ?? (log === 'http' ? text(record['host']) : undefined);
  const values: { [name: string]: string | number | Words } = {
    rule: rule.title,
    source: source === '' ? { text: 'detect.sigma.unknown-source' } : source,
    target: flow?.target ?? '',
    port: flow?.port ?? 0,
    name: name ?? flow?.target ?? '',
    log,
    ...shown(log, record),
  };
  const answered = log !== 'conn' || count(record['resp_bytes']) > 0;
  const confidence = (confidences[rule.status] ?? 0.5) * (answered ? 1 : 0.7);
  return {
    rule: { id: rule.id.slice(0, 200), version: rule.version.slice(0, 64), kind: 'sigma', name: rule.title },
    subject: `${source} ${flow && inside(source) === 'inside' ? flow.target : ''}`,
    window: hourOf(ts),
    from: ts,
    to: ts,
    technique: rule.technique,
    tactic: rule.tactic,
    level: rule.level,
    confidence,
    explanation: { text: rule.explanation ?? (flow ? 'detect.sigma.flow' : 'detect.sigma.host'), values },
    source,
    targets: flow ? [flow.target] : [],
    names: name === undefined ? [] : [name],
    records: [referenceOf(log, record)],
    recordCount: 1,
    harm: rule.harm,
  };
}

/** What a correlation saw: the record at which it held says whom it is about, the group which of several it is. */
export function correlationSighting(
  { correlation, group, number, from, to, references, fresh, log, record }: Correlated,
  inside: Inside,
  confidences: { readonly [status: string]: number },
): Sighting {
  const at = sightingOf(correlation, log, record, inside, confidences);
  const { type, fields, percentile, seconds } = correlation;
  const span: Words =
    seconds % 60 === 0
      ? { text: 'detect.sigma.minutes', values: { count: seconds / 60 } }
      : { text: 'detect.sigma.seconds', values: { count: seconds } };
  const values = {
    ...at.explanation.values,
    number: Math.round(number * 100) / 100,
    span,
    field: fields.join(', '),
    percentile: percentile ?? 0,
  };
  const kind = type === 'value_percentile' && percentile === undefined ? 'value_share' : type;
  return {
    ...at,
    subject: JSON.stringify(group),
    window: hourOf(from),
    from,
    to,
    explanation: { text: correlation.explanation ?? `detect.sigma.${kind.replaceAll('_', '-')}`, values },
    records: references as RecordReference[],
    recordCount: fresh,
  };
}

/** How a finding names a record. */
export const referenceOf = (log: string, record: AnyRecord): RecordReference =>
  flowOf(log, record)?.reference ?? {
    log,
    uid: recordName(log, record),
    ts: typeof record['ts'] === 'number' ? record['ts'] : 0,
  };

/** Events of hosts, clouds and devices have no flow. */
function subjectOf(record: AnyRecord): string {
  for (const name of subjectFields) {
    const value = text(record[name]);
    if (value !== undefined) return value;
  }
  return '';
}

/** Values that sentences of own rules may show: technical columns only, since a sentence goes further than a record. */
function shown(log: string, record: AnyRecord): { [name: string]: string | number } {
  const values: { [name: string]: string | number } = {};
  for (const [column, { class: of }] of Object.entries(recordType(log)?.columns ?? {})) {
    const value = record[column];
    if (of !== 'technical') continue;
    if (typeof value === 'number') values[column.replaceAll('.', '_')] = value;
    else if (typeof value === 'string') values[column.replaceAll('.', '_')] = value.slice(0, 200);
  }
  return values;
}

function text(value: AnyRecord[string]): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 255) : undefined;
}

/** A name for a record without a uid, from its content. */
function recordName(log: string, record: AnyRecord): string {
  return createHash('sha256')
    .update(JSON.stringify([log, record]))
    .digest('hex')
    .slice(0, 24);
}
