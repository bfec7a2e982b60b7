/** Where listed values are looked for in records. */

/** Values in their one writing (`detect/indicators/values.ts`). */
export type PastValues = {
  readonly addresses: readonly string[];
  readonly networks: readonly string[];
  readonly domains: readonly string[];
  readonly urls: readonly string[];
  readonly hashes: readonly string[];
};

/** Fields by kind of value. A vector is asked by its elements. */
export const places: { readonly [kind in keyof PastValues]: { readonly [log: string]: readonly string[] } } = {
  addresses: {
    conn: ['id.orig_h', 'id.resp_h'],
    ipfix: ['sourceIPv4Address', 'destinationIPv4Address', 'sourceIPv6Address', 'destinationIPv6Address'],
    dns: ['answers'],
  },
  networks: { conn: ['id.orig_h', 'id.resp_h'] },
  domains: { dns: ['query'], http: ['host'], ssl: ['server_name'], quic: ['server_name'] },
  urls: { http: ['host'] },
  hashes: { files: ['md5', 'sha1', 'sha256'], x509: ['fingerprint'], ssl: ['ja3', 'ja3s', 'cert_chain_fps'] },
};

/** Nearly every file has a hash of its own, so that a list of them is no shorter than the records. */
const unlike = new Set(['files']);

/** Fields of a log of which each value is kept once a part, with the first and last time it was met. */
export function metFields(log: string): readonly string[] {
  if (unlike.has(log)) return [];
  return [...new Set(Object.values(places).flatMap((of) => of[log] ?? []))];
}
