/**
 * Gives a family its inputs, one after another, and watches.
 *
 * The first inputs teach: one that brings out something that none before has brought out is kept, and later ones are made from
 * it too. After that nothing is kept, so that the n-th input follows from family, seed and n: whoever wants it alone makes the
 * first ones again, in some seconds, and then this one.
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { random } from '@forewarn/sense/testing/mutations';
import type { Arrival } from '@forewarn/sense/protocols/trial';
import { Witness, type Family, type Input, type Subject } from './family.ts';
import { mutate } from './mutation.ts';

export type Fault = {
  readonly n: number;
  readonly what: string;
  /** The input, as `bytes.txt` of a case writes it. */
  readonly input: string;
  /** How often the same was met. */
  times: number;
};

export type Outcome = {
  inputs: number;
  packets: number;
  records: number;
  kept: number;
  weirds: ReadonlyMap<string, number>;
  recordCharacters: number;
  slowestMs: number;
  /** What a flow holds at most while the same input comes again and again. */
  heldBytesMax: number;
  faults: Fault[];
};

export type Options = {
  seed: number;
  /** The first input. */
  from: number;
  count: number;
  /** Whether packets are on the clock. */
  timed: boolean;
  /** A packet that takes longer hangs. */
  hangMs: number;
  /** How many of the starts are repeated to see what grows, and after them every how many inputs one. */
  growthStarts: number;
  growthEvery: number;
  /** Told from time to time how far it is. */
  progress?: (outcome: Outcome) => void;
};

/** Inputs that teach. Nearly all traits are found in the first tenth of them. */
export const learningInputs = 50_000;

/** Inputs kept, besides those to start from. */
const keptMax = 600;

/** Faults of one family after which the rest is left: the first few say what is wrong. */
const faultsMax = 8;

/** Inputs between two words of progress: a few seconds of the slowest family. */
const progressEvery = 1000;

/** Bytes that a flow is fed to see what grows, and what it may hold of them. */
const growthBytes = 4_194_304;
/** Small ones are not repeated for so long: each call costs something, whatever its length. */
const growthArrivalsMax = 20_000;
const heldBytesMax = 1_048_576;

export function fuzz(family: Family, options: Options): Outcome {
  const { seed, from, count } = options;
  const witness = new Witness();
  const outcome: Outcome = {
    inputs: 0,
    packets: 0,
    records: 0,
    kept: 0,
    weirds: witness.weirds,
    recordCharacters: 0,
    slowestMs: 0,
    heldBytesMax: 0,
    faults: [],
  };
  const pool: Input[] = [...family.starts];
  const known = new Set<string>();
  let subject: Subject | undefined;
  const fault = (n: number, input: Input, error: unknown): void => {
    subject = undefined;
    const what = said(error);
    // The same fault again says nothing new.
    const same = outcome.faults.find((each) => placeOf(each.what) === placeOf(what));
    if (same) same.times++;
    else outcome.faults.push({ n, what, input: written(input), times: 1 });
  };

  // Inputs before `from` are made again as far as they teach, and as far as they share a subject with it.
  const first = Math.max(0, from - (from % family.inputsEach));
  for (let n = 0; n < from + count && outcome.faults.length < faultsMax; n++) {
    if (n >= learningInputs && n < first) {
      n = first;
      subject = undefined;
    }
    if (subject === undefined || n % family.inputsEach === 0) {
      try {
        subject?.end();
      } catch (error) {
        fault(n - 1, pool[0]!, error);
      }
      subject = family.open(witness, n);
    }
    const dice = random(seed, n);
    // The starts themselves come first, then what is made of them.
    const input = n < family.starts.length ? family.starts[n]! : mutate(pool[dice(pool.length)]!, pool, dice);
    const counted = n >= from;
    const faultsBefore = outcome.faults.length;
    witness.learning = n < learningInputs;
    witness.begin(bytesOf(input), family.flowsOpen);
    try {
      const ms = one(subject, input, n, options.timed ? wallMs : undefined);
      if (counted) {
        outcome.inputs++;
        if (outcome.inputs % progressEvery === 0) options.progress?.(outcome);
        outcome.packets += input.arrivals.length;
        if (ms > options.hangMs) {
          // The machine may have been busy, or the collector: it hangs when it hangs each time.
          const again = Math.min(ms, ...[1, 2, 3].map(() => repeated(family, pool, options, n, input)));
          subject = undefined;
          if (again > options.hangMs) throw new Error(`a packet took ${again.toFixed(0)} ms`);
          outcome.slowestMs = Math.max(outcome.slowestMs, again);
        } else if (ms > outcome.slowestMs) outcome.slowestMs = ms;
      }
    } catch (error) {
      if (counted) fault(n, input, error);
      else subject = undefined;
    }
    if (witness.learning && witness.traits.size > 0 && pool.length < family.starts.length + keptMax) {
      const trait = [...witness.traits].sort().join('\n');
      if (!known.has(trait)) {
        known.add(trait);
        if (n >= family.starts.length && input.arrivals.length > 0) pool.push(input);
      }
    }
    const growing = n < Math.min(family.starts.length, options.growthStarts) || (n > 0 && n % options.growthEvery === 0);
    // What is at fault already would be so again, ten thousand times.
    if (counted && growing && outcome.faults.length === faultsBefore) {
      try {
        const held = growth(family, input, n);
        if (held > outcome.heldBytesMax) outcome.heldBytesMax = held;
        if (held > heldBytesMax) throw new Error(`holds ${held} bytes after ${growthBytes} of the same input again and again`);
      } catch (error) {
        fault(n, input, error);
      }
    }
  }
  try {
    subject?.end();
  } catch (error) {
    fault(from + count - 1, pool[0]!, error);
  }
  outcome.kept = pool.length - family.starts.length;
  outcome.records = witness.records;
  outcome.recordCharacters = witness.recordCharacters;
  return outcome;
}

