/**
 * The TLS in OpenVPN's control channel. Where it is in clear its pieces are put in order by their numbers and read as TLS:
 * the certificates of a tunnel stand in `ssl` and `x509` as those of a web server.
 */

import type { Seconds } from '@forewarn/base/time';
import type { Direction, Emit, FlowView, ProtocolParser } from '../protocol.ts';
import { ssl } from '../ssl/ssl.ts';

/** Pieces that wait for one before them: OpenVPN itself keeps so many (TLS_RELIABLE_N_REC_BUFFERS). */
export const waitingMax = 12;

/** A piece is one packet, and a packet of control is never longer (TLS_CHANNEL_BUF_SIZE). */
export const pieceBytesMax = 2_048;

/** One direction of one session. */
type Order = { next: number; waiting: Map<number, Uint8Array>; lost: boolean };

export class ControlChannel {
  readonly #flow: FlowView;
  readonly #emit: Emit;
  #parser: ProtocolParser | undefined;
  #orders: readonly [Order, Order];

  constructor(flow: FlowView, emit: Emit) {
    this.#flow = flow;
    // What TLS confirms is itself, and not the flow around it.
    this.#emit = {
      record: (log, record) => void emit.record(log, record),
      weird: (name, ts, addl) => void emit.weird(name, ts, addl),
      confirm: (service = ssl.service) => void emit.confirm(service),
      giveWay: () => {},
      expect: (expected) => void emit.expect(expected),
      file: (origin) => emit.file(origin),
    };
    this.#orders = [fresh(), fresh()];
  }

  /** The numbered piece of TLS in `bytes[start, end)`. Number 0 was the reset that began the session. */
  take(direction: Direction, number: number, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const order = this.#orders[direction];
    if (order.lost || number < order.next || end - start > pieceBytesMax) return;
    if (number === order.next) {
      this.#feed(order, direction, bytes, start, end, ts);
      for (let next = order.waiting.get(order.next); next; next = order.waiting.get(order.next)) {
        order.waiting.delete(order.next);
        this.#feed(order, direction, next, 0, next.length, ts);
      }
      return;
    }
    if (order.waiting.has(number)) return;
    if (number - order.next <= waitingMax) order.waiting.set(number, bytes.slice(start, end));
    else {
      // One is lost for good; TLS cannot be read without it.
      order.lost = true;
      order.waiting.clear();
      this.#parser?.gap(direction, 1, ts);
    }
  }

  finish(ts: Seconds): void {
    this.#parser?.finish(ts);
    this.#parser = undefined;
  }

  #feed(order: Order, direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    order.next++;
    if (start >= end) return;
    this.#parser ??= ssl.open(this.#flow, this.#emit);
    this.#parser.data(direction, bytes, start, end, ts);
  }
}

const fresh = (): Order => ({ next: 1, waiting: new Map(), lost: false });
