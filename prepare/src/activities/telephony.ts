/** Telephones by SIP: they register, an exchange calls, and somebody looks for names. */

import { z } from 'zod';
import { formatAddress } from '@forewarn/base/ip';
import { sipRequest, sipResponse, type Dialogue, type SipRequest } from '../packets/sip.ts';
import type { Random } from '../random.ts';
import { Id, Names, NumberDraw, SpanDraw, WholeDraw } from '../scenario/values.ts';
import type { Host, Scene } from '../scenario/scene.ts';
import { activity, hostsOf, type Session } from './activity.ts';
import { talkSession, type Saying } from './talk.ts';

const hex = (random: Random): string => random.word().toString(16).padStart(8, '0');

const begin = (random: Random, via: string, sequence: number): Dialogue => ({
  callId: `${hex(random)}${hex(random)}@${via}`,
  tag: hex(random),
  branch: hex(random),
  sequence,
});

/** Requests and their answers, one after the other, over one pair of ports. */
function session(
  scene: Scene,
  at: number,
  ends: { client: Host; server: Host },
  exchanges: readonly { request: SipRequest; answers: readonly [code: number, after: number][]; pause: number }[],
  random: Random,
): Session {
  const path = scene.path(ends.client, ends.server);
  const way = 2 * (path.clientDelay + path.serverDelay);
  const tag = hex(random);
  const said: Saying[] = [];
  let t = 0;
  for (const { request, answers, pause } of exchanges) {
    t += pause;
    said.push({ from: 'client', at: t, bytes: sipRequest(request) });
    for (const [code, after] of answers) {
      t += way + 0.002 + after;
      said.push({ from: 'server', at: t, bytes: sipResponse(code, request, tag) });
    }
    t += way;
  }
  return talkSession(at, ends, { path, ports: { client: 5_060, server: 5_060 }, said, random });
}

/** Numbers that nobody has: Ofcom's and the NANP's for drama, and zeros behind a code. */
const numberOf = (code: string, random: Random): string =>
  code === '+44' ? `+44207946${String(random.whole(0, 999)).padStart(4, '0')}` : `${code}5550100${random.whole(10, 99)}`;

export const sipRegister = activity({
  kind: 'sip-register',
  shape: {
    from: Names,
    to: Id,
    every: SpanDraw,
    /** The password is wrong each time. */
    wrong: z.boolean().default(false),
    agent: z.string().max(60).default('Desk Phone 4.1'),
  },
  hostFields: ['from', 'to'],
  *plan(scene, { from, to, every, wrong, agent }, during) {
    const server = scene.hosts(to)[0]!;
    const domain = formatAddress(server.ip);
    for (const [i, client] of hostsOf(scene, from).entries()) {
      const random = during.random.split(client.name);
      const interval = random.draw(every);
      const via = formatAddress(client.ip);
      const name = `sip:${wrong ? random.whole(200, 230) : 200 + i}@${domain}`;
      for (
        let at = during.from + (during.running ? random.unit() : 0) * interval, n = 0;
        at < during.to;
        at += interval * (0.95 + 0.1 * random.unit()), n++
      ) {
        const chance = random.split(n);
        const dialogue = begin(chance, via, 1);
        const base = { method: 'REGISTER' as const, uri: `sip:${domain}`, from: name, to: name, via, agent };
        const proof = `Authorization: Digest username="${name.slice(4, 7)}", realm="exchange.example", nonce="${dialogue.branch}", uri="sip:${domain}", response="${hex(chance)}${hex(chance)}${hex(chance)}${hex(chance)}"`;
        yield session(
          scene,
          at,
          { client, server },
          [
            { request: { ...base, dialogue, more: ['Expires: 600'] }, answers: [[401, 0.001]], pause: 0 },
            {
              request: { ...base, dialogue: { ...dialogue, branch: hex(chance), sequence: 2 }, more: ['Expires: 600', proof] },
              answers: [[wrong ? 403 : 200, 0.002]],
              pause: 0.005,
            },
          ],
          chance.split('talk'),
        );
      }
    }
  },
});

