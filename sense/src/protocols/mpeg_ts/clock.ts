/** The time of a stream that has none but its own: a file. It goes on with the PCRs of one PID, and between them with the packets. */

import type { Seconds } from '@forewarn/base/time';
import { pcrStep } from './pcr.ts';

/** A step beyond this is a break of the clock, after which time goes on as it did before. */
const stepSecondsMax = 1;

export class FileClock {
  now: Seconds = 0;
  #pid = -1;
  #latest = 0;
  #at: Seconds = 0;
  #packets = 0;
  #perPacket = 0;

  /** Another packet. */
  packet(): void {
    this.#packets++;
    if (this.#perPacket > 0) this.now = Math.max(this.now, this.#at + this.#packets * this.#perPacket);
  }

  /** A PCR in the packet at hand. */
  pcr(pid: number, pcr: number): void {
    if (this.#pid < 0) this.#pid = pid;
    else if (pid !== this.#pid) return;
    else {
      const step = pcrStep(this.#latest, pcr);
      if (step > 0 && step <= stepSecondsMax && this.#packets > 0) {
        this.#perPacket = step / this.#packets;
        this.now = this.#at + step;
      }
    }
    this.#latest = pcr;
    this.#at = this.now;
    this.#packets = 0;
  }
}
