/**
 * The packet at hand. One object serves the whole reading and is filled anew for every packet: no object per packet.
 *
 *     bytes   |------------------[ captured ]........|
 *                ^start/at                 ^end      ^wireEnd
 */
export class Packet {
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the next layer begins. */
  at = 0;
  /** One past the last captured byte. */
  end = 0;
  /** One past the last byte that was on the wire; beyond `end` where the capture was cut by its snap length. */
  wireEnd = 0;
  /** Outer and inner 802.1Q identifiers, 0 for none. */
  vlan = 0;
  innerVlan = 0;
  /** When it was captured, seconds. */
  ts = 0;

  // Set by `ip/ip.ts`:
  /** `sixBit` of the flow layout for IPv6, else 0. */
  six = 0;
  /** The protocol that the IP packet carries. */
  protocol = 0;
  /** Length of the IP packet by its header; of all pieces where it came in pieces. */
  ipBytes = 0;
  /** Of a piece: which datagram, where in it, and whether more follow. */
  pieceOf = 0;
  pieceFrom = 0;
  pieceMore = false;

  /** When a link decoder answers `notIp` or `broken`: the kind or the reason, a name of the account. */
  word = '';
}

/** What a decoder of a layer says: an IP packet begins at `packet.at`; something else (`word` says what); or nothing readable. */
export const isIp = 0;
export const notIp = 1;
export const broken = 2;
export type LinkAnswer = 0 | 1 | 2;
