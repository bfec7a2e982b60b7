/** Which values name a thing that has a page of its own: a host, a domain, a certificate. */

import { entityOf as named, fingerprintFields, isAddress, nameFields, type Entity } from '@forewarn/model/entity';

/** Fields of findings and answers that hold names beside those of records. */
const names = new Set<string>([...nameFields, 'names', 'answers', 'host_name', 'r-dns']);
const fingerprints = new Set<string>(fingerprintFields);

export function entityOf(field: string, value: string): Entity | null {
  if (isAddress(value)) return named('host', value) ?? null;
  if (fingerprints.has(field)) return named('certificate', value) ?? null;
  return names.has(field) ? (named('domain', value) ?? null) : null;
}
