/** Associations of SCTP to begin with: whole ones, with holes, in pieces, refused, seen first in their middle. */

import { ethernet, ip, type Timed } from '@forewarn/sense/testing/packets';
import { sctpChunk, sctpData, sctpInit, sctpPacket, sctpSack } from '@forewarn/sense/testing/sctp';

const client = { from: '192.0.2.1', to: '198.51.100.1' };
const server = { from: '198.51.100.1', to: '192.0.2.1' };

const handshake: readonly [boolean, Uint8Array[]][] = [
  [true, [sctpInit(1, 11, 100, 0, 5, 0, 8, 192, 0, 2, 9)]],
  [false, [sctpInit(2, 22, 500)]],
  [true, [sctpChunk(10, 0, [1, 2, 3, 4])]],
  [false, [sctpChunk(11, 0, [])]],
];
const message = new Uint8Array(120).fill(7);

const associations: readonly (readonly [boolean, Uint8Array[]])[][] = [
  [
    ...handshake,
    [true, [sctpData(100, message), sctpData(101, message, 3, 3)]],
    [false, [sctpSack(101), sctpData(500, message)]],
    [true, [sctpChunk(7, 0, [0, 0, 1, 244])]],
    [false, [sctpChunk(8, 0, [])]],
    [true, [sctpChunk(14, 0, [])]],
  ],
  [
    ...handshake,
    [true, [sctpData(100, message, 2)]],
    [true, [sctpData(103, message)]],
    [true, [sctpData(102, message, 1), sctpData(101, message, 0)]],
    [true, [sctpData(106, message)]],
    [false, [sctpSack(105)]],
    [true, [sctpChunk(192, 0, [0, 0, 0, 120, 0, 1, 0, 1])]],
  ],
  [handshake[0]!, [false, [sctpChunk(6, 0, [0, 12, 0, 4])]]],
  [
    [true, [sctpData(0xffff_fffe, message, 2), sctpData(0xffff_ffff, message, 0)]],
    [true, [sctpData(0, message, 1), sctpChunk(4, 0, [0, 1, 0, 8, 1, 2, 3, 4])]],
    [false, [sctpChunk(64, 3, [0, 0, 0, 9, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 46, 1, 2, 3])]],
  ],
];

/** Their frames with times, an association each. */
export const sctpStarts: readonly (readonly Timed[])[] = associations.map((packets) =>
  packets.map(([forward, chunks], i) => ({
    ts: 1_700_000_000 + i / 10,
    bytes: ethernet(ip(forward ? client : server, 132, sctpPacket(forward, ...chunks))),
  })),
);
