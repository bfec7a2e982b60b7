/**
 * One visit to one site without TLS: the name is looked up, a page fetched, and, where the site asks for it, a form sent
 * back. What stands in the form is invented and says nothing.
 */

import { z } from 'zod';
import { noiseBody, textBody, type Body } from '../packets/body.ts';
import { httpDate, httpRequest, httpResponse } from '../packets/http.ts';
import type { Turn } from '../packets/tcp.ts';
import { Id } from '../scenario/values.ts';
import { activity, lookUp, tcpSession } from './activity.ts';
import { page, signInForm } from './pages.ts';

export const visit = activity({
  kind: 'visit',
  shape: {
    from: Id,
    to: Id,
    resolver: Id,
    /** What is asked for; one is chosen. */
    targets: z.array(z.string().startsWith('/')).min(1).max(20),
    /** The visitor fills in a form. */
    form: z.boolean().default(false),
    /** A file is fetched afterwards. */
    download: z.string().startsWith('/').optional(),
  },
  hostFields: ['from', 'to', 'resolver'],
  *plan(scene, { from, to, resolver, targets, form, download }, during) {
    const client = scene.hosts(from)[0]!;
    const { random } = during;
    const server = random.pick(scene.hosts(to));
    const name = server.names[0]!;
    const lookup = lookUp(
      scene,
      during.from,
      { client, resolver: scene.hosts(resolver)[0]! },
      { name, target: server, random: random.split('dns') },
    );
    yield* lookup.sessions;
    const target = random.pick(targets);
    const headers = [
      ['Host', name],
      ['User-Agent', client.program.userAgent],
      ['Accept', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
      ['Accept-Language', 'en-GB,en;q=0.8'],
      ['Connection', 'keep-alive'],
    ] as const;
    const answer = (body: Body, type: string) =>
      httpResponse({
        status: 200,
        headers: [
          ['Date', httpDate(scene.epoch + during.from)],
          ['Server', 'Apache'],
          ['Content-Type', type],
        ],
        body,
      });
    const html = 'text/html; charset=UTF-8';
    const turns: Turn[] = [
      { from: 'client', after: 0.0006, body: httpRequest({ method: 'GET', target, headers }) },
      {
        from: 'server',
        after: 0.02 + random.gap(0.05),
        body: answer(page(random, random.whole(4_000, 24_000), form ? signInForm : ''), html),
      },
    ];
    const referrer = ['Referer', `http://${name}${target}`] as const;
    if (form) {
      const sent = textBody(`user=staff${random.whole(100, 999)}&code=${random.hex(5)}`);
      turns.push(
        {
          from: 'client',
          // Typing takes its time.
          after: random.draw([6, 18]),
          body: httpRequest({
            method: 'POST',
            target: '/session',
            headers: [...headers, ['Origin', `http://${name}`], referrer, ['Content-Type', 'application/x-www-form-urlencoded']],
            body: sent,
          }),
        },
        { from: 'server', after: 0.03 + random.gap(0.05), body: answer(page(random, 1_800), html) },
      );
    }
    if (download !== undefined) {
      turns.push(
        {
          from: 'client',
          after: random.draw([1, 4]),
          body: httpRequest({ method: 'GET', target: download, headers: [...headers, referrer] }),
        },
        {
          from: 'server',
          after: 0.03,
          body: answer(noiseBody(random.word(), random.whole(180_000, 700_000)), 'application/octet-stream'),
        },
      );
    }
    yield tcpSession(
      lookup.knownAt,
      { client, server },
      {
        path: scene.path(client, server),
        ports: { server: 80 },
        turns,
        closing: 'server',
        closingAfter: 5,
        random: random.split('talk'),
      },
    );
  },
});
