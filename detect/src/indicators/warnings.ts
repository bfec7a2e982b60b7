/** What must not become an indicator unasked: blocking or reporting it would be an own goal. */

import { contains, parseAddress, parseNetwork, type Network } from '@forewarn/base/ip';
import { Refusal } from '@forewarn/base/refusal';
import type { IndicatorKind } from '@forewarn/model/indicator';
import { readContent } from '@forewarn/model/yaml';
import { z } from 'zod';
import { canonicalDomain } from './values.ts';

/** Why a value should not be an indicator, or `undefined`. */
export type WarningList = { check(kind: IndicatorKind, value: string): string | undefined };

/** One list of values in their one writing, read from whatever format. */
export type WarnedValues = {
  readonly reason: string;
  readonly networks: readonly string[];
  /** The name itself, and nothing below it. */
  readonly domains: readonly string[];
  /** The name and all below it. */
  readonly below: readonly string[];
  readonly hashes: readonly string[];
  readonly urls: readonly string[];
};

const WarningFile = z.strictObject({
  lists: z.array(
    z.strictObject({
      id: z.string(),
      /** Why; shown with the line that is refused. */
      reason: z.string(),
      source: z.string(),
      networks: z.array(z.string()).optional(),
      /** The name itself, and nothing below it. */
      domains: z.array(z.string()).optional(),
    }),
  ),
});

/** Reads the built-in warning list; throws the first refusal with file and line. */
export function readWarningList(text: string, file: string): WarningList {
  const read = readContent(WarningFile, text, file);
  if (!read.ok) throw read.refusals[0]!;
  for (const [i, list] of read.value.lists.entries()) {
    for (const [j, entry] of (list.networks ?? []).entries()) {
      if (!parseNetwork(entry))
        throw new Refusal('content.schema', `"${entry}" is not a network.`, { place: read.place(['lists', i, 'networks', j]) });
    }
  }
  return createWarningList(
    read.value.lists.map(({ reason, networks = [], domains = [] }) => ({
      reason,
      networks,
      domains,
      below: [],
      hashes: [],
      urls: [],
    })),
  );
}

/** A warning list of several; the first that names a value gives the reason. */
export function joinWarnings(lists: readonly WarningList[]): WarningList {
  return {
    check(kind, value) {
      for (const list of lists) {
        const reason = list.check(kind, value);
        if (reason !== undefined) return reason;
      }
      return undefined;
    },
  };
}

/** Networks by prefix and address, so that a hundred thousand of them cost a look for each prefix that occurs. */
class Networks {
  readonly #byPrefix = new Map<number, Map<string, string>>();
  readonly #narrow: { network: Network; reason: string }[] = [];

  add(network: Network, reason: string): void {
    const width = network.bytes.length * 1_000 + network.prefix;
    let of = this.#byPrefix.get(width);
    if (!of) this.#byPrefix.set(width, (of = new Map()));
    const key = keyOf(network.bytes, network.prefix);
    if (!of.has(key)) {
      of.set(key, reason);
      this.#narrow.push({ network, reason });
    }
  }

  /** Of a network that holds the whole of this one. */
  around(bytes: Uint8Array, prefix = bytes.length * 8): string | undefined {
    for (const [width, of] of this.#byPrefix) {
      if (Math.floor(width / 1_000) !== bytes.length || width % 1_000 > prefix) continue;
      const reason = of.get(keyOf(bytes, width % 1_000));
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  /** Of a network that lies within this one. */
  within(network: Network): string | undefined {
    return this.#narrow.find((warned) => warned.network.prefix >= network.prefix && contains(network, warned.network.bytes))
      ?.reason;
  }
}

function keyOf(bytes: Uint8Array, prefix: number): string {
  let key = '';
  for (let i = 0; i * 8 < prefix; i++) key += String.fromCharCode(bytes[i]! & (0xff << Math.max(0, 8 * (i + 1) - prefix)) & 0xff);
  return key;
}

/** Makes a warning list of values. Values that are none of their kind are left out. */
export function createWarningList(lists: readonly WarnedValues[]): WarningList {
  const networks = new Networks();
  const exact = new Map<string, string>();
  const domains = new Map<string, string>();
  const below = new Map<string, string>();
  for (const list of lists) {
    for (const entry of list.networks) {
      const network = parseNetwork(entry);
      if (network) networks.add(network, list.reason);
    }
    for (const [names, into] of [
      [list.domains, domains],
      [list.below, below],
    ] as const) {
      for (const written of names) {
        const name = canonicalDomain(written) ?? written.toLowerCase();
        if (!into.has(name)) into.set(name, list.reason);
      }
    }
    for (const value of [...list.hashes, ...list.urls]) exact.set(value, list.reason);
  }
  const ofName = (name: string): string | undefined => {
    const reason = domains.get(name);
    if (reason !== undefined || below.size === 0) return reason;
    for (let rest = name; ;) {
      const warned = below.get(rest);
      if (warned !== undefined) return warned;
      const dot = rest.indexOf('.');
      if (dot < 0) return undefined;
      rest = rest.slice(dot + 1);
    }
  };
  return {
    check(kind, value) {
      if (kind === 'address') {
        const bytes = parseAddress(value);
        return bytes && networks.around(bytes);
      }
      if (kind === 'network') {
        const network = parseNetwork(value);
        if (!network) return undefined;
        // Wider than the warned network is worse than inside it. A prefix of less than 8 bits is half the Internet.
        if (network.prefix < (network.bytes.length === 4 ? 8 : 16)) return 'The network is so wide that it holds everybody.';
        return networks.around(network.bytes, network.prefix) ?? networks.within(network);
      }
      if (kind === 'domain') return ofName(value);
      if (kind === 'url') {
        const listed = exact.get(value);
        if (listed !== undefined) return listed;
        const url = URL.parse(value);
        if (!url) return undefined;
        const bytes = parseAddress(url.hostname.replaceAll(/[[\]]/g, ''));
        if (bytes) return networks.around(bytes);
        return url.pathname === '/' && url.search === '' ? ofName(url.hostname) : undefined;
      }
      return exact.get(value);
    },
  };
}
