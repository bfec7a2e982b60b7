/**
 * DNS inside TLS, told by the sizes of records alone. Whoever sends DNS encrypted pads questions to a multiple of 128 bytes and answers to
 * one of 468 (RFC 8467 §4.1), so that sizes do not give names away; sizes that are met by nothing else give the protocol away instead.
 * Nothing is decrypted, and which name was asked for stays unknown.
 *
 *     DNS over TLS (RFC 7858)    two bytes of length, the padded message; what the cipher adds
 *     DNS over HTTPS (RFC 8484)  nine bytes of an HTTP/2 DATA frame, the padded message; what the cipher adds – beside records of the heads
 *
 * Exchanges that are not padded, and questions within a URI, have no shape of their own and are not named.
 */

import type { Direction } from '../protocol.ts';

/** Questions have 128, in rare cases 256 bytes; more than four times 128 are no question of a resolver's client. */
const questionBlocksMax = 4;
/** Signed answers come to 468 or twice that; four times is beyond what resolvers give to anybody. */
const answerBlocksMax = 4;

/** A chance meeting of 128 · n + 2 bytes is one in 128; two questions and two answers of 468 · n + 2 are no chance. */
const tlsQuestionsMin = 2;
const tlsAnswersMin = 2;
/** Over HTTPS many servers pad nothing: the questions have to tell it alone. */
const httpsQuestionsMin = 3;

/** Records that are looked at, both ways: a dozen exchanges over HTTPS with all their heads and acknowledgements. */
export const recordsMax = 64;
/** The heads of a question, settings, acknowledgements; who sends longer ones does not ask for names. */
const headBytesMax = 700;
/** No answer is as long; a page is. */
const answerBytesMax = 4_200;

const APPLICATION_DATA = 23;

/** What a cipher adds to the content of a record, where it adds the same to each; the block ciphers of before do not. */
export function addedBytes(version13: boolean, cipher: string | undefined): number | undefined {
  // One byte of type and the tag (RFC 8446 §5.2); a nonce in clear and the tag (RFC 5288, RFC 6655); the tag (RFC 7905).
  if (version13) return 17;
  if (cipher === undefined) return undefined;
  if (cipher.includes('_GCM_')) return 24;
  if (cipher.includes('_CHACHA20_')) return 16;
  if (cipher.endsWith('_CCM_8')) return 16;
  return cipher.endsWith('_CCM') ? 24 : undefined;
}

/** What one direction is at. */
type Course = { remaining: number; headerLength: number; type: number; length: number };

/** Follows the records of one flow after its handshake until it is certain, or not. */
export class PaddedDns {
  readonly #added: number;
  readonly #client: Direction;
  readonly #courses: readonly [Course, Course];
  #records = 0;
  #answers = 0;
  #heads = 0;
  #tlsQuestions = 0;
  #tlsAnswers = 0;
  #httpsQuestions = 0;

  /** `added`: bytes that the cipher adds; `remaining`: what of each direction's record at hand is still to come, and is passed over. */
  constructor(added: number, client: Direction, remaining: readonly [number, number]) {
    this.#added = added;
    this.#client = client;
    const course = (rest: number): Course => ({ remaining: rest, headerLength: 0, type: 0, length: 0 });
    this.#courses = [course(remaining[0]), course(remaining[1])];
  }

  /** The next bytes of a direction. Answers the service once it is certain, `no` when there is nothing to wait for. */
  data(direction: Direction, bytes: Uint8Array, start: number, end: number): 'dot' | 'doh' | 'no' | undefined {
    const course = this.#courses[direction];
    for (let at = start; at < end;) {
      if (course.remaining > 0) {
        const passed = Math.min(course.remaining, end - at);
        course.remaining -= passed;
        at += passed;
        continue;
      }
      const byte = bytes[at++]!;
      if (course.headerLength === 0) course.type = byte;
      else if (course.headerLength >= 3) course.length = ((course.length << 8) | byte) & 0xffff;
      if (++course.headerLength < 5) continue;
      course.headerLength = 0;
      course.remaining = course.length;
      const answer = this.#record(direction, course.type, course.length);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  #record(direction: Direction, type: number, length: number): 'dot' | 'doh' | 'no' | undefined {
    const content = length - this.#added;
    if (type !== APPLICATION_DATA || content < 0 || ++this.#records > recordsMax) return 'no';
    if (direction !== this.#client) {
      if (content > answerBytesMax) return 'no';
      this.#answers++;
      if (isBlocks(content - 2, 468, answerBlocksMax)) this.#tlsAnswers++;
    } else if (isBlocks(content - 2, 128, questionBlocksMax)) this.#tlsQuestions++;
    else if (isBlocks(content - 9, 128, questionBlocksMax)) this.#httpsQuestions++;
    else if (content > headBytesMax) return 'no';
    else this.#heads++;
    if (this.#tlsQuestions >= tlsQuestionsMin && this.#tlsAnswers >= tlsAnswersMin && this.#heads <= this.#tlsQuestions)
      return 'dot';
    // A head with each question, settings and acknowledgements before the first.
    const questions = this.#httpsQuestions;
    return questions >= httpsQuestionsMin && this.#answers >= questions && this.#heads <= 2 * questions + 4 ? 'doh' : undefined;
  }
}

const isBlocks = (bytes: number, block: number, blocksMax: number): boolean =>
  bytes > 0 && bytes <= block * blocksMax && bytes % block === 0;
