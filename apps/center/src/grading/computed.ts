/** Facts that estate and traffic show of an incident by themselves: computed anew whenever somebody asks, and kept when a person says so. */

import { z } from 'zod';
import { formatInstant } from '@forewarn/base/time';
import {
  assetsMet,
  serviceImpact,
  shareBehindLinks,
  singleAddresses,
  type Computed,
  type NotComputed,
  type Steps,
} from '@forewarn/know/impact/impact';
import { ComputedFactView, NotComputedView, type FactPart } from '@forewarn/model/grading-api';
import { IncidentView } from '@forewarn/model/api';
import type { Asset } from '@forewarn/model/estate';
import type { Predicate } from '@forewarn/model/query/query';
import type { RecordRow, RecordScope } from '@forewarn/store/clickhouse/records';
import { organisationsSeen } from '@forewarn/store/resources/estate-seen';
import { findFindings } from '@forewarn/store/resources/findings';
import { findingIdsOf } from '@forewarn/store/resources/grouping';
import { addFact, factsOf, type FactStatement } from '@forewarn/store/resources/facts';
import { findIncident, linksOfIncidents, participantsOf, type Incident } from '@forewarn/store/resources/incidents';
import { centreScope, systemAccount } from '../act.ts';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import { actOn } from '../incidents/acts.ts';
import { assess } from '../incidents/assessment.ts';
import { factName, factWords } from '../incidents/grade-view.ts';
import { noteOf } from '../incidents/open.ts';
import { found, invalid } from '../refusals.ts';
import { fallsOf } from '../topology/falls.ts';

/** Facts that are computed here, in the order in which they are shown. */
export const computable = [
  'hosts_down',
  'services_down',
  'service_outage_minutes',
  'user_hours_lost',
  'service_value_lost_cny',
  'users_behind_links_share',
  'bytes_out',
] as const;

/** Steps of a range: a day in minutes would be read for nothing, and an outage of under some minutes changes no grade. */
const stepsMax = 240;
/** Steps that lie before the incident and tell what is usual. */
const stepsBefore = 20;
/** Organisations whose records are asked, those hit first; and addresses of each. One question an organisation, some 50 ms each. */
const organisationsMax = 5;
const addressesMax = 200;
/** Hosts whose outward traffic is added up. */
const hostsMax = 500;
/** Findings whose hosts are looked at beside the incident's own. */
const findingsMax = 500;
/** Flows are told when they end and batches take their time; so long ago everything has come. */
const latenessSeconds = 120;

type Impact = { made: Computed[]; not: NotComputed[]; from: number; to: number };

/** Looks at estate and traffic now. What comes out is the whole; readers are shown the parts that they may see. */
async function impactOf(center: Center, incident: Incident): Promise<Impact> {
  const estate = await center.estate.whole();
  const { participants, links, findings } = await center.database.scoped(await centreScope(center), async (tx) => ({
    participants: (await participantsOf(tx, [incident.id])).get(incident.id) ?? [],
    links: (await linksOfIncidents(tx, [incident.id])).get(incident.id) ?? [],
    findings: await findFindings(tx, (await findingIdsOf(tx, incident.id)).slice(0, findingsMax)),
  }));
  const organisations = participants
    .filter(({ concerned }) => concerned)
    .sort((a, b) => a.position - b.position)
    .slice(0, organisationsMax)
    .map(({ organisation }) => organisation);
  const hosts = new Set([...incident.hosts, ...findings.flatMap(({ source, targets }) => [source, ...targets])]);
  const index = await center.estate.index();
  const hit = organisations.flatMap((one) =>
    index
      .concerned({ addresses: [...hosts], names: [], seenBy: one })
      .flatMap(({ asset, organisation }) => (asset !== undefined && organisation === one ? [asset] : [])),
  );
  const assets = assetsMet(estate, new Set(hit));
  const { steps, to } = await stepsOf(center, incident, organisations, assets);
  const { made, not } = serviceImpact({ estate, assets, steps });
  const behind = shareBehindLinks(estate, fallsOf(estate)({ links: new Set(links) }), links.length);
  if ('why' in behind) not.push(behind);
  else made.push(behind);
  const out = await bytesOut(center, { from: incident.from, to }, organisations, hosts);
  if ('why' in out) not.push(out);
  else made.push(out);
  return { made, not, from: steps.from, to };
}

