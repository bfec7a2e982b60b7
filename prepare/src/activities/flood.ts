/** Many hosts at once: answers that nobody asked for, or connections that nobody completes. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { reflected, reflectorPorts, type ReflectorKind } from '../packets/reflected.ts';
import { Id, Names, NumberDraw, SpanDraw } from '../scenario/values.ts';
import { activity, hostsOf, tcpSession } from './activity.ts';
import { talkSession, type Saying } from './talk.ts';

const packetsMax = 200_000;

export const limits = [
  {
    name: 'range.flood.packetsMax',
    value: packetsMax,
    unit: 'packets per flood',
    why: 'Each is planned before it is sent; what a flood looks like shows in a tenth of them. Refused as range.size.',
  },
] as const;

function check(count: number): number {
  if (count > packetsMax)
    throw new Refusal('range.size', `A flood would have more than ${packetsMax} packets.`, {
      advice: 'Make it shorter or slower.',
    });
  return Math.round(count);
}

export const reflect = activity({
  kind: 'reflect',
  shape: {
    /** The reflectors. */
    from: Names,
    /** Whose address was forged: the first host of the group. */
    to: Id,
    services: z.array(z.enum(['dns', 'ntp', 'ssdp'])).min(1),
    /** Answers in a second, of all together. */
    rate: NumberDraw(1, 10_000),
    lasts: SpanDraw,
  },
  hostFields: ['from', 'to'],
  *plan(scene, { from, to, services, rate, lasts }, during) {
    const victim = scene.hosts(to)[0]!;
    const reflectors = hostsOf(scene, from);
    const { random } = during;
    const seconds = random.draw(lasts);
    const each = Math.max(1, Math.round(check(random.draw(rate) * seconds) / reflectors.length));
    for (const reflector of reflectors) {
      const own = random.split(reflector.name);
      const service = own.pick(services as readonly ReflectorKind[]);
      const said: Saying[] = Array.from({ length: each }, () => own.unit() * seconds)
        .sort((a, b) => a - b)
        .map((at) => ({ from: 'client', at, bytes: reflected(service, own) }));
      const first = said[0]!.at;
      yield talkSession(
        during.from + first,
        { client: reflector, server: victim },
        {
          path: scene.path(reflector, victim),
          ports: { client: reflectorPorts[service], server: own.whole(1_024, 65_535) },
          said: said.map((one) => ({ ...one, at: one.at - first })),
          random: own.split('talk'),
        },
      );
    }
  },
});

export const synFlood = activity({
  kind: 'syn-flood',
  shape: { from: Names, to: Id, port: z.int().min(1).max(65_535), rate: NumberDraw(1, 10_000), lasts: SpanDraw },
  hostFields: ['from', 'to'],
  *plan(scene, { from, to, port, rate, lasts }, during) {
    const victim = scene.hosts(to)[0]!;
    const senders = hostsOf(scene, from);
    const { random } = during;
    const perSecond = random.draw(rate);
    const count = check(perSecond * random.draw(lasts));
    for (let i = 0, at = during.from; i < count; i++, at += random.gap(1 / perSecond)) {
      const chance = random.split(i);
      const client = chance.pick(senders);
      yield tcpSession(
        at,
        { client, server: victim },
        { path: scene.path(client, victim), ports: { server: port }, opening: 'silent', synRepeats: 0, random: chance },
      );
    }
  },
});
