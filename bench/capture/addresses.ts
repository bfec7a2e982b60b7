/**
 * Gives the packets of a pass other addresses, the same for the whole pass, and puts their checksums right again.
 *
 * The middle of an address changes: of IPv4 its second and third byte, of IPv6 its subnet. So networks stay apart, gateways and
 * broadcasts keep their last byte, and what is not any host's (multicast, loopback, none) stays as it is. Addresses that stand in
 * payloads – DNS answers, what FTP announces, packets in tunnels and in ICMP's errors – stay as they were.
 */

/** Changes the addresses of the Ethernet frame in place; `mask` is what their middle two bytes are changed by. */
export function remap(frame: Uint8Array, mask: number): void {
  if (mask === 0) return;
  let at = 12;
  // Tags of 802.1Q and 802.1ad, as many as a carrier uses.
  for (let tags = 0; tags < 4 && at + 4 <= frame.length && isTag(word(frame, at)); tags++) at += 4;
  if (at + 2 > frame.length) return;
  const type = word(frame, at);
  at += 2;
  if (type === 0x0800) ip4(frame, at, mask);
  else if (type === 0x86dd) ip6(frame, at, mask);
  else if (type === 0x0806 && at + 28 <= frame.length && word(frame, at + 2) === 0x0800) {
    for (const address of [at + 14, at + 24]) if (isHost4(frame, address)) changeWord4(frame, address, mask);
  }
}

const isTag = (type: number): boolean => type === 0x8100 || type === 0x88a8 || type === 0x9100;
const word = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

function putWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value & 255;
}

/** Neither multicast nor beyond, loopback, nor `0.…`. */
function isHost4(frame: Uint8Array, at: number): boolean {
  const first = frame[at]!;
  return first !== 0 && first !== 127 && first < 224;
}

function changeWord4(frame: Uint8Array, at: number, mask: number): void {
  putWord(frame, at + 1, word(frame, at + 1) ^ mask);
}

function ip4(frame: Uint8Array, at: number, mask: number): void {
  if (at + 20 > frame.length || frame[at]! >> 4 !== 4) return;
  const header = (frame[at]! & 15) * 4;
  if (header < 20 || at + header > frame.length) return;
  // The second and third byte of an address lie across two words of the checksum.
  let sum = 0;
  for (const address of [at + 12, at + 16]) {
    if (!isHost4(frame, address)) continue;
    const before = word(frame, address) + word(frame, address + 2);
    changeWord4(frame, address, mask);
    sum += word(frame, address) + word(frame, address + 2) - before;
  }
  if (sum === 0) return;
  correct(frame, at + 10, sum, false);
  const isFirst = (word(frame, at + 6) & 0x1fff) === 0;
  if (isFirst) transport(frame, at + header, frame[at + 9]!, sum, true);
}

function ip6(frame: Uint8Array, at: number, mask: number): void {
  if (at + 40 > frame.length || frame[at]! >> 4 !== 6) return;
  let sum = 0;
  for (const address of [at + 8, at + 24]) {
    // Multicast, the unspecified address and the host itself stay; so does whatever is not of a subnet's own.
    if (frame[address] === 0xff || frame.subarray(address, address + 8).every((byte) => byte === 0)) continue;
    const middle = address + 6;
    const before = word(frame, middle);
    putWord(frame, middle, before ^ mask);
    sum += word(frame, middle) - before;
  }
  if (sum === 0) return;
  let next = frame[at + 6]!;
  let place = at + 40;
  for (let headers = 0; headers < 8 && place + 8 <= frame.length; headers++) {
    if (next === 0 || next === 43 || next === 60) {
      // A routing header that is not at its end yet has another destination in the sum than in the packet; the change is the same.
      next = frame[place]!;
      place += (frame[place + 1]! + 1) * 8;
    } else if (next === 51) {
      next = frame[place]!;
      place += (frame[place + 1]! + 2) * 4;
    } else if (next === 44) {
      if ((word(frame, place + 2) & 0xfff8) !== 0) return;
      next = frame[place]!;
      place += 8;
    } else break;
  }
  transport(frame, place, next, sum, false);
}

/** TCP, UDP and ICMPv6 have the addresses in their sums; ICMP has not. */
function transport(frame: Uint8Array, at: number, protocol: number, sum: number, four: boolean): void {
  const place = protocol === 6 ? at + 16 : protocol === 17 ? at + 6 : protocol === 58 && !four ? at + 2 : -1;
  if (place < 0 || place + 2 > frame.length) return;
  // Zero says that a datagram has no checksum (RFC 768).
  if (protocol === 17 && word(frame, place) === 0) return;
  correct(frame, place, sum, protocol === 17);
}

/** RFC 1624: the new checksum from the old and from what the words have grown by. */
function correct(frame: Uint8Array, at: number, grown: number, neverZero: boolean): void {
  let sum = (~word(frame, at) & 0xffff) + grown;
  sum = ((sum % 0xffff) + 0xffff) % 0xffff;
  let value = ~sum & 0xffff;
  if (neverZero && value === 0) value = 0xffff;
  putWord(frame, at, value);
}
