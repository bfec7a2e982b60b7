/**
 * Whether a login over SSH 2 succeeded, guessed from the sizes of encrypted segments as Zeek guesses it.
 *
 * After the keys are in use a server sends, in this order: the acceptance of the service request; the answer to the
 * client's first try with the method "none", nearly always a failure; perhaps a long banner before it; then one answer for
 * each try. A success (one byte of content) is sixteen bytes shorter than the acceptance of the service (seventeen bytes),
 * with every cipher whose blocks have eight or sixteen bytes, and every failure is as long as the first one.
 */

import type { Direction } from '../protocol.ts';

/** A success is shorter than the acceptance of the service by this. */
const shorterBy = 16;

/** An answer longer than the acceptance by more than this is the banner, which comes at most once. */
const bannerBeyond = 256;

export class AuthenticationGuess {
  private over = false;
  private clientSpoke = false;
  private accepted = 0;
  private failure = 0;
  private bannerSeen = false;

  /** Nothing can be said any more. */
  stop(): void {
    this.over = true;
  }

  /** The next encrypted bytes that arrived together; true or false when they decide an attempt. */
  segment(direction: Direction, length: number): boolean | undefined {
    if (this.over) return undefined;
    if (direction === 0) {
      this.clientSpoke = true;
      return undefined;
    }
    // What a server says of itself (extension info, RFC 8308) is no answer.
    if (!this.clientSpoke) return undefined;
    if (this.accepted === 0) {
      this.accepted = length;
      return undefined;
    }
    if (length + shorterBy === this.accepted) {
      this.over = true;
      return true;
    }
    if (this.failure > 0) return length === this.failure ? false : undefined;
    if (!this.bannerSeen && length - this.accepted > bannerBeyond) this.bannerSeen = true;
    else this.failure = length;
    return undefined;
  }
}
