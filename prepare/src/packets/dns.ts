/** DNS messages: RFC 1035, with name compression (§4.1.4), EDNS(0) (RFC 6891) and AAAA (RFC 3596). */

export const dnsTypes = { a: 1, ns: 2, cname: 5, soa: 6, ptr: 12, mx: 15, txt: 16, aaaa: 28, https: 65 } as const;

export type DnsAnswer =
  | { name: string; ttl: number; type: 'a' | 'aaaa'; address: Uint8Array }
  | { name: string; ttl: number; type: 'cname' | 'ptr'; target: string }
  | { name: string; ttl: number; type: 'mx'; preference: number; target: string }
  | { name: string; ttl: number; type: 'soa'; primary: string; mailbox: string; serial: number };

export type DnsMessage = {
  id: number;
  name: string;
  type: keyof typeof dnsTypes;
  /** Present in an answer: 0 done, 2 server failure, 3 no such name. */
  response?: { code: number; answers: readonly DnsAnswer[]; authority?: readonly DnsAnswer[] };
  /** Bytes the sender can take, by EDNS; absent: no EDNS. */
  payloadBytes?: number;
};

class Writer {
  readonly bytes: number[] = [];
  /** Where each name suffix stands. */
  readonly #places = new Map<string, number>();

  put16(value: number): void {
    this.bytes.push((value >>> 8) & 0xff, value & 0xff);
  }

  put32(value: number): void {
    this.put16(value >>> 16);
    this.put16(value & 0xffff);
  }

  name(name: string): void {
    const labels = name === '' ? [] : name.split('.');
    for (let i = 0; i < labels.length; i++) {
      const suffix = labels.slice(i).join('.').toLowerCase();
      const place = this.#places.get(suffix);
      if (place !== undefined) {
        this.put16(0xc000 | place);
        return;
      }
      // A pointer has 14 bits.
      if (this.bytes.length < 0x4000) this.#places.set(suffix, this.bytes.length);
      const label = Buffer.from(labels[i]!, 'latin1');
      if (label.length === 0 || label.length > 63) throw new Error(`"${name}" is not a DNS name.`);
      this.bytes.push(label.length, ...label);
    }
    this.bytes.push(0);
  }

  /** A record's data behind its length. */
  sized(write: () => void): void {
    const at = this.bytes.length;
    this.put16(0);
    write();
    const length = this.bytes.length - at - 2;
    this.bytes[at] = length >> 8;
    this.bytes[at + 1] = length & 0xff;
  }

  record(answer: DnsAnswer): void {
    this.name(answer.name);
    this.put16(dnsTypes[answer.type]);
    this.put16(1);
    this.put32(answer.ttl);
    this.sized(() => {
      switch (answer.type) {
        case 'a':
        case 'aaaa':
          this.bytes.push(...answer.address);
          break;
        case 'cname':
        case 'ptr':
          this.name(answer.target);
          break;
        case 'mx':
          this.put16(answer.preference);
          this.name(answer.target);
          break;
        case 'soa':
          this.name(answer.primary);
          this.name(answer.mailbox);
          this.put32(answer.serial);
          for (const seconds of [7_200, 900, 1_209_600, 300]) this.put32(seconds);
          break;
      }
    });
  }
}

/** The message as it stands in a datagram. */
export function dnsMessage(message: DnsMessage): Uint8Array {
  const { response } = message;
  const writer = new Writer();
  writer.put16(message.id);
  // Recursion desired; in answers also QR and recursion available.
  writer.put16(response ? 0x8180 | response.code : 0x0100);
  writer.put16(1);
  writer.put16(response?.answers.length ?? 0);
  writer.put16(response?.authority?.length ?? 0);
  writer.put16(message.payloadBytes === undefined ? 0 : 1);
  writer.name(message.name);
  writer.put16(dnsTypes[message.type]);
  writer.put16(1);
  for (const answer of response?.answers ?? []) writer.record(answer);
  for (const answer of response?.authority ?? []) writer.record(answer);
  if (message.payloadBytes !== undefined) {
    writer.bytes.push(0);
    writer.put16(41);
    writer.put16(message.payloadBytes);
    writer.put32(0);
    writer.put16(0);
  }
  return Uint8Array.from(writer.bytes);
}

/** `10.20.1.5` → `5.1.20.10.in-addr.arpa`. */
export const reverseName = (address: Uint8Array): string => `${[...address].toReversed().join('.')}.in-addr.arpa`;
