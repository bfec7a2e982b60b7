/**
 * Classic capture files: magic 0xa1b2c3d4, microseconds, little-endian, Ethernet
 * (draft-ietf-opsawg-pcap-06 §4, §5).
 */

/** A frame as a tap saw it. */
export type Packet = {
  /** Seconds since the epoch, with microseconds in the fraction. */
  ts: number;
  /** The Ethernet frame, without its check sequence. */
  bytes: Uint8Array;
};

/** LINKTYPE_ETHERNET. */
const linkTypeEthernet = 1;

/** What libpcap and its readers accept by default; a longer frame would be called corrupt. */
const snapLength = 262_144;

/** Written at once: large enough that a file costs few calls, small enough not to be noticed in memory. */
const chunkBytes = 1 << 20;

/** The 24 bytes every file starts with. */
export function pcapHeader(): Uint8Array {
  const header = new Uint8Array(24);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, snapLength, true);
  view.setUint32(20, linkTypeEthernet, true);
  return header;
}

/**
 * The file, piece by piece: pieces of about a megabyte, each the caller's to keep. Packets are written in the order in
 * which they come.
 */
export function* writePcap(packets: Iterable<Packet>): Generator<Uint8Array> {
  let chunk = new Uint8Array(chunkBytes);
  let view = new DataView(chunk.buffer);
  chunk.set(pcapHeader());
  let used = 24;
  for (const { ts, bytes } of packets) {
    if (used + 16 + bytes.length > chunk.length) {
      yield chunk.subarray(0, used);
      chunk = new Uint8Array(Math.max(chunkBytes, 16 + bytes.length));
      view = new DataView(chunk.buffer);
      used = 0;
    }
    const microseconds = Math.round(ts * 1e6);
    view.setUint32(used, Math.floor(microseconds / 1e6), true);
    view.setUint32(used + 4, microseconds % 1e6, true);
    view.setUint32(used + 8, bytes.length, true);
    view.setUint32(used + 12, bytes.length, true);
    chunk.set(bytes, used + 16);
    used += 16 + bytes.length;
  }
  yield chunk.subarray(0, used);
}
