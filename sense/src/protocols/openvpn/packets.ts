/**
 * The head of a packet of OpenVPN's control channel, of which there are as many shapes as ways to protect it:
 *
 *     session 8 │ acks n │ n × 4 │ peer's session 8 (n > 0) │ number 4 │ TLS                       none
 *     session 8 │ code 16 to 64 │ replay 8 │ acks … as above, in clear                              tls-auth
 *     session 8 │ replay 8 │ code 32 │ encrypted                                                    tls-crypt, tls-crypt-v2
 *
 * Which it is shows in the first packets of both ends, which carry nothing else: their length, zeros at known places, and the number and
 * time against replay. Sources: OpenVPN's src/openvpn/ssl_pkt.h and tls_crypt.h, and its protocol document (doc/doxygen).
 */

import { word16, word32 } from '../digits.ts';

export const CLIENT_V1 = 1;
export const SERVER_V1 = 2;
export const SOFT = 3;
export const CONTROL = 4;
export const ACK = 5;
export const DATA_V1 = 6;
export const CLIENT_V2 = 7;
export const SERVER_V2 = 8;
export const DATA_V2 = 9;
export const CLIENT_V3 = 10;
export const WRAPPED_KEY = 11;

export const opcodeNames: readonly string[] = [
  '',
  'P_CONTROL_HARD_RESET_CLIENT_V1',
  'P_CONTROL_HARD_RESET_SERVER_V1',
  'P_CONTROL_SOFT_RESET_V1',
  'P_CONTROL_V1',
  'P_ACK_V1',
  'P_DATA_V1',
  'P_CONTROL_HARD_RESET_CLIENT_V2',
  'P_CONTROL_HARD_RESET_SERVER_V2',
  'P_DATA_V2',
  'P_CONTROL_HARD_RESET_CLIENT_V3',
  'P_CONTROL_WKC_V1',
];

export const isClientReset = (opcode: number): boolean => opcode === CLIENT_V1 || opcode === CLIENT_V2 || opcode === CLIENT_V3;
export const isServerReset = (opcode: number): boolean => opcode === SERVER_V1 || opcode === SERVER_V2;

/** Bytes of a session's number, of the number and time against replay, and of the code of tls-crypt. */
export const sessionBytes = 8;
const replayBytes = 8;
const cryptBytes = 32;

/** Lengths of the code of tls-auth: of MD5, SHA1, SHA256, SHA384, SHA512. */
const codeBytes = [16, 20, 32, 48, 64];

/** Most acknowledgements in one packet (RELIABLE_ACK_SIZE). */
export const acksMax = 8;

/** How the control channel is protected. `offset`: bytes between the session's number and the acknowledgements; -1 where these are encrypted. */
export type Protection = { readonly name: string; readonly offset: number; readonly code: number };

const none: Protection = { name: 'none', offset: 0, code: 0 };
const authenticated: readonly Protection[] = codeBytes.map((code) => ({ name: 'tls-auth', offset: code + replayBytes, code }));
const encrypted: Protection = { name: 'tls-crypt', offset: -1, code: cryptBytes };
const encryptedV2: Protection = { name: 'tls-crypt-v2', offset: -1, code: cryptBytes };

/** A number and a time against replay as a first packet has them: the number is small, or says in its first byte what its sender knows. */
function isReplay(bytes: Uint8Array, at: number): boolean {
  const number = word32(bytes, at);
  const feature = number >>> 24;
  if (feature !== 0 && feature !== 0x0a && feature !== 0x0f) return false;
  const count = number & 0xffff;
  // Times before 2004 are older than the software.
  return count > 0 && count < 256 && bytes[at + 4]! >= 0x40;
}

/** Whether acknowledgements and a number stand in `bytes[at, end)` and nothing else, as in a first packet. */
function isFirst(bytes: Uint8Array, at: number, end: number, client: boolean): boolean {
  const acks = bytes[at]!;
  if (client) return acks === 0 && at + 5 === end && word32(bytes, at + 1) === 0;
  return acks === 1 && at + 17 === end && word32(bytes, at + 1) === 0 && word32(bytes, at + 13) === 0;
}

/**
 * How the packet is protected that begins a session, whose opcode was `opcode` and whose rest is `bytes[start, end)`; nothing
 * where it is no such packet. Most are told apart by their length already.
 */
export function protectionOf(opcode: number, bytes: Uint8Array, start: number, end: number): Protection | undefined {
  const client = isClientReset(opcode);
  if (!client && !isServerReset(opcode)) return undefined;
  const length = end - start;
  const at = start + sessionBytes;
  const plain = sessionBytes + (client ? 5 : 17);
  if (length < plain || (word32(bytes, start) === 0 && word32(bytes, start + 4) === 0)) return undefined;
  if (opcode === CLIENT_V3) {
    // The client's key, wrapped for the server, stands behind with its length at the end.
    const packet = plain + replayBytes + cryptBytes;
    const isWrapped = length > packet + 2 && word16(bytes, end - 2) === length - packet;
    return isWrapped && isReplay(bytes, at) ? encryptedV2 : undefined;
  }
  if (length === plain) return isFirst(bytes, at, end, client) ? none : undefined;
  if (length === plain + replayBytes + cryptBytes && isReplay(bytes, at)) return encrypted;
  for (const one of authenticated) {
    if (length !== plain + one.offset) continue;
    return isReplay(bytes, at + one.code) && isFirst(bytes, at + one.offset, end, client) ? one : undefined;
  }
  // A server that speaks of early negotiation adds some bytes within what is encrypted.
  const more = length - plain - replayBytes - cryptBytes;
  return !client && more > 0 && more <= 64 && isReplay(bytes, at) ? encrypted : undefined;
}

/**
 * Whether `bytes[start, end)`, behind the first byte `first`, looks like a packet of a running tunnel: data whose peer has a small number or none
 * yet, or control of the first key, in clear with what it must have or with a number and time against replay. Data of version 1 has no shape.
 */
export function isRunning(first: number, bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  const opcode = first >> 3;
  if (opcode === DATA_V2) {
    if (length < 3 + replayBytes + codeBytes[0]!) return false;
    return bytes[start] === 0 || (bytes[start] === 0xff && word16(bytes, start + 1) === 0xffff);
  }
  if ((opcode !== CONTROL && opcode !== ACK) || (first & 7) !== 0 || length < sessionBytes + replayBytes + 5) return false;
  const at = start + sessionBytes;
  if (length >= sessionBytes + replayBytes + cryptBytes && isReplay(bytes, at)) return true;
  const acks = bytes[at]!;
  const behind = at + 1 + 4 * acks + (acks > 0 ? sessionBytes : 0);
  if (opcode === ACK) return acks > 0 && acks <= acksMax && behind === end;
  // A record of TLS begins in most.
  return acks <= acksMax && behind + 7 <= end && bytes[behind + 4]! >= 20 && bytes[behind + 4]! <= 23 && bytes[behind + 5] === 3;
}
