/** A monitoring server asks a few services at a steady beat whether they live: ping, a page, a connection. */

import { z } from 'zod';
import { textBody } from '../packets/body.ts';
import { echoFrame } from '../packets/frame.ts';
import { httpDate, httpRequest, httpResponse } from '../packets/http.ts';
import { legDelay } from '../packets/path.ts';
import { Id, Names, SpanDraw } from '../scenario/values.ts';
import { activity, hostsOf, tcpSession } from './activity.ts';

export const monitor = activity({
  kind: 'monitor',
  shape: {
    from: Id,
    to: Names,
    every: SpanDraw,
    checks: z
      .array(z.enum(['ping', 'page', 'connect']))
      .min(1)
      .default(['ping', 'page', 'connect']),
    /** Hosts that are switched off and still asked. */
    dead: z.int().min(0).max(10).default(0),
  },
  hostFields: ['from', 'to'],
  *plan(scene, { from, to, every, checks, dead }, during) {
    const client = scene.hosts(from)[0]!;
    const targets = hostsOf(scene, to);
    // From the end: actors stand at the beginning of their groups, and play their parts alive.
    const off = new Set(targets.slice(targets.length - dead));
    for (const server of targets) {
      const random = during.random.split(server.name);
      const interval = random.draw(every);
      const path = scene.path(client, server);
      const identifier = random.whole(1, 0xffff);
      const data = Uint8Array.from({ length: 56 }, (_, i) => i + 8);
      let sequence = 0;
      for (
        let at = during.from + random.unit() * interval, count = 0;
        at < during.to;
        at += interval + 0.01 * random.normal(), count++
      ) {
        for (const check of checks) {
          const chance = random.split(count).split(check);
          const start = at + checks.indexOf(check) * 0.2;
          const ends = { client, server };
          if (check === 'ping') {
            const number = ++sequence & 0xffff;
            const asked = legDelay(path.clientDelay, chance);
            const answered = asked + 2 * legDelay(path.serverDelay, chance);
            const identification = chance.whole(0, 0xffff);
            const alive = !off.has(server);
            yield {
              at: start,
              ...ends,
              *play() {
                yield {
                  t: asked,
                  bytes: echoFrame({ ...path.fromClient, identification }, { reply: false, identifier, sequence: number, data }),
                };
                if (alive)
                  yield {
                    t: answered,
                    bytes: echoFrame(
                      { ...path.fromServer, identification: identification ^ 0x5555 },
                      { reply: true, identifier, sequence: number, data },
                    ),
                  };
              },
              seconds: () => (alive ? answered : asked),
            };
            continue;
          }
          const port = check === 'page' ? server.openPorts.find((one) => one === 80 || one === 8080) : server.openPorts[0];
          if (port === undefined) continue;
          if (off.has(server)) {
            yield tcpSession(start, ends, { path, ports: { server: port }, opening: 'silent', synRepeats: 2, random: chance });
          } else if (check === 'connect') {
            yield tcpSession(start, ends, { path, ports: { server: port }, closing: 'client', random: chance });
          } else {
            const headers = [
              ['Host', server.names[0] ?? 'localhost'],
              ['User-Agent', 'check_http/2.4'],
              ['Connection', 'close'],
            ] as const;
            yield tcpSession(start, ends, {
              path,
              ports: { server: port },
              closing: 'server',
              random: chance,
              turns: [
                { from: 'client', body: httpRequest({ method: 'GET', target: '/health', headers }), after: 0.000_3 },
                {
                  from: 'server',
                  after: 0.002 + chance.gap(0.003),
                  body: httpResponse({
                    status: 200,
                    headers: [
                      ['Date', httpDate(scene.epoch + at)],
                      ['Content-Type', 'text/plain'],
                      ['Connection', 'close'],
                    ],
                    body: textBody('OK\n'),
                  }),
                },
              ],
            });
          }
        }
      }
    }
  },
});
