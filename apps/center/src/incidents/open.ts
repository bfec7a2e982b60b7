/**
 * Opening an incident: from a group of findings, or by hand. The centre leads from the first moment until somebody accepts; whom it
 * concerns follows from the estate; facts that findings and estate show are set and marked as derived. No warning goes out and
 * nobody is made to lead: people do that.
 */

import { randomUUID } from 'node:crypto';
import type { NoisePlace } from '@forewarn/detect/noise/noise';
import type { Concerned, EstateIndex } from '@forewarn/know/concern';
import { ruleName, type Finding, type IncidentCandidate } from '@forewarn/model/finding';
import { importances } from '@forewarn/model/estate';
import type { FactValue } from '@forewarn/model/facts';
import type { Tlp } from '@forewarn/model/markings';
import type { Words } from '@forewarn/model/text';
import { addFact, factsOf } from '@forewarn/store/resources/facts';
import { findFindings, putFinding, type FindingAccess, type StoredFinding } from '@forewarn/store/resources/findings';
import { addEvent, addResponsibility, addTimeline, eventsOf } from '@forewarn/store/resources/histories';
import {
  addFindings,
  addIncident,
  addParticipant,
  findIncident,
  findIncidentByCandidate,
  participantsOf,
  type Incident,
} from '@forewarn/store/resources/incidents';
import type { Transaction } from '@forewarn/store/postgres/database';
import { noteChange } from '@forewarn/store/resources/changes';
import { countHits } from '@forewarn/store/resources/noise';
import { findSensor, type Sensor } from '@forewarn/store/resources/sensors';
import { nextNumber } from '@forewarn/store/resources/numbers';
import { act, systemAccount, type Acting, type Doer } from '../act.ts';
import type { Center } from '../center-parts.ts';
import { assess } from './assessment.ts';
import { describe } from './describe.ts';

/** Incidents may travel to those who need to know, and to nobody else, until a person decides otherwise. */
const firstMarking: Tlp = 'TLP:AMBER';

/** Hosts and techniques that a head row carries; the findings have them all. */
const hostsMax = 1_000;

/** Whom a finding concerns: its hosts as the sensor's organisation knows them, and that organisation itself, which saw it. */
export function accessOf(finding: Finding, index: EstateIndex, seenBy: string | null): FindingAccess[] {
  const seen = seenBy === null ? {} : { seenBy };
  const owners = (addresses: readonly string[]): string[] => [
    ...new Set(index.concerned({ addresses, names: [], ...seen }).map(({ organisation }) => organisation)),
  ];
  return [
    ...owners([finding.source]).map((organisation) => ({ organisation, part: 'source' as const })),
    ...owners(finding.targets).map((organisation) => ({ organisation, part: 'target' as const })),
    ...(seenBy === null ? [] : [{ organisation: seenBy, part: 'seen' as const }]),
  ];
}

/** A finding with the sensor that saw its records and that sensor's organisation. */
export type SeenFinding = { finding: Finding; sensor: string | null; seenBy: string | null };

/**
 * What writes findings where they belong, new or with more evidence, in a transaction of the caller's: the intake writes them together
 * with the state of the batch that showed them. Writing them again changes nothing.
 */
export async function findingsWriter(
  center: Omit<Center, 'pipeline'>,
  findings: readonly SeenFinding[],
): Promise<(tx: Transaction) => Promise<void>> {
  const index = await center.estate.index();
  return (tx) => writeFindings(tx, { center, index }, findings);
}

/**
 * The same where the caller has the register already: it cannot be asked for within a transaction. What an exception hides is written hidden
 * and counted there.
 */
