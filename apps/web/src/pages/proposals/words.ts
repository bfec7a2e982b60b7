/** Words of proposals, by the terms of their schema. */

import { proposalNeeds, type ProposalKind, type ProposalState } from '@forewarn/model/proposal';

export const stateKeys: { [state in ProposalState]: string } = {
  open: 'proposals.state.open',
  accepted: 'proposals.state.accepted',
  merged: 'proposals.state.merged',
  refused: 'proposals.state.refused',
};

export const kindKeys: { [kind in ProposalKind]: string } = {
  host: 'proposals.kind.host',
  service: 'proposals.kind.service',
  name: 'proposals.kind.name',
  product: 'proposals.kind.product',
  surface: 'proposals.kind.surface',
};

export const needKeys: { [need in (typeof proposalNeeds)[number]]: string } = {
  network: 'proposals.needs.network',
  asset: 'proposals.needs.asset',
  business: 'proposals.needs.business',
};

/** Below it a proposal is marked as a guess. */
export const guessBelow = 0.6;
