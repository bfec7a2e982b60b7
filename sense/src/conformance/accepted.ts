/**
 * The differences from other tools that stay, each reviewed: what differs, where it can be seen, why ours is right or
 * why we leave it so. They count as differences all the same; together they may be at most 2 % of all compared fields.
 *
 * An entry is for a place, not for a field everywhere: `test` names one test (or a pattern of tests that share one
 * capture), `rows` the rows of its log (from 1) where not all of them differ. An entry that explains nothing any more is
 * told of by the suite, so that the list does not outlive its reasons.
 */

export type Accepted = {
  /** `zeek`, `ndpi`, `suricata`, … */
  source: string;
  /** The log, protocol or kind of event. */
  name: string;
  test: string | RegExp;
  fields: RegExp;
  rows?: readonly number[];
  reason: string;
  /** The frame or place in the capture where it can be seen. */
  place: string;
  /** The standard that decides it, where one does. */
  rfc?: string;
};

export const accepted: readonly Accepted[] = [
  {
    source: 'zeek',
    name: 'conn',
    test: /ftp\.ftp-(?:missing-space-after-reply-code|invalid-reply-code)|pop3\.bad-list-retr-crafted/,
    fields: /^service$/,
    reason: 'A flow keeps the protocol that it began with when its server errs later; Zeek takes the service away again.',
    place: 'the line of the server that is no reply',
    rfc: 'RFC 959 §4.2, RFC 1939 §3',
  },
  {
    source: 'zeek',
    name: 'ftp',
    test: /ftp\.ftp-(?:multiline-reply|samba-retr|password-pass-command)$/,
    fields: /^arg$/,
    reason: 'The argument of PASS is never written; Zeek shows it for guests, or where the test asks for it.',
    place: 'the PASS of the only session',
    rfc: 'RFC 959 §4.1.1',
  },
  {
    source: 'zeek',
    name: 'ftp',
    test: /ftp\.ftp-(?:missing-space-after-reply-code|invalid-reply-code)/,
    fields: /^reply_/,
    rows: [3],
    reason: 'The last command was never answered; Zeek repeats the reply to the one before.',
    place: 'the last command of the client',
    rfc: 'RFC 959 §4.2',
  },
  {
    source: 'zeek',
    name: 'conn',
    test: /ssh\.half-duplex-client/,
    fields: /^service$/,
    reason:
      'Only the client was captured: it identifies itself as SSH and goes on with its key exchange, which proves the protocol. Zeek gives up because the other side does not answer.',
    place: 'frames 4 and 5 of the first flow',
    rfc: 'RFC 4253 §4.2, §7.1',
  },
  {
    source: 'zeek',
    name: 'ssh',
    test: /./,
    fields: /^host_key_fingerprint$/,
    reason:
      'We write all 32 bytes of the digest in 43 characters, as ssh-keygen -l does; the baselines stop after 24 bytes, 32 characters.',
    place: 'ssh_version_199.pcap, frame 15: the key in the reply to the key exchange',
    rfc: 'RFC 4253 §6.6, RFC 4255 §3.1.3 with RFC 6594 §3.3',
  },
  {
    source: 'zeek',
    name: 'ntp',
    test: /ntp\.misordered-ntp/,
    fields: /^id\./,
    reason: 'Both ports are 123 and the first message is an answer; Zeek turns the roles round, we keep who sent first.',
    place: 'frame 1',
    rfc: 'RFC 5905 §9.2',
  },
  {
    source: 'zeek',
    name: 'smtp',
    test: /smtp\.bdat-pipeline-8bitmime/,
    fields: /^path$/,
    reason: 'An IPv6 host in a Received header is written [IPv6:…]; Zeek passes over it, we take it into the path.',
    place: 'the first Received header of both messages',
    rfc: 'RFC 5321 §4.1.3',
  },
  {
    source: 'zeek',
    name: 'files',
    test: /smtp\.attachment/,
    fields: /^seen_bytes$/,
    rows: [2, 3],
    reason: 'The line end before a boundary belongs to the boundary; Zeek counts it to a part in quoted-printable.',
    place: 'the second and third part of the first message',
    rfc: 'RFC 2046 §5.1.1',
  },
  {
    source: 'zeek',
    name: 'dns',
    test: /dns\.flip/,
    fields: /^id\./,
    reason: 'Both ports are 53 and the first message is an answer; Zeek turns the roles round, we keep who sent first.',
    place: 'frame 1',
    rfc: 'RFC 1035 §4.1.1',
  },
  {
    source: 'zeek',
    name: 'ssl',
    test: /ssl\.tls13-experiment/,
    fields: /^resumed$/,
    reason: 'Zeek takes the echoed session id of the draft version 0x7e01 for a resumption.',
    place: 'the server hello',
    rfc: 'RFC 8446 §4.1.3',
  },
  {
    source: 'ndpi',
    name: 'flows',
    test: 'dns_fragmented.pcap',
    fields: /^bytes/,
    reason: 'nDPI counts the first piece of a datagram in pieces and passes the others over; all of them are its bytes.',
    place: 'flows 3 to 9, the answers',
    rfc: 'RFC 791 §3.2, RFC 8200 §4.5',
  },
  {
    source: 'ndpi',
    name: 'flows',
    test: 'fuzz-2020-02-16-11740.pcap',
    fields: /./,
    reason: 'nDPI passes over packets whose IP length goes beyond what was captured; we, like tshark, count them.',
    place: 'frames 58, 283, 312, 322, 324, 348',
    rfc: 'RFC 791 §3.1',
  },
  {
    source: 'ndpi',
    name: 'flows',
    test: 'ndpi_match_string_subprotocol__error.pcapng',
    fields: / there$/,
    reason: 'nDPI passes over packets whose IP length goes beyond what was captured; we, like tshark, count them.',
    place: 'frame 10: 2,610 bytes by its header, 562 captured',
    rfc: 'RFC 791 §3.1',
  },
  {
    source: 'ndpi',
    name: 'flows',
    test: 'rsh-syslog-false-positive.pcap',
    fields: / there$/,
    reason: 'nDPI passes over packets whose IP length goes beyond what was captured; we, like tshark, count them.',
    place: 'frames 6 and 7, cut by the snap length of 1,010 bytes',
    rfc: 'RFC 791 §3.1',
  },
  {
    source: 'ipfixprobe',
    name: 'flows',
    test: 'netbios',
    fields: /^(?:PACKETS|BYTES)/,
    reason: 'The plugin writes a flow once for each name in it and repeats the flow’s counts each time.',
    place: 'rows 2 to 4 and 7 to 9',
  },
  {
    source: 'ipfixprobe',
    name: 'flows',
    test: 'passivedns',
    fields: /^(?:PACKETS|BYTES)/,
    reason: 'The plugin writes a flow once for each answer and repeats the flow’s counts each time.',
    place: 'rows 1, 3 and 4',
  },
  {
    source: 'ipfixprobe',
    name: 'flows',
    test: 'nettisa',
    fields: /^(?:PACKETS|BYTES)/,
    reason: 'The plugin leaves out flows of a single packet: one of the 22 echo messages of these two hosts.',
    place: 'rows 1 and 4 to 7',
  },
  {
    source: 'ipfixprobe',
    name: 'flows',
    test: 'vlan',
    fields: /^VLAN_ID$/,
    reason: 'Flows of one five-tuple on several VLANs are one flow for us, as for Zeek, with the VLAN of its first packet.',
    place: 'rows 2 and 3',
  },
  {
    source: 'ipfixprobe',
    name: 'ssl',
    test: 'tls',
    fields: /^TLS_JA4$/,
    reason: 'ipfixprobe counts the GREASE extensions; ours equal FoxIO’s own values on its captures.',
    place: 'the client hellos',
    rfc: 'RFC 8701; JA4 technical details: GREASE values are ignored',
  },
  {
    source: 'ja4',
    name: 'ssl',
    test: 'tls-sni.pcapng',
    fields: /^JA4\.2$/,
    reason: 'The second hello after a HelloRetryRequest has a fingerprint of its own; a record keeps that of the first hello.',
    place: 'streams 38, 41, 42, 44, 45',
    rfc: 'RFC 8446 §4.1.4',
  },
  {
    source: 'suricata',
    name: 'flow',
    test: /^decode-erspan-typeI-0/,
    fields: /^(?:src_ip|vlan)$/,
    reason: 'The two directions of a ping lie on VLANs 1011 and 999; Suricata takes them for two flows, we and Zeek for one.',
    place: 'frames 1 and 2',
  },
  {
    source: 'suricata',
    name: 'flow',
    test: 'bug-2646-01',
    fields: /^flow\./,
    reason:
      'A FIN sent again for 57 s: our flow, as Zeek’s, ends 5 s after both sides have closed, and the copies are flows of their own.',
    place: 'frames 26 to 29',
    rfc: 'RFC 9293 §3.3.2',
  },
  {
    source: 'arkime',
    name: 'sessions',
    test: /^(?:IKEv1|arkime_synthetic|gtp-iphone|v6)$/,
    fields: /^community_id$/,
    reason: 'Arkime sorts the ends of one-way ICMP messages and takes words of an ESP header for ports.',
    place: 'ESP: IKEv1 session 2, arkime_synthetic session 103; ICMPv6 type 1: gtp-iphone session 14, v6 session 36',
    rfc: 'Community ID v1: one-way ICMP is not sorted, ESP has no ports',
  },
  {
    source: 'arkime',
    name: 'sessions',
    test: /^(?:dns-flags0110|stun)$/,
    fields: /^vlan$/,
    reason: 'The two directions lie on different VLANs; conn has one, that of the first packet, as in Zeek.',
    place: 'dns-flags0110 frames 1 and 2, stun frames 3 and 4',
  },
  {
    source: 'arkime',
    name: 'sessions',
    test: /^(?:igmp|ospf)$/,
    fields: /^source\./,
    reason: 'Arkime takes all IGMP or PIM messages of a sender for one session, whatever group they go to.',
    place: 'igmp session 1, ospf sessions 2 and 33',
  },
  {
    source: 'arkime',
    name: 'sessions',
    test: 'single-packets',
    fields: /^(?:source|destination)\./,
    rows: [9],
    reason: 'The only packet is a response of 68.178.213.61 port 80; Arkime turns the session round, but not its counts.',
    place: 'frame 9',
  },
  {
    source: 'arkime',
    name: 'sessions',
    test: 'socks5-http-302-frag',
    fields: /bytes$/,
    reason: 'Arkime counts the last piece of a datagram in pieces; all pieces are its bytes.',
    place: 'frames 6 to 27',
    rfc: 'RFC 791 §3.2',
  },
  {
    source: 'suricata',
    name: 'tls',
    test: 'bug-5713-02-ja4',
    fields: /^tls\.ja4$/,
    reason:
      'Suricata ends the list of extensions with an underscore where there are no signature algorithms; arkime and nDPI do not.',
    place: 'the client hello, which has no extension 13',
    rfc: 'FoxIO JA4.md, "Extension hash": without them "the string ends without an underscore"',
  },
  {
    source: 'suricata',
    name: 'tls',
    test: /^bug-5713/,
    fields: /^tls\.version$/,
    reason: 'No server hello was seen; our version, as Zeek’s, is the one that was agreed, theirs then the one that was offered.',
    place: 'the only hello',
  },
  {
    source: 'suricata',
    name: 'tls',
    test: 'tls/tls13-draft14',
    fields: /^tls\.version$/,
    reason:
      'Before draft 16 the server called itself 1.3 like the standard; it is written so, theirs adds what the form of the hello tells.',
    place: 'the server hello, version 0x0304',
    rfc: 'draft-ietf-tls-tls13-14 §4.1.2',
  },
  {
    source: 'arkime',
    name: 'quic',
    test: 'fbzero-android',
    fields: /./,
    reason: 'Facebook’s Zero over TCP, given up in 2018 and no QUIC; it is not read.',
    place: 'frame 4',
  },
];
