/** What the index counts, put together: for each organisation where it stands, how much it counts, and its events. Plain functions of what was read. */

import { loadOf } from '@forewarn/assess/situation/cells';
import type { SituationKind } from '@forewarn/assess/situation/rules';
import type { Seconds } from '@forewarn/base/time';
import type { TypeCoverage } from '@forewarn/know/coverage';
import { networkOfEnd } from '@forewarn/know/ends';
import type { WeighedLink } from '@forewarn/know/weights/estate';
import { importances, type Estate, type Protection } from '@forewarn/model/estate';
import { ruleName } from '@forewarn/model/finding';
import type { SituationComponent, SituationEvent, SituationPart, SituationRules } from '@forewarn/model/situation';
import type { ResponsibilityEvent, TaskEvent } from '@forewarn/model/response';
import type { Words } from '@forewarn/model/text';
import { responsibilities } from '@forewarn/respond/responsibility';
import { task } from '@forewarn/respond/tasks';
import type { Sensor } from '@forewarn/store/resources/sensors';
import type {
  exposureGroups,
  findingGroups,
  IncidentHistory,
  openIncidents,
  pressingClocks,
  warningsInForce,
} from '@forewarn/store/resources/situation-events';

type Rows<Read extends (...asked: never[]) => Promise<unknown>> = Awaited<ReturnType<Read>>;

/** Everything that was read at an instant. */
export type SituationSources = {
  at: Seconds;
  centre: string;
  estate: Estate;
  links: readonly WeighedLink[];
  coverage: readonly TypeCoverage[];
  sensors: readonly Pick<Sensor, 'id' | 'link' | 'networkType'>[];
  findings: Rows<typeof findingGroups>;
  warnings: Rows<typeof warningsInForce>;
  exposures: Rows<typeof exposureGroups>;
  incidents: Rows<typeof openIncidents>;
  clocks: Rows<typeof pressingClocks>;
  tasks: readonly IncidentHistory<TaskEvent>[];
  responsibilities: readonly IncidentHistory<ResponsibilityEvent>[];
};

/** What of its organisation an event concerns. */
type Where = Pick<SituationEvent, 'networkTypes' | 'tiers' | 'regions'>;

const everywhere: Where = { networkTypes: [], tiers: [], regions: [] };

const componentOf: { readonly [kind in SituationKind]: SituationComponent } = {
  finding: 'threat',
  warning: 'threat',
  exposure: 'exposure',
  'exposure-overdue': 'exposure',
  protection: 'weakness',
  'single-way': 'weakness',
  incident: 'damage',
  'incident-contained': 'damage',
  network: 'coverage',
  link: 'coverage',
  clock: 'readiness',
  task: 'readiness',
  'warning-unread': 'readiness',
  request: 'readiness',
};

/** Where networks, links and sensors stand. */
function placesOf({ estate, sensors }: Pick<SituationSources, 'estate' | 'sensors'>): {
  network(id: string): Where;
  link(id: string): Where;
  sensor(id: string | null): Where;
} {
  const networkOf = networkOfEnd(estate);
  const networks = new Map(estate.networks.map((one) => [one.id, one]));
  const links = new Map(estate.links.map((one) => [one.id, one]));
  const tiers = new Map<string, Set<string>>();
  for (const { from, to, tier } of estate.links) {
    for (const end of [networkOf(from), networkOf(to)]) {
      const known = tiers.get(end);
      if (known) known.add(tier);
      else tiers.set(end, new Set([tier]));
    }
  }
  const some = (values: readonly (string | undefined)[]): string[] => [
    ...new Set(values.filter((value) => value !== undefined).toSorted()),
  ];
  const byId = new Map(sensors.map((one) => [one.id, one]));
  const link = (id: string): Where => {
    const one = links.get(id);
    if (!one) return everywhere;
    const ends = [networks.get(networkOf(one.from)), networks.get(networkOf(one.to))];
    return { networkTypes: some(ends.map((end) => end?.type)), tiers: [one.tier], regions: some(ends.map((end) => end?.region)) };
  };
  const network = (id: string): Where => {
    const one = networks.get(id);
    return { networkTypes: some([one?.type]), tiers: some([...(tiers.get(id) ?? [])]), regions: some([one?.region]) };
  };
  const sensor = (id: string): Where => {
    const one = byId.get(id);
    if (!one) return everywhere;
    const line = one.link === null ? everywhere : link(one.link);
    return { networkTypes: [one.networkType], tiers: line.tiers, regions: line.regions };
  };
  const [linkOnce, networkOnce, sensorOnce] = [once(link), once(network), once(sensor)];
  return { link: linkOnce, network: networkOnce, sensor: (id) => (id === null ? everywhere : sensorOnce(id)) };
}

