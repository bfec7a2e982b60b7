/**
 * Packets in packets. Each carrier is a small function that says where the inner packet begins; the engine follows it
 * as if it had come by itself, and remembers the carrier's flow as its parent.
 */

import type { Packet } from '../packet.ts';

/** What stands at `packet.at` after a carrier's header: an IP packet, a frame, or nothing we follow. */
export const innerNone = 0;
export const innerIp = 1;
export const innerEthernet = 2;
export const innerPpp = 3;
export type Inner = 0 | 1 | 2 | 3;

/** Reads the carrier's header at `packet.at`, which `packet.end` bounds, and moves `packet.at` behind it. */
export type Carrier = (packet: Packet) => Inner;
