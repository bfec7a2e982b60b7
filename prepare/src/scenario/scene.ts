/** The stage: networks, hosts and the paths between them, drawn from a scenario by the seed. */

import { formatAddress } from '@forewarn/base/ip';
import { certificate, type KeyKind } from '../packets/certificate.ts';
import type { Address } from '../packets/frame.ts';
import { stacks, type Path, type Stack } from '../packets/path.ts';
import type { TlsServer } from '../packets/tls.ts';
import type { Random } from '../random.ts';
import type { HostGroup, Scenario } from './language.ts';
import { addressOf, network6, poolOf, type Pool } from './addresses.ts';
import { programs, type Program } from './programs.ts';

export type Network = {
  id: string;
  inside: boolean;
  pool: Pool;
  prefix6?: Uint8Array;
  gateway: Address;
  gateway6?: Uint8Array;
};

export type Host = {
  /** Group and number: `office-3`. */
  name: string;
  group: string;
  network: Network;
  ip: Uint8Array;
  ip6?: Uint8Array;
  mac: Uint8Array;
  stack: Stack;
  program: Program;
  /** DNS names that lead to it. */
  names: readonly string[];
  openPorts: readonly number[];
  /** Answers a closed port with a reset (true) or not at all. */
  refuses: boolean;
  /** One way from the tap, in seconds; for outside hosts the whole way over the Internet. */
  delay: number;
  /** Routers between an outside host and the tap. */
  hops: number;
  server: HostGroup['server'];
  /** The host's own chance, for what it does. */
  random: Random;
  /** The next source port, by a walk that meets each port of the span once before any comes again. */
  nextPort: () => number;
};

export type Scene = {
  /** When the recording starts, in seconds since the epoch; activities count from here. */
  epoch: number;
  /** How long it lasts. */
  seconds: number;
  networks: ReadonlyMap<string, Network>;
  /** The hosts of a group, or the one host of an actor. */
  hosts: (name: string) => readonly Host[];
  allHosts: readonly Host[];
  /** Groups of hosts that took part in a step. */
  actors: ReadonlyMap<string, Host>;
  path: (client: Host, server: Host, family?: 4 | 6) => Path;
  /** The host at an address, if there is one. */
  at: (network: Network, address: Uint8Array) => Host | undefined;
  /** What the host answers a TLS client with. */
  tlsServer: (host: Host) => TlsServer;
};

/** Bytes per second of a switch port, and of the line to the Internet that all share. */
const insideRate = 110_000_000;
const outsideRate = 12_500_000;
/** Part of the messages whose last segment is lost behind the tap. */
const insideLoss = 0.000_5;
const outsideLoss = 0.004;

/** A crowd that `scale` makes smaller stays one: what many hosts do must not become what one or two do. */
const crowdMin = 5;

/** Locally administered, so that no vendor is accused. */
const hardwareAddress = (random: Random): Uint8Array => {
  const mac = random.bytes(6);
  mac[0] = (mac[0]! & 0xfc) | 0x02;
  return mac;
};

export function buildScene(
  scenario: Scenario,
  options: { epoch: number; seconds: number; scale: number; episode: number; random: Random },
): Scene {
  const { epoch, seconds, scale, episode, random } = options;
  const networks = new Map<string, Network>();
  for (const spec of scenario.networks) {
    const pool = poolOf(spec.cidr);
    const chance = random.split('network').split(spec.id);
    const gateway = addressOf(pool.first + 1);
    networks.set(spec.id, {
      id: spec.id,
      inside: spec.side === 'inside',
      pool,
      gateway: { mac: hardwareAddress(chance), ip: gateway },
      ...(spec.cidr6 === undefined ? {} : { prefix6: network6(spec.cidr6), gateway6: suffixed(network6(spec.cidr6), 1) }),
    });
  }
  const edge: Address = { mac: hardwareAddress(random.split('edge')), ip: new Uint8Array(4) };
  const core: Address = { mac: hardwareAddress(random.split('core')), ip: new Uint8Array(4) };

  const groups = new Map<string, Host[]>();
  const taken = new Set<number>();
  // Groups with a fixed address first, so that a pool never takes it.
  const order = [...scenario.hosts].sort((a, b) => width(a) - width(b));
  for (const group of order)
    groups.set(group.id, buildGroup(group, networks.get(group.network)!, { random, taken, scale, episode }));

  const actors = new Map<string, Host>();
  for (const actor of scenario.actors) {
    const candidates = groups.get(actor.from)!.filter((host) => ![...actors.values()].includes(host));
    // The first of a group exists at every scale, so that a smaller recording plays the same parts.
    actors.set(actor.id, candidates[0]!);
  }

  const allHosts = scenario.hosts.flatMap((group) => groups.get(group.id)!);
  const byAddress = new Map(allHosts.map((host) => [formatAddress(host.ip), host]));
  const tls = new Map<Host, TlsServer>();

  const heading = (from: Host, to: Host, family: 4 | 6) => {
    const same = from.network === to.network;
    const fromMac = from.network.inside ? from.mac : edge.mac;
    const toMac = same ? to.mac : from.network.inside ? from.network.gateway.mac : core.mac;
    return {
      from: { mac: fromMac, ip: family === 6 ? from.ip6! : from.ip },
      to: { mac: toMac, ip: family === 6 ? to.ip6! : to.ip },
      ttl: from.stack.ttl - from.hops,
    };
  };

  return {
    epoch,
    seconds,
    networks,
    actors,
    allHosts,
    hosts: (name) => (actors.has(name) ? [actors.get(name)!] : groups.get(name)!),
    at: (_network, address) => byAddress.get(formatAddress(address)),
    path(client, server, family = 4) {
      const inside = client.network.inside && server.network.inside;
      return {
        fromClient: heading(client, server, family),
        fromServer: heading(server, client, family),
        clientStack: client.stack,
        serverStack: server.stack,
        clientDelay: client.delay,
        serverDelay: server.delay,
        upRate: inside ? insideRate : outsideRate,
        downRate: inside ? insideRate : outsideRate,
        loss: inside ? insideLoss : outsideLoss,
      };
    },
    tlsServer(host) {
      const known = tls.get(host);
      if (known) return known;
      const made = makeTlsServer(host, epoch);
      tls.set(host, made);
      return made;
    },
  };
}

