/** Looking at the packets of a request: the list, one packet, what the two ends said, and the capture itself. Each look is audited. */

import { z } from 'zod';
import { Refusal } from '@forewarn/base/refusal';
import { PacketRequestView, page } from '@forewarn/model/api';
import { PacketList, PacketView, StreamView } from '@forewarn/model/packet';
import { flowStream, streamBytesMax } from '@forewarn/sense/decode/stream';
import { packetList, packetListMax, packetView, type FlowOfInterest } from '@forewarn/sense/decode/view';
import { findPacketRequest, listPacketRequests, type PacketRequest } from '@forewarn/store/resources/packet-requests';
import { act } from '../act.ts';
import { route, type Asked } from '../api/route.ts';
import { Id, PageQuery } from '../api/shapes.ts';
import { found, notFound } from '../refusals.ts';
import { noteLook } from './ask.ts';
import { requestView } from './view.ts';

/** The same person who turns pages of the same packets looks once; after this time it is another look. */
const sameLookSeconds = 900;

/** Looks that are remembered; forgotten ones are noted again, which does no harm. */
const looksMax = 10_000;

type Look = Pick<Asked<unknown, unknown, unknown>, 'center' | 'principal' | 'scope'>;

/** The request with its packets, after the look was noted. Refusals: `not-found`, `packets.waiting`, `packets.none`. */
async function packetsOf(
  { center, principal, scope }: Look,
  id: string,
  action: string,
): Promise<{ request: PacketRequest; capture: Buffer }> {
  const request = found(await center.database.scoped(scope, (tx) => findPacketRequest(tx, id)));
  if (request.state === 'waiting') {
    throw new Refusal('packets.waiting', 'The packets are still on their way.', { advice: 'Ask again in some seconds.' });
  }
  const capture = request.state === 'ready' ? await center.packets.files.read(id) : undefined;
  if (!capture) {
    throw new Refusal('packets.none', 'There are no packets here.', {
      advice: 'The request says why (GET /packet-requests/{id}); ask for them again if the sensor may still have them.',
    });
  }
  const { looks } = center.packets;
  const at = center.clock.now();
  const key = `${principal.account}\n${id}\n${action}`;
  // What leaves the workbench as a file is noted each time.
  if (action === 'packets.download' || at - (looks.get(key) ?? -Infinity) >= sameLookSeconds) {
    await act(center, principal, async (acting) => noteLook(acting, action, request));
    if (looks.size >= looksMax) looks.clear();
    looks.set(key, at);
  }
  return { request, capture };
}

const flowOf = ({ flow }: PacketRequest): FlowOfInterest => ({
  originator: flow.originator?.address ?? '',
  originatorPort: flow.originator?.port ?? 0,
  responder: flow.responder?.address ?? '',
  responderPort: flow.responder?.port ?? 0,
  ...(flow.service === null ? {} : { service: flow.service }),
});

const From = z.object({ from: z.coerce.number().int().min(0).default(0) });

export const listOfPacketRequests = route({
  method: 'get',
  path: '/packet-requests',
  access: 'packets:read',
  summary: 'Requests for packets of the own sensors’ flows, newest first.',
  query: PageQuery.extend({
    finding: z.string().max(100).optional(),
    incident: z.string().max(100).optional(),
    uid: z.string().max(100).optional(),
  }),
  answer: page(PacketRequestView),
  async handle({ center, scope, query }) {
    const { items, next } = await center.database.scoped(scope, (tx) => listPacketRequests(tx, query));
    return { items: items.map(requestView), next };
  },
});

export const onePacketRequest = route({
  method: 'get',
  path: '/packet-requests/{id}',
  access: 'packets:read',
  summary: 'One request for packets: whether they are here, and why not.',
  params: Id,
  answer: PacketRequestView,
  handle: ({ center, scope, params }) =>
    center.database.scoped(scope, async (tx) => requestView(found(await findPacketRequest(tx, params.id)))),
});

export const listOfPackets = route({
  method: 'get',
  path: '/packet-requests/{id}/packets',
  access: 'packets:read',
  summary: 'The packets of a flow one by one, in their order.',
  params: Id,
  query: From.extend({ limit: z.coerce.number().int().min(1).max(packetListMax).default(200) }),
  answer: PacketList,
  async handle(asked) {
    const { request, capture } = await packetsOf(asked, asked.params.id, 'packets.view');
    return packetList(capture, flowOf(request), asked.query);
  },
});

export const onePacket = route({
  method: 'get',
  path: '/packet-requests/{id}/packets/{n}',
  access: 'packets:read',
  summary: 'One packet, by its number from 1: its layers, their fields and where they stand, and its bytes.',
  params: Id.extend({ n: z.coerce.number().int().min(1) }),
  answer: PacketView,
  async handle(asked) {
    const { request, capture } = await packetsOf(asked, asked.params.id, 'packets.view');
    const view = packetView(capture, flowOf(request), asked.params.n);
    if (!view) throw notFound();
    return view;
  },
});

export const packetStream = route({
  method: 'get',
  path: '/packet-requests/{id}/stream',
  access: 'packets:read',
  summary: 'What the two ends of a flow said, in order, piece by piece.',
  params: Id,
  query: From.extend({ limit: z.coerce.number().int().min(1).max(streamBytesMax).default(streamBytesMax).describe('Bytes.') }),
  answer: StreamView,
  async handle(asked) {
    const { request, capture } = await packetsOf(asked, asked.params.id, 'packets.stream');
    return flowStream(capture, flowOf(request), asked.query);
  },
});

export const packetCapture = route({
  method: 'get',
  path: '/packet-requests/{id}/pcap',
  access: 'packets:read',
  summary: 'The packets of a flow as a capture, to be read by other programs.',
  params: Id,
  stream: 'application/vnd.tcpdump.pcap',
  async handle(asked) {
    const { request, capture } = await packetsOf(asked, asked.params.id, 'packets.download');
    // A uid is the sensor's word: of it only what is harmless in a file's name is taken.
    const name = request.uid.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
    return new Response(new Uint8Array(capture), {
      headers: {
        'content-type': 'application/vnd.tcpdump.pcap',
        'content-disposition': `attachment; filename="${name}.pcap"`,
        'cache-control': 'no-store',
      },
    });
  },
});
