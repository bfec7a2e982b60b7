/** What a family of decoders is to the fuzzer: where its inputs begin, and what takes them. */

import type { Arrival } from '@forewarn/sense/protocols/trial';

/** What is given to a decoder, in order. `seed` names the start that it was made from, which says of which port or link it is. */
export type Input = { readonly seed: number; readonly arrivals: readonly Arrival[] };

export type Family = {
  readonly name: string;
  /** Inputs that are as they should be; none of them is empty. */
  readonly starts: readonly Input[];
  /** How many inputs one subject takes before it is ended and another is opened. */
  readonly inputsEach: number;
  /** Flows that a subject may hold of earlier inputs; when their time is over they write records in a later one. */
  readonly flowsOpen?: number;
  open(witness: Witness, number: number): Subject;
};

/** What takes inputs. It throws where something is wrong; only `arrive` and `finish` are on the clock. */
export type Subject = {
  begin(input: Input, n: number): void;
  arrive(arrival: Arrival): void;
  /** The input is over: nothing of it may be left. */
  finish(): void;
  /** No further inputs. */
  end(): void;
};

/** Records of one input beyond a few are a growth without bound when there are more of them than bytes. */
const recordsFree = 64;

/** Text and bytes of one record: a message with all its names, as often as its ceilings allow. */
const recordCharactersMax = 4_000_000;

/** Sees what comes out: counts it, and knows whether it is something new. */
export class Witness {
  records = 0;
  /** The largest record so far, in characters. */
  recordCharacters = 0;
  /** What came out of the input at hand, when somebody asks. */
  readonly traits = new Set<string>();
  learning = false;
  /** All oddities of the run, by name. */
  readonly weirds = new Map<string, number>();
  #ofThis = 0;
  #recordsMax = 0;

  /** Another input begins, of so many bytes; `open` flows of those before it may end in it. */
  begin(bytes: number, open = 0): void {
    this.#ofThis = 0;
    this.#recordsMax = recordsFree + bytes + open;
    this.traits.clear();
  }

  record(log: string, record: { readonly [name: string]: unknown }): void {
    this.records++;
    if (++this.#ofThis > this.#recordsMax) throw new Error(`more than ${this.#recordsMax} records of one input`);
    let characters = 0;
    for (const name in record) characters += name.length + charactersOf(record[name]);
    if (characters > this.recordCharacters) {
      this.recordCharacters = characters;
      if (characters > recordCharactersMax) throw new Error(`a record of ${log} has ${characters} characters`);
    }
    if (this.learning) this.traits.add(`${log} ${Object.keys(record).join(' ')}`);
  }

  weird(name: string): void {
    this.weirds.set(name, (this.weirds.get(name) ?? 0) + 1);
    this.trait(name);
  }

  trait(name: string): void {
    if (this.learning) this.traits.add(name);
  }
}

function charactersOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) {
    let sum = 0;
    for (const each of value) sum += charactersOf(each);
    return sum;
  }
  return 8;
}
