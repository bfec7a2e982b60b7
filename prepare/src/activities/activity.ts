/**
 * What an activity is: something that hosts do, planned as conversations in time. The background and the steps of an
 * attack are made of the same activities – a transfer is a backup or a theft by who does it, where to and when, and by
 * nothing else in the packets.
 *
 * A new activity is one file beside its siblings and one line in `index.ts`.
 */

import type { z } from 'zod';
import { dnsMessage, type DnsAnswer } from '../packets/dns.ts';
import { udpFrame } from '../packets/frame.ts';
import { legDelay, type Path, type Sighting } from '../packets/path.ts';
import { converse, conversationSeconds, type Conversation } from '../packets/tcp.ts';
import { tlsTurns, type TlsTalk } from '../packets/tls.ts';
import type { Random } from '../random.ts';
import type { Host, Scene } from '../scenario/scene.ts';

/** One conversation, not yet played. */
export type Session = {
  /** When it starts, in seconds from the start of the recording. */
  at: number;
  client: Host;
  server: Host | Uint8Array;
  /** Its frames, with `t` in seconds from `at`, in order. Played anew, and alike, on every call. */
  play: () => Iterable<Sighting>;
  /** `t` of the last frame. */
  seconds: () => number;
};

/** From when to when, in seconds from the start of the recording, and whose chance decides. */
export type During = {
  from: number;
  to: number;
  /** It has been going on since long before: the first time comes anywhere in its interval, not at once. */
  running: boolean;
  random: Random;
};

export type Activity<S extends z.ZodRawShape = z.ZodRawShape> = {
  readonly kind: string;
  /** Its parameters, checked against this. */
  readonly shape: S;
  /** Parameters that name groups of hosts or actors. */
  readonly hostFields: readonly string[];
  /** Parameters that name networks. */
  readonly networkFields?: readonly string[];
  readonly plan: (scene: Scene, parameters: z.infer<z.ZodObject<S>>, during: During) => Iterable<Session>;
};

/** Gives the plan's parameters the types of the shape. */
export const activity = <const S extends z.ZodRawShape>(definition: Activity<S>): Activity => definition as unknown as Activity;

/** Hosts of all the groups that a parameter names. */
export const hostsOf = (scene: Scene, names: string | readonly string[]): readonly Host[] =>
  typeof names === 'string' ? scene.hosts(names) : names.flatMap((name) => scene.hosts(name));

/** A TCP conversation as a session. */
export function tcpSession(
  at: number,
  ends: { client: Host; server: Host },
  conversation: Omit<Conversation, 'ports'> & { ports: { client?: number; server: number } },
): Session {
  const whole: Conversation = {
    ...conversation,
    ports: { client: conversation.ports.client ?? ends.client.nextPort(), server: conversation.ports.server },
  };
  return { at, ...ends, play: () => converse(whole), seconds: () => conversationSeconds(whole) };
}

/** A TLS conversation as a session. */
export function tlsSession(
  scene: Scene,
  at: number,
  ends: { client: Host; server: Host },
  talk: Omit<TlsTalk, 'server' | 'random' | 'hello'> & {
    serverName?: string;
    tls?: TlsTalk['hello']['client'];
    port?: number;
    closing?: Conversation['closing'];
    path?: Path;
    random: Random;
  },
): Session {
  const { serverName, random } = talk;
  const whole: Conversation = {
    path: talk.path ?? scene.path(ends.client, ends.server),
    ports: { client: ends.client.nextPort(), server: talk.port ?? 443 },
    closing: talk.closing ?? 'client',
    closingAfter: 0.001,
    random,
  };
  const turns = () =>
    tlsTurns({
      hello: {
        client: talk.tls ?? ends.client.program.tls,
        ...(serverName === undefined ? {} : { serverName }),
        random: random.split('hello'),
      },
      server: scene.tlsServer(ends.server),
      exchanges: talk.exchanges,
      random: random.split('talk'),
    });
  return {
    at,
    ...ends,
    play: () => converse({ ...whole, turns: turns() }),
    seconds: () => conversationSeconds({ ...whole, turns: turns() }),
  };
}

