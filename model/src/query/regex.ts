/**
 * Regular expressions that run in time linear in the value. Rules come from people we half trust and values from hosts we do
 * not trust at all: a backtracking engine can be made to hang by forty hostile characters (`(a+)+$`), so this one keeps a
 * set of states instead (Thompson 1968; the lazily built automaton is that of R. Cox, "Regular Expression Matching in the
 * Wild", 2010). It says only whether something matches, which is all a predicate asks.
 *
 * The syntax is RE2's, which ClickHouse has too, without Unicode property classes. What RE2 leaves out because it cannot be linear
 * (look-around, back-references) is refused here with the position.
 */

import { Refusal } from '@forewarn/base/refusal';
import type { RegexFlag } from './query.ts';

/** RE2 refuses longer counted repetitions too. */
const repeatMax = 1_000;

/**
 * Instructions of one program. The longest of the public rules has 1,100 (a counted repetition, unrolled); with 5,000 the
 * worst value of 65,536 characters costs at most 3·10⁸ steps, and no rule in use comes near it.
 */
const instructionsMax = 5_000;

/** Automaton states kept per expression; when full they are forgotten and built anew, as RE2 does. Typical rules need under 50. */
const statesMax = 1_000;

/** Deepest nesting of groups. */
const depthMax = 100;

const topCodePoint = 0x10ffff;

/** Code point ranges, from and to inclusive, sorted and apart. */
type Ranges = readonly (readonly [number, number])[];

type Assertion = 'textStart' | 'textEnd' | 'lineStart' | 'lineEnd' | 'wordEdge' | 'notWordEdge';

type Node =
  | { kind: 'set'; ranges: Ranges }
  | { kind: 'sequence'; of: Node[] }
  | { kind: 'choice'; of: Node[] }
  | { kind: 'repeat'; of: Node; min: number; max: number }
  | { kind: 'assertion'; assertion: Assertion };

const digits: Ranges = [[0x30, 0x39]];
const wordCharacters: Ranges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const spaces: Ranges = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x20],
];

const posixClasses: { readonly [name: string]: Ranges } = {
  alnum: [
    [0x30, 0x39],
    [0x41, 0x5a],
    [0x61, 0x7a],
  ],
  alpha: [
    [0x41, 0x5a],
    [0x61, 0x7a],
  ],
  ascii: [[0, 0x7f]],
  blank: [
    [0x09, 0x09],
    [0x20, 0x20],
  ],
  cntrl: [
    [0, 0x1f],
    [0x7f, 0x7f],
  ],
  digit: digits,
  graph: [[0x21, 0x7e]],
  lower: [[0x61, 0x7a]],
  print: [[0x20, 0x7e]],
  punct: [
    [0x21, 0x2f],
    [0x3a, 0x40],
    [0x5b, 0x60],
    [0x7b, 0x7e],
  ],
  space: [
    [0x09, 0x0d],
    [0x20, 0x20],
  ],
  upper: [[0x41, 0x5a]],
  word: wordCharacters,
  xdigit: [
    [0x30, 0x39],
    [0x41, 0x46],
    [0x61, 0x66],
  ],
};

function normalise(ranges: readonly (readonly [number, number])[]): Ranges {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const apart: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = apart.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else apart.push([from, to]);
  }
  return apart;
}

function negate(ranges: Ranges): Ranges {
  const rest: [number, number][] = [];
  let from = 0;
  for (const [start, end] of normalise(ranges)) {
    if (start > from) rest.push([from, start - 1]);
    from = end + 1;
  }
  if (from <= topCodePoint) rest.push([from, topCodePoint]);
  return rest;
}

/** Adds the other case of each letter. Beyond U+FFFF only whole scripts have cases; rules have not asked for them. */
function foldCase(ranges: Ranges): Ranges {
  const both: [number, number][] = ranges.map(([from, to]) => [from, to]);
  for (const [from, to] of ranges) {
    for (let code = from; code <= Math.min(to, 0xffff); code++) {
      const character = String.fromCharCode(code);
      const lower = character.toLowerCase();
      const upper = character.toUpperCase();
      if (lower.length === 1 && lower !== character) both.push([lower.charCodeAt(0), lower.charCodeAt(0)]);
      if (upper.length === 1 && upper !== character) both.push([upper.charCodeAt(0), upper.charCodeAt(0)]);
    }
  }
  return normalise(both);
}

