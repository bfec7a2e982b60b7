/** Two hosts say what is written down, byte for byte, again and again: for protocols that no other activity speaks. */

import { z } from 'zod';
import { bodyOf } from '../packets/body.ts';
import { Names, SpanDraw } from '../scenario/values.ts';
import { activity, hostsOf, tcpSession } from './activity.ts';
import { talkSession, type Saying } from './talk.ts';

/** A dialogue is a few messages: more are a recording, and recordings are no scenario. */
const sayingsMax = 200;

/** What fits into one frame with every header, so that no message becomes fragments. */
const sayingBytesMax = 1_400;

export const limits = [
  {
    name: 'range.sayingsMax',
    value: sayingsMax,
    unit: 'messages of a dialogue',
    why: 'A dialogue is a few messages; more are a recording, which a scenario is not.',
  },
  {
    name: 'range.sayingBytesMax',
    value: sayingBytesMax,
    unit: 'bytes of a message',
    why: 'A message fits into one frame of 1,514 bytes with every header, so that none becomes fragments.',
  },
] as const;

const part = /"(?:[^"\\]|\\.)*"|[0-9a-fA-F]+(?:\*\d+)?/g;

/** The bytes of `1a2b "text\r\n" ff*160`: hexadecimal, JSON strings of one byte a character, and bytes that repeat. */
function bytesOf(text: string): Uint8Array | undefined {
  if (text.replaceAll(part, '').trim() !== '') return undefined;
  const bytes: number[] = [];
  for (const piece of text.match(part) ?? []) {
    if (piece.startsWith('"')) {
      let said: string;
      try {
        said = JSON.parse(piece) as string;
      } catch {
        return undefined;
      }
      bytes.push(...Buffer.from(said, 'latin1'));
    } else {
      const [hex, times = '1'] = piece.split('*');
      if (hex!.length % 2 !== 0 || Number(times) > sayingBytesMax) return undefined;
      const once = Buffer.from(hex!, 'hex');
      for (let i = 0; i < Number(times); i++) bytes.push(...once);
    }
    if (bytes.length > sayingBytesMax) return undefined;
  }
  return bytes.length === 0 ? undefined : Uint8Array.from(bytes);
}

/** `> 1a2b "abc\r\n"` from the client, `<` from the server, `0.040 >` at its second; one message a line. */
const Said = z.string().transform((text, context): Saying[] => {
  const sayings: Saying[] = [];
  for (const line of text.split('\n')) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    const [, at, side, body] = /^\s*(?:(\d+(?:\.\d+)?)\s+)?([<>])\s+(.*)$/.exec(line) ?? [];
    const bytes = body === undefined ? undefined : bytesOf(body);
    const before = sayings.at(-1)?.at ?? 0;
    const then = at === undefined ? before + 0.01 : Number(at);
    if (!bytes || then < before || sayings.length >= sayingsMax) {
      context.addIssue({
        code: 'custom',
        message: `"${line.trim().slice(0, 60)}" says nothing. Write > or <, then hexadecimal digits in pairs, "text" or ff*16, up to ${sayingBytesMax} bytes; times do not go back`,
      });
      return z.NEVER;
    }
    sayings.push({ from: side === '>' ? 'client' : 'server', at: then, bytes });
  }
  return sayings;
});

export const dialogue = activity({
  kind: 'dialogue',
  shape: {
    from: Names,
    to: Names,
    over: z.enum(['tcp', 'udp']),
    port: z.int().min(1).max(65_535),
    /** Where both ends of a protocol use one port; else the next of the client's own. */
    clientPort: z.int().min(1).max(65_535).optional(),
    every: SpanDraw,
    said: Said,
  },
  hostFields: ['from', 'to'],
  *plan(scene, { from, to, over, port, clientPort, every, said }, during) {
    for (const client of hostsOf(scene, from)) {
      for (const server of hostsOf(scene, to)) {
        if (client === server) continue;
        const random = during.random.split(client.name).split(server.name);
        const interval = random.draw(every);
        for (let at = during.from + random.unit() * interval, count = 0; at < during.to; at += interval, count++) {
          const chance = random.split(count);
          const path = scene.path(client, server);
          const ports = { client: clientPort ?? client.nextPort(), server: port };
          if (over === 'tcp') {
            const turns = said.map((one) => ({ from: one.from, body: bodyOf(one.bytes), notBefore: one.at }));
            yield tcpSession(at, { client, server }, { path, ports, turns, closing: 'client', random: chance });
            continue;
          }
          yield talkSession(at, { client, server }, { path, ports, said, random: chance });
        }
      }
    }
  },
});
