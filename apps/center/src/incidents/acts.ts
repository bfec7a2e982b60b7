/** What every act on an incident begins with: find it as its doer sees it, then change it with all that follows. */

import type { EstateIndex } from '@forewarn/know/concern';
import { findIncident, lockIncident, type Incident } from '@forewarn/store/resources/incidents';
import type { IncidentView } from '@forewarn/model/api';
import { act, type Acting } from '../act.ts';
import type { Center } from '../center-parts.ts';
import { scopeOf, type Principal } from '../ports.ts';
import { found } from '../refusals.ts';
import { incidentView } from './view.ts';

export type IncidentAct = Acting & { readonly index: EstateIndex; readonly incident: Incident; readonly principal: Principal };

/** Does the work on an incident that the person may see, and answers with how it then looks to them. */
export async function actOn(
  center: Center,
  principal: Principal,
  id: string,
  work: (doing: IncidentAct) => Promise<void>,
): Promise<IncidentView> {
  const index = await center.estate.index();
  const scope = scopeOf(principal);
  found(await center.database.scoped(scope, (tx) => findIncident(tx, id)));
  await act(center, principal, async (acting) => {
    const incident = found(await lockIncident(acting.tx, id));
    await work({ ...acting, index, incident, principal });
  });
  return center.database.scoped(scope, async (tx) =>
    incidentView(tx, center, index, principal, found(await findIncident(tx, id))),
  );
}
