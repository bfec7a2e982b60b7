/**
 * The range: a scenario, a seed and a time become a recording – packets as a tap would have seen them, and beside them
 * the truth about who did what. The truth is never in the packets.
 */

import { formatAddress } from '@forewarn/base/ip';
import { Refusal } from '@forewarn/base/refusal';
import { formatInstant, type Seconds } from '@forewarn/base/time';
import type { LocalText } from '@forewarn/model/text';
import { activities } from './activities/index.ts';
import { hostsOf, type During, type Session } from './activities/activity.ts';
import { neighbours } from './activities/neighbours.ts';
import type { Packet } from './pcap.ts';
import { Random } from './random.ts';
import type { Scenario, harms } from './scenario/language.ts';
import { buildScene, type Scene } from './scenario/scene.ts';

export type RangeOptions = {
  seed: number;
  /** When the recording starts, in seconds since the epoch; absent: from `endAt`, or as the scenario says. */
  startAt?: Seconds;
  /** When it ends; absent: `startAt` and the length. The scenario is spread from start to end when both are given. */
  endAt?: Seconds;
  /** How long it lasts in seconds, when not both ends are given; absent: as the scenario says. */
  seconds?: Seconds;
  /**
   * Another day of the same hosts: addresses, names and parts stay, all that is done is drawn anew. 0 when absent. A long
   * recording can so be made of several, one after another.
   */
  episode?: number;
  /** How large its crowds are: 0.5 halves them, 4 makes them four times as many. */
  scale?: number;
};

/** One malicious step, as it happened in this recording. */
export type TrueStep = {
  id: string;
  name: LocalText;
  /** First and last packet, RFC 3339 in UTC. */
  from: string;
  to: string;
  /** Addresses that acted, and those acted upon. */
  src: string[];
  dst: string[];
  /** ATT&CK technique. */
  technique: string;
  harm: (typeof harms)[number];
};

export type Truth = {
  scenario: string;
  seed: number;
  scale: number;
  /** The recording, RFC 3339 in UTC. */
  start: string;
  end: string;
  steps: TrueStep[];
  /** Addresses of inside hosts with a part in a step, and of the outside hosts they dealt with. */
  malicious: string[];
  /** Addresses of all other hosts. */
  benign: string[];
  /** What is benign and looks otherwise, with the hosts that do it. */
  nearMisses: { id: string; why: LocalText; hosts: string[] }[];
};

export type Recording = {
  startAt: Seconds;
  endAt: Seconds;
  truth: Truth;
  /** In order of time; made while it is read, anew and alike each time. */
  packets: Iterable<Packet>;
};

const sessionsMax = 2_000_000;

export const limits = [
  {
    name: 'range.sessionsMax',
    value: sessionsMax,
    unit: 'conversations per recording',
    why: 'Two days of a busy scenario; beyond it the plan alone would take gigabytes. Refused as range.size.',
  },
] as const;

/**
 * Plans the recording; the packets are made as they are read.
 *
 * @throws Refusal `range.options` for times or scales that make no recording, `range.size` for one too large to plan.
 */
