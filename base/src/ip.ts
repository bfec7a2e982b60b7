/** IPv4 and IPv6 addresses and networks: reading (RFC 4291 §2.2), writing (RFC 5952) and belonging (RFC 4632). */

/** Reads a dotted or colon form into 4 or 16 bytes in network order; `undefined` when it is neither. */
export function parseAddress(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseAddress6(text) : parseAddress4(text);
}

function parseAddress4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (let i = 0; i < 4; i++) {
    const part = parts[i]!;
    // A leading zero is refused: some readers take it as octal, and an allow list must not depend on that.
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bytes[i] = Number(part);
  }
  return bytes;
}

function parseAddress6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = readGroups(halves[0]!);
  const tail = halves.length === 2 ? readGroups(halves[1]!) : [];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const bytes = new Uint8Array(16);
  const groups = [...head, ...Array.from({ length: Math.max(missing, 0) }, () => 0), ...tail];
  for (let i = 0; i < 8; i++) {
    bytes[2 * i] = groups[i]! >> 8;
    bytes[2 * i + 1] = groups[i]! & 0xff;
  }
  return bytes;
}

function readGroups(text: string): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (i === parts.length - 1 && part.includes('.')) {
      const dotted = parseAddress4(part);
      if (!dotted) return undefined;
      groups.push((dotted[0]! << 8) | dotted[1]!, (dotted[2]! << 8) | dotted[3]!);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups.length <= 8 ? groups : undefined;
}

/** Writes 4 bytes dotted, 16 bytes as RFC 5952 asks (lower case, the longest run of zero groups folded). */
export function formatAddress(bytes: Uint8Array, at = 0, length: 4 | 16 = bytes.length === 4 ? 4 : 16): string {
  if (length === 4) return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
  const groups: number[] = [];
  for (let i = 0; i < 8; i++) groups.push((bytes[at + 2 * i]! << 8) | bytes[at + 2 * i + 1]!);
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8;) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > bestLength) {
      best = i;
      bestLength = end - i;
    }
    i = end === i ? i + 1 : end;
  }
  const hex = groups.map((group) => group.toString(16));
  if (best < 0) return hex.join(':');
  return `${hex.slice(0, best).join(':')}::${hex.slice(best + bestLength).join(':')}`;
}

/** A network: an address and how many leading bits count. */
export type Network = { bytes: Uint8Array; prefix: number };

/** Reads `10.0.0.0/8`, `2001:db8::/32` or a bare address; `undefined` when malformed or when bits stand right of the prefix. */
export function parseNetwork(text: string): Network | undefined {
  const [address, bits, more] = text.split('/');
  const bytes = more === undefined && address !== undefined ? parseAddress(address) : undefined;
  if (!bytes) return undefined;
  if (bits === undefined) return { bytes, prefix: bytes.length * 8 };
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > bytes.length * 8) return undefined;
  const prefix = Number(bits);
  for (let bit = prefix; bit < bytes.length * 8; bit++) {
    if (bytes[bit >> 3]! & (0x80 >> (bit & 7))) return undefined;
  }
  return { bytes, prefix };
}

/** Whether the address lies in the network; addresses of the other family never do. */
export function contains(network: Network, address: Uint8Array): boolean {
  if (network.bytes.length !== address.length) return false;
  const whole = network.prefix >> 3;
  for (let i = 0; i < whole; i++) if (network.bytes[i] !== address[i]) return false;
  const rest = network.prefix & 7;
  if (rest === 0) return true;
  const mask = 0xff << (8 - rest);
  return (network.bytes[whole]! & mask) === (address[whole]! & mask);
}
