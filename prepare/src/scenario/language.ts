/**
 * The scenario language: what stands in `content/scenarios/*.yaml`. The guide with an example is `prepare/README.md`.
 *
 * Whatever may differ from seed to seed is written as a span: `count: [24, 32]`, `every: [PT45S, PT70S]`.
 */

import { z } from 'zod';
import { parseNetwork } from '@forewarn/base/ip';
import { Refusal } from '@forewarn/base/refusal';
import { parseInstant, parseSpan } from '@forewarn/base/time';
import { LocalText } from '@forewarn/model/text';
import { readContent } from '@forewarn/model/yaml';
import { activities } from '../activities/index.ts';
import { stacks } from '../packets/path.ts';
import { mayStandFor, poolOf, readPool, within } from './addresses.ts';
import { programs } from './programs.ts';
import { Id, SpanDraw, WholeDraw, optionalShape } from './values.ts';

/** Hosts of one group: a class A network would be more than any switch sees, and each host costs memory. */
const groupHostsMax = 5_000;

const Instant = z.string().transform((text, context) => {
  try {
    return parseInstant(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Refusal ? `${error.message} ${error.advice}` : String(error) });
    return z.NEVER;
  }
});

const Length = z.string().transform((text, context) => {
  try {
    return parseSpan(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Refusal ? `${error.message} ${error.advice}` : String(error) });
    return z.NEVER;
  }
});

const PoolText = z.string().refine((text) => readPool(text) !== undefined, {
  message: 'This is no pool of IPv4 addresses; write 10.20.10.0/24, 10.20.10.50-10.20.10.90 or 10.20.1.10',
});

const Network6Text = z.string().refine((text) => parseNetwork(text)?.bytes.length === 16, {
  message: 'This is no IPv6 network; write fd20:10::/64',
});

const NetworkSpec = z.strictObject({
  id: Id,
  name: LocalText,
  /** The first address is the router's. */
  cidr: PoolText,
  /** Hosts of the network also have an address here. */
  cidr6: Network6Text.optional(),
  side: z.enum(['inside', 'outside']),
});

const HostGroup = z.strictObject({
  id: Id,
  name: LocalText,
  network: Id,
  /** A span makes the group a crowd, which `scale` multiplies. */
  count: WholeDraw(1, groupHostsMax),
  /** Where in the network; absent: anywhere. */
  addresses: PoolText.optional(),
  programs: z
    .array(z.enum(Object.keys(programs) as [string, ...string[]]))
    .min(1)
    .default(['curl']),
  /** Overrides the TCP of the program. */
  stack: z.enum(Object.keys(stacks) as [string, ...string[]]).optional(),
  /** DNS names, dealt out among the hosts. */
  names: z
    .array(z.string().regex(/^([a-z0-9-]+\.)+(example|test)$/, 'Names end in .example or .test (RFC 2606)'))
    .max(500)
    .optional(),
  /** TCP ports that are open. */
  ports: z.array(z.int().min(1).max(65_535)).max(100).optional(),
  /** Seconds there and back over the Internet; outside only. */
  roundTrip: z.tuple([z.number().positive(), z.number().max(2)]).optional(),
  server: z
    .strictObject({
      tls: z.enum(['1.2', '1.3']).optional(),
      key: z.enum(['rsa', 'ec']).optional(),
      authority: z.enum(['public', 'self']).optional(),
      alpn: z.array(z.string()).max(5).optional(),
    })
    .optional(),
});

/** One host of a group that plays a part in a step, and is therefore not benign. */
const Actor = z.strictObject({ id: Id, name: LocalText, from: Id });

/** When a step begins. */
const Moment = z.union([
  /** As a part of the whole length. */
  z.strictObject({ share: z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]) }),
  z.strictObject({ after: Id, by: SpanDraw }),
  /** So long before the end: what shall happen while people watch. */
  z.strictObject({ beforeEnd: SpanDraw }),
]);

/** What a step does to the protected: nothing yet, or where harm begins (GB/Z 20986 speaks of all four). */
export const harms = ['none', 'confidentiality', 'integrity', 'availability', 'controllability'] as const;

const Step = z.strictObject({
  id: Id,
  name: LocalText,
  /** ATT&CK, Enterprise or ICS. */
  technique: z.string().regex(/^T\d{4}(\.\d{3})?$/, 'Write an ATT&CK technique, as T1046 or T1110.001'),
  harm: z.enum(harms),
  at: Moment,
  /** Share of the length at which it is over, for steps that go on. */
  until: z.number().min(0).max(1).optional(),
});

const kinds = activities.map(({ kind }) => kind);

/** `do` chooses the activity, whose parameters stand beside it. */
const doing = <S extends z.ZodRawShape>(shape: S) =>
  z.discriminatedUnion(
    'do',
    activities.map((activity) => z.strictObject({ ...shape, do: z.literal(activity.kind), ...activity.shape })) as unknown as [
      z.ZodObject<S & { do: z.ZodLiteral<string> }, z.core.$strict>,
      ...z.ZodObject<S & { do: z.ZodLiteral<string> }, z.core.$strict>[],
    ],
    { error: () => `There is no such activity. Known are ${kinds.join(', ')}` },
  );

