/** An incident's life: open, contained, closed. Closing needs a cause, or "unknown, because". */

import { Refusal } from '@forewarn/base/refusal';
import { Cause } from '@forewarn/model/cause';
import type { IncidentLife, IncidentLifeEvent } from '@forewarn/model/response';

/** Which events each state allows. An incident may be closed without having been contained: it may have ended by itself. */
const allowed: { readonly [state in IncidentLife['state']]: readonly IncidentLifeEvent['kind'][] } = {
  open: ['contain', 'close'],
  contained: ['close', 'reopen'],
  closed: ['reopen'],
};

/** The life after its events, the first of which opens. Refuses (`incident.…`) what its state does not allow. */
export function incidentLife(events: readonly IncidentLifeEvent[]): IncidentLife {
  const [first, ...rest] = events;
  if (first?.kind !== 'open')
    throw new Refusal('incident.open', 'The first event must open the incident.', { advice: 'Begin with "open".' });
  return rest.reduce(applyIncidentLife, {
    state: 'open',
    since: first.at,
    openedAt: first.at,
    containedAt: null,
    closedAt: null,
    cause: null,
  });
}

/** One more event. */
export function applyIncidentLife(life: IncidentLife, event: IncidentLifeEvent): IncidentLife {
  if (!allowed[life.state].includes(event.kind)) {
    throw new Refusal('incident.state', `An incident that is ${life.state} cannot be changed by "${event.kind}".`, {
      advice: `What can be done with it: ${allowed[life.state].join(', ')}.`,
    });
  }
  if (event.at < life.since)
    throw new Refusal('incident.order', 'This happened before what is recorded already.', {
      advice: 'Record events in the order in which they happen.',
    });
  switch (event.kind) {
    case 'contain':
      return { ...life, state: 'contained', since: event.at, containedAt: event.at };
    case 'close':
      return { ...life, state: 'closed', since: event.at, closedAt: event.at, cause: checkCause(event.cause) };
    case 'reopen':
      return { ...life, state: 'open', since: event.at, containedAt: null, closedAt: null };
    case 'open':
      return life;
  }
}

/** Blanks are no cause and no reason; and who is sure of a cause names what it rests on. */
function checkCause(cause: unknown): Cause {
  const read = Cause.safeParse(cause);
  if (!read.success) {
    throw new Refusal('incident.cause', 'An incident is closed with its cause.', {
      place: { field: 'cause' },
      advice: 'State the cause, or that it is unknown and why it could not be found.',
    });
  }
  if (read.data.kind === 'known' && read.data.confidence !== 'low' && read.data.evidence.length === 0) {
    throw new Refusal('incident.evidence', 'Nothing is named that the cause rests on.', {
      place: { field: 'cause.evidence' },
      advice: 'Name a finding, fact, log or document, or call the confidence low.',
    });
  }
  return read.data;
}
