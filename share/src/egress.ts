/**
 * The one exit. Whatever crosses from one organisation to another – a warning, a report, an export, a message, the API's answer –
 * is asked for here first, recipient by recipient, and is denied unless a rule allows it. The caller writes every
 * decision into the audit in the transaction of the sending; nothing else can make the `Passage` that a channel demands.
 *
 * In this order, the first that speaks decides:
 *
 *     1  a field that may never leave (secret), or leaves only by an agreement that names it (personal, content)
 *     2  the recipient must be registered; what is one's own stays with oneself
 *     3  competence: the centre may address all, a department those it oversees and the centre, an operator the centre and
 *        the department that oversees it – others only by an agreement
 *     4  the marking (FIRST TLP 2.0)
 */

import type { EgressDecision } from '@forewarn/model/api';
import type { ColumnClass } from '@forewarn/model/records/record';
import type { Organisation } from '@forewarn/model/estate';
import type { Tlp } from '@forewarn/model/markings';
import type { Words } from '@forewarn/model/text';

export type EgressKind = 'warning' | 'incident' | 'finding' | 'report' | 'export';

/** What is to leave: whose it is, how it is marked, and which classes of data stand in its fields. */
export type EgressItem = {
  readonly kind: EgressKind;
  readonly id: string;
  readonly marking: Tlp;
  readonly owner: Organisation;
  readonly fields: { readonly [name: string]: ColumnClass };
};

/** Who is to receive it. `needToKnow`: why it concerns the recipient; empty when it does not. */
export type EgressRecipient = {
  readonly id: string;
  /** Undefined: not registered. */
  readonly organisation: Organisation | undefined;
  readonly needToKnow: readonly Words[];
};

/** A standing agreement between two organisations: what kinds may pass, and which fields beyond the technical ones. */
export type Agreement = {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly kinds: readonly EgressKind[];
  readonly fields: readonly string[];
  /** Seconds; no longer valid from then on. */
  readonly until: number;
};

/** Leave to pass for one item and recipient. Only `egress` makes it, and a channel takes nothing without it. */
export type Passage = {
  readonly kind: EgressKind;
  readonly item: string;
  readonly recipient: string;
  readonly reasons: readonly Words[];
};

const made = new WeakSet<Passage>();

/** Whether this is a passage that the exit gave, and not an object that looks like one. */
export function isPassage(value: Passage): boolean {
  return made.has(value);
}

/** Recipients of one item; a country has some ten thousand operators of important systems. */
export const recipientsMax = 20_000;

/** Decides for each recipient. Pure: `at` is the present in seconds, for agreements that end. */
export function egress(
  item: EgressItem,
  recipients: readonly EgressRecipient[],
  { agreements, at }: { agreements: readonly Agreement[]; at: number },
): { decisions: EgressDecision[]; passages: Passage[] } {
  const decisions: EgressDecision[] = [];
  const passages: Passage[] = [];
  if (recipients.length > recipientsMax)
    throw new Error(`${recipients.length} recipients; ${recipientsMax} are decided at once.`);
  for (const recipient of recipients) {
    const valid = agreements.filter(
      (one) => one.from === item.owner.id && one.to === recipient.id && one.until > at && one.kinds.includes(item.kind),
    );
    const { allowed, reason } = decide(item, recipient, valid);
    decisions.push({ recipient: recipient.id, allowed, reason });
    if (!allowed) continue;
    const passage: Passage = { kind: item.kind, item: item.id, recipient: recipient.id, reasons: recipient.needToKnow };
    made.add(passage);
    passages.push(passage);
  }
  return { decisions, passages };
}

/** Who receives what is published: nobody's id, which are words. */
export const everybody = '*';

/** Leave to publish: only what is marked TLP:CLEAR and holds nothing but technical fields. Null where it may not. */
export function publish(item: Omit<EgressItem, 'owner'>): { decision: EgressDecision; passage: Passage | null } {
  const field = Object.keys(item.fields).find((name) => item.fields[name] !== 'technical');
  let verdict = allow('share.egress.clear', { marking: item.marking });
  if (field !== undefined) verdict = deny('share.egress.field', { field });
  else if (item.marking !== 'TLP:CLEAR') verdict = deny('share.egress.public', { marking: item.marking });
  const decision = { recipient: everybody, ...verdict };
  if (!verdict.allowed) return { decision, passage: null };
  const passage: Passage = { kind: item.kind, item: item.id, recipient: everybody, reasons: [] };
  made.add(passage);
  return { decision, passage };
}

type Verdict = { allowed: boolean; reason: Words };
const deny = (text: string, values: Words['values'] = {}): Verdict => ({ allowed: false, reason: { text, values } });
const allow = (text: string, values: Words['values'] = {}): Verdict => ({ allowed: true, reason: { text, values } });

function decide(item: EgressItem, recipient: EgressRecipient, agreements: readonly Agreement[]): Verdict {
  const { owner, marking } = item;
  if (recipient.organisation === undefined) return deny('share.egress.unknown');
  if (recipient.id === owner.id) return allow('share.egress.own');
  for (const [field, dataClass] of Object.entries(item.fields)) {
    if (dataClass === 'technical') continue;
    if (dataClass === 'secret') return deny('share.egress.secret', { field });
    if (!agreements.some((one) => one.fields.includes(field))) return deny('share.egress.field', { field });
  }
  const agreement = agreements[0];
  if (!competent(owner, recipient.organisation) && agreement === undefined) return deny('share.egress.competence');
  switch (marking) {
    case 'TLP:RED':
      // For the eyes of named persons; an organisation's inbox is read by whoever is on duty.
      return deny('share.egress.red');
    case 'TLP:AMBER+STRICT':
    case 'TLP:AMBER':
      if (recipient.needToKnow.length === 0) return deny('share.egress.need-to-know', { marking });
      return allow('share.egress.concerned', { marking });
    case 'TLP:GREEN':
      return allow('share.egress.community', { marking });
    case 'TLP:CLEAR':
      return allow('share.egress.clear', { marking });
  }
}

function competent(owner: Organisation, recipient: Organisation): boolean {
  if (owner.kind === 'centre' || recipient.kind === 'centre') return true;
  if (owner.kind === 'department') return recipient.overseenBy === owner.id;
  return recipient.kind === 'department' && owner.overseenBy === recipient.id;
}
