/**
 * Flows as routers, switches and firewalls export them, with the names of IANA's registry of IPFIX information elements
 * (https://www.iana.org/assignments/ipfix). NetFlow v5 and v9 are written by the same names: v9's field types 1 to 127 are the
 * registry's elements (RFC 7012 §4), and v5 has a subset of them.
 */

import type { Column, ColumnClass, ColumnType, RecordType } from './record.ts';

/** One information element that has a column. */
export type InformationElement = {
  /** Number in the registry. */
  readonly id: number;
  readonly name: string;
  readonly type: ColumnType;
  readonly class: ColumnClass;
  readonly unit?: string;
  readonly means: string;
  /** In which log: of flows, of what an exporter says of itself (options, RFC 7011 §3.4.2.2), or in both. */
  readonly of: 'flow' | 'options' | 'both';
};

type Row = readonly [id: number, name: string, type: ColumnType, means: string, unit?: string];

const elements = (of: InformationElement['of'], rows: readonly Row[], personal: readonly string[] = []): InformationElement[] =>
  rows.map(([id, name, type, means, unit]) => ({
    id,
    name,
    type,
    class: personal.includes(name) ? 'personal' : 'technical',
    means,
    of,
    ...(unit === undefined ? {} : { unit }),
  }));

/**
 * The elements that have a column. What others hold is not written: packet sections and HTTP targets are content, positions and
 * subscribers' numbers are nobody's business here. An exporter that sends them is named once in `weird`.
 */