class Reader {
  readonly #pattern: string;
  readonly #field: string | undefined;
  #at = 0;
  #depth = 0;
  #flags: { i: boolean; m: boolean; s: boolean };

  constructor(pattern: string, flags: readonly RegexFlag[], field: string | undefined) {
    this.#pattern = pattern;
    this.#field = field;
    this.#flags = { i: flags.includes('i'), m: flags.includes('m'), s: flags.includes('s') };
  }

  read(): Node {
    const node = this.#choice();
    if (this.#at < this.#pattern.length) this.#refuse('has a closing parenthesis that nothing opens', 'Escape it: \\)');
    return node;
  }

  #refuse(what: string, advice: string): never {
    throw new Refusal('query.regex', `The regular expression ${what} (character ${this.#at + 1} of "${this.#pattern}").`, {
      place: this.#field === undefined ? { offset: this.#at } : { field: this.#field, offset: this.#at },
      advice,
    });
  }

  #peek(): string | undefined {
    return this.#pattern[this.#at];
  }

  #eat(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #choice(): Node {
    if (++this.#depth > depthMax) this.#refuse(`nests groups deeper than ${depthMax}`, 'Write it flatter.');
    const branches = [this.#sequence()];
    while (this.#eat('|')) branches.push(this.#sequence());
    this.#depth--;
    return branches.length === 1 ? branches[0]! : { kind: 'choice', of: branches };
  }

  #sequence(): Node {
    const of: Node[] = [];
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek()) {
      const atom = this.#atom();
      if (atom) of.push(this.#repeated(atom));
    }
    return of.length === 1 ? of[0]! : { kind: 'sequence', of };
  }

  #repeated(atom: Node): Node {
    let node = atom;
    for (;;) {
      let min: number;
      let max: number;
      const counted = /^\{(\d+)(,(\d*))?\}/.exec(this.#pattern.slice(this.#at, this.#at + 24));
      if (this.#eat('*')) [min, max] = [0, Infinity];
      else if (this.#eat('+')) [min, max] = [1, Infinity];
      else if (this.#eat('?')) [min, max] = [0, 1];
      else if (counted) {
        min = Number(counted[1]);
        max = counted[2] === undefined ? min : counted[3] === '' ? Infinity : Number(counted[3]);
        if (min > repeatMax || (max !== Infinity && max > repeatMax)) {
          this.#refuse(`repeats more than ${repeatMax} times`, `RE2 stops at ${repeatMax} as well.`);
        }
        if (max < min) this.#refuse('counts a repetition backwards', 'Write the smaller number first.');
        this.#at += counted[0].length;
      } else return node;
      // Lazy or greedy changes what is captured, never whether something matches.
      this.#eat('?');
      if (this.#peek() === '+')
        this.#refuse('has a possessive repetition', 'Take the second + away: the engine never backtracks.');
      node = { kind: 'repeat', of: node, min, max };
    }
  }

  #atom(): Node | undefined {
    const c = this.#pattern[this.#at]!;
    switch (c) {
      case '(':
        return this.#group();
      case '[':
        return this.#set(this.#bracket());
      case '.':
        this.#at++;
        return { kind: 'set', ranges: this.#flags.s ? [[0, topCodePoint]] : negate([[0x0a, 0x0a]]) };
      case '^':
        this.#at++;
        return { kind: 'assertion', assertion: this.#flags.m ? 'lineStart' : 'textStart' };
      case '$':
        this.#at++;
        return { kind: 'assertion', assertion: this.#flags.m ? 'lineEnd' : 'textEnd' };
      case '*':
      case '+':
      case '?':
        return this.#refuse(`repeats nothing with ${c}`, `Escape it: \\${c}`);
      case '\\':
        return this.#escape();
      default: {
        const code = this.#pattern.codePointAt(this.#at)!;
        this.#at += code > 0xffff ? 2 : 1;
        return this.#set([[code, code]]);
      }
    }
  }

  #set(ranges: Ranges): Node {
    return { kind: 'set', ranges: this.#flags.i ? foldCase(normalise(ranges)) : normalise(ranges) };
  }

  #group(): Node | undefined {
    this.#at++;
    const outer = this.#flags;
    if (this.#eat('?')) {
      if (/^(=|!|<=|<!)/.test(this.#pattern.slice(this.#at, this.#at + 2))) {
        this.#refuse('looks around', 'Look-around cannot run in linear time; use a second condition with "and not".');
      }
      const named = /^P?<\w+>/.exec(this.#pattern.slice(this.#at, this.#at + 100));
      if (named) this.#at += named[0].length;
      else {
        const flags = /^([ims]*)(?:-([ims]+))?([:)])/.exec(this.#pattern.slice(this.#at, this.#at + 16));
        if (!flags) this.#refuse('opens a group of an unknown kind', 'Known are (…), (?:…), (?ims-ims:…) and (?P<name>…).');
        this.#at += flags[0].length;
        const next = { ...outer };
        for (const flag of flags[1]!) next[flag as RegexFlag] = true;
        for (const flag of flags[2] ?? '') next[flag as RegexFlag] = false;
        this.#flags = next;
        // (?i) alone holds until the end of the group it stands in.
        if (flags[3] === ')') return undefined;
      }
    }
    const node = this.#choice();
    if (!this.#eat(')')) this.#refuse('leaves a group open', 'Close it with ).');
    this.#flags = outer;
    return node;
  }

  /** A backslash outside brackets. */
  #escape(): Node {
    const c = this.#pattern[this.#at + 1];
    if (c === 'b' || c === 'B') {
      this.#at += 2;
      return { kind: 'assertion', assertion: c === 'b' ? 'wordEdge' : 'notWordEdge' };
    }
    if (c === 'A' || c === 'z') {
      this.#at += 2;
      return { kind: 'assertion', assertion: c === 'A' ? 'textStart' : 'textEnd' };
    }
    if (c !== undefined && c >= '1' && c <= '9') {
      this.#refuse('refers back to a group', 'Back-references cannot run in linear time; write the alternatives out.');
    }
    return this.#set(this.#escapedRanges());
  }

  #escapedRanges(): Ranges {
    this.#at++;
    const c = this.#peek();
    if (c === undefined) return this.#refuse('ends in a backslash', 'Write \\\\ for a backslash.');
    this.#at++;
    switch (c) {
      case 'd':
        return digits;
      case 'D':
        return negate(digits);
      case 'w':
        return wordCharacters;
      case 'W':
        return negate(wordCharacters);
      case 's':
        return spaces;
      case 'S':
        return negate(spaces);
      case 't':
        return [[0x09, 0x09]];
      case 'n':
        return [[0x0a, 0x0a]];
      case 'v':
        return [[0x0b, 0x0b]];
      case 'f':
        return [[0x0c, 0x0c]];
      case 'r':
        return [[0x0d, 0x0d]];
      case 'a':
        return [[0x07, 0x07]];
      case 'x': {
        const hex = /^(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]{1,6})\})/.exec(this.#pattern.slice(this.#at, this.#at + 8));
        const code = Number.parseInt(hex?.[1] ?? hex?.[2] ?? '', 16);
        if (!hex || code > topCodePoint) return this.#refuse('has \\x without a code', 'Write \\x0a or \\x{20AC}.');
        this.#at += hex[0].length;
        return [[code, code]];
      }
      default: {
        // RE2 takes an escaped punctuation mark as itself and refuses other letters, which may mean something elsewhere.
        if (/[0-9A-Za-z]/.test(c)) {
          this.#at -= 2;
          return this.#refuse(`has the unknown escape \\${c}`, 'Take the backslash away if the letter is meant.');
        }
        const code = this.#pattern.codePointAt(this.#at - 1)!;
        if (code > 0xffff) this.#at++;
        return [[code, code]];
      }
    }
  }

  #bracket(): Ranges {
    this.#at++;
    const not = this.#eat('^');
    const ranges: (readonly [number, number])[] = [];
    for (let first = true; ; first = false) {
      const c = this.#peek();
      if (c === undefined) this.#refuse('leaves a bracket open', 'Close it with ].');
      if (c === ']' && !first) break;
      const posix = /^\[:(\^?)(\w+):\]/.exec(this.#pattern.slice(this.#at, this.#at + 16));
      if (posix) {
        const named = posixClasses[posix[2]!];
        if (!named) this.#refuse(`names the unknown class ${posix[0]}`, `Known are ${Object.keys(posixClasses).join(', ')}.`);
        ranges.push(...(posix[1] === '^' ? negate(named) : named));
        this.#at += posix[0].length;
        continue;
      }
      const from = this.#bracketCharacter();
      if (from.length !== 1 || from[0]![0] !== from[0]![1]) {
        ranges.push(...from);
        continue;
      }
      // A hyphen before the closing bracket is itself.
      if (this.#peek() === '-' && this.#pattern[this.#at + 1] !== ']' && this.#at + 1 < this.#pattern.length) {
        const hyphen = this.#at++;
        const to = this.#bracketCharacter();
        if (to.length !== 1 || to[0]![0] !== to[0]![1] || to[0]![0] < from[0]![0]) {
          this.#at = hyphen;
          this.#refuse('has a range that runs backwards', 'Write the lower character first, or put the hyphen last.');
        }
        ranges.push([from[0]![0], to[0]![0]]);
      } else ranges.push(...from);
    }
    this.#at++;
    const all = normalise(ranges);
    // Folding must come before negation: [^a] without case is neither a nor A.
    return not ? negate(this.#flags.i ? foldCase(all) : all) : all;
  }

  #bracketCharacter(): Ranges {
    if (this.#peek() === '\\') {
      if (this.#pattern[this.#at + 1] === 'b') this.#refuse('has \\b in a bracket', 'Write \\x08 for a backspace.');
      return this.#escapedRanges();
    }
    const code = this.#pattern.codePointAt(this.#at)!;
    this.#at += code > 0xffff ? 2 : 1;
    return [[code, code]];
  }
}

type Instruction =
  | { kind: 'set'; set: number }
  | { kind: 'split'; to: number[] }
  | { kind: 'assertion'; assertion: Assertion }
  | { kind: 'match' };

/** What stood before the place that is looked at. */
const placeBefore = { textStart: 0, lineEnd: 1, word: 2, other: 3 } as const;

type State = { pending: Uint16Array; before: number; next: Int32Array };

const unknown = -1;
const dead = -2;
const matched = -3;

/**
 * Compiles an expression into a test of texts. Throws the refusal `query.regex` with the position of what is wrong or
 * cannot run in linear time. The test looks at the first `charactersMax` characters.
 */
export function compileRegex(
  pattern: string,
  flags: readonly RegexFlag[],
  options: { charactersMax: number; field?: string },
): (text: string) => boolean {
  const tree = new Reader(pattern, flags, options.field).read();
  const program: Instruction[] = [];
  const sets: Ranges[] = [];
  const setByKey = new Map<string, number>();

  const emit = (instruction: Instruction): number => {
    if (program.length >= instructionsMax) {
      throw new Refusal('query.regex', `The regular expression "${pattern}" grows to more than ${instructionsMax} steps.`, {
        ...(options.field === undefined ? {} : { place: { field: options.field } }),
        advice: 'Make its counted repetitions smaller.',
      });
    }
    program.push(instruction);
    return program.length - 1;
  };

  const build = (node: Node): void => {
    switch (node.kind) {
      case 'set': {
        const key = node.ranges.join(';');
        let set = setByKey.get(key);
        if (set === undefined) {
          set = sets.push(node.ranges) - 1;
          setByKey.set(key, set);
        }
        emit({ kind: 'set', set });
        return;
      }
      case 'assertion':
        emit({ kind: 'assertion', assertion: node.assertion });
        return;
      case 'sequence':
        for (const part of node.of) build(part);
        return;
      case 'choice': {
        const split: number[] = [];
        const at = emit({ kind: 'split', to: split });
        const ends: number[][] = [];
        for (const [i, part] of node.of.entries()) {
          split.push(i === 0 ? at + 1 : program.length);
          build(part);
          const end: number[] = [];
          ends.push(end);
          emit({ kind: 'split', to: end });
        }
        for (const end of ends) end.push(program.length);
        return;
      }
      case 'repeat': {
        for (let i = 0; i < node.min; i++) build(node.of);
        if (node.max === Infinity) {
          const to: number[] = [];
          const at = emit({ kind: 'split', to });
          to.push(at + 1);
          build(node.of);
          emit({ kind: 'split', to: [at] });
          to.push(program.length);
        } else {
          const skips: number[][] = [];
          for (let i = node.min; i < node.max; i++) {
            const to: number[] = [];
            const at = emit({ kind: 'split', to });
            to.push(at + 1);
            skips.push(to);
            build(node.of);
          }
          for (const to of skips) to.push(program.length);
        }
      }
    }
  };
  build(tree);
  emit({ kind: 'match' });

  // Code points that no set tells apart share a class, so that a state's table has a few entries instead of a million.
  const looksAtNeighbours = program.some((instruction) => instruction.kind === 'assertion');
  const bounds = new Set([0]);
  const telling = looksAtNeighbours ? [...sets, wordCharacters, [[0x0a, 0x0a]] as Ranges] : sets;
  for (const ranges of telling) {
    for (const [from, to] of ranges) {
      bounds.add(from);
      bounds.add(to + 1);
    }
  }
  const starts = [...bounds].filter((bound) => bound <= topCodePoint).sort((a, b) => a - b);
  const classCount = starts.length;
  const endOfText = classCount;
  const findClass = (code: number): number => {
    let low = 0;
    let high = classCount - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= code) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const classOfAscii = Uint16Array.from({ length: 128 }, (_, code) => findClass(code));
  const inRanges = (ranges: Ranges, code: number): boolean => ranges.some(([from, to]) => code >= from && code <= to);
  const setHasClass = sets.map((ranges) => starts.map((start) => inRanges(ranges, start)));
  const classIsWord = starts.map((start) => inRanges(wordCharacters, start));
  const classIsLineEnd = starts.map((start) => start === 0x0a);

  let states: State[] = [];
  let stateByKey = new Map<string, number>();
  const stateOf = (pending: Uint16Array, before: number): number => {
    const key = String.fromCharCode(before, ...pending);
    let id = stateByKey.get(key);
    if (id === undefined) {
      id = states.push({ pending, before, next: new Int32Array(classCount + 1).fill(unknown) }) - 1;
      stateByKey.set(key, id);
    }
    return id;
  };

  const marked = new Uint32Array(program.length);
  const reached = new Uint32Array(program.length + 1);
  let mark = 0;
  const stack: number[] = [];

  /** One step of the set of states: closure under what needs no character, then the character. */
  const step = (state: State, charClass: number): number => {
    mark++;
    stack.length = 0;
    for (const at of state.pending) stack.push(at);
    // The search may begin at every place.
    stack.push(0);
    const wordBefore = state.before === placeBefore.word;
    const wordAfter = charClass !== endOfText && classIsWord[charClass]!;
    while (stack.length > 0) {
      const at = stack.pop()!;
      if (marked[at] === mark) continue;
      marked[at] = mark;
      const instruction = program[at]!;
      switch (instruction.kind) {
        case 'match':
          return matched;
        case 'split':
          for (const to of instruction.to) stack.push(to);
          break;
        case 'assertion': {
          let holds: boolean;
          switch (instruction.assertion) {
            case 'textStart':
              holds = state.before === placeBefore.textStart;
              break;
            case 'textEnd':
              holds = charClass === endOfText;
              break;
            case 'lineStart':
              holds = state.before === placeBefore.textStart || state.before === placeBefore.lineEnd;
              break;
            case 'lineEnd':
              holds = charClass === endOfText || classIsLineEnd[charClass]!;
              break;
            case 'wordEdge':
              holds = wordBefore !== wordAfter;
              break;
            case 'notWordEdge':
              holds = wordBefore === wordAfter;
          }
          if (holds) stack.push(at + 1);
          break;
        }
        case 'set':
          if (charClass !== endOfText && setHasClass[instruction.set]![charClass]!) reached[at + 1] = mark;
      }
    }
    if (charClass === endOfText) return dead;
    const pending: number[] = [];
    for (let at = 0; at < program.length; at++) if (reached[at] === mark) pending.push(at);
    let before: number = placeBefore.other;
    if (looksAtNeighbours) {
      if (classIsLineEnd[charClass]!) before = placeBefore.lineEnd;
      else if (classIsWord[charClass]!) before = placeBefore.word;
    }
    return stateOf(Uint16Array.from(pending), before);
  };

  // After the first character, an expression that must begin at the text's start and has nothing pending is lost.
  const anchored = startsAtText(tree);

  const begin = (): void => {
    states = [];
    stateByKey = new Map();
    stateOf(new Uint16Array(0), placeBefore.textStart);
  };
  begin();

  const { charactersMax } = options;
  return (text) => {
    let current = 0;
    const end = Math.min(text.length, charactersMax);
    for (let i = 0; i < end; i++) {
      const unit = text.charCodeAt(i);
      let charClass: number;
      if (unit < 128) charClass = classOfAscii[unit]!;
      else if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < end) {
        charClass = findClass(text.codePointAt(i)!);
        if (text.codePointAt(i)! > 0xffff) i++;
      } else charClass = findClass(unit);
      let next = states[current]!.next[charClass]!;
      if (next === unknown) {
        if (states.length >= statesMax) {
          const { pending, before } = states[current]!;
          begin();
          current = stateOf(pending, before);
        }
        next = step(states[current]!, charClass);
        states[current]!.next[charClass] = next;
      }
      if (next === matched) return true;
      if (anchored && states[next]!.pending.length === 0) return false;
      current = next;
    }
    const last = states[current]!;
    if (last.next[endOfText] === unknown) last.next[endOfText] = step(last, endOfText);
    return last.next[endOfText] === matched;
  };
}

/** Alternatives beyond this are not worth looking for. */
const requiredMax = 64;

/**
 * Texts, in lower case, of which one must stand in the lower case of whatever the expression matches: `\\.(exe|dll)$` needs `.exe` or
 * `.dll`. `undefined` when nothing can be said. An index asks this, to look only where a match is possible.
 */
export function requiredTexts(pattern: string, flags: readonly RegexFlag[]): readonly string[] | undefined {
  return required(new Reader(pattern, flags, undefined).read());
}

function required(node: Node): readonly string[] | undefined {
  switch (node.kind) {
    case 'set': {
      const letter = soleLetter(node.ranges);
      return letter === undefined ? undefined : [letter];
    }
    case 'assertion':
      return undefined;
    case 'repeat':
      return node.min > 0 ? required(node.of) : undefined;
    case 'choice': {
      const all: string[] = [];
      for (const part of node.of) {
        const own = required(part);
        if (!own || all.length + own.length > requiredMax) return undefined;
        all.push(...own);
      }
      return all;
    }
    case 'sequence': {
      // Runs of single letters are texts; of those, and of what the other parts need, the one whose shortest text is longest.
      let best: readonly string[] | undefined;
      let run = '';
      const shortest = (texts: readonly string[] | undefined): number =>
        texts ? Math.min(...texts.map((text) => text.length)) : 0;
      const offer = (texts: readonly string[] | undefined): void => {
        if (texts && shortest(texts) > shortest(best)) best = texts;
      };
      for (const part of node.of) {
        const letter = part.kind === 'set' ? soleLetter(part.ranges) : undefined;
        if (letter !== undefined) run += letter;
        else {
          // A place has no length: the letters on both sides of it stand together.
          if (part.kind === 'assertion') continue;
          offer(run === '' ? undefined : [run]);
          run = '';
          offer(required(part));
        }
      }
      offer(run === '' ? undefined : [run]);
      return best;
    }
  }
}

/** The one character of a set, in lower case, when it has but one or one letter in both cases. */
function soleLetter(ranges: Ranges): string | undefined {
  let letter: string | undefined;
  for (const [from, to] of ranges) {
    if (to - from > 1) return undefined;
    for (let code = from; code <= to; code++) {
      const lower = String.fromCodePoint(code).toLowerCase();
      if (letter !== undefined && letter !== lower) return undefined;
      letter = lower;
    }
  }
  return letter;
}

/** Whether every way through begins with the text's start. */
function startsAtText(node: Node): boolean {
  switch (node.kind) {
    case 'assertion':
      return node.assertion === 'textStart';
    case 'sequence':
      return node.of.length > 0 && startsAtText(node.of[0]!);
    case 'choice':
      return node.of.every(startsAtText);
    case 'repeat':
      return node.min > 0 && startsAtText(node.of);
    case 'set':
      return false;
  }
}
