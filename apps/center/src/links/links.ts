/** Links: reading them with what is kept and what passed, and setting what is kept. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { type Seconds } from '@forewarn/base/time';
import { checkLinkPolicy } from '@forewarn/guard/links';
import { LinkDetail, LinkPolicyValues, LinkPolicyView, LinkView, page } from '@forewarn/model/api';
import { Link, Slug } from '@forewarn/model/estate';
import type { LinkPolicy } from '@forewarn/model/link';
import { recordType } from '@forewarn/model/records/index';
import { findEstate, findRegistered, listEstate } from '@forewarn/store/resources/estate';
import { addPolicy, policiesOf } from '@forewarn/store/resources/links';
import { act } from '../act.ts';
import { recordScopeOf } from '../api/records.ts';
import { route } from '../api/route.ts';
import { At, Id, PageQuery, RangeQuery, SearchText } from '../api/shapes.ts';
import { askedOf, EditionView, editionView } from '../estate/register.ts';
import { found, invalid } from '../refusals.ts';
import { spanOf, trafficOf } from './traffic.ts';
import { linkViews, policyView } from './view.ts';

/** Editions of a policy that a page shows; who wants more reads the audit. */
const editionsShown = 20;

/** When no range is asked for: the last six hours. */
const rangeSeconds = 21_600;

const Parts = RangeQuery.extend({ buckets: z.coerce.number().int().min(1).max(500).default(48) });

function rangeOf(query: z.output<typeof Parts>, now: Seconds): { from: Seconds; to: Seconds; buckets: number } {
  const to = query.to ?? now;
  const from = query.from ?? to - rangeSeconds;
  if (from >= to) throw invalid('from', 'The range ends before it begins.', 'Let "from" be earlier than "to".');
  return { from, to, buckets: query.buckets };
}

/** `from` and `to` are the range's here; links by their ends are `GET /estate/links`. */
const ListQuery = PageQuery.extend(Parts.shape).extend({
  organisation: Slug.optional(),
  q: SearchText.optional(),
  tier: Link.shape.tier.optional(),
  role: Link.shape.role.optional(),
});

export const listOfLinks = route({
  method: 'get',
  path: '/links',
  access: 'estate:read',
  summary: 'The own links: what is kept of each, its sensors and their rings, traffic and findings in a range.',
  query: ListQuery,
  answer: page(LinkView.extend({ edition: EditionView })),
  async handle({ center, principal, scope, query }) {
    const range = rangeOf(query, center.clock.now());
    const weighed = await center.estate.weightsNow();
    const { views, listed } = await center.database.scoped(scope, async (tx) => {
      const { tier, role } = query;
      const { nothing, ...asked } = askedOf('links', principal, query, { tier, role });
      const held = nothing ? { items: [], next: null } : await listEstate(tx, 'links', asked);
      const items = held.items.map(({ item }) => item);
      return { views: await linkViews(tx, center, items, { ...range, weighed }), listed: held };
    });
    const links = views.map(({ id }) => id);
    const traffic = await trafficOf(center, recordScopeOf(principal), { links, span: spanOf(range) });
    return {
      items: views.map((view, i) => ({
        ...view,
        traffic: traffic.get(view.id)!,
        edition: editionView(listed.items[i]!.edition),
      })),
      next: listed.next,
    };
  },
});

export const oneLink = route({
  method: 'get',
  path: '/links/{id}',
  access: 'estate:read',
  summary: 'One link, with the editions of its policy, newest first.',
  params: Id,
  query: Parts,
  answer: LinkDetail.extend({ edition: EditionView }),
  async handle({ center, principal, scope, params, query }) {
    const range = rangeOf(query, center.clock.now());
    const weighed = await center.estate.weightsNow();
    const { view, edition, editions } = await center.database.scoped(scope, async (tx) => {
      const one = found(await findRegistered(tx, 'links', params.id));
      return {
        edition: editionView(one.edition),
        view: (await linkViews(tx, center, [one.item], { ...range, weighed }))[0]!,
        editions: await policiesOf(tx, one.item.id, editionsShown),
      };
    });
    const traffic = await trafficOf(center, recordScopeOf(principal), { links: [view.id], span: spanOf(range) });
    return { ...view, traffic: traffic.get(view.id)!, edition, editions: editions.map(policyView) };
  },
});

export const setLinkPolicy = route({
  method: 'put',
  path: '/links/{id}/policy',
  access: 'links:write',
  summary: 'Sets what is kept of a link: elements or packets, and which content; its sensors follow.',
  params: Id,
  body: z.strictObject({
    /** The newest version that the writer has seen; 0: none. */
    after: z.number().int().min(0),
    values: LinkPolicyValues.extend({
      content: z
        .array(LinkPolicyValues.shape.content.unwrap().element.extend({ until: At }))
        .max(50)
        .default([]),
    }),
  }),
  answer: LinkPolicyView,
  status: 201,
  async handle({ center, principal, scope, params, body }) {
    const link = found<Link>(await center.database.scoped(scope, (tx) => findEstate(tx, 'links', params.id)));
    const policy: LinkPolicy = body.values;
    checkLinkPolicy(policy, link, recordType, center.clock.now());
    return act(center, principal, async (acting) => {
      const { organisation } = link;
      const edition = { link: link.id, policy, at: acting.at, by: principal.account };
      const version = await addPolicy(acting.tx, { ...edition, organisation, after: body.after });
      if (version === undefined) {
        throw new Refusal('link.policy.changed', 'Somebody else has changed the policy of this link.', {
          place: { field: 'after' },
          advice: 'Look at the newest edition and change that.',
        });
      }
      // What is kept of people's traffic, and who decided so, stands in the audit with all values.
      acting.audit('link.policy', `link/${link.id}`, { version, ...flat(policy) });
      acting.changed('estate', organisation, { organisation });
      acting.tx.afterCommit(() => center.orders.wakeAll());
      return policyView({ ...edition, version });
    });
  },
});

const flat = ({ content, ...values }: LinkPolicy) => ({
  ...values,
  content: content
    .map(({ log, field, purpose, until }) => `${log}.${field} until ${new Date(until * 1000).toISOString()}: ${purpose}`)
    .join('; '),
});
