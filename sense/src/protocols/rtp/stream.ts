/** One RTP stream: sequence numbers, loss and jitter as RFC 3550 counts them (A.1, A.3, A.8). */

import type { Seconds } from '@forewarn/base/time';
import type { RtpRecord } from '@forewarn/model/records/telecom';
import type { FlowView } from '../protocol.ts';

/** A jump up to here is loss, beyond it a restart (RFC 3550 A.1: MAX_DROPOUT). */
const dropoutMax = 3_000;
/** A step back up to here is disorder (RFC 3550 A.1: MAX_MISORDER). */
const misorderMax = 100;
/** A step of the clock from here on is no delay: the sender has set its timestamps anew. */
const clockStepSeconds = 10;
/** Payload types of one stream that are written; a call has one, with a second for dialled tones. */
const typesMax = 8;

/** Clocks of the static payload types (RFC 3551 tables 4 and 5), in Hz. */
const rates: { readonly [type: number]: number } = {
  0: 8_000, 3: 8_000, 4: 8_000, 5: 8_000, 6: 16_000, 7: 8_000, 8: 8_000, 9: 8_000, 10: 44_100, 11: 44_100, 12: 8_000,
  13: 8_000, 14: 90_000, 15: 8_000, 16: 11_025, 17: 22_050, 18: 8_000, 25: 90_000, 26: 90_000, 28: 90_000, 31: 90_000,
  32: 90_000, 33: 90_000, 34: 90_000,
}; // prettier-ignore

export const clockRateOf = (type: number): number | undefined => rates[type];

export class Stream {
  readonly began: Seconds;
  packets = 0;
  #latest: Seconds;
  #bytes = 0;
  /** First and highest sequence number of the run at hand, the highest with its wraps. */
  #first: number;
  #highest: number;
  /** What earlier runs promised: a sender that restarts begins a new one. */
  #promised = 0;
  /** The number after a jump; when it comes next, the sender has restarted. */
  #restart = -1;
  #reordered = 0;
  #duplicates = 0;
  #transit: number | undefined;
  #jitter = 0;
  #jitterMax = 0;
  #rate: number | undefined;
  readonly #types: number[] = [];

  constructor(sequence: number, ts: Seconds) {
    this.began = ts;
    this.#latest = ts;
    this.#first = sequence;
    this.#highest = sequence - 1;
  }

  /** Whether a packet goes on with the stream: what is no RTP has no numbers that do. */
  follows(sequence: number): boolean {
    const ahead = (sequence - this.#highest) & 0xffff;
    return ahead > 0 && ahead < misorderMax;
  }

  packet(sequence: number, timestamp: number, type: number, rate: number | undefined, bytes: number, ts: Seconds): void {
    this.packets++;
    this.#bytes += bytes;
    this.#latest = ts;
    if (!this.#types.includes(type) && this.#types.length < typesMax) this.#types.push(type);
    const ahead = (sequence - this.#highest) & 0xffff;
    if (ahead === 0) this.#duplicates++;
    else if (ahead < dropoutMax) this.#highest += ahead;
    else if (ahead <= 65_536 - misorderMax) {
      if (sequence === this.#restart) {
        // Two in a row behind the jump: the run before ends, and a new one began with the packet before.
        this.#promised += this.#highest - this.#first + 1;
        this.#first = sequence - 1;
        this.#highest = sequence;
      }
      this.#restart = (sequence + 1) & 0xffff;
    } else this.#reordered++;
    // Comfort noise comes when there is nothing to send, and dialled tones repeat one timestamp: neither tells of evenness.
    if (rate !== undefined && rate > 0 && type !== 13 && type !== 19) this.#time(timestamp, rate, ts);
    else this.#transit = undefined;
  }

  /** RFC 3550 A.8, in seconds. */
  #time(timestamp: number, rate: number, ts: Seconds): void {
    if (rate !== this.#rate) {
      this.#rate = rate;
      this.#transit = undefined;
    }
    const transit = ts - timestamp / rate;
    if (this.#transit !== undefined) {
      let step = transit - this.#transit;
      const turn = 4_294_967_296 / rate;
      // The timestamp has 32 bits and turns over.
      if (step > turn / 2) step -= turn;
      else if (step < -turn / 2) step += turn;
      if (Math.abs(step) < clockStepSeconds) {
        this.#jitter += (Math.abs(step) - this.#jitter) / 16;
        this.#jitterMax = Math.max(this.#jitterMax, this.#jitter);
      }
    }
    this.#transit = transit;
  }

  record(head: ReturnType<FlowView['head']>, isOrig: boolean, ssrc: number): RtpRecord {
    const expected = this.#promised + this.#highest - this.#first + 1;
    const record: RtpRecord = {
      ...head,
      is_orig: isOrig,
      ssrc,
      payload_types: this.#types,
      packets: this.packets,
      payload_bytes: this.#bytes,
      lost: Math.max(0, expected - this.packets + this.#duplicates),
      reordered: this.#reordered,
      duplicates: this.#duplicates,
      duration: Math.max(0, micro(this.#latest - this.began)),
    };
    if (this.#rate !== undefined) {
      record.clock_rate = this.#rate;
      record.jitter = micro(this.#jitter);
      record.jitter_max = micro(this.#jitterMax);
    }
    return record;
  }
}

/** Captures have microseconds. */
const micro = (seconds: number): number => Math.round(seconds * 1e6) / 1e6;
