/**
 * WebSocket behind its handshake (RFC 6455). The record of the connection is written by HTTP, which saw the handshake; here
 * the frames are followed, so that what is no WebSocket is noticed. Their content is passed over unread.
 *
 *     ┌─────────────────────┬───────────────┬────────────────┬──────────┬───────────┐
 *     │ FIN RSV(3) opcode(4)│ MASK length(7)│ length (0,2,8) │ key (0,4)│ content … │      a frame (§5.2)
 *     └─────────────────────┴───────────────┴────────────────┴──────────┴───────────┘
 */

import type { Seconds } from '@forewarn/base/time';
import { Portions } from '../portions.ts';
import type { Direction, Emit, FlowView, Probe, Protocol, ProtocolParser } from '../protocol.ts';

/** Close, ping and pong hold no more (§5.5). */
const controlBytesMax = 125;

export const limits = [
  {
    name: 'websocket.controlBytesMax',
    value: controlBytesMax,
    unit: 'bytes per control frame',
    why: 'RFC 6455 §5.5; a longer one is an oddity and ends the reading of its direction.',
  },
] as const;

class Side extends Portions {
  /** Reading the first two bytes of a frame, or its longer length. */
  head = true;
  opcode = 0;
  masked = false;
}

class WebsocketParser implements ProtocolParser {
  private readonly emit: Emit;
  private readonly sides: readonly [Side, Side] = [new Side(2), new Side(2)];

  constructor(_flow: FlowView, emit: Emit) {
    this.emit = emit;
    // HTTP has seen the server agree: that is proof enough.
    emit.confirm();
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    this.sides[direction].feed(this, direction, bytes, start, end, ts);
  }

  gap(direction: Direction, length: number, _ts: Seconds): void {
    const side = this.sides[direction];
    if (!side.gap(length)) side.stop();
  }

  finish(_ts: Seconds): void {}

  portion(direction: Direction, bytes: Uint8Array, start: number, end: number, ts: Seconds): void {
    const side = this.sides[direction];
    if (side.head) {
      side.opcode = bytes[start]! & 0x0f;
      side.masked = (bytes[start + 1]! & 0x80) !== 0;
      const length = bytes[start + 1]! & 0x7f;
      // Opcodes 3 to 7 and 11 to 15 are reserved (§5.2).
      if ((side.opcode & 7) > 2) {
        this.lose(side, 'websocket_bad_frame', ts, `opcode ${side.opcode}`);
        return;
      }
      if (length < 126) this.content(side, length, ts);
      else {
        side.head = false;
        side.want(length === 126 ? 2 : 8);
      }
      return;
    }
    let length = 0;
    for (let at = start; at < end; at++) length = length * 256 + bytes[at]!;
    side.head = true;
    if (!Number.isSafeInteger(length)) this.lose(side, 'websocket_bad_frame', ts, 'length');
    else this.content(side, length, ts);
  }

  private content(side: Side, length: number, ts: Seconds): void {
    if (side.opcode >= 8 && length > controlBytesMax) {
      this.lose(side, 'websocket_control_frame_size_exceeded', ts, `${length} > ${controlBytesMax}`);
      return;
    }
    side.skip = length + (side.masked ? 4 : 0);
    side.want(2);
  }

  private lose(side: Side, weird: string, ts: Seconds, addl: string): void {
    this.emit.weird(weird, ts, addl);
    side.stop();
  }
}

export const websocket: Protocol = {
  service: 'websocket',
  logs: ['websocket'],
  transports: ['tcp'],
  ports: [80, 8080],
  // Frames have nothing of their own to be known by: only the handshake before them tells.
  probe: (): Probe => 'no',
  open: (flow, emit) => new WebsocketParser(flow, emit),
};
