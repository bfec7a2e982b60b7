/**
 * Where each value of a flow stands in the flow table.
 *
 * A flow is `stride` 32-bit words of one buffer that is seen both as Int32Array and as Float64Array: no object per flow,
 * nothing for the garbage collector to walk. The words of one flow stand together, not in one array per column,
 * because a packet touches about twenty of them: together they are five cache lines, apart they would be twenty.
 *
 * Names of 64-bit values are word offsets too; `word >> 1` indexes the Float64Array.
 *
 *     0  originator's address (4)     4  responder's address (4)     8  ports    9  kind
 *    10  hash   11–13 timer wheel    14  flags   15  VLANs
 *    16  start   18  last   20  fixed deadline   22–31  counters
 *    32  history (24 letters)   38  its length   39  letters seen
 *    40  originator's endpoint (22)  62  responder's endpoint (22)   84  oddities
 */

export const stride = 86;

export const origin = 0;
export const response = 4;
/** Originator's port in the upper half. */
export const ports = 8;
/** IP protocol; `sixBit` for IPv6; `oneWayBit` for ICMP without a counterpart. */
export const kind = 9;
export const hashWord = 10;
export const next = 11;
export const previous = 12;
export const bucket = 13;
export const flags = 14;
export const vlans = 15;
export const start = 16;
export const last = 18;
/** An instant at which the flow ends whatever comes; Infinity for none. */
export const fixed = 20;
export const packetsOf = 22; // + direction
export const bytesOf = 24; // + 2 × direction, 64 bits
export const missed = 28;
/** Number of the flow in this reading, from which the uid is made; 64 bits. */
export const number = 30;
/** Room for the letters of the history: six words. */
export const historyLettersMax = 24;
export const history = 32;
export const historyLength = 38;
export const historySeen = 39;
export const endpoints = 40;
export const endpointStride = 22;
/** Which oddities of `tcp/oddities.ts` were written for this flow. */
export const oddities = 84;
export const oddityCount = 85;

// Within an endpoint:
/** TCP: sequence number before the first byte. UDP, ICMP: payload bytes so far. 64 bits. */
export const startSequence = 0;
/** Next byte expected in order, relative to the start; 64 bits, as the two after it. */
export const delivered = 2;
/** Up to where the peer has acknowledged and nothing is kept. */
export const trimmed = 4;
/** End of the furthest byte seen. */
export const upper = 6;
export const finSequence = 8;
export const lastSequence = 10;
export const acknowledged = 11;
/** How often `lastSequence` (lower half) and `acknowledged` (upper half) wrapped around. */
export const wraps = 12;
export const retransmissions = 13;
export const gaps = 14;
export const zeroWindows = 15;
export const checksumErrors = 19;
/** Relative sequence numbers of the last SYN, FIN and RST, by which `history` knows a repetition. */
export const synHistory = 16;
export const finHistory = 17;
/** `state | previous state << 4 | endpoint flags`. */
export const state = 18;
export const rstHistory = 20;

export const sixBit = 0x100;
export const oneWayBit = 0x200;

// Flags of a flow: the lower 16 bits are its idle timeout in seconds.
export const idleMask = 0xffff;
export const firstFromOriginator = 0x10000;
export const firstFromResponder = 0x20000;
export const partial = 0x40000;
/** UDP: nobody knows yet that it is no tunnel. */
export const mayCarry = 0x100000;
/** Nobody reads the payload any more. */
export const contentDone = 0x200000;

// Flags of an endpoint, above the two states.
export const didClose = 0x100;
export const finSeen = 0x200;
export const endOfStream = 0x400;
export const hasPending = 0x800;
export const active = 0x1000;
export const skipping = 0x2000;
/** It closed while bytes of the connection were still on their way; it has closed when they are there. */
export const closeDeferred = 0x4000;
