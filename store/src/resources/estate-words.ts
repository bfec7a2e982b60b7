/**
 * Words of the estate, as they are kept and as they are asked for: without case, accents and widths. Writing without spaces between words (Han, kana) is
 * cut into pieces of two characters, so that any piece of a name is found; names of hosts are found by each of their ends, addresses from their beginning.
 */

/** Words of one item: a thousand addresses and as many names with their ends. */
const wordsMax = 4_000;
/** Characters of one word; PostgreSQL takes 2,046 bytes. */
const wordCharactersMax = 200;
/** Words of one question; who writes more has pasted a text. */
const askedMax = 16;

const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu;
/** Letters and digits, and what stands within addresses, names of hosts and versions. */
const run = /[\p{L}\p{N}][\p{L}\p{N}.:]*/gu;

const folded = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();

const isNumbers = (word: string): boolean => /^[\d.:a-f]*[.:][\d.:a-f]*$/.test(word);

function* wordsIn(text: string): Generator<string> {
  const plain = folded(text);
  for (const [piece] of plain.matchAll(unspaced)) {
    const characters = [...piece];
    for (let i = 0; i < characters.length; i++) yield characters.slice(i, i + 2).join('');
  }
  for (const [found] of plain.replaceAll(unspaced, ' ').matchAll(run)) {
    const word = found.replace(/[.:]+$/, '').slice(0, wordCharactersMax);
    yield word;
    if (isNumbers(word)) continue;
    for (let at = word.search(/[.:]/); at >= 0;) {
      yield word.slice(at + 1);
      const next = word.slice(at + 1).search(/[.:]/);
      at = next < 0 ? -1 : at + 1 + next;
    }
  }
}

const quoted = (word: string): string => `'${word.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;

/** A `tsvector`, as text, of an item's texts and of the lists of ids in its fields. */
export function searchVector(
  texts: readonly string[],
  lists: readonly (readonly [field: string, ids: readonly string[]])[],
): string {
  const words = new Set<string>();
  for (const [field, ids] of lists) for (const id of ids) words.add(`=${field} ${id}`);
  for (const text of texts) {
    for (const word of wordsIn(text)) {
      if (words.size >= wordsMax) break;
      words.add(word);
    }
  }
  words.delete('');
  return [...words].map(quoted).join(' ');
}

/** A `tsquery`, as text, for what somebody typed: all its words, each as the beginning of one. Undefined: there is no word in it. */
export function searchQuery(text: string): string | undefined {
  const plain = folded(text);
  const words = new Set<string>();
  for (const [piece] of plain.matchAll(unspaced)) {
    const characters = [...piece];
    if (characters.length === 1) words.add(piece);
    for (let i = 0; i + 1 < characters.length; i++) words.add(characters.slice(i, i + 2).join(''));
  }
  for (const [found] of plain.replaceAll(unspaced, ' ').matchAll(run)) {
    // "10.20." begins addresses; the dot at the end of a sentence begins nothing.
    words.add((isNumbers(found) ? found : found.replace(/[.:]+$/, '')).slice(0, wordCharactersMax));
  }
  if (words.size === 0) return undefined;
  return [...words]
    .slice(0, askedMax)
    .map((word) => `${quoted(word)}:*`)
    .join(' & ');
}

/** A `tsquery`, as text, for items whose list in `field` holds `id`. */
export const listQuery = (field: string, id: string): string => quoted(`=${field} ${id}`);

/** A `tsquery`, as text, for items that have one of the words whole. */
export const anyWordQuery = (words: readonly string[]): string => words.map((word) => quoted(folded(word))).join(' | ');
