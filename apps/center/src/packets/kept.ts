/** Packets of single flows as the centre keeps them: for how long, how many, and who has looked. */

import type { PacketFiles } from '@forewarn/store/packet-files';

/** Long enough for a shift and the next to look; the sensor's ring has them for as long as its link's policy says. */
export const packetHoursDefault = 24;

/** A hundred of the largest answers. */
export const packetBytesMax = 5_000_000_000;

export type KeptPackets = {
  readonly files: PacketFiles;
  readonly hours: number;
  /** The first to leave make room for new ones. */
  readonly bytesMax: number;
  /** Requests whose packets are on their way: over a thin line that takes minutes, and nobody gives them up meanwhile. */
  readonly arriving: Set<string>;
  /** When an account last looked at something, by account, request and kind of look; a start forgets it. */
  readonly looks: Map<string, number>;
};
