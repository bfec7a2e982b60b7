/** People read pages: names are looked up, a few connections opened, objects of all sizes fetched, then a pause. */

import { z } from 'zod';
import { joinBodies, noiseBody, textBody } from '../packets/body.ts';
import { httpDate, httpRequest, httpResponse } from '../packets/http.ts';
import type { Turn } from '../packets/tcp.ts';
import type { Random } from '../random.ts';
import type { Host, Scene } from '../scenario/scene.ts';
import { Id, Names, NumberDraw, SpanDraw } from '../scenario/values.ts';
import { activity, hostsOf, lookUp, tcpSession, tlsSession, type Session } from './activity.ts';
import { page, wordsBody } from './pages.ts';

/** Seconds for which a client remembers an address. */
const rememberSeconds = 120;

export const browse = activity({
  kind: 'browse',
  shape: {
    from: Names,
    to: Names,
    /** Asked for names; absent when the clients are outside and their questions are not seen. */
    resolver: Id.optional(),
    /** Mean pause between two visits of one client. */
    every: SpanDraw,
    /** Part of the visits without TLS. */
    plain: NumberDraw(0, 1).default(0),
    /** Other sites that a page draws objects from. */
    others: z.tuple([z.int().min(0), z.int().max(10)]).default([0, 2]),
    /** Bytes of the middle object. */
    objectBytes: z.int().min(100).max(10_000_000).default(9_000),
  },
  hostFields: ['from', 'to', 'resolver'],
  *plan(scene, { from, to, resolver, every, plain, others, objectBytes }, during) {
    const sites = hostsOf(scene, to);
    const plainPart = during.random.draw(plain);
    for (const client of hostsOf(scene, from)) {
      const random = during.random.split(client.name);
      const pause = random.draw(every);
      const known = new Map<string, number>();
      // Everybody has favourites.
      const order = random.shuffle(sites);
      for (let at = during.from + random.unit() * pause, visits = 0; at < during.to; at += 2 + random.gap(pause), visits++) {
        const chance = random.split(visits);
        const count = 1 + chance.whole(others[0], others[1]);
        let start = at;
        for (let i = 0; i < count; i++) {
          const site = order[Math.min(order.length - 1, Math.floor(order.length * chance.unit() ** 2))]!;
          const name = site.names.length > 0 ? chance.pick(site.names) : undefined;
          let knownAt = start;
          if (resolver !== undefined && name !== undefined && (known.get(name) ?? -1) < start) {
            const lookup = lookUp(
              scene,
              start,
              { client, resolver: scene.hosts(resolver)[0]! },
              { name, target: site, random: chance.split(`dns${i}`) },
            );
            yield* lookup.sessions;
            knownAt = lookup.knownAt;
            known.set(name, start + rememberSeconds);
          }
          yield read(
            scene,
            knownAt,
            { client, server: site },
            { name, plain: chance.chance(plainPart), objectBytes, random: chance.split(`page${i}`) },
          );
          start += 0.05 + 0.4 * chance.unit();
        }
      }
    }
  },
});

function read(
  scene: Scene,
  at: number,
  ends: { client: Host; server: Host },
  { name, plain, objectBytes, random }: { name: string | undefined; plain: boolean; objectBytes: number; random: Random },
): Session {
  const objects = 1 + Math.floor(random.gap(2.2));
  const path = scene.path(ends.client, ends.server);
  if (!plain) {
    return tlsSession(scene, at, ends, {
      path,
      random,
      ...(name === undefined ? {} : { serverName: name }),
      // Some browsers keep the connection until the server has had enough.
      closing: random.chance(0.25) ? 'server' : random.chance(0.1) ? 'reset' : 'client',
      exchanges: Array.from({ length: Math.min(objects, 12) }, (_, i) => ({
        upBytes: 250 + random.whole(0, 700),
        downBytes: random.size(objectBytes, 1.3, 1_500_000),
        after: i === 0 ? 0.001 : 0.01 + random.gap(0.25),
        serverSeconds: 0.003 + random.gap(0.03),
      })),
    });
  }
  const turns: Turn[] = [];
  for (let i = 0; i < Math.min(objects, 8); i++) {
    const target =
      i === 0
        ? '/'
        : random.pick([
            '/style.css',
            '/main.js',
            '/news',
            '/about',
            '/contact',
            '/departments',
            '/favicon.ico',
            `/item/${random.whole(1, 900)}`,
          ]);
    const common = [
      ['Host', name ?? 'www.example'],
      ['User-Agent', ends.client.program.userAgent],
      ['Accept', i === 0 ? 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' : '*/*'],
      ['Accept-Language', 'en-GB,en;q=0.8'],
      ['Connection', 'keep-alive'],
    ] as const;
    turns.push({
      from: 'client',
      body: httpRequest({ method: 'GET', target, headers: common }),
      after: i === 0 ? 0.0006 : 0.01 + random.gap(0.3),
    });
    const status = random.pick([200, 200, 200, 200, 200, 200, 304, 301, 404]);
    const kind = target.endsWith('.css')
      ? 'text/css'
      : target.endsWith('.js')
        ? 'application/javascript'
        : target.endsWith('.ico')
          ? 'application/octet-stream'
          : 'text/html; charset=utf-8';
    const bytes = random.size(objectBytes, 1, 400_000);
    const body =
      status === 200
        ? kind === 'application/octet-stream'
          ? noiseBody(random.word(), bytes)
          : kind.startsWith('text/html')
            ? page(random, bytes)
            : joinBodies([textBody('/* '), wordsBody(random, bytes), textBody(' */\n')])
        : status === 404
          ? page(random, 300)
          : undefined;
    turns.push({
      from: 'server',
      after: 0.002 + random.gap(0.02),
      body: httpResponse({
        status,
        headers: [
          ['Date', httpDate(scene.epoch + at)],
          ['Server', 'nginx'],
          ...(body ? [['Content-Type', kind] as const] : []),
          ...(status === 301 ? [['Location', `https://${name ?? 'www.example'}${target}`] as const] : []),
        ],
        ...(body ? { body } : {}),
      }),
    });
  }
  return tcpSession(at, ends, {
    path,
    ports: { server: 80 },
    turns,
    closing: random.chance(0.5) ? 'client' : 'server',
    closingAfter: random.gap(2),
    random,
  });
}
