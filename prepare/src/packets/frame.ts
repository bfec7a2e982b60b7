/**
 * Frames from the outside in: Ethernet II, ARP (RFC 826), IPv4 (RFC 791), IPv6 (RFC 8200), ICMP (RFC 792), ICMPv6
 * neighbour discovery (RFC 4861), UDP (RFC 768), TCP (RFC 9293); every checksum is computed (RFC 1071).
 */

/** One end as frames name it: hardware address, network address (4 or 16 bytes). */
export type Address = { mac: Uint8Array; ip: Uint8Array };

/** From where to where, with what an IP header carries besides. */
export type Envelope = {
  from: Address;
  to: Address;
  /** Time to live or hop limit as it is when it passes the tap. */
  ttl: number;
  /** IPv4 identification; IPv6 has none. */
  identification: number;
};

export const ethernetHeaderBytes = 14;

/** A frame on the wire has at least 60 bytes before its check sequence (IEEE 802.3 §4.2.3.3): the rest is zeros. */
const frameBytesMin = 60;

const etherTypes = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;
export const protocols = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 } as const;

/** TCP's flags, as bits of its fourteenth byte. */
export const tcpFlags = { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10 } as const;

const put16 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
};

const put32 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
};

/** The one's complement sum of 16-bit words, not yet complemented: RFC 1071. */
export function sum16(bytes: Uint8Array, start: number, end: number, sum = 0): number {
  let i = start;
  // Sums of words stay below 2^53 for any packet, so the carries are folded once, at the end.
  for (; i + 1 < end; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!;
  if (i < end) sum += bytes[i]! << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return sum;
}

/** The pseudo-header of TCP, UDP and ICMPv6: addresses, length and protocol. */
export function pseudoSum(from: Uint8Array, to: Uint8Array, protocol: number, length: number): number {
  return sum16(to, 0, to.length, sum16(from, 0, from.length, protocol + length));
}

/** A frame with Ethernet and IP headers filled in, room for the payload, and where the payload starts. */
function open(envelope: Envelope, protocol: number, payloadBytes: number): { frame: Uint8Array; at: number } {
  const { from, to } = envelope;
  const v4 = from.ip.length === 4;
  const header = v4 ? 20 : 40;
  const total = ethernetHeaderBytes + header + payloadBytes;
  const frame = new Uint8Array(Math.max(total, frameBytesMin));
  frame.set(to.mac, 0);
  frame.set(from.mac, 6);
  put16(frame, 12, v4 ? etherTypes.ipv4 : etherTypes.ipv6);
  const ip = ethernetHeaderBytes;
  if (v4) {
    frame[ip] = 0x45;
    put16(frame, ip + 2, header + payloadBytes);
    put16(frame, ip + 4, envelope.identification & 0xffff);
    // Do not fragment: every present-day sender of TCP finds the path's size by itself (RFC 1191).
    frame[ip + 6] = 0x40;
    frame[ip + 8] = envelope.ttl;
    frame[ip + 9] = protocol;
    frame.set(from.ip, ip + 12);
    frame.set(to.ip, ip + 16);
    put16(frame, ip + 10, ~sum16(frame, ip, ip + 20) & 0xffff);
  } else {
    frame[ip] = 0x60;
    put16(frame, ip + 4, payloadBytes);
    frame[ip + 6] = protocol;
    frame[ip + 7] = envelope.ttl;
    frame.set(from.ip, ip + 8);
    frame.set(to.ip, ip + 24);
  }
  return { frame, at: ip + header };
}

function seal(
  envelope: Envelope,
  frame: Uint8Array,
  at: number,
  length: number,
  protocol: number,
  checksumAt: number,
): Uint8Array {
  const sum = ~sum16(frame, at, at + length, pseudoSum(envelope.from.ip, envelope.to.ip, protocol, length)) & 0xffff;
  // Zero means "no checksum" in UDP, so a sum of zero is sent as its twin (RFC 768).
  put16(frame, at + checksumAt, sum === 0 && protocol === protocols.udp ? 0xffff : sum);
  return frame;
}

/** One UDP datagram. */
export function udpFrame(envelope: Envelope, ports: { from: number; to: number }, payload: Uint8Array): Uint8Array {
  const { frame, at } = open(envelope, protocols.udp, 8 + payload.length);
  put16(frame, at, ports.from);
  put16(frame, at + 2, ports.to);
  put16(frame, at + 4, 8 + payload.length);
  frame.set(payload, at + 8);
  return seal(envelope, frame, at, 8 + payload.length, protocols.udp, 6);
}

export type TcpSegment = {
  ports: { from: number; to: number };
  sequence: number;
  acknowledgement: number;
  flags: number;
  window: number;
  /** Padded by the caller to a multiple of four. */
  options: Uint8Array;
  payloadBytes: number;
  /** Writes the payload into the frame. */
  payload?: (into: Uint8Array, at: number) => void;
};

/** One TCP segment. */
export function tcpFrame(envelope: Envelope, segment: TcpSegment): Uint8Array {
  const header = 20 + segment.options.length;
  const { frame, at } = open(envelope, protocols.tcp, header + segment.payloadBytes);
  put16(frame, at, segment.ports.from);
  put16(frame, at + 2, segment.ports.to);
  put32(frame, at + 4, segment.sequence);
  put32(frame, at + 8, segment.acknowledgement);
  frame[at + 12] = (header / 4) << 4;
  frame[at + 13] = segment.flags;
  put16(frame, at + 14, segment.window);
  frame.set(segment.options, at + 20);
  segment.payload?.(frame, at + header);
  return seal(envelope, frame, at, header + segment.payloadBytes, protocols.tcp, 16);
}

/** An ICMP echo request (or its reply) with the data a `ping` carries. */
export function echoFrame(
  envelope: Envelope,
  echo: { reply: boolean; identifier: number; sequence: number; data: Uint8Array },
): Uint8Array {
  const v4 = envelope.from.ip.length === 4;
  const length = 8 + echo.data.length;
  const { frame, at } = open(envelope, v4 ? protocols.icmp : protocols.icmp6, length);
  frame[at] = v4 ? (echo.reply ? 0 : 8) : echo.reply ? 129 : 128;
  put16(frame, at + 4, echo.identifier);
  put16(frame, at + 6, echo.sequence);
  frame.set(echo.data, at + 8);
  if (!v4) return seal(envelope, frame, at, length, protocols.icmp6, 2);
  put16(frame, at + 2, ~sum16(frame, at, at + length) & 0xffff);
  return frame;
}

const broadcast = Uint8Array.of(255, 255, 255, 255, 255, 255);

/** Who has this address? Asked of all, answered to one. */
export function arpFrame(from: Address, to: Address, reply: boolean): Uint8Array {
  const frame = new Uint8Array(frameBytesMin);
  frame.set(reply ? to.mac : broadcast, 0);
  frame.set(from.mac, 6);
  put16(frame, 12, etherTypes.arp);
  put16(frame, 14, 1);
  put16(frame, 16, etherTypes.ipv4);
  frame[18] = 6;
  frame[19] = 4;
  put16(frame, 20, reply ? 2 : 1);
  frame.set(from.mac, 22);
  frame.set(from.ip, 28);
  if (reply) frame.set(to.mac, 32);
  frame.set(to.ip, 38);
  return frame;
}

/** ARP's task in IPv6: a solicitation to the target's solicited-node group, or the advertisement that answers it. */
export function neighbourFrame(from: Address, to: Address, reply: boolean): Uint8Array {
  let target = to;
  if (!reply) {
    // ff02::1:ffXX:XXXX and its hardware form 33:33:ff:XX:XX:XX (RFC 4291 §2.7.1, RFC 2464 §7).
    const ip = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, to.ip[13]!, to.ip[14]!, to.ip[15]!);
    target = { ip, mac: Uint8Array.of(0x33, 0x33, 0xff, to.ip[13]!, to.ip[14]!, to.ip[15]!) };
  }
  const envelope = { from, to: target, ttl: 255, identification: 0 };
  const { frame, at } = open(envelope, protocols.icmp6, 32);
  frame[at] = reply ? 136 : 135;
  // Solicited and override.
  if (reply) frame[at + 4] = 0x60;
  frame.set(reply ? from.ip : to.ip, at + 8);
  frame[at + 24] = reply ? 2 : 1;
  frame[at + 25] = 1;
  frame.set(from.mac, at + 26);
  return seal(envelope, frame, at, 32, protocols.icmp6, 2);
}
