/** The behaviour "unusual for this hour of the week" over the stored flows of an organisation, hour by hour. */

import { hourSeconds } from '@forewarn/detect/baselines/season';
import {
  judgeHour,
  subjectKinds,
  subjectText,
  unusualHourFinding,
  unusualHourParameters,
  type Subject,
  type UnusualHourParameters,
} from '@forewarn/detect/baselines/unusual-hour';
import { readBehaviourSettings, type BehaviourSettings } from '@forewarn/detect/behaviours/behaviour';
import { referenceOf } from '@forewarn/detect/detector';
import { privateNetworks } from '@forewarn/detect/inside';
import { Refusal } from '@forewarn/base/refusal';
import type { Finding } from '@forewarn/model/finding';
import type { AnyRecord } from '@forewarn/model/records/record';
import { listBaselineDecisions, type BaselineDecision } from '@forewarn/store/resources/schedules';
import type { ScheduledWorks } from '../schedules/run.ts';
import { hourNow, hoursBefore, peerOf, recordsOf, type Reading } from './hours.ts';

/** Records that a finding cites: the largest. */
const citedMax = 10;

export type UnusualHourSettings = BehaviourSettings & { parameters: UnusualHourParameters };

const path = 'behaviours/unusual-hour.yaml';

/** Reads its numbers; throws a refusal where one is missing or too many. */
export function unusualHourSettings(texts: ReadonlyMap<string, string>): UnusualHourSettings {
  const text = texts.get(path);
  if (text === undefined) {
    throw new Refusal('content.missing', `The file ${path} is missing.`, {
      place: { file: path },
      advice: 'Restore it from the release.',
    });
  }
  const settings = readBehaviourSettings(text, path);
  const given = Object.keys(settings.parameters).sort();
  if (JSON.stringify(given) !== JSON.stringify([...unusualHourParameters].sort())) {
    throw new Refusal('detect.parameter', 'The behaviour "unusual-hour" has other parameters.', {
      place: { file: path },
      advice: `Its parameters are ${unusualHourParameters.join(', ')}.`,
    });
  }
  return settings as UnusualHourSettings;
}

export const unusualHour = (settings: UnusualHourSettings): ScheduledWorks => ({
  [settings.behaviour]: {
    title: settings.name,
    everySeconds: hourSeconds,
    async run(center, { organisation, networks, range, taken }) {
      const decisions = await center.database.system((tx) => listBaselineDecisions(tx, organisation));
      const reading: Reading = {
        records: center.records,
        scope: { organisations: [organisation] },
        networks: networks.length > 0 ? networks : privateNetworks,
        taken,
      };
      const findings: Finding[] = [];
      for (let hour = range.from; hour < range.to; hour += hourSeconds) {
        findings.push(...(await ofHour(reading, hour, decisions, settings)));
      }
      return findings;
    },
  },
});

async function ofHour(
  reading: Reading,
  hour: number,
  decisions: readonly BaselineDecision[],
  settings: UnusualHourSettings,
): Promise<Finding[]> {
  const { parameters } = settings;
  const decided = new Map(decisions.map((decision) => [decision.subject, decision]));
  const findings: Finding[] = [];
  for (const kind of subjectKinds) {
    const now = await hourNow(reading, kind, hour, parameters);
    const decisionOf = (name: string) => decided.get(subjectText({ kind, name }));
    const pins = Map.groupBy(now.keys(), (name) => {
      const decision = decisionOf(name);
      return decision?.act === 'pin' ? decision.at : undefined;
    });
    for (const [before, names] of pins) {
      const since = (name: string): number => {
        const decision = decisionOf(name);
        return decision?.act === 'reset' ? decision.at : -Infinity;
      };
      const past = await hoursBefore(reading, kind, names, hour, parameters.weeks, { before, since });
      for (const name of names) {
        const judged = judgeHour(now.get(name)!, past.get(name) ?? [], parameters);
        if (judged.length === 0) continue;
        const subject: Subject = { kind, name };
        const cited = await reading.records.query(
          reading.scope,
          {
            from: ['conn'],
            where: recordsOf(subject),
            range: { from: hour, to: hour + hourSeconds },
            order: [{ field: 'orig_bytes', descending: true }],
            limit: citedMax,
          },
          reading.taken,
        );
        const records = cited.map((record) => referenceOf('conn', record as AnyRecord));
        const targets = [...new Set(cited.map((record) => String(record[peerOf(subject)])))];
        const { connections } = now.get(name)!;
        findings.push(unusualHourFinding({ subject, hour, judged, records, targets, connections }, settings, parameters));
      }
    }
  }
  return findings;
}
