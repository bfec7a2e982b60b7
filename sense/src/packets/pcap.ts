/**
 * Writing captures: the classic file with nanoseconds, little-endian (draft-ietf-opsawg-pcap §4), which Wireshark, tcpdump and Zeek read
 * as it is. One file has one link type.
 */

/** Bytes of the file header. */
export const fileHeaderBytes = 24;

/** Bytes before each packet. */
export const recordHeaderBytes = 16;

/** libpcap reads no longer packet (MAXIMUM_SNAPLEN, pcap-int.h); of one that is, the rest is left out and its length on the wire kept. */
export const capturedBytesMax = 262_144;

const nanoMagic = 0xa1b23c4d;
const secondsMax = 0xffff_ffff;

/** The head of a capture file. */
export function fileHeader(linkType: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(fileHeaderBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, nanoMagic, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, capturedBytesMax, true);
  view.setUint32(20, linkType & 0xffff, true);
  return bytes;
}

/** The time as a capture file can hold it: seconds of 32 bits. What is none, as a hostile file may say, is 0. */
export const writableSeconds = (ts: number): number => (ts > 0 ? Math.min(ts, secondsMax) : 0);

/** The head of a packet at `at`; `ts` in seconds, the lengths in bytes. */
export function writeRecordHeader(bytes: Uint8Array, at: number, ts: number, captured: number, onWire: number): void {
  const time = writableSeconds(ts);
  let seconds = Math.floor(time);
  let nanos = nanosOf(time - seconds);
  if (nanos === 1e9) {
    nanos = 0;
    seconds = Math.min(seconds + 1, secondsMax);
  }
  putWord(bytes, at, seconds);
  putWord(bytes, at + 4, nanos);
  putWord(bytes, at + 8, captured);
  putWord(bytes, at + 12, onWire);
}

/**
 * Nanoseconds of a fraction. A double of this century's seconds has steps of 238 ns, so that one which stands that near to a whole microsecond
 * was one: captures with microseconds, which is nearly all, keep their times to the digit.
 */
function nanosOf(fraction: number): number {
  const micros = Math.round(fraction * 1e6);
  return Math.abs(fraction * 1e6 - micros) < 0.13 ? micros * 1000 : Math.round(fraction * 1e9);
}

function putWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

/** Bytes of the packet whose head stands at `at`; undefined where no head can stand. */
export function capturedAt(bytes: Uint8Array, at: number): { captured: number; onWire: number } | undefined {
  if (at < 0 || at + recordHeaderBytes > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, recordHeaderBytes);
  const captured = view.getUint32(8, true);
  return captured > capturedBytesMax ? undefined : { captured, onWire: view.getUint32(12, true) };
}
