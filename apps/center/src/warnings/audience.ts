/** Whom a warning reaches: matched against the estate, then decided by the one exit. */

import type { EstateIndex } from '@forewarn/know/concern';
import type { EgressDecision } from '@forewarn/model/api';
import type { Words } from '@forewarn/model/text';
import { egress, type Passage } from '@forewarn/share/egress';
import type { Warning } from '@forewarn/store/resources/warnings';

export type Audience = {
  matched: { organisation: string; reasons: Words[] }[];
  decisions: EgressDecision[];
  passages: Passage[];
};

/** Fields of a warning and what they hold: its author's words about machines, and names registered for machines. */
const fields = { title: 'technical', scope: 'technical', mattersToNote: 'technical', measuresToTake: 'technical' } as const;

export function audienceOf(index: EstateIndex, warning: Pick<Warning, 'id' | 'owner' | 'body'>, at: number): Audience {
  const owner = index.organisation(warning.owner);
  if (!owner) throw new Error(`The author "${warning.owner}" of a warning is not registered.`);
  const matched = index.audience(warning.body.scope).filter(({ organisation }) => {
    // A department learns of those it oversees; that another's address was named here is not its to learn.
    if (owner.kind === 'centre' || organisation === owner.id) return true;
    return index.organisation(organisation)?.overseenBy === owner.id;
  });
  const recipients = matched.map(({ organisation, reasons }) => ({
    id: organisation,
    organisation: index.organisation(organisation),
    needToKnow: reasons,
  }));
  const item = { kind: 'warning', id: warning.id, marking: warning.body.marking, owner, fields } as const;
  return { matched, ...egress(item, recipients, { agreements: [], at }) };
}
