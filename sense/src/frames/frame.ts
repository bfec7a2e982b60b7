/**
 * What a protocol directly on Ethernet is to the engine: no IP, no ports, no flow. The engine counts such a frame by its EtherType
 * (`notIp` of the account) and shows it to the reader of that name, if there is one.
 *
 *     frames/goose/   goose.ts   goose.test.ts   cases/   README.md
 *
 * A new one is such a folder and one line in `index.ts`. Other traffic pays nothing for it: the reader is looked up once an
 * EtherType was found that is not IP. Each reader repeats itself for as many stations as there are, so it writes what is new or
 * has changed, not every frame, and what it remembers has a ceiling.
 */

import type { Seconds } from '@forewarn/base/time';
import type { AnyRecord } from '@forewarn/model/records/record';
import type { Limits } from '../limits.ts';
import { hardwareAddress } from '../link/hardware-address.ts';
import type { Packet } from '../packet.ts';

export type FrameEmit = {
  readonly limits: Limits;
  /** Writes a record of the named log; beyond the records of a second it is only counted (`frame_flood`). */
  record(log: string, record: AnyRecord): void;
  /** Writes a `weird` record; `name` stands in the catalogue `oddities.ts`. */
  weird(name: string, ts: Seconds, addl?: string): void;
};

/** Reads the frames of one EtherType. It answers with records and oddities, never with an exception. */
export type FrameReader = {
  /** What follows the EtherType lies at `packet.at`; `ethernet` is where the frame begins, or -1 where the capture has no such frames. */
  frame(packet: Packet, ethernet: number): void;
  /** Time has come to `ts`: what is silent for too long is over. Called at most once a second. */
  advance?(ts: Seconds): void;
  /** The reading is over: writes what is still held. */
  end?(ts: Seconds): void;
};

export type FrameProtocol = {
  /** The account's name of the EtherType, as `link/ethertypes.ts` gives it. */
  readonly name: string;
  /** Who tells of an oddity: its name in capitals. */
  readonly source: string;
  readonly logs: readonly string[];
  open(emit: FrameEmit): FrameReader;
};

/** The columns that every record of a frame begins with. */
export function frameHead(packet: Packet, ethernet: number): { ts: number; mac_src?: string; mac_dst?: string; vlan?: number } {
  return {
    ts: packet.ts,
    ...(ethernet < 0
      ? {}
      : { mac_src: hardwareAddress(packet.bytes, ethernet + 6), mac_dst: hardwareAddress(packet.bytes, ethernet) }),
    ...(packet.vlan === 0 ? {} : { vlan: packet.vlan }),
  };
}

/** The sender's hardware address as a key, one character a byte; empty where the capture has no Ethernet frames. */
export function senderKey(packet: Packet, ethernet: number): string {
  return ethernet < 0 ? '' : Buffer.prototype.latin1Slice.call(packet.bytes, ethernet + 6, ethernet + 12);
}
