/** Somebody asks many addresses, on a few ports each, who is there. Most are not. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { addressOf } from '../scenario/addresses.ts';
import { Id, Names, NumberDraw, WholeDraw } from '../scenario/values.ts';
import { stacks } from '../packets/path.ts';
import type { Host } from '../scenario/scene.ts';
import { activity, tcpSession } from './activity.ts';

const questionsMax = 1_000_000;

export const limits = [
  {
    name: 'range.scan.questionsMax',
    value: questionsMax,
    unit: 'questions per scan',
    why: 'Half of what a recording may have in all; each question is held until it is asked. Refused as range.size.',
  },
] as const;

export const scan = activity({
  kind: 'scan',
  shape: {
    from: Id,
    /** Networks whose addresses are asked. */
    networks: Names,
    /** How many addresses of each. */
    addresses: WholeDraw(1, 65_536),
    /** From these ports … */
    ports: z.array(z.int().min(1).max(65_535)).min(1).max(1_000),
    /** … so many are asked; the first always is. */
    portCount: WholeDraw(1, 1_000),
    /** Questions in a second. */
    rate: NumberDraw(0.05, 10_000),
  },
  hostFields: ['from'],
  networkFields: ['networks'],
  *plan(scene, parameters, { from: begin, random }) {
    const client = scene.hosts(parameters.from)[0]!;
    const [chief, ...others] = parameters.ports as [number, ...number[]];
    const portCount = Math.round(random.draw(parameters.portCount));
    const ports = random.shuffle([chief, ...random.shuffle(others).slice(0, portCount - 1)]);
    const rate = random.draw(parameters.rate);
    // A half-open scan breaks off after the answer; a connecting one greets and leaves.
    const halfOpen = random.chance(0.5);
    // Address by address or port by port, in order or mixed.
    const byPort = random.chance(0.5);
    const mixed = random.chance(0.6);
    const repeats = halfOpen ? random.whole(0, 1) : 1;
    const questions: { ip: Uint8Array; network: string; port: number }[] = [];
    for (const id of [parameters.networks].flat()) {
      const { pool } = scene.networks.get(id)!;
      // Without network and broadcast address.
      const all = Array.from({ length: pool.size - 2 }, (_, i) => pool.first + 1 + i);
      const count = Math.min(all.length, Math.round(random.draw(parameters.addresses)));
      const start = random.whole(0, all.length - count);
      if (questions.length + count * ports.length > questionsMax) {
        throw new Refusal('range.size', `A scan would ask more than ${questionsMax} questions.`, {
          advice: 'Name fewer addresses or ports.',
        });
      }
      const chosen = (mixed ? random.shuffle(all).slice(0, count) : all.slice(start, start + count)).map(addressOf);
      const pairs = byPort
        ? ports.flatMap((port) => chosen.map((ip) => ({ ip, port })))
        : chosen.flatMap((ip) => ports.map((port) => ({ ip, port })));
      for (const pair of pairs) questions.push({ ...pair, network: id });
    }
    let at = begin;
    for (let i = 0; i < questions.length; i++) {
      const { ip, network: id, port } = questions[i]!;
      const network = scene.networks.get(id)!;
      if (ip.every((byte, j) => byte === client.ip[j])) continue;
      const chance = random.split(i);
      const there = scene.at(network, ip);
      const server: Host = there ?? {
        ...client,
        name: 'nobody',
        network,
        ip,
        mac: network.gateway.mac,
        stack: stacks.linux!,
        openPorts: [],
        refuses: false,
        delay: 0.000_2,
        hops: 0,
        names: [],
      };
      const open = server.openPorts.includes(port);
      yield tcpSession(
        at,
        { client, server },
        {
          path: scene.path(client, server),
          ports: { server: port },
          opening: open ? (halfOpen ? 'probed' : 'accepted') : there && server.refuses ? 'refused' : 'silent',
          closing: chance.chance(0.5) ? 'reset' : 'client',
          synRepeats: repeats,
          random: chance,
        },
      );
      at += chance.gap(1 / rate);
    }
  },
});