/** A question in a datagram and its answer; no answer when the server is silent. */
export function datagramSession(
  at: number,
  ends: { client: Host; server: Host },
  exchange: {
    path: Path;
    port: number;
    clientPort?: number;
    request: Uint8Array;
    response?: Uint8Array;
    /** Seconds the server takes. */
    thinking: number;
    random: Random;
  },
): Session {
  const { path, random } = exchange;
  const clientPort = exchange.clientPort ?? ends.client.nextPort();
  const asked = legDelay(path.clientDelay, random);
  const answered = asked + legDelay(path.serverDelay, random) * 2 + exchange.thinking;
  const identification = random.whole(0, 0xffff);
  const ports = { from: clientPort, to: exchange.port };
  const back = { from: exchange.port, to: clientPort };
  return {
    at,
    ...ends,
    *play() {
      yield { t: asked, bytes: udpFrame({ ...path.fromClient, identification }, ports, exchange.request) };
      if (exchange.response) {
        const envelope = { ...path.fromServer, identification: (identification * 31 + 7) & 0xffff };
        yield { t: answered, bytes: udpFrame(envelope, back, exchange.response) };
      }
    },
    seconds: () => (exchange.response ? answered : asked),
  };
}

/** A name looked up: the sessions of the questions, and when the client knows. */
export function lookUp(
  scene: Scene,
  at: number,
  ends: { client: Host; resolver: Host },
  question: { name: string; target?: Host; alias?: string; alsoV6?: boolean; random: Random },
): { sessions: Session[]; knownAt: number } {
  const { client, resolver } = ends;
  const { random, name, target } = question;
  const family = client.ip6 && resolver.ip6 && random.chance(0.3) ? 6 : 4;
  const path = scene.path(client, resolver, family);
  // In the cache, or asked of the world.
  const thinking = random.chance(0.6) ? 0.000_2 + 0.000_4 * random.unit() : 0.008 + 0.05 * random.unit();
  const sessions: Session[] = [];
  const ask = (type: 'a' | 'aaaa' | 'https', delay: number): void => {
    const id = random.whole(0, 0xffff);
    const answers: DnsAnswer[] = [];
    const canonical = question.alias ?? name;
    const ttl = random.pick([60, 120, 300, 300, 600, 3_600]);
    if (target) {
      if (question.alias !== undefined) answers.push({ name, ttl: 3_600, type: 'cname', target: question.alias });
      if (type === 'a') answers.push({ name: canonical, ttl, type: 'a', address: target.ip });
    }
    const zone = canonical.split('.').slice(-2).join('.');
    const authority: DnsAnswer[] = answers.some((answer) => answer.type !== 'cname')
      ? []
      : [
          {
            name: zone,
            ttl: 300,
            type: 'soa',
            primary: `ns1.${zone}`,
            mailbox: `hostmaster.${zone}`,
            serial: 2_026_030_100 + (zone.length % 9),
          },
        ];
    const edns = client.stack.timestamps ? { payloadBytes: 1_232 } : {};
    const request = dnsMessage({ id, name, type, ...edns });
    const response = dnsMessage({ id, name, type, response: { code: target ? 0 : 3, answers, authority }, ...edns });
    sessions.push(
      datagramSession(
        at + delay,
        { client, server: resolver },
        { path, port: 53, request, response, thinking: thinking + 0.000_1 * random.unit(), random },
      ),
    );
  };
  ask('a', 0);
  if (question.alsoV6 ?? random.chance(0.5)) ask('aaaa', 0.000_05 + 0.000_2 * random.unit());
  if (client.program.userAgent.includes('Chrome') && random.chance(0.4)) ask('https', 0.000_3 * random.unit());
  const knownAt = Math.max(...sessions.map((session) => session.at + session.seconds())) + path.clientDelay + 0.000_1;
  return { sessions, knownAt };
}
