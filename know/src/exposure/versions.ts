/**
 * Which of two versions is the later one, by the rules of those who number them. Versions come from strangers' files: what does not fit its scheme,
 * or is longer than `versionMax`, is not compared (`undefined`), and never guessed.
 */

/** Longer texts are no versions; the longest of Debian's archive has some eighty characters. */
export const versionMax = 200;

type Compare = (one: string, other: string) => number | undefined;

/** Schemes by their names in CVE records (`versionType`) and package URLs (their type). */
const schemes: { readonly [name: string]: Compare } = {
  semver: semantic,
  npm: semantic,
  cargo: semantic,
  hex: semantic,
  composer: semantic,
  golang: semantic,
  go: semantic,
  nuget: semantic,
  python: pep440,
  pypi: pep440,
  deb: debian,
  dpkg: debian,
  rpm: redHat,
  maven,
  gem: ruby,
  generic: common,
};

/** Negative: `one` is the earlier; 0: alike; positive: the later; undefined: it cannot be told. Unknown schemes are `generic`. */
export function compareVersions(scheme: string, one: string, other: string): number | undefined {
  if (one.length > versionMax || other.length > versionMax || one === '' || other === '') return undefined;
  const compare = Object.hasOwn(schemes, scheme) ? schemes[scheme]! : common;
  return compare(one.trim(), other.trim());
}

/** Digits of any length: no number of ours holds all that a stranger may write. */
function compareDigits(one: string, other: string): number {
  const [a, b] = [one.replace(/^0+/, ''), other.replace(/^0+/, '')];
  return a.length - b.length || compareTexts(a, b);
}

const compareTexts = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** The first difference decides; where one has ended, `ended` says how the rest of the other compares with nothing. */
function compareLists<T>(
  one: readonly T[],
  other: readonly T[],
  compare: (a: T, b: T) => number,
  ended: (rest: T) => number,
): number {
  for (let i = 0; i < Math.max(one.length, other.length); i++) {
    const [a, b] = [one[i], other[i]];
    const found = a === undefined ? -ended(b!) : b === undefined ? ended(a) : compare(a, b);
    if (found !== 0) return found;
  }
  return 0;
}

/** Semantic Versioning 2.0.0, item 11; a leading `v` and missing or further numbers, as Go and NuGet write them, are taken. */
function semantic(one: string, other: string): number | undefined {
  const [a, b] = [readSemantic(one), readSemantic(other)];
  if (!a || !b) return undefined;
  const numbers = compareLists(a.numbers, b.numbers, compareDigits, (rest) => compareDigits(rest, '0'));
  if (numbers !== 0) return numbers;
  if (a.before.length === 0 || b.before.length === 0) return Number(a.before.length === 0) - Number(b.before.length === 0);
  return compareLists(
    a.before,
    b.before,
    (x, y) => {
      const [digitsX, digitsY] = [/^\d+$/.test(x), /^\d+$/.test(y)];
      if (digitsX && digitsY) return compareDigits(x, y);
      return digitsX ? -1 : digitsY ? 1 : compareTexts(x, y);
    },
    () => 1,
  );
}

function readSemantic(text: string): { numbers: string[]; before: string[] } | undefined {
  const parts = /^[vV=]?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(text);
  return parts ? { numbers: parts[1]!.split('.'), before: parts[2]?.split('.') ?? [] } : undefined;
}

/** PEP 440 (packaging.python.org, "Version specifiers"): epoch, release, before it, after it, in development, local. */
function pep440(one: string, other: string): number | undefined {
  const [a, b] = [readPep440(one), readPep440(other)];
  if (!a || !b) return undefined;
  const release = (x: readonly string[], y: readonly string[]): number =>
    compareLists(x, y, compareDigits, (rest) => compareDigits(rest, '0'));
  return (
    compareDigits(a.epoch, b.epoch) ||
    release(a.release, b.release) ||
    a.before.phase - b.before.phase ||
    compareDigits(a.before.number, b.before.number) ||
    Number(a.after !== undefined) - Number(b.after !== undefined) ||
    compareDigits(a.after ?? '', b.after ?? '') ||
    Number(a.development === undefined) - Number(b.development === undefined) ||
    compareDigits(a.development ?? '', b.development ?? '') ||
    compareLists(
      a.local,
      b.local,
      (x, y) => {
        const [digitsX, digitsY] = [/^\d+$/.test(x), /^\d+$/.test(y)];
        if (digitsX && digitsY) return compareDigits(x, y);
        return digitsX ? 1 : digitsY ? -1 : compareTexts(x, y);
      },
      () => 1,
    )
  );
}

const phases: { readonly [name: string]: number } = { a: 1, alpha: 1, b: 2, beta: 2, c: 3, rc: 3, pre: 3, preview: 3 };

