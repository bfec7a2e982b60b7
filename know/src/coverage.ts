/**
 * What of the nine network types is seen. A source – a registered sensor with what it sends – shows a type when it is registered for it, or when
 * its link ends in a network of that type of the same organisation.
 *
 *     seen     a record came within the time that the type's content file states
 *     silent   records came once, none within that time
 *     blind    nothing ever came: no source, or one that never sent
 */

import { z } from 'zod';
import type { Seconds } from '@forewarn/base/time';
import { networkTypes, type Estate, type NetworkType } from '@forewarn/model/estate';
import { LocalText } from '@forewarn/model/text';
import { readContent } from '@forewarn/model/yaml';
import { networkOfEnd } from './ends.ts';

const Connection = z.strictObject({
  /** What to connect. */
  what: LocalText,
  /** What it would show. */
  shows: LocalText,
  /** One record of any of these and it is connected. */
  logs: z.array(z.string().max(64)).min(1),
});
export type Connection = z.infer<typeof Connection>;

const TypeRules = z.strictObject({
  within: z.strictObject({ value: z.number().positive(), unit: z.literal('s'), source: z.string().min(1) }),
  connect: z.array(Connection).min(1),
});

const RulesFile = z.strictObject({ types: z.strictObject(Object.fromEntries(networkTypes.map((type) => [type, TypeRules]))) });

/** For each network type, within which time a record must come, and what to connect, the most worthwhile first. */
export type CoverageRules = { readonly [type in NetworkType]: z.infer<typeof TypeRules> };

/** Reads `content/coverage/network-types.yaml`; throws the refusals, with file and line. */
export function readCoverageRules(text: string, path: string): CoverageRules {
  const read = readContent(RulesFile, text, path);
  if (!read.ok) throw new AggregateError(read.refusals, 'content');
  return read.value.types as CoverageRules;
}

export const coverageStates = ['seen', 'silent', 'blind'] as const;
export type CoverageState = (typeof coverageStates)[number];

/** A sensor, and when each of its logs last had a record. */
export type Source = {
  readonly id: string;
  readonly organisation: string;
  readonly link: string | null;
  readonly networkType: NetworkType;
  readonly logs: readonly { readonly log: string; readonly lastAt: Seconds; readonly records: number }[];
};

export type CoveredSource = { source: Source; because: 'type' | 'link'; state: CoverageState; lastAt: Seconds | null };
export type CoveredNetwork = { network: Estate['networks'][number]; state: CoverageState; sources: string[] };
export type CoveredLink = { link: Estate['links'][number]; state: CoverageState; sources: string[] };

export type TypeCoverage = {
  type: NetworkType;
  state: CoverageState;
  withinSeconds: Seconds;
  lastAt: Seconds | null;
  sources: CoveredSource[];
  networks: CoveredNetwork[];
  /** Links that end in a network of the type, whosoever watches them: a line is one, though its ends are two. */
  links: CoveredLink[];
  /** What is not connected yet. */
  connect: Connection[];
};

/** The map, in the order of the types: what is registered against what came. */
export function coverage(
  { networks, nodes, links }: Pick<Estate, 'networks' | 'nodes' | 'links'>,
  sources: readonly Source[],
  rules: CoverageRules,
  now: Seconds,
): TypeCoverage[] {
  const networkOf = networkOfEnd({ nodes });
  const endsOf = new Map(links.map((link) => [link.id, [networkOf(link.from), networkOf(link.to)]]));
  // Looked up, never searched: a country has thousands of each.
  const networksById = new Map(networks.map((network) => [network.id, network]));
  return networkTypes.map((type) => {
    const { within, connect } = rules[type];
    const own = networks.filter((network) => network.type === type);
    const ownIds = new Set(own.map(({ id }) => id));
    /** Whether the source's line ends in the network, and the network is its own organisation's. */
    const endsIn = (source: Source, network: Estate['networks'][number] | undefined): boolean => {
      const ends = source.link === null ? undefined : endsOf.get(source.link);
      return network?.organisation === source.organisation && ends?.includes(network.id) === true;
    };
    const endsInOne = (source: Source): boolean =>
      (source.link === null ? undefined : endsOf.get(source.link))?.some(
        (id) => ownIds.has(id) && endsIn(source, networksById.get(id)),
      ) === true;
    const all = sources.map((source) => {
      const lastAt = source.logs.reduce<Seconds | null>((last, log) => Math.max(last ?? -Infinity, log.lastAt), null);
      return { source, lastAt, state: stateOf(lastAt, now, within.value) };
    });
    const covered = all.flatMap((one): CoveredSource[] => {
      const { source } = one;
      const because = source.networkType === type ? 'type' : endsInOne(source) ? 'link' : undefined;
      return because === undefined ? [] : [{ ...one, because }];
    });
    const by = (few: readonly Omit<CoveredSource, 'because'>[]) => ({
      state: best(few),
      sources: few.map(({ source }) => source.id),
    });
    const coveredOf = Map.groupBy(covered, ({ source }) => source.organisation);
    const on = Map.groupBy(all, ({ source }) => source.link);
    const came = new Set(covered.flatMap(({ source }) => source.logs.map(({ log }) => log)));
    return {
      type,
      state: best(covered),
      withinSeconds: within.value,
      lastAt: covered.reduce<Seconds | null>(
        (last, one) => (one.lastAt === null ? last : Math.max(last ?? -Infinity, one.lastAt)),
        null,
      ),
      sources: covered,
      networks: own.map((network) => ({
        network,
        ...by(
          (coveredOf.get(network.organisation) ?? []).filter(
            ({ source }) => endsIn(source, network) || source.networkType === type,
          ),
        ),
      })),
      links: links
        .filter((link) => endsOf.get(link.id)!.some((id) => ownIds.has(id)))
        .map((link) => ({ link, ...by(on.get(link.id) ?? []) })),
      connect: connect.filter(({ logs }) => !logs.some((log) => came.has(log))),
    };
  });
}

/** `lastAt` in the future is a sensor's clock that is ahead, and no reason to doubt that something came. */
const stateOf = (lastAt: Seconds | null, now: Seconds, withinSeconds: Seconds): CoverageState =>
  lastAt === null ? 'blind' : now - lastAt <= withinSeconds ? 'seen' : 'silent';

const best = (covered: readonly { state: CoverageState }[]): CoverageState =>
  coverageStates.find((state) => covered.some((one) => one.state === state)) ?? 'blind';
