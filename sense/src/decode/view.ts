/** What people see of a flow's packets: the list, and one packet. Pure: a capture in, views out. */

import type { PacketList, PacketSummary, PacketView } from '@forewarn/model/packet';
import { eachPacket, type CapturedPacket } from './captured.ts';
import { decodePacket, type Decoded, type DecodeOptions } from './decode.ts';
import type { Hop } from './dissection.ts';

/** The flow whose packets are looked at, as its `conn` record names it. Ports mean nothing where the transport has none. */
export type FlowOfInterest = {
  originator: string;
  originatorPort: number;
  responder: string;
  responderPort: number;
  /** `conn.service`, where it is known: names payload that does not show by itself what it is. */
  service?: string | undefined;
};

/** Packets of one answer: some screens full, decoded in a few milliseconds. */
export const packetListMax = 1000;

/** Packets in which the first numbers of both directions are sought; a handshake shows them in two. */
const openingPacketsMax = 256;

/** Summaries of up to `limit` packets (at most `packetListMax`) from ordinal `from`. Throws a `Refusal` when the bytes are no capture. */
export function packetList(capture: Uint8Array, flow: FlowOfInterest, page: { from: number; limit: number }): PacketList {
  const options = optionsFor(capture, flow);
  const items: PacketSummary[] = [];
  const upTo = page.from + Math.min(page.limit, packetListMax);
  let total = 0;
  eachPacket(capture, (packet, ordinal) => {
    total = ordinal + 1;
    if (ordinal >= page.from && ordinal < upTo) items.push(summary(packet, ordinal + 1, decodePacket(packet, options), flow));
  });
  return { items, total, next: upTo < total ? String(upTo) : null };
}

/** The packet with this number (from 1), or undefined when the capture has fewer. Throws a `Refusal` when the bytes are no capture. */
export function packetView(capture: Uint8Array, flow: FlowOfInterest, number: number): PacketView | undefined {
  const options = optionsFor(capture, flow);
  let view: PacketView | undefined;
  eachPacket(capture, (packet, ordinal) => {
    if (ordinal + 1 < number) return true;
    if (ordinal + 1 > number) return false;
    const decoded = decodePacket(packet, options);
    view = {
      ...summary(packet, number, decoded, flow),
      linkType: packet.linkType,
      layers: decoded.layers,
      bytes: Buffer.from(packet.bytes).toString('base64'),
    };
    return false;
  });
  return view;
}

function summary(packet: CapturedPacket, number: number, decoded: Decoded, flow: FlowOfInterest): PacketSummary {
  let direction: 0 | 1 | null = null;
  // The innermost first: what rides in a carrier belongs to its own flow.
  for (const hop of decoded.hops.toReversed()) direction ??= directionOf(hop, flow);
  return {
    number,
    ts: packet.ts,
    source: decoded.source,
    destination: decoded.destination,
    protocol: decoded.protocol,
    wireBytes: Math.max(packet.wireBytes, packet.bytes.length),
    capturedBytes: packet.bytes.length,
    direction,
    info: decoded.info,
  };
}

/** Which end of the flow speaks in this hop; null when it is another flow's. Pieces of datagrams show no ports. */
export function directionOf(hop: Hop, flow: FlowOfInterest): 0 | 1 | null {
  const { source, destination, sourcePort, destinationPort } = hop;
  const open = sourcePort === undefined || destinationPort === undefined;
  const at = (port: number | undefined, wanted: number): boolean => open || port === wanted;
  if (
    source === flow.originator &&
    destination === flow.responder &&
    at(sourcePort, flow.originatorPort) &&
    at(destinationPort, flow.responderPort)
  )
    return 0;
  if (
    source === flow.responder &&
    destination === flow.originator &&
    at(sourcePort, flow.responderPort) &&
    at(destinationPort, flow.originatorPort)
  )
    return 1;
  return null;
}

/**
 * TCP's numbers count from the first that each direction shows, as everybody is used to: from 0 at a SYN, and from 1 where the
 * capture begins later.
 */
function optionsFor(capture: Uint8Array, flow: FlowOfInterest): DecodeOptions {
  const bases: [number | undefined, number | undefined] = [undefined, undefined];
  let tcp = false;
  eachPacket(capture, (packet, ordinal) => {
    const { hops, layers } = decodePacket(packet);
    const hop = hops.at(-1);
    const direction = hop === undefined ? null : directionOf(hop, flow);
    const layer = layers.findLast(({ name }) => name === 'tcp');
    if (direction !== null && layer !== undefined && hop?.transport === 6) {
      tcp = true;
      const value = (name: string): string => layer.fields.find((field) => field.name === name)?.value ?? '';
      const sequence = Number(value('tcp.seq'));
      const syn = value('tcp.flags').includes('SYN');
      bases[direction] ??= syn ? sequence : sequence - 1;
    }
    if (bases[0] !== undefined && bases[1] !== undefined) return false;
    return ordinal + 1 < openingPacketsMax;
  });
  return {
    service: flow.service,
    bases: tcp
      ? (hop) => {
          const direction = directionOf(hop, flow);
          if (direction === null) return undefined;
          const own = bases[direction];
          const peer = bases[direction === 0 ? 1 : 0];
          // A direction that was not seen at the beginning keeps its numbers as they are.
          return { own: own ?? 0, peer: peer ?? 0 };
        }
      : undefined,
  };
}
