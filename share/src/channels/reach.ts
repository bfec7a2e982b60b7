/**
 * Where a webhook may go. An address that somebody types must not make the centre speak to machines that only the centre can reach
 * (server-side request forgery): public unicast addresses only, and of private networks those that the centre has declared. It is asked
 * with the very address that is then connected to, so that a name cannot change in between.
 */

import { contains, parseNetwork, type Network } from '@forewarn/base/ip';

const networks = (...texts: string[]): Network[] => texts.map((text) => parseNetwork(text)!);

/** IANA IPv4 Special-Purpose Address Registry, and multicast and reserved space (RFC 6890, RFC 1112). */
const special4 = networks(
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
);
/** Global unicast space; within it what is for protocols, tunnels to any IPv4 address, or documentation. */
const global6 = networks('2000::/3')[0]!;
const special6 = networks('2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20');

/** Written within IPv6 (RFC 4291 §2.5.5.2), it is the IPv4 address that is reached. */
const mapped = networks('::ffff:0:0/96')[0]!;

/** What can be declared: private use, shared space, unique local, one's own machine (RFC 1918, 6598, 4193). */
const declarable = networks(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '::1/128',
  'fc00::/7',
);

/** Networks that one centre declares; some sites of some partners. */
export const declaredMax = 100;

/** The network, where it is one that a centre may declare as its own; undefined otherwise. */
export function declaredNetwork(text: string): Network | undefined {
  const network = parseNetwork(text);
  if (!network) return undefined;
  return declarable.some((one) => one.prefix <= network.prefix && contains(one, network.bytes)) ? network : undefined;
}

export type Reach = 'public' | 'declared' | 'refused';

/** `bytes`: 4 or 16, in network order. */
export function reachOf(bytes: Uint8Array, declared: readonly Network[]): Reach {
  const address = contains(mapped, bytes) ? bytes.subarray(12) : bytes;
  if (declared.some((one) => contains(one, address))) return 'declared';
  const special =
    address.length === 4
      ? special4.some((one) => contains(one, address))
      : !contains(global6, address) || special6.some((one) => contains(one, address));
  return special ? 'refused' : 'public';
}

/** Characters of a webhook's address; longer ones are no addresses. */
export const addressMax = 2_000;

/** Whether a text is an address that a webhook may have; where it then leads is asked anew each time. */
export function webhookUrl(text: string): URL | undefined {
  if (text.length > addressMax || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  // A name and password in an address are sent to whoever reads it, and stand in logs.
  if (url.username !== '' || url.password !== '' || url.hash !== '' || url.hostname === '') return undefined;
  return url;
}