export async function writeFindings(
  tx: Transaction,
  { center, index }: { center: Omit<Center, 'pipeline'>; index: EstateIndex },
  findings: readonly SeenFinding[],
): Promise<void> {
  const at = center.clock.now();
  const sensors = new Map<string, Sensor | undefined>();
  const hits = new Map<string, number>();
  for (const { finding, sensor, seenBy } of findings) {
    if (sensor !== null && !sensors.has(sensor)) sensors.set(sensor, await findSensor(tx, sensor));
    const access = accessOf(finding, index, seenBy);
    const hiddenBy = center.noise.now.hides(
      finding,
      placeOf(access, seenBy, (sensor === null ? undefined : sensors.get(sensor)) ?? null),
    );
    const written = await putFinding(tx, { finding, access, sensor, at, hiddenBy });
    if (written.hiddenBy !== null && written.hiddenBy !== written.before) {
      hits.set(written.hiddenBy, (hits.get(written.hiddenBy) ?? 0) + 1);
    }
    await noteChange(tx, { kind: 'finding', id: finding.id, at }, { finding: finding.id });
  }
  for (const [exception, count] of hits) await countHits(tx, exception, count, at);
  if (findings.length > 0) {
    tx.afterCommit(() => {
      center.changes.wake();
      center.findings.wake();
    });
  }
}

/** Where a finding was seen, as exceptions ask about it. */
export const placeOf = (
  access: readonly FindingAccess[],
  seenBy: string | null,
  sensor: { id: string; link: string | null; networkType: string } | null,
): NoisePlace => ({
  organisations: [...new Set(access.map(({ organisation }) => organisation))],
  sensor: sensor?.id ?? null,
  link: sensor?.link ?? null,
  networkType: sensor?.networkType ?? null,
  seenBy,
});

/**
 * Opens an incident from a group of findings, or adds them to the one that was opened from it before. The findings must be recorded
 * already. Answers the incident's id, and whether it is new.
 */
export async function openIncident(
  center: Center,
  candidate: IncidentCandidate,
  title?: Words,
  /** The incident that people decided these findings belong to. */
  into?: string,
): Promise<{ incident: string; fresh: boolean }> {
  const index = await center.estate.index();
  return act(center, null, async (acting) => {
    const findings = await findFindings(acting.tx, candidate.findings);
    const known = await (into === undefined ? findIncidentByCandidate(acting.tx, candidate.id) : findIncident(acting.tx, into));
    const named = title ?? titleOf(candidate.hosts, findings);
    if (known) {
      const own = into !== undefined;
      return { incident: await extend(acting, index, known, { candidate, findings, title: named, own }), fresh: false };
    }
    const incident = await open(acting, index, {
      candidate: candidate.id,
      title: named,
      from: candidate.from,
      to: candidate.to,
      hosts: candidate.hosts,
      reasons: candidate.reasons,
      findings,
      organisations: [],
    });
    return { incident: incident.id, fresh: true };
  });
}

/** Findings that a person put into an incident: noted, and whoever they concern with them. Answers which are new in it. */
export async function addByHand(
  acting: Acting,
  index: EstateIndex,
  incident: Incident,
  ids: readonly string[],
): Promise<string[]> {
  const fresh = new Set(await addFindings(acting.tx, incident.id, ids, acting.at));
  const findings = (await findFindings(acting.tx, ids)).filter(({ id }) => fresh.has(id));
  for (const finding of findings) await findingNote(acting, incident.id, finding);
  await concern(acting, index, incident, findings, []);
  return [...fresh];
}

/** Opens an incident by hand. The caller has found the findings in the doer's own scope. */
export async function openByHand(
  center: Center,
  doer: Doer,
  given: { title: string; findings: readonly string[]; organisations: readonly string[] },
): Promise<string> {
  const index = await center.estate.index();
  return act(center, doer, async (acting) => (await openTitled(acting, index, given)).id);
}

/** The same within an act that does more. */
export async function openTitled(
  acting: Acting,
  index: EstateIndex,
  given: { title: string; findings: readonly string[]; organisations: readonly string[] },
): Promise<Incident> {
  const findings = await findFindings(acting.tx, given.findings);
  return open(acting, index, {
    candidate: null,
    title: { text: 'center.incident.titled', values: { title: given.title } },
    from: findings[0]?.from ?? acting.at,
    to: Math.max(acting.at, ...findings.map(({ to }) => to)),
    hosts: [...new Set(findings.map(({ source }) => source))],
    reasons: [],
    findings,
    organisations: given.organisations,
  });
}