/** Who answered when, and when anything was seen at all: two questions for each organisation, in its own scope. */
async function stepsOf(
  center: Center,
  incident: Incident,
  organisations: readonly string[],
  assets: readonly Asset[],
): Promise<{ steps: Steps; to: number }> {
  const to = center.clock.now() - latenessSeconds;
  const span = Math.max(60, to - incident.from);
  const seconds = Math.max(60, Math.ceil(span / (stepsMax - stepsBefore) / 60) * 60);
  // Whole multiples since 1970, as windows of a query are; the first begins so many steps before.
  const first = Math.floor(incident.from / seconds) - stepsBefore;
  const count = Math.max(stepsBefore + 1, Math.floor(to / seconds) - first);
  const range = { from: first * seconds, to: (first + count) * seconds };
  const watched = new Map<string, Set<number>>();
  const answered = new Map<string, Map<string, Set<number>>>();
  for (const organisation of organisations) {
    const scope: RecordScope = { organisations: [organisation] };
    const addresses = [...new Set(assets.filter((asset) => asset.organisation === organisation).flatMap(singleAddresses))].slice(
      0,
      addressesMax,
    );
    if (addresses.length === 0) continue;
    const group = { every: seconds, aggregates: [{ kind: 'count', as: 'n' }] } as const;
    const where: Predicate = {
      kind: 'and',
      of: [
        { kind: 'in', field: 'id.resp_h', values: addresses, cased: true },
        { kind: 'order', field: 'resp_pkts', op: 'gt', value: 0 },
      ],
    };
    const stepOf = (row: RecordRow): number => Math.round(Number(row['window']) / seconds) - first;
    const seen = await center.records.query(scope, { from: ['conn'], range, group: { by: [], ...group }, limit: stepsMax * 2 });
    watched.set(organisation, new Set(seen.map(stepOf)));
    const rows = await center.records.query(scope, {
      from: ['conn'],
      range,
      where,
      group: { by: ['id.resp_h'], ...group },
      limit: addressesMax * stepsMax * 2,
    });
    const own = new Map<string, Set<number>>();
    for (const row of rows) {
      const address = String(row['id.resp_h']);
      const at = own.get(address) ?? new Set();
      own.set(address, at);
      at.add(stepOf(row));
    }
    answered.set(organisation, own);
  }
  return { steps: { seconds, from: range.from, count, since: stepsBefore + 1, watched, answered }, to: range.to };
}

/** At least so much: what no sensor saw is not in it. */
async function bytesOut(
  center: Center,
  range: { from: number; to: number },
  organisations: readonly string[],
  met: ReadonlySet<string>,
): Promise<Computed | NotComputed> {
  const fact = 'bytes_out';
  const index = await center.estate.index();
  // A local address is another machine in every organisation: each is asked for its own.
  const own = new Map(
    organisations.map((one) => [one, [...met].filter((host) => index.ownerOf(host, one) === one).slice(0, hostsMax)] as const),
  );
  const count = [...own.values()].reduce((sum, { length }) => sum + length, 0);
  if (count === 0) return { fact, why: { text: 'know.impact.no-host' } };
  const parts = new Map<string, FactPart & { bytes: number }>();
  let total = 0;
  for (const [organisation, hosts] of own) {
    if (hosts.length === 0) continue;
    for (const [host, other, field] of [
      ['id.orig_h', 'local_resp', 'orig_bytes'],
      ['id.resp_h', 'local_orig', 'resp_bytes'],
    ] as const) {
      const rows = await center.records.query(
        { organisations: [organisation] },
        {
          from: ['conn'],
          range,
          where: {
            kind: 'and',
            of: [
              { kind: 'in', field: host, values: hosts, cased: true },
              { kind: 'text', field: other, op: 'equals', value: false },
            ],
          },
          group: { by: [host], aggregates: [{ kind: 'sum', field, as: 'bytes' }] },
          limit: hostsMax,
        },
      );
      for (const row of rows) {
        const bytes = Number(row['bytes']);
        if (!(bytes > 0)) continue;
        total += bytes;
        const id = String(row[host]);
        const key = `${organisation} ${id}`;
        const sum = (parts.get(key)?.bytes ?? 0) + bytes;
        parts.set(key, { kind: 'host', id, organisation, bytes: sum, value: { kind: 'interval', min: sum, max: null } });
      }
    }
  }
  return {
    fact,
    value: { kind: 'interval', min: total, max: null },
    words: { text: 'know.impact.bytes-out', values: { hosts: count } },
    parts: [...parts.values()]
      .sort((a, b) => b.bytes - a.bytes)
      .map(({ kind, id, organisation, value }) => ({ kind, id, organisation, value })),
  };
}