export const sipSearch = activity({
  kind: 'sip-search',
  shape: {
    from: Id,
    to: Id,
    /** Names that are tried, one after the other. */
    names: WholeDraw(1, 10_000),
    /** In a second. */
    rate: NumberDraw(0.05, 100),
    agent: z.string().max(60).default('friendly-scanner'),
  },
  hostFields: ['from', 'to'],
  *plan(scene, { from, to, names, rate, agent }, during) {
    const client = scene.hosts(from)[0]!;
    const server = scene.hosts(to)[0]!;
    const { random } = during;
    const perSecond = random.draw(rate);
    const [via, domain] = [formatAddress(client.ip), formatAddress(server.ip)];
    let at = during.from;
    for (let i = 0, count = Math.round(random.draw(names)); i < count; i++) {
      const chance = random.split(i);
      const uri = `sip:${100 + i}@${domain}`;
      const request = {
        method: 'OPTIONS' as const,
        uri,
        from: `sip:100@${domain}`,
        to: uri,
        via,
        agent,
        dialogue: begin(chance, via, 1),
      };
      yield session(
        scene,
        at,
        { client, server },
        [{ request, answers: [[i % 40 === 7 ? 200 : 404, 0.001]], pause: 0 }],
        chance.split('talk'),
      );
      at += chance.gap(1 / perSecond);
    }
  },
});

export const sipCall = activity({
  kind: 'sip-call',
  shape: {
    /** The exchange, and the trunk that it calls by. */
    from: Id,
    to: Id,
    /** Mean pause between calls. */
    every: SpanDraw,
    /** Country codes that are called; without one the number is a national one. */
    codes: z.array(z.string().regex(/^(?:\+[1-9]\d{0,3}|national)$/)).min(1),
    /** Part of the calls that are answered. */
    answered: NumberDraw(0, 1),
    /** How long they are. */
    talks: SpanDraw,
    lasts: SpanDraw.optional(),
  },
  hostFields: ['from', 'to'],
  *plan(scene, { from, to, every, codes, answered, talks, lasts }, during) {
    const client = scene.hosts(from)[0]!;
    const server = scene.hosts(to)[0]!;
    const { random } = during;
    const interval = random.draw(every);
    const share = random.draw(answered);
    const end = lasts === undefined ? during.to : Math.min(during.to, during.from + random.draw(lasts));
    const [via, domain] = [formatAddress(client.ip), formatAddress(server.ip)];
    for (let at = during.from + random.gap(interval), n = 0; at < end; at += random.gap(interval), n++) {
      const chance = random.split(n);
      const code = chance.pick(codes);
      const number = code === 'national' ? `0555010${chance.whole(10, 99)}` : numberOf(code, chance);
      const uri = `sip:${number}@${domain}`;
      const dialogue = begin(chance, via, 1);
      const base = { uri, from: `sip:${chance.whole(200, 240)}@${via}`, to: uri, via, agent: 'Exchange 7.2', dialogue };
      const isAnswered = chance.chance(share);
      const final = isAnswered ? 200 : chance.pick([486, 404]);
      const toTag = hex(chance);
      const exchanges: Parameters<typeof session>[3][number][] = [
        { request: { ...base, method: 'INVITE' }, answers: [[100, 0.001], [180, 0.3 + chance.gap(0.5)], [final, 1 + chance.gap(4)]], pause: 0 },
        { request: { ...base, method: 'ACK', toTag }, answers: [], pause: 0.001 },
      ]; // oxfmt-ignore
      if (isAnswered)
        exchanges.push({
          request: { ...base, method: 'BYE', toTag, dialogue: { ...dialogue, sequence: 2 } },
          answers: [[200, 0.002]],
          pause: chance.draw(talks),
        });
      yield session(scene, at, { client, server }, exchanges, chance.split('talk'));
    }
  },
});
