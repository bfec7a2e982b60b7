/** What a policy may say of which link, and what follows from it. */

import { describe, expect, test } from 'vitest';
import type { Refusal } from '@forewarn/base/refusal';
import { LinkPolicy } from '@forewarn/model/link';
import { recordType } from '@forewarn/model/records/index';
import { checkLinkPolicy, grantsInForce, packetsOrderOf, policyInForce } from './links.ts';

const now = 1_764_000_000;
const policy = (more: object = {}): LinkPolicy => LinkPolicy.parse({ depth: 'packets', purpose: 'p', ...more });
const grant = { log: 'http', field: 'uri', purpose: 'p', until: now + 86_400 };
const refused = (of: LinkPolicy, role: 'primary' | 'secondary' = 'primary'): string | undefined => {
  try {
    checkLinkPolicy(of, { role }, recordType, now);
  } catch (error) {
    return (error as Refusal).code;
  }
  return undefined;
};

describe('a policy', () => {
  test('of a primary link may keep packets and let content in', () => {
    expect(refused(policy({ content: [grant] }))).toBeUndefined();
    expect(refused(LinkPolicy.parse({ depth: 'elements' }), 'secondary')).toBeUndefined();
  });
  test.each<[string, object, 'primary' | 'secondary']>([
    ['link.policy.secondary', {}, 'secondary'],
    ['link.policy.secondary', { depth: 'elements', content: [grant] }, 'secondary'],
    ['link.policy.purpose', { purpose: '  ' }, 'primary'],
    // Technical, personal, secret, and what is not there: only content can be let in.
    ['link.policy.field', { content: [{ ...grant, field: 'method' }] }, 'primary'],
    ['link.policy.field', { content: [{ ...grant, field: 'username' }] }, 'primary'],
    ['link.policy.field', { content: [{ ...grant, field: 'password' }] }, 'primary'],
    ['link.policy.field', { content: [{ ...grant, field: 'constructor' }] }, 'primary'],
    ['link.policy.field', { content: [{ ...grant, log: 'nosuch' }] }, 'primary'],
    ['link.policy.until', { content: [{ ...grant, until: now + 400 * 86_400 }] }, 'primary'],
  ])('%s: %o of a %s link', (code, more, role) => {
    expect(refused(policy(more), role)).toBe(code);
  });
});

describe('what counts', () => {
  const edition = { version: 3, policy: policy({ keepHours: 12, keepBytes: 1e9, content: [grant] }) };
  test('of a primary link is the newest edition; without one, elements', () => {
    expect(packetsOrderOf('primary', edition)).toEqual({ version: 3, keepHours: 12, keepBytes: 1e9 });
    expect(grantsInForce('primary', edition)).toEqual([grant]);
    expect(policyInForce('primary', undefined).depth).toBe('elements');
    expect(packetsOrderOf('primary', undefined)).toBe(null);
  });
  test('of a secondary link is nothing, whatever was set when it was primary', () => {
    expect([packetsOrderOf('secondary', edition), grantsInForce('secondary', edition)]).toEqual([null, []]);
  });
  test('of an edition of elements is no order, and its content', () => {
    const elements = { version: 4, policy: policy({ depth: 'elements', content: [grant] }) };
    expect([packetsOrderOf('primary', elements), grantsInForce('primary', elements)]).toEqual([null, [grant]]);
  });
});
