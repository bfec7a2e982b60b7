/** MISP's attribute types and tags, in our words (MISP core format, https://www.misp-standard.org/rfc/misp-standard-core.html, section 2.4). */

import { parseAddress } from '@forewarn/base/ip';
import type { Credibility, ListedValue, Reliability, Said } from '@forewarn/model/indicator';

const hashTypes = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];

/** What an attribute's value holds; a text says why it is not looked for. */
export function valuesOfAttribute(type: string, value: string): readonly Pick<ListedValue, 'kind' | 'value'>[] | string {
  const [first = '', second = ''] = splitOnce(value);
  const address = (text: string): Pick<ListedValue, 'kind' | 'value'> => ({
    kind: text.includes('/') ? 'network' : 'address',
    value: text,
  });
  switch (type) {
    case 'ip-src':
    case 'ip-dst':
      return [address(value)];
    case 'ip-src|port':
    case 'ip-dst|port':
      // Some tools write the port after a colon.
      return [address(value.includes('|') || parseAddress(value) ? first : value.replace(/:\d+$/, ''))];
    case 'domain':
    case 'hostname':
      return [{ kind: 'domain', value }];
    case 'hostname|port':
      return [{ kind: 'domain', value: first }];
    case 'domain|ip':
      return [{ kind: 'domain', value: first }, address(second)];
    case 'url':
    case 'uri':
      return [{ kind: 'url', value }];
    case 'x509-fingerprint-md5':
    case 'x509-fingerprint-sha1':
    case 'x509-fingerprint-sha256':
    case 'ja3-fingerprint-md5':
      return [{ kind: 'hash', value }];
    case 'malware-sample':
      return [{ kind: 'hash', value: second }];
  }
  if (hashTypes.includes(type)) return [{ kind: 'hash', value }];
  if (type.startsWith('filename|') && hashTypes.includes(type.slice('filename|'.length)))
    return [{ kind: 'hash', value: second }];
  if (/^(?:email|whois-registrant|target-|github-|jabber|twitter|phone|first-name|last-name)/.test(type))
    return `Attributes of type ${type} are about persons and are not looked for.`;
  return `Attributes of type ${type.slice(0, 60)} are not looked for.`;
}

function splitOnce(value: string): [string, string] {
  const at = value.indexOf('|');
  return at < 0 ? [value, ''] : [value.slice(0, at), value.slice(at + 1)];
}

/** MISP's taxonomy "misp", predicate confidence-level. */
const confidenceLevels: { readonly [level: string]: number } = {
  'completely-confident': 1,
  'usually-confident': 0.75,
  'fairly-confident': 0.5,
  'rarely-confident': 0.25,
  unconfident: 0,
};

/** What tags say of the worth and the technique: the taxonomies "admiralty-scale" and "misp", and the galaxy of ATT&CK. */
export function saidByTags(tags: readonly string[]): Said {
  let reliability: Reliability | undefined;
  let credibility: Credibility | undefined;
  let confidence: number | undefined;
  let technique: string | undefined;
  for (const tag of tags) {
    const level = /^admiralty-scale:source-reliability="([a-fA-F])"$/.exec(tag)?.[1];
    if (level !== undefined) reliability = level.toUpperCase() as Reliability;
    const grade = /^admiralty-scale:information-credibility="([1-6])"$/.exec(tag)?.[1];
    if (grade !== undefined) credibility = grade as Credibility;
    const sure = /^misp:confidence-level="([a-z-]+)"$/.exec(tag)?.[1];
    if (sure !== undefined && Object.hasOwn(confidenceLevels, sure)) confidence = confidenceLevels[sure];
    technique ??= /^misp-galaxy:mitre-[a-z-]*attack-pattern=".*\b(T\d{4}(?:\.\d{3})?)"$/.exec(tag)?.[1];
  }
  return { reliability, credibility, confidence, technique };
}
