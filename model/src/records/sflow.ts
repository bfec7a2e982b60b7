/** What switches sample, with the names of the structures of sFlow version 5 (https://sflow.org/sflow_version_5.txt). */

import type { RecordOf, RecordType } from './record.ts';

const count = (means: string, unit?: string) =>
  ({ type: 'count', class: 'technical', means, ...(unit === undefined ? {} : { unit }) }) as const;
const address = (means: string) => ({ type: 'addr', class: 'technical', means }) as const;

const agentColumns = {
  ts: { type: 'time', class: 'technical', unit: 's', always: true, means: 'When the datagram came: sFlow tells no time of day.' },
  agent_address: {
    type: 'addr',
    class: 'technical',
    always: true,
    means: 'The switch or host that samples, as it calls itself.',
  },
  sub_agent_id: { ...count('Which of its sampling processes.'), always: true },
  sequence_number: { ...count('Number of the sample at its source.'), always: true },
  source_id_type: { ...count('What the source is: 0 an interface, 1 a VLAN, 2 a physical entity.'), always: true },
  source_id_index: { ...count('Its number: ifIndex, VLAN or entPhysicalIndex.'), always: true },
} as const satisfies RecordType['columns'];

export const sflow = {
  log: 'sflow',
  means: 'One packet that a switch or host sampled.',
  source:
    'sFlow version 5 (flow_sample, sampled_header, sampled_ipv4, sampled_ipv6, sampled_ethernet, extended_switch, _router, _gateway)',
  columns: {
    ...agentColumns,
    sampling_rate: { ...count('One packet of so many was sampled.', 'packets'), always: true },
    sample_pool: count('Packets that could have been sampled so far.', 'packets'),
    drops: count('Samples that were lost for lack of resources so far.', 'packets'),
    input: count('ifIndex of the interface the packet came by.'),
    output: count('ifIndex of the interface it left by.'),
    header_protocol: count('Kind of the frame: 1 Ethernet, 11 IPv4, 12 IPv6.'),
    frame_length: count('Length of the frame before it was cut.', 'bytes'),
    src_mac: { type: 'string', class: 'technical', means: 'Source of the frame.' },
    dst_mac: { type: 'string', class: 'technical', means: 'Destination of the frame.' },
    src_vlan: count('VLAN on entering.'),
    dst_vlan: count('VLAN on leaving.'),
    length: count('Length of the IP packet.', 'bytes'),
    protocol: count('Protocol number of the IP header.'),
    src_ip: address('Source address.'),
    dst_ip: address('Destination address.'),
    src_port: { type: 'port', class: 'technical', means: 'Source port.' },
    dst_port: { type: 'port', class: 'technical', means: 'Destination port.' },
    tcp_flags: count('TCP flags.'),
    nexthop: address('Next router.'),
    src_mask: count('Bits of the source’s network.', 'bits'),
    dst_mask: count('Bits of the destination’s network.', 'bits'),
    src_as: count('Autonomous system of the source.'),
    src_peer_as: count('Autonomous system the packet came from.'),
    dst_as_path: { type: 'vector[count]', class: 'technical', means: 'Autonomous systems on the way to the destination.' },
  },
} as const satisfies RecordType;

export const sflow_counters = {
  log: 'sflow_counters',
  means: 'Counters of one interface, as a switch or host sends them every some seconds.',
  source: 'sFlow version 5 (counters_sample, if_counters); names of RFC 2863',
  columns: {
    ...agentColumns,
    ifIndex: { ...count('The interface.'), always: true },
    ifType: count('Its kind (IANA ifType): 6 Ethernet.'),
    ifSpeed: count('Its speed.', 'bit/s'),
    ifDirection: count('1 full duplex, 2 half, 3 in, 4 out, 0 unknown.'),
    ifStatus: count('Bit 0: up by its setting; bit 1: up.'),
    ifInOctets: count('Received.', 'bytes'),
    ifInUcastPkts: count('Received to one.', 'packets'),
    ifInMulticastPkts: count('Received to a group.', 'packets'),
    ifInBroadcastPkts: count('Received to all.', 'packets'),
    ifInDiscards: count('Received and dropped for lack of room.', 'packets'),
    ifInErrors: count('Received damaged.', 'packets'),
    ifInUnknownProtos: count('Received of no known protocol.', 'packets'),
    ifOutOctets: count('Sent.', 'bytes'),
    ifOutUcastPkts: count('Sent to one.', 'packets'),
    ifOutMulticastPkts: count('Sent to a group.', 'packets'),
    ifOutBroadcastPkts: count('Sent to all.', 'packets'),
    ifOutDiscards: count('Not sent for lack of room.', 'packets'),
    ifOutErrors: count('Not sent because of errors.', 'packets'),
    ifPromiscuousMode: count('1: it takes all packets.'),
  },
} as const satisfies RecordType;

export type SflowRecord = RecordOf<typeof sflow>;