export function generate(scenario: Scenario, options: RangeOptions): Recording {
  const { seed, scale = 1, episode = 0 } = options;
  const { startAt, endAt } = span(scenario, options);
  if (!(scale > 0 && scale <= 1_000))
    throw new Refusal('range.options', `A scale of ${scale} makes no recording.`, {
      advice: 'Give a number above 0, 1 being the scenario as written.',
    });
  if (!Number.isSafeInteger(seed)) throw new Refusal('range.options', `${seed} is no seed.`, { advice: 'Give a whole number.' });
  const seconds = endAt - startAt;
  const lasting = new Random(`${scenario.id}/${seed}`);
  const random = episode === 0 ? lasting : lasting.split('episode').split(episode);
  const scene = buildScene(scenario, { epoch: startAt, seconds, scale, episode, random: lasting.split('scene') });

  const sessions: Session[] = [];
  const take = (planned: Iterable<Session>): Session[] => {
    const own: Session[] = [];
    for (const session of planned) {
      if (session.at >= seconds) continue;
      if (sessions.length >= sessionsMax) {
        throw new Refusal('range.size', `The recording would have more than ${sessionsMax} conversations.`, {
          advice: 'Make it shorter, or smaller with --scale.',
        });
      }
      sessions.push(session);
      own.push(session);
    }
    return own;
  };

  take(neighbours(scene, { from: 0, to: seconds, running: true, random: random.split('neighbours') }));
  for (const entry of scenario.background) {
    take(perform(scene, entry, { from: 0, to: seconds, running: true, random: random.split('background').split(entry.id) }));
  }
  const ends = new Map<string, number>();
  const steps: TrueStep[] = [];
  const malicious = new Set<string>();
  let latest = 0;
  for (const step of scenario.steps) {
    const chance = random.split('step').split(step.id);
    const from = beginning(step.at, { seconds, ends, chance: chance.split('at') });
    // In a recording too short for its story the last steps, which hang on the end, would overtake the first.
    if (from < latest) throw tooShort(step.id, seconds);
    latest = from;
    const to = step.until === undefined ? seconds : step.until * seconds;
    const own = take(perform(scene, step, { from, to, running: false, random: chance }));
    const bounds = boundsOf(own, seconds);
    if (!bounds) throw tooShort(step.id, seconds);
    ends.set(step.id, bounds.last);
    const address = (host: Session['server']): string => formatAddress(host instanceof Uint8Array ? host : host.ip);
    const resolvers = new Set(hostsOf(scene, ('resolver' in step ? (step.resolver as string | undefined) : undefined) ?? []));
    // A host with two addresses asks names from either.
    const src = [...new Set(own.flatMap(({ client }) => [address(client), ...(client.ip6 ? [formatAddress(client.ip6)] : [])]))];
    const dst = [...new Set(own.filter(({ server }) => !resolvers.has(server as never)).map(({ server }) => address(server)))];
    for (const one of src) malicious.add(one);
    // Whom an intruder asks or attacks inside is a victim, no culprit; outside it is the culprit's own.
    for (const { server } of own) if (!(server instanceof Uint8Array) && !server.network.inside) malicious.add(address(server));
    steps.push({
      id: step.id,
      name: step.name,
      // Milliseconds, outwards, so that the packets lie within.
      from: formatInstant(Math.floor((startAt + bounds.first) * 1000) / 1000),
      to: formatInstant(Math.ceil((startAt + bounds.last) * 1000) / 1000),
      src,
      dst,
      technique: step.technique,
      harm: step.harm,
    });
  }

  // Stable: conversations that start at the same instant keep the order of the scenario.
  sessions.sort((a, b) => a.at - b.at);
  const addresses = scene.allHosts.flatMap(({ ip, ip6 }) => (ip6 ? [ip, ip6] : [ip]).map((one) => formatAddress(one)));
  for (const { ip, ip6 } of scene.actors.values()) {
    malicious.add(formatAddress(ip));
    if (ip6) malicious.add(formatAddress(ip6));
  }
  return {
    startAt,
    endAt,
    truth: {
      scenario: scenario.id,
      seed,
      scale,
      start: formatInstant(startAt),
      end: formatInstant(endAt),
      steps,
      malicious: [...malicious],
      benign: addresses.filter((one) => !malicious.has(one)),
      nearMisses: scenario.nearMisses.map(({ background, why }) => {
        const entry = scenario.background.find(({ id }) => id === background)! as unknown as { from: string | string[] };
        return { id: background, why, hosts: hostsOf(scene, entry.from).map(({ ip }) => formatAddress(ip)) };
      }),
    },
    packets: { [Symbol.iterator]: () => merge(sessions, { startAt, seconds }) },
  };
}

const tooShort = (step: string, seconds: number): Refusal =>
  new Refusal('range.options', `The step "${step}" does not fit into ${Math.round(seconds / 60)} minutes.`, {
    advice: 'Make the recording longer.',
  });

