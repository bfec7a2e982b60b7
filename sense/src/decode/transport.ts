/** TCP (RFC 9293), UDP (RFC 768) and the head of SCTP (RFC 9260). */

import { Packet } from '../packet.ts';
import { detectCarrier, udpCarriers } from '../tunnel/index.ts';
import { innerNone } from '../tunnel/tunnel.ts';
import { hexadecimal, type Dissection, type Dissector, type Layer } from './dissection.ts';
import { payload } from './payload/payload.ts';
import { carried } from './tunnel.ts';

const flagNames = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'];

/** Ports are the ends of the hop that the network layer has written. */
function ports(d: Dissection, source: number, destination: number): void {
  const last = d.hops.at(-1);
  if (d.quoted || !last) return;
  last.sourcePort = source;
  last.destinationPort = destination;
}

export const tcp: Dissector = (d) => {
  // An ICMP error may quote no more than eight bytes.
  const quotedHead = d.quoted && d.left < 20 && d.left >= 8;
  const header = quotedHead ? 8 : Math.max(20, (d.u8(12) >> 4) * 4);
  const layer = d.open('tcp', header);
  if (!layer) return undefined;
  const source = layer.number('tcp.srcport', 0, 2);
  const destination = layer.number('tcp.dstport', 2, 2);
  ports(d, source, destination);
  layer.line = `${source} → ${destination}`;
  const last = d.hops.at(-1);
  const bases = d.quoted || !last ? undefined : d.bases?.(last);
  const relative = (value: number, base: number | undefined): string =>
    base === undefined ? String(value) : `${(value - base) >>> 0} (${value})`;
  const sequence = layer.number('tcp.seq', 4, 4, (value) => relative(value, bases?.own));
  if (quotedHead) {
    layer.close(8);
    return undefined;
  }
  const bits = ((d.u8(12) & 1) << 8) | d.u8(13);
  const acknowledges = (bits & 0x10) !== 0;
  const acknowledgement = layer.number('tcp.ack', 8, 4, (value) => relative(value, acknowledges ? bases?.peer : undefined));
  layer.text('tcp.hdr_len', 12, 1, String((d.u8(12) >> 4) * 4));
  const flags = flagNames.filter((_, bit) => bits & (1 << bit));
  layer.text('tcp.flags', 12, 2, `${hexadecimal(3)(bits)}${flags.length > 0 ? ` ${flags.join(', ')}` : ''}`);
  const window = layer.number('tcp.window_size_value', 14, 2);
  layer.number('tcp.checksum', 16, 2, hexadecimal(4));
  layer.number('tcp.urgent_pointer', 18, 2);
  options(d, layer, header);
  // The length on the wire, which the snap length does not change.
  const length = Math.max(0, d.wireEnd - layer.start - header);
  const own = bases === undefined ? sequence : (sequence - bases.own) >>> 0;
  const peer = bases === undefined ? acknowledgement : (acknowledgement - bases.peer) >>> 0;
  const info = `${source} → ${destination} [${flags.join(', ')}] Seq=${own}${acknowledges ? ` Ack=${peer}` : ''} Win=${window} Len=${length}`;
  d.say('TCP', info);
  layer.line = `${source} → ${destination} [${flags.join(', ')}] Seq=${own}${acknowledges ? ` Ack=${peer}` : ''} Len=${length}`;
  layer.close(header);
  return d.left === 0 ? undefined : payload('tcp', source, destination);
};

/** Options (RFC 9293 §3.2, RFC 7323, RFC 2018); each is a byte at least, so that the walk ends with the header. */
function options(d: Dissection, layer: Layer, header: number): void {
  let at = 20;
  while (at < header) {
    const start = layer.start + at;
    const kind = d.number(start, 1);
    if (kind === 0) break;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = at + 1 < header ? d.number(start + 1, 1) : 0;
    if (length < 2 || at + length > header) {
      layer.text('tcp.options', at, header - at, d.hex(start, header - at));
      return;
    }
    if (kind === 2 && length === 4) layer.text('tcp.options.mss_val', at + 2, 2, String(d.number(start + 2, 2)));
    else if (kind === 3 && length === 3) {
      const shift = d.number(start + 2, 1);
      layer.text('tcp.options.wscale', at, length, `${shift} (× ${2 ** Math.min(shift, 14)})`);
    } else if (kind === 4 && length === 2) layer.text('tcp.options.sack_perm', at, length, '1');
    else if (kind === 5) {
      const edges: string[] = [];
      for (let edge = 2; edge + 8 <= length; edge += 8)
        edges.push(`${d.number(start + edge, 4)}–${d.number(start + edge + 4, 4)}`);
      layer.text('tcp.options.sack', at, length, edges.join(', '));
    } else if (kind === 8 && length === 10)
      layer.text('tcp.options.timestamp', at, length, `TSval=${d.number(start + 2, 4)}, TSecr=${d.number(start + 6, 4)}`);
    else layer.text('tcp.options', at, length, `${kind}: ${d.hex(start + 2, length - 2)}`);
    at += length;
  }
}

export const udp: Dissector = (d) => {
  const layer = d.open('udp', 8);
  if (!layer) return undefined;
  const source = layer.number('udp.srcport', 0, 2);
  const destination = layer.number('udp.dstport', 2, 2);
  const length = layer.number('udp.length', 4, 2);
  layer.number('udp.checksum', 6, 2, hexadecimal(4));
  ports(d, source, destination);
  layer.line = `${source} → ${destination} Len=${Math.max(0, length - 8)}`;
  d.say('UDP', `${source} → ${destination} Len=${Math.max(0, length - 8)}`);
  if (length >= 8) {
    d.end = Math.min(d.end, layer.start + length);
    d.wireEnd = Math.min(d.wireEnd, layer.start + length);
  }
  layer.close(8);
  if (d.left === 0) return undefined;
  // What an error quotes is cut, so that lengths inside and outside need not agree.
  if (d.quoted) return payload('udp', source, destination);
  // As in the engine: a carrier by the responder's port, whichever end that is, or by its content.
  const packet = new Packet();
  const reset = (): Packet => {
    packet.bytes = d.bytes;
    packet.at = d.at;
    packet.end = d.end;
    packet.wireEnd = d.wireEnd;
    return packet;
  };
  for (const port of [destination, source]) {
    const carrier = udpCarriers.get(port);
    if (carrier && carrier.read(reset()) !== innerNone) return carried(carrier);
  }
  const detected = detectCarrier(reset());
  if (detected) return carried(detected);
  return payload('udp', source, destination);
};

/** SCTP: the common header; its chunks stay bytes. */
export const sctp: Dissector = (d) => {
  const layer = d.open('sctp', 12);
  if (!layer) return undefined;
  const source = layer.number('sctp.srcport', 0, 2);
  const destination = layer.number('sctp.dstport', 2, 2);
  layer.number('sctp.verification_tag', 4, 4, hexadecimal(8));
  layer.number('sctp.checksum', 8, 4, hexadecimal(8));
  ports(d, source, destination);
  layer.line = `${source} → ${destination}`;
  d.say('SCTP', `${source} → ${destination}`);
  layer.close(12);
  return undefined;
};
