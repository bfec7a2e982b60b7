/** A control station reads its controllers round and round, over connections that stay open. */

import { z } from 'zod';
import { bodyOf } from '../packets/body.ts';
import { modbusException, modbusRequest, modbusResponse, type ModbusRequest } from '../packets/modbus.ts';
import type { Turn } from '../packets/tcp.ts';
import { Id, Names, NumberDraw, SpanDraw } from '../scenario/values.ts';
import { activity, hostsOf, tcpSession } from './activity.ts';
import { registerValue } from './registers.ts';

/** A connection is opened anew after this long, or so many questions, at most, so that the plan of one stays small. */
const connectionSeconds = 1_800;
const connectionQuestionsMax = 20_000;

export const modbusPoll = activity({
  kind: 'modbus-poll',
  shape: {
    from: Id,
    to: Names,
    every: SpanDraw,
    /** Part of the questions that the controller answers with an exception: a register that is not there. */
    exceptions: NumberDraw(0, 1).default(0),
    reads: z
      .array(
        z.strictObject({
          kind: z.enum(['readCoils', 'readDiscreteInputs', 'readHoldingRegisters', 'readInputRegisters']),
          address: z.int().min(0).max(65_535),
          quantity: z.int().min(1).max(125),
        }),
      )
      .min(1)
      .max(20),
  },
  hostFields: ['from', 'to'],
  *plan(scene, { from, to, every, reads, exceptions }, during) {
    const client = scene.hosts(from)[0]!;
    for (const server of hostsOf(scene, to)) {
      const random = during.random.split(server.name);
      const interval = random.draw(every);
      const part = random.draw(exceptions);
      const value = registerValue(server);
      const unit = 1;
      let transaction = random.whole(0, 999);
      for (let at = during.from + random.unit() * interval, count = 0; at < during.to; count++) {
        const chance = random.split(count);
        const longest = Math.min(connectionSeconds, (interval * connectionQuestionsMax) / reads.length);
        const until = Math.min(during.to, at + longest * (0.8 + 0.2 * chance.unit()));
        const turns: Turn[] = [];
        for (let t = at; t < until; t += interval * (0.99 + 0.02 * chance.unit())) {
          for (const read of reads) {
            const request = read as ModbusRequest;
            const header = { transaction: ++transaction & 0xffff, unit };
            turns.push({ from: 'client', body: bodyOf(modbusRequest(header, request)), notBefore: t - at });
            const answer = chance.chance(part)
              ? modbusException(header, request, 2)
              : modbusResponse(header, request, (address) => value(address, t));
            turns.push({ from: 'server', body: bodyOf(answer), after: 0.002 + chance.gap(0.004) });
          }
        }
        yield tcpSession(
          at,
          { client, server },
          {
            path: scene.path(client, server),
            ports: { server: 502 },
            turns,
            closing: until >= during.to ? 'none' : 'client',
            random: chance.split('talk'),
          },
        );
        at = until + 0.5 + chance.gap(1);
      }
    }
  },
});
