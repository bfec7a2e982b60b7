/** The one writing of each kind of value: lists and records must meet in it. */

import { formatAddress, parseAddress, parseNetwork } from '@forewarn/base/ip';
import type { IndicatorKind } from '@forewarn/model/indicator';

/** Hashes by their number of hexadecimal digits: MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512. */
const hashPattern = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i;

/** Names that other lists use for the same kinds. */
const aliases: { readonly [name: string]: IndicatorKind } = {
  address: 'address',
  ip: 'address',
  ipv4: 'address',
  ipv6: 'address',
  'ip-src': 'address',
  'ip-dst': 'address',
  'ipv4-addr': 'address',
  'ipv6-addr': 'address',
  network: 'network',
  cidr: 'network',
  domain: 'domain',
  hostname: 'domain',
  'domain-name': 'domain',
  fqdn: 'domain',
  url: 'url',
  uri: 'url',
  hash: 'hash',
  md5: 'hash',
  sha1: 'hash',
  sha256: 'hash',
  sha512: 'hash',
  'x509-fingerprint-sha256': 'hash',
};

export function kindOf(name: string): IndicatorKind | undefined {
  return aliases[name.trim().toLowerCase()];
}

/** Undoes what people do so that nobody clicks: `hxxp://evil[.]example` is `http://evil.example`. */
export function refang(text: string): string {
  return text
    .trim()
    .replace(/^hxxp/i, 'http')
    .replaceAll(/\[(\.|:)\]|\((\.)\)|\{(\.)\}/g, (_, a?: string, b?: string, c?: string) => a ?? b ?? c ?? '')
    .replaceAll(/\[dot\]/gi, '.');
}

/** The kind a bare value looks like; `undefined` when like none. */
export function guessKind(value: string): IndicatorKind | undefined {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return 'url';
  if (value.includes('/')) return parseNetwork(value) ? 'network' : undefined;
  if (parseAddress(value)) return 'address';
  if (hashPattern.test(value)) return 'hash';
  return canonicalDomain(value) === undefined ? undefined : 'domain';
}

/** RFC 1035 §2.3.4: 253 characters, labels of 63; underscores are met in practice. */
export function canonicalDomain(text: string): string | undefined {
  let name = text.toLowerCase().replace(/\.$/, '');
  if (name.length === 0 || name.length > 253) return undefined;
  if (/\P{ASCII}/u.test(name)) {
    // Names in other scripts are on the wire as xn--… (RFC 5891).
    const parsed = URL.parse(`http://${name}/`);
    if (!parsed) return undefined;
    name = parsed.hostname;
  }
  return /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?:[a-z][a-z0-9-]{0,61}[a-z0-9]|[a-z])$/.test(name) ? name : undefined;
}

/** Scheme and host in lower case, the usual port and the fragment gone (RFC 3986 §6.2). */
export function canonicalUrl(text: string): string | undefined {
  if (text.length > 4_000) return undefined;
  const url = URL.parse(text);
  if (!url || !/^(?:https?|ftp):$/.test(url.protocol)) return undefined;
  return `${url.protocol}//${url.host}${url.pathname}${url.search}`;
}

/** The one writing of a value of the kind, or `undefined` when it is none. */
export function canonicalValue(kind: IndicatorKind, text: string): string | undefined {
  switch (kind) {
    case 'address': {
      const bytes = parseAddress(text);
      return bytes && formatAddress(bytes);
    }
    case 'network': {
      const network = parseNetwork(text);
      return network && `${formatAddress(network.bytes)}/${network.prefix}`;
    }
    case 'domain':
      return canonicalDomain(text);
    case 'url':
      return canonicalUrl(text);
    case 'hash':
      return hashPattern.test(text) ? text.toLowerCase() : undefined;
  }
}
