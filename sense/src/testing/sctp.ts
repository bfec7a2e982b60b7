/** A builder of SCTP packets for tests, with right checksums. */

import { crc32c } from '../sctp/crc32c.ts';
import { concat } from './packets.ts';

const u32 = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

export function sctpChunk(type: number, flags: number, value: readonly number[] | Uint8Array): Uint8Array {
  const length = 4 + value.length;
  return concat(Uint8Array.of(type, flags, length >> 8, length & 255), Uint8Array.from(value), new Uint8Array(-length & 3));
}

/** A message, or a part of one: of the flags 2 begins it, 1 ends it. The payload protocol is Diameter unless said otherwise. */
export const sctpData = (tsn: number, bytes: Uint8Array, flags = 3, payloadProtocol = 46): Uint8Array =>
  sctpChunk(0, flags, [...u32(tsn), 0, 1, 0, 0, ...u32(payloadProtocol), ...bytes]);

/** INIT (1) or INIT ACK (2) with ten streams; `parameters` follow. */
export const sctpInit = (type: 1 | 2, tag: number, tsn: number, ...parameters: number[]): Uint8Array =>
  sctpChunk(type, 0, [...u32(tag), 0, 0, 255, 255, 0, 10, 0, 10, ...u32(tsn), ...parameters]);

export const sctpSack = (tsn: number): Uint8Array => sctpChunk(3, 0, [...u32(tsn), 0, 0, 255, 255, 0, 0, 0, 0]);

/** A packet between port 40000 and 3868, `forward` to the latter. */
export function sctpPacket(forward: boolean, ...chunks: Uint8Array[]): Uint8Array {
  const [source, destination] = forward ? [40_000, 3_868] : [3_868, 40_000];
  const bytes = concat(
    Uint8Array.of(source >> 8, source & 255, destination >> 8, destination & 255, 0, 0, 0, 1, 0, 0, 0, 0),
    ...chunks,
  );
  const sum = crc32c(bytes, 0, bytes.length, 8);
  bytes.set([sum & 255, (sum >>> 8) & 255, (sum >>> 16) & 255, sum >>> 24], 8);
  return bytes;
}
