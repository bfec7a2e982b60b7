/**
 * What runs over the stored records again and again. Each row says how far it has come; a run looks at what lies between there and an hour ago, and what
 * it finds is written in the same transaction that moves the row on. So a part of time is looked at once, whatever happens in between, and what was missed
 * while the centre was stopped is looked at afterwards, a day at a time.
 */

import { Refusal } from '@forewarn/base/refusal';
import type { DetectionContent } from '@forewarn/detect/content';
import { createScheduledFindings, type ScheduledFindings } from '@forewarn/detect/scheduled';
import type { ResolvedCorrelation } from '@forewarn/detect/sigma/collection';
import type { About } from '@forewarn/detect/sigma/document';
import { Finding } from '@forewarn/model/finding';
import { logsMax, parseKql } from '@forewarn/model/kql/kql';
import { recordType, recordTypes } from '@forewarn/model/records/index';
import type { AnyRecord } from '@forewarn/model/records/record';
import { scheduleLatenessSeconds } from '@forewarn/model/schedule';
import { isClosing } from '@forewarn/model/query/window';
import type { Taken } from '@forewarn/store/clickhouse/past';
import type { RecordRange } from '@forewarn/store/clickhouse/records';
import { readEstate } from '@forewarn/store/resources/estate';
import {
  advanceSchedule,
  putSchedule,
  removeSchedules,
  schedulesDue,
  textOfHunt,
  troubleSchedule,
  type Schedule,
} from '@forewarn/store/resources/schedules';
import { listSensors } from '@forewarn/store/resources/sensors';
import type { Center } from '../center-parts.ts';
import { findingsWriter } from '../incidents/open.ts';
import { replaySeconds } from '../pipeline/replay.ts';
import { idWithin } from '../pipeline/watch.ts';
import { partsAt } from '../trials/trial.ts';

/** Parts that one look makes good: a week of days that the centre was stopped. */
const roundsMax = 8;

/** Rows of one round; the others follow in the next. */
const rowsMax = 50;

/** What was missed is made good a day at a time, so that one run stays short. */
const partSeconds = 86_400;

/** After trouble it is tried again, when what was in the way may have passed. */
const retrySeconds = 900;

/** Hits of one run that become findings; a rule that holds more often needs an exception, and the rest is counted by a trial. */
const hitsMax = 1_000;

/** Records that a finding cites. */
const citedMax = 20;

/** Runs for a window: often enough that a sign of a week is not a day old, seldom enough that a week is not read every minute. */
export const everySeconds = (seconds: number): number => Math.min(86_400, Math.max(900, seconds / 24));

/** Correlations that the stream would forget when it is started anew: they run over what is stored. */
export const isScheduled = ({ seconds }: Pick<ResolvedCorrelation, 'seconds'>): boolean => seconds > replaySeconds;

/** The loaded detection without what runs on a schedule: for the stream. */
export const streamed = (detection: DetectionContent): DetectionContent => ({
  ...detection,
  correlations: detection.correlations.filter((one) => !isScheduled(one)),
});

/** Something else that runs on a schedule: the findings of a range. */
export type ScheduledWork = (
  center: Center,
  asked: { organisation: string; networks: readonly string[]; range: RecordRange; taken: Taken },
) => Promise<Finding[]>;

export type ScheduledWorks = { readonly [rule: string]: { title: string; everySeconds: number; run: ScheduledWork } };

/** Makes the rows of what is loaded, for every organisation that has a sensor, and looks at what is due. Answers how many times a row moved on. */
export async function runSchedules(
  center: Center,
  detection: Pick<DetectionContent, 'correlations'>,
  works: ScheduledWorks = {},
): Promise<number> {
  const now = center.clock.now();
  const ready = now - scheduleLatenessSeconds;
  const long = detection.correlations.filter((one) => one.alone && isScheduled(one));
  const own = Object.entries(works);
  await center.database.system(async (tx) => {
    const organisations = [...new Set((await listSensors(tx)).map(({ organisation }) => organisation))];
    for (const organisation of organisations) {
      for (const { id, title, seconds, level } of long) {
        const every = everySeconds(seconds);
        await putSchedule(tx, {
          kind: 'correlation',
          rule: id,
          organisation,
          title,
          everySeconds: every,
          level,
          owner: '',
          until: ready,
        });
      }
      for (const [rule, { title, everySeconds: every }] of own) {
        const until = Math.floor(ready / every) * every;
        await putSchedule(tx, {
          kind: 'baseline',
          rule,
          organisation,
          title,
          everySeconds: every,
          level: null,
          owner: '',
          until,
        });
      }
    }
  });
  let moved = 0;
  for (let round = 0; round < roundsMax; round++) {
    const due = await center.database.system((tx) => schedulesDue(tx, ready, now - retrySeconds, rowsMax));
    let inRound = 0;
    for (const schedule of due) if (await runOne(center, long, works, schedule, ready)) inRound++;
    moved += inRound;
    if (inRound === 0) break;
  }
  return moved;
}

