/**
 * XMPP (RFC 6120): `conn.service` names it, and STARTTLS leads into TLS. Who speaks with whom about what is not read: of the
 * server nothing is looked for but `<proceed`, and only in the beginning of the stream.
 */

import type { Seconds } from '@forewarn/base/time';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';

/** Features of a stream take 1 to 3 KB; TLS stands before everything else (RFC 6120 §5.3.1). */
const startBytesMax = 16_384;

export const limits = [
  {
    name: 'xmpp.startBytesMax',
    value: startBytesMax,
    unit: 'bytes of the server',
    why: 'The features of a stream take 1 to 3 KB, and TLS stands before everything else; behind it nothing is looked for.',
  },
] as const;

const word = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const proceed = word('<proceed');
const declaration = word('<?xml');
const opening = word('<stream:stream');

class XmppParser implements ProtocolParser {
  private readonly emit: Emit;
  /** How much of `<proceed` has been seen; behind it the end of the element is waited for. */
  private matched = 0;
  private looked = 0;

  constructor(_flow: FlowView, emit: Emit) {
    this.emit = emit;
    emit.confirm();
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, _ts: Seconds): void {
    if (direction === 0 || this.looked >= startBytesMax) return;
    const stop = Math.min(end, start + startBytesMax - this.looked);
    this.looked += stop - start;
    for (let at = start; at < stop; at++) {
      const byte = bytes[at]!;
      if (this.matched === proceed.length) {
        if (byte !== 0x3e) continue;
        this.looked = startBytesMax;
        this.emit.giveWay(at + 1, 'ssl');
        return;
      }
      this.matched = byte === proceed[this.matched] ? this.matched + 1 : byte === 0x3c ? 1 : 0;
    }
  }

  gap(direction: Direction): void {
    if (direction === 1) this.looked = startBytesMax;
  }

  finish(): void {}
}

/** The opening of a stream, perhaps behind the declaration of XML. */
function probe(bytes: Uint8Array, start: number, end: number, _direction: Direction, _usualPort: boolean): Probe {
  if (bytes[start] !== 0x3c) return 'no';
  let at = start;
  if (end - start > 1 && bytes[start + 1] === 0x3f) {
    for (let i = 0; i < Math.min(end - start, declaration.length); i++) if (bytes[start + i] !== declaration[i]) return 'no';
    while (at < end && bytes[at] !== 0x3e) if (++at - start > 128) return 'no';
    if (at === end) return 'more';
    at++;
    while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09)) at++;
  }
  for (let i = 0; i < opening.length; i++) {
    if (at + i === end) return 'more';
    if (bytes[at + i] !== opening[i]) return 'no';
  }
  return 'yes';
}

export const xmpp: Protocol = {
  service: 'xmpp',
  logs: [],
  transports: ['tcp'],
  ports: [5222, 5269],
  probe,
  open: (flow, emit) => new XmppParser(flow, emit),
};
