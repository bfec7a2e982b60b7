/** The packets of MQTT 3.1.1 and 5.0 that a subscriber writes and reads; the numbers are those of both standards' chapter 3. */

/** Largest packet that is read: a message of 16 MiB with its topic and properties. A larger one ends the connection. */
const packetBytesMax = (16 << 20) + 131_072;

/** Messages that the broker may have on their way at a time, as version 5 lets a client say; brokers have lower ceilings of their own. */
const receiveMax = 10_000;

export const limits = [
  {
    name: 'collect.mqttPacketBytes',
    value: packetBytesMax,
    unit: 'bytes',
    why: 'A message of 16 MiB (messageBytesMax of logs) with a topic and properties of 64 KiB each; told to brokers of version 5.',
  },
  {
    name: 'collect.mqttReceiveMax',
    value: receiveMax,
    unit: 'messages',
    why: 'On their way without acknowledgement: at 50,000 a second the fifth of a second that putting them on the disk may take.',
  },
] as const;

export type MqttVersion = 4 | 5;

export const packetKinds = { connack: 2, publish: 3, puback: 4, suback: 9, pingresp: 13, disconnect: 14 } as const;

/** Days of work at the broker while the sensor is away; brokers may keep them shorter. */
const sessionSeconds = 7 * 86_400;

function packet(first: number, ...parts: readonly (Uint8Array | readonly number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Uint8Array.from(part)));
  const length: number[] = [];
  for (let rest = body.length; ;) {
    const low = rest & 0x7f;
    rest >>>= 7;
    length.push(rest > 0 ? low | 0x80 : low);
    if (rest === 0) break;
  }
  return Buffer.concat([Uint8Array.of(first, ...length), body]);
}

const n16 = (value: number): number[] => [value >>> 8, value & 0xff];
const n32 = (value: number): number[] => [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
const text = (value: string): Uint8Array => {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([Uint8Array.from(n16(bytes.length)), bytes]);
};

/** Without a clean start: the broker keeps what comes while the client is away. */
export function connectPacket(of: {
  version: MqttVersion;
  client: string;
  keepAliveSeconds: number;
  login: { user: string; password: string } | undefined;
}): Buffer {
  const flags = of.login ? 0xc0 : 0;
  // Session Expiry Interval, Receive Maximum, Maximum Packet Size (MQTT 5.0 §3.1.2.11).
  const properties = [0x11, ...n32(sessionSeconds), 0x21, ...n16(receiveMax), 0x27, ...n32(packetBytesMax)];
  return packet(
    0x10,
    text('MQTT'),
    [of.version, flags, ...n16(of.keepAliveSeconds)],
    of.version === 5 ? [properties.length, ...properties] : [],
    text(of.client),
    ...(of.login ? [text(of.login.user), text(of.login.password)] : []),
  );
}

/** With quality of service 1. In version 5 what is retained comes only when the subscription is new. */
export const subscribePacket = (version: MqttVersion, id: number, filters: readonly string[]): Buffer =>
  packet(0x82, n16(id), version === 5 ? [0] : [], ...filters.flatMap((filter) => [text(filter), [version === 5 ? 0x11 : 0x01]]));

/** Acknowledgements of many messages in one piece. */
export function pubacks(ids: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(ids.length * 4);
  ids.forEach((id, n) => bytes.writeUInt32BE(((0x4002 << 16) | id) >>> 0, n * 4));
  return bytes;
}

export const pingPacket = (): Buffer => packet(0xc0);
export const disconnectPacket = (): Buffer => packet(0xe0);

export type Packet = { readonly kind: number; readonly flags: number; readonly body: Uint8Array };

export type Packets = {
  /** The next bytes; false: what stands there is no packet, or too large a one. */
  push(bytes: Uint8Array): boolean;
};

/** Cuts a stream into packets; a body is valid during the call only. */
export function createPackets(take: (packet: Packet) => void): Packets {
  /** Pieces of a packet that is not complete. */
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  /** How many bytes the packet at hand has; 0 while that is not known. */
  let wanted = 0;

  function takeAll(bytes: Uint8Array): Uint8Array | undefined {
    let at = 0;
    while (at < bytes.length) {
      const head = headOf(bytes, at);
      if (head === 'broken') return undefined;
      if (head === 'short') {
        wanted = 0;
        return bytes.subarray(at);
      }
      if (head.end > bytes.length) {
        wanted = head.end - at;
        return bytes.subarray(at);
      }
      take({ kind: bytes[at]! >>> 4, flags: bytes[at]! & 0x0f, body: bytes.subarray(head.start, head.end) });
      at = head.end;
    }
    wanted = 0;
    return bytes.subarray(at);
  }

  return {
    push(bytes) {
      held.push(bytes);
      heldBytes += bytes.length;
      if (heldBytes < wanted) return true;
      const rest = takeAll(held.length === 1 ? bytes : Buffer.concat(held));
      if (!rest) return false;
      // Copied: what is held outlives the call.
      held = rest.length > 0 ? [Uint8Array.from(rest)] : [];
      heldBytes = rest.length;
      return true;
    },
  };
}

/** Where the body at `at` starts and ends; the length has at most four bytes (§2.1.4). */
function headOf(bytes: Uint8Array, at: number): { start: number; end: number } | 'short' | 'broken' {
  let length = 0;
  for (let n = 0; n < 4; n++) {
    const byte = bytes[at + 1 + n];
    if (byte === undefined) return 'short';
    length += (byte & 0x7f) * 128 ** n;
    if (byte < 0x80) {
      if (length > packetBytesMax) return 'broken';
      return { start: at + 2 + n, end: at + 2 + n + length };
    }
  }
  return 'broken';
}

export type Publish = { readonly qos: number; readonly again: boolean; readonly id: number; readonly payload: Uint8Array };

/** A message; undefined when the packet is not what it should be. */
export function publishOf({ flags, body }: Packet, version: MqttVersion): Publish | undefined {
  const qos = (flags >>> 1) & 3;
  let at = 2 + n16At(body, 0);
  const id = qos === 0 ? 0 : n16At(body, at);
  if (qos > 0) at += 2;
  if (version === 5) {
    const properties = variableAt(body, at);
    if (!properties) return undefined;
    at = properties.next + properties.value;
  }
  if (!(at <= body.length) || qos > 1 || (qos === 1 && id === 0)) return undefined;
  return { qos, again: (flags & 8) !== 0, id, payload: body.subarray(at) };
}

/** NaN beyond the end, which no comparison lets through. */
const n16At = (bytes: Uint8Array, at: number): number =>
  at + 2 <= bytes.length ? (bytes[at]! << 8) | bytes[at + 1]! : Number.NaN;

function variableAt(bytes: Uint8Array, at: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let n = 0; n < 4; n++) {
    const byte = bytes[at + n];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 128 ** n;
    if (byte < 0x80) return { value, next: at + n + 1 };
  }
  return undefined;
}

