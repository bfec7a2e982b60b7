/**
 * The datagram service of NetBIOS (RFC 1002 §4.4), recognised and named; its session service carries SMB and is read there.
 *
 *      0      1       2     4         8      10       12       14       48
 *     ┌──────┬───────┬─────┬─────────┬──────┬────────┬────────┬────────┬─────────────┬────────┐
 *     │ type │ flags │ id  │ address │ port │ length │ offset │ source │ destination │ data … │
 *     └──────┴───────┴─────┴─────────┴──────┴────────┴────────┴────────┴─────────────┴────────┘
 */

import type { Seconds } from '@forewarn/base/time';
import type { Direction, Emit, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { encodedName } from './names.ts';

const headBytes = 14;

const DIRECT_UNIQUE = 0x10;
const BROADCAST = 0x12;
const ERROR = 0x13;
const QUERY_REQUEST = 0x14;
const NEGATIVE_QUERY_RESPONSE = 0x16;

class NetbiosDatagrams implements ProtocolParser {
  private readonly emit: Emit;
  private done = false;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  data(_direction: Direction, bytes: Uint8Array, start: number, end: number, _ts: Seconds): void {
    if (this.done || !isDatagram(bytes, start, end)) return;
    this.done = true;
    this.emit.confirm();
  }

  gap(): void {}

  finish(): void {}
}

function isDatagram(bytes: Uint8Array, start: number, end: number): boolean {
  const type = bytes[start]!;
  if (end - start < headBytes - 4 || type < DIRECT_UNIQUE || type > NEGATIVE_QUERY_RESPONSE) return false;
  // Two bits of the flags say which fragment it is, two what kind of node sent it; the rest is zero.
  if ((bytes[start + 1]! & 0xf0) !== 0) return false;
  if (type === ERROR) return end - start === headBytes - 3 && bytes[start + 10]! >= 0x82 && bytes[start + 10]! <= 0x84;
  if (type >= QUERY_REQUEST) return encodedName(bytes, start + headBytes - 4, end) > 0;
  if (end - start < headBytes || type > BROADCAST) return false;
  const length = (bytes[start + 10]! << 8) | bytes[start + 11]!;
  if (headBytes + length !== end - start) return false;
  const source = encodedName(bytes, start + headBytes, end);
  return source > 0 && encodedName(bytes, start + headBytes + source, end) > 0;
}

function probe(bytes: Uint8Array, start: number, end: number): Probe {
  return start < end && isDatagram(bytes, start, end) ? 'yes' : 'no';
}

export const netbiosssn: Protocol = {
  service: 'netbiosssn',
  logs: [],
  transports: ['udp'],
  ports: [138],
  probe: (bytes, start, end) => probe(bytes, start, end),
  open: (_flow, emit) => new NetbiosDatagrams(emit),
};
