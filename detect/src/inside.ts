/** Which addresses are inside: the registered networks, or the private ones where nobody has registered any. */

import { contains, parseAddress, parseNetwork, type Network } from '@forewarn/base/ip';
import { Refusal } from '@forewarn/base/refusal';

/** RFC 1918, RFC 4193, RFC 3927, RFC 4291 §2.5.6, loopback: networks that nobody outside can have. */
export const privateNetworks = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
  '::1/128',
];

/** Neither inside nor outside: multicast, broadcast, unspecified. Nobody is there to be contacted. */
const nowhere = ['224.0.0.0/4', '255.255.255.255/32', '0.0.0.0/8', 'ff00::/8', '::/128'].map((text) => parseNetwork(text)!);

export type Place = 'inside' | 'outside' | 'nowhere';

export type Inside = (address: string) => Place;

/** Addresses remembered, about 100 bytes each; a sensor's day has fewer different ones on most links. */
const rememberedMax = 100_000;

/** Makes the question; throws a refusal for a network that is none. */
export function createInside(networks: readonly string[] = privateNetworks): Inside {
  const inside: Network[] = networks.map((text) => {
    const network = parseNetwork(text);
    if (!network)
      throw new Refusal('detect.network', `"${text}" is not a network.`, { advice: 'Write it as 10.0.0.0/8 or 2001:db8::/32.' });
    return network;
  });
  const remembered = new Map<string, Place>();
  return (address) => {
    let place = remembered.get(address);
    if (place === undefined) {
      const bytes = address.length <= 45 ? parseAddress(address) : undefined;
      if (!bytes || nowhere.some((network) => contains(network, bytes))) place = 'nowhere';
      else place = inside.some((network) => contains(network, bytes)) ? 'inside' : 'outside';
      if (remembered.size >= rememberedMax) remembered.clear();
      remembered.set(address, place);
    }
    return place;
  };
}
