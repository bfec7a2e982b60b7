/** Routes to own prefixes among the churn of a collector. */

import type { Random } from '@forewarn/prepare/random';
import { composed, type Line, type Measure } from './measure.ts';
import { restart, start } from './ordinary.ts';

const day = 86_400;
export const ownNetworks = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'];

const update = (ts: number, peer: number, path: number[], announced: string[], more: object = {}): Line => ({
  log: 'bgp_update',
  record: { ts, collector: 'rrc99', peer_ip: `198.19.0.${peer}`, peer_asn: 64_600 + peer, family: 'ipv4 unicast', as_path: [64_600 + peer, ...path].join(' '), announced, ...more },
}); // oxfmt-ignore

/** Two days of eight peers: own prefixes by three providers, one of them from two origins; routes of others that change without end. */
export function churn(random: Random): Line[] {
  restart();
  const lines: Line[] = [];
  for (let peer = 1; peer <= 8; peer++)
    for (const [i, network] of ownNetworks.entries())
      for (let t = random.draw([0, 3_000]); t < 2 * day; t += random.draw([600, 5_400])) {
        const origin = i === 2 && random.chance(0.3) ? 64_512 : 64_511;
        const padding = random.chance(0.2) ? [origin] : [];
        lines.push(update(start + t, peer, [random.pick([64_701, 64_702, 64_703]), ...padding, origin], [network]));
      }
  for (let i = 0; i < 5_000; i++) {
    const prefix = `198.18.${random.whole(0, 255)}.0/24`;
    lines.push(
      update(
        start + random.draw([0, 2 * day]),
        random.whole(1, 8),
        [random.whole(64_710, 64_790), random.whole(64_800, 64_900)],
        [prefix],
      ),
    );
  }
  return lines;
}

export const routes: readonly Measure[] = [
  composed({
    behaviour: 'route-origin',
    on: 'collector',
    about:
      'another origin of an own prefix, a part of one, and a leak by the marks of RFC 9234, each told by some of eight peers; own prefixes by three providers and two origins, routes of others that change without end.',
    compose: (random) => {
      const lines = churn(random.split('churn'));
      const at = start + 2 * day + random.draw([0, 600]);
      for (const peer of random.shuffle([1, 2, 3, 4, 5, 6, 7, 8]).slice(0, 3)) {
        lines.push(update(at + peer, peer, [64_750, 64_666], ['192.0.2.0/24']));
        lines.push(update(at + 300 + peer, peer, [64_751, 64_667], ['198.51.100.128/25']));
      }
      lines.push({
        log: 'bgp_session',
        record: { ts: at, collector: 'rrc99', peer_ip: '198.19.0.9', event: 'open', role: 'customer' },
      });
      lines.push(update(at + 600, 9, [64_702, 64_801], ['198.18.7.0/24'], { only_to_customer: 64_702 }));
      return {
        lines,
        localNetworks: ownNetworks,
        signs: [
          { id: 'origin', source: 'AS64666', from: at },
          { id: 'part', source: 'AS64667', from: at + 300 },
          { id: 'leak', source: 'AS64609', from: at + 600 },
        ],
      };
    },
  }),
];
