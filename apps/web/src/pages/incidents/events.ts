/** What can be recorded of an incident; each may start, move or meet the clocks of laws. */

import type { EventKind } from '@forewarn/model/duty';

export const eventKeys: { [event in EventKind]: string } = {
  found: 'web.event.found',
  received: 'web.event.received',
  reported: 'web.event.reported',
  graded: 'web.event.graded',
  referred: 'web.event.referred',
  'important-change': 'web.event.importantChange',
  supplemented: 'web.event.supplemented',
  'handling-finished': 'web.event.handlingFinished',
  summarised: 'web.event.summarised',
};

/** Grades are recorded by the product when they move; nobody types one in. */
export const recordable = (Object.keys(eventKeys) as EventKind[]).filter((event) => event !== 'graded');
