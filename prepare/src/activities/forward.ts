/** The resolver asks the world over TLS (RFC 7858): one connection after another, in which questions come as people ask them. */

import { z } from 'zod';
import { Id, SpanDraw } from '../scenario/values.ts';
import { activity, tlsSession } from './activity.ts';

export const forward = activity({
  kind: 'forward',
  shape: {
    from: Id,
    to: Id,
    /** Mean length of a connection. */
    lasts: SpanDraw,
    /** Mean pause between two questions. */
    every: SpanDraw,
    port: z.int().min(1).max(65_535).default(853),
  },
  hostFields: ['from', 'to'],
  *plan(scene, { from, to, lasts, every, port }, { from: begin, to: end, random }) {
    const client = scene.hosts(from)[0]!;
    const length = random.draw(lasts);
    const pause = random.draw(every);
    for (let at = begin + random.gap(pause), count = 0; at < end; count++) {
      const chance = random.split(count);
      const server = chance.pick(scene.hosts(to));
      const seconds = Math.min(5 + chance.gap(length), 3_600, end - at);
      const exchanges: { upBytes: number; downBytes: number; notBefore: number; serverSeconds: number }[] = [];
      for (let t = 0.1; t < seconds; t += chance.gap(pause)) {
        // Questions and answers are padded to blocks (RFC 8467).
        exchanges.push({ upBytes: 130, downBytes: 470, notBefore: t, serverSeconds: 0.005 + chance.gap(0.03) });
      }
      yield tlsSession(
        scene,
        at,
        { client, server },
        {
          port,
          exchanges,
          random: chance.split('talk'),
          ...(server.names[0] === undefined ? {} : { serverName: server.names[0] }),
        },
      );
      at += seconds + chance.gap(pause * 3);
    }
  },
});
