/**
 * The core of the capture engine, compiled to WebAssembly: from the packets of a chunk to counted flows. What is plain – Ethernet, IP
 * without options to follow, TCP, UDP – never leaves it; the host is called for payload that somebody reads, for what is odd, and for
 * flows that are over.
 */

import { checkHistory, scaleHistory, seenData } from './history';
import * as host from './host';
import * as at from '../src/flow/layout';
import { be16, be32, byte, f, key, keyAt, nowAt, serversAt, setF, setKey, setW, w } from './memory';
import * as table from './table';
import * as tcp from './tcp';

export { lose, note, sizeOf } from './tcp';
export { advance, begin, count, nextTick, remove, tick } from './table';

const tcpProtocol: i32 = 6;
const udpProtocol: i32 = 17;

/** Idle seconds of flows other than established TCP (Zeek's udp_inactivity_timeout and its siblings). */
const idleSeconds: i32 = 60;

/** Whether the host wants to hear of flows that begin (`began`), because somebody waits for one. */
let announces: bool = false;
/** Whether the host wants to hear in which flows each packet is counted. */
let traces: bool = false;
/** How many tunnels the packet at hand is in; there the host hears of the flow of each packet. */
let depth: i32 = 0;
/** Of how many readers of the same capture this is which; what another has is passed over. */
let parts: i32 = 1;
let part: i32 = 0;
/** Whether packets with a wrong checksum are set aside. */
let verify: bool = false;
/** Whether anybody reads payload of TCP and of UDP. */
let readsTcp: bool = true;
let readsUdp: bool = true;
let longWay: bool = false;

// What became of the packets, for the account.
export let packets: f64 = 0;
export let inFlows: f64 = 0;
export let first: f64 = NaN;
export let last: f64 = NaN;

// The packet at hand.
let ts: f64 = 0;
let ipBytes: i32 = 0;
let vlans: i32 = 0;

export function configure(verifies: bool, tcpIsRead: bool, udpIsRead: bool, isTraced: bool, partOf: i32, ofParts: i32): void {
  verify = verifies;
  traces = isTraced;
  part = partOf;
  parts = ofParts;
  depth = 0;
  readsTcp = tcpIsRead;
  readsUdp = udpIsRead;
  packets = 0;
  inFlows = 0;
  first = NaN;
  last = NaN;
}

/** For tests: every segment takes the long way, which must give the same. */
export function longWayOnly(on: bool): void {
  longWay = on;
}

export function announce(on: bool, tunnels: i32): void {
  announces = on;
  depth = tunnels;
}

/** DHCP is told apart by its transactions, whoever sends them: all of it is the first reader's. */
function isDhcp(ports: i32): bool {
  const source = ports >>> 16;
  const destination = ports & 0xffff;
  return (
    source == 67 ||
    source == 68 ||
    destination == 67 ||
    destination == 68 ||
    source == 546 ||
    source == 547 ||
    destination == 546 ||
    destination == 547
  );
}

/** Whether the packet of the key, not in a tunnel, is another reader's. `ports` are those of UDP, or 0. */
export function elsewhere(ports: i32): bool {
  if (parts == 1) return false;
  return (isDhcp(ports) ? 0 : table.partOf(parts)) != part;
}

// ---- a chunk of a pcap file ----------------------------------------------------------------------------------------

/**
 * Reads the records of Ethernet frames in `[from, end)`, headers of `headerBytes` in little-endian order; answers where the first
 * incomplete one begins.
 */
export function run(from: i32, end: i32, headerBytes: i32, recordBytesMax: i32, fraction: f64): i32 {
  let place = <usize>from;
  const stop = <usize>end;
  const header = <usize>headerBytes;
  while (place + header <= stop) {
    const captured = load<u32>(place + 8);
    // The host says what is wrong with it.
    if (captured > <u32>recordBytesMax) break;
    const start = place + header;
    const past = start + <usize>captured;
    if (past > stop) break;
    const wire = load<u32>(place + 12);
    frame(start, past, wire < captured ? captured : wire, <f64>load<u32>(place) + <f64>load<u32>(place + 4) * fraction);
    place = past;
  }
  return <i32>place;
}

/** One Ethernet frame of the file. */
function frame(start: usize, end: usize, wireLength: u32, when: f64): void {
  if (packets++ == 0) first = when;
  last = when;
  if (when >= table.nextTick) table.advance(when);
  if (end - start >= 34) {
    const type = load<u16>(start + 12);
    if (type == 0x0008) {
      if (plain4(start + 14, end, start + <usize>wireLength, when)) return;
    } else if (type == 0xdd86) {
      if (plain6(start + 14, end, start + <usize>wireLength, when)) return;
    }
  }
  host.frame(<i32>start, <i32>end, <i32>wireLength, when);
}

