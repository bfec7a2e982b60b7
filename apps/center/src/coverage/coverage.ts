/** The coverage map: what is registered against what came. */

import { formatInstant, type Seconds } from '@forewarn/base/time';
import { coverage, readCoverageRules, type CoverageRules, type Source } from '@forewarn/know/coverage';
import { CoverageView } from '@forewarn/model/api';
import type { ContentFile } from '@forewarn/model/content';
import { readEstate } from '@forewarn/store/resources/estate';
import { listSensors, logsOfSensors } from '@forewarn/store/resources/sensors';
import { route } from '../api/route.ts';

const rulesPath = 'coverage/network-types.yaml';

/** The rules of the content folder; throws its refusals. */
export function coverageRulesOf(files: readonly ContentFile[]): CoverageRules {
  return readCoverageRules(files.find(({ path }) => path === rulesPath)?.text ?? '', rulesPath);
}

/** How a sensor fares tells nothing of the network that it watches. */
const ofTheSensor: ReadonlySet<string> = new Set(['stats']);

const at = (seconds: Seconds | null): string | null => (seconds === null ? null : formatInstant(seconds));

export const coverageMap = route({
  method: 'get',
  path: '/coverage',
  access: 'estate:read',
  summary: 'The nine network types: which are seen, silent or blind, by which sources, on which links, and what to connect next.',
  answer: CoverageView,
  async handle({ center, scope }) {
    const now = center.clock.now();
    const { estate, sensors, logs } = await center.database.scoped(scope, async (tx) => ({
      estate: await readEstate(tx),
      sensors: await listSensors(tx),
      logs: await logsOfSensors(tx),
    }));
    const nameOf = new Map(sensors.map(({ id, name }) => [id, name]));
    const sources = sensors.map(({ id, organisation, link, networkType }): Source => {
      return { id, organisation, link, networkType, logs: (logs.get(id) ?? []).filter(({ log }) => !ofTheSensor.has(log)) };
    });
    return {
      at: formatInstant(now),
      types: coverage(estate, sources, center.coverageRules, now).map((one) => ({
        type: one.type,
        state: one.state,
        withinSeconds: one.withinSeconds,
        lastAt: at(one.lastAt),
        connect: one.connect,
        sources: one.sources.map(({ source, because, state, lastAt }) => ({
          id: source.id,
          name: nameOf.get(source.id) ?? source.id,
          organisation: source.organisation,
          link: source.link,
          because,
          state,
          lastAt: at(lastAt),
          logs: source.logs.map((log) => ({ ...log, lastAt: formatInstant(log.lastAt) })),
        })),
        networks: one.networks.map(({ network: { id, name, organisation }, ...by }) => ({ id, name, organisation, ...by })),
        links: one.links.map(({ link: { id, name, organisation, role }, ...by }) => ({ id, name, organisation, role, ...by })),
      })),
    };
  },
});
