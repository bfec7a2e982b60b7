/**
 * XMPP (RFC 6120), as far as the start of its TLS: what people write is not read. Where the server tells the client to
 * proceed, the flow goes on as `ssl`.
 */

import type { Seconds } from '@forewarn/base/time';
import type { Direction, Emit, Probe, Protocol, ProtocolParser } from '../protocol.ts';

/** Bytes of one direction in which the start of TLS is looked for. */
const negotiationBytesMax = 65_536;

/** First bytes in which the opening tag of the stream must stand. */
const openingBytesMax = 512;

/** The ceilings of this parser, for the reference. */
export const limits = [
  {
    name: 'xmpp.negotiationBytesMax',
    value: negotiationBytesMax,
    unit: 'bytes per direction',
    why: 'TLS is agreed before anything else (RFC 6120 §5.3.1), in some hundred bytes; lists of features have up to some thousands.',
  },
  {
    name: 'xmpp.openingBytesMax',
    value: openingBytesMax,
    unit: 'bytes',
    why: 'Before the opening tag stands an XML declaration of some forty bytes at most.',
  },
] as const;

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const declaration = bytesOf('<?xml');
const opening = bytesOf('<stream:stream');
const startTls = bytesOf('<starttls');
const proceed = bytesOf('<proceed');

const LESS = 0x3c;
const GREATER = 0x3e;

class XmppParser implements ProtocolParser {
  private readonly emit: Emit;
  /** Bytes of the looked-for tag that stood last in each direction; beyond its length, its end is looked for. */
  private matched: [number, number] = [0, 0];
  private seen: [number, number] = [0, 0];
  /** The client asked for TLS. */
  private asked = false;
  private done = false;
  private confirmed = false;

  constructor(emit: Emit) {
    this.emit = emit;
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, _ts: Seconds): void {
    if (this.done) return;
    if (!this.confirmed) {
      this.confirmed = true;
      this.emit.confirm();
    }
    const wanted = direction === 0 ? startTls : proceed;
    let matched = this.matched[direction];
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      if (matched < wanted.length) {
        // No tag has a second `<` inside: a mismatch begins anew with this byte.
        matched = byte === wanted[matched] ? matched + 1 : byte === LESS ? 1 : 0;
      } else if (byte === GREATER) {
        matched = 0;
        if (direction === 0) this.asked = true;
        else if (this.asked) {
          this.done = true;
          this.emit.giveWay(at + 1, 'ssl');
          return;
        }
      }
    }
    this.matched[direction] = matched;
    this.seen[direction] += end - start;
    if (this.seen[direction] > negotiationBytesMax) this.done = true;
  }

  gap(): void {
    // Where TLS begins can no longer be told for certain.
    this.done = true;
  }

  finish(): void {
    this.done = true;
  }
}

/** Whether the bytes begin with the text, as far as both reach. */
function begins(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  const length = Math.min(end - start, text.length);
  for (let i = 0; i < length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}

function probe(bytes: Uint8Array, start: number, end: number): Probe {
  if (start >= end) return 'more';
  if (bytes[start] !== LESS) return 'no';
  if (begins(bytes, start, end, opening)) return end - start >= opening.length ? 'yes' : 'more';
  if (!begins(bytes, start, end, declaration)) return 'no';
  const last = Math.min(end, start + openingBytesMax);
  for (let at = start + declaration.length; at < last; at++) {
    if (bytes[at] !== LESS) continue;
    if (!begins(bytes, at, end, opening)) return 'no';
    return end - at >= opening.length ? 'yes' : 'more';
  }
  return end - start >= openingBytesMax ? 'no' : 'more';
}

export const xmpp: Protocol = {
  service: 'xmpp',
  logs: [],
  transports: ['tcp'],
  ports: [5222, 5269],
  probe,
  open: (_flow, emit) => new XmppParser(emit),
};
