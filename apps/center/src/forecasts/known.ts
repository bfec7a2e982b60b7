/** What a forecast begins with: what was stated of an incident, and which services rest on what it hit. */

import type { Known, Reached, Statement } from '@forewarn/assess/forecast/course';
import { readForecastModel } from '@forewarn/assess/forecast/model';
import type { EstateIndex } from '@forewarn/know/concern';
import type { Content, ContentFile } from '@forewarn/model/content';
import type { Estate } from '@forewarn/model/estate';
import type { ForecastModel } from '@forewarn/model/forecast';
import type { FactStatement } from '@forewarn/store/resources/facts';
import type { Incident } from '@forewarn/store/resources/incidents';
import { reachOf } from '../causes/reach.ts';

const path = 'forecast/model.yaml';

/** The model of the content folder; throws its refusals. */
export const forecastModelOf = (files: readonly ContentFile[], content: Content): ForecastModel =>
  readForecastModel(files.find((file) => file.path === path)?.text ?? '', path, content.facts);

/** Statements as history has them; the last written of a fact counts, since when it was known or not. */
export const statementsOf = (facts: readonly FactStatement[]): (Statement & { enteredAt: number })[] =>
  facts.map(({ fact, value, at, enteredAt }) => ({ fact, value, at, enteredAt }));

/** Services that fall if what the incident hit is gone. */
export function reachedBy(
  index: EstateIndex,
  estate: Estate,
  incident: { hosts: readonly string[]; concerned: readonly string[] },
): Reached[] {
  return reachOf(index, estate, incident).fallen.map(
    ({ business, users, cnyPerHour, itself, toleratedOutageHours }): Reached => ({
      business,
      users,
      cnyPerHour,
      itself,
      toleratedOutageHours,
    }),
  );
}

export const knownOf = (
  incident: Pick<Incident, 'state'>,
  facts: readonly FactStatement[],
  reached: readonly Reached[],
  at: number,
): Known => ({ at, statements: statementsOf(facts), reached, over: incident.state !== 'open' });
