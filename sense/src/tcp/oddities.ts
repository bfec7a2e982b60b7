/** The oddities of TCP, by the bit that remembers for each flow that one was written; Zeek's names. */

export const tcpOddities = [
  'TCP_seq_underflow_or_misorder',
  'TCP_ack_underflow_or_misorder',
  'SYN_seq_jump',
  'SYN_inside_connection',
  'connection_originator_SYN_ack',
  'bad_SYN_ack',
  'simultaneous_open',
  'unsolicited_SYN_response',
  'spontaneous_FIN',
  'spontaneous_RST',
  'repeated_SYN_with_ack',
  'repeated_SYN_reply_wo_ack',
  'inappropriate_FIN',
  'data_before_established',
  'SYN_after_partial',
  'SYN_after_close',
  'FIN_advanced_last_seq',
  'SYN_after_reset',
  'FIN_after_reset',
  'data_after_reset',
  'possible_split_routing',
  'truncated_tcp_payload',
  'TCP_christmas',
  'baroque_SYN',
  'SYN_with_data',
  'bad_TCP_header_len',
  'bad_TCP_checksum',
  'excessive_data_above_hole',
  'rexmit_inconsistency',
] as const;

export type TcpOddity = (typeof tcpOddities)[number];

const bits = new Map<string, number>(tcpOddities.map((name, bit) => [name, bit]));

/** The bit of an oddity in the flow's word. */
export function oddityBit(name: TcpOddity): number {
  return bits.get(name)!;
}