function span(scenario: Scenario, options: RangeOptions): { startAt: Seconds; endAt: Seconds } {
  const seconds = options.seconds ?? scenario.length;
  const startAt = options.startAt ?? (options.endAt === undefined ? scenario.start : options.endAt - seconds);
  const endAt = options.endAt ?? startAt + seconds;
  if (!(endAt - startAt >= 60)) {
    throw new Refusal('range.options', 'The recording would last less than a minute.', {
      advice: 'Let it end later or start earlier.',
    });
  }
  // 32 bits of seconds is what a capture file can say (and what stays true until 2106).
  if (startAt < 0 || endAt >= 2 ** 32) throw new Refusal('range.options', 'A capture file holds times from 1970 to 2106.');
  return { startAt, endAt };
}

type Entry = Scenario['background'][number] | Scenario['steps'][number];

function perform(scene: Scene, entry: Entry, during: During): Iterable<Session> {
  const activity = activities.find(({ kind }) => kind === entry.do)!;
  return activity.plan(scene, entry as never, during);
}

type Moment = Scenario['steps'][number]['at'];

function beginning(
  at: Moment,
  { seconds, ends, chance }: { seconds: number; ends: ReadonlyMap<string, number>; chance: Random },
): number {
  if ('share' in at) return chance.draw(at.share) * seconds;
  if ('beforeEnd' in at) return seconds - chance.draw(at.beforeEnd);
  return ends.get(at.after)! + chance.draw(at.by);
}

/** First and last packet of the sessions within the recording. */
function boundsOf(sessions: readonly Session[], seconds: number): { first: number; last: number } | undefined {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const session of sessions) {
    for (const { t } of session.play()) {
      first = Math.min(first, session.at + t);
      break;
    }
    last = Math.max(last, session.at + session.seconds());
  }
  return first < seconds ? { first, last: Math.min(last, seconds) } : undefined;
}

/** One conversation that is being played. */
type Playing = {
  order: number;
  at: number;
  next: { t: number; bytes: Uint8Array };
  rest: Iterator<{ t: number; bytes: Uint8Array }>;
};

/** All conversations' frames in order of time. Only those that are going on are held. */
function* merge(sessions: readonly Session[], { startAt, seconds }: { startAt: Seconds; seconds: number }): Generator<Packet> {
  const heap: Playing[] = [];
  const before = (a: Playing, b: Playing): boolean => {
    const difference = a.at + a.next.t - (b.at + b.next.t);
    return difference < 0 || (difference === 0 && a.order < b.order);
  };
  const down = (): void => {
    for (let i = 0; ;) {
      const left = 2 * i + 1;
      let least = i;
      if (left < heap.length && before(heap[left]!, heap[least]!)) least = left;
      if (left + 1 < heap.length && before(heap[left + 1]!, heap[least]!)) least = left + 1;
      if (least === i) return;
      [heap[i], heap[least]] = [heap[least]!, heap[i]!];
      i = least;
    }
  };
  const up = (): void => {
    for (let i = heap.length - 1; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!before(heap[i]!, heap[parent]!)) return;
      [heap[i], heap[parent]] = [heap[parent]!, heap[i]!];
      i = parent;
    }
  };
  // Microseconds are whole numbers here, so that rounding never turns the order round.
  const startMicroseconds = Math.round(startAt * 1e6);
  let started = 0;
  for (;;) {
    while (started < sessions.length && (heap.length === 0 || sessions[started]!.at <= heap[0]!.at + heap[0]!.next.t)) {
      const session = sessions[started]!;
      const rest = session.play()[Symbol.iterator]();
      const first = rest.next();
      if (!first.done) {
        heap.push({ order: started, at: session.at, next: first.value, rest });
        up();
      }
      started++;
    }
    const playing = heap[0];
    if (!playing) return;
    const t = playing.at + playing.next.t;
    if (t >= seconds) return;
    yield { ts: (startMicroseconds + Math.round(t * 1e6)) / 1e6, bytes: playing.next.bytes };
    const next = playing.rest.next();
    if (next.done) {
      const last = heap.pop()!;
      if (heap.length > 0) {
        heap[0] = last;
        down();
      }
    } else {
      playing.next = next.value;
      down();
    }
  }
}
