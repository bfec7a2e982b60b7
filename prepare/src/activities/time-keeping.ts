/** Clocks ask a time server, each at its own steady interval (RFC 5905: powers of two, from 64 seconds). */

import { ntpRequest, ntpResponse } from '../packets/ntp.ts';
import { Id, Names } from '../scenario/values.ts';
import { activity, datagramSession, hostsOf } from './activity.ts';

export const timeKeeping = activity({
  kind: 'time-keeping',
  shape: { from: Names, to: Id },
  hostFields: ['from', 'to'],
  *plan(scene, { from, to }, during) {
    const server = scene.hosts(to)[0]!;
    for (const client of hostsOf(scene, from)) {
      const random = during.random.split(client.name);
      const interval = random.pick([64, 128, 256, 512, 1_024]);
      const path = scene.path(client, server);
      for (let at = during.from + random.unit() * interval; at < during.to; at += interval + 0.4 * random.normal()) {
        const originate = scene.epoch + at;
        const receive = originate + path.clientDelay + path.serverDelay;
        const transmit = receive + 0.000_03;
        yield datagramSession(
          at,
          { client, server },
          {
            path,
            port: 123,
            clientPort: 123,
            request: ntpRequest(originate),
            response: ntpResponse({ originate, receive, transmit }, server.ip),
            thinking: 0.000_05,
            random,
          },
        );
      }
    }
  },
});