type Opening = {
  candidate: string | null;
  title: Words;
  from: number;
  to: number;
  hosts: readonly string[];
  reasons: readonly Words[];
  findings: readonly StoredFinding[];
  organisations: readonly string[];
};

async function open(acting: Acting, index: EstateIndex, opening: Opening): Promise<Incident> {
  const { tx, at, doer } = acting;
  const centre = index.centre;
  if (!centre) throw new Error('The register has no centre, and no incident is without a lead.');
  const incident: Incident = {
    id: randomUUID(),
    number: await nextNumber(tx, 'FW', new Date(at * 1000).getUTCFullYear()),
    candidate: opening.candidate,
    title: opening.title,
    state: 'open',
    createdAt: at,
    updatedAt: at,
    from: opening.from,
    to: opening.to,
    marking: firstMarking,
    hosts: opening.hosts.slice(0, hostsMax),
    techniques: techniquesOf(opening.findings),
    reasons: [...opening.reasons],
    stage: { stage: 'unknown', harmAt: null, reason: { text: 'center.stage.new' } },
    grade: null,
    lead: { organisation: centre.id, since: at },
    cause: null,
    openedBy: doer.account,
  };
  await addIncident(tx, incident);
  await addResponsibility(tx, incident.id, { kind: 'open', at, by: doer.account, organisation: centre.id });
  await addFindings(
    tx,
    incident.id,
    opening.findings.map(({ id }) => id),
    at,
  );
  const note = noteOf(acting, incident.id);
  await note('state', { text: 'center.incident.opened', values: { number: incident.number } });
  await note('responsibility', { text: 'center.responsibility.centre-leads', values: { organisation: centre.id } });
  for (const finding of opening.findings) await findingNote(acting, incident.id, finding);
  await concern(acting, index, incident, opening.findings, opening.organisations);
  const assessed = await assess(acting, index, incident);
  acting.audit('incident.open', `incident/${incident.number}`, {
    findings: opening.findings.length,
    ...(opening.candidate === null ? {} : { candidate: opening.candidate }),
  });
  return assessed;
}

/** More findings of a group that was opened before; what a person has closed is not opened again by itself. */
async function extend(
  acting: Acting,
  index: EstateIndex,
  incident: Incident,
  {
    candidate,
    findings,
    title,
    own,
  }: {
    candidate: IncidentCandidate;
    findings: readonly StoredFinding[];
    title: Words;
    /** The group is not the incident: what it says is said of the incident's own findings instead. */
    own: boolean;
  },
): Promise<string> {
  const fresh = new Set(
    await addFindings(
      acting.tx,
      incident.id,
      findings.map(({ id }) => id),
      acting.at,
    ),
  );
  const added = findings.filter(({ id }) => fresh.has(id));
  for (const finding of added) await findingNote(acting, incident.id, finding);
  await concern(acting, index, incident, findings, []);
  const told = own ? await describe(acting, incident) : undefined;
  await assess(
    acting,
    index,
    told ?? {
      ...incident,
      // It is named after how far the attack has come, and that may be further now.
      title,
      from: Math.min(incident.from, candidate.from),
      to: Math.max(incident.to, candidate.to),
      hosts: [...new Set([...incident.hosts, ...candidate.hosts])].slice(0, hostsMax),
      techniques: [...new Set([...incident.techniques, ...techniquesOf(added)])],
      reasons: [...candidate.reasons],
    },
    added.length > 0,
  );
  if (added.length > 0) acting.audit('incident.extend', `incident/${incident.number}`, { findings: added.length });
  return incident.id;
}

