/**
 * Before, during, after. Harm starts at the earliest moment at which confidentiality, integrity, availability or
 * controllability was lost. We acted *before* when everybody hit had been warned, or a protective measure stood
 * recorded, before that moment; who does not know when harm began has not shown that they were early.
 */

import type { Seconds } from '@forewarn/base/time';
import type { Facts } from '@forewarn/model/facts';
import type { Words } from '@forewarn/model/text';

export const properties = ['confidentiality', 'integrity', 'availability', 'controllability'] as const;
export type Property = (typeof properties)[number];

/**
 * When harm began. `from` and `to` bound the moment; a `from` of null means that no earliest moment is known.
 * `none`: every loss is excluded by a statement. `unknown`: no loss is stated, and not every one is excluded.
 */
export type Harm =
  | { kind: 'none' }
  | { kind: 'unknown'; reason: Words }
  | { kind: 'known'; from: Seconds | null; to: Seconds | null; property: Property; source: string | undefined; reason: Words };

/** Reads when harm began from the facts `<property>_lost` and `<property>_lost_at`. */
export function harmOf(facts: Facts): Harm {
  const losses: { property: Property; from: Seconds | null; to: Seconds | null; source: string | undefined }[] = [];
  let excluded = 0;
  for (const property of properties) {
    const lost = facts[`${property}_lost`];
    const lostAt = facts[`${property}_lost_at`];
    const source = lostAt?.source ?? lost?.source;
    if (lostAt?.value.kind === 'quantity') losses.push({ property, from: lostAt.value.value, to: lostAt.value.value, source });
    else if (lostAt?.value.kind === 'interval') losses.push({ property, from: lostAt.value.min, to: lostAt.value.max, source });
    else if (lost?.value.kind === 'boolean' && lost.value.value) losses.push({ property, from: null, to: null, source });
    else if (lost?.value.kind === 'boolean') excluded++;
  }
  if (losses.length === 0) {
    if (excluded === properties.length) return { kind: 'none' };
    return { kind: 'unknown', reason: { text: 'assess.harm.unknown', values: { count: properties.length - excluded } } };
  }
  // The earliest of several moments lies between the least lower bound and the least upper bound; a loss without any
  // moment may have been the first.
  const from = losses.some((loss) => loss.from === null) ? null : Math.min(...losses.map((loss) => loss.from!));
  const uppers = losses.map((loss) => loss.to).filter((to) => to !== null);
  const to = uppers.length === 0 ? null : Math.min(...uppers);
  const first = losses.reduce((a, b) => ((b.from ?? -Infinity) < (a.from ?? -Infinity) ? b : a));
  const property: Words = { text: `assess.harm.property.${first.property}` };
  const reason: Words =
    from === null
      ? { text: 'assess.harm.moment-unknown', values: { property } }
      : { text: from === to ? 'assess.harm.known' : 'assess.harm.interval', values: { property } };
  return { kind: 'known', from, to, property: first.property, source: first.source, reason };
}

export type Stage = 'before' | 'during' | 'after' | 'unknown';

/** The stage of an incident at a moment: harm has not begun, goes on, or has been contained. */
export function stageOf(incident: { harm: Harm; containedAt: Seconds | null; at: Seconds }): { stage: Stage; reason: Words } {
  const { harm, containedAt, at } = incident;
  if (containedAt !== null && containedAt <= at) return { stage: 'after', reason: { text: 'assess.stage.contained' } };
  if (harm.kind === 'none') return { stage: 'before', reason: { text: 'assess.stage.no-harm' } };
  if (harm.kind === 'unknown') return { stage: 'unknown', reason: harm.reason };
  if (harm.from !== null && harm.from > at) return { stage: 'before', reason: { text: 'assess.stage.harm-expected' } };
  if (harm.to !== null && harm.to > at) return { stage: 'unknown', reason: { text: 'assess.stage.harm-may-have-begun' } };
  return { stage: 'during', reason: harm.reason };
}

/** What was done against an incident: a warning that was issued, or a protective measure that was recorded. */
export type Action =
  | { kind: 'warning'; id: string; at: Seconds; audience: readonly string[] }
  | { kind: 'measure'; id: string; at: Seconds };

