/** The clock of a programme (ISO/IEC 13818-1 §2.4.2.2): how often it comes, whether it goes on, how exact it is, and how evenly it arrives. */

import type { Seconds } from '@forewarn/base/time';
import type { Faults } from './faults.ts';
import { thresholds } from './indicators.ts';

const ticksPerSecond = 27_000_000;
/** 33 bits of 90 kHz, 300 ticks each: the clock turns over after 26 hours. */
export const pcrTurn = 2 ** 33 * 300;

/** A PCR at `at`, the first of its six bytes, in ticks of 27 MHz. */
export function pcrAt(bytes: Uint8Array, at: number): number {
  const base =
    bytes[at]! * 0x200_0000 + ((bytes[at + 1]! << 17) | (bytes[at + 2]! << 9) | (bytes[at + 3]! << 1) | (bytes[at + 4]! >> 7));
  return base * 300 + (((bytes[at + 4]! & 1) << 8) | bytes[at + 5]!);
}

/** From one PCR to the next, in seconds; what is more than half a turn is a step back. */
export function pcrStep(from: number, to: number): Seconds {
  const step = (((to - from) % pcrTurn) + pcrTurn) % pcrTurn;
  return (step > pcrTurn / 2 ? step - pcrTurn : step) / ticksPerSecond;
}

export class ClockReference {
  #latest = -1;
  #came: Seconds = 0;
  /** Number of the packet of the stream that carried it. */
  #packet = 0;
  /** Step and packets of the pair before, for what stands between three. */
  #stepBefore = 0;
  #packetsBefore = 0;
  /** How far the PCR before stands from its place, until the next has come: a loss is often known only then. */
  #pending = -1;
  /** Packets are missing since the latest PCR. */
  #broken = false;
  /** Own time since the first PCR behind the latest break, and the arrival of that first one. */
  #elapsed = 0;
  #origin: Seconds = 0;
  #early = Infinity;
  #late = -Infinity;
  intervalMax = 0;
  accuracyMax = -1;

  /** Forgets what came before where packets are missing: what stands between is not known. */
  lose(): void {
    this.#packetsBefore = 0;
    this.#pending = -1;
    this.#broken = true;
  }

  /** The values of an interval of the stream are written; the next begins. */
  reset(): void {
    this.intervalMax = 0;
    this.accuracyMax = -1;
    this.#early = Infinity;
    this.#late = -Infinity;
  }

  /** How much earlier or later than each other PCRs arrived, beside their own time. */
  get jitter(): Seconds {
    return this.#late > this.#early ? this.#late - this.#early : 0;
  }

  /** A PCR in packet number `packet`; `announced`: the packet says that the clock is a new one. `constant`: the stream has a constant rate. */
  take(pcr: number, announced: boolean, packet: number, constant: boolean, now: Seconds, pid: number, faults: Faults): void {
    if (this.#latest < 0 || announced) {
      this.#latest = pcr;
      this.#begin(packet, now);
      return;
    }
    const step = pcrStep(this.#latest, pcr);
    const waited = now - this.#came;
    this.intervalMax = Math.max(this.intervalMax, waited);
    // A millionth: the arithmetic of times, not a late packet.
    if (waited > thresholds.pcrSeconds.value + 1e-6) faults.error('pcr_repetition_error', 'late', now, pid);
    this.#latest = pcr;
    if (step < 0 || step > thresholds.pcrSeconds.value + 1e-9) {
      faults.error('pcr_discontinuity_indicator_error', 'step', now, pid);
      this.#begin(packet, now);
      return;
    }
    const packets = packet - this.#packet;
    if (constant && this.#packetsBefore > 0 && packets > 0) {
      // Where packets come evenly, the middle one of three PCRs stands where its packet does.
      const rate = (this.#stepBefore + step) / (this.#packetsBefore + packets);
      if (this.#pending > thresholds.pcrAccuracySeconds.value) faults.error('pcr_accuracy_error', 'inaccurate', now, pid);
      this.accuracyMax = Math.max(this.accuracyMax, this.#pending);
      this.#pending = Math.abs(this.#stepBefore - rate * this.#packetsBefore);
    }
    this.#stepBefore = step;
    this.#packetsBefore = this.#broken ? 0 : packets;
    this.#broken = false;
    this.#packet = packet;
    this.#came = now;
    this.#elapsed += step;
    const offset = now - this.#origin - this.#elapsed;
    this.#early = Math.min(this.#early, offset);
    this.#late = Math.max(this.#late, offset);
  }

  #begin(packet: number, now: Seconds): void {
    this.#came = now;
    this.#packet = packet;
    this.lose();
    this.#broken = false;
    this.#elapsed = 0;
    this.#origin = now;
    this.#early = Infinity;
    this.#late = -Infinity;
  }
}