export const informationElements: readonly InformationElement[] = [
  ...elements(
    'flow',
    [
      [8, 'sourceIPv4Address', 'addr', 'Source address.'],
      [27, 'sourceIPv6Address', 'addr', 'Source address.'],
      [7, 'sourceTransportPort', 'port', 'Source port.'],
      [12, 'destinationIPv4Address', 'addr', 'Destination address.'],
      [28, 'destinationIPv6Address', 'addr', 'Destination address.'],
      [11, 'destinationTransportPort', 'port', 'Destination port.'],
      [4, 'protocolIdentifier', 'count', 'Protocol number of the IP header: 6 TCP, 17 UDP, 1 ICMP.'],
      [1, 'octetDeltaCount', 'count', 'Bytes since the previous report, IP headers included.', 'bytes'],
      [2, 'packetDeltaCount', 'count', 'Packets since the previous report.', 'packets'],
      [85, 'octetTotalCount', 'count', 'Bytes since the flow began.', 'bytes'],
      [86, 'packetTotalCount', 'count', 'Packets since the flow began.', 'packets'],
      [23, 'postOctetDeltaCount', 'count', 'Bytes behind a middlebox.', 'bytes'],
      [24, 'postPacketDeltaCount', 'count', 'Packets behind a middlebox.', 'packets'],
      [231, 'initiatorOctets', 'count', 'Payload bytes of the initiator.', 'bytes'],
      [232, 'responderOctets', 'count', 'Payload bytes of the responder.', 'bytes'],
      [298, 'initiatorPackets', 'count', 'Packets of the initiator.', 'packets'],
      [299, 'responderPackets', 'count', 'Packets of the responder.', 'packets'],
      [3, 'deltaFlowCount', 'count', 'Flows that this one gathers.', 'flows'],
      [133, 'droppedPacketDeltaCount', 'count', 'Packets of the flow that the device dropped.', 'packets'],
      [132, 'droppedOctetDeltaCount', 'count', 'Bytes of the flow that the device dropped.', 'bytes'],
      [6, 'tcpControlBits', 'count', 'TCP flags seen, as one number.'],
      [218, 'tcpSynTotalCount', 'count', 'Segments with SYN.', 'packets'],
      [219, 'tcpFinTotalCount', 'count', 'Segments with FIN.', 'packets'],
      [220, 'tcpRstTotalCount', 'count', 'Segments with RST.', 'packets'],
      [5, 'ipClassOfService', 'count', 'TOS or traffic class.'],
      [55, 'postIpClassOfService', 'count', 'TOS or traffic class on leaving.'],
      [195, 'ipDiffServCodePoint', 'count', 'DSCP.'],
      [60, 'ipVersion', 'count', '4 or 6.'],
      [31, 'flowLabelIPv6', 'count', 'Flow label of the IPv6 header.'],
      [32, 'icmpTypeCodeIPv4', 'count', 'ICMP type times 256 plus code.'],
      [139, 'icmpTypeCodeIPv6', 'count', 'ICMPv6 type times 256 plus code.'],
      [176, 'icmpTypeIPv4', 'count', 'ICMP type.'],
      [177, 'icmpCodeIPv4', 'count', 'ICMP code.'],
      [178, 'icmpTypeIPv6', 'count', 'ICMPv6 type.'],
      [179, 'icmpCodeIPv6', 'count', 'ICMPv6 code.'],
      [25, 'minimumIpTotalLength', 'count', 'Smallest packet.', 'bytes'],
      [26, 'maximumIpTotalLength', 'count', 'Largest packet.', 'bytes'],
      [52, 'minimumTTL', 'count', 'Smallest time to live.'],
      [53, 'maximumTTL', 'count', 'Largest time to live.'],
      [192, 'ipTTL', 'count', 'Time to live.'],
      [9, 'sourceIPv4PrefixLength', 'count', 'Bits of the source’s network.', 'bits'],
      [13, 'destinationIPv4PrefixLength', 'count', 'Bits of the destination’s network.', 'bits'],
      [29, 'sourceIPv6PrefixLength', 'count', 'Bits of the source’s network.', 'bits'],
      [30, 'destinationIPv6PrefixLength', 'count', 'Bits of the destination’s network.', 'bits'],
      [15, 'ipNextHopIPv4Address', 'addr', 'Next router.'],
      [62, 'ipNextHopIPv6Address', 'addr', 'Next router.'],
      [18, 'bgpNextHopIPv4Address', 'addr', 'Next BGP router.'],
      [63, 'bgpNextHopIPv6Address', 'addr', 'Next BGP router.'],
      [16, 'bgpSourceAsNumber', 'count', 'Autonomous system of the source.'],
      [17, 'bgpDestinationAsNumber', 'count', 'Autonomous system of the destination.'],
      [128, 'bgpNextAdjacentAsNumber', 'count', 'First autonomous system on the way to the destination.'],
      [129, 'bgpPrevAdjacentAsNumber', 'count', 'Last autonomous system on the way from the source.'],
      [14, 'egressInterface', 'count', 'ifIndex of the interface that packets leave by.'],
      [252, 'ingressPhysicalInterface', 'count', 'ifIndex of the physical interface that packets come by.'],
      [253, 'egressPhysicalInterface', 'count', 'ifIndex of the physical interface that packets leave by.'],
      [234, 'ingressVRFID', 'count', 'Routing table that packets come by.'],
      [235, 'egressVRFID', 'count', 'Routing table that packets leave by.'],
      [56, 'sourceMacAddress', 'string', 'Source of the frames.'],
      [80, 'destinationMacAddress', 'string', 'Destination of the frames.'],
      [57, 'postDestinationMacAddress', 'string', 'Destination of the frames on leaving.'],
      [81, 'postSourceMacAddress', 'string', 'Source of the frames on leaving.'],
      [58, 'vlanId', 'count', 'VLAN on entering.'],
      [59, 'postVlanId', 'count', 'VLAN on leaving.'],
      [243, 'dot1qVlanId', 'count', 'VLAN of the frames’ outer tag.'],
      [245, 'dot1qCustomerVlanId', 'count', 'VLAN of the frames’ inner tag.'],
      [256, 'ethernetType', 'count', 'EtherType of the frames.'],
      [61, 'flowDirection', 'count', '0: seen on entering an interface; 1: on leaving it.'],
      [239, 'biflowDirection', 'count', 'How source and destination were told apart (RFC 5103 §6.3).'],
      [136, 'flowEndReason', 'count', '1 idle, 2 active timeout, 3 end seen, 4 forced, 5 lack of resources.'],
      [89, 'forwardingStatus', 'count', 'Whether packets were forwarded, dropped or consumed, and why.'],
      [233, 'firewallEvent', 'count', '1 created, 2 deleted, 3 denied, 4 alert, 5 update.'],
      [230, 'natEvent', 'count', 'What the translator did with the mapping.'],
      [225, 'postNATSourceIPv4Address', 'addr', 'Source behind address translation.'],
      [226, 'postNATDestinationIPv4Address', 'addr', 'Destination behind address translation.'],
      [281, 'postNATSourceIPv6Address', 'addr', 'Source behind address translation.'],
      [282, 'postNATDestinationIPv6Address', 'addr', 'Destination behind address translation.'],
      [227, 'postNAPTSourceTransportPort', 'port', 'Source port behind translation.'],
      [228, 'postNAPTDestinationTransportPort', 'port', 'Destination port behind translation.'],
      [361, 'portRangeStart', 'port', 'First port of a block that the translator gave.'],
      [362, 'portRangeEnd', 'port', 'Last port of it.'],
      [148, 'flowId', 'count', 'Number of the flow at its exporter.'],
      [161, 'flowDurationMilliseconds', 'count', 'From the first to the last packet.', 'ms'],
      [312, 'dataLinkFrameSize', 'count', 'Length of the frame that was sampled.', 'bytes'],
      [224, 'ipTotalLength', 'count', 'Length of the IP packet.', 'bytes'],
      [371, 'userName', 'string', 'Account that the flow belongs to, as the device knows it.'],
      [459, 'httpRequestMethod', 'string', 'Request method.'],
      [460, 'httpRequestHost', 'string', 'The Host header.'],
      [457, 'httpStatusCode', 'count', 'Status code.'],
    ],
    ['userName'],
  ),
  ...elements('both', [
    [10, 'ingressInterface', 'count', 'ifIndex of the interface that packets come by.'],
    [
      95,
      'applicationId',
      'string',
      'Application by the device’s classification (RFC 6759): engine and selector, in hexadecimal.',
    ],
    [96, 'applicationName', 'string', 'Its name.'],
    [34, 'samplingInterval', 'count', 'One packet of so many was looked at; counts are of the packets looked at.', 'packets'],
    [35, 'samplingAlgorithm', 'count', '1: every so many; 2: at random.'],
    [302, 'selectorId', 'count', 'The sampler, by number.'],
    [48, 'samplerId', 'count', 'The sampler, by number.'],
    [82, 'interfaceName', 'string', 'Short name of the interface.'],
    [83, 'interfaceDescription', 'string', 'Its description.'],
  ]),
  ...elements('options', [
    [143, 'meteringProcessId', 'count', 'The process that measures.'],
    [144, 'exportingProcessId', 'count', 'The process that exports.'],
    [145, 'templateId', 'count', 'The template that is spoken of.'],
    [141, 'lineCardId', 'count', 'The line card that is spoken of.'],
    [36, 'flowActiveTimeout', 'count', 'A flow is reported after so long though it goes on.', 's'],
    [37, 'flowIdleTimeout', 'count', 'A flow is over after so long without a packet.', 's'],
    [40, 'exportedOctetTotalCount', 'count', 'Bytes exported.', 'bytes'],
    [41, 'exportedMessageTotalCount', 'count', 'Messages exported.', 'messages'],
    [42, 'exportedFlowRecordTotalCount', 'count', 'Flow records exported.', 'records'],
    [163, 'observedFlowTotalCount', 'count', 'Flows observed.', 'flows'],
    [164, 'ignoredPacketTotalCount', 'count', 'Packets that were not measured.', 'packets'],
    [165, 'ignoredOctetTotalCount', 'count', 'Bytes that were not measured.', 'bytes'],
    [166, 'notSentFlowTotalCount', 'count', 'Flow records that were dropped before export.', 'records'],
    [167, 'notSentPacketTotalCount', 'count', 'Packets in them.', 'packets'],
    [168, 'notSentOctetTotalCount', 'count', 'Bytes in them.', 'bytes'],
    [49, 'samplerMode', 'count', '1: every so many; 2: at random.'],
    [50, 'samplerRandomInterval', 'count', 'One packet of so many is looked at.', 'packets'],
    [84, 'samplerName', 'string', 'The sampler, by name.'],
    [335, 'selectorName', 'string', 'The sampler, by name.'],
    [304, 'selectorAlgorithm', 'count', 'How packets are chosen (RFC 5477 §8.2.3).'],
    [305, 'samplingPacketInterval', 'count', 'Packets chosen in a row.', 'packets'],
    [306, 'samplingPacketSpace', 'count', 'Packets left out after them.', 'packets'],
    [309, 'samplingSize', 'count', 'Packets chosen of a population.', 'packets'],
    [310, 'samplingPopulation', 'count', 'Packets of the population.', 'packets'],
    [311, 'samplingProbability', 'double', 'Probability that a packet is chosen.'],
    [94, 'applicationDescription', 'string', 'What the application is.'],
    [300, 'observationDomainName', 'string', 'Name of the observation domain.'],
  ]),
];

