/**
 * Where our records show what STIX calls its objects' properties (STIX 2.1 section 6). What is not here no record shows, and a pattern about it
 * is refused with that reason.
 */

/** A field of a record; several are alternatives. */
export type Shown = {
  readonly fields: readonly string[];
  /** Names, hashes and the like, which are the same in any case. */
  readonly folded?: boolean;
  /** The property is a text that our field has as a number of seconds. */
  readonly instant?: boolean;
  readonly number?: boolean;
};

/** One log in which an object is seen, and its properties there. */
export type Sight = { readonly log: string; readonly shows: { readonly [property: string]: Shown } };

const one = (field: string, how: Omit<Shown, 'fields'> = {}): Shown => ({ fields: [field], ...how });
const folded = (...fields: string[]): Shown => ({ fields, folded: true });
const number = (...fields: string[]): Shown => ({ fields, number: true });

const flow = {
  'src_ref.value': one('id.orig_h'),
  'dst_ref.value': one('id.resp_h'),
  src_port: number('id.orig_p'),
  dst_port: number('id.resp_p'),
};

const counted = {
  ...flow,
  'protocols[*]': folded('proto', 'service'),
  src_byte_count: number('orig_bytes'),
  dst_byte_count: number('resp_bytes'),
  src_packets: number('orig_pkts'),
  dst_packets: number('resp_pkts'),
  start: one('ts', { instant: true }),
};

const request = 'extensions.http-request-ext';

const address: readonly Sight[] = [
  { log: 'conn', shows: { value: one('id.orig_h') } },
  { log: 'conn', shows: { value: one('id.resp_h') } },
  { log: 'ipfix', shows: { value: one('id.orig_h') } },
  { log: 'ipfix', shows: { value: one('id.resp_h') } },
  { log: 'dns', shows: { value: one('answers') } },
];

/**
 * By type of object; the sights of the first group in which a whole comparison can be asked are taken, so that a flow is not counted once more for
 * what was read in it.
 */
export const observables: { readonly [object: string]: readonly (readonly Sight[])[] } = {
  'ipv4-addr': [address],
  'ipv6-addr': [address],
  'domain-name': [
    [
      { log: 'dns', shows: { value: folded('query'), 'resolves_to_refs[*].value': one('answers') } },
      { log: 'dns', shows: { value: folded('answers') } },
      { log: 'http', shows: { value: folded('host') } },
      { log: 'ssl', shows: { value: folded('server_name') } },
      { log: 'quic', shows: { value: folded('server_name') } },
    ],
  ],
  url: [[{ log: 'http', shows: { value: one('_url') } }]],
  file: [
    [
      {
        log: 'files',
        shows: {
          'hashes.MD5': folded('md5'),
          'hashes.SHA-1': folded('sha1'),
          'hashes.SHA-256': folded('sha256'),
          size: number('total_bytes', 'seen_bytes'),
          mime_type: folded('mime_type'),
          name: one('filename'),
        },
      },
    ],
  ],
  'x509-certificate': [
    [
      {
        log: 'x509',
        shows: {
          'hashes.SHA-256': folded('fingerprint'),
          serial_number: folded('certificate.serial'),
          subject: one('certificate.subject'),
          issuer: one('certificate.issuer'),
          validity_not_before: one('certificate.not_valid_before', { instant: true }),
          validity_not_after: one('certificate.not_valid_after', { instant: true }),
        },
      },
    ],
  ],
  'network-traffic': [
    [
      { log: 'conn', shows: counted },
      { log: 'ipfix', shows: counted },
    ],
    [
      {
        log: 'http',
        shows: {
          ...flow,
          [`${request}.request_method`]: one('method'),
          [`${request}.request_value`]: one('uri'),
          [`${request}.request_version`]: one('version'),
          [`${request}.request_header.User-Agent`]: one('user_agent'),
          [`${request}.request_header.Host`]: folded('host'),
          [`${request}.request_header.Referer`]: one('referrer'),
        },
      },
    ],
  ],
  'mac-addr': [
    [
      { log: 'arp', shows: { value: folded('mac_src', 'mac_dst') } },
      { log: 'dhcp', shows: { value: folded('mac') } },
    ],
  ],
  process: [
    [
      {
        log: 'windows',
        shows: {
          command_line: one('CommandLine'),
          'parent_ref.command_line': one('ParentCommandLine'),
          'image_ref.name': one('Image'),
        },
      },
    ],
  ],
  'windows-registry-key': [[{ log: 'windows', shows: { key: folded('TargetObject') } }]],
};

/** Objects that are never looked for, and why. */
export const withheldObjects: { readonly [object: string]: string } = {
  'email-addr': 'Mail addresses are those of persons.',
  'email-message': 'The content of communications is not searched.',
  'user-account': 'Accounts are those of persons.',
};
