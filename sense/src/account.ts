/**
 * What became of every packet: each is in a flow, or not IP (by kind), or could not be decoded (by reason). The three
 * add up to the packets read; nothing is dropped silently.
 */

export type Account = {
  /** What the file is. */
  format: 'pcap' | 'pcapng';
  /** Bytes of the capture (after decompression). */
  bytes: number;
  packets: number;
  /** Packets that belong to a flow; a datagram's fragments are counted one by one. */
  inFlows: number;
  /** Packets without IP, by kind: `arp`, `lldp`, `llc`, … */
  notIp: { [kind: string]: number };
  /** Packets that could not be read, by reason: `truncated_IP`, `invalid_IP_header_size`, … */
  undecodable: { [reason: string]: number };
  /** Flows written. */
  flows: number;
  /** Flows closed before their time because the table was full. */
  flowsEvicted: number;
  /** Weird things by name, counted even where no record was written. */
  oddities: { [name: string]: number };
  /** Exceptions of parsers, which are our faults: the flow went on without its parser. */
  faults: number;
  /** Times of the first and last packet, seconds. */
  first: number | undefined;
  last: number | undefined;
  /** Why reading stopped before the end of the file. */
  stop: { name: string; offset: number; detail: string } | undefined;
};

/** The account of a capture whose flows several readers shared, made of theirs; the first reader's comes first. */
export function joinAccounts<A extends Account>(parts: readonly [A, ...A[]]): A {
  const sum = (of: (account: A) => number): number => parts.reduce((all, part) => all + of(part), 0);
  const oddities = new Tally(Infinity);
  const undecodable = new Tally(Infinity);
  for (const part of parts) {
    for (const [name, count] of Object.entries(part.oddities)) oddities.add(name, count);
    for (const [reason, count] of Object.entries(part.undecodable)) undecodable.add(reason, count);
  }
  return {
    ...parts[0],
    inFlows: sum(({ inFlows }) => inFlows),
    undecodable: undecodable.toObject(),
    flows: sum(({ flows }) => flows),
    flowsEvicted: sum(({ flowsEvicted }) => flowsEvicted),
    oddities: oddities.toObject(),
    faults: sum(({ faults }) => faults),
  };
}

/** Counts by name, up to a number of names; what is beyond them is counted as `other`. */
export class Tally {
  readonly #counts = new Map<string, number>();
  readonly #namesMax: number;

  constructor(namesMax: number) {
    this.#namesMax = namesMax;
  }

  add(name: string, count = 1): number {
    const before = this.#counts.get(name);
    if (before === undefined && name !== 'other' && this.#counts.size >= this.#namesMax) return this.add('other', count);
    const now = (before ?? 0) + count;
    this.#counts.set(name, now);
    return now;
  }

  get total(): number {
    let sum = 0;
    for (const count of this.#counts.values()) sum += count;
    return sum;
  }

  /** Largest first. */
  toObject(): { [name: string]: number } {
    return Object.fromEntries([...this.#counts].sort((a, b) => b[1] - a[1]));
  }
}
