/**
 * Who leads, supports, is informed. The state follows from the events alone, and there is no moment without a named
 * lead: whoever leads keeps it until another has accepted.
 *
 *     open ──────────────► lead: A
 *     assign B lead        lead: A, asked: B
 *       accept B             lead: B             A's part ends, handed over
 *       refuse B, reason     lead: A, escalated  the centre is told, and leads when nobody did before
 *     hand-over A → B      lead: A, asked: B     the same, begun by the lead itself
 *     escalate             lead: the centre
 */

import { Refusal } from '@forewarn/base/refusal';
import type { Seconds } from '@forewarn/base/time';
import type { Lead, Part, Responsibility, ResponsibilityEvent } from '@forewarn/model/response';

/** The responsibilities of one incident as they stand. */
export type Responsibilities = {
  readonly lead: Lead;
  /** The centre that disputes climb to. */
  readonly centre: string;
  /** Open questions to the centre: refusals of the lead that nobody has answered yet. */
  readonly disputes: readonly { organisation: string; since: Seconds; reason: string }[];
  /** Every organisation's parts, the present ones and those that ended. */
  readonly parts: readonly Responsibility[];
  /** All leads in order, each until the next; without a gap. */
  readonly leads: readonly { organisation: string; from: Seconds; until: Seconds | null }[];
  readonly changedAt: Seconds;
};

/** The first event of an incident's responsibilities names its lead: the organisation that is hit, or the centre. */
export function openResponsibilities(event: ResponsibilityEvent & { kind: 'open' }, centre: string): Responsibilities {
  const { at, by, organisation, article } = event;
  return {
    lead: { organisation, since: at, asked: null },
    centre,
    disputes: [],
    parts: [{ organisation, part: 'lead', state: 'accepted', since: at, by, ...(article === undefined ? {} : { article }) }],
    leads: [{ organisation, from: at, until: null }],
    changedAt: at,
  };
}

/** One more event. Refuses, with a code that begins `responsibility.`, what the rules do not allow; the state is then unchanged. */
export function applyResponsibility(state: Responsibilities, event: ResponsibilityEvent): Responsibilities {
  if (event.at < state.changedAt)
    throw new Refusal('responsibility.order', 'This happened before what is recorded already.', {
      advice: 'Record events in the order in which they happen.',
    });
  switch (event.kind) {
    case 'open':
      throw new Refusal('responsibility.open', 'The incident has a lead already.', { advice: 'Assign or hand over instead.' });
    case 'assign':
      return assign(state, event);
    case 'accept':
      return accept(state, event);
    case 'refuse':
      return refuse(state, event);
    case 'hand-over':
      return handOver(state, event);
    case 'release':
      return release(state, event);
    case 'escalate':
      if (state.lead.organisation === state.centre)
        throw new Refusal('responsibility.escalate', 'The centre leads already.', {
          advice: 'Assign the lead to somebody instead.',
        });
      return takeLead(state, { organisation: state.centre, at: event.at, by: event.by, reason: event.reason });
  }
}

/** The state after all events, the first of which opens. */
export function responsibilities(events: readonly ResponsibilityEvent[], centre: string): Responsibilities {
  const [first, ...rest] = events;
  if (first?.kind !== 'open')
    throw new Refusal('responsibility.open', 'The first event must name the lead.', { advice: 'Begin with "open".' });
  return rest.reduce(applyResponsibility, openResponsibilities(first, centre));
}

/** Who led at a moment; undefined only before the incident was opened. */
export function leadAt(state: Responsibilities, at: Seconds): string | undefined {
  return state.leads.find((each) => each.from <= at && (each.until === null || at < each.until))?.organisation;
}

type EventOf<K extends ResponsibilityEvent['kind']> = Extract<ResponsibilityEvent, { kind: K }>;

function assign(state: Responsibilities, event: EventOf<'assign'>): Responsibilities {
  const { organisation, part, at, by } = event;
  const standing = current(state, organisation, part);
  if (standing) {
    const already = standing.state === 'asked' ? 'was asked for this part already' : 'has this part already';
    throw new Refusal('responsibility.assign', `"${organisation}" ${already}.`, {
      advice: 'Wait for its answer, or choose another organisation.',
    });
  }
  if (part === 'lead' && state.lead.asked) throw alreadyAsked(state);
  // To be informed asks nothing of anybody, so nobody has to accept it.
  const added: Responsibility = {
    organisation,
    part,
    state: part === 'inform' ? 'accepted' : 'asked',
    since: at,
    by,
    ...reasonOf(event.reason),
    ...articleOf(event.article),
  };
  const lead = part === 'lead' ? { ...state.lead, asked: { organisation, since: at } } : state.lead;
  return { ...state, lead, parts: [...state.parts, added], changedAt: at };
}

function accept(state: Responsibilities, event: EventOf<'accept'>): Responsibilities {
  const { organisation, part, at, by } = event;
  const asked = requireAsked(state, organisation, part);
  if (part === 'lead') return takeLead(state, { organisation, at, by, ...reasonOf(asked.reason), ...articleOf(asked.article) });
  return { ...state, parts: replace(state.parts, asked, { ...asked, state: 'accepted', since: at, by }), changedAt: at };
}

