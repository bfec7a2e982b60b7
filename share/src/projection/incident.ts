/**
 * What each participant sees of an incident: the API's answer to another organisation passes here.
 *
 *                          whole           part                     informed
 *     who                  the centre,     concerned by it, or      asked or informed,
 *                          the lead        supporting it            and has accepted nothing more
 *     number, state, grade, stage, lead, participants, parts       yes            yes              yes
 *     title, reasons, timeline texts       with all hosts           own hosts      own hosts
 *     texts that people wrote              with all hosts           own hosts      own hosts
 *     hosts                                all                      own, and strangers' public ones
 *     facts, grades' reasons, decisions, tasks, cause      yes      yes            own tasks only
 *     timeline                             all     all but others'  state, parts, grade, warnings
 *     findings, clocks                     by row-level security: own ones; the lead sees all clocks
 */

import { parseAddress } from '@forewarn/base/ip';
import type { IncidentSummary, IncidentView, ResponsibilityView, TimelineEntry } from '@forewarn/model/api';
import type { Cause, CauseChain, Evidence } from '@forewarn/model/cause';
import { isList, type Words } from '@forewarn/model/text';

export type Viewer = { readonly organisation: string; readonly centre: boolean };
export type Sight = 'whole' | 'part' | 'informed';

/** How much the viewer sees, from the parts and from whether the incident concerns it. */
export function sightOf(
  viewer: Viewer,
  incident: Pick<IncidentSummary, 'organisations' | 'lead'>,
  responsibilities: readonly Pick<ResponsibilityView, 'organisation' | 'part' | 'state'>[],
): Sight {
  if (viewer.centre || incident.lead.organisation === viewer.organisation) return 'whole';
  if (incident.organisations.includes(viewer.organisation)) return 'part';
  const supports = responsibilities.some(
    (one) => one.organisation === viewer.organisation && one.part === 'support' && one.state === 'accepted',
  );
  return supports ? 'part' : 'informed';
}

const informedTimeline: readonly TimelineEntry['kind'][] = ['state', 'responsibility', 'grade', 'warning'];

/** Whether an address may be shown to the viewer: its own, or a public one that is registered by nobody. */
export type HostShown = (host: string) => boolean;

/** The summary in lists. */
export function projectSummary(incident: IncidentSummary, sight: Sight, shown: HostShown): IncidentSummary {
  return sight === 'whole'
    ? incident
    : { ...incident, title: hideHosts(incident.title, shown), weight: weightFor(sight, incident) };
}

/** Who is only told does not learn how much hangs on a link. */
const weightFor = (sight: Sight, { weight }: IncidentSummary): number | null => (sight === 'informed' ? null : weight);

export function projectIncident(incident: IncidentView, viewer: Viewer, sight: Sight, shown: HostShown): IncidentView {
  if (sight === 'whole') return incident;
  const informed = sight === 'informed';
  const hide = (text: string): string => hideIn(text, shown);
  return {
    ...incident,
    title: hideHosts(incident.title, shown),
    weight: weightFor(sight, incident),
    hosts: incident.hosts.filter(shown),
    reasons: informed ? [] : incident.reasons.map((reason) => hideHosts(reason, shown)),
    grades: informed ? incident.grades.map((grade) => ({ ...grade, fired: [], missing: [], next: [] })) : incident.grades,
    facts: informed ? [] : incident.facts.map((fact) => ({ ...fact, source: hide(fact.source) })),
    responsibilities: incident.responsibilities.map((one) => ({ ...one, reason: one.reason === null ? null : hide(one.reason) })),
    decisions: informed
      ? []
      : incident.decisions.map((one) => ({
          ...one,
          question: hide(one.question),
          options: one.options.map(hide),
          chosen: hide(one.chosen),
          reasons: hide(one.reasons),
          dissent: one.dissent === null ? null : hide(one.dissent),
        })),
    tasks: incident.tasks
      .filter((task) => !informed || task.organisation === viewer.organisation)
      .map((task) => ({ ...task, title: hide(task.title) })),
    cause: projectCause(incident.cause, sight, shown),
    timeline: incident.timeline
      .filter((entry) => !informed || informedTimeline.includes(entry.kind))
      .map((entry) => ({ ...entry, text: hideHosts(entry.text, shown) })),
  };
}

/** What people wrote of a cause; what they chose from lists names no host. */
function hideCause(cause: Cause, hide: (text: string) => string): Cause {
  if (cause.kind === 'unknown') return { ...cause, reason: hide(cause.reason) };
  return { ...cause, text: hide(cause.text), evidence: cause.evidence.map((one) => hideEvidence(one, hide)) };
}

const hideEvidence = (one: Evidence, hide: (text: string) => string): Evidence => ({
  ...one,
  reference: hide(one.reference),
  note: hide(one.note),
});

/** A chain of causes as a participant reads it: nothing for who is only told, and of the others no host that is another's. */
export function projectChain(chain: CauseChain, sight: Sight, shown: HostShown): CauseChain {
  if (sight === 'whole') return chain;
  if (sight === 'informed') return [];
  const hide = (text: string): string => hideIn(text, shown);
  return chain.map((step) => ({ ...step, text: hide(step.text), evidence: step.evidence.map((one) => hideEvidence(one, hide)) }));
}

/** What an incident was closed with, as a participant reads it. */
export const projectCause = (cause: Cause | null, sight: Sight, shown: HostShown): Cause | null =>
  cause === null || sight === 'whole' ? cause : sight === 'informed' ? null : hideCause(cause, (text) => hideIn(text, shown));

/** Nested words are a few deep; what is deeper is no sentence and is hidden whole. */
const depthMax = 5;
/** Runs of what addresses are written with; most are none (`12:30:15`, `face`). */
const candidate = /[0-9A-Fa-f:.]*[0-9A-Fa-f]/g;

function hideIn(text: string, shown: HostShown): string {
  return text.replaceAll(candidate, (found) => {
    // `192.0.2.7:443` is an address and a port.
    const [address, port] = /^([\d.]+)(:\d+)$/.exec(found)?.slice(1) ?? [found, ''];
    return parseAddress(address!) && !shown(address!) ? `•••${port}` : found;
  });
}

/** The words with every address that may not be shown replaced by a mark. */
export function hideHosts(words: Words, shown: HostShown, depth = 0): Words {
  if (!words.values) return words;
  if (depth > depthMax) return { text: words.text };
  const part = (one: string | Words): string | Words =>
    typeof one === 'string' ? hideIn(one, shown) : hideHosts(one, shown, depth + 1);
  const values: NonNullable<Words['values']> = {};
  for (const [name, value] of Object.entries(words.values)) {
    if (typeof value === 'number') values[name] = value;
    else values[name] = isList(value) ? value.map(part) : part(value);
  }
  return { text: words.text, values };
}
