/** Passwords are tried on a web login, one after another; the server says 401 each time, until perhaps one fits. */

import { z } from 'zod';
import { textBody } from '../packets/body.ts';
import { httpDate, httpRequest, httpResponse } from '../packets/http.ts';
import type { Turn } from '../packets/tcp.ts';
import { programs } from '../scenario/programs.ts';
import { Id, NumberDraw, SpanDraw, WholeDraw } from '../scenario/values.ts';
import { activity, tcpSession } from './activity.ts';
import { page } from './pages.ts';

export const guess = activity({
  kind: 'guess',
  shape: {
    from: Id,
    to: Id,
    attempts: WholeDraw(1, 100_000),
    /** Between two attempts. */
    pace: SpanDraw,
    perConnection: WholeDraw(1, 100).default(1),
    /** How likely the last one fits. */
    success: NumberDraw(0, 1).default(0),
    target: z.string().startsWith('/').default('/login'),
    /** Basic authentication (RFC 7617) instead of a form. */
    basic: z.boolean().default(false),
    program: z.enum(Object.keys(programs) as [string, ...string[]]).default('python'),
    port: z.int().min(1).max(65_535).default(80),
  },
  hostFields: ['from', 'to'],
  *plan(scene, parameters, { from: begin, random }) {
    const client = scene.hosts(parameters.from)[0]!;
    const server = random.pick(scene.hosts(parameters.to));
    const attempts = Math.round(random.draw(parameters.attempts));
    const pace = random.draw(parameters.pace);
    const perConnection = Math.max(1, Math.round(random.draw(parameters.perConnection)));
    const fits = random.chance(random.draw(parameters.success));
    const host = server.names[0] ?? 'portal';
    // A server says no in the same words each time.
    const refusal = page(server.random.split('refusal'), 400);
    const welcome = page(server.random.split('welcome'), 900);
    let at = begin;
    for (let done = 0; done < attempts;) {
      const turns: Turn[] = [];
      const chance = random.split(done);
      const count = Math.min(perConnection, attempts - done);
      let spent = 0;
      for (let i = 0; i < count; i++, done++) {
        const last = done === attempts - 1;
        const pause = pace * (0.6 + 0.8 * chance.unit());
        const headers: (readonly [string, string])[] = [
          ['Host', host],
          ['User-Agent', programs[parameters.program]!.userAgent],
          ['Accept-Encoding', 'identity'],
          ['Accept', '*/*'],
          ['Connection', count > 1 ? 'keep-alive' : 'close'],
        ];
        const user = chance.pick(['admin', 'root', 'nurse', 'service', 'backup', 'operator']);
        if (parameters.basic)
          headers.push(['Authorization', `Basic ${Buffer.from(`${user}:${chance.hex(4)}`).toString('base64')}`]);
        const form = parameters.basic ? undefined : textBody(`user=${user}&password=${chance.hex(4)}`);
        if (form) headers.push(['Content-Type', 'application/x-www-form-urlencoded']);
        turns.push({
          from: 'client',
          after: i === 0 ? 0.000_6 : pause,
          body: httpRequest({
            method: form ? 'POST' : 'GET',
            target: parameters.target,
            headers,
            ...(form ? { body: form } : {}),
          }),
        });
        const status = last && fits ? (form ? 302 : 200) : 401;
        turns.push({
          from: 'server',
          after: 0.02 + chance.gap(0.02),
          body: httpResponse({
            status,
            headers: [
              ['Date', httpDate(scene.epoch + at + spent)],
              ['Server', 'nginx'],
              ...(status === 401 && parameters.basic ? [['WWW-Authenticate', 'Basic realm="Staff"'] as const] : []),
              ...(status === 302 ? [['Location', '/home'] as const] : []),
              ['Content-Type', 'text/html; charset=utf-8'],
            ],
            body: status === 401 ? refusal : welcome,
          }),
        });
        spent += pause;
      }
      yield tcpSession(
        at,
        { client, server },
        {
          path: scene.path(client, server),
          ports: { server: parameters.port },
          turns,
          closing: chance.chance(0.5) ? 'client' : 'server',
          random: chance.split('talk'),
        },
      );
      at += spent;
    }
  },
});
