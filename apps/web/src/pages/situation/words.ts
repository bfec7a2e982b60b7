/** The texts of what the index is made of. */

import type { SituationBand, SituationComponent, SituationDimension } from '@forewarn/model/situation';

export const bandKeys: { [band in SituationBand]: string } = {
  excellent: 'situation.band.excellent',
  good: 'situation.band.good',
  fair: 'situation.band.fair',
  poor: 'situation.band.poor',
  dangerous: 'situation.band.dangerous',
};

export const componentKeys: { [component in SituationComponent]: string } = {
  threat: 'situation.component.threat',
  exposure: 'situation.component.exposure',
  weakness: 'situation.component.weakness',
  damage: 'situation.component.damage',
  coverage: 'situation.component.coverage',
  readiness: 'situation.component.readiness',
};

export const dimensionKeys: { [dimension in SituationDimension]: string } = {
  whole: 'situation.dimension.whole',
  'network-type': 'situation.dimension.network-type',
  sector: 'situation.dimension.sector',
  region: 'situation.dimension.region',
  tier: 'situation.dimension.tier',
  organisation: 'situation.dimension.organisation',
};

/** What kind of event it is; a kind that is not listed is shown by its component alone. */
export const kindKeys: { readonly [kind: string]: string } = {
  finding: 'situations.kind.finding',
  warning: 'situations.kind.warning',
  exposure: 'situations.kind.exposure',
  'exposure-overdue': 'situations.kind.exposure',
  protection: 'situations.kind.protection',
  'single-way': 'situations.kind.singleWay',
  incident: 'situations.kind.incident',
  'incident-contained': 'situations.kind.incident',
  network: 'situations.kind.network',
  link: 'situations.kind.link',
  clock: 'situations.kind.clock',
  task: 'situations.kind.task',
  'warning-unread': 'situations.kind.warningUnread',
  request: 'situations.kind.request',
};
