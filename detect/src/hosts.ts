/**
 * Which address a host's name means, learnt from records that say both: a host's own events about its connections, leases, answers
 * about inside names. So what a host's log shows and what the network shows of it meet. Of names that several addresses had, the newest counts.
 */

import type { AnyRecord } from '@forewarn/model/records/record';
import { BoundedMap } from './bounded.ts';
import type { Inside } from './inside.ts';

export type Hosts = {
  push(log: string, record: AnyRecord): void;
  /** The inside address of a name, or what was given when none is known. */
  addressOf(host: string): string;
};

/** Names remembered, about 150 bytes each; an organisation with more hosts than this has several watches. */
const namesMax = 50_000;

/** A name is at most 255 octets long (RFC 1035 §2.3.4). */
const nameLengthMax = 255;

/** Lease records of one host name the address in one of these. */
const leased = ['assigned_addr', 'requested_addr', 'client_addr'] as const;
const leasedTo = ['host_name', 'client_fqdn'] as const;

export function createHosts(inside: Inside): Hosts {
  const addresses = new BoundedMap<string, string>(namesMax);
  const learn = (name: unknown, address: unknown): void => {
    if (typeof name !== 'string' || typeof address !== 'string' || name === '' || name.length > nameLengthMax) return;
    if (inside(address) !== 'inside' || inside(name) !== 'nowhere' || isOwnSegment(address)) return;
    addresses.set(name.toLowerCase(), address);
  };
  return {
    push(log, record) {
      switch (log) {
        case 'windows':
          // Sysmon's network connection that the host itself began. Its local name for itself is no address of the network.
          if (record['EventID'] === 3 && /^true$/i.test(String(record['Initiated'])))
            learn(record['Computer'], record['SourceIp']);
          return;
        case 'dhcp': {
          const address = leased.map((field) => record[field]).find((value) => typeof value === 'string');
          for (const field of leasedTo) learn(record[field], address);
          return;
        }
        case 'dns': {
          const { query, qtype_name: type, answers } = record;
          if ((type !== 'A' && type !== 'AAAA') || !Array.isArray(answers) || answers.length !== 1) return;
          learn(query, answers[0]);
        }
      }
    },
    addressOf: (host) => (host.length > nameLengthMax ? host : (addresses.peek(host.toLowerCase()) ?? host)),
  };
}

/** Loopback and link-local addresses are many hosts' at once. */
function isOwnSegment(address: string): boolean {
  return /^(?:127\.|169\.254\.|fe80:|::1$|0:0:0:0:0:0:0:1$)/i.test(address);
}
