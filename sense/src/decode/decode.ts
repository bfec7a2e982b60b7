/** One captured packet taken apart: layer behind layer until nobody reads on, and what is left as bytes. Never throws. */

import type { PacketLayer } from '@forewarn/model/packet';
import type { CapturedPacket } from './captured.ts';
import { Dissection, layersMax, type Dissector, type Hop } from './dissection.ts';
import { firstLayer } from './link.ts';
import { rest } from './payload/payload.ts';

/** What was read of a packet. */
export type Decoded = {
  layers: PacketLayer[];
  /** For the line of a list: the innermost layer that says something has the word. */
  source: string;
  destination: string;
  protocol: string;
  info: string;
  /** The ends of each network layer, the outermost first. */
  hops: Hop[];
};

export type DecodeOptions = {
  /** What the flow speaks, as `conn.service` names it, for payload that does not show it by itself. */
  service?: string | undefined;
  /** From which numbers TCP's are counted, for the ends of a hop. */
  bases?: ((hop: Hop) => { own: number; peer: number } | undefined) | undefined;
};

/** Takes a packet apart. Byte places count from the first captured byte. */
export function decodePacket(packet: CapturedPacket, options: DecodeOptions = {}): Decoded {
  const d = new Dissection(packet.bytes, packet.wireBytes, options.service, options.bases);
  frame(d, packet);
  let next: Dissector | undefined = firstLayer(packet.linkType);
  while (next && d.left > 0 && d.layers.length < layersMax) next = next(d);
  if (d.left > 0) rest(d);
  const { layers, source, destination, protocol, info, hops } = d;
  return { layers, source, destination, protocol, info, hops };
}

/** What the capture says of the packet: a layer over all of it. */
function frame(d: Dissection, packet: CapturedPacket): void {
  const length = packet.bytes.length;
  const layer = d.open('frame', length)!;
  const whole = (name: 'frame.time' | 'frame.len' | 'frame.cap_len' | 'frame.encap_type', value: string): void =>
    layer.text(name, 0, length, value);
  whole('frame.time', instant(packet.ts));
  whole('frame.len', String(d.wireEnd));
  whole('frame.cap_len', String(length));
  whole('frame.encap_type', String(packet.linkType));
  layer.line = length === d.wireEnd ? `${length} B` : `${length} / ${d.wireEnd} B`;
}

/** RFC 3339 in UTC with microseconds, as far as a double holds them; the seconds alone where no calendar has them. */
function instant(ts: number): string {
  const micros = Math.round(ts * 1e6);
  const date = new Date(Math.floor(micros / 1000));
  if (Number.isNaN(date.getTime())) return String(ts);
  const fraction = String(((micros % 1_000_000) + 1_000_000) % 1_000_000).padStart(6, '0');
  return date.toISOString().replace(/\.\d+Z$/, `.${fraction}Z`);
}