async function runOne(
  center: Center,
  long: readonly ResolvedCorrelation[],
  works: ScheduledWorks,
  schedule: Schedule,
  ready: number,
): Promise<boolean> {
  const { kind, rule, organisation, until: from, everySeconds: every } = schedule;
  // Whole parts, so that a day that was missed is looked at like the hours it is made of.
  const parts = Math.max(1, Math.floor(Math.min(ready - from, Math.max(every, partSeconds)) / every));
  const range = { from, to: from + parts * every };
  const began = performance.now();
  const taken: Taken = { rows: 0, bytes: 0 };
  const scope = { organisations: [organisation] };
  try {
    const networks = await networksOf(center, organisation);
    const found = new Map<string, Finding>();
    const findings = createScheduledFindings({ localNetworks: networks, sink: (one) => void found.set(one.id, one) });
    if (kind === 'correlation') {
      const correlation = long.find(({ id }) => id === rule);
      if (!correlation) return forget(center, schedule);
      await hold(center, correlation, { scope, range, taken }, findings);
    } else if (kind === 'hunt') {
      const hunt = await center.database.system((tx) => textOfHunt(tx, rule));
      if (!hunt) return forget(center, schedule);
      await hunted(center, { ...hunt, id: rule, level: schedule.level }, { scope, range, taken }, findings);
    } else {
      const work = works[rule];
      if (!work) return forget(center, schedule);
      for (const one of await work.run(center, { organisation, networks, range, taken })) found.set(one.id, one);
    }
    findings.end();
    // The same addresses in two organisations are two hosts.
    const seen = [...found.values()].map((one) => ({ ...Finding.parse(one), id: idWithin(organisation, one.id) }));
    const write = await findingsWriter(
      center,
      seen.map((finding) => ({ finding, sensor: null, seenBy: organisation })),
    );
    const group = await center.pipeline.consider(organisation, seen);
    return await center.database.system(async (tx) => {
      const cost = { ...taken, seconds: (performance.now() - began) / 1000 };
      if (!(await advanceSchedule(tx, schedule, { until: range.to, at: center.clock.now(), hits: seen.length, ...cost })))
        return false;
      await write(tx);
      await group(tx);
      return true;
    });
  } catch (error) {
    // What is at fault here must not stop the others.
    const refusal = error instanceof Refusal ? error : undefined;
    if (!refusal) center.log.error({ err: error, kind, rule, organisation }, 'a scheduled rule failed');
    const trouble = { code: refusal?.code ?? 'schedule.failed', message: refusal?.message ?? 'The run failed.' };
    await center.database.system((tx) => troubleSchedule(tx, schedule, center.clock.now(), trouble));
    return false;
  }
}

async function forget(center: Center, { kind, rule }: Schedule): Promise<boolean> {
  await center.database.system((tx) => removeSchedules(tx, kind, rule));
  return false;
}

async function networksOf(center: Center, organisation: string): Promise<string[]> {
  const { networks } = await center.database.system(readEstate);
  return networks.filter((network) => network.organisation === organisation).flatMap(({ addresses }) => addresses);
}

type Asked = { scope: { organisations: string[] }; range: RecordRange; taken: Taken };

async function hold(center: Center, correlation: ResolvedCorrelation, { scope, range, taken }: Asked, into: ScheduledFindings) {
  const { window, seconds } = correlation;
  // A finding stands for a time span: it is told whole, with what of it was found in earlier runs.
  const begin = Math.floor(range.from / seconds) * seconds;
  // A window that must be over is one only when its time has passed.
  const last = isClosing(window) ? seconds : 0;
  const held = await center.records.past.windows(
    scope,
    { window, range: { from: begin - last, to: range.to }, limit: hitsMax, newest: true },
    taken,
  );
  const spans = new Set(
    held
      .filter(({ from, to }) => (last > 0 ? from + seconds : to) >= range.from)
      .map(({ group, to }) => spanOf(group, to, seconds)),
  );
  for (const one of held.toReversed()) {
    if (last > 0 && one.from + seconds >= range.to) continue;
    if (!spans.has(spanOf(one.group, one.to, seconds))) continue;
    const records: { log: string; record: AnyRecord }[] = [];
    for (const { log, where } of partsAt(window, one.group)) {
      if (!recordType(log)) continue;
      const rows = await center.records.query(
        scope,
        {
          from: [log],
          where,
          range: { from: one.from, to: one.to + 1e-6 },
          order: [{ field: 'ts', descending: true }],
          limit: citedMax,
        },
        taken,
      );
      records.push(...rows.map((record) => ({ log, record: record as AnyRecord })));
    }
    records.sort((a, b) => Number(a.record['ts']) - Number(b.record['ts']));
    into.correlation(correlation, { ...one, records: records.slice(-citedMax) });
  }
}

const spanOf = (group: readonly string[], to: number, seconds: number): string =>
  JSON.stringify([group, Math.floor(to / seconds)]);

async function hunted(
  center: Center,
  { id, name, text, level }: { id: string; name: string; text: string; level: string | null },
  { scope, range, taken }: Asked,
  into: ScheduledFindings,
) {
  const searched = /\bsearch\b/.test(text) ? (await center.records.logsWith(scope, { range })).slice(0, logsMax) : [];
  const { query } = parseKql(text, { now: range.to, recordTypes, searched });
  if (query.from.length === 0) return;
  const about: About = {
    id: `hunt:${id}`,
    name: undefined,
    version: '1',
    title: name,
    status: 'test',
    level: Finding.shape.level.catch('medium').parse(level),
    technique: [],
    tactic: [],
    explanation: undefined,
    harm: null,
    falsePositives: [],
    place: {},
  };
  const limit = Math.min(query.limit ?? hitsMax, hitsMax);
  for (const row of await center.records.query(scope, { ...query, range, limit }, taken)) {
    into.row(about, String(row['_log'] ?? query.from[0]), row as AnyRecord, range.to);
  }
}