/** Thousands of assets stand in one network: what is found of an id is kept. */
function once<Value>(find: (id: string) => Value): (id: string) => Value {
  const found = new Map<string, Value>();
  return (id) => {
    let value = found.get(id);
    if (value === undefined) found.set(id, (value = find(id)));
    return value;
  };
}

/** Of a stated protection, whether some function is partial (tier 1); undefined where a function that nobody stated leaves it open. */
function isPartial(protection: Protection | undefined): boolean | undefined {
  const stated = Object.values(protection ?? {});
  if (stated.some((tier) => tier === 1)) return true;
  return stated.length < 6 ? undefined : false;
}

const search = (asked: { readonly [name: string]: string }): string =>
  Object.entries(asked)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');

/** Things looked at, or events made, between two pauses: some milliseconds. */
const stepThings = 500;

/**
 * The parts of a reading, by organisation, each with its events in the order of their ids. A country has a hundred thousand events: `pause` lets
 * others go first every few milliseconds.
 */
export async function situationParts(
  sources: SituationSources,
  rules: SituationRules,
  pause: () => Promise<unknown> = () => Promise.resolve(),
): Promise<SituationPart[]> {
  let things = 0;
  const done = Promise.resolve();
  const step = (): Promise<unknown> => (++things % stepThings === 0 ? pause() : done);
  const { at, estate } = sources;
  const places = placesOf(sources);
  const parts = new Map<string, SituationPart>();
  const standing = standings(estate);
  for (const { id, sector, region, status } of estate.organisations) {
    if (status === 'dissolved' || status === 'planned') continue;
    const { networks, links, importance } = standing.get(id) ?? { networks: [], links: [], importance: 'general' };
    const all = [
      ...networks.map(({ id: network }) => places.network(network)),
      ...links.map(({ id: link }) => places.link(link)),
    ];
    const own = networks.map((network) => network.region).filter((value) => value !== undefined);
    parts.set(id, {
      organisation: id,
      sector,
      regions: [...new Set([region, ...own])].toSorted(),
      networkTypes: [...new Set(networks.map(({ type }) => type))].toSorted(),
      tiers: [...new Set(all.flatMap(({ tiers }) => tiers))].toSorted(),
      importance: rules.importance[importance],
      events: [],
    });
  }
  /** A degree that content does not know is open: nothing at least, the gravest at most. */
  const known = (kind: SituationKind, least: string, most: string): SituationEvent['degree'] => {
    const loads = rules.loads[kind]!;
    const extreme = (than: (one: number, other: number) => boolean): string =>
      Object.entries(loads).reduce((a, b) => (than(b[1], a[1]) ? b : a))[0];
    return {
      least: loads[least] === undefined ? extreme((one, other) => one < other) : least,
      most: loads[most] === undefined ? extreme((one, other) => one > other) : most,
    };
  };
  const add = (
    organisation: string,
    kind: SituationKind,
    id: string,
    more: {
      degree: string | { least: string; most: string };
      what: SituationEvent['what'];
      opens: string | null;
      where?: Where;
      count?: number;
    },
  ): void => {
    const part = parts.get(organisation);
    if (!part) return;
    const { degree: said, what, opens, where = everywhere, count = 1 } = more;
    const degree = typeof said === 'string' ? known(kind, said, said) : known(kind, said.least, said.most);
    // A place where its organisation is not registered would lose the event; it then concerns all of it.
    const within = (named: readonly string[], own: readonly string[]): string[] => named.filter((one) => own.includes(one));
    const bare = { component: componentOf[kind], kind, degree, count };
    part.events.push({
      id: `${kind} ${id}`.slice(0, 300),
      ...bare,
      what,
      opens,
      load: loadOf(rules, bare),
      networkTypes: within(where.networkTypes, part.networkTypes),
      tiers: within(where.tiers, part.tiers),
      regions: within(where.regions, part.regions),
    });
  };
  await addThreat();
  await addExposure();
  await addWeakness();
  await addDamage();
  await addCoverage();
  await addReadiness();
  for (const part of parts.values()) {
    await step();
    part.events.sort((a, b) => (a.id < b.id ? -1 : 1));
  }
  return [...parts.values()];

  async function addThreat(): Promise<void> {
    for (const { organisation, rule, name, level, sensor, count } of sources.findings) {
      await step();
      add(organisation, 'finding', `${level} ${rule} ${sensor ?? ''}`, {
        degree: level,
        what: ruleName({ id: rule, name }),
        // Of which day is said when it is opened; here it would make every reading another one.
        opens: `/findings?${search({ rule, level, organisation })}`,
        where: places.sensor(sensor),
        count,
      });
    }
    for (const { id, number, colour, organisation } of sources.warnings)
      add(organisation, 'warning', id, {
        degree: colour,
        what: { text: 'situation.event.warning', values: { number } },
        opens: `/warnings/${id}`,
      });
  }

  async function addExposure(): Promise<void> {
    const groups = await grouped(
      sources.exposures,
      step,
      ({ organisation, network, certainty, floor, ceiling, overdue, count }) => {
        const where = network === null ? everywhere : places.network(network);
        return { key: [certainty, floor, ceiling, overdue, ...wordsOf(where)].join(' '), organisation, where, count };
      },
    );
    for (const { organisation, key, where, one, count } of groups) {
      await step();
      const possibly = one.certainty === 'possibly';
      add(organisation, one.overdue ? 'exposure-overdue' : 'exposure', key, {
        degree: { least: possibly ? 'none' : one.floor, most: one.ceiling },
        what: {
          text: `situation.event.exposure${possibly ? '.possibly' : ''}${one.overdue ? '.overdue' : ''}`,
          values: { outcome: outcomeName(one.floor) },
        },
        opens: `/exposure?${search({ organisation, decision: one.floor, certainty: one.certainty })}`,
        where,
        count,
      });
    }
  }

  async function addWeakness(): Promise<void> {
    const weak = await grouped(estate.assets, step, ({ organisation, importance, protection, network }) => {
      const partial = isPartial(protection);
      if (partial === false) return undefined;
      const where = places.network(network);
      const key = [importance, partial ? 'partial' : 'unstated', ...wordsOf(where)].join(' ');
      return { key, organisation, where, count: 1 };
    });
    for (const { organisation, key, where, one, count } of weak) {
      await step();
      const partial = isPartial(one.protection) === true;
      add(organisation, 'protection', key, {
        degree: { least: partial ? one.importance : 'none', most: one.importance },
        what: { text: partial ? 'situation.event.protection' : 'situation.event.protection.unstated' },
        opens: `/estate/assets?${search({ organisation })}`,
        where,
        count,
      });
    }
    for (const { link, parts: of } of sources.links) {
      await step();
      if (of.singleness.found > 1) continue;
      add(link.organisation, 'single-way', link.id, {
        degree: link.role,
        what: link.name,
        opens: `/links/${link.id}`,
        where: places.link(link.id),
      });
    }
  }

  async function addDamage(): Promise<void> {
    for (const { id, number, state, grade, organisations, sensors } of sources.incidents) {
      await step();
      const degree =
        grade === null
          ? { least: 'none', most: 'level-1' }
          : { least: levelName(grade.floor), most: levelName(grade.ceiling ?? grade.floor) };
      const wheres = sensors.map((sensor) => places.sensor(sensor));
      // One finding of a sensor that says nothing of where leaves all of it open.
      const union = (pick: (where: Where) => readonly string[]): string[] =>
        wheres.some((where) => pick(where).length === 0) ? [] : [...new Set(wheres.flatMap(pick))].toSorted();
      for (const organisation of organisations)
        add(organisation, state === 'contained' ? 'incident-contained' : 'incident', id, {
          degree,
          what: {
            text: `situation.event.incident${state === 'contained' ? '.contained' : ''}${grade === null ? '.ungraded' : ''}`,
            values: { number },
          },
          opens: `/incidents/${id}`,
          where: { networkTypes: union(({ networkTypes }) => networkTypes), tiers: union(({ tiers }) => tiers), regions: [] },
        });
    }
  }

  async function addCoverage(): Promise<void> {
    const covered = sources.coverage.flatMap(({ networks }) => networks);
    const networks = await grouped(covered, step, ({ network, state }) => {
      const where = places.network(network.id);
      return { key: [state, ...wordsOf(where)].join(' '), organisation: network.organisation, where, count: 1 };
    });
    for (const { organisation, key, where, one, count } of networks) {
      await step();
      add(organisation, 'network', key, {
        degree: one.state,
        what: count === 1 ? one.network.name : { text: `situation.event.network.${one.state}` },
        opens: '/coverage',
        where,
        count,
      });
    }
    const seen = new Set<string>();
    for (const { links } of sources.coverage) {
      await step();
      for (const { link, state } of links) {
        await step();
        if (seen.has(link.id)) continue;
        seen.add(link.id);
        add(link.organisation, 'link', link.id, {
          degree: state,
          what: link.name,
          opens: `/links/${link.id}`,
          where: places.link(link.id),
        });
      }
    }
  }

  async function addReadiness(): Promise<void> {
    for (const { id, incident, number, organisation, law, duty, state } of sources.clocks)
      add(organisation, 'clock', id, {
        degree: state,
        what: {
          text: `situation.event.clock.${state}`,
          values: { duty: { text: `law.${law}.duty.${duty}` }, number },
        },
        opens: `/incidents/${incident}`,
      });
    for (const { id, incident, number, events } of sources.tasks) {
      await step();
      const { organisation, state, dueAt, title } = task(events);
      if ((state !== 'open' && state !== 'doing') || dueAt === null || dueAt > at) continue;
      add(organisation, 'task', id, {
        degree: 'overdue',
        what: { text: 'situation.event.task', values: { title, number } },
        opens: `/incidents/${incident}?tab=tasks`,
      });
    }
    for (const { id, number, colour, organisation, acknowledgedAt } of sources.warnings) {
      await step();
      if (acknowledgedAt !== null) continue;
      add(organisation, 'warning-unread', id, {
        degree: colour,
        what: { text: 'situation.event.warning-unread', values: { number } },
        opens: `/warnings/${id}`,
      });
    }
    for (const { incident, number, events } of sources.responsibilities) {
      await step();
      for (const { organisation, part, state } of responsibilities(events, sources.centre).parts) {
        if (state !== 'asked') continue;
        add(organisation, 'request', `${incident} ${part}`, {
          degree: 'unanswered',
          what: { text: `situation.event.request.${part}`, values: { number } },
          opens: `/incidents/${incident}`,
        });
      }
    }
  }
}

