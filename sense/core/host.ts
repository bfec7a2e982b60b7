/** What the host does for the core. Directions are 0 from the originator to the responder, 1 the other way. */

/** Payload of TCP that has come in order, at `[start, end)` of the memory. */
export declare function data(slot: i32, direction: i32, start: i32, end: i32): void;

/** The payload of a UDP datagram. */
export declare function datagram(slot: i32, direction: i32, start: i32, end: i32, port: i32): void;

/** Payload of which only bytes from the relative number `from` on are new, beyond a hole or before bytes that are held. */
export declare function outOfOrder(slot: i32, direction: i32, from: f64, sequence: f64, length: i32, payload: i32): void;

/** What is missing below `upTo` will not come, and bytes above a hole are held. */
export declare function giveUp(slot: i32, direction: i32, upTo: f64): void;

/** So many bytes in order are missing for good. */
export declare function gap(slot: i32, direction: i32, length: f64): void;

/** Something odd, by its number in `tcp/oddities.ts`, the first of its kind in this flow. */
export declare function oddity(slot: i32, number: i32): void;

/** The ends of the flow changed places. */
export declare function flipped(slot: i32): void;

/** A flow that begins (`fresh`) while somebody waits for new ones; the flow of each packet inside of a tunnel. */
export declare function began(slot: i32, fresh: bool): void;

/** A flow is over; its slot is free afterwards. */
export declare function ended(slot: i32): void;

/** There is no room for another flow: the host gives one up. */
export declare function full(): void;

/** A frame that is not plain IP right behind Ethernet: the host reads it. */
export declare function frame(start: i32, end: i32, wireLength: i32, ts: f64): void;

/** The packet at hand was counted in the flow; called only while packets are traced. */
export declare function counted(slot: i32): void;

/** A datagram of a flow that may be a tunnel; answers 1 when it is the tunnel's. */
export declare function carried(slot: i32, direction: i32, port: i32, start: i32, end: i32, wireEnd: i32): i32;
