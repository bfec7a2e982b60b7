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
    name: 'dns',
    test: /dns\.flip/,
    fields: /^id\./,
    reason: 'Both ports are 53 and the first message is an answer; Zeek turns the roles round, we keep who sent first.',
    place: 'frame 1',
    rfc: 'RFC 1035 §4.1.1',
  },
  {
    source: 'zeek',
    name: 'http',
    test: /http\.missing-zlib-header/,
    fields: /^response_body_len$/,
    reason: 'We write the length of the body as transferred; Zeek unpacks a deflate body without its zlib header.',
    place: 'the response to the only request',
    rfc: 'RFC 9110 §6.4, §8.4.1.2',
  },
  {
    source: 'zeek',
    name: 'http',
    test: /http\.deeply-nested-mime/,
    fields: /^orig_mime_types$/,
    reason: 'Types of the parts inside a multipart body are not listed.',
    place: 'the body of the only request',
    rfc: 'RFC 2046 §5.1',
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
];
