/** A capture of a few packets of one flow, as a sensor would bring it. */

const address = (text: string): number[] => text.split('.').map(Number);

/** An Ethernet frame with a UDP datagram; without checksums, which nobody needs here. */
export function datagram({
  from,
  to,
  payload,
}: {
  from: { address: string; port: number };
  to: { address: string; port: number };
  payload: string;
}): Buffer {
  const data = Buffer.from(payload);
  const udp = Buffer.alloc(8);
  udp.writeUInt16BE(from.port, 0);
  udp.writeUInt16BE(to.port, 2);
  udp.writeUInt16BE(8 + data.length, 4);
  const ip = Buffer.from([0x45, 0, 0, 0, 0, 1, 0, 0, 64, 17, 0, 0, ...address(from.address), ...address(to.address)]);
  ip.writeUInt16BE(28 + data.length, 2);
  const ethernet = Buffer.from([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0]);
  return Buffer.concat([ethernet, ip, udp, data]);
}

/** A pcap with nanoseconds, little-endian, Ethernet. */
export function pcapOf(frames: readonly Buffer[], at: number): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b23c4d, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(262_144, 16);
  head.writeUInt32LE(1, 20);
  const parts: Buffer[] = [head];
  for (const [index, frame] of frames.entries()) {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(Math.floor(at), 0);
    record.writeUInt32LE(index * 1_000_000, 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    parts.push(record, frame);
  }
  return Buffer.concat(parts);
}