/** IPv4 without anything to see to: answers false, and has done nothing, for all else. */
function plain4(start: usize, frameEnd: usize, frameWire: usize, when: f64): bool {
  const version = byte(start);
  const header = (version & 15) << 2;
  if (version >> 4 != 4 || header < 20 || verify) return false;
  let total = be16(start + 2);
  // Segmentation offloading leaves the length 0: then the packet is as long as its frame.
  if (total == 0) total = <i32>(frameWire - start);
  if (header > total || start + <usize>header > frameEnd || load<u16>(start + 6) & 0xff3f) return false;
  const protocol = byte(start + 9);
  if (protocol != tcpProtocol && protocol != udpProtocol) return false;
  const wireEnd = start + <usize>total;
  // Frames are padded to 60 bytes: what follows the datagram is not its own.
  const end = wireEnd < frameEnd ? wireEnd : frameEnd;
  const here = start + <usize>header;
  if (end < here + (protocol == tcpProtocol ? 20 : 8)) return false;
  store<u64>(keyAt, 0);
  store<u32>(keyAt + 8, 0);
  setKey(3, be32(start + 12));
  store<u64>(keyAt + 16, 0);
  store<u32>(keyAt + 24, 0);
  setKey(7, be32(start + 16));
  setKey(9, protocol);
  if (parts > 1 && elsewhere(protocol == udpProtocol ? be32(here) : 0)) return true;
  ts = when;
  ipBytes = total;
  vlans = 0;
  transport(here, end, wireEnd, protocol, 0);
  inFlows++;
  return true;
}

function plain6(start: usize, frameEnd: usize, frameWire: usize, when: f64): bool {
  if (byte(start) >> 4 != 6 || start + 40 > frameEnd) return false;
  const protocol = byte(start + 6);
  if (protocol != tcpProtocol && protocol != udpProtocol) return false;
  const payload = be16(start + 4);
  const offloaded = payload == 0 && frameWire - start > 40;
  const total = offloaded ? <i32>(frameWire - start) : 40 + payload;
  const wireEnd = start + <usize>total;
  const end = wireEnd < frameEnd ? wireEnd : frameEnd;
  const here = start + 40;
  if (end < here + (protocol == tcpProtocol ? 20 : 8)) return false;
  for (let i = 0; i < 8; i++) setKey(i, be32(start + 8 + ((<usize>i) << 2)));
  setKey(9, protocol | at.sixBit);
  if (parts > 1 && elsewhere(protocol == udpProtocol ? be32(here) : 0)) return true;
  ts = when;
  ipBytes = total;
  vlans = 0;
  transport(here, end, wireEnd, protocol, at.sixBit);
  inFlows++;
  return true;
}

function transport(here: usize, end: usize, wireEnd: usize, protocol: i32, six: i32): void {
  store<f64>(nowAt, ts);
  setKey(8, be32(here));
  setKey(9, protocol | six);
  if (protocol == tcpProtocol) tcpPacket(here, end, wireEnd, six);
  else udpPacket(here, end, wireEnd, six);
}

// ---- a datagram that the host has found ----------------------------------------------------------------------------

/** A TCP segment or UDP datagram at `here` whose addresses stand in the key; long enough for its header. */
export function datagram(here: i32, end: i32, wireEnd: i32, protocol: i32, six: i32, bytes: i32, tags: i32, when: f64): void {
  ts = when;
  ipBytes = bytes;
  vlans = tags;
  transport(<usize>here, <usize>end, <usize>wireEnd, protocol, six);
}

/** A packet of another protocol, whose key the host has filled wholly: counts it; answers its flow, the direction in `direction`. */
export function other(bytes: i32, tags: i32, when: f64): i32 {
  ts = when;
  ipBytes = bytes;
  vlans = tags;
  store<f64>(nowAt, when);
  const slot = flowOf(false);
  tally(slot, table.direction);
  return slot;
}

export function way(): i32 {
  return table.direction;
}

/** The live flow of the key, or a new one; a flow whose time is over ends first. */
function flowOf(flip: bool): i32 {
  const hash = table.hash();
  let slot = table.find(hash);
  if (slot >= 0 && ts >= table.deadline(slot)) {
    table.remove(slot);
    slot = -1;
  }
  if (slot < 0) return newFlow(hash, flip);
  if (depth > 0) host.began(slot, false);
  return slot;
}

function newFlow(hash: i32, flip: bool): i32 {
  // By the packet that it began with, and the tunnel that it is in: the same flow has the same number however many read the capture.
  const slot = table.create(hash, ts, idleSeconds, (packets - 1) * 16 + <f64>depth);
  const base = slot * at.stride;
  setW(base + at.vlans, vlans);
  const protocol = key(9) & 0xff;
  let flags = w(base + at.flags);
  if (protocol == tcpProtocol ? !readsTcp : !readsUdp) flags |= at.contentDone;
  if (protocol == udpProtocol) flags |= at.mayCarry;
  setW(base + at.flags, flags);
  if (flip) {
    tcp.flip(slot);
    table.setDirection(1);
  }
  if (announces || depth > 0) host.began(slot, true);
  return slot;
}

