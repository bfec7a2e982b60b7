/**
 * WireGuard by the shape of its four messages, written as corelight's package zeek-spicy-wireguard writes it: one `wireguard`
 * record a flow. Everything but numbers of sessions is encrypted and stays so.
 *
 *     1 │ 0 0 0 │ sender 4 │ 140 bytes of keys and codes                initiation, 148 bytes          WireGuard paper §5.4.2
 *     2 │ 0 0 0 │ sender 4 │ receiver 4 │ 80 bytes                      response, 92 bytes                            §5.4.3
 *     3 │ 0 0 0 │ receiver 4 │ 56 bytes                                 cookie reply, 64 bytes                        §5.4.7
 *     4 │ 0 0 0 │ receiver 4 │ counter 8 │ encrypted, 16 bytes or more  data                                          §5.4.6
 *
 * Numbers have their low byte first. Tailscale sends messages of its own beside them, which begin with `TS💬`.
 */

import type { Seconds } from '@forewarn/base/time';
import type { WireguardRecord } from '@forewarn/model/records/wireguard';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';

const initiationBytes = 148;
const responseBytes = 92;
const cookieBytes = 64;
const dataBytesMin = 32;

/** `TS💬`, before a key of 32 bytes and a nonce of 24. */
const discovery = [0x54, 0x53, 0xf0, 0x9f, 0x92, 0xac];
const discoveryBytesMin = 62;

/** The type of the message in `bytes[start, end)`; 5 for one of Tailscale's own, 0 where it is none. */
function typeOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length < dataBytesMin) return 0;
  const type = bytes[start]!;
  if (type === 0x54) {
    if (length < discoveryBytesMin) return 0;
    for (let i = 1; i < discovery.length; i++) if (bytes[start + i] !== discovery[i]) return 0;
    return 5;
  }
  if (bytes[start + 1] !== 0 || bytes[start + 2] !== 0 || bytes[start + 3] !== 0) return 0;
  if (type === 1) return length === initiationBytes ? 1 : 0;
  if (type === 2) return length === responseBytes ? 2 : 0;
  if (type === 3) return length === cookieBytes ? 3 : 0;
  return type === 4 ? 4 : 0;
}

/** A number of a session: four bytes, the low one first. */
const index = (bytes: Uint8Array, at: number): number =>
  ((bytes[at + 3]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 1]! << 8) | bytes[at]!) >>> 0;

class WireguardParser implements ProtocolParser {
  private readonly flow: FlowView;
  private readonly emit: Emit;
  private record: WireguardRecord | undefined = undefined;
  /** Who sent the latest initiation. */
  private initiator: Direction = 0;
  private discovered = false;
  private told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.flow = flow;
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const type = typeOf(bytes, start, end);
    if (type === 0) {
      // Both ends may send a single byte to keep a way open; it is no message, and no oddity.
      if (end - start > 1 && !this.told) {
        this.told = true;
        this.emit.weird('wireguard_bad_message', ts);
      }
      return;
    }
    if (type === 5) {
      if (!this.discovered) this.emit.confirm('tailscale');
      this.discovered = true;
      return;
    }
    const record = (this.record ??= this.begin(ts));
    if (type === 4) record.data++;
    else if (type === 3) record.cookies++;
    else if (type === 1) {
      record.initiations++;
      record.sender_index = index(bytes, start + 4);
      this.initiator = direction;
    } else {
      record.responses++;
      record.receiver_index = index(bytes, start + 4);
      const answers = index(bytes, start + 8) === record.sender_index && direction !== this.initiator;
      if (answers) record.established = true;
    }
  }

  gap(): void {}

  finish(): void {
    if (this.record) this.emit.record('wireguard', this.record);
    this.record = undefined;
  }

  private begin(ts: Seconds): WireguardRecord {
    const record = this.flow.head(ts) as WireguardRecord;
    record.established = false;
    record.initiations = 0;
    record.responses = 0;
    record.cookies = 0;
    record.data = 0;
    this.emit.confirm();
    return record;
  }
}

/** Bytes that must be there after the head of a data message, and how many different ones: what is encrypted looks like noise. */
const noiseBytes = 16;
const differentMin = 11;

/** Whether sixteen bytes look like noise: many different ones, some of them beyond text. */
function isNoise(bytes: Uint8Array, start: number): boolean {
  let different = 0;
  let high = 0;
  for (let i = 0; i < noiseBytes; i++) {
    const byte = bytes[start + i]!;
    if (byte >= 0x80) high++;
    let earlier = 0;
    while (earlier < i && bytes[start + earlier] !== byte) earlier++;
    if (earlier === i) different++;
  }
  return different >= differentMin && high >= 3;
}

/**
 * Handshakes have one length each and prove themselves where their keys look like keys. A flow that is joined later begins with
 * data: whole blocks of sixteen bytes, a counter below four thousand million.
 */
function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, usualPort: boolean): Probe {
  const type = typeOf(bytes, start, end);
  if (type === 0) return 'no';
  if (type === 5) return 'yes';
  if (type < 4) return isNoise(bytes, start + (type === 1 ? 8 : type === 2 ? 12 : 8)) ? 'yes' : 'no';
  if (usualPort) return 'yes';
  if (((end - start) & 15) !== 0 || index(bytes, start + 4) === 0 || index(bytes, start + 12) !== 0) return 'no';
  return isNoise(bytes, start + 16) ? 'yes' : 'no';
}

export const wireguard: Protocol = {
  service: 'wireguard',
  logs: ['wireguard'],
  transports: ['udp'],
  ports: [51_820],
  probe,
  open: (flow, emit) => new WireguardParser(flow, emit),
};