export const Scenario = z.strictObject({
  id: Id,
  title: LocalText,
  summary: LocalText,
  /** When a recording starts that is given no time, so that one seed means one file. */
  start: Instant,
  length: Length,
  networks: z.array(NetworkSpec).min(2).max(100),
  hosts: z.array(HostGroup).min(1).max(200),
  actors: z.array(Actor).max(50),
  background: z.array(doing({ id: Id, ...optionalShape })).max(200),
  steps: z.array(doing(Step.shape)).max(100),
  /** What is benign and looks otherwise: said, so that a finding on it can be judged. */
  nearMisses: z.array(z.strictObject({ background: Id, why: LocalText })).max(100),
});

export type Scenario = z.infer<typeof Scenario>;
export type HostGroup = z.infer<typeof HostGroup>;

/**
 * Reads a scenario. All complaints come at once, each with file and line.
 *
 * @throws AggregateError of `Refusal`s when the text is no scenario.
 */
export function readScenario(text: string, file: string): Scenario {
  const read = readContent(Scenario as z.ZodType<Scenario>, text, file);
  if (!read.ok) throw new AggregateError(read.refusals, `${file} is not a scenario.`);
  const scenario = read.value;
  const refusals = problems(scenario).map(
    ({ path, message, advice }) =>
      new Refusal('scenario.invalid', message, { place: read.place(path), ...(advice ? { advice } : {}) }),
  );
  if (refusals.length > 0) throw new AggregateError(refusals, `${file} is not a scenario.`);
  return scenario;
}

type Problem = { path: (string | number)[]; message: string; advice?: string };

/** What no schema can say: that names lead somewhere and addresses lie where they should. */
function problems(scenario: Scenario): Problem[] {
  const found: Problem[] = [];
  const networks = new Map(scenario.networks.map((network) => [network.id, network]));
  const groups = new Map(scenario.hosts.map((group) => [group.id, group]));
  const actors = new Map(scenario.actors.map((actor) => [actor.id, actor]));
  const seen = new Set<string>();
  const once = (id: string, path: (string | number)[]): void => {
    if (seen.has(id)) found.push({ path, message: `"${id}" is used twice.`, advice: 'Give each part a name of its own.' });
    seen.add(id);
  };
  scenario.networks.forEach(({ id, cidr, side }, i) => {
    once(id, ['networks', i, 'id']);
    if (!mayStandFor(side, poolOf(cidr))) {
      found.push({
        path: ['networks', i, 'cidr'],
        message:
          side === 'inside'
            ? 'An inside network is private (RFC 1918).'
            : 'An outside network is one of documentation or benchmarking.',
        advice: side === 'inside' ? '' : 'Use 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 or a part of 198.18.0.0/15.',
      });
    }
  });
  scenario.hosts.forEach((group, i) => {
    once(group.id, ['hosts', i, 'id']);
    const network = networks.get(group.network);
    if (!network) {
      found.push({ path: ['hosts', i, 'network'], message: `There is no network "${group.network}".` });
    } else if (group.addresses !== undefined && !within(poolOf(group.addresses), poolOf(network.cidr))) {
      found.push({ path: ['hosts', i, 'addresses'], message: `${group.addresses} does not lie in ${network.cidr}.` });
    }
  });
  scenario.actors.forEach((actor, i) => {
    once(actor.id, ['actors', i, 'id']);
    const group = groups.get(actor.from);
    if (!group) found.push({ path: ['actors', i, 'from'], message: `There is no group of hosts "${actor.from}".` });
    const least = typeof group?.count === 'number' ? group.count : group?.count[0];
    const wanted = scenario.actors.filter(({ from }) => from === actor.from).length;
    if (least !== undefined && wanted > Math.max(least, 1)) {
      found.push({ path: ['actors', i, 'from'], message: `"${actor.from}" may have only ${least} hosts for ${wanted} actors.` });
    }
  });
  const steps = new Map(scenario.steps.map((step) => [step.id, step]));
  for (const part of ['background', 'steps'] as const) {
    scenario[part].forEach((entry, i) => {
      once(entry.id, [part, i, 'id']);
      const activity = activities.find(({ kind }) => kind === entry.do)!;
      const values = entry as unknown as { [field: string]: unknown };
      for (const field of activity.hostFields) {
        const names = [values[field] ?? []].flat() as string[];
        names.forEach((name, j) => {
          const path = Array.isArray(values[field]) ? [part, i, field, j] : [part, i, field];
          if (!groups.has(name) && !actors.has(name))
            found.push({ path, message: `There is no group of hosts and no actor "${name}".` });
        });
      }
      for (const field of activity.networkFields ?? []) {
        const names = [values[field] ?? []].flat() as string[];
        for (const name of names) {
          if (!networks.has(name)) found.push({ path: [part, i, field], message: `There is no network "${name}".` });
        }
      }
    });
  }
  scenario.steps.forEach((step, i) => {
    if (!('after' in step.at)) return;
    const earlier = scenario.steps.slice(0, i).some(({ id }) => 'after' in step.at && id === step.at.after);
    if (!earlier) {
      found.push({
        path: ['steps', i, 'at', 'after'],
        message: steps.has(step.at.after) ? `"${step.at.after}" comes later.` : `There is no step "${step.at.after}".`,
        advice: 'Name a step that stands above.',
      });
    }
  });
  scenario.nearMisses.forEach(({ background }, i) => {
    if (!scenario.background.some(({ id }) => id === background)) {
      found.push({ path: ['nearMisses', i, 'background'], message: `There is no background activity "${background}".` });
    }
  });
  return found;
}
