/**
 * Seeded randomness. The range must give the same bytes for the same seed on every machine, so it carries its own
 * generator (sfc32 by Chris Doty-Humphrey, PractRand) and never asks the platform for chance.
 *
 * A generator is split by name: `random.split('browse')` depends on the seed and the name only, not on how much was drawn
 * before. So adding an activity to a scenario leaves the others as they were, and a conversation can be played twice.
 */

const name128 = (text: string): [number, number, number, number] => {
  // cyrb128: four lanes of multiply and xor over the characters. It need not be secret, only well spread.
  let h1 = 1779033703;
  let h2 = 3144134277;
  let h3 = 1013904242;
  let h4 = 2773480762;
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    h1 = h2 ^ Math.imul(h1 ^ k, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ k, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ k, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ k, 2716044179);
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067);
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233);
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213);
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179);
  const all = h1 ^ h2 ^ h3 ^ h4;
  return [all >>> 0, (h2 ^ all) >>> 0, (h3 ^ all) >>> 0, (h4 ^ all) >>> 0];
};

/** A number, or a span from which one is drawn evenly. */
export type Draw = number | readonly [number, number];

export class Random {
  readonly #path: string;
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(path: string) {
    this.#path = path;
    [this.#a, this.#b, this.#c, this.#counter] = name128(path);
    for (let i = 0; i < 12; i++) this.word();
  }

  /** A generator of its own for what bears this name; it does not depend on what was drawn here. */
  split(name: string | number): Random {
    return new Random(`${this.#path}/${name}`);
  }

  /** 32 even bits. */
  word(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** Evenly from [0, 1). */
  unit(): number {
    return this.word() / 4_294_967_296;
  }

  /** A whole number, evenly from low to high, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  /** The number itself, or evenly from its span. */
  draw(from: Draw): number {
    return typeof from === 'number' ? from : from[0] + this.unit() * (from[1] - from[0]);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new Error('Nothing to pick from.');
    return from[Math.floor(this.unit() * from.length)]!;
  }

  /** A copy in another order (Fisher and Yates). */
  shuffle<T>(from: readonly T[]): T[] {
    const list = [...from];
    for (let i = list.length - 1; i > 0; i--) {
      const j = Math.floor(this.unit() * (i + 1));
      [list[i], list[j]] = [list[j]!, list[i]!];
    }
    return list;
  }

  /** Time to the next of events that come independently, with this mean (exponential). */
  gap(mean: number): number {
    return -mean * Math.log(1 - this.unit());
  }

  /** Bell-shaped, mean 0, deviation 1 (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit());
  }

  /** A size such as those of web objects: log-normal around the median; `spread` is the deviation of the logarithm. */
  size(median: number, spread: number, max: number): number {
    return Math.max(1, Math.min(max, Math.round(median * Math.exp(spread * this.normal()))));
  }

  bytes(length: number): Uint8Array {
    const into = new Uint8Array(length);
    for (let i = 0; i < length; i += 4) {
      const word = this.word();
      into[i] = word;
      if (i + 1 < length) into[i + 1] = word >>> 8;
      if (i + 2 < length) into[i + 2] = word >>> 16;
      if (i + 3 < length) into[i + 3] = word >>> 24;
    }
    return into;
  }

  /** Lower-case hexadecimal of so many bytes. */
  hex(bytes: number): string {
    return Buffer.from(this.bytes(bytes)).toString('hex');
  }
}
