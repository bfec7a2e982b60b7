/** The catalogue of oddities: every name that a `weird` record may carry, and what it means. Zeek's names where Zeek has one. */

export const oddities: { readonly [name: string]: string } = {
  // DNS
  DNS_truncated_len_lt_hdr_len: 'A DNS message shorter than its twelve-byte header.',
  DNS_truncated_quest_too_short: 'A DNS question ends before its type and class.',
  DNS_truncated_ans_too_short: 'A DNS record ends before its fixed fields.',
  DNS_truncated_RR_rdlength_lt_len: 'A DNS record claims more data than the message has, or its data is too short for its type.',
  DNS_RR_length_mismatch: 'The data of a DNS record does not fill its length.',
  DNS_zero_rdlength: 'A DNS answer without data.',
  DNS_Conn_count_too_large: 'A DNS message claims more questions than any real one.',
  DNS_NAME_too_long: 'A DNS name beyond 255 bytes.',
  DNS_label_too_long: 'A DNS label beyond 63 bytes.',
  DNS_label_len_gt_pkt: 'A DNS label reaches beyond its message.',
  DNS_label_len_gt_name_len: 'A DNS name beyond 512 bytes; the rest of the message is not read.',
  DNS_label_forward_compress_offset: 'A DNS compression pointer that does not lead backwards.',
  DNS_too_many_compression_pointers: 'A DNS name made of more compression pointers than any real one.',
  DNS_TXT_char_str_past_rdlen: 'A string of a DNS TXT or SPF record reaches beyond the record.',
  DNS_HINFO_char_str_past_rdlen: 'A string of a DNS HINFO record reaches beyond the record.',
  DNS_CAA_char_str_past_rdlen: 'The tag of a DNS CAA record reaches beyond the record.',
  DNS_SVCB_wrong_length: 'The parameters of a DNS SVCB or HTTPS record do not fit its length.',
  DNS_gap_between_messages: 'Bytes of DNS over TCP are missing at a message boundary; the rest of that direction is not read.',
  DNS_compression_loop: 'A DNS compression pointer whose target runs into the pointer itself.',
};