/** The answers to the topic filters; undefined when the packet is not what it should be. */
export function subackCodes({ body }: Packet, version: MqttVersion): readonly number[] | undefined {
  let at = 2;
  if (version === 5) {
    const properties = variableAt(body, at);
    if (!properties) return undefined;
    at = properties.next + properties.value;
  }
  return at <= body.length ? [...body.subarray(at)] : undefined;
}

/** Refusals in words: those of version 3.1.1 (1 to 5) and of 5.0 (from 128 on). */
const words: { readonly [code: number]: string } = {
  1: 'the protocol’s version is not spoken there',
  2: 'the client’s name is not taken',
  3: 'the broker is not available',
  4: 'wrong user or password',
  5: 'not allowed',
  0x84: 'the protocol’s version is not spoken there',
  0x85: 'the client’s name is not taken',
  0x86: 'wrong user or password',
  0x87: 'not allowed',
  0x88: 'the broker is not available',
  0x89: 'the broker is busy',
  0x8b: 'the broker is shutting down',
  0x8d: 'nothing was heard of us for too long',
  0x8e: 'another client came with the same name',
  0x8f: 'the topic filter is not taken',
  0x95: 'a packet was too large',
  0x97: 'a quota is used up',
  0x9e: 'shared subscriptions are not taken',
  0xa2: 'wildcards are not taken',
};
export const reasonOf = (code: number): string => words[code] ?? `reason ${code}`;

/** Answers that will be the same tomorrow. */
export const isForGood = (code: number): boolean => [2, 4, 5, 0x80, 0x85, 0x86, 0x87, 0x8c, 0x8f, 0x9e, 0xa2].includes(code);
/** The version is not spoken. */
export const isOtherVersion = (code: number): boolean => code === 1 || code === 0x84;
