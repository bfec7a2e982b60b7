/** Reads frames back, by the same standards and with none of the builders' code: what the tests hold the builders to. */

import { formatAddress } from '@forewarn/base/ip';

export type Dissected = {
  kind: 'arp' | 'tcp' | 'udp' | 'icmp' | 'icmp6';
  from: string;
  to: string;
  ttl: number;
  /** IP and transport checksums are right. */
  checksumsHold: boolean;
  ports?: { from: number; to: number };
  tcp?: { sequence: number; acknowledgement: number; flags: number; window: number };
  payload: Uint8Array;
};

/** Sum of 16-bit words with end-around carry, over pieces of even length but the last. */
function holds(...pieces: Uint8Array[]): boolean {
  let sum = 0;
  for (const piece of pieces) {
    for (let i = 0; i < piece.length; i += 2) {
      sum += piece[i]! * 256 + (piece[i + 1] ?? 0);
      if (sum > 0xffff) sum -= 0xffff;
    }
  }
  return sum === 0xffff;
}

export function dissect(frame: Uint8Array): Dissected {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const type = view.getUint16(12);
  if (type === 0x0806) {
    return {
      kind: 'arp',
      from: formatAddress(frame, 28, 4),
      to: formatAddress(frame, 38, 4),
      ttl: 0,
      checksumsHold: true,
      payload: frame.subarray(14, 42),
    };
  }
  const v4 = type === 0x0800;
  if (!v4 && type !== 0x86dd) throw new Error(`An EtherType that nobody builds: ${type}.`);
  const size = v4 ? 4 : 16;
  const source = v4 ? 26 : 22;
  const header = v4 ? (frame[14]! & 15) * 4 : 40;
  const length = v4 ? view.getUint16(16) - header : view.getUint16(18);
  const protocol = v4 ? frame[23]! : frame[20]!;
  const start = 14 + header;
  const transport = frame.subarray(start, start + length);
  if (transport.length !== length) throw new Error('The IP length goes beyond the frame.');
  const addresses = frame.subarray(source, source + 2 * size);
  const pseudo = new Uint8Array([0, protocol, length >> 8, length & 0xff]);
  const kind = ({ 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmp6' } as const)[protocol];
  if (!kind) throw new Error(`An IP protocol that nobody builds: ${protocol}.`);
  const base = {
    kind,
    from: formatAddress(frame, source, size),
    to: formatAddress(frame, source + size, size),
    ttl: v4 ? frame[22]! : frame[21]!,
    checksumsHold:
      (!v4 || holds(frame.subarray(14, start))) && (kind === 'icmp' ? holds(transport) : holds(addresses, pseudo, transport)),
  };
  if (kind === 'icmp' || kind === 'icmp6') return { ...base, payload: transport };
  const ports = { from: view.getUint16(start), to: view.getUint16(start + 2) };
  if (kind === 'udp') {
    if (view.getUint16(start + 4) !== length) throw new Error('The UDP length is not that of the datagram.');
    return { ...base, ports, payload: transport.subarray(8) };
  }
  return {
    ...base,
    ports,
    tcp: {
      sequence: view.getUint32(start + 4),
      acknowledgement: view.getUint32(start + 8),
      flags: transport[13]!,
      window: view.getUint16(start + 14),
    },
    payload: transport.subarray((transport[12]! >> 4) * 4),
  };
}

/**
 * Follows TCP through frames in order of time. Returns a complaint for each packet that does not fit what came before:
 * data that leaves a gap, a repetition with other bytes, an acknowledgement of what was never sent.
 */
export class TcpLedger {
  readonly complaints: string[] = [];
  /** Bytes repeated, and connections seen. */
  repeated = 0;
  readonly #flows = new Map<
    string,
    { first: number; next: number; bytes: Uint8Array[] | undefined; acknowledged: number; tail: Uint8Array; tailAt: number }
  >();

  /** What one side said, where `keep` was asked for. */
  readonly streams = new Map<string, Uint8Array[]>();
  readonly #keep: boolean;

  constructor(keep = false) {
    this.#keep = keep;
  }

  add(packet: Dissected): void {
    const { tcp, ports, payload } = packet;
    if (!tcp || !ports) return;
    const key = `${packet.from}:${ports.from}>${packet.to}:${ports.to}`;
    const back = `${packet.to}:${ports.to}>${packet.from}:${ports.from}`;
    const complain = (what: string): void => void this.complaints.push(`${key}: ${what}`);
    const syn = (tcp.flags & 2) !== 0;
    const ack = (tcp.flags & 16) !== 0;
    let flow = this.#flows.get(key);
    if (syn) {
      if (!ack) this.#flows.delete(back);
      // A repeated SYN keeps its number.
      if (flow && flow.first === tcp.sequence) return;
      flow = {
        first: tcp.sequence,
        next: (tcp.sequence + 1) >>> 0,
        bytes: this.#keep ? [] : undefined,
        acknowledged: 0,
        tail: payload,
        tailAt: tcp.sequence,
      };
      this.#flows.set(key, flow);
      if (flow.bytes) this.streams.set(key, flow.bytes);
      if (!ack && tcp.acknowledgement !== 0) complain('a first SYN acknowledges something');
    } else if (!flow) {
      // Only a refusal comes from a side that never opened.
      if ((tcp.flags & 4) === 0) complain('speaks without a SYN');
      else if (tcp.sequence !== 0) complain('refuses with a sequence of its own');
    } else {
      const ahead = (tcp.sequence - flow.next) | 0;
      if (ahead > 0) complain(`leaves a gap of ${ahead} bytes`);
      if (ahead < 0 && payload.length > 0) {
        this.repeated += payload.length;
        if (tcp.sequence === flow.tailAt && Buffer.compare(payload, flow.tail) !== 0) complain('repeats other bytes');
        if (tcp.sequence !== flow.tailAt) complain('repeats what is not its last segment');
      } else if (ahead === 0) {
        if (payload.length > 0) {
          flow.bytes?.push(payload);
          flow.tail = payload;
          flow.tailAt = tcp.sequence;
        }
        flow.next = (tcp.sequence + payload.length + (tcp.flags & 1)) >>> 0;
      }
    }
    if (ack) {
      const peer = this.#flows.get(back);
      if (!peer) complain('acknowledges a side that never spoke');
      else {
        const beyond = (tcp.acknowledgement - peer.next) | 0;
        if (beyond > 0) complain(`acknowledges ${beyond} bytes that were never sent`);
        const size = (tcp.acknowledgement - peer.first) >>> 0;
        if (size < peer.acknowledged) complain('takes an acknowledgement back');
        peer.acknowledged = size;
      }
    }
  }
}
