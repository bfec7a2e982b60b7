/**
 * A program reports to a server again and again over TLS. An implant does so, and so do licence checks, update
 * services and telemetry: they differ in how regular they are, how many hosts speak to the same server, and for how long.
 */

import { z } from 'zod';
import { programs } from '../scenario/programs.ts';
import { Id, Names, NumberDraw, SpanDraw, WholeDraw } from '../scenario/values.ts';
import { activity, hostsOf, lookUp, tlsSession } from './activity.ts';

export const beacon = activity({
  kind: 'beacon',
  shape: {
    from: Names,
    to: Names,
    resolver: Id.optional(),
    every: SpanDraw,
    /** Evenly up to this part of the interval, earlier or later. Above 1 the pauses are those of chance (exponential). */
    jitter: NumberDraw(0, 2),
    requestBytes: WholeDraw(1, 100_000).default([180, 260]),
    responseBytes: WholeDraw(1, 50_000_000).default([120, 200]),
    /** How far sizes differ from one report to the next, as a part. */
    sizeSpread: NumberDraw(0, 2).default(0.03),
    /** The program that speaks, when it is not the host's usual one. */
    program: z.enum(Object.keys(programs) as [string, ...string[]]).optional(),
    port: z.int().min(1).max(65_535).default(443),
  },
  hostFields: ['from', 'to', 'resolver'],
  *plan(scene, parameters, during) {
    const servers = hostsOf(scene, parameters.to);
    for (const client of hostsOf(scene, parameters.from)) {
      const random = during.random.split(client.name);
      const interval = random.draw(parameters.every);
      const jitter = random.draw(parameters.jitter);
      const request = random.draw(parameters.requestBytes);
      const response = random.draw(parameters.responseBytes);
      const spread = random.draw(parameters.sizeSpread);
      const server = random.pick(servers);
      const name = server.names[0];
      let knownUntil = -1;
      const pause = (): number => (jitter > 1 ? 1 + random.gap(interval) : interval * (1 + jitter * (2 * random.unit() - 1)));
      for (
        let at = during.from + random.unit() * (during.running ? interval : Math.min(interval, 5)), count = 0;
        at < during.to;
        at += pause(), count++
      ) {
        const chance = random.split(count);
        let start = at;
        if (parameters.resolver !== undefined && name !== undefined && knownUntil < at) {
          const lookup = lookUp(
            scene,
            at,
            { client, resolver: scene.hosts(parameters.resolver)[0]! },
            { name, target: server, alsoV6: false, random: chance.split('dns') },
          );
          yield* lookup.sessions;
          start = lookup.knownAt;
          knownUntil = at + 600;
        }
        const vary = (bytes: number): number => Math.max(1, Math.round(bytes * Math.exp(spread * chance.normal())));
        yield tlsSession(
          scene,
          start,
          { client, server },
          {
            random: chance.split('talk'),
            port: parameters.port,
            ...(name === undefined ? {} : { serverName: name }),
            ...(parameters.program === undefined ? {} : { tls: programs[parameters.program]!.tls }),
            exchanges: [{ upBytes: vary(request), downBytes: Math.min(50_000_000, vary(response)) }],
          },
        );
      }
    }
  },
});
