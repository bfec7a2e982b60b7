/** Where sensors ask for orders and bring the packets that somebody asked for. A sensor answers only what was asked of it. */

import { Refusal } from '@forewarn/base/refusal';
import { packetsOrderOf } from '@forewarn/guard/links';
import { flowBytesMax, FlowPackets, NoPackets, OrdersAsked, PacketOrders } from '@forewarn/model/sensor';
import { eachPacket } from '@forewarn/sense/decode/captured';
import { linkWithPolicy } from '@forewarn/store/resources/links';
import {
  answerPacketRequest,
  findPacketRequest,
  takeFlowOrders,
  type PacketRequest,
} from '@forewarn/store/resources/packet-requests';
import { findSensor } from '@forewarn/store/resources/sensors';
import { act } from '../act.ts';
import { readWhole } from '../api/body.ts';
import { route } from '../api/route.ts';
import { Id } from '../api/shapes.ts';
import type { Center } from '../center-parts.ts';
import type { Principal } from '../ports.ts';
import { denied, notFound } from '../refusals.ts';
import { end, makeRoom } from './tidy.ts';
import { why } from './why-not.ts';

const sensorOf = ({ sensor }: Principal): string => {
  if (sensor === null) throw denied('Only a sensor asks for orders and brings packets.');
  return sensor;
};

export const intakeOrders = route({
  method: 'post',
  path: '/intake/orders',
  access: 'intake:write',
  summary: 'What a sensor that keeps packets is to do; held open until there is something, or until the time it gave is over.',
  body: OrdersAsked,
  answer: PacketOrders,
  async handle({ center, principal, body, request }) {
    const sensor = sensorOf(principal);
    const waiting = center.orders.wait(sensor, body.wait * 1000, request.signal);
    if (!waiting) {
      throw new Refusal('request.too-many', 'Too many questions of this sensor are open.', {
        advice: 'Ask with one program at a time, and again when the last question was answered.',
      });
    }
    try {
      const first = await ordersOf(center, sensor);
      if (first.requests.length > 0 || (first.packets?.version ?? 0) !== body.version)
        return { now: center.clock.now(), ...first };
      await waiting.over;
      if (center.orders.closed) return { now: center.clock.now(), ...first };
      return { now: center.clock.now(), ...(await ordersOf(center, sensor)) };
    } finally {
      waiting.leave();
    }
  },
});

const ordersOf = (center: Center, sensor: string): Promise<Omit<PacketOrders, 'now'>> =>
  center.database.system(async (tx) => {
    const registered = await findSensor(tx, sensor);
    const link = registered?.link ? await linkWithPolicy(tx, registered.link) : undefined;
    return {
      packets: link ? packetsOrderOf(link.role, link.newest) : null,
      requests: await takeFlowOrders(tx, sensor, center.clock.now()),
    };
  });

/** A request of this sensor that waits. One that does not wait any more is told, so that the sensor lets go of it. */
async function waitingRequest(center: Center, principal: Principal, id: string): Promise<PacketRequest> {
  const sensor = sensorOf(principal);
  const request = await center.database.system((tx) => findPacketRequest(tx, id));
  if (!request || request.sensor !== sensor) throw notFound();
  if (request.state !== 'waiting') throw answered();
  return request;
}

const answered = (): Refusal =>
  new Refusal('packets.answered', 'This request was answered or given up already.', { advice: 'Let go of it.' });

export const intakePackets = route({
  method: 'post',
  path: '/intake/packets/{id}',
  access: 'intake:write',
  summary: 'The packets of a flow that was asked for, as a pcap; zstd and gzip are read.',
  params: Id,
  query: FlowPackets,
  takes: 'application/vnd.tcpdump.pcap',
  async handle({ center, principal, params, query, request }) {
    const asked = await waitingRequest(center, principal, params.id);
    const type = request.headers.get('content-type') ?? '';
    if (!/^application\/vnd\.tcpdump\.pcap\s*(?:;|$)/i.test(type)) {
      throw new Refusal('request.type', `The body must be a capture, not "${type.slice(0, 100)}".`, {
        advice: 'Send "Content-Type: application/vnd.tcpdump.pcap".',
      });
    }
    const { arriving } = center.packets;
    arriving.add(asked.id);
    const capture = await readWhole(request, flowBytesMax).finally(() => arriving.delete(asked.id));
    const packets = countPackets(capture);
    if (packets !== query.packets) {
      await end(center, asked, 'failed', why('malformed', { sensor: asked.sensor, packets: query.packets, found: packets }));
      throw new Refusal('packets.malformed', `The capture holds ${packets} whole packets, and ${query.packets} were announced.`, {
        advice: 'Send a pcap with all of them; the request has been given up.',
      });
    }
    const { files, hours, bytesMax } = center.packets;
    await makeRoom(center, bytesMax - capture.length);
    try {
      await files.put(asked.id, capture);
    } catch (error) {
      if (!(error instanceof Refusal) || error.code !== 'store.disk.full') throw error;
      await end(center, asked, 'failed', why('full'));
      throw error;
    }
    const taken = await act(center, null, async (acting) => {
      const ready = {
        state: 'ready',
        packets,
        bytes: query.bytes,
        part: query.part,
        keptUntil: acting.at + hours * 3_600,
      } as const;
      const mine = await answerPacketRequest(acting.tx, asked.id, acting.at, ready);
      if (mine) acting.changed('packets', asked.id, { organisation: asked.organisation });
      return mine;
    });
    if (!taken) {
      // Given up, or answered by the same sensor's other question, while the packets were on their way: that answer's file has the same name.
      const now = await center.database.system((tx) => findPacketRequest(tx, asked.id));
      if (now?.state !== 'ready') await files.remove(asked.id);
      throw answered();
    }
  },
});

/** How many whole packets a capture has; none when it is no capture. */
function countPackets(capture: Uint8Array): number {
  let packets = 0;
  try {
    eachPacket(capture, () => {
      packets++;
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  return packets;
}

export const intakeNoPackets = route({
  method: 'post',
  path: '/intake/packets/{id}/none',
  access: 'intake:write',
  summary: 'That a sensor has no packets of a flow that was asked for, and why.',
  params: Id,
  body: NoPackets,
  async handle({ center, principal, params, body }) {
    const asked = await waitingRequest(center, principal, params.id);
    const state = body.reason === 'failed' ? 'failed' : 'none';
    if (body.reason === 'failed') center.log.warn({ sensor: asked.sensor, request: asked.id, detail: body.detail }, 'packets');
    if (!(await end(center, asked, state, why(`sensor-${body.reason}`, { sensor: asked.sensor, link: asked.link ?? '' })))) {
      throw answered();
    }
  },
});