function refuse(state: Responsibilities, event: EventOf<'refuse'>): Responsibilities {
  const { organisation, part, at, by, reason } = event;
  const asked = requireAsked(state, organisation, part);
  const parts = replace(state.parts, asked, { ...asked, state: 'refused', since: at, by, reason });
  if (part !== 'lead') return { ...state, parts, changedAt: at };
  // The former lead keeps the incident; that somebody refused it is for the centre to settle.
  return {
    ...state,
    parts,
    lead: { ...state.lead, asked: null },
    disputes: [...state.disputes, { organisation, since: at, reason }],
    changedAt: at,
  };
}

function handOver(state: Responsibilities, event: EventOf<'hand-over'>): Responsibilities {
  const { from, to, part, at, by, reason } = event;
  const own = current(state, from, part);
  if (own?.state !== 'accepted')
    throw new Refusal('responsibility.hand-over', `"${from}" does not have this part.`, {
      advice: 'Only what one has can be handed over.',
    });
  if (from === to)
    throw new Refusal('responsibility.hand-over', `"${from}" cannot hand over to itself.`, {
      advice: 'Name another organisation.',
    });
  if (current(state, to, part))
    throw new Refusal('responsibility.hand-over', `"${to}" has this part already, or was asked for it.`, {
      advice: 'Name another organisation.',
    });
  if (part === 'lead' && state.lead.asked) throw alreadyAsked(state);
  const asked: Responsibility = { organisation: to, part, state: 'asked', since: at, by, reason };
  const lead = part === 'lead' ? { ...state.lead, asked: { organisation: to, since: at } } : state.lead;
  return { ...state, lead, parts: [...state.parts, asked], changedAt: at };
}

function release(state: Responsibilities, event: EventOf<'release'>): Responsibilities {
  const { organisation, part, at, by, reason } = event;
  const standing = current(state, organisation, part);
  if (!standing)
    throw new Refusal('responsibility.release', `"${organisation}" does not have this part.`, {
      advice: 'Name an organisation that has it.',
    });
  return {
    ...state,
    parts: replace(state.parts, standing, { ...standing, state: 'released', since: at, by, reason }),
    changedAt: at,
  };
}

/** The lead passes; whoever had it keeps a place as a supporter, since it knows the incident. */
function takeLead(
  state: Responsibilities,
  to: { organisation: string; at: Seconds; by: string; reason?: string; article?: string },
): Responsibilities {
  const former = state.lead.organisation;
  const { organisation, at, by } = to;
  const parts = state.parts
    .map((part): Responsibility => {
      if (part.part !== 'lead' || (part.state !== 'accepted' && part.state !== 'asked')) return part;
      if (part.organisation === organisation && part.state === 'asked') return { ...part, state: 'accepted', since: at, by };
      return { ...part, state: part.state === 'asked' ? 'released' : 'handed-over', since: at, by };
    })
    .concat(
      current(state, former, 'support') || former === organisation
        ? []
        : [{ organisation: former, part: 'support', state: 'accepted', since: at, by }],
    );
  const took = parts.some((part) => part.part === 'lead' && part.organisation === organisation && part.state === 'accepted');
  const added: Responsibility = {
    organisation,
    part: 'lead',
    state: 'accepted',
    since: at,
    by,
    ...reasonOf(to.reason),
    ...articleOf(to.article),
  };
  return {
    ...state,
    lead: { organisation, since: at, asked: null },
    disputes: [],
    parts: took ? parts : [...parts, added],
    leads: [
      ...state.leads.map((lead) => (lead.until === null ? { ...lead, until: at } : lead)),
      { organisation, from: at, until: null },
    ],
    changedAt: at,
  };
}

function current(state: Responsibilities, organisation: string, part: Part): Responsibility | undefined {
  return state.parts.find(
    (each) => each.organisation === organisation && each.part === part && (each.state === 'asked' || each.state === 'accepted'),
  );
}

function requireAsked(state: Responsibilities, organisation: string, part: Part): Responsibility {
  const standing = current(state, organisation, part);
  if (standing?.state === 'asked') return standing;
  throw new Refusal('responsibility.not-asked', `"${organisation}" was not asked to ${part}.`, {
    advice: 'Only an organisation that was asked can accept or refuse.',
  });
}

function replace(parts: readonly Responsibility[], old: Responsibility, by: Responsibility): Responsibility[] {
  return parts.map((part) => (part === old ? by : part));
}

function reasonOf(reason: string | undefined): { reason?: string } {
  return reason === undefined ? {} : { reason };
}

function articleOf(article: string | undefined): { article?: string } {
  return article === undefined ? {} : { article };
}

function alreadyAsked(state: Responsibilities): Refusal {
  return new Refusal('responsibility.asked', `"${state.lead.asked!.organisation}" was asked to lead and has not answered.`, {
    advice: 'Wait for its answer, or escalate to the centre.',
  });
}
