/** The inbox of proposals, and what of the register nothing shows. */

import { z } from 'zod';
import { formatInstant, type Seconds } from '@forewarn/base/time';
import { mergeKinds } from '@forewarn/know/proposals/draft';
import { Slug, type EstateItem, type NetworkType } from '@forewarn/model/estate';
import { BlindSpots, ProposalKind, ProposalList, proposalKinds, ProposalState, ProposalView } from '@forewarn/model/proposal';
import { LocalText } from '@forewarn/model/text';
import {
  blindLinks,
  blindNetworks,
  blindSurfaces,
  countProposals,
  findProposals,
  listProposals,
  mostOpen,
  type StoredProposal,
} from '@forewarn/store/resources/proposals';
import { route, type Route } from '../api/route.ts';
import { Id, PageQuery, SearchText } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import type { Principal } from '../ports.ts';
import { weightViews } from '../links/weights.ts';
import { found } from '../refusals.ts';
import { acceptProposals, mergeProposal, refuseProposals, reopenProposal } from './decide.ts';
import { openMax } from './intake.ts';
import { knownOf } from './known.ts';
import { settleProposals } from './settle.ts';
import { proposalView } from './view.ts';

const viewsOf = (center: Center, principal: Principal, rows: readonly StoredProposal[]): Promise<ProposalView[]> =>
  Promise.all(rows.map(async (row) => proposalView(row, await knownOf(center, row.organisation), principal)));

const listOfProposals = route({
  method: 'get',
  path: '/proposals',
  access: 'estate:read',
  summary:
    'What records show of the own networks and the estate does not have, what was first seen last on top; with what accepting would write.',
  query: PageQuery.extend({
    state: ProposalState.default('open'),
    kind: ProposalKind.optional(),
    organisation: Slug.optional(),
    text: SearchText.optional().describe('Part of the address, the name or the product.'),
  }),
  answer: ProposalList,
  async handle({ center, principal, scope, query }) {
    await settleProposals(center);
    const { page, kinds, most } = await center.database.scoped(scope, async (tx) => ({
      page: await listProposals(tx, query),
      kinds: await countProposals(tx, query),
      most: await mostOpen(tx),
    }));
    const byKind = new Map(kinds.map(({ kind, count }) => [kind, count]));
    return {
      items: await viewsOf(center, principal, page.items),
      next: page.next,
      totals: {
        open: kinds.reduce((sum, { count }) => sum + count, 0),
        kinds: Object.fromEntries(proposalKinds.map((kind) => [kind, byKind.get(kind) ?? 0])) as ProposalList['totals']['kinds'],
        most: openMax,
        full: most >= openMax,
      },
    };
  },
});

/** Offered for one merge; whoever looks for another types part of its name. */
const candidatesMax = 50;

const oneProposal = route({
  method: 'get',
  path: '/proposals/{id}',
  access: 'estate:read',
  summary: 'One proposal.',
  params: Id,
  answer: ProposalView,
  async handle({ center, principal, scope, params }) {
    const row = found((await center.database.scoped(scope, (tx) => findProposals(tx, [params.id])))[0]);
    return (await viewsOf(center, principal, [row]))[0]!;
  },
});

const mergeCandidates = route({
  method: 'get',
  path: '/proposals/{id}/candidates',
  access: 'estate:read',
  summary: 'Items of the estate that the proposal can be merged into, those of the same network or asset first.',
  params: Id,
  query: z.object({ text: SearchText.optional() }),
  answer: z.object({ items: z.array(z.object({ id: z.string(), name: LocalText, near: z.boolean() })) }),
  async handle({ center, scope, params, query }) {
    const row = found((await center.database.scoped(scope, (tx) => findProposals(tx, [params.id])))[0]);
    const known = await knownOf(center, row.organisation);
    const asset = known.assetOf(row.host, row.said.name);
    const network = asset?.network ?? known.networkOf(row.host)?.id;
    const kind = mergeKinds[row.kind];
    const text = query.text?.toLowerCase();
    const near = (item: EstateItem): boolean => {
      const of = item as { network?: string; asset?: string; assets?: string[]; id: string };
      if (kind === 'assets') return of.network === network;
      if (kind === 'businesses') return asset?.businesses.includes(of.id) ?? false;
      return asset !== undefined && (of.asset === asset.id || (of.assets?.includes(asset.id) ?? false));
    };
    const items = known
      .items(kind)
      .filter(
        ({ id, name }) =>
          text === undefined || id.includes(text) || name.en.toLowerCase().includes(text) || name.zh.includes(text),
      )
      .map((item) => ({ id: item.id, name: item.name, near: near(item) }));
    return { items: items.toSorted((a, b) => Number(b.near) - Number(a.near)).slice(0, candidatesMax) };
  },
});

/** Of each list; the totals say how many there are. */
const blindMax = 500;

const at = (seconds: Seconds | null): string | null => (seconds === null ? null : formatInstant(seconds));

const blindSpots = route({
  method: 'get',
  path: '/blind-spots',
  access: 'estate:read',
  summary: 'What nothing shows: surfaces that no record has shown in these days, networks and links that no sensor sees.',
  query: z.object({ days: z.coerce.number().int().min(1).max(366).default(7) }),
  answer: BlindSpots,
  async handle({ center, scope, query: { days } }) {
    const now = center.clock.now();
    const within = new Map(
      Object.entries(center.coverageRules).map(([type, { within: time }]) => [type as NetworkType, time.value]),
    );
    const weighed = await center.estate.weightsNow();
    const { surfaces, networks, links, weights } = await center.database.scoped(scope, async (tx) => {
      const watched = await blindLinks(tx, { now, within, most: blindMax });
      return {
        surfaces: await blindSurfaces(tx, { since: now - days * 86_400, most: blindMax }),
        networks: await blindNetworks(tx, { now, within, most: blindMax }),
        links: watched,
        weights: await weightViews(
          tx,
          weighed,
          watched.items.map(({ id }) => id),
        ),
      };
    });
    const state = (last: Seconds | null) => (last === null ? ('blind' as const) : ('silent' as const));
    return {
      at: formatInstant(now),
      days,
      surfaces: surfaces.items.map((one) => ({ ...one, lastSeen: at(one.lastSeen) })),
      networks: networks.items.map(({ lastAt, ...one }) => ({ ...one, state: state(lastAt), lastAt: at(lastAt) })),
      links: links.items
        .map(({ lastAt, ...one }) => ({
          ...one,
          state: state(lastAt),
          lastAt: at(lastAt),
          weight: weights.get(one.id)?.value ?? null,
        }))
        .toSorted((a, b) => (b.weight ?? 0) - (a.weight ?? 0)),
      totals: {
        surfaces: { blind: surfaces.blind, all: surfaces.all },
        networks: { blind: networks.blind, all: networks.all },
        links: { blind: links.blind, all: links.all },
        unseeable: surfaces.unseeable,
      },
      most: blindMax,
    };
  },
});

export const proposalRoutes: readonly Route[] = [
  listOfProposals,
  acceptProposals,
  refuseProposals,
  oneProposal,
  mergeCandidates,
  mergeProposal,
  reopenProposal,
  blindSpots,
];