/** An incident as the ratio sees it. */
export type RatedIncident = {
  id: string;
  harm: Harm;
  /** The organisations that were hit. */
  hit: readonly string[];
  actions: readonly Action[];
};

/** How early we were. `leadSeconds` runs from the action to the earliest moment of harm, and is negative where it came later. */
export type Timeliness =
  | { outcome: 'before'; action: string; leadSeconds: Seconds }
  | { outcome: 'not-before'; reason: Words; action?: string; leadSeconds?: Seconds }
  | { outcome: 'averted'; evidence: readonly string[] }
  | { outcome: 'excluded'; reason: Words };

/** Whether we acted before the harm of one incident. */
export function timeliness(incident: RatedIncident): Timeliness {
  const { harm, hit } = incident;
  // Warnings add up: the moment at which the last of those hit had been warned counts.
  const warnedAt = new Map<string, { at: Seconds; id: string }>();
  for (const action of incident.actions) {
    if (action.kind !== 'warning') continue;
    for (const organisation of action.audience) {
      const earlier = warnedAt.get(organisation);
      if (hit.includes(organisation) && (!earlier || action.at < earlier.at)) warnedAt.set(organisation, action);
    }
  }
  const everybody = hit.length > 0 && hit.every((organisation) => warnedAt.has(organisation));
  const warned = everybody ? [...warnedAt.values()].reduce((a, b) => (b.at > a.at ? b : a)) : undefined;
  const measures = incident.actions.filter((action) => action.kind === 'measure');
  const earliest = [...measures, ...(warned ? [warned] : [])].reduce<{ at: Seconds; id: string } | undefined>(
    (a, b) => (a && a.at <= b.at ? a : b),
    undefined,
  );
  if (harm.kind === 'none') {
    if (incident.actions.length > 0) return { outcome: 'averted', evidence: incident.actions.map((action) => action.id) };
    return { outcome: 'excluded', reason: { text: 'assess.ratio.no-harm-no-action' } };
  }
  if (harm.kind === 'unknown' || harm.from === null)
    return { outcome: 'not-before', reason: { text: 'assess.ratio.harm-unknown' } };
  if (!earliest) return { outcome: 'not-before', reason: { text: 'assess.ratio.no-action' } };
  if (earliest.at < harm.from) return { outcome: 'before', action: earliest.id, leadSeconds: harm.from - earliest.at };
  return {
    outcome: 'not-before',
    reason: { text: 'assess.ratio.too-late', values: { seconds: Math.round(earliest.at - harm.from) } },
    action: earliest.id,
    leadSeconds: harm.from - earliest.at,
  };
}

export type ResponseRatio = {
  /** Incidents with harm in which we acted before it. */
  before: number;
  /** Incidents with harm, or whose harm is unknown. */
  of: number;
  /** `before / of`; null when there was none. */
  ratio: number | null;
  /** Of these, the ones whose harm has no known moment; they count as not before. */
  unknown: number;
  averted: { id: string; evidence: readonly string[] }[];
  excluded: { id: string; reason: Words }[];
  incidents: { id: string; timeliness: Timeliness }[];
};

/** The share of incidents in which we acted before the harm; what is not counted is listed with its reason. */
export function responseRatio(incidents: readonly RatedIncident[]): ResponseRatio {
  const rated = incidents.map((incident) => ({ id: incident.id, harm: incident.harm, timeliness: timeliness(incident) }));
  const counted = rated.filter(({ timeliness: { outcome } }) => outcome === 'before' || outcome === 'not-before');
  const before = counted.filter((each) => each.timeliness.outcome === 'before').length;
  return {
    before,
    of: counted.length,
    ratio: counted.length === 0 ? null : before / counted.length,
    unknown: counted.filter(({ harm }) => harm.kind === 'unknown' || (harm.kind === 'known' && harm.from === null)).length,
    averted: rated.flatMap(({ id, timeliness: each }) => (each.outcome === 'averted' ? [{ id, evidence: each.evidence }] : [])),
    excluded: rated.flatMap(({ id, timeliness: each }) => (each.outcome === 'excluded' ? [{ id, reason: each.reason }] : [])),
    incidents: rated.map(({ id, timeliness: each }) => ({ id, timeliness: each })),
  };
}