/** The gravest of four levels is 1; a scheme with milder ones counts them as the mildest. */
const levelName = (level: number | null): string => (level === null ? 'none' : `level-${Math.min(4, level)}`);

/** SSVC's outcomes have names; those of another table are shown as they are written. */
const outcomeName = (outcome: string): string | Words => {
  const key = { immediate: 'immediate', 'out-of-cycle': 'outOfCycle', scheduled: 'scheduled', defer: 'defer' }[outcome];
  return key === undefined ? outcome : { text: `exposures.outcome.${key}` };
};

const wordsOf = ({ networkTypes, tiers, regions }: Where): string[] => [
  networkTypes.join(','),
  tiers.join(','),
  regions.join(','),
];

type Group<One> = { organisation: string; key: string; where: Where; one: One; count: number };

/** Like things of one organisation at like places, counted; what `by` says nothing of is left out. */
async function grouped<One>(
  all: readonly One[],
  step: () => Promise<unknown>,
  by: (one: One) => Omit<Group<One>, 'one'> | undefined,
): Promise<Group<One>[]> {
  const groups = new Map<string, Group<One>>();
  for (const one of all) {
    await step();
    const of = by(one);
    if (!of) continue;
    const id = `${of.organisation}\n${of.key}`;
    const group = groups.get(id);
    if (group) group.count += of.count;
    else groups.set(id, { ...of, one });
  }
  return [...groups.values()];
}

type Standing = {
  networks: Estate['networks'];
  links: Estate['links'];
  importance: (typeof importances)[number];
};

/** What each organisation has, and the most important of it. */
function standings(estate: Estate): ReadonlyMap<string, Standing> {
  const all = new Map<string, Standing>();
  const of = (organisation: string): Standing => {
    let one = all.get(organisation);
    if (!one) all.set(organisation, (one = { networks: [], links: [], importance: 'general' }));
    return one;
  };
  for (const network of estate.networks) of(network.organisation).networks.push(network);
  for (const link of estate.links) of(link.organisation).links.push(link);
  for (const { organisation, importance } of [...estate.assets, ...estate.systems, ...estate.businesses]) {
    const one = of(organisation);
    if (importance && importances.indexOf(importance) < importances.indexOf(one.importance)) one.importance = importance;
  }
  return all;
}