const pep440Form =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|alpha|b|beta|c|rc|pre|preview)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(?:post|rev|r)[-_.]?(\d*))?(?:[-_.]?dev[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;

function readPep440(text: string) {
  const parts = pep440Form.exec(text.toLowerCase());
  if (!parts) return undefined;
  const [, epoch = '', release, phase, beforeNumber = '', dashed, post, development, local] = parts;
  const after = dashed ?? post;
  // In development of nothing else: before the first candidate.
  const first = phase === undefined && after === undefined && development !== undefined;
  return {
    epoch,
    release: release!.split('.'),
    before: { phase: first ? 0 : phase === undefined ? 4 : phases[phase]!, number: beforeNumber },
    after,
    development,
    local: local?.split(/[-_.]/) ?? [],
  };
}

/** Debian Policy 5.6.12: epoch, upstream version, revision; `~` sorts before the end, letters before all else. */
function debian(one: string, other: string): number | undefined {
  const [a, b] = [readDebian(one), readDebian(other)];
  if (!a || !b) return undefined;
  return compareDigits(a.epoch, b.epoch) || debianPart(a.upstream, b.upstream) || debianPart(a.revision, b.revision);
}

function readDebian(text: string): { epoch: string; upstream: string; revision: string } | undefined {
  const parts = /^(?:(\d+):)?([A-Za-z0-9.+:~-]*?)(?:-([A-Za-z0-9.+~]*))?$/.exec(text);
  if (!parts || parts[2] === '') return undefined;
  return { epoch: parts[1] ?? '', upstream: parts[2]!, revision: parts[3] ?? '' };
}

function debianPart(one: string, other: string): number {
  const order = (sign: string | undefined): number => {
    if (sign === undefined || /\d/.test(sign)) return 0;
    if (sign === '~') return -1;
    return /[A-Za-z]/.test(sign) ? sign.charCodeAt(0) : sign.charCodeAt(0) + 256;
  };
  let [i, j] = [0, 0];
  while (i < one.length || j < other.length) {
    while ((i < one.length && !isDigit(one[i])) || (j < other.length && !isDigit(other[j]))) {
      const found = order(one[i]) - order(other[j]);
      if (found !== 0) return found;
      if (i < one.length && !isDigit(one[i])) i++;
      if (j < other.length && !isDigit(other[j])) j++;
    }
    const [a, b] = [digitsFrom(one, i), digitsFrom(other, j)];
    const found = compareDigits(a, b);
    if (found !== 0) return found;
    i += a.length;
    j += b.length;
  }
  return 0;
}

const isDigit = (sign: string | undefined): boolean => sign !== undefined && sign >= '0' && sign <= '9';

function digitsFrom(text: string, from: number): string {
  let to = from;
  while (isDigit(text[to])) to++;
  return text.slice(from, to);
}

/** As rpm's `rpmvercmp`: epoch, version, release; `~` before the end, `^` after it, numbers later than letters. */
function redHat(one: string, other: string): number | undefined {
  const [a, b] = [readRedHat(one), readRedHat(other)];
  if (!a || !b) return undefined;
  return compareDigits(a.epoch, b.epoch) || redHatPart(a.version, b.version) || redHatPart(a.release, b.release);
}

function readRedHat(text: string): { epoch: string; version: string; release: string } | undefined {
  const parts = /^(?:(\d+):)?([^\s:-]+)(?:-([^\s:-]+))?$/.exec(text);
  return parts ? { epoch: parts[1] ?? '', version: parts[2]!, release: parts[3] ?? '' } : undefined;
}

function redHatPart(one: string, other: string): number {
  const pieces = (text: string): string[] => text.match(/\d+|[A-Za-z]+|[~^]/g) ?? [];
  const rest = (piece: string): number => (piece === '~' ? -1 : 1);
  return compareLists(
    pieces(one),
    pieces(other),
    (a, b) => {
      if (a === b) return 0;
      if (a === '~' || b === '~') return a === '~' ? -1 : 1;
      // A caret is later than the end, and earlier than whatever goes on.
      if (a === '^' || b === '^') return a === '^' ? -1 : 1;
      const [digitsA, digitsB] = [isDigit(a[0]), isDigit(b[0])];
      if (digitsA !== digitsB) return digitsA ? 1 : -1;
      return digitsA ? compareDigits(a, b) : compareTexts(a, b);
    },
    rest,
  );
}

/** Maven's `ComparableVersion`: pieces at `.`, `-`, `_` and between digits and letters; known qualifiers in their order. */
function maven(one: string, other: string): number | undefined {
  if (!/^[0-9A-Za-z._+-]+$/.test(one) || !/^[0-9A-Za-z._+-]+$/.test(other)) return undefined;
  return mavenList(readMaven(one), readMaven(other));
}

type MavenItem = { kind: 'number'; value: string } | { kind: 'word'; value: string } | { kind: 'list'; items: MavenItem[] };

const mavenWords = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const mavenAlias: { readonly [word: string]: string } = { ga: '', final: '', release: '', cr: 'rc' };
const mavenShort: { readonly [letter: string]: string } = { a: 'alpha', b: 'beta', m: 'milestone' };

function readMaven(text: string): MavenItem[] {
  const root: MavenItem[] = [];
  let list = root;
  const word = (piece: string, beforeDigit: boolean): MavenItem => {
    const lower = piece.toLowerCase();
    const long = beforeDigit ? (mavenShort[lower] ?? lower) : lower;
    return { kind: 'word', value: mavenAlias[long] ?? long };
  };
  const deeper = (): void => {
    trimMaven(list);
    const items: MavenItem[] = [];
    list.push({ kind: 'list', items });
    list = items;
  };
  let started = false;
  for (const [piece] of text.matchAll(/\d+|[^\d.\-_]+|[.\-_]/g)) {
    if (piece === '.') {
      if (!started) list.push({ kind: 'number', value: '0' });
      started = false;
    } else if (piece === '-' || piece === '_') {
      if (!started) list.push({ kind: 'number', value: '0' });
      deeper();
      started = false;
    } else if (isDigit(piece[0])) {
      // A word and a number that touch: the number begins a list of its own.
      if (started) deeper();
      list.push({ kind: 'number', value: piece });
      started = true;
    } else {
      if (started) deeper();
      const at = text.indexOf(piece) + piece.length;
      list.push(word(piece, isDigit(text[at])));
      started = true;
    }
  }
  for (const of of listsOf(root).toReversed()) trimMaven(of);
  return root;
}

function listsOf(list: MavenItem[]): MavenItem[][] {
  const found = [list];
  for (let i = 0; i < found.length; i++) for (const item of found[i]!) if (item.kind === 'list') found.push(item.items);
  return found;
}

/** Trailing nothings go: `1.0.0` is `1`, `1.ga` is `1`. */
function trimMaven(list: MavenItem[]): void {
  for (let i = list.length - 1; i >= 0; i--) {
    if (mavenNothing(list[i]!) === 0) list.splice(i, 1);
    else if (list[i]!.kind !== 'list') break;
  }
}

/** How an item compares with nothing. */
function mavenNothing(item: MavenItem): number {
  if (item.kind === 'number') return compareDigits(item.value, '0');
  if (item.kind === 'word') return mavenWord(item.value, '');
  const first = item.items[0];
  return first === undefined ? 0 : mavenNothing(first);
}

const mavenWord = (one: string, other: string): number => {
  const rank = (word: string): number => {
    const at = mavenWords.indexOf(word);
    return at < 0 ? mavenWords.length : at;
  };
  return rank(one) - rank(other) || (rank(one) === mavenWords.length ? compareTexts(one, other) : 0);
};

const mavenKinds = ['word', 'list', 'number'];

function mavenList(one: readonly MavenItem[], other: readonly MavenItem[]): number {
  return compareLists(
    one,
    other,
    (a, b) => {
      if (a.kind === 'number' && b.kind === 'number') return compareDigits(a.value, b.value);
      if (a.kind === 'word' && b.kind === 'word') return mavenWord(a.value, b.value);
      if (a.kind === 'list' && b.kind === 'list') return mavenList(a.items, b.items);
      return mavenKinds.indexOf(a.kind) - mavenKinds.indexOf(b.kind);
    },
    mavenNothing,
  );
}

/** RubyGems: pieces at dots and between digits and letters; letters make it a version before the release. */
function ruby(one: string, other: string): number | undefined {
  const form = /^\d+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
  if (!form.test(one) || !form.test(other)) return undefined;
  const pieces = (text: string): string[] => {
    const all = text.replaceAll('-', '.pre.').match(/\d+|[A-Za-z]+/g) ?? [];
    while (all.length > 1 && /^0+$/.test(all.at(-1)!)) all.pop();
    return all;
  };
  return compareLists(
    pieces(one),
    pieces(other),
    (a, b) => {
      const [digitsA, digitsB] = [isDigit(a[0]), isDigit(b[0])];
      if (digitsA && digitsB) return compareDigits(a, b);
      return digitsA ? 1 : digitsB ? -1 : compareTexts(a, b);
    },
    (rest) => (isDigit(rest[0]) ? compareDigits(rest, '0') : -1),
  );
}

/** Words that stand for a version before the release, wherever nobody says how versions are numbered. */
const early = /^(?:dev|snapshot|nightly|pre|preview|alpha|beta|rc|cr|candidate|milestone)$/;

/**
 * The common way of numbering: digits and letters in turns; letters after a release are later (OpenSSL's `1.0.2k`, `9.8p1`), unless they are one of the words
 * for what comes before it.
 */
function common(one: string, other: string): number | undefined {
  if (!/\d/.test(one) || !/\d/.test(other)) return one === other ? 0 : undefined;
  const pieces = (text: string): string[] => text.toLowerCase().replace(/^v(?=\d)/, '').match(/\d+|[a-z]+/g) ?? []; // oxfmt-ignore
  const rest = (piece: string): number => (isDigit(piece[0]) ? compareDigits(piece, '0') : early.test(piece) ? -1 : 1);
  return compareLists(
    pieces(one),
    pieces(other),
    (a, b) => {
      const [digitsA, digitsB] = [isDigit(a[0]), isDigit(b[0])];
      if (digitsA && digitsB) return compareDigits(a, b);
      if (digitsA !== digitsB) return digitsA ? 1 : -1;
      return Number(!early.test(a)) - Number(!early.test(b)) || compareTexts(a, b);
    },
    rest,
  );
}
