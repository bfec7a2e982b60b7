/**
 * What the two ends of a flow said, in the order in which it was read. The engine that reads captures puts TCP in order here too, so
 * that the stream on the screen is the one that the records were made from.
 */

import type { StreamPiece, StreamView } from '@forewarn/model/packet';
import { createEngine } from '../engine.ts';
import type { Direction, FlowView, Protocol } from '../protocols/protocol.ts';
import { eachPacket } from './captured.ts';
import { decodePacket } from './decode.ts';
import { directionOf, type FlowOfInterest } from './view.ts';

/** Bytes of one answer; base64 makes 350 KB of it, and a screen shows 4 KB. */
export const streamBytesMax = 262_144;

/** Bytes of one piece: one end that speaks on and on is cut here, so that a screen need not show more at once. */
const pieceBytesMax = 16_384;

/** Holes and turns of one answer, each at most. */
const piecesMax = 2048;

/** Bytes handed to the engine at a time; after each it is asked whether there is enough. */
const portionBytes = 262_144;

/** A few flows may stand in one capture (the flow, what carries it); the table need not be the sensor's. */
const flowsMax = 256;

/**
 * The payload of the flow from byte `from` of it on (both directions together), up to `limit` bytes. A capture without the flow, or
 * with one that is neither TCP nor UDP, gives no pieces. Throws a `Refusal` when the bytes are no capture.
 */
export function flowStream(capture: Uint8Array, flow: FlowOfInterest, page: { from: number; limit: number }): StreamView {
  const upTo = page.from + Math.min(Math.max(page.limit, 1), streamBytesMax);
  const pieces: { direction: Direction; ts: number; parts: Uint8Array[]; length: number; missing: number }[] = [];
  const stream: {
    /** Bytes of it so far. A hole counts as one, so that a page may end behind it. */
    at: number;
    /** Where this page ends, once it does. */
    next: number | undefined;
  } = { at: 0, next: undefined };

  const take = (direction: Direction, bytes: Uint8Array, start: number, stop: number, ts: number, own: boolean): void => {
    if (stream.next !== undefined) return;
    const { at } = stream;
    const first = Math.max(start, start + (page.from - at));
    const last = Math.min(stop, start + (upTo - at));
    stream.at += stop - start;
    if (stream.at > upTo) stream.next = upTo;
    for (let from = first; from < last;) {
      const open = pieces.at(-1);
      const joins =
        open !== undefined && !own && open.direction === direction && open.missing === 0 && open.length < pieceBytesMax;
      if (!joins && pieces.length >= piecesMax) {
        stream.next = at + from - start;
        return;
      }
      const room = joins ? pieceBytesMax - open.length : pieceBytesMax;
      const part = bytes.slice(from, Math.min(last, from + room));
      if (joins) {
        open.parts.push(part);
        open.length += part.length;
      } else pieces.push({ direction, ts, parts: [part], length: part.length, missing: 0 });
      from += part.length;
    }
  };

  const reader: Protocol = {
    service: 'stream',
    logs: [],
    transports: ['tcp', 'udp'],
    ports: [],
    probe: () => 'yes',
    unprobed: true,
    open: (view) => {
      const asked = askedFor(view, flow);
      const wanted = asked !== null;
      // The engine may call the other end the originator, where the capture begins in the middle.
      const turned = asked === 1;
      const turn = (direction: Direction): Direction => (turned ? (direction === 0 ? 1 : 0) : direction);
      return {
        data: (direction, bytes, start, stop, ts) => {
          if (wanted) take(turn(direction), bytes, start, stop, ts, view.transport === 'udp');
        },
        gap: (direction, length, ts) => {
          if (!wanted || stream.next !== undefined) return;
          if (stream.at >= upTo || pieces.length >= piecesMax) stream.next = stream.at;
          else {
            if (stream.at >= page.from) pieces.push({ direction: turn(direction), ts, parts: [], length: 0, missing: length });
            stream.at += 1;
          }
        },
        finish: () => {},
      };
    },
  };

  const engine = createEngine({
    protocols: [reader],
    sink: { record: () => {} },
    limits: { flowsMax },
    // What is kept for probing or above holes is bounded by the capture, which the caller has bounded.
  });
  for (let from = 0; from < capture.length && stream.next === undefined; from += portionBytes)
    engine.push(capture.subarray(from, from + portionBytes));
  engine.end();

  return {
    transport: transportOf(capture, flow),
    originator: place(flow.originator, flow.originatorPort),
    responder: place(flow.responder, flow.responderPort),
    pieces: pieces.map(({ direction, ts, parts, missing }): StreamPiece => ({
      direction,
      ts,
      bytes: Buffer.concat(parts).toString('base64'),
      missing,
    })),
    next: stream.next === undefined ? null : String(stream.next),
  };
}

/** Which end of the flow that was asked for the engine calls the originator; null: it is another flow. */
function askedFor(view: FlowView, flow: FlowOfInterest): 0 | 1 | null {
  const head = view.head(0);
  return directionOf(
    {
      source: head['id.orig_h'],
      destination: head['id.resp_h'],
      sourcePort: head['id.orig_p'],
      destinationPort: head['id.resp_p'],
    },
    flow,
  );
}

/** Packets looked at to tell the transport. */
const lookedAtMax = 64;

function transportOf(capture: Uint8Array, flow: FlowOfInterest): StreamView['transport'] {
  let transport: StreamView['transport'] = 'other';
  eachPacket(capture, (packet, ordinal) => {
    for (const hop of decodePacket(packet).hops)
      if (directionOf(hop, flow) !== null) {
        if (hop.transport === 6) transport = 'tcp';
        else if (hop.transport === 17) transport = 'udp';
      }
    return transport === 'other' && ordinal < lookedAtMax;
  });
  return transport;
}

function place(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