/** Parts that one answer lists. */
const partsMax = 50;

function viewOf(
  center: Center,
  { made, from, to }: Impact,
  { statements, sees }: { statements: readonly FactStatement[]; sees: (part: FactPart) => boolean },
): z.infer<typeof ComputedFactView>[] {
  const { facts } = center.content;
  const newest = new Map(statements.map((one) => [one.fact, one]));
  return made
    .toSorted((a, b) => computable.indexOf(a.fact as never) - computable.indexOf(b.fact as never))
    .map(({ fact, value, words, parts }) => {
      const definition = facts.get(fact)!;
      const shown = parts.filter(sees).slice(0, partsMax);
      const last = newest.get(fact);
      return {
        fact,
        name: factName(definition, fact),
        means: definition.means,
        value,
        text: factWords(definition, fact, value),
        how: { words, from: formatInstant(from), to: formatInstant(to), parts: shown },
        hidden: parts.length - shown.length,
        kept: last
          ? { text: factWords(definition, fact, last.value), at: formatInstant(last.at), computed: last.how !== null }
          : null,
      };
    });
}

export const computedFacts = route({
  method: 'get',
  path: '/incidents/{id}/computed-facts',
  access: 'incidents:read',
  summary:
    'What estate and traffic show of an incident now: machines and services down, outage, people-hours and value lost, users behind its links, data sent out; each with how it was computed.',
  params: Id,
  answer: z.object({ items: z.array(ComputedFactView), not: z.array(NotComputedView) }),
  async handle({ center, principal, scope, params }) {
    const { incident, statements, seen } = await center.database.scoped(scope, async (tx) => ({
      incident: found(await findIncident(tx, params.id)),
      statements: await factsOf(tx, params.id),
      seen: await organisationsSeen(tx),
    }));
    const impact = await impactOf(center, incident);
    const sees = ({ organisation }: FactPart): boolean => principal.centre || organisation === null || seen.has(organisation);
    return {
      items: viewOf(center, impact, { statements, sees }),
      not: impact.not.map(({ fact, why }) => ({ fact, name: factName(center.content.facts.get(fact), fact), why })),
    };
  },
});

export const keepComputedFacts = route({
  method: 'post',
  path: '/incidents/{id}/computed-facts',
  access: 'incidents:write',
  summary:
    'Keeps computed facts as they are now; the incident is graded anew. What a person stated of the same fact stays in the record.',
  params: Id,
  body: z.strictObject({ facts: z.array(z.enum(computable)).min(1).max(computable.length) }),
  answer: IncidentView,
  async handle({ center, principal, scope, params, body }): Promise<IncidentView> {
    const incident = found(await center.database.scoped(scope, (tx) => findIncident(tx, params.id)));
    // Records are read before the transaction: nothing slow is awaited in one.
    const { made, not, from, to } = await impactOf(center, incident);
    const missing = not.find(({ fact }) => (body.facts as readonly string[]).includes(fact));
    if (missing) throw invalid('facts', `"${missing.fact}" cannot be computed at present.`, 'GET the computed facts to see why.');
    const organisation = (await centreScope(center)).organisation;
    return actOn(center, principal, incident.id, async (doing) => {
      for (const { fact, value, words, parts } of made) {
        if (!(body.facts as readonly string[]).includes(fact)) continue;
        const how = { words, from, to, parts: parts.slice(0, partsMax) };
        await addFact(doing.tx, incident.id, {
          fact,
          value,
          source: 'computed',
          derived: true,
          by: systemAccount,
          organisation,
          at: to,
          enteredAt: doing.at,
          how,
        });
        const shown = factWords(center.content.facts.get(fact), fact, value);
        await noteOf(doing, incident.id)(
          'fact',
          { text: 'grading.fact.kept', values: { fact: { text: `fact.${fact}` }, value: shown } },
          fact,
        );
        doing.audit('incident.fact', `incident/${incident.number}`, { fact, value: JSON.stringify(value), computed: true });
      }
      await assess(doing, doing.index, doing.incident);
    });
  },
});

export const computedRoutes = [computedFacts, keepComputedFacts];
