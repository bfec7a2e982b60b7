/** Whether first bytes are DNS: over UDP a message, over TCP a length and a message behind it. */

import type { Probe } from '../protocol.ts';
import { Message } from './message.ts';

/** Zeek's `dns_max_queries`: what claims more is not DNS. */
export const questionsMax = 25;

const probeMessage = new Message();

/** A length and a message behind it. A later segment may bring more, so an end that came too early asks for it. */
export function probeStream(bytes: Uint8Array, start: number, end: number, usualPort: boolean): Probe {
  if (end - start < 2) return 'more';
  const length = (bytes[start]! << 8) | bytes[start + 1]!;
  // The first message of a stream has a header and a question.
  if (length < 17) return 'no';
  const begin = start + 2;
  const stop = Math.min(end, begin + length);
  if (stop - begin < 12) return 'more';
  const answer = probeMessageAt(bytes, begin, stop, length, usualPort);
  return answer === 'no' && probeMessage.fault !== undefined && stop === end && stop - begin < length ? 'more' : answer;
}

/** `length`: how long the message is, of which `[begin, stop)` is here. */
export function probeMessageAt(bytes: Uint8Array, begin: number, stop: number, length: number, usualPort: boolean): Probe {
  probeMessage.open(bytes, begin, stop, usualPort);
  if (stop - begin < 12) return 'no';
  const flags = (bytes[begin + 2]! << 8) | bytes[begin + 3]!;
  probeMessage.at = begin + 4;
  const questions = probeMessage.u16();
  const answers = probeMessage.u16();
  const authorities = probeMessage.u16();
  const additionals = probeMessage.u16();
  const opcode = (flags >> 11) & 0xf;
  const reply = (flags & 0x8000) !== 0;
  const records = answers + authorities + additionals;
  if (opcode === 3 || opcode > (usualPort ? 8 : 5) || questions > questionsMax) return 'no';
  // On its own port a message that was cut short is still a message; elsewhere it is noise.
  if (questions * 5 + records * 11 > length - 12 && (!usualPort || questions + records > 200)) return 'no';
  if (!usualPort) {
    if (questions !== 1 || (flags & 0x0040) !== 0) return 'no';
    if (!reply && (answers > 0 || authorities > 1 || additionals > 2 || (flags & 0x000f) !== 0)) return 'no';
  }
  if (questions === 0) return usualPort && (records > 0 || reply) ? 'yes' : 'no';
  const name = probeMessage.name();
  if (probeMessage.fault !== undefined) return 'no';
  if (probeMessage.left() < 4) {
    probeMessage.fail('DNS_truncated_quest_too_short');
    return 'no';
  }
  if (usualPort) return 'yes';
  const type = probeMessage.u16();
  const qclass = probeMessage.u16() & 0x7fff;
  if (type === 0 || (type > 300 && type !== 32768 && type !== 32769)) return 'no';
  if (qclass !== 1 && qclass !== 3 && qclass !== 255) return 'no';
  return /^[!-~]*$/.test(name) ? 'yes' : 'no';
}
