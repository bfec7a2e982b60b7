/**
 * The demo's people: they use the API with their own tokens, as anybody would, and are audited as demo. The product does nothing by
 * itself; take these people away and the incident waits for a person.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { IncidentSummary, IncidentView, WarningView } from '@forewarn/model/api';
import type { ReportView } from '@forewarn/model/report';
import type { CauseChainView, PreventionView } from '@forewarn/model/cause';
import type { Act, Doing } from './acts.ts';

/** A signed-in person: who, and the token with which they speak to the API. */
export type Person = { organisation: string; role: string; token: string };

type Api = <T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown) => Promise<T>;

/** Looks once a second: fast enough for a visitor, little for the machine. */
const lookMs = 1_000;

/** An act that fails is tried again, this often at most: the demo must not fill a log for ever. */
const triesMax = 5;

export async function playPeople(options: {
  url: string;
  people: readonly Person[];
  acts: readonly Act[];
  signal: AbortSignal;
  onTrouble: (act: string, error: unknown) => void;
}): Promise<void> {
  const doneAt = new Map<string, number>();
  const seenAt = new Map<string, number>();
  const tries = new Map<string, number>();
  const centreEyes = apiOf(options.url, options.people.find((person) => person.role === 'duty-officer')!.token, options.signal);

  while (!options.signal.aborted && doneAt.size < options.acts.length) {
    const now = Date.now() / 1000;
    const incidents = await centreEyes<{ items: IncidentSummary[] }>('GET', '/incidents?limit=100').catch(() => undefined);
    for (const act of options.acts) {
      if (doneAt.has(act.id) || options.signal.aborted || !incidents) continue;
      const incident = incidents.items.find((one) => one.organisations[0] === act.incident);
      if (!incident) continue;
      if (!seenAt.has(act.incident)) seenAt.set(act.incident, now);
      const since = act.follows === undefined ? seenAt.get(act.incident)! : doneAt.get(act.follows);
      if (since === undefined || now - since < act.afterSeconds) continue;
      const person = options.people.find((one) => one.organisation === act.who.organisation && one.role === act.who.role);
      if (!person) {
        options.onTrouble(act.id, new Error(`The demo has no ${act.who.role} in ${act.who.organisation}.`));
        doneAt.set(act.id, now);
        continue;
      }
      try {
        const api = apiOf(options.url, person.token, options.signal);
        const issuer = act.does.kind === 'warn' ? act.does.issuedBy : undefined;
        const second = options.people.find((one) => one.organisation === person.organisation && one.role === issuer);
        await perform(
          act.does,
          incident.id,
          person,
          { api, second: second && apiOf(options.url, second.token, options.signal) },
          now,
        );
        doneAt.set(act.id, now);
      } catch (error) {
        if (options.signal.aborted) return;
        const count = (tries.get(act.id) ?? 0) + 1;
        tries.set(act.id, count);
        if (count === 1 || count === triesMax) options.onTrouble(act.id, error);
        if (count >= triesMax) doneAt.set(act.id, now);
      }
    }
    await sleep(lookMs, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

function apiOf(url: string, token: string, signal: AbortSignal): Api {
  return async (method, path, body) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 300)}`);
    return (text === '' ? undefined : JSON.parse(text)) as never;
  };
}

/** Does it unless it stands already: what is there decides, so that a restart repeats nothing. */
async function perform(
  does: Doing,
  id: string,
  person: Person,
  { api, second }: { api: Api; second: Api | undefined },
  now: number,
): Promise<void> {
  const at = (seconds: number) => new Date((now + seconds) * 1000).toISOString();
  if (does.kind === 'record') return record(does, api);
  if (does.kind === 'prevent') return prevent(does, api, at);
  if (does.kind === 'acknowledge') return acknowledge(person, api, does.warning);
  if (does.kind === 'done' || does.kind === 'remind' || does.kind === 'lift') return answer(does, person, api);
  const path = `/incidents/${id}`;
  const incident = await api<IncidentView>('GET', path);
  switch (does.kind) {
    case 'ask':
      if (incident.responsibilities.some((one) => one.organisation === does.organisation && one.part === does.part)) return;
      await api('POST', `${path}/responsibilities`, { organisation: does.organisation, part: does.part });
      return;
    case 'accept':
      if (
        incident.responsibilities.some(
          (one) => one.organisation === person.organisation && one.part === does.part && one.state === 'accepted',
        )
      ) {
        return;
      }
      await api('POST', `${path}/responsibilities/answer`, { part: does.part, answer: 'accept' });
      return;
    case 'fact':
      if (incident.facts.some((one) => one.fact === does.fact && JSON.stringify(one.value) === JSON.stringify(does.value)))
        return;
      await api('POST', `${path}/facts`, { fact: does.fact, value: does.value, source: does.source });
      return;
    case 'event':
      if (incident.timeline.some((one) => one.kind === 'event' && one.reference === does.event)) return;
      await api('POST', `${path}/events`, {
        event: does.event,
        at: at(0),
        ...(does.note === undefined ? {} : { note: does.note }),
      });
      return;
    case 'task':
      if (incident.tasks.some((one) => one.title === does.title)) return;
      await api('POST', `${path}/tasks`, {
        title: does.title,
        organisation: does.organisation,
        ...(does.dueInSeconds === undefined ? {} : { dueAt: at(does.dueInSeconds) }),
      });
      return;
    case 'decide': {
      const { kind: _, ...decision } = does;
      if (incident.decisions.some((one) => one.question === does.question)) return;
      await api('POST', `${path}/decisions`, decision);
      return;
    }
    case 'causes': {
      const { version } = await api<CauseChainView>('GET', `${path}/causes`);
      if (version === 0) await api('PUT', `${path}/causes`, { after: 0, steps: does.steps });
      return;
    }
    case 'report':
      await report(does, person, api);
      return;
    case 'warn':
      if (!second) throw new Error(`The demo has no ${does.issuedBy} in ${person.organisation}.`);
      await warn(does, incident, { api, second }, at);
      return;
  }
}

/** Warnings that the person sees, of a title or all. */
async function warningsOf(api: Api, title?: string): Promise<WarningView[]> {
  const { items } = await api<{ items: WarningView[] }>('GET', '/warnings?limit=100');
  return items.filter((one) => title === undefined || one.title.en === title);
}

/** Whoever was warned need not take part in the incident: they read their warnings. */
async function acknowledge(person: Person, api: Api, title: string | undefined): Promise<void> {
  for (const { id, audience, state } of await warningsOf(api, title)) {
    const own = audience.find((one) => one.organisation === person.organisation);
    if (own && own.acknowledgedAt === null && state !== 'lifted') await api('POST', `/warnings/${id}/acknowledge`, {});
  }
}

async function answer(does: Doing & { kind: 'done' | 'remind' | 'lift' }, person: Person, api: Api): Promise<void> {
  const [warning] = await warningsOf(api, does.warning);
  if (!warning) throw new Error(`There is no warning "${does.warning}" yet.`);
  const path = `/warnings/${warning.id}`;
  if (warning.state === 'lifted') return;
  if (does.kind === 'lift') {
    await api('POST', `${path}/lift`, { reason: does.reason });
  } else if (does.kind === 'remind') {
    if (warning.counts.reminded === 0) await api('POST', `${path}/remind`, { climb: does.climb });
  } else {
    const own = warning.audience.find((one) => one.organisation === person.organisation);
    if (own?.done.some(({ measure }) => measure === does.measure)) return;
    await api('POST', `${path}/measures`, { measure: does.measure, evidence: does.evidence });
  }
}

/** Makes it, remarks on it, releases it; whatever of this an interrupted demo had done stays done. */
async function report(does: Doing & { kind: 'report' }, person: Person, api: Api): Promise<void> {
  const { items } = await api<{ items: ReportView[] }>('GET', '/reports?limit=100');
  const own = items.find(
    ({ template, owner, madeBy }) => template === does.template && owner === person.organisation && madeBy !== null,
  );
  const { id, state, remark } = own ?? (await api<ReportView>('POST', '/reports', { template: does.template }));
  if (state !== 'draft') return;
  if (remark === null) await api('PUT', `/reports/${id}/remark`, { remark: does.remark });
  await api('POST', `/reports/${id}/release`, { recipients: does.recipients, reason: does.reason });
}

/** Draft, look at who would get it, have a second person issue it: the order in which the workbench leads people, too. */
async function warn(
  does: Doing & { kind: 'warn' },
  incident: IncidentView,
  { api, second }: { api: Api; second: Api },
  at: (seconds: number) => string,
): Promise<void> {
  let [warning] = await warningsOf(api, does.title.en);
  warning ??= await api<WarningView>('POST', '/warnings', {
    ...(does.colour === undefined ? {} : { colour: does.colour }),
    urgency: does.urgency,
    marking: 'TLP:AMBER',
    incidentType: does.incidentType,
    title: does.title,
    startTime: incident.from,
    possibleScope: does.possibleScope,
    mattersToNote: does.mattersToNote,
    measures: does.measures.map(({ inSeconds, ...measure }) => ({ ...measure, dueAt: at(inSeconds) })),
    validUntil: at(does.validForSeconds),
    scope: {
      addresses: does.addresses,
      names: does.names,
      businesses: does.businesses,
      sectors: does.sectors,
      ...(does.vulnerabilities === undefined ? {} : { vulnerabilities: does.vulnerabilities }),
    },
    incident: does.ofIncident ? incident.id : null,
  });
  if (warning.state !== 'draft') return;
  await second('POST', `/warnings/${warning.id}/preview`, {});
  await second('POST', `/warnings/${warning.id}/issue`, {});
}

/** An incident of before, written down with its cause, so that causes add up. */
async function record(does: Doing & { kind: 'record' }, api: Api): Promise<void> {
  const { items } = await api<{ items: IncidentSummary[] }>('GET', '/incidents?limit=500');
  const known = items.find(({ title }) => title.values?.['title'] === does.title);
  const { id, state } = known ?? (await api<IncidentView>('POST', '/incidents', { title: does.title }));
  if (state !== 'closed')
    await api('POST', `/incidents/${id}/state`, { state: 'closed', reason: does.reason, cause: does.cause });
}

async function prevent(does: Doing & { kind: 'prevent' }, api: Api, at: (seconds: number) => string): Promise<void> {
  const { kind: _, state, dueInSeconds, ...measure } = does;
  const { items } = await api<{ items: PreventionView[] }>('GET', '/preventions?limit=500');
  const known = items.find(({ title }) => title === does.title);
  const made = known ?? (await api<PreventionView>('POST', '/preventions', { ...measure, dueAt: at(dueInSeconds) }));
  if (state !== undefined && made.state === 'proposed') await api('POST', `/preventions/${made.id}/state`, { state });
}
