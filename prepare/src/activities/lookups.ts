/** Programs ask for names all day: many that lead somewhere, some that do not exist, some addresses backwards. */

import { NumberDraw, Id, Names, SpanDraw } from '../scenario/values.ts';
import { dnsMessage, reverseName } from '../packets/dns.ts';
import { activity, datagramSession, hostsOf, lookUp } from './activity.ts';

export const lookups = activity({
  kind: 'lookups',
  shape: {
    from: Names,
    resolver: Id,
    /** Whose names are asked for. */
    to: Names,
    every: SpanDraw,
    /** Part of the names that do not exist. */
    missing: NumberDraw(0, 1).default(0.08),
  },
  hostFields: ['from', 'resolver', 'to'],
  *plan(scene, { from, resolver, to, every, missing }, during) {
    const server = scene.hosts(resolver)[0]!;
    const targets = hostsOf(scene, to).flatMap((host) => host.names.map((name) => ({ host, name })));
    const missingPart = during.random.draw(missing);
    for (const client of hostsOf(scene, from)) {
      const random = during.random.split(client.name);
      const pause = random.draw(every);
      for (let at = during.from + random.gap(pause), count = 0; at < during.to; at += random.gap(pause), count++) {
        const chance = random.split(count);
        const { host, name } = chance.pick(targets);
        if (chance.chance(missingPart)) {
          // A mistyped name, or a short one that the search list makes long.
          const wrong = chance.chance(0.5)
            ? `${chance.pick(['printer', 'wpad', 'fileserver', 'isatap'])}.${name.split('.').slice(-2).join('.')}`
            : name.replace(/^(.)/, '$1$1');
          yield* lookUp(scene, at, { client, resolver: server }, { name: wrong, random: chance }).sessions;
        } else if (chance.chance(0.06)) {
          const id = chance.whole(0, 0xffff);
          const reverse = reverseName(host.ip);
          yield datagramSession(
            at,
            { client, server },
            {
              path: scene.path(client, server),
              port: 53,
              request: dnsMessage({ id, name: reverse, type: 'ptr' }),
              response: dnsMessage({
                id,
                name: reverse,
                type: 'ptr',
                response: { code: 0, answers: [{ name: reverse, ttl: 3_600, type: 'ptr', target: name }] },
              }),
              thinking: 0.000_5,
              random: chance,
            },
          );
        } else {
          yield* lookUp(scene, at, { client, resolver: server }, { name, target: host, random: chance }).sessions;
        }
      }
    }
  },
});
