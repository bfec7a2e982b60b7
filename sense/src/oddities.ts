/** The catalogue of oddities: every name that a `weird` record may carry, and what it means. Zeek's names where Zeek has one. */

export const oddities: { readonly [name: string]: string } = {
  // The capture file
  capture_cut: 'The capture ends in the middle of a record; what came before was read.',
  capture_record_too_long: 'A record claims more bytes than any capture program writes; nothing after it can be read.',
  capture_bad_block: 'A block of a pcapng file contradicts itself; nothing after it can be read.',
  // Discovery
  discovery_table_full:
    'So many hosts, services or the like were discovered that new ones are not told until others are a day old.',
  // ARP
  truncated_ARP: 'An ARP message shorter than one for Ethernet and IPv4.',
  ARP_flood: 'More new ARP messages in a second than are written.',
  // Protocols directly on Ethernet
  frame_flood: 'More records of one protocol directly on Ethernet in a second than are written.',
  goose_bad_message: 'A GOOSE message whose parts do not fit its length, or that lacks what every one has.',
  goose_second_publisher: 'A control block of GOOSE is published from a second hardware address while the first still speaks.',
  sampled_values_bad_message: 'A frame of sampled values whose parts do not fit its length, or that lacks what every one has.',
  profinet_dcp_bad_message: 'A message of PROFINET DCP of no known service, or whose blocks do not fit its length.',
  lldp_bad_message: 'An LLDP frame whose elements reach beyond it, or that lacks chassis, port or time to live.',
  ethercat_bad_message: 'An EtherCAT frame whose datagrams do not fit it, or with a command that there is not.',
  // IP
  truncated_IP: 'Fewer bytes than an IP header has.',
  unknown_ip_version: 'An IP packet of neither version 4 nor 6.',
  invalid_IP_header_size: 'An IP header shorter than the least or longer than its packet.',
  internally_truncated_header: 'The capture kept less of the packet than its headers need.',
  truncated_header: 'A packet too short for the header of its transport.',
  bad_IP_checksum: 'The checksum of an IP header is wrong.',
  too_many_extension_headers: 'An IPv6 packet with more extension headers than any real one.',
  incompletely_captured_fragment: 'A fragment of which the capture kept only a part.',
  fragment_overlap: 'A fragment repeats bytes of another.',
  fragment_inconsistency: 'A fragment repeats bytes of another and they differ: one of the two was meant for the sensor only.',
  fragment_size_inconsistency: 'The fragments of a datagram disagree about its length.',
  excessively_large_fragment: 'A fragment that reaches beyond the longest datagram.',
  excessively_small_fragment: 'A fragment, not the last, of fewer than 64 bytes.',
  fragment_in_fragment: 'A datagram that was joined from pieces is a piece itself.',
  truncated_link_header: 'A frame inside a tunnel is shorter than its header.',
  too_many_link_tags: 'A frame inside a tunnel has more tags or labels than any real one.',
  nflog_bad_tlv_len: 'A netfilter log item that does not move on.',
  exceeded_tunnel_max_depth: 'A tunnel in more tunnels than are followed.',
  // UDP and ICMP
  bad_UDP_checksum: 'The checksum of a UDP datagram is wrong.',
  UDP_datagram_length_mismatch: 'A UDP datagram states another length than its packet has room for.',
  bad_ICMP_checksum: 'The checksum of an ICMP message is wrong.',
  // TCP
  TCP_seq_underflow_or_misorder: 'A segment before the first sequence number of its side.',
  TCP_ack_underflow_or_misorder: 'An acknowledgement of bytes before the first sequence number.',
  SYN_seq_jump: 'A second SYN with another sequence number.',
  SYN_inside_connection: 'A SYN in the midst of a connection that already carried payload.',
  connection_originator_SYN_ack: 'A connection that begins with a SYN-ACK.',
  bad_SYN_ack: 'A SYN-ACK that acknowledges something else than the SYN.',
  simultaneous_open: 'Both sides sent a SYN.',
  unsolicited_SYN_response: 'A SYN-ACK without a SYN.',
  spontaneous_FIN: 'A FIN without a connection.',
  spontaneous_RST: 'A RST without a connection.',
  repeated_SYN_with_ack: 'The originator repeats its SYN with an acknowledgement.',
  repeated_SYN_reply_wo_ack: 'The responder repeats its SYN without an acknowledgement.',
  inappropriate_FIN: 'A FIN before the connection was established.',
  data_before_established: 'Payload before the connection was established.',
  SYN_after_partial: 'A SYN on a connection that was first seen in its middle.',
  SYN_after_close: 'A SYN from a side that had closed.',
  FIN_advanced_last_seq: 'A second FIN with a later sequence number.',
  SYN_after_reset: 'A SYN from a side that had reset the connection.',
  FIN_after_reset: 'A FIN from a side that had reset the connection.',
  data_after_reset: 'Payload from a side that had reset the connection.',
  possible_split_routing: 'One side acknowledges what was never seen: the other direction may take another way.',
  truncated_tcp_payload: 'The capture kept only a part of the payload.',
  TCP_christmas: 'A SYN with RST.',
  baroque_SYN: 'A SYN with the urgent flag.',
  SYN_with_data: 'A SYN with payload.',
  bad_TCP_header_len: 'A TCP header shorter than the least or longer than its packet.',
  bad_TCP_checksum: 'The checksum of a TCP segment is wrong.',
  excessive_data_above_hole: 'More payload above a hole than is held; the hole counts as lost.',
  rexmit_inconsistency: 'A repetition carries other bytes than the first time: one of the two was meant for the sensor only.',
  // The engine itself
  parser_fault: 'A parser of ours failed on this flow and was taken off it; please report the capture.',
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
  EDNS_truncated_option: 'An option of EDNS that reaches beyond its record.',
  DNS_gap_between_messages: 'Bytes of DNS over TCP are missing at a message boundary; the rest of that direction is not read.',
  DNS_compression_loop: 'A DNS compression pointer whose target runs into the pointer itself.',
  // HTTP
  bad_HTTP_request: 'A line of an HTTP client that is no request; nothing after it is read in that direction.',
  bad_HTTP_request_with_version: 'A line without a method that ends in an HTTP version.',
  bad_HTTP_reply: 'A line of an HTTP server that is no status line; nothing after it is read in that direction.',
  HTTP_reply_code_missing: 'An HTTP status line without a code of three digits.',
  missing_HTTP_uri: 'An HTTP request with a method and a version but no target.',
  unknown_HTTP_method: 'An HTTP method that Zeek does not know.',
  invalid_http_09_request_method: 'A request without a version whose method is not GET.',
  http_09_reply_before_request: 'A request without a version arrived while a response to nothing was under way.',
  HTTP_version_mismatch: 'The HTTP version changed within one direction of a flow.',
  HTTP_response_before_request: 'An HTTP response came before any request, and then a request followed.',
  HTTP_excessive_pipelining: 'More unanswered HTTP requests than are held; the oldest is written without its response.',
  HTTP_bad_content_length: 'A Content-Length that is not a number, or several that differ.',
  HTTP_content_length_leading_zeros: 'A Content-Length with leading zeros, which servers read in different ways.',
  HTTP_content_length_and_chunked: 'A request with both Content-Length and chunked coding, as request smuggling uses.',
  HTTP_chunked_multi: 'Chunked coding beside another transfer coding, as request smuggling uses.',
  HTTP_obsolete_line_folding: 'A header that goes on in a second line, as request smuggling uses.',
  HTTP_bad_chunk_size: 'The size of an HTTP chunk is not a number, or too large for one.',
  HTTP_inaccurate_chunk_size: 'Bytes between the end of an HTTP chunk and the line end that must follow it.',
  HTTP_too_many_headers: "More header lines than are read; the rest of the message's headers is passed over.",
  HTTP_content_range_cannot_parse: 'A Content-Range that is not one of bytes.',
  HTTP_content_range_invalid: 'A Content-Range of bytes with a position that is no number.',
  HTTP_content_range_overflow: 'A Content-Range longer than can be counted.',
  HTTP_non_positive_content_range: 'A Content-Range that ends before it begins.',
  HTTP_range_not_matching_len: 'Content-Range and Content-Length tell different lengths; the longer is taken.',
  inflate_failed: 'A body that is said to be compressed and is not, or is broken; the rest of it is not unpacked.',
  HTTP_excessive_inflation: 'A compressed body that grows as only a bomb does; the rest of it is not unpacked.',
  contentline_size_exceeded: 'A line longer than is kept; its rest is passed over.',
  'illegal_%_at_end_of_URI': 'A percent sign at the end of a request target.',
  partial_escape_at_end_of_URI: 'Half an escape at the end of a request target.',
  'double_%_in_URI': 'Two percent signs in a row in a request target, as evasion uses.',
  'unescaped_%_in_URI': 'A percent sign in a request target that begins no escape.',
  // Files
  exceeded_mime_max_depth: 'Parts in parts of a message, deeper or more than are read; what is beyond is passed over.',
  // SMTP
  smtp_unknown_command: 'A command that SMTP does not know; its text is not shown, because it may be the answer to a challenge.',
  smtp_reply_code_out_of_range: 'A line of an SMTP server that does not begin with a reply code.',
  smtp_mail_transaction_invalid: 'SMTP commands of a mail out of their order.',
  smtp_excessive_invalid_mail_transactions: 'SMTP commands out of their order, again and again; the flow is read no further.',
  smtp_excessive_pending_cmds: 'More SMTP commands without a reply than are held: the other direction may not be seen.',
  smtp_too_many_rcptto_addresses: 'More recipients of one mail than are recorded.',
  smtp_too_many_to_addresses: 'More addresses in To than are recorded.',
  smtp_too_many_cc_addresses: 'More addresses in Cc than are recorded.',
  smtp_invalid_bdat_command: 'A BDAT command without a length.',
  smtp_huge_bdat_chunk: 'A BDAT command with a length that no mail has.',
  smtp_end_of_data_without_crlf: 'A dot that ends a mail for some servers only, as mail smuggled in mail uses.',
  // FTP
  FTP_invalid_command: 'A line of an FTP client that is no command.',
  FTP_max_command_length_exceeded: 'An FTP command longer than any known.',
  FTP_invalid_reply: 'A line of an FTP server that does not begin with a reply code.',
  FTP_too_many_pending_commands: 'More FTP commands without a reply than are held.',
  FTP_port_of_another_host:
    'An FTP client names another host than itself for the data: the server would be made to call that one.',
  FTP_port_of_a_service: 'FTP announces a data flow to a port of a service; it is not taken for data.',
  // POP3
  pop3_client_command_unknown: 'A command that POP3 does not know.',
  pop3_server_command_unknown: 'A line of a POP3 server where a reply should begin, and is none; the flow is read no further.',
  // TLS
  SSL_invalid_record: 'Bytes where a TLS record should begin that are none; the handshake is written as it stands.',
  SSL_truncated_hello: 'A TLS hello that ends before its fields.',
  SSL_truncated_extension: 'An extension of a TLS hello that reaches beyond it.',
  SSL_truncated_certificate: 'A certificate that reaches beyond its message.',
  SSL_unreadable_certificate: 'A certificate that is no DER of RFC 5280; only its fingerprint is kept.',
  SSL_handshake_too_long:
    'A TLS handshake message longer than is kept; its letter stands in the history, its content is passed over.',
  SSL_many_server_names: 'A TLS client hello that names several servers; the first is taken.',
  SSL_max_ssl_history_length_reached: 'More handshake messages than ssl_history has letters for.',
  ssl_early_application_data: 'Application data before a TLS handshake was complete.',
  // DTLS
  DTLS_invalid_record: 'Bytes where a DTLS record should begin that are none, or one that reaches beyond its datagram.',
  DTLS_invalid_fragment: 'A fragment of a DTLS handshake message that reaches beyond its record or its message.',
  // QUIC
  QUIC_invalid_packet: 'A long header of QUIC that reaches beyond its datagram, or that its version does not have.',
  QUIC_undecryptable_initial: 'A QUIC Initial packet that does not open with the keys of its connection.',
  QUIC_invalid_frame: 'A QUIC Initial packet with a frame that is cut or that must not be there.',
  QUIC_excessive_crypto: 'A QUIC hello that is longer, or comes in more pieces, than is kept.',
  QUIC_max_history_length_reached: 'More QUIC packets than the history has letters for.',
  // DHCP
  DHCP_truncated_message: 'A DHCP message shorter than its fixed part, or with a hardware address longer than it has room for.',
  DHCP_option_past_end: 'A DHCP option that reaches beyond its message.',
  DHCPv6_truncated_message:
    'A DHCPv6 message, or an option in it, that reaches beyond its end, or relays around it beyond reason.',
  // NTP
  NTP_truncated_message: 'An NTP message shorter than the header of its mode.',
  // TFTP
  TFTP_malformed_message: 'A datagram in a TFTP flow that is too short or whose opcode TFTP does not have.',
  // RADIUS
  RADIUS_malformed_message: 'A datagram in a RADIUS flow whose code, length or attributes are not those of RADIUS.',
  // SNMP
  SNMP_malformed_message: 'A datagram in an SNMP session that is no SNMP message, or of a version that is not known.',
  // SSH
  malformed_ssh_identification: 'A line where an SSH identification should stand that is none, or is too long.',
  SSH_invalid_packet: 'An SSH packet before encryption whose length or type no packet has; that direction is not read on.',
  SSH_truncated_KEXINIT: 'The lists of algorithms of an SSH side reach beyond their packet.',
  // Kerberos
  krb_bad_message: 'Bytes where a Kerberos message should begin that are none; of a stream, nothing after them is read.',
  krb_message_too_long: 'A Kerberos message longer than any real one; it is passed over.',
  // NTLM
  ntlm_truncated_message: 'An NTLM message whose fields lie outside of it.',
  ntlm_unterminated_target_information: 'The names in an NTLM challenge have no end, or reach beyond it.',
  // DCE-RPC
  dce_rpc_bad_pdu: 'Bytes where a DCE-RPC message should begin that are none; reading goes on where a segment begins with one.',
  dce_rpc_too_many_pending_calls: 'More unanswered remote calls than are held; the oldest is written without its answer.',
  // SMB
  smb_bad_message: 'Bytes where an SMB message should begin that are none; reading goes on where a segment begins with one.',
  smb_too_many_open_files: 'More files open over SMB than are held; the oldest counts as closed.',
  smb_andx_offset_not_advancing: 'A chain of SMB1 commands whose next place is not behind the current one.',
  // LDAP
  ldap_bad_message: 'Bytes where an LDAP message should begin that are none; reading goes on where a segment begins with one.',
  ldap_message_too_long: 'An LDAP request or result longer than is kept; only its beginning is read.',
  LDAP_max_pending_messages_exceeded: 'More unanswered LDAP operations than are held; the oldest is written without its result.',
  LDAP_max_pending_searches_exceeded: 'More unanswered LDAP searches than are held; the oldest is written without its result.',
  // Modbus
  modbus_bad_protocol_id:
    'A Modbus header whose protocol identifier is not zero; reading goes on where a segment begins with a right one.',
  modbus_bad_length: 'A Modbus header whose length no message can have.',
  modbus_truncated_message: 'A Modbus message shorter than its function needs, or cut by the end of the flow.',
  modbus_bad_quantity: 'A Modbus request for nothing, or for more than the specification allows.',
  modbus_exception_in_request: 'A Modbus request whose function has the bit of an exception.',
  // ISO transport and S7
  cotp_no_packet: 'No packet of RFC 1006 where one should begin.',
  cotp_bad_tpdu: 'A unit of the ISO transport of no known kind, or longer than its packet.',
  s7comm_truncated_message: 'An S7 message shorter than its head or parameters state.',
  s7comm_unknown_rosctr: 'An S7 message of no known kind.',
  mms_bad_message: 'A message of MMS without the number that joins it to its answer.',
  // EtherNet/IP and CIP
  enip_bad_message: 'Bytes where a message of EtherNet/IP should begin that are none, or items that reach beyond it.',
  cip_truncated_message: 'A CIP message whose path, offsets or carried services reach beyond it.',
  // IEC 60870-5-104
  iec104_no_start: 'Bytes between messages of IEC 60870-5-104 that are none; reading goes on with the next start.',
  iec104_truncated_message: 'A message of IEC 60870-5-104 that is shorter than its type and number of objects need.',
  // BACnet
  bacnet_bad_message: 'A datagram in a BACnet flow that is no message of BACnet/IP.',
  bacnet_truncated_message: 'A BACnet message that ends in its network or application head.',
  bacnet_bad_parameters: 'A BACnet service whose parameters are not those it has.',
  // OPC UA
  opcua_bad_message:
    'Bytes where a message of OPC UA should begin that are none, or a message that ends in the midst of a value.',
  // HART-IP
  hart_ip_bad_message: 'Bytes where a message of HART-IP should begin that are none, or one that reaches beyond its datagram.',
  hart_ip_truncated_message: 'A message of HART-IP whose frame is shorter than it states.',
  // Synchrophasors
  synchrophasor_no_frame: 'No frame of synchrophasors where one should begin; reading goes on where a segment begins with one.',
  synchrophasor_bad_checksum: 'A frame of synchrophasors with a wrong checksum; it is not read.',
  synchrophasor_bad_configuration: 'A configuration of synchrophasors that reaches beyond its frame.',
  // DNP3
  dnp3_header_lacks_magic: 'No DNP3 frame where one should begin.',
  dnp3_corrupt_header_checksum: 'The checksum of a DNP3 frame’s head is wrong.',
  dnp3_corrupt_data_checksum: 'The checksum of a block of a DNP3 frame is wrong.',
  dnp3_fragment_out_of_order: 'A DNP3 frame that does not follow what came before of its fragment.',
  dnp3_truncated_message: 'A DNP3 fragment that is cut, or whose object headers make no sense.',
  // MySQL
  mysql_bad_packet: 'A MySQL greeting, login or column count that cannot be one; nothing after it is read.',
  // PostgreSQL
  postgresql_bad_message: 'A PostgreSQL message of an unknown type or an impossible length; nothing after it is read.',
  // Redis
  Redis_excessive_pipelining: 'More unanswered Redis commands than are held; those beyond are written without their reply.',
  redis_bad_data: 'A Redis command or reply that the protocol does not have; nothing after it is read.',
  // SOCKS
  socks_bad_message: 'A SOCKS message that its version does not have; nothing after it is read.',
  // HTTP/2
  HTTP2_bad_preface:
    'The first bytes of an HTTP/2 client that are not its preface; nothing after them is read in that direction.',
  HTTP2_bad_frame:
    'An HTTP/2 frame where it cannot stand, or of an impossible length; nothing after it is read in that direction.',
  HTTP2_bad_padding: 'Padding of an HTTP/2 frame that reaches beyond it.',
  HTTP2_bad_header_block: 'Header fields of HTTP/2 that cannot be decoded; nothing after them is read in that direction.',
  HTTP2_excessive_header_block: 'More header fields of HTTP/2 in one block than are held.',
  HTTP2_excessive_streams: 'More open HTTP/2 streams than are held; the oldest is written as it stands.',
  gRPC_bad_message: 'Bytes of a gRPC call that are no message; nothing after them is counted in that direction.',
  // WebSocket
  websocket_wrong_accept_header: 'The answer of a WebSocket server does not fit the key of its client.',
  websocket_missing_key_header: 'A WebSocket that was agreed without a key of the client.',
  websocket_missing_accept_header: 'A WebSocket that was agreed without an answer to the key.',
  websocket_multiple_key_headers: 'A WebSocket client that sent its key twice.',
  websocket_multiple_accept_headers: 'A WebSocket server that answered the key twice.',
  websocket_multiple_protocol_headers: 'A WebSocket server that chose its subprotocol twice.',
  websocket_control_frame_size_exceeded: 'A WebSocket control frame of more than 125 bytes.',
  websocket_bad_frame: 'A WebSocket frame of a reserved kind or an impossible length; its direction is not read on.',
  // RDP
  RDP_bad_message: 'A message of the setting up of RDP that cannot be one; nothing after it is read.',
  RDP_bad_data_block: 'A block of RDP data, or a certificate in it, that reaches beyond its message.',
  RDP_channels_requested_exceeds_max: 'An RDP client that asks for more channels than the 31 there are.',
  // RFB
  rfb_bad_message: 'A VNC greeting that is none, or a name longer than any; nothing after it is read.',
  // CoAP
  coap_bad_message: 'A datagram in a CoAP flow that is no message, or whose options reach beyond it.',
  // SSDP
  ssdp_bad_message: 'A datagram in an SSDP flow that is none of its three messages.',
  // AMQP
  amqp_bad_message: 'Bytes where a frame of AMQP should begin that are none; reading goes on where a segment begins with one.',
  amqp_truncated_message: 'A method of AMQP that ends before its fields, or a frame that is cut by the end of the flow.',
  // MQTT
  mqtt_bad_message: 'Bytes where an MQTT packet should begin that are none; reading goes on where a segment begins with one.',
  mqtt_truncated_message: 'An MQTT packet that ends before its fields, or is cut by the end of the flow.',
  // Syslog
  syslog_bad_length: 'A length before a syslog message over TCP that is none; nothing after it is read in that direction.',
  // SCTP, Diameter, SS7 over IP and SMPP
  bad_SCTP_checksum: 'The checksum of an SCTP packet is wrong.',
  sctp_malformed_packet: 'An SCTP packet shorter than its header, or a chunk that is too short or reaches beyond its packet.',
  sctp_message_too_long: 'A message over SCTP in more fragments than are joined; it is passed over.',
  diameter_malformed_message: 'Bytes on a Diameter flow that are no message; reading goes on with a piece that begins one.',
  diameter_malformed_attribute: 'An attribute of Diameter that does not fit its message; what follows is not read.',
  m3ua_malformed_message: 'A message of M3UA or M2UA whose length or parameters do not fit.',
  sccp_malformed_message: 'An SCCP message whose pointers or addresses lead out of it.',
  tcap_malformed_message: 'A TCAP message whose elements do not fit; what was read before is written.',
  smpp_malformed_message: 'Bytes on an SMPP flow that are no message; reading goes on with a piece that begins one.',
  // BGP
  bgp_malformed_message: 'Bytes between messages of BGP that are none; reading goes on with a piece that begins one.',
  bgp_malformed_open: 'An OPEN of BGP whose parameters or capabilities do not fit its length.',
  bgp_malformed_update: 'An UPDATE of BGP whose routes cannot be told; a router resets the session (RFC 7606).',
  bgp_treat_as_withdraw:
    'An UPDATE of BGP with an attribute that is malformed or missing; a router takes its routes as withdrawn (RFC 7606).',
  bgp_attribute_discarded: 'An UPDATE of BGP with an attribute that is malformed and that a router leaves out alone (RFC 7606).',
  bmp_malformed_message: 'A message of BMP whose parts do not fit its length, or bytes between messages that are none.',
  // IPsec
  ipsec_bad_message:
    'A message on an IKE flow that is none, or whose payloads or stated length do not fit; what fits is written.',
  // L2TP and PPTP
  l2tp_bad_message:
    'A datagram in an L2TP flow that is no control message, or whose length or attributes do not fit; what fits is written.',
  pptp_bad_message:
    'Bytes in the control channel of PPTP where a message should begin that are none; that direction is read no further.',
  // OpenVPN
  openvpn_bad_message:
    'A packet in an OpenVPN flow whose opcode there is not, or that is too short for its head; a stream is read no further.',
  // WireGuard
  wireguard_bad_message: 'A datagram in a WireGuard flow that has none of the four shapes of its messages.',
  // SIP and RTP
  sip_malformed_message:
    'A message on a SIP flow that is none; over TCP nothing after it is read in that direction until one begins.',
  unknown_SIP_method: 'A SIP method that no RFC names.',
  invalid_SIP_request_body_len: 'A Content-Length of a SIP request that is not a number.',
  invalid_SIP_response_body_len: 'A Content-Length of a SIP response that is not a number.',
  sip_max_request_path_length_exceeded: 'A SIP request with more Via headers than elements can have passed it on.',
  sip_max_response_path_length_exceeded: 'A SIP response with more Via headers than elements can have passed it on.',
  rtp_malformed_packet: 'A packet within a media flow whose extension or padding reaches beyond it.',
  // Transport streams and RTSP
  mpeg_ts_bad_datagram_length: 'A datagram of a transport stream that is no multiple of 188 bytes; its whole packets are read.',
  rtsp_malformed_message: 'Bytes on an RTSP flow that are no message; reading goes on with a piece that begins one.',
  rtsp_bad_content_length: 'A Content-Length of an RTSP message that is not a number.',
  // GTP and PFCP
  gtp_malformed_message: 'A datagram on a GTP flow that is none, or states another length than it has.',
  gtp_malformed_element: 'An information element of GTP that does not fit its message; what follows is not read.',
  pfcp_malformed_message: 'A datagram on a PFCP flow that is none, or states another length than it has.',
  pfcp_malformed_element: 'An information element of PFCP that does not fit its message; what follows is not read.',
  // NetFlow, IPFIX, sFlow
  flow_export_bad_message:
    'A message to a collector of flows that is of no known kind, or whose lengths make no sense; counted, told once a minute.',
  flow_export_truncated: 'Exported flows, records or samples of which fewer are there than stated.',
  flow_export_sequence_gap:
    'Numbers of an exporter that do not follow one another: flows (v5), messages (v9, sFlow) or records (IPFIX) were lost on the way.',
  flow_export_template_missing: 'Records whose template has not come, or is no longer believed; they are not read.',
  flow_export_bad_template: 'A template that is cut, has too many fields, or describes records without a byte; it is not kept.',
  flow_export_withdrawal_by_datagram: 'A withdrawal of templates over UDP, which RFC 7011 does not allow; it is not followed.',
  flow_export_too_many_records:
    'More records in one message than any honest exporter puts into it; the rest is counted and not read.',
  flow_export_element_without_column: 'Information elements of a template whose values are not written, by number.',
  // Logs that come over the network
  log_event_refused:
    'Lines or objects that came to a collector and could not be read, by reason, with their number since the last minute.',
  log_connection_refused: 'Connections to a collector that were refused because there were too many.',
  log_connection_unframed:
    'Connections to a collector of syslog that were ended: no message stood where one should begin, or it was too long.',
  log_message_cut: 'Messages to a collector that were cut because of their length.',
  log_message_repeated:
    'Messages of a broker that bear the mark of having been sent before: a connection ended before they were acknowledged.',
};
