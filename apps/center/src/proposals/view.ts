/** A proposal as the API tells of it, drafted against the register as it is. */

import { formatInstant } from '@forewarn/base/time';
import { draft, whyOf } from '@forewarn/know/proposals/draft';
import type { KnownEstate } from '@forewarn/know/proposals/known';
import type { ProposalView } from '@forewarn/model/proposal';
import type { StoredProposal } from '@forewarn/store/resources/proposals';
import type { Principal } from '../ports.ts';

export function proposalView(row: StoredProposal, known: KnownEstate, principal: Principal): ProposalView {
  const asset = known.assetOf(row.host, row.said.name);
  const drafted = draft(row, known);
  return {
    id: row.id,
    organisation: row.organisation,
    kind: row.kind,
    host: row.host,
    said: row.said,
    asset: asset ? { id: asset.id, name: asset.name } : null,
    draft:
      drafted.needs === null
        ? { item: drafted.item, creates: drafted.creates, name: drafted.name, needs: null }
        : { item: null, creates: false, name: drafted.name, needs: drafted.needs },
    firstSeen: formatInstant(row.firstSeen),
    lastSeen: formatInstant(row.lastSeen),
    count: row.count,
    confidence: row.confidence,
    why: whyOf(row, known),
    // A record of another organisation's sensor is that organisation's.
    record:
      principal.centre || row.seenBy === principal.organisation
        ? { log: row.log, at: formatInstant(row.lastSeen), sensor: row.sensor }
        : null,
    state: row.state,
    decided:
      row.decidedAt === null
        ? null
        : {
            at: formatInstant(row.decidedAt),
            by: row.decidedBy ?? '',
            reason: row.reason ?? '',
            item: row.itemKind === null || row.item === null ? null : { kind: row.itemKind, id: row.item },
          },
  };
}
