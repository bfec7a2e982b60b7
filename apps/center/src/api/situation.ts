/** The situation: what needs a person now, cut to what the asker may see. */

import { formatInstant } from '@forewarn/base/time';
import { SituationView } from '@forewarn/model/api';
import { Finding } from '@forewarn/model/finding';
import { countFindings } from '@forewarn/store/resources/findings';
import { listIncidents } from '@forewarn/store/resources/incidents';
import { urgentClocks } from '@forewarn/store/resources/clocks';
import { listSensors } from '@forewarn/store/resources/sensors';
import { listWarnings } from '@forewarn/store/resources/warnings';
import { clockView } from '../incidents/grade-view.ts';
import { summaries } from '../incidents/view.ts';
import { ratioOf } from '../situation/ratio.ts';
import { warningViews } from '../warnings/view.ts';
import { recordScopeOf } from './records.ts';
import { route } from './route.ts';

/** What one screen shows; the lists have the rest. */
const shown = { clocks: 50, incidents: 200, warnings: 50 } as const;
/** The last hour in minutes. */
const bucketSeconds = 60;
const buckets = 60;
/** The response ratio is that of a year; its own page asks for other spans. */
const ratioSeconds = 365 * 86_400;

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
        ratio: await ratioOf(tx, { from: now - ratioSeconds, to: now + 1 }),
      };
    });
    const { ratio, ...rest } = view;
    return {
      at: formatInstant(now),
      ...rest,
      responseRatio: { before: ratio.before, of: ratio.of, averted: ratio.averted, unknown: ratio.unknown },
      records: { from: formatInstant(range.from), bucketSeconds, buckets: await histogram },
    };
  },
});