/** Who exported, and how: the same in every record of an exporter. */
const exporterColumns = {
  ts: {
    type: 'time',
    class: 'technical',
    unit: 's',
    always: true,
    means: 'First packet of the flow; of a record without times, or with impossible ones, when it was exported.',
  },
  exporterIPv4Address: { type: 'addr', class: 'technical', means: 'The exporter.' },
  exporterIPv6Address: { type: 'addr', class: 'technical', means: 'The exporter.' },
  exporterTransportPort: { type: 'port', class: 'technical', means: 'The port it exports from.' },
  exportProtocolVersion: { type: 'count', class: 'technical', always: true, means: '5 and 9: NetFlow; 10: IPFIX.' },
  observationDomainId: {
    type: 'count',
    class: 'technical',
    always: true,
    means: 'Part of the exporter: observation domain, source id (v9), engine type × 256 + engine id (v5).',
  },
} as const satisfies RecordType['columns'];

const columnsOf = (of: 'flow' | 'options'): { [name: string]: Column } =>
  Object.fromEntries(
    informationElements
      .filter((element) => element.of === of || element.of === 'both')
      .map(({ name, type, class: klass, means, unit }) => [
        name,
        { type, class: klass, means, ...(unit === undefined ? {} : { unit }) },
      ]),
  );

