/** Whom a warning reaches: matched against the estate, then decided by the one exit. */

import type { Concern, EstateIndex } from '@forewarn/know/concern';
import type { EgressDecision } from '@forewarn/model/api';
import type { Words } from '@forewarn/model/text';
import { egress, type Passage } from '@forewarn/share/egress';
import type { Transaction } from '@forewarn/store/postgres/database';
import { organisationsExposed } from '@forewarn/store/resources/exposures';
import { audiencesOf, type Warning } from '@forewarn/store/resources/warnings';

export type Audience = {
  matched: { organisation: string; reasons: Words[] }[];
  decisions: EgressDecision[];
  passages: Passage[];
};

/** Fields of a warning and what they hold: its author's words about machines, and names registered for machines. */
const fields = { title: 'technical', scope: 'technical', mattersToNote: 'technical', measuresToTake: 'technical' } as const;

/**
 * Whose components are exposed to the vulnerabilities of a warning's scope. Whoever has the warning stays concerned: who has mended a component
 * meanwhile is told of the adjusted edition too.
 */
export async function concernedByExposure(tx: Transaction, { id, body }: Pick<Warning, 'id' | 'body'>): Promise<Concern[]> {
  const { vulnerabilities = [] } = body.scope;
  if (vulnerabilities.length === 0) return [];
  const concerned = new Map<string, Words[]>();
  for (const { organisation, vulnerability, count } of await organisationsExposed(tx, vulnerabilities)) {
    const reason = { text: 'know.concern.exposed', values: { vulnerability, count } };
    concerned.set(organisation, [...(concerned.get(organisation) ?? []), reason]);
  }
  for (const { organisation } of (await audiencesOf(tx, [id])).get(id)!) {
    if (!concerned.has(organisation)) concerned.set(organisation, [{ text: 'know.concern.exposed.before' }]);
  }
  return [...concerned].map(([organisation, reasons]) => ({ organisation, reasons }));
}

/** `exposed`: those of `concernedByExposure`, beside those whom the estate matches. */
export function audienceOf(
  index: EstateIndex,
  warning: Pick<Warning, 'id' | 'owner' | 'body'>,
  exposed: readonly Concern[],
  at: number,
): Audience {
  const owner = index.organisation(warning.owner);
  if (!owner) throw new Error(`The author "${warning.owner}" of a warning is not registered.`);
  const concerned = new Map(index.audience(warning.body.scope).map((one) => [one.organisation, one]));
  for (const { organisation, reasons } of exposed) {
    const there = concerned.get(organisation);
    concerned.set(organisation, { organisation, reasons: there ? [...there.reasons, ...reasons] : reasons });
  }
  const matched = [...concerned.values()].filter(({ organisation }) => {
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
