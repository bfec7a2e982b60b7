/** Which values name a thing that has a page of its own: a host, a domain, a certificate. */

import { parseAddress } from '@forewarn/base/ip';

export type EntityKind = 'host' | 'service' | 'domain' | 'certificate';
export type Entity = { kind: EntityKind; id: string };

/** Fields whose values are names of hosts or domains, or lists of them, in records and findings. */
const nameFields = new Set([
  'query',
  'server_name',
  'host',
  'host_name',
  'names',
  'san.dns',
  'answers',
  'domain',
  'hostname',
  'cs-host',
  'r-dns',
]);
const fingerprintFields = new Set(['fingerprint', 'cert_chain_fps', 'client_cert_chain_fps', 'sha1', 'sha256']);

/** A name of at least two labels (RFC 1035 §2.3.1, and underscores, which services have). */
const domain = /^(?=.{4,253}$)(?:[\p{L}\p{N}_](?:[\p{L}\p{N}_-]{0,61}[\p{L}\p{N}_])?\.)+[\p{L}\p{N}][\p{L}\p{N}-]{0,61}\.?$/u;

export function entityOf(field: string, value: string): Entity | null {
  if (value.length <= 45 && parseAddress(value) !== undefined) return { kind: 'host', id: value };
  if (fingerprintFields.has(field) && /^[0-9a-f]{40}$|^[0-9a-f]{64}$/i.test(value))
    return { kind: 'certificate', id: value.toLowerCase() };
  if (nameFields.has(field) && domain.test(value)) return { kind: 'domain', id: value.toLowerCase().replace(/\.$/, '') };
  return null;
}