function tally(slot: i32, direction: i32): void {
  if (traces) host.counted(slot);
  const base = slot * at.stride;
  setW(base + at.packetsOf + direction, w(base + at.packetsOf + direction) + 1);
  const place = base + at.bytesOf + (direction << 1);
  setF(place, f(place) + <f64>ipBytes);
}

/** Servers' ports: bit 0 for TCP, bit 1 for UDP. */
function servers(port: i32): i32 {
  return load<u8>(serversAt + <usize>port);
}

function tcpPacket(here: usize, end: usize, wireEnd: usize, six: i32): void {
  const bits = byte(here + 13);
  const hash = table.hash();
  let slot = table.find(hash);
  if (slot >= 0 && (ts >= table.deadline(slot) || (bits & 2 && tcp.isReuse(slot, here)))) {
    table.remove(slot);
    slot = -1;
  }
  if (slot < 0) {
    // A flow seen first in its middle, or by its SYN-ACK: the ports tell who is likely the server.
    let flip = false;
    if (!(bits & 2) || bits & 16) {
      const source = be16(here);
      const destination = be16(here + 2);
      if (servers(source) & 1) flip = servers(destination) & 1 ? !(bits & 2) && source < destination : true;
      if (flip && six == 0 && key(7) == -1) flip = false;
    }
    slot = newFlow(hash, flip);
    tcp.beginTcp(slot);
  } else if (depth > 0) host.began(slot, false);
  const direction = table.direction;
  tally(slot, direction);

  const onWire = <i32>(wireEnd - here);
  const header = (byte(here + 12) >> 4) << 2;
  if (header < 20 || header > onWire) {
    tcp.note(slot, 25, ts);
    return;
  }
  const captured = <i32>(end - here);
  if (verify && captured >= onWire && !checked(here, wireEnd, six, tcpProtocol)) {
    tcp.note(slot, 26, ts);
    const counter = slot * at.stride + at.endpoints + direction * at.endpointStride + at.checksumErrors;
    scaleHistory(slot, direction, counter, 67);
    return;
  }
  const length = onWire - header;
  const payload = here + <usize>header;
  if (longWay || !tcp.ordinary(slot, direction, here, payload, length, captured - header, ts)) {
    tcp.segment(slot, direction, here, payload, length, captured - header, ts);
  }
}

function udpPacket(here: usize, end: usize, wireEnd: usize, six: i32): void {
  const source = be16(here);
  const destination = be16(here + 2);
  const flip = servers(source) & 2 && !(servers(destination) & 2) && !(six == 0 && key(7) == -1);
  const slot = flowOf(!!flip);
  const direction = table.direction;
  tally(slot, direction);
  const base = slot * at.stride;
  const e = base + at.endpoints + direction * at.endpointStride;
  const onWire = <i32>(wireEnd - here);
  // Zero means unchecked in IPv4, and in IPv6 for tunnels (RFC 6935).
  if (verify && <i32>(end - here) >= onWire && load<u16>(here + 6) != 0 && !checked(here, wireEnd, six, udpProtocol)) {
    tcp.note(slot, 29, ts);
    scaleHistory(slot, direction, e + at.checksumErrors, 67);
    return;
  }
  const stated = be16(here + 4);
  if (stated != onWire) tcp.note(slot, 30, ts);
  setF(base + at.last, ts);
  checkHistory(slot, direction, seenData, 68);
  if (stated > 8) setF(e + at.startSequence, f(e + at.startSequence) + <f64>(stated - 8));
  setW(e + at.state, w(e + at.state) | at.active);
  const start = here + 8;
  let past = end;
  if (stated >= 8 && here + <usize>stated < end) past = here + <usize>stated;
  const port = w(base + at.ports) & 0xffff;
  if (w(base + at.flags) & at.mayCarry) {
    const wire = here + <usize>stated;
    if (host.carried(slot, direction, port, <i32>start, <i32>past, <i32>(wire > past ? wire : past)) != 0) return;
  }
  if ((w(base + at.flags) & at.contentDone) == 0) host.datagram(slot, direction, <i32>start, <i32>past, port);
}

/** Whether the checksum of `[start, end)` with the pseudo-header of the key is right (RFC 1071, RFC 9293 §3.1, RFC 8200 §8.1). */
function checked(start: usize, end: usize, six: i32, protocol: i32): bool {
  const length = <u32>(end - start);
  let sum: u64 = <u64>(<u32>protocol + (length & 0xffff) + (length >>> 16));
  for (let i = six != 0 ? 0 : 3; i < 4; i++) {
    const a = <u32>key(i);
    const b = <u32>key(i + 4);
    sum += <u64>((a >>> 16) + (a & 0xffff) + (b >>> 16) + (b & 0xffff));
  }
  let place = start;
  for (; place + 1 < end; place += 2) sum += <u64>be16(place);
  if (place < end) sum += <u64>(byte(place) << 8);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum == 0xffff;
}