export const ipfix: RecordType = {
  log: 'ipfix',
  means: 'One flow as a router, switch, firewall or probe exported it, by NetFlow v5, v9 or IPFIX.',
  source: 'IANA IPFIX information elements; RFC 7011, RFC 7012, RFC 5103 (reverse elements), RFC 3954 (NetFlow v9), NetFlow v5',
  columns: {
    ...exporterColumns,
    flowStartMilliseconds: {
      type: 'time',
      class: 'technical',
      unit: 's',
      means: 'First packet, whichever element told it (seconds to nanoseconds, or the device’s uptime).',
    },
    flowEndMilliseconds: { type: 'time', class: 'technical', unit: 's', means: 'Last packet, likewise.' },
    ...columnsOf('flow'),
    reverseOctetDeltaCount: { type: 'count', class: 'technical', unit: 'bytes', means: 'Bytes of the other direction.' },
    reversePacketDeltaCount: { type: 'count', class: 'technical', unit: 'packets', means: 'Packets of the other direction.' },
    reverseTcpControlBits: { type: 'count', class: 'technical', means: 'TCP flags of the other direction.' },
  },
};

export const ipfix_options: RecordType = {
  log: 'ipfix_options',
  means: 'What an exporter says of itself: its sampling, interfaces, applications, and what it had to leave out.',
  source: 'RFC 7011 §3.4.2.2 and §4, RFC 5477, RFC 3954 §6; IANA IPFIX information elements',
  columns: { ...exporterColumns, ...columnsOf('options') },
};
