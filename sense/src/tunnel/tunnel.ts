/**
 * Packets in packets. Each carrier is a small function that says where the inner packet begins; the engine follows it
 * as if it had come by itself, and remembers the carrier's flow as its parent.
 */

import type { Packet } from '../packet.ts';

/** What stands at `packet.at` after a carrier's header. `innerOther`: the header is right, but what follows is not ours. */
export const innerNone = 0;
export const innerIp = 1;
export const innerEthernet = 2;
export const innerPpp = 3;
export const innerMpls = 4;
export const innerNsh = 5;
export const innerOther = 6;
export type Inner = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** Reads the carrier's header at `packet.at`, which `packet.end` bounds, and moves `packet.at` behind it. */
export type Carrier = (packet: Packet) => Inner;

/** A kind of tunnel. */
export type CarrierKind = {
  /** As Zeek's tunnel log names it. */
  readonly type: string;
  /** As Zeek's conn log names it; none for protocols of IP. */
  readonly service?: string;
  readonly read: Carrier;
  /** The service is only named once both sides have sent such packets (Zeek's `delay_teredo_confirmation`). */
  readonly bothWays?: true;
};

/** Whether the bytes from `at` are one IP packet of exactly this length: the strongest sign of a tunnel there is. */
export function isWholeIp(packet: Packet, at: number): boolean {
  const { bytes, end, wireEnd } = packet;
  if (at + 20 > end) return false;
  const first = bytes[at]!;
  if (first >> 4 === 4) return (first & 15) >= 5 && ((bytes[at + 2]! << 8) | bytes[at + 3]!) === wireEnd - at;
  return first >> 4 === 6 && at + 40 <= end && 40 + ((bytes[at + 4]! << 8) | bytes[at + 5]!) === wireEnd - at;
}
