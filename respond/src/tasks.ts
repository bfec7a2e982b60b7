/** Tasks: a piece of work of one organisation. The state follows from the events. */

import { Refusal } from '@forewarn/base/refusal';
import type { Task, TaskEvent } from '@forewarn/model/response';

/** Which events each state allows. */
const allowed: { readonly [state in Task['state']]: readonly TaskEvent['kind'][] } = {
  open: ['start', 'finish', 'drop', 'move', 'due'],
  doing: ['finish', 'drop', 'move', 'due'],
  done: ['reopen'],
  dropped: ['reopen'],
};

/** The task after its events, the first of which creates it. Refuses (`task.…`) what its state does not allow. */
export function task(events: readonly TaskEvent[]): Task {
  const [first, ...rest] = events;
  if (first?.kind !== 'create')
    throw new Refusal('task.create', 'The first event must create the task.', { advice: 'Begin with "create".' });
  const { title, organisation, at, note, dueAt, measure } = first;
  return rest.reduce(applyTask, {
    title,
    organisation,
    state: 'open',
    since: at,
    dueAt: dueAt ?? null,
    ...(note === undefined ? {} : { note }),
    ...(measure === undefined ? {} : { measure }),
  });
}

/** One more event. */
export function applyTask(state: Task, event: TaskEvent): Task {
  if (!allowed[state.state].includes(event.kind)) {
    throw new Refusal('task.state', `A task that is ${state.state} cannot be changed by "${event.kind}".`, {
      advice: `What can be done with it: ${allowed[state.state].join(', ')}.`,
    });
  }
  switch (event.kind) {
    case 'start':
      return { ...state, state: 'doing', since: event.at };
    case 'finish':
      return { ...state, state: 'done', since: event.at, result: event.result };
    case 'drop':
      return { ...state, state: 'dropped', since: event.at, reason: event.reason };
    case 'reopen':
      return { ...state, state: 'open', since: event.at, reason: event.reason };
    case 'move':
      return { ...state, organisation: event.organisation, reason: event.reason };
    case 'due':
      return { ...state, dueAt: event.dueAt, reason: event.reason };
    case 'create':
      return state;
  }
}