const wallMs = (): number => performance.now();

/** What this thread has computed: a machine that is busy with others does not count. It is asked only where the wall clock is suspicious. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** Runs one input; answers the milliseconds of the slowest packet. */
function one(subject: Subject, input: Input, n: number, clock: (() => number) | undefined): number {
  let slowest = 0;
  subject.begin(input, n);
  if (!clock) {
    for (const arrival of input.arrivals) subject.arrive(arrival);
    subject.finish();
    return 0;
  }
  let before = clock();
  const took = (): void => {
    const now = clock();
    if (now - before > slowest) slowest = now - before;
    before = now;
  };
  for (const arrival of input.arrivals) {
    subject.arrive(arrival);
    took();
  }
  subject.finish();
  took();
  return slowest;
}

/** The same input again, after those that came before it to the same subject. */
function repeated(family: Family, pool: readonly Input[], options: Options, n: number, input: Input): number {
  const witness = new Witness();
  const subject = family.open(witness, n);
  // While inputs still teach, what stood before cannot be made again from the list as it is now.
  if (n >= learningInputs) {
    for (let before = n - (n % family.inputsEach); before < n; before++) {
      const dice = random(options.seed, before);
      const other = mutate(pool[dice(pool.length)]!, pool, dice);
      witness.begin(bytesOf(other), family.flowsOpen);
      one(subject, other, before, undefined);
    }
  }
  witness.begin(bytesOf(input), family.flowsOpen);
  return one(subject, input, n, cpuMs);
}

const bytesOf = (input: Input): number =>
  input.arrivals.reduce((sum, each) => sum + ('bytes' in each ? each.bytes.length : 0), 0);

let collect: (() => void) | undefined;

/** Bytes in use after the collector has run. */
function inUse(): number {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  // Buffers are given back behind the collector's back, by the time of its next turn.
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** What one flow holds after the same arrivals came again and again, as bytes beyond what it held when it began. */
function growth(family: Family, input: Input, n: number): number {
  const each = bytesOf(input);
  if (each === 0) return 0;
  const witness = new Witness();
  witness.begin(Infinity);
  const subject = family.open(witness, n);
  subject.begin(input, n);
  const span = (input.arrivals.at(-1)?.ts ?? 0) - (input.arrivals[0]?.ts ?? 0) + 0.001;
  const feed = (bytes: number, shift: number): void => {
    const timesMax = Math.ceil(growthArrivalsMax / input.arrivals.length);
    for (let fed = 0, times = 0; fed < bytes && times < timesMax; fed += each, times++) {
      for (const arrival of input.arrivals)
        subject.arrive({ ...arrival, ts: arrival.ts + shift + times * Math.max(0, span) } as Arrival);
    }
  };
  feed(65_536, 0);
  const before = inUse();
  feed(growthBytes, 1e4);
  const held = inUse() - before;
  subject.finish();
  subject.end();
  return Math.max(0, held);
}

/** Where it was thrown: numbers in the message differ from input to input. */
const placeOf = (what: string): string =>
  what
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 3)
    .join('\n');

function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `\n  caused by ${error.cause.stack}` : '';
  return `${error.stack}${cause}`;
}

function written(input: Input): string {
  return input.arrivals
    .map((arrival) => {
      const head = `  ${arrival.ts.toFixed(3)} ${arrival.direction === 0 ? '>' : '<'}`;
      return 'bytes' in arrival ? `${head} ${Buffer.from(arrival.bytes).toString('hex')}` : `${head} gap ${arrival.missing}`;
    })
    .join('\n');
}
