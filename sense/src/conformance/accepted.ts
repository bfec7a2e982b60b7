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
];
