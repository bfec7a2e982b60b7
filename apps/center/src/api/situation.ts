/** The situation: what needs a person now, cut to what the asker may see. */

import { formatInstant } from '@forewarn/base/time';
import { responseRatio, type Action, type RatedIncident } from '@forewarn/assess/stage';
import { SituationView } from '@forewarn/model/api';
import { Finding } from '@forewarn/model/finding';
import { countFindings } from '@forewarn/store/resources/findings';
import { listIncidents, participantsOf } from '@forewarn/store/resources/incidents';
import { urgentClocks } from '@forewarn/store/resources/clocks';
import { listSensors } from '@forewarn/store/resources/sensors';
import { listWarnings, audiencesOf } from '@forewarn/store/resources/warnings';
import { clockView } from '../incidents/grade-view.ts';
import { summaries } from '../incidents/view.ts';
import { warningViews } from '../warnings/view.ts';
import { recordScopeOf } from './records.ts';
import { route } from './route.ts';

/** What one screen shows; the lists have the rest. */
const shown = { clocks: 50, incidents: 200, warnings: 50 } as const;
/** The last hour in minutes. */
const bucketSeconds = 60;
const buckets = 60;

export const situation = route({
  method: 'get',
  path: '/situation',
  access: 'situation:read',
  summary: 'Open incidents by level, the most urgent clocks, valid warnings, findings and records of the last hour.',
  answer: SituationView,
  async handle({ center, principal, scope }) {
    const now = center.clock.now();
    const index = await center.estate.index();
    const range = { from: Math.floor(now / bucketSeconds + 1) * bucketSeconds - buckets * bucketSeconds, bucketSeconds, buckets };
    const histogram = center.records.histogram(recordScopeOf(principal), {
      log: 'conn',
      range: { from: range.from, to: range.from + buckets * bucketSeconds },
      buckets,
    });
    // It is awaited below; a transaction that fails first must not leave it without a hand.
    histogram.catch(() => undefined);
    const view = await center.database.scoped(scope, async (tx) => {
      const open = (await listIncidents(tx, { limit: shown.incidents })).items.filter(({ state }) => state !== 'closed');
      const incidents = await summaries(tx, center, index, principal, open);
      const warned = await listWarnings(tx, { limit: shown.warnings, state: ['issued', 'adjusted'] });
      const openByLevel: { [level: string]: number } = {};
      for (const { grade } of incidents) {
        const level = String(grade?.floor ?? 0);
        openByLevel[level] = (openByLevel[level] ?? 0) + 1;
      }
      const counted = await countFindings(tx, range);
      return {
        openByLevel,
        incidents,
        clocks: (await urgentClocks(tx, shown.clocks)).map((clock) => ({
          ...clockView(clock, center.content),
          incident: clock.incident,
          number: clock.number,
        })),
        warnings: await warningViews(tx, index, principal, warned.items),
        findings: {
          from: formatInstant(range.from),
          bucketSeconds,
          counts: Finding.shape.level.options.map((level) => ({
            level,
            buckets: Array.from(
              { length: buckets },
              (_, i) => counted.find((one) => one.level === level && one.bucket === i)?.count ?? 0,
            ),
          })),
        },
        sensors: (await listSensors(tx)).map(({ id, organisation, link, lastBatchAt, records }) => ({
          id,
          organisation,
          link,
          lastBatchAt: lastBatchAt === null ? null : formatInstant(lastBatchAt),
          records,
        })),
        ratio: await ratio(),
      };

      /** Did we act before the harm? Of the incidents that the asker sees. */
      async function ratio(): Promise<SituationView['responseRatio']> {
        const { items } = await listIncidents(tx, { limit: shown.incidents });
        const participants = await participantsOf(
          tx,
          items.map(({ id }) => id),
        );
        const issued = (await listWarnings(tx, { limit: 500, state: ['issued', 'adjusted', 'lifted'] })).items;
        const audiences = await audiencesOf(
          tx,
          issued.map(({ id }) => id),
        );
        const rated = items.map((incident): RatedIncident => {
          const { harmAt, stage, reason } = incident.stage;
          const actions: Action[] = issued
            .filter((warning) => warning.incident === incident.id && warning.issuedAt !== null)
            .map((warning) => ({
              kind: 'warning',
              id: warning.id,
              at: warning.issuedAt!,
              audience: audiences.get(warning.id)!.map(({ organisation }) => organisation),
            }));
          return {
            id: incident.id,
            hit: participants
              .get(incident.id)!
              .filter(({ concerned }) => concerned)
              .map(({ organisation }) => organisation),
            actions,
            harm: harmAt
              ? {
                  kind: 'known',
                  from: Date.parse(harmAt.from) / 1000,
                  to: Date.parse(harmAt.to) / 1000,
                  property: 'confidentiality',
                  source: undefined,
                  reason,
                }
              : stage === 'before' && reason.text === 'assess.stage.no-harm'
                ? { kind: 'none' }
                : { kind: 'unknown', reason },
          };
        });
        const { before, of, averted, unknown } = responseRatio(rated);
        return { before, of, averted: averted.length, unknown };
      }
    });
    const { ratio, ...rest } = view;
    return {
      at: formatInstant(now),
      ...rest,
      responseRatio: ratio,
      records: { from: formatInstant(range.from), bucketSeconds, buckets: await histogram },
    };
  },
});
