/** A large amount goes from one host to another over TLS: a backup, pictures for a partner, a file for the cloud – or stolen. */

import { z } from 'zod';
import { programs } from '../scenario/programs.ts';
import { Id, Names, NumberDraw, SpanDraw, WholeDraw } from '../scenario/values.ts';
import { activity, hostsOf, lookUp, tlsSession } from './activity.ts';

/** Bytes told by one message of the client before the server answers; larger uploads are sent in such parts. */
const partBytes = 4 * 1024 * 1024;

export const transfer = activity({
  kind: 'transfer',
  shape: {
    from: Names,
    to: Names,
    resolver: Id.optional(),
    /** A gigabyte at most: the plan of a connection takes about 200 bytes of memory for each segment. */
    bytes: WholeDraw(1, 1_000_000_000),
    connections: WholeDraw(1, 100).default(1),
    /** Bytes per second; absent: what the line gives. */
    rate: NumberDraw(100, 1_000_000_000).optional(),
    /** Mean pause between transfers of one host; absent: once. */
    every: SpanDraw.optional(),
    program: z.enum(Object.keys(programs) as [string, ...string[]]).optional(),
    port: z.int().min(1).max(65_535).default(443),
  },
  hostFields: ['from', 'to', 'resolver'],
  *plan(scene, parameters, during) {
    for (const client of hostsOf(scene, parameters.from)) {
      const random = during.random.split(client.name);
      const server = random.pick(hostsOf(scene, parameters.to));
      const name = server.names[0];
      const interval = parameters.every === undefined ? undefined : random.draw(parameters.every);
      let at = during.from + (interval === undefined ? 0 : random.gap(interval));
      for (let count = 0; at < during.to; count++) {
        const chance = random.split(count);
        let start = at;
        if (parameters.resolver !== undefined && name !== undefined) {
          const lookup = lookUp(
            scene,
            at,
            { client, resolver: scene.hosts(parameters.resolver)[0]! },
            { name, target: server, random: chance.split('dns') },
          );
          yield* lookup.sessions;
          start = lookup.knownAt;
        }
        const connections = Math.round(chance.draw(parameters.connections));
        const total = Math.round(chance.draw(parameters.bytes));
        const path = scene.path(client, server);
        const rate = parameters.rate === undefined ? path.upRate : chance.draw(parameters.rate);
        for (let i = 0; i < connections; i++) {
          const bytes = Math.ceil(total / connections);
          const parts = Math.ceil(bytes / partBytes);
          yield tlsSession(
            scene,
            start,
            { client, server },
            {
              path: { ...path, upRate: Math.min(rate, path.upRate) },
              port: parameters.port,
              random: chance.split(`talk${i}`),
              ...(name === undefined ? {} : { serverName: name }),
              ...(parameters.program === undefined ? {} : { tls: programs[parameters.program]!.tls }),
              exchanges: [
                { upBytes: 420, downBytes: 260 },
                ...Array.from({ length: parts }, (_, part) => ({
                  upBytes: Math.min(partBytes, bytes - part * partBytes),
                  downBytes: 90,
                  after: 0.002 + chance.gap(0.01),
                })),
              ],
            },
          );
          start += bytes / rate + chance.draw([0.5, 4]);
        }
        if (interval === undefined) break;
        at = start + random.gap(interval);
      }
    }
  },
});
