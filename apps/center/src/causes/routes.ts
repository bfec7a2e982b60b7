/** Why incidents happen: the catalogue, chains, recurrence, preventive measures. */

import type { Route } from '../api/route.ts';
import { causeCatalogue, incidentCauses, writeCauses } from './chain.ts';
import { changePrevention, listOfPreventions, makePrevention } from './preventions.ts';
import { causesOverIncidents } from './recurrence.ts';

export const causeRoutes: readonly Route[] = [
  causeCatalogue,
  causesOverIncidents,
  incidentCauses,
  writeCauses,
  listOfPreventions,
  makePrevention,
  changePrevention,
];
