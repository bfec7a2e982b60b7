/**
 * Kerberos 5 over UDP and TCP, written as Zeek's `kerberos.log` writes it: one record for each request with its answer.
 *
 *     UDP   ┌─────────────────────────────┐        TCP   ┌────────────┬─────────────────────────────┐
 *           │ one message in DER          │              │ length (4) │ one message in DER          │   RFC 4120 §7.2
 *           └─────────────────────────────┘              └────────────┴─────────────────────────────┘
 *
 * Names, times and kinds of encryption are read; tickets, authenticators and keys are passed over and never kept.
 */

import type { Seconds } from '@forewarn/base/time';
import { elementLength } from '../der.ts';
import { type FrameTaker, Frames } from '../frames.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';
import { KerberosExchange } from './exchange.ts';
import { componentsMax, isKerberosTag } from './messages.ts';

/** Windows bounds a token at 65,535 bytes (MaxTokenSize), and a request for a ticket carries one. */
const messageBytesMax = 69_632;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'krb.messageBytesMax',
    value: messageBytesMax,
    unit: 'bytes per direction',
    why: 'Windows bounds a token at 65,535 bytes, and a request carries one; a longer message is an oddity and is passed over.',
  },
  {
    name: 'krb.componentsMax',
    value: componentsMax,
    unit: 'components of a principal',
    why: 'Real principals have two or three components; those beyond are cut.',
  },
] as const;

class KerberosParser implements ProtocolParser, FrameTaker {
  private readonly emit: Emit;
  private readonly exchange: KerberosExchange;
  private readonly overUdp: boolean;
  private sides: [Frames, Frames] | undefined;
  private told = false;

  constructor(flow: FlowView, emit: Emit) {
    this.emit = emit;
    this.overUdp = flow.transport === 'udp';
    this.exchange = new KerberosExchange(flow, emit, this.overUdp ? 'krb' : 'krb_tcp');
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    if (this.overUdp) {
      if (!this.exchange.message(bytes, start, end, ts)) this.odd('krb_bad_message', ts);
      return;
    }
    this.sides ??= [new Frames(messageBytesMax), new Frames(messageBytesMax)];
    this.sides[direction].feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, ts: Seconds): void {
    this.sides?.[direction].gap(this, direction, length, ts);
  }

  finish(_ts: Seconds): void {
    this.exchange.finish();
    for (const side of this.sides ?? []) side.stop();
  }

  frameLength(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < 4) return 0;
    // The highest bit is reserved for extensions (RFC 5021); none is in use.
    if (bytes[start]! !== 0) return -1;
    return 4 + ((bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!);
  }

  frameShown(_bytes: Uint8Array, _start: number, _end: number, length: number): number {
    return length;
  }

  frame(_direction: Direction, bytes: Uint8Array, start: number, end: number, length: number, ts: Seconds): void {
    if (end - start < length) this.odd('krb_message_too_long', ts);
    else if (length > 4 && !this.exchange.message(bytes, start + 4, end, ts)) this.odd('krb_bad_message', ts);
  }

  frameRest(): void {}

  frameMissing(): void {}

  frameLost(_direction: Direction, gap: boolean, ts: Seconds): void {
    if (!gap) this.odd('krb_bad_message', ts);
  }

  frameBegins(bytes: Uint8Array, start: number, end: number): boolean {
    return (
      bytes[start] === 0 &&
      end - start >= 4 &&
      begins(bytes, start + 4, end, this.frameLength(bytes, start, end) - 4, false) === 'yes'
    );
  }

  private odd(name: string, ts: Seconds): void {
    if (this.told) return;
    this.told = true;
    this.emit.weird(name, ts);
  }
}

/** Whether a message of `length` bytes begins here: its tag, lengths that agree and, except on the usual port, protocol version 5. */
function begins(bytes: Uint8Array, start: number, end: number, length: number, usualPort: boolean): Probe {
  if (start >= end) return 'more';
  if (!isKerberosTag(bytes[start]!)) return 'no';
  const outer = elementLength(bytes, start, end);
  if (outer === 0) return 'more';
  if (outer !== length) return 'no';
  const sequence = start + head(bytes, start);
  if (sequence >= end) return 'more';
  if (bytes[sequence] !== 0x30) return 'no';
  const inner = elementLength(bytes, sequence, end);
  if (inner === 0) return 'more';
  if (inner !== length - (sequence - start)) return 'no';
  if (usualPort) return 'yes';
  // pvno is [1] in a request to the KDC and [0] elsewhere.
  const version = sequence + head(bytes, sequence);
  const request = bytes[start] === 0x6a || bytes[start] === 0x6c;
  const expected = [request ? 0xa1 : 0xa0, 3, 2, 1, 5];
  for (let i = 0; i < expected.length; i++) {
    if (version + i >= end) return 'more';
    if (bytes[version + i] !== expected[i]) return 'no';
  }
  return 'yes';
}

/** Bytes of tag and length. */
const head = (bytes: Uint8Array, at: number): number => 2 + (bytes[at + 1]! < 0x80 ? 0 : bytes[at + 1]! & 0x7f);

function probe(bytes: Uint8Array, start: number, end: number, usualPort: boolean): Probe {
  const length = end - start;
  if (length === 0) return 'more';
  // A datagram begins with the message; a stream with its length, whose first byte is zero for all real messages.
  if (bytes[start] !== 0) return begins(bytes, start, end, length, usualPort);
  if (length < 5) return length > 1 && bytes[start + 1] !== 0 ? 'no' : 'more';
  if (bytes[start + 1] !== 0) return 'no';
  return begins(bytes, start + 4, end, (bytes[start + 2]! << 8) | bytes[start + 3]!, usualPort);
}

export const krb: Protocol = {
  service: 'krb',
  logs: ['kerberos'],
  transports: ['tcp', 'udp'],
  ports: [88, 750],
  probe: (bytes, start, end, _direction, usualPort) => probe(bytes, start, end, usualPort),
  open: (flow, emit) => new KerberosParser(flow, emit),
};
