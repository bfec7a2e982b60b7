/**
 * Key links: what a policy may say of which link, and what follows from it. Only a primary link has more than elements; a policy that was
 * set while the link was primary does not count while it is secondary.
 */

import { Refusal } from '@forewarn/base/refusal';
import type { Seconds } from '@forewarn/base/time';
import type { Link } from '@forewarn/model/estate';
import { defaultLinkPolicy, type ContentGrant, type LinkPolicy } from '@forewarn/model/link';
import type { RecordType } from '@forewarn/model/records/record';
import type { PacketsOrder } from '@forewarn/model/sensor';

/** A policy with the number of its edition. */
export type Edition = { readonly version: number; readonly policy: LinkPolicy };

/** Content is let in for a year at most; then somebody has to want it again. */
const grantSecondsMax = 366 * 86_400;

/**
 * Refuses what may not be set: `link.policy.secondary` (packets or content of a link that is not primary), `link.policy.purpose` (packets
 * without a reason), `link.policy.field` (a grant for what is no content), `link.policy.until` (an end more than a year ahead).
 */
export function checkLinkPolicy(
  policy: LinkPolicy,
  { role }: Pick<Link, 'role'>,
  recordType: (log: string) => RecordType | undefined,
  now: Seconds,
): void {
  if (role !== 'primary' && (policy.depth === 'packets' || policy.content.length > 0)) {
    throw new Refusal('link.policy.secondary', 'Of a secondary link only elements are kept: no packets and no content.', {
      place: { field: policy.depth === 'packets' ? 'values.depth' : 'values.content' },
      advice: 'Make the link primary in the estate first (column "role"), if it is one.',
    });
  }
  if (policy.depth === 'packets' && policy.purpose === '') {
    throw new Refusal('link.policy.purpose', 'Packets are kept for a reason, and none is given.', {
      place: { field: 'values.purpose' },
      advice: 'Say why packets of this link are kept; whoever reads the audit will want to know.',
    });
  }
  policy.content.forEach(({ log, field, until }, index) => {
    if (recordType(log)?.columns[field]?.class !== 'content') {
      throw new Refusal('link.policy.field', `"${field}" of the log "${log}" is not a field of content.`, {
        place: { field: `values.content.${index}.field` },
        advice: 'Fields of content are named in GET /api/v1/record-types; others need no permission, or get none.',
      });
    }
    if (until > now + grantSecondsMax) {
      throw new Refusal('link.policy.until', 'Content is let in for a year at most.', {
        place: { field: `values.content.${index}.until` },
        advice: 'Give an end within a year; it can be set again.',
      });
    }
  });
}

/** What counts for a link with this newest edition. */
export function policyInForce(role: Link['role'], edition: Edition | undefined): LinkPolicy {
  return role === 'primary' && edition ? edition.policy : defaultLinkPolicy;
}

/** Content that may be kept of what a link's sensors send; `classify` looks at the ends. */
export const grantsInForce = (role: Link['role'], edition: Edition | undefined): readonly ContentGrant[] =>
  policyInForce(role, edition).content;

/** What the sensors of a link are told to keep; null: no packets. */
export function packetsOrderOf(role: Link['role'], edition: Edition | undefined): PacketsOrder | null {
  const { depth, keepHours, keepBytes } = policyInForce(role, edition);
  return edition && depth === 'packets' ? { version: edition.version, keepHours, keepBytes } : null;
}