/** Whom the findings concern: participants, the `found` that starts their clocks, and the facts that follow. */
async function concern(
  acting: Acting,
  index: EstateIndex,
  incident: Incident,
  findings: readonly StoredFinding[],
  named: readonly string[],
): Promise<void> {
  const { tx, at } = acting;
  const met = findings.flatMap((finding) => concernedBy(finding, index));
  const order = rank(met, findings, index);
  for (const organisation of named) if (!order.includes(organisation)) order.push(organisation);
  const before = (await participantsOf(tx, [incident.id])).get(incident.id)!.filter((one) => one.concerned);
  const found = new Set(
    (await eventsOf(tx, incident.id)).filter(({ event }) => event === 'found').map((one) => one.organisation),
  );
  let position = before.length;
  for (const organisation of order) {
    const registered = index.organisation(organisation);
    if (!registered || registered.kind === 'centre') continue;
    const known = before.find((one) => one.organisation === organisation);
    const reasons = reasonsOf(met, organisation);
    await addParticipant(tx, incident.id, { organisation, concerned: true, position: known?.position ?? position++, reasons });
    if (found.has(organisation)) continue;
    // The law's clock starts when the operator finds or learns of the incident: it learns of it now, because the product shows it.
    await addEvent(tx, incident.id, {
      event: { event: 'found', at, by: registered.reporter },
      enteredAt: at,
      recordedBy: systemAccount,
      organisation,
    });
    await noteOf(acting, incident.id)(
      'event',
      { text: 'center.event.found-by-product', values: { organisation } },
      'found',
      organisation,
    );
  }
  await deriveFacts(acting, incident, findings, met, index);
}

function concernedBy(finding: StoredFinding, index: EstateIndex): Concerned[] {
  const seenBy = finding.organisations.length > 0 ? finding.organisations : [undefined];
  // The organisations of the finding are those of its hosts and of the sensor: a local address is one of theirs.
  return seenBy.flatMap((organisation) =>
    index
      .concerned({
        addresses: [finding.source, ...finding.targets],
        names: [],
        ...(organisation === undefined ? {} : { seenBy: organisation }),
      })
      .filter((one) => organisation === undefined || finding.organisations.includes(one.organisation)),
  );
}

/** The one hit first: whose hosts appear in most findings, an asset counting more than a network. */
function rank(met: readonly Concerned[], findings: readonly StoredFinding[], index: EstateIndex): string[] {
  const weight = new Map<string, number>();
  for (const one of met) weight.set(one.organisation, (weight.get(one.organisation) ?? 0) + (one.asset === undefined ? 1 : 2));
  // Who only saw it is concerned when nobody's hosts are known.
  if (weight.size === 0) {
    for (const finding of findings) for (const organisation of finding.organisations) weight.set(organisation, 1);
  }
  return [...weight]
    .filter(([organisation]) => index.organisation(organisation) !== undefined)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([organisation]) => organisation);
}

/** Reasons that one organisation is shown; a scan of a whole network would give thousands. */
const reasonsMax = 20;

function reasonsOf(met: readonly Concerned[], organisation: string): Words[] {
  const reasons = met.filter((one) => one.organisation === organisation).flatMap((one) => one.reasons);
  return [...new Map(reasons.map((reason) => [JSON.stringify(reason), reason])).values()].slice(0, reasonsMax);
}

