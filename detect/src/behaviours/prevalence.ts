/**
 * How many inside hosts speak with an outside address or name. What many hosts do is the network's habit – updates, telemetry, mail –
 * and no sign by itself; what one host does alone may be.
 */

import type { AnyRecord } from '@forewarn/model/records/record';
import { BoundedMap } from '../bounded.ts';
import type { Inside } from '../inside.ts';

/** Clients remembered of a destination; the questions are all about fewer. */
const clientsMax = 8;

/** Destinations remembered, about 300 bytes each with their clients: 60 MB when full. A large network meets fewer in a day. */
const destinationsMax = 200_000;

/** Pairs of client and address that DNS answered, about 120 bytes each: 60 MB when full. */
const resolvedMax = 500_000;

/** Answers of one DNS message that are remembered. */
const answersMax = 50;

/** Names of one address that are remembered; shared addresses of content networks have thousands. */
const namesMax = 4;

export class Prevalence {
  readonly #clients = new BoundedMap<string, Set<string>>(destinationsMax);
  readonly #names = new BoundedMap<string, Set<string>>(destinationsMax);
  /** Whom a client has been told of by name: nobody seeks what was looked up (Whyte, Kranakis, van Oorschot, NDSS 2005). */
  readonly #resolved = new BoundedMap<string, true>(resolvedMax);
  readonly #inside: Inside;

  constructor(inside: Inside) {
    this.#inside = inside;
  }

  get evictions(): number {
    return this.#clients.evictions + this.#names.evictions;
  }

  push(log: string, record: AnyRecord): void {
    const client = record['id.orig_h'];
    if (log === 'dns') {
      const { answers } = record;
      if (typeof client !== 'string' || !Array.isArray(answers)) return;
      for (const answer of answers.slice(0, answersMax) as unknown[]) {
        if (typeof answer === 'string' && answer.length <= 45) this.#resolved.set(`${client} ${answer}`, true);
      }
      return;
    }
    const server = record['id.resp_h'];
    if (typeof client !== 'string' || typeof server !== 'string') return;
    if (this.#inside(client) !== 'inside' || this.#inside(server) !== 'outside') return;
    if (log === 'conn' || log === 'ipfix') this.#add(server, client);
    // The name a client gives to a server: in TLS and in HTTP.
    const name = record['server_name'] ?? record['host'];
    if (typeof name !== 'string' || name === '' || name.length > 255) return;
    const known = name.toLowerCase();
    this.#add(known, client);
    const names = this.#names.touch(server);
    if (!names) this.#names.set(server, new Set([known]));
    else if (names.size < namesMax) names.add(known);
  }

  #add(destination: string, client: string): void {
    const clients = this.#clients.touch(destination);
    if (!clients) this.#clients.set(destination, new Set([client]));
    else if (clients.size < clientsMax) clients.add(client);
  }

  /** Inside hosts that speak with the address, or with a name it goes by; counted to `clientsMax`. */
  clientsOf(address: string): number {
    let most = this.#clients.peek(address)?.size ?? 0;
    for (const name of this.#names.peek(address) ?? []) most = Math.max(most, this.#clients.peek(name)?.size ?? 0);
    return most;
  }

  /** Whether DNS told the client of the address. */
  lookedUp(client: string, address: string): boolean {
    return this.#resolved.peek(`${client} ${address}`) !== undefined;
  }

  /** Names by which clients called the address. */
  namesOf(address: string): readonly string[] {
    return [...(this.#names.peek(address) ?? [])];
  }
}
