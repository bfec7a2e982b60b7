/**
 * Staff work with a web application inside: they sign in (now and then with a wrong password first), then read and
 * write. Where the application asks for Basic authentication, every session begins with one honest 401 (RFC 7617 §2).
 * A program with an outdated password (`stale`) asks and is turned away at each of its runs.
 */

import { z } from 'zod';
import { textBody } from '../packets/body.ts';
import { httpDate, httpRequest, httpResponse } from '../packets/http.ts';
import type { Turn } from '../packets/tcp.ts';
import type { Random } from '../random.ts';
import { Id, Names, NumberDraw, SpanDraw } from '../scenario/values.ts';
import { activity, hostsOf, lookUp, tcpSession } from './activity.ts';
import { page } from './pages.ts';

export const portal = activity({
  kind: 'portal',
  shape: {
    from: Names,
    to: Id,
    resolver: Id.optional(),
    every: SpanDraw,
    basic: z.boolean().default(false),
    /** Part of the sessions that begin with one to three wrong passwords. */
    mistakes: NumberDraw(0, 1).default(0.05),
    stale: z.boolean().default(false),
    /** Steadiness of the pauses: 0 by chance, 1 as a clock. */
    steady: NumberDraw(0, 1).default(0),
    port: z.int().min(1).max(65_535).default(80),
  },
  hostFields: ['from', 'to', 'resolver'],
  *plan(scene, parameters, during) {
    const servers = hostsOf(scene, parameters.to);
    const mistakes = during.random.draw(parameters.mistakes);
    for (const client of hostsOf(scene, parameters.from)) {
      const random = during.random.split(client.name);
      const interval = random.draw(parameters.every);
      const steady = random.draw(parameters.steady);
      const server = random.pick(servers);
      const host = server.names[0] ?? 'portal';
      const pause = (): number => steady * interval * (0.96 + 0.08 * random.unit()) + (1 - steady) * (3 + random.gap(interval));
      let knownUntil = -1;
      for (let at = during.from + random.unit() * interval, count = 0; at < during.to; at += pause(), count++) {
        const chance = random.split(count);
        let start = at;
        if (parameters.resolver !== undefined && knownUntil < at) {
          const lookup = lookUp(
            scene,
            at,
            { client, resolver: scene.hosts(parameters.resolver)[0]! },
            { name: host, target: server, random: chance.split('dns') },
          );
          yield* lookup.sessions;
          start = lookup.knownAt;
          knownUntil = at + 300;
        }
        const family = client.ip6 && server.ip6 && chance.chance(0.4) ? 6 : 4;
        const headers = (more: readonly (readonly [string, string])[] = []): (readonly [string, string])[] => [
          ['Host', host],
          ['User-Agent', client.program.userAgent],
          ['Accept', 'text/html,application/json;q=0.9,*/*;q=0.8'],
          ['Connection', 'keep-alive'],
          ...more,
        ];
        const turns: Turn[] = [];
        const say = (
          method: string,
          target: string,
          status: number,
          options: { wait: number; more?: readonly (readonly [string, string])[]; form?: string; bytes?: number },
        ): void => {
          const body = options.form === undefined ? undefined : textBody(options.form);
          turns.push({
            from: 'client',
            after: options.wait,
            body: httpRequest({
              method,
              target,
              headers: headers([
                ...(options.more ?? []),
                ...(body ? [['Content-Type', 'application/x-www-form-urlencoded'] as const] : []),
              ]),
              ...(body ? { body } : {}),
            }),
          });
          const json = target.startsWith('/api');
          turns.push({
            from: 'server',
            after: 0.004 + chance.gap(0.03),
            body: httpResponse({
              status,
              headers: [
                ['Date', httpDate(scene.epoch + at)],
                ['Server', 'nginx'],
                ...(status === 401 && parameters.basic ? [['WWW-Authenticate', 'Basic realm="Staff"'] as const] : []),
                ...(status === 302 ? [['Location', '/home'] as const] : []),
                ['Content-Type', json ? 'application/json' : 'text/html; charset=utf-8'],
              ],
              body: json ? textBody(JSON.stringify(answerOf(status, chance))) : page(chance, options.bytes ?? 3_000),
            }),
          });
        };
        const word = `Basic ${Buffer.from(`${client.name}:${client.random.split('word').hex(5)}`).toString('base64')}`;
        const auth = parameters.basic ? [['Authorization', word] as const] : [['Cookie', `session=${chance.hex(12)}`] as const];
        if (parameters.stale) {
          say('GET', '/api/export', 401, { wait: 0.001, more: [['Authorization', word]] });
        } else {
          if (parameters.basic) {
            say('GET', '/home', 401, { wait: 0.001, bytes: 300 });
            if (chance.chance(mistakes)) say('GET', '/home', 401, { wait: chance.draw([3, 9]), more: auth, bytes: 300 });
          } else {
            say('GET', '/login', 200, { wait: 0.001, bytes: 2_000 });
            const wrong = chance.chance(mistakes) ? chance.whole(1, 3) : 0;
            for (let i = 0; i <= wrong; i++) {
              say('POST', '/login', i < wrong ? 401 : 302, {
                wait: chance.draw([3, 10]),
                form: `user=${client.name}&password=${chance.hex(5)}`,
                bytes: 400,
              });
            }
          }
          say('GET', '/home', 200, { wait: 0.05, more: auth, bytes: 9_000 });
          for (let i = chance.whole(1, 5); i > 0; i--) {
            const target = chance.pick(['/api/list', '/api/today', '/form', '/record/open', '/api/results']);
            say(chance.chance(0.8) ? 'GET' : 'POST', target, chance.chance(0.97) ? 200 : 404, {
              wait: 0.5 + chance.gap(4),
              more: auth,
              bytes: chance.size(4_000, 1, 60_000),
            });
          }
        }
        yield tcpSession(
          start,
          { client, server },
          {
            path: scene.path(client, server, family),
            ports: { server: parameters.port },
            turns,
            closing: chance.chance(0.5) ? 'client' : 'server',
            closingAfter: chance.draw([0.01, 5]),
            random: chance.split('talk'),
          },
        );
      }
    }
  },
});

const answerOf = (status: number, random: Random): unknown => ({
  ok: status === 200,
  items: Array.from({ length: random.whole(1, 40) }, () => ({
    id: random.whole(1, 999),
    state: random.pick(['open', 'done', 'held']),
  })),
});