const width = (group: HostGroup): number =>
  group.addresses === undefined ? Number.MAX_SAFE_INTEGER : poolOf(group.addresses).size;

function suffixed(prefix: Uint8Array, suffix: number): Uint8Array {
  const ip = prefix.slice();
  ip[12] = suffix >>> 24;
  ip[13] = suffix >>> 16;
  ip[14] = suffix >>> 8;
  ip[15] = suffix;
  return ip;
}

function buildGroup(
  group: HostGroup,
  network: Network,
  { random, taken, scale, episode }: { random: Random; taken: Set<number>; scale: number; episode: number },
): Host[] {
  const chance = random.split('group').split(group.id);
  const pool =
    group.addresses === undefined ? { first: network.pool.first + 10, size: network.pool.size - 20 } : poolOf(group.addresses);
  const drawn = typeof group.count === 'number' ? group.count : chance.whole(group.count[0], group.count[1]);
  // Only groups given as a span are a crowd; a fixed number (the resolver, six controllers) is what it is.
  const wanted =
    typeof group.count === 'number' ? drawn : Math.max(Math.min(group.count[0], crowdMin), Math.round(drawn * scale));
  const hosts: Host[] = [];
  // A walk through the pool that meets every address once.
  const step = coprime(chance.whole(1, Math.max(1, pool.size - 1)), pool.size);
  let position = chance.whole(0, pool.size - 1);
  for (let tried = 0; tried < pool.size && hosts.length < Math.min(wanted, pool.size); tried++) {
    const number = pool.first + position;
    position = (position + step) % pool.size;
    if (taken.has(number)) continue;
    taken.add(number);
    const own = chance.split(hosts.length);
    const program = programs[own.pick(group.programs)]!;
    const stack = stacks[group.stack ?? program.stack]!;
    const ports = stack.ports;
    const span = ports[1] - ports[0] + 1;
    const portStep = coprime(own.whole(1, 97), span);
    // Another episode goes on with other ports, so that no connection seems to come back.
    let port = own
      .split('ports')
      .split(episode)
      .whole(0, span - 1);
    const index = hosts.length;
    hosts.push({
      name: `${group.id}-${index + 1}`,
      group: group.id,
      network,
      ip: addressOf(number),
      ...(network.prefix6 === undefined ? {} : { ip6: suffixed(network.prefix6, own.whole(0x1000, 0x7fff_ffff)) }),
      mac: hardwareAddress(own.split('mac')),
      stack,
      program,
      names: group.names === undefined ? [] : group.names.filter((_, i) => i % wanted === index % wanted),
      openPorts: group.ports ?? [],
      refuses: group.stack !== 'windows' && program.stack !== 'windows' ? true : own.chance(0.35),
      delay: network.inside ? 0.000_08 + 0.000_25 * own.unit() : own.draw(group.roundTrip ?? [0.012, 0.16]) / 2,
      hops: network.inside ? 0 : own.whole(6, 17),
      server: group.server,
      random: own,
      nextPort: () => {
        port = (port + portStep) % span;
        return ports[0] + port;
      },
    });
  }
  return hosts;
}

function coprime(step: number, size: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let candidate = Math.max(1, step);
  while (divisor(candidate, size) !== 1) candidate++;
  return candidate;
}

const publicSigners = ['Example Trust Services', 'Sample Root Authority', 'Test Web Signing'] as const;
const day = 86_400;

function makeTlsServer(host: Host, epoch: number): TlsServer {
  const random = host.random.split('tls');
  const spec = host.server ?? {};
  const key: KeyKind = spec.key ?? random.pick(['ec', 'rsa'] as const);
  const names = host.names.length > 0 ? host.names : [formatAddress(host.ip)];
  // Public certificates live for about 90 days, those that people make for themselves for years.
  const own = spec.authority === 'self';
  const notBefore = epoch - random.whole(2, own ? 400 : 80) * day;
  const notAfter = notBefore + (own ? 3_650 : 90) * day;
  const subject = { common: names[0]! };
  const organisation = random.pick(publicSigners);
  const authority = { country: 'ZZ', organisation, common: `${organisation} R${random.whole(1, 9)}` };
  const signer = own ? subject : authority;
  const leaf = certificate({
    subject,
    issuer: signer,
    names,
    key,
    signedWith: own ? key : 'rsa',
    notBefore,
    notAfter,
    random: random.split('leaf'),
  });
  const chain = own
    ? [leaf]
    : [
        leaf,
        certificate({
          subject: authority,
          issuer: { country: 'ZZ', organisation, common: `${organisation} Root` },
          names: [],
          key: 'rsa',
          signedWith: 'rsa',
          authority: true,
          notBefore: epoch - 900 * day,
          notAfter: epoch + 2_000 * day,
          random: random.split('signer'),
        }),
      ];
  return {
    versions:
      spec.tls === '1.2' ? [0x0303] : spec.tls === '1.3' ? [0x0304, 0x0303] : random.chance(0.7) ? [0x0304, 0x0303] : [0x0303],
    certificates: chain,
    key,
    alpn: spec.alpn ?? ['h2', 'http/1.1'],
  };
}
