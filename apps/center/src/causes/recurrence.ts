/** Causes over all incidents that the asker sees the causes of: how often each came back, and which measures would have prevented most. */

import { formatInstant } from '@forewarn/base/time';
import { measuresFor, recurrence } from '@forewarn/assess/causes/recurrence';
import { RecurrenceView } from '@forewarn/model/cause';
import { allPreventions, causedIncidents } from '@forewarn/store/resources/causes';
import { route } from '../api/route.ts';

export const causesOverIncidents = route({
  method: 'get',
  path: '/causes',
  access: 'incidents:read',
  summary: 'How often each cause came back over closed incidents, and which preventive measures would have met most of them.',
  answer: RecurrenceView,
  handle: async ({ center, scope }) =>
    center.database.scoped(scope, async (tx) => {
      const { items, closed, unknown } = await causedIncidents(tx);
      const preventions = await allPreventions(tx);
      const at = center.clock.now();
      return {
        at: formatInstant(at),
        closed,
        unknown,
        causes: recurrence(center.causes, items, preventions, at),
        measures: measuresFor(center.causes, items, preventions),
      };
    }),
});
