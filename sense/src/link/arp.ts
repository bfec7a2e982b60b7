/**
 * ARP (RFC 826) over Ethernet for IPv4, as records.
 *
 *      0       2        4    5    6     8      14     18     24     28
 *     ┌───────┬────────┬────┬────┬─────┬──────┬──────┬──────┬──────┐
 *     │ htype │ ptype  │ hln│ pln│ op  │ SHA  │ SPA  │ THA  │ TPA  │
 *     └───────┴────────┴────┴────┴─────┴──────┴──────┴──────┴──────┘
 *
 * Hosts repeat themselves every minute and more, so a message is written when it is new – its sender's two addresses, what is asked
 * for, and the kind – or has not been heard for five minutes. Nothing here runs for a packet that is not ARP.
 */

import { formatAddress } from '@forewarn/base/ip';
import type { ArpRecord } from '@forewarn/model/records/arp';
import type { FrameEmit, FrameProtocol, FrameReader } from '../frames/frame.ts';
import type { Packet } from '../packet.ts';
import { hardwareAddress } from './hardware-address.ts';

const quietSeconds = 300;

const messageBytes = 28;

class Arp implements FrameReader {
  readonly #emit: FrameEmit;
  /** When each message was heard last; the one that was heard longest ago stands first. */
  readonly #heard = new Map<string, number>();
  #second = 0;
  #written = 0;

  constructor(emit: FrameEmit) {
    this.#emit = emit;
  }

  frame(packet: Packet, ethernet: number): void {
    const { bytes, at, end, ts } = packet;
    if (end - at < messageBytes) {
      this.#emit.weird('truncated_ARP', ts);
      return;
    }
    // Ethernet, IPv4, six and four bytes, request or reply; what else there is (RFC 5494) says nothing of Ethernet.
    const op = (bytes[at + 6]! << 8) | bytes[at + 7]!;
    if (u32(bytes, at) !== 0x0001_0800 || bytes[at + 4] !== 6 || bytes[at + 5] !== 4 || op < 1 || op > 2) return;
    const heard = this.#heard;
    const key =
      Buffer.prototype.latin1Slice.call(bytes, at + 7, at + 18) + Buffer.prototype.latin1Slice.call(bytes, at + 24, at + 28);
    const last = heard.get(key);
    if (last === undefined) {
      if (heard.size >= this.#emit.limits.arpMessagesMax) heard.delete(heard.keys().next().value!);
    } else heard.delete(key);
    heard.set(key, ts);
    if (last !== undefined && ts - last <= quietSeconds) return;

    const second = Math.floor(ts);
    if (second !== this.#second) {
      this.#second = second;
      this.#written = 0;
    }
    if (++this.#written > this.#emit.limits.arpRecordsPerSecondMax) {
      if (this.#written === this.#emit.limits.arpRecordsPerSecondMax + 1) this.#emit.weird('ARP_flood', ts);
      return;
    }
    const record: ArpRecord = {
      ts,
      arp_type: op === 1 ? 'request' : 'reply',
      SPA: formatAddress(bytes, at + 14, 4),
      SHA: hardwareAddress(bytes, at + 8),
      TPA: formatAddress(bytes, at + 24, 4),
      THA: hardwareAddress(bytes, at + 18),
    };
    if (ethernet >= 0) {
      record.mac_dst = hardwareAddress(bytes, ethernet);
      record.mac_src = hardwareAddress(bytes, ethernet + 6);
    }
    this.#emit.record('arp', record);
  }
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

export const arp: FrameProtocol = { name: 'arp', source: 'ARP', logs: ['arp'], open: (emit) => new Arp(emit) };