/** Facts that need no person: how important the hit assets are registered, and losses that a finding shows by itself. */
async function deriveFacts(
  acting: Acting,
  incident: Incident,
  findings: readonly StoredFinding[],
  met: readonly Concerned[],
  index: EstateIndex,
): Promise<void> {
  const { tx, at, center } = acting;
  const stated = new Map((await factsOf(tx, incident.id)).map((fact) => [fact.fact, fact]));
  /** `whose`: the organisation that alone may read how it is known; the statement itself is for all participants. */
  const state = async (
    fact: string,
    value: FactValue,
    known: { source: 'estate' | 'finding'; since: number; words: Words | null; whose: string | null },
  ): Promise<void> => {
    const last = stated.get(fact);
    // What a person stated is not overwritten by what was derived.
    if (!center.content.facts.has(fact) || (last && !last.derived) || JSON.stringify(last?.value) === JSON.stringify(value))
      return;
    const { source, since, words, whose } = known;
    const organisation = index.centre!.id;
    const row = { fact, value, source, derived: true, by: systemAccount, organisation, at: since, enteredAt: at };
    await addFact(tx, incident.id, row);
    if (words) await noteOf(acting, incident.id)('fact', words, fact, whose);
  };
  const assets = met.flatMap((one) => (one.asset === undefined ? [] : [index.asset(one.asset)!]));
  const gravest = importances.find((importance) => assets.some((asset) => asset.importance === importance));
  if (gravest !== undefined) {
    const asset = assets.find(({ importance }) => importance === gravest)!;
    const values = { asset: asset.id, importance: { text: `fact.system_importance.${gravest}` } };
    const words: Words = { text: 'center.fact.importance', values };
    const known = { source: 'estate', since: at, words, whose: asset.organisation } as const;
    await state('system_importance', { kind: 'term', term: gravest }, known);
  }
  for (const property of ['confidentiality', 'integrity', 'availability', 'controllability'] as const) {
    const first = findings.filter(({ harm }) => harm === property).sort((a, b) => a.from - b.from)[0];
    if (!first) continue;
    const words: Words = {
      text: 'center.fact.harm',
      values: { fact: { text: `fact.${property}_lost` }, rule: ruleName(first.rule) },
    };
    const known = { source: 'finding', since: first.from, words, whose: null } as const;
    await state(`${property}_lost`, { kind: 'boolean', value: true }, known);
    // The moment belongs to the same sentence; a line of its own would say it twice.
    await state(`${property}_lost_at`, { kind: 'quantity', value: first.from }, { ...known, words: null });
  }
}

const techniquesOf = (findings: readonly Finding[]): string[] =>
  [...new Set(findings.flatMap(({ technique }) => technique))].sort();

/** ATT&CK's tactics of enterprise and control systems in the order of an attack's course; the later, the graver. */
const course = [
  'reconnaissance',
  'resource-development',
  'initial-access',
  'execution',
  'persistence',
  'privilege-escalation',
  'defense-evasion',
  'stealth',
  'defense-impairment',
  'evasion',
  'credential-access',
  'discovery',
  'lateral-movement',
  'collection',
  'command-and-control',
  'exfiltration',
  'inhibit-response-function',
  'impair-process-control',
  'impact',
];

/** Named after how far the attack has come and where: what the duty officer would say on the telephone. */
export function titleOf(hosts: readonly string[], findings: readonly StoredFinding[]): Words {
  const met = new Set(findings.flatMap(({ tactic }) => tactic));
  const tactics = course.filter((tactic) => met.has(tactic)).slice(-3);
  const host = hosts[0] ?? findings[0]?.source ?? '–';
  const values = Object.fromEntries(tactics.map((tactic, i) => [`tactic${i + 1}`, { text: `detect.tactic.${tactic}` }]));
  return { text: `center.incident.title.${tactics.length}`, values: { ...values, host } };
}

export function noteOf({ tx, at, doer }: Acting, incident: string) {
  return (
    kind: Parameters<typeof addTimeline>[2]['kind'],
    text: Words,
    reference: string | null = null,
    organisation: string | null = null,
    when = at,
  ): Promise<void> =>
    addTimeline(tx, incident, { at: when, enteredAt: at, kind, text, by: doer.account, reference, organisation });
}

/** Who may see the finding may read of it: the policy of the timeline looks at the reference. */
async function findingNote({ tx, at }: Acting, incident: string, finding: StoredFinding): Promise<void> {
  await addTimeline(tx, incident, {
    at: finding.from,
    enteredAt: at,
    kind: 'finding',
    text: finding.explanation,
    by: null,
    reference: finding.id,
    organisation: null,
  });
}
