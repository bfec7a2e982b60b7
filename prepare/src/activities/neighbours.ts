/** Neighbours find each other's hardware addresses: ARP, and neighbour discovery in IPv6. Not an activity to be written in a scenario: every network does it. */

import { arpFrame, neighbourFrame } from '../packets/frame.ts';
import type { Scene } from '../scenario/scene.ts';
import type { During, Session } from './activity.ts';

/** Mean time after which a host asks for its router again: operating systems differ between 30 seconds and 20 minutes. */
const everySeconds = 240;

export function* neighbours(scene: Scene, during: During): Generator<Session> {
  for (const host of scene.allHosts) {
    const { network } = host;
    if (!network.inside) continue;
    const random = during.random.split(host.name);
    for (let at = during.from + random.unit() * 60; at < during.to; at += 20 + random.gap(everySeconds)) {
      const answered = 0.000_15 + 0.000_3 * random.unit();
      const six = host.ip6 !== undefined && random.chance(0.4);
      const own = { mac: host.mac, ip: six ? host.ip6! : host.ip };
      const router = { mac: network.gateway.mac, ip: six ? network.gateway6! : network.gateway.ip };
      const frame = six ? neighbourFrame : arpFrame;
      yield {
        at,
        client: host,
        server: router.ip,
        *play() {
          yield { t: 0, bytes: frame(own, router, false) };
          yield { t: answered, bytes: frame(router, own, true) };
        },
        seconds: () => answered,
      };
    }
  }
}
