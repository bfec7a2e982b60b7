/**
 * Where things stand in the memory that the core and its host share. The core (`sense/core`) is compiled with these numbers.
 *
 *     0x0000000  the core's own            0x0010000  key, time and ports of the packet at hand; timer wheel
 *     0x0100000  bytes of the capture      0x0c00000  datagrams that the host put together
 *     0x1000000  index of the flows        0x1800000  flows
 */

/** Source (4), destination (4), ports, kind of the packet at hand: the first ten words of its flow. */
export const keyAt = 0x10000;
/** When the packet at hand was captured, seconds. */
export const nowAt = 0x11000;
/** A byte a port: 1 where a TCP server is likely, 2 where a UDP server is. */
export const serversAt = 0x20000;
/** Heads of the timer wheel's buckets. */
export const wheelAt = 0x40000;
/** Seconds around the wheel: more than the longest idle timeout; a later deadline is looked at again on its way. */
export const wheelSize = 512;
export const chunkAt = 0x100000;
/** The longest piece of a capture that is brought in at once. */
export const chunkBytes = 0xb00000;
export const scratchAt = 0xc00000;
/** Room for one datagram of each tunnel depth: eight times the longest of IP; more of a longer one counts as not captured. */
export const scratchBytes = 0x80000;
export const scratches = 8;
export const indexAt = 0x1000000;
export const tableAt = 0x1800000;
/** Flows whose index, at most half of it used, has room below the table. */
export const flowsRoom = 0x7ffff;
/** Flows beyond the ceiling: those that carry the packet at hand cannot be given up. */
export const carriersRoom = 16;
