/**
 * Every ceiling of the capture engine, with the reason for its number. The reference page is made from `limits`; the
 * engine takes `defaultLimits`, and a caller may lower or raise any of them.
 */

import { historyLettersMax } from './flow/layout.ts';

/** One ceiling: what it bounds, and where the number comes from. */
export type Limit = { readonly name: string; readonly value: number; readonly unit: string; readonly why: string };

const declared = {
  recordBytesMax: {
    value: 262_144,
    unit: 'bytes',
    why: 'Longest packet record of a capture file; libpcap and Wireshark write no longer one, so a longer length is a lie.',
  },
  blockBytesMax: {
    value: 16_777_216,
    unit: 'bytes',
    why: 'Longest pcapng block; Wireshark refuses longer ones too. Blocks are held whole only where a chunk ends inside one.',
  },
  interfacesMax: {
    value: 65_536,
    unit: 'interfaces',
    why: 'Interfaces described in one pcapng section; the obsolete packet block has 16 bits to name one.',
  },
  flowsMax: {
    value: 262_144,
    unit: 'flows',
    why: 'Live flows at a time; a busy 1 Gbit/s link has about 100,000. The table takes 344 bytes a flow (90 MB), an open parser about 2 KB more (measured: 0.5 to 0.9 GB when every flow has one). Beyond it the flow nearest to its end is closed and counted.',
  },
  historyLettersMax: {
    value: historyLettersMax,
    unit: 'letters',
    why: 'Letters of conn.history; what has room in the flow table. Each kind of letter comes once or by powers of ten; the longest in the data set has 13.',
  },
  fragmentDatagramsMax: {
    value: 4096,
    unit: 'datagrams',
    why: 'Datagrams waiting for fragments; Linux holds 4 MB of them, which is some hundreds. The oldest is given up first.',
  },
  fragmentBytesMax: {
    value: 16_777_216,
    unit: 'bytes',
    why: 'Bytes of all waiting fragments: four times what Linux holds (net.ipv4.ipfrag_high_thresh).',
  },
  fragmentPiecesMax: {
    value: 1024,
    unit: 'pieces',
    why: 'Pieces of one datagram: 65,535 bytes in pieces of 64; smaller ones serve only evasion.',
  },
  fragmentSecondsMax: { value: 60, unit: 's', why: 'RFC 8200 §4.5 gives a datagram 60 s to come together.' },
  tunnelDepthMax: {
    value: 4,
    unit: 'levels',
    why: 'Tunnels in tunnels; mobile cores reach three (GTP-U in IPsec-less GRE in MPLS), Zeek stops at two.',
  },
  linkTagsMax: { value: 8, unit: 'tags', why: 'VLAN tags and MPLS labels before the network layer; carriers use up to four.' },
  extensionHeadersMax: {
    value: 16,
    unit: 'headers',
    why: 'IPv6 extension headers of one packet; RFC 8200 §4.1 names seven, each once.',
  },
  pendingBytesPerDirectionMax: {
    value: 1_048_576,
    unit: 'bytes',
    why: 'TCP payload held above a hole, one direction of a flow: one large receive window. Beyond it the hole counts as loss.',
  },
  pendingBytesMax: {
    value: 67_108_864,
    unit: 'bytes',
    why: 'TCP payload held above holes by all flows: a hundred times what a 1 Gbit/s link with 1 % loss holds at 50 ms.',
  },
  pendingRangesMax: {
    value: 256,
    unit: 'ranges',
    why: 'Separate ranges above a hole, one direction of a flow; selective acknowledgement names at most four at a time.',
  },
  probeBytesMax: {
    value: 4096,
    unit: 'bytes',
    why: 'First bytes of a direction kept while no protocol has recognised them; Zeek keeps 1,024, and a TLS hello may need 2,000.',
  },
  probeBytesTotalMax: {
    value: 67_108_864,
    unit: 'bytes',
    why: 'First bytes kept by all flows: 8,192 flows undecided at their ceiling. Beyond it the newest are not probed further.',
  },
  probePiecesMax: {
    value: 64,
    unit: 'turns',
    why: 'Changes of speaker before a protocol is recognised; the longest greeting (SMTP) changes about ten times.',
  },
  probeDatagramsMax: {
    value: 16,
    unit: 'datagrams',
    why: 'Datagrams of a UDP flow shown to the protocols before it counts as unknown; in WebRTC eight of STUN come before DTLS.',
  },
  protocolChangesMax: {
    value: 8,
    unit: 'changes',
    why: 'Protocols that follow one another in a flow; a proxy, a mail greeting and TLS make three. What comes after is not read.',
  },
  expectedFlowsMax: {
    value: 16_384,
    unit: 'flows',
    why: 'Announced flows that are waited for; a busy FTP server announces some hundreds a minute. The oldest is forgotten first.',
  },
  openFilesMax: {
    value: 16_384,
    unit: 'files',
    why: 'Files read at a time; each costs three hashes and up to 16 KB. Further ones are counted, neither typed nor hashed.',
  },
  tunnelParentsMax: {
    value: 16,
    unit: 'flows',
    why: 'Different carriers remembered for one inner flow; a handover between base stations changes one at a time.',
  },
  oddityRecordsPerFlowMax: {
    value: 32,
    unit: 'records',
    why: 'Weird records of one flow; each engine oddity is written once a flow, and parsers have fewer names than this.',
  },
  oddityRecordsPerNameMax: {
    value: 10_000,
    unit: 'records',
    why: 'Weird records of one name in one reading; beyond it they are only counted, so that a flood cannot fill the disk.',
  },
  arpMessagesMax: {
    value: 16_384,
    unit: 'messages',
    why: 'Different ARP messages remembered, so that repeated ones are written once in five minutes; a network of 4,096 hosts has some thousands. The one heard longest ago is forgotten first.',
  },
  arpRecordsPerSecondMax: {
    value: 512,
    unit: 'records',
    why: 'ARP records of one second: a fast scan of 256 addresses and its answers. Beyond it a flood cannot fill the disk; its packets are counted.',
  },
  frameStreamsMax: {
    value: 4_096,
    unit: 'senders',
    why: 'Publishers, stations or messages remembered of each protocol directly on Ethernet; a large substation has some hundreds. The one heard longest ago is forgotten first.',
  },
  frameRecordsPerSecondMax: {
    value: 512,
    unit: 'records',
    why: 'Records of one second and protocol directly on Ethernet; they tell of beginnings, changes and ends, not of frames. Beyond it a flood cannot fill the disk; its frames are counted.',
  },
  kindsMax: {
    value: 256,
    unit: 'kinds',
    why: 'Kinds of packets that the account names apart; a real network shows some dozens, random bytes all 65,536.',
  },
} as const satisfies { [name: string]: Omit<Limit, 'name'> };

/** All ceilings, for the reference page. */
export const limits: readonly Limit[] = Object.entries(declared).map(([name, limit]) => ({ name, ...limit }));

/** The ceilings as numbers by name. */
export type Limits = { readonly [K in keyof typeof declared]: number };

export const defaultLimits: Limits = Object.fromEntries(limits.map((limit) => [limit.name, limit.value])) as Limits;
