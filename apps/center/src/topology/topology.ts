/** The estate as a picture: places and the links between them, with what the links weigh. */

import { setTimeout as pause } from 'node:timers/promises';
import { RelianceView, TopologyView } from '@forewarn/model/topology-api';
import type { Link, Network, Node } from '@forewarn/model/estate';
import { z } from 'zod';
import { organisationsSeen } from '@forewarn/store/resources/estate-seen';
import { newestWeights } from '@forewarn/store/resources/link-weights';
import { route } from '../api/route.ts';
import { reliancesOf } from './falls.ts';

/** What a picture can tell apart: five times the 2,000 nodes and 10,000 links of a country's backbone are no picture any more. */
const placesMax = 5_000;
const linksMax = 12_000;

/** So long the picture waits for weights; a small estate is weighed within it. */
const weightsMs = 150;

const round = (value: number): number => Math.round(value * 10_000) / 10_000;

export const topology = route({
  method: 'get',
  path: '/topology',
  access: 'estate:read',
  summary: 'The own networks, nodes and links as a graph, with what each link weighs.',
  answer: TopologyView,
  async handle({ center, scope }) {
    const estate = await center.estate.whole();
    // Weighing a large estate takes seconds after a change: the picture comes before the weights, and is asked for again.
    const weighed = await Promise.race([center.estate.weights(), pause(weightsMs, undefined, { ref: false })]);
    const { seen, set } = await center.database.scoped(scope, async (tx) => ({
      seen: await organisationsSeen(tx),
      set: new Map((await newestWeights(tx)).map(({ link, weight }) => [link, weight])),
    }));
    const own = ({ organisation }: { organisation: string }): boolean => seen.has(organisation);
    const networks = estate.networks.filter(own);
    const nodes = estate.nodes.filter(own);
    const links = estate.links.filter(own);
    const computed = new Map((weighed?.links ?? []).map(({ link, weight }) => [link.id, weight]));
    const weightOf = ({ id }: Link): number | null => set.get(id) ?? computed.get(id) ?? null;
    const shown =
      links.length <= linksMax
        ? links
        : links.toSorted((a, b) => (weightOf(b) ?? 0) - (weightOf(a) ?? 0) || (a.id < b.id ? -1 : 1)).slice(0, linksMax);
    const ends = new Set(shown.flatMap(({ from, to }) => [from, to]));
    const cut = <Place extends Network | Node>(places: Place[]): Place[] =>
      places.length <= placesMax
        ? places
        : places.toSorted((a, b) => Number(ends.has(b.id)) - Number(ends.has(a.id))).slice(0, placesMax);
    const told = { networks: cut(networks), nodes: cut(nodes) };
    const known = new Set([...told.networks, ...told.nodes].map(({ id }) => id));
    const owners = new Set([...told.networks, ...shown].map(({ organisation }) => organisation));
    return {
      organisations: estate.organisations
        .filter(({ id }) => owners.has(id))
        .map(({ id, name, region }) => ({ id, name, region })),
      networks: told.networks.map(({ id, organisation, name, type, region }) => ({ id, organisation, name, type, region })),
      nodes: told.nodes,
      links: shown.map((link) => {
        const { id, organisation, name, tier, role, capacityMbps, from, to } = link;
        const weight = weightOf(link);
        return { id, organisation, name, tier, role, capacityMbps, from, to, weight: weight === null ? null : round(weight) };
      }),
      elsewhere: [...ends].filter((id) => !known.has(id)),
      left: {
        networks: networks.length - told.networks.length,
        nodes: nodes.length - told.nodes.length,
        links: links.length - shown.length,
      },
    };
  },
});

const span = ({ least, most }: { least: number; most: number }) => ({ least: Math.round(least), most: Math.round(most) });

export const listOfReliances = route({
  method: 'get',
  path: '/reliances',
  access: 'estate:read',
  summary:
    'Makers, origins, suppliers and products with their share of the assets, single links and nodes, and which services fall without each.',
  answer: z.object({ items: z.array(RelianceView) }),
  async handle({ center, scope }) {
    const [estate, weighed] = [await center.estate.whole(), await center.estate.weights()];
    const seen = await center.database.scoped(scope, organisationsSeen);
    const found = await reliancesOf({ estate, weighed, seen });
    const names = new Map(
      [...estate.products, ...estate.links, ...estate.nodes]
        .filter(({ organisation }) => seen.has(organisation))
        .map(({ id, name }) => [id, name]),
    );
    return {
      items: found.map((one) => ({
        ...one,
        name: one.kind === 'products' || one.kind === 'links' || one.kind === 'nodes' ? (names.get(one.id) ?? null) : null,
        share: one.share === null ? null : round(one.share),
        users: span(one.users),
        cnyPerHour: span(one.cnyPerHour),
      })),
    };
  },
});
