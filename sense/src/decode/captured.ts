/** The packets of a capture one by one, for whoever looks at them. */

import { Refusal } from '@forewarn/base/refusal';
import type { Seconds } from '@forewarn/base/time';
import { captureKind, kindBytes } from '../capture/kind.ts';
import { PcapReader } from '../capture/pcap.ts';
import { PcapngReader } from '../capture/pcapng.ts';
import type { PacketTarget, Reader } from '../capture/reader.ts';
import { defaultLimits } from '../limits.ts';

/** One packet as it stands in a capture; `bytes` is what was captured of `wireBytes`. */
export type CapturedPacket = {
  readonly bytes: Uint8Array;
  readonly wireBytes: number;
  readonly ts: Seconds;
  /** As in pcap. */
  readonly linkType: number;
};

/** Bytes handed to the reader at a time. */
const portionBytes = 65_536;

/**
 * Calls `packet` for each packet of the capture (pcap or pcapng) with its ordinal from 0, until it answers false. Its bytes are valid
 * only during the call. A capture that is cut or damaged ends where it does. Throws a `Refusal` when the file is no capture.
 */
export function eachPacket(
  capture: Uint8Array,
  packet: (packet: CapturedPacket, ordinal: number) => boolean | undefined | void,
): void {
  const reading = { ordinal: 0, going: true };
  const target: PacketTarget = {
    packet(bytes, start, end, wireBytes, ts, linkType) {
      if (!reading.going) return;
      reading.going = packet({ bytes: bytes.subarray(start, end), wireBytes, ts, linkType }, reading.ordinal++) !== false;
    },
  };
  const kind = capture.length < kindBytes ? undefined : captureKind(capture.subarray(0, kindBytes));
  let reader: Reader;
  if (kind === 'pcap') reader = new PcapReader(target, defaultLimits);
  else if (kind === 'pcapng') reader = new PcapngReader(target, defaultLimits);
  else
    throw new Refusal('capture.unrecognised', 'The bytes are not a pcap or pcapng capture.', {
      advice: 'Give a capture as tcpdump or Wireshark write it (pcap or pcapng).',
    });
  for (let at = 0; reading.going && at < capture.length; at += portionBytes) reader.push(capture.subarray(at, at + portionBytes));
}
