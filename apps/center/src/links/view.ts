/** Links as people see them: what is kept of each, who watches it, and what passed. */

import { formatInstant, type Seconds } from '@forewarn/base/time';
import { policyInForce } from '@forewarn/guard/links';
import type { LinkPolicyView, LinkView, RingView } from '@forewarn/model/api';
import type { Link } from '@forewarn/model/estate';
import type { Finding } from '@forewarn/model/finding';
import type { RingStanding } from '@forewarn/model/sensor';
import type { Transaction } from '@forewarn/store/postgres/database';
import { newestPolicies, openFindingCounts, type PolicyEdition } from '@forewarn/store/resources/links';
import { listSensors, listSensorStates, type SensorState } from '@forewarn/store/resources/sensors';
import type { Center } from '../center-parts.ts';
import type { LinkWeights } from '../estate/cache.ts';
import { stateOf, troublesOf } from '../sensors/list.ts';
import { weightViews } from './weights.ts';

export const policyView = ({ version, policy, at, by }: PolicyEdition): LinkPolicyView => ({
  version,
  values: { ...policy, content: policy.content.map((grant) => ({ ...grant, until: formatInstant(grant.until) })) },
  at: formatInstant(at),
  by,
});

/** Instants of a ring are the sensor's word; one that cannot be written is none. */
function instantOf(seconds: Seconds | null): string | null {
  if (seconds === null) return null;
  try {
    return formatInstant(seconds);
  } catch {
    return null;
  }
}

const ringView = ({ from, to, ...counts }: RingStanding): RingView => ({ ...counts, from: instantOf(from), to: instantOf(to) });

/** The rings of a link's sensors as one: from the first packet of any to the last of any. */
function together(rings: readonly RingStanding[]): RingView | null {
  if (rings.length === 0) return null;
  const times = (name: 'from' | 'to'): number[] => rings.flatMap((ring) => ring[name] ?? []);
  const sum = (name: 'bytes' | 'packets' | 'dropped'): number => rings.reduce((all, ring) => all + ring[name], 0);
  const [from, to] = [times('from'), times('to')];
  return ringView({
    from: from.length === 0 ? null : Math.min(...from),
    to: to.length === 0 ? null : Math.max(...to),
    bytes: sum('bytes'),
    packets: sum('packets'),
    dropped: sum('dropped'),
  });
}

/** Everything of the links but their traffic, which comes from the other store. */
export async function linkViews(
  tx: Transaction,
  center: Center,
  links: readonly Link[],
  { from, to, weighed }: { from: Seconds; to: Seconds; weighed: LinkWeights },
): Promise<Omit<LinkView, 'traffic'>[]> {
  const ids = new Set(links.map(({ id }) => id));
  const policies = new Map((await newestPolicies(tx, [...ids])).map((edition) => [edition.link, edition]));
  const sensors = (await listSensors(tx)).filter(({ link }) => link !== null && ids.has(link));
  const states = new Map<string, SensorState>((await listSensorStates(tx)).map((state) => [state.sensor, state]));
  const counts = await openFindingCounts(tx, { sensors: sensors.map(({ id }) => id), from, to });
  const weights = await weightViews(tx, weighed, [...ids]);
  const listened = { at: center.clock.now(), since: center.startedAt };
  return links.map((link) => {
    const edition = policies.get(link.id);
    const own = sensors.filter((sensor) => sensor.link === link.id);
    const byLevel: { [level in Finding['level']]?: number } = {};
    let count = 0;
    for (const one of counts.filter(({ sensor }) => own.some(({ id }) => id === sensor))) {
      byLevel[one.level] = (byLevel[one.level] ?? 0) + one.count;
      count += one.count;
    }
    return {
      ...link,
      weight: weights.get(link.id) ?? null,
      policy: edition ? policyView(edition) : null,
      depth: policyInForce(link.role, edition).depth,
      sensors: own.map((sensor) => {
        const state = states.get(sensor.id);
        const packets = state?.report.packets;
        return {
          id: sensor.id,
          name: sensor.name,
          state: stateOf(sensor, state, listened, center.sensorRules),
          troubles: state ? troublesOf(state.report) : [],
          reportedAt: state ? formatInstant(state.reportedAt) : null,
          policyInForce: packets?.version ?? null,
          ring: packets?.ring ? ringView(packets.ring) : null,
        };
      }),
      ring: together(own.flatMap(({ id }) => states.get(id)?.report.packets?.ring ?? [])),
      findings: { count, byLevel },
    };
  });
}
