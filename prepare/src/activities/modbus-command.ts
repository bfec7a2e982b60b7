/** Somebody writes to controllers: an operator a setpoint now and then, or an intruder many of them. */

import { z } from 'zod';
import { bodyOf } from '../packets/body.ts';
import { modbusRequest, modbusResponse, type ModbusRequest } from '../packets/modbus.ts';
import type { Turn } from '../packets/tcp.ts';
import type { Random } from '../random.ts';
import { Id, Names, SpanDraw, WholeDraw } from '../scenario/values.ts';
import { activity, hostsOf, tcpSession } from './activity.ts';
import { registerValue } from './registers.ts';

export const modbusCommand = activity({
  kind: 'modbus-command',
  shape: {
    from: Id,
    to: Names,
    /** Controllers that are written to, of those named. */
    controllers: WholeDraw(1, 1_000).optional(),
    /** Mean pause between rounds; absent: one round. */
    every: SpanDraw.optional(),
    /** Writes to each controller in a round. */
    writes: WholeDraw(1, 10_000),
    /** Between two writes. */
    pace: SpanDraw,
    kinds: z
      .array(z.enum(['writeSingleCoil', 'writeSingleRegister', 'writeMultipleRegisters', 'writeMultipleCoils']))
      .min(1)
      .default(['writeSingleRegister']),
    /** Registers are looked at before they are written. */
    readFirst: z.boolean().default(false),
  },
  hostFields: ['from', 'to'],
  *plan(scene, parameters, during) {
    const client = scene.hosts(parameters.from)[0]!;
    const all = hostsOf(scene, parameters.to);
    const { random } = during;
    const interval = parameters.every === undefined ? undefined : random.draw(parameters.every);
    let round = 0;
    for (let at = during.from + (interval === undefined ? 0 : random.gap(interval)); at < during.to; round++) {
      const chance = random.split(round);
      const wanted =
        parameters.controllers === undefined
          ? interval === undefined
            ? all.length
            : 1
          : Math.round(chance.draw(parameters.controllers));
      for (const server of chance.shuffle(all).slice(0, wanted)) {
        const own = chance.split(server.name);
        const pace = own.draw(parameters.pace);
        const value = registerValue(server);
        const turns: Turn[] = [];
        let transaction = own.whole(0, 0xff00);
        let spent = 0;
        const say = (request: ModbusRequest, wait: number): void => {
          const header = { transaction: ++transaction & 0xffff, unit: 1 };
          turns.push(
            { from: 'client', body: bodyOf(modbusRequest(header, request)), after: wait },
            {
              from: 'server',
              body: bodyOf(modbusResponse(header, request, (address) => value(address, at))),
              after: 0.003 + own.gap(0.004),
            },
          );
          spent += wait;
        };
        if (parameters.readFirst) say({ kind: 'readHoldingRegisters', address: 0, quantity: own.whole(8, 60) }, 0.01);
        for (let i = Math.round(own.draw(parameters.writes)); i > 0; i--)
          say(write(own.pick(parameters.kinds), own), pace * (0.5 + own.unit()));
        yield tcpSession(
          at,
          { client, server },
          {
            path: scene.path(client, server),
            ports: { server: 502 },
            turns,
            closing: own.chance(0.8) ? 'client' : 'reset',
            random: own.split('talk'),
          },
        );
        at += spent + own.draw([0.5, 5]);
      }
      if (interval === undefined) break;
      at += random.gap(interval);
    }
  },
});

function write(kind: Exclude<ModbusRequest['kind'], `read${string}`>, random: Random): ModbusRequest {
  const address = random.whole(0, 40);
  switch (kind) {
    case 'writeSingleCoil':
      return { kind, address, on: random.chance(0.5) };
    case 'writeSingleRegister':
      return { kind, address, value: random.whole(0, 1_000) };
    case 'writeMultipleCoils':
      return { kind, address, values: Array.from({ length: random.whole(2, 16) }, () => random.chance(0.5)) };
    case 'writeMultipleRegisters':
      return { kind, address, values: Array.from({ length: random.whole(2, 8) }, () => random.whole(0, 1_000)) };
  }
}
