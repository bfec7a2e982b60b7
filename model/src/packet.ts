/**
 * Packets as people look at them: one captured packet taken apart into layers and fields, each with the bytes it stands in, and the
 * payload of a flow as its two ends said it. `sense/decode` makes these, the API answers with them, the workbench shows them.
 *
 * Names of layers and fields are Wireshark's display filters (`ip.src`, `tcp.flags`), which analysts have in their fingers; the
 * catalogues hold a title for each under `packet.field.<name>`. Values are in the notation of the field, the same in every language.
 */

import { z } from 'zod';

/** A field and where it stands: `[start, end)` of the captured bytes. */
export const PacketField = z.object({
  name: z.string(),
  value: z.string(),
  start: z.number().int(),
  end: z.number().int(),
});
export type PacketField = z.infer<typeof PacketField>;

/** A layer, the outermost first: its header, or all of it where nothing follows. */
export const PacketLayer = z.object({
  name: z.string(),
  line: z.string().describe('What a reader must know of it in one line, in the notation of the protocol.'),
  start: z.number().int(),
  end: z.number().int(),
  fields: z.array(PacketField),
});
export type PacketLayer = z.infer<typeof PacketLayer>;

/** One line of the list. */
export const PacketSummary = z.object({
  number: z.number().int().describe('From 1, in the order of the capture.'),
  ts: z.number().describe('Seconds since 1970, as in records.'),
  source: z.string().describe('Address of the innermost network layer, else of the link; empty where there is neither.'),
  destination: z.string(),
  protocol: z.string().describe('The highest layer that was read, as people write it: DNS, TLS, TCP.'),
  wireBytes: z.number().int().describe('Length on the wire.'),
  capturedBytes: z.number().int().describe('Less than on the wire where the capture was cut by its snap length.'),
  /** 0: from the originator of the flow; 1: from the responder; null: of neither, or of another flow. */
  direction: z.union([z.literal(0), z.literal(1), z.null()]),
  info: z.string(),
});
export type PacketSummary = z.infer<typeof PacketSummary>;

/** One packet with everything that was read of it. */
export const PacketView = PacketSummary.extend({
  linkType: z.number().int().describe('As in pcap (https://www.tcpdump.org/linktypes.html).'),
  layers: z.array(PacketLayer),
  bytes: z.base64().describe('What was captured.'),
});
export type PacketView = z.infer<typeof PacketView>;

/** Summaries from `from` on; `total` counts the packets of the capture. */
export const PacketList = z.object({
  items: z.array(PacketSummary),
  total: z.number().int(),
  next: z.string().nullable().describe('The `from` of what follows; null at the end.'),
});
export type PacketList = z.infer<typeof PacketList>;

/** What one end said until the other answered, or a hole in it. */
export const StreamPiece = z.object({
  direction: z.union([z.literal(0), z.literal(1)]).describe('0: the originator speaks; 1: the responder.'),
  ts: z.number().describe('When its first byte was read, seconds since 1970.'),
  bytes: z.base64(),
  missing: z.number().int().describe('Bytes that were on the wire and are not in the capture; then `bytes` is empty.'),
});
export type StreamPiece = z.infer<typeof StreamPiece>;

/** The payload of a flow, TCP put in order and without repetitions, UDP datagram by datagram. */
export const StreamView = z.object({
  transport: z.enum(['tcp', 'udp', 'other']).describe('`other` has no payload that is shown as a stream.'),
  originator: z.string().describe('Address and port.'),
  responder: z.string(),
  pieces: z.array(StreamPiece),
  next: z.string().nullable().describe('The `from` of what follows; null at the end.'),
});
export type StreamView = z.infer<typeof StreamView>;

/** Names of layers; the catalogues hold a title for each under `packet.layer.<name>`. */
export const packetLayerNames = [
  'frame',
  'eth',
  'vlan',
  'llc',
  'sll',
  'null',
  'ppp',
  'pppoe',
  'mpls',
  'link',
  'arp',
  'ip',
  'ipv6',
  'icmp',
  'icmpv6',
  'igmp',
  'tcp',
  'udp',
  'sctp',
  'esp',
  'ah',
  'gre',
  'vxlan',
  'geneve',
  'gtp',
  'l2tp',
  'teredo',
  'ayiya',
  'tunnel',
  'dns',
  'tls',
  'http',
  'modbus',
  'ssh',
  'ntp',
  'dhcp',
  'quic',
  'lines',
  'data',
] as const;
export type PacketLayerName = (typeof packetLayerNames)[number];
