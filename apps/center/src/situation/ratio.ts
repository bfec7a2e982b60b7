/** The response ratio: did we act before the harm? With every incident that counts, and every one that does not and why. */

import {
  harmOf,
  properties,
  responseRatio,
  timeliness,
  type Action,
  type Harm,
  type RatedIncident,
} from '@forewarn/assess/stage';
import { formatInstant, type Seconds } from '@forewarn/base/time';
import type { Fact, Facts } from '@forewarn/model/facts';
import { ResponseRatioView, type RatedIncidentView } from '@forewarn/model/situation-api';
import { task } from '@forewarn/respond/tasks';
import type { Transaction } from '@forewarn/store/postgres/database';
import { participantsOf } from '@forewarn/store/resources/incidents';
import { factsStated, incidentsOpened, measuresDone, measureTasks, warnedOf } from '@forewarn/store/resources/response-ratio';
import { route } from '../api/route.ts';
import { RangeQuery } from '../api/shapes.ts';

/** Incidents of one answer; a year of a country's centre stays below, and more says that it was cut. */
const incidentsMax = 2_000;

/** Without a span: the last year. */
const yearSeconds = 365 * 86_400;

const harmFacts = properties.flatMap((property) => [`${property}_lost`, `${property}_lost_at`]);

type Done = { kind: 'warning' | 'measure'; id: string; what: string; at: Seconds; audience: string[] };

/** An action as a name: a warning that reached some later than others counts as several. */
const nameOf = ({ kind, id, at }: Pick<Done, 'kind' | 'id' | 'at'>): string => `${kind} ${id} ${at}`;

const withAt = ({ kind, id, what, at }: Done): NonNullable<RatedIncidentView['action']> => {
  return { kind, id, what, at: formatInstant(at) };
};

/** What was done against incidents, as far as the scope shows: warnings when they reached somebody, measures when they were recorded as done. */
async function doneAgainst(tx: Transaction, incidents: readonly string[]): Promise<Map<string, Done[]>> {
  const done = new Map<string, Done[]>(incidents.map((id) => [id, []]));
  const warned = new Map<string, Done>();
  for (const { incident, id, number, organisation, at } of await warnedOf(tx, incidents)) {
    const known = warned.get(`${id} ${at}`);
    if (known) known.audience.push(organisation);
    else {
      const one: Done = { kind: 'warning', id, what: number, at, audience: [organisation] };
      warned.set(`${id} ${at}`, one);
      done.get(incident)!.push(one);
    }
  }
  for (const { incident, warning, number, organisation, measure, at } of await measuresDone(tx, incidents))
    done.get(incident)!.push({ kind: 'measure', id: `${warning} ${measure} ${organisation}`, what: number, at, audience: [] });
  for (const { incident, id, events } of await measureTasks(tx, incidents)) {
    const { state, since, title } = task(events);
    if (state === 'done') done.get(incident)!.push({ kind: 'measure', id, what: title, at: since, audience: [] });
  }
  return done;
}

const actionOf = (one: Done): Action =>
  one.kind === 'warning'
    ? { kind: 'warning', id: nameOf(one), at: one.at, audience: one.audience }
    : { kind: 'measure', id: nameOf(one), at: one.at };

const boundsOf = (harm: Harm): RatedIncidentView['harm'] =>
  harm.kind === 'known'
    ? {
        from: harm.from === null ? null : formatInstant(harm.from),
        to: harm.to === null ? null : formatInstant(harm.to),
      }
    : null;

/** The ratio of the incidents that were opened in a span of time, as far as the scope shows them. */
export async function ratioOf(tx: Transaction, { from, to }: { from: Seconds; to: Seconds }): Promise<ResponseRatioView> {
  const read = await incidentsOpened(tx, { from, to, limit: incidentsMax + 1 });
  const opened = read.slice(0, incidentsMax);
  const ids = opened.map(({ id }) => id);
  const facts = new Map<string, { [id: string]: Fact }>(ids.map((id) => [id, {}]));
  for (const { incident, ...fact } of await factsStated(tx, ids, harmFacts)) facts.get(incident)![fact.id] = fact;
  const participants = await participantsOf(tx, ids);
  const done = await doneAgainst(tx, ids);
  const rated = opened.map(({ id }): RatedIncident => ({
    id,
    hit: participants.get(id)!.flatMap(({ organisation, concerned }) => (concerned ? [organisation] : [])),
    harm: harmOf(facts.get(id) as Facts),
    actions: done.get(id)!.map(actionOf),
  }));
  const ratio = responseRatio(rated);
  const items = opened.map((incident, i): RatedIncidentView => {
    const { hit, harm } = rated[i]!;
    return {
      id: incident.id,
      number: incident.number,
      title: incident.title,
      openedAt: formatInstant(incident.createdAt),
      hit: [...hit],
      harm: boundsOf(harm),
      ...told(rated[i]!, done.get(incident.id)!),
    };
  });
  const leads = items.flatMap(({ outcome, leadSeconds }) => (outcome === 'before' && leadSeconds !== null ? [leadSeconds] : []));
  return {
    from: formatInstant(from),
    to: formatInstant(to),
    before: ratio.before,
    of: ratio.of,
    ratio: ratio.ratio,
    unknown: ratio.unknown,
    averted: ratio.averted.length,
    excluded: ratio.excluded.length,
    leadSecondsMedian: median(leads),
    items,
    cut: read.length > incidentsMax,
  };
}

/** How one incident counts, and by which action. */
function told(
  incident: RatedIncident,
  done: readonly Done[],
): Pick<RatedIncidentView, 'outcome' | 'action' | 'leadSeconds' | 'reason' | 'evidence'> {
  const byName = new Map(done.map((one) => [nameOf(one), one]));
  const result = timeliness(incident);
  const none = { action: null, leadSeconds: null, evidence: [] };
  switch (result.outcome) {
    case 'before': {
      const action = withAt(byName.get(result.action)!);
      const reason = { text: `assess.ratio.before.${action.kind}` };
      return { ...none, outcome: 'before', action, leadSeconds: result.leadSeconds, reason };
    }
    case 'averted':
      return {
        ...none,
        outcome: 'averted',
        reason: { text: 'assess.ratio.averted' },
        evidence: result.evidence.map((name) => withAt(byName.get(name)!)),
      };
    case 'excluded':
      return { ...none, outcome: 'excluded', reason: result.reason };
    case 'not-before': {
      const unknown = incident.harm.kind !== 'known' || incident.harm.from === null;
      const action = result.action === undefined ? null : withAt(byName.get(result.action)!);
      return {
        ...none,
        outcome: unknown ? 'unknown' : 'late',
        action,
        leadSeconds: result.leadSeconds ?? null,
        reason: result.reason,
      };
    }
  }
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return null;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export const responseRatioRoute = route({
  method: 'get',
  path: '/situation/ratio',
  access: 'situation:read',
  summary:
    'Did we act before the harm? Every incident that counts with what was done first, and every one that does not, and why.',
  query: RangeQuery,
  answer: ResponseRatioView,
  handle({ center, scope, query }) {
    const to = query.to ?? center.clock.now() + 1;
    const from = query.from ?? to - yearSeconds;
    return center.database.scoped(scope, (tx) => ratioOf(tx, { from, to }));
  },
});
