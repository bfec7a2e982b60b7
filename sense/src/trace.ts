/**
 * Which packet belongs to which flow, for whoever keeps packets: the engine counts a packet in a flow, and in the flows inside of it where
 * it is a tunnel's, and says so here. A trace costs the short way of packets through the core; without one nothing is paid.
 */

/** A flow of the reading by its number; `Engine.uidOf` answers its uid. */
export type FlowNumber = number;

export type PacketTrace = {
  /**
   * The packet with the ordinal `packet` (from 0, counted over the reading) is about to be read. Its captured bytes stand at
   * `[start, end)` of `bytes` until the call returns; on the wire it had `wireBytes`. `ts` is in seconds, `linkType` as in pcap.
   */
  packet(packet: number, bytes: Uint8Array, start: number, end: number, wireBytes: number, ts: number, linkType: number): void;
  /**
   * The packet was counted in the flow: nothing, one, or several calls for each packet, the carrier of a tunnel before what rides inside.
   * Pieces of a datagram are counted when the last has come, so `packet` may be an earlier one than the packet at hand.
   */
  counted(packet: number, flow: FlowNumber): void;
};
