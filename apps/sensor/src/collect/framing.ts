/**
 * Messages of syslog over a stream: with their length before them (octet counting, RFC 6587 §3.4.1, and the only form over TLS, RFC 5425
 * §4.3), or each on a line (§3.4.2). Which it is shows the first byte of each message: no message begins with a digit.
 */

/** Longest message: rsyslog and syslog-ng take 8 and 64 KiB by default; Windows events as JSON reach some hundred KiB. */
const messageBytesMax = 1_048_576;

export const limits = [
  {
    name: 'collect.messageBytesMax',
    value: messageBytesMax,
    unit: 'bytes per message',
    why: 'Relays take 8 to 64 KiB by default. A longer line is cut and counted; a longer stated length ends the connection.',
  },
] as const;

export type Framing = {
  /** The next bytes. False: what stands there is no frame, and the connection is to be ended. */
  push(bytes: Uint8Array): boolean;
  /** The connection is over: a line without its end is a message too. */
  end(): void;
  /** Messages that were cut because of their length. */
  readonly cut: number;
};

const lineFeed = 0x0a;
const space = 0x20;
const digit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** Cuts a stream into messages; the bytes that `take` gets are valid during the call only. */
export function createFraming(take: (bytes: Uint8Array) => void): Framing {
  let held: Uint8Array = new Uint8Array(0);
  let used = 0;
  /** The rest of a line that was cut is passed over. */
  let skipping = false;
  let cut = 0;

  function hold(bytes: Uint8Array): void {
    if (used + bytes.length > held.length) {
      // At most a message and the piece that brought its end: a longer one is cut or refused before.
      const larger = new Uint8Array(Math.max(4_096, 2 * (used + bytes.length)));
      larger.set(held.subarray(0, used));
      held = larger;
    }
    held.set(bytes, used);
    used += bytes.length;
  }

  /**
   * Takes whole messages from the beginning; returns how many bytes they were, or -1 where no frame is. Up to `searched` no line ends: looked
   * through again for each byte that comes, a long line would be a way to keep us busy.
   */
  function takeAll(bytes: Uint8Array, searched: number): number {
    let at = 0;
    while (at < bytes.length) {
      const first = bytes[at]!;
      if (!skipping && digit(first)) {
        let length = 0;
        let place = at;
        while (place < bytes.length && digit(bytes[place]!) && length <= messageBytesMax)
          length = length * 10 + bytes[place++]! - 0x30;
        if (length > messageBytesMax) return -1;
        if (place === bytes.length) return at;
        if (bytes[place] !== space || length === 0) return -1;
        if (bytes.length - place - 1 < length) return at;
        take(trimmed(bytes, place + 1, place + 1 + length));
        at = place + 1 + length;
        continue;
      }
      const end = bytes.indexOf(lineFeed, Math.max(at, searched));
      if (end < 0) {
        if (bytes.length - at <= messageBytesMax) return at;
        if (!skipping) {
          take(bytes.subarray(at, at + messageBytesMax));
          cut++;
          skipping = true;
        }
        return bytes.length;
      }
      if (!skipping && end > at) take(trimmed(bytes, at, Math.min(end, at + messageBytesMax)));
      if (!skipping && end - at > messageBytesMax) cut++;
      skipping = false;
      at = end + 1;
    }
    return at;
  }

  return {
    get cut() {
      return cut;
    },
    push(bytes) {
      if (used === 0) {
        const taken = takeAll(bytes, 0);
        if (taken < 0) return false;
        if (taken < bytes.length) hold(bytes.subarray(taken));
        return true;
      }
      const before = used;
      hold(bytes);
      const taken = takeAll(held.subarray(0, used), digit(held[0]!) ? 0 : before);
      if (taken < 0) return false;
      if (taken > 0) {
        held.copyWithin(0, taken, used);
        used -= taken;
        // A long message's room is given back.
        if (used === 0) held = new Uint8Array(0);
      }
      return true;
    },
    end() {
      if (used > 0 && !skipping && !digit(held[0]!)) take(trimmed(held, 0, used));
      used = 0;
      held = new Uint8Array(0);
    },
  };
}

/** Some senders end what has its length before it with a line feed, or lines with a carriage return or a zero. */
function trimmed(bytes: Uint8Array, start: number, end: number): Uint8Array {
  let last = end;
  while (last > start && (bytes[last - 1] === lineFeed || bytes[last - 1] === 0x0d || bytes[last - 1] === 0)) last--;
  return bytes.subarray(start, last);
}
