/** S7 stations: a panel that reads and sets words of its controllers, and somebody who changes what they are. */

import { z } from 'zod';
import { bodyOf } from '../packets/body.ts';
import * as s7 from '../packets/s7.ts';
import type { Turn } from '../packets/tcp.ts';
import type { Random } from '../random.ts';
import { Id, Names, SpanDraw, WholeDraw } from '../scenario/values.ts';
import { activity, hostsOf, tcpSession } from './activity.ts';
import { registerValue } from './registers.ts';

/** A connection is opened anew after this long at most, so that the plan of one stays small. */
const connectionSeconds = 1_800;

/** Jobs and their answers, numbered, behind the opening of a connection. */
class Talk {
  readonly turns: Turn[];
  #reference: number;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
    this.#reference = random.whole(0x100, 0xf000);
    this.turns = [
      { from: 'client', body: bodyOf(s7.connectRequest()) },
      { from: 'server', body: bodyOf(s7.connectConfirm()), after: this.#soon() },
    ];
    this.ask(s7.setup, { parameters: s7.setup });
  }

  #soon(): number {
    return 0.002 + this.#random.gap(0.004);
  }

  /** One side's job and the other's answer. */
  ask(
    parameters: readonly number[],
    of: {
      data?: readonly number[];
      parameters: readonly number[];
      back?: readonly number[];
      wait?: Partial<Turn>;
      byServer?: boolean;
    },
  ): void {
    const reference = this.#reference++ & 0xffff;
    const [asker, answerer] = of.byServer ? (['server', 'client'] as const) : (['client', 'server'] as const);
    const asked = s7.job({ reference, parameters, ...(of.data && { data: of.data }) });
    const told = s7.answer({ reference, parameters: of.parameters, ...(of.back && { data: of.back }) });
    this.turns.push(
      { from: asker, body: bodyOf(asked), ...(of.wait ?? { after: this.#soon() }) },
      { from: answerer, body: bodyOf(told), after: this.#soon() },
    );
  }
}

export const s7Panel = activity({
  kind: 's7-panel',
  shape: {
    from: Id,
    to: Names,
    every: SpanDraw,
    /** Mean pause between settings; absent: it only reads. */
    sets: SpanDraw.optional(),
    words: WholeDraw(1, 100),
  },
  hostFields: ['from', 'to'],
  *plan(scene, { from, to, every, sets, words }, during) {
    const client = scene.hosts(from)[0]!;
    for (const server of hostsOf(scene, to)) {
      const random = during.random.split(server.name);
      const interval = random.draw(every);
      const pause = sets === undefined ? Number.POSITIVE_INFINITY : random.draw(sets);
      const count = Math.round(random.draw(words));
      const value = registerValue(server);
      let setAt = during.from + random.gap(pause);
      for (let at = during.from + random.unit() * interval, n = 0; at < during.to; n++) {
        const chance = random.split(n);
        const until = Math.min(during.to, at + connectionSeconds * (0.8 + 0.2 * chance.unit()));
        const talk = new Talk(chance.split('words'));
        for (let t = at + 0.1; t < until; t += interval * (0.99 + 0.02 * chance.unit())) {
          const read = Array.from({ length: count }, (_, i) => value(i, t));
          talk.ask(s7.readWords({ block: 10, from: 0, count }), {
            parameters: [4, 1],
            back: s7.values(0xff, read),
            wait: { notBefore: t - at },
          });
          if (t < setAt) continue;
          setAt = t + random.gap(pause);
          const height = Math.round(400 + 20 * chance.normal());
          talk.ask(s7.writeWords({ block: 20, from: 4, count: 1 }), {
            data: s7.values(0, [height]),
            parameters: [5, 1],
            back: [0xff],
          });
        }
        yield tcpSession(
          at,
          { client, server },
          {
            path: scene.path(client, server),
            ports: { server: 102 },
            turns: talk.turns,
            closing: until >= during.to ? 'none' : 'client',
            random: chance.split('talk'),
          },
        );
        at = until + 0.5 + chance.gap(1);
      }
    }
  },
});

export const s7Change = activity({
  kind: 's7-change',
  shape: {
    from: Id,
    to: Names,
    /** Controllers that are changed, of those named. */
    controllers: WholeDraw(1, 100).optional(),
    /** What is done: another program is loaded, the program is stopped, or started. */
    changes: z
      .array(z.enum(['load', 'stop', 'start']))
      .min(1)
      .max(5),
    /** Between two controllers. */
    pace: SpanDraw,
  },
  hostFields: ['from', 'to'],
  *plan(scene, { from, to, controllers, changes, pace }, during) {
    const client = scene.hosts(from)[0]!;
    const { random } = during;
    const all = random.shuffle(hostsOf(scene, to));
    const wanted = controllers === undefined ? all.length : Math.round(random.draw(controllers));
    let at = during.from;
    for (const server of all.slice(0, wanted)) {
      const own = random.split(server.name);
      const talk = new Talk(own.split('words'));
      for (const change of changes) {
        if (change === 'stop') talk.ask(s7.stop, { parameters: [0x29] });
        else if (change === 'start') talk.ask(s7.start, { parameters: [0x28] });
        else load(talk, own);
      }
      yield tcpSession(
        at,
        { client, server },
        {
          path: scene.path(client, server),
          ports: { server: 102 },
          turns: talk.turns,
          closing: own.chance(0.6) ? 'client' : 'reset',
          random: own.split('talk'),
        },
      );
      at += own.draw(pace);
    }
  },
});

/** Organisation block 1: the controller fetches it part by part, and puts it into its program when it is told to. */
function load(talk: Talk, random: Random): void {
  const block = '0800001';
  const parts = Array.from({ length: random.whole(1, 4) }, () =>
    Array.from({ length: random.whole(60, 220) }, () => random.whole(0, 255)),
  );
  talk.ask(s7.requestDownload(block, parts.flat().length), { parameters: [0x1a] });
  for (const [i, bytes] of parts.entries())
    talk.ask(s7.downloadBlock(block), { byServer: true, parameters: [0x1b, i < parts.length - 1 ? 1 : 0], back: s7.part(bytes) });
  talk.ask(s7.downloadEnded(block), { byServer: true, parameters: [0x1c] });
  talk.ask(s7.insert(block), { parameters: [0x28] });
}
