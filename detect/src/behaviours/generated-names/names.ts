/** How much a name looks as if a program had made it up: character sequences and shape of its registered part. See README.md. */

/** Weights of the features, in thousandths; the feature's number is its place. */
export type NameModel = { readonly weights: Int16Array; readonly bias: number };

/** Places for features. Twice as many gain one point of recall and cost as much again. */
export const modelSize = 8_192;

/** Longest label (RFC 1035 §2.3.4). */
const labelMax = 63;

/** Second-level labels under which countries register names. */
const secondLevel = new Set([
  'ac',
  'co',
  'com',
  'ed',
  'edu',
  'go',
  'gob',
  'gov',
  'gv',
  'mil',
  'ne',
  'net',
  'nom',
  'or',
  'org',
  'web',
]);

/** Names under which everybody may have one at once, and malware does: what stands before is the registered part. */
const givenAway = new Set([
  'ddns.net',
  'dyndns.org',
  'dynserv.com',
  'dynu.net',
  'hopto.org',
  'mooo.com',
  'no-ip.biz',
  'no-ip.info',
  'no-ip.org',
  'sytes.net',
  'yi.org',
  'zapto.org',
]);

/** The part of a name that its owner chose, with its suffix; `undefined` for names that nobody registers. */
export function registered(name: string): { label: string; domain: string } | undefined {
  if (name.length > 255) return undefined;
  const labels = name.toLowerCase().replace(/\.$/, '').split('.');
  const top = labels.at(-1)!;
  // One label: a search in the own network, or a browser that tries whether made-up names are answered.
  if (labels.length < 2 || top === 'local' || top === 'arpa' || top === 'lan' || top === 'internal' || /^\d+$/.test(top))
    return undefined;
  let own = labels.length - 2;
  if (own > 0 && ((top.length === 2 && secondLevel.has(labels[own]!)) || givenAway.has(labels.slice(-2).join('.')))) own--;
  const label = labels[own]!;
  if (label === '' || label.length > labelMax) return undefined;
  return { label, domain: labels.slice(own).join('.') };
}

/** FNV-1a over the characters, spread over the places. */
function place(kind: number, text: string): number {
  let hash = 2_166_136_261 ^ kind;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 16_777_619);
  }
  hash ^= hash >>> 15;
  return (hash >>> 0) % modelSize;
}

const vowels = /[aeiou]/g;
const digits = /\d/g;
const consonants = /[bcdfghjklmnpqrstvwxz]+/g;

/** Features of a label: sequences of one to four characters with its ends marked, and its shape in coarse steps. */
export function features(label: string): number[] {
  const found: number[] = [];
  const marked = `^${label}$`;
  for (let length = 1; length <= 4; length++) {
    for (let i = 0; i + length <= marked.length; i++) found.push(place(length, marked.slice(i, i + length)));
  }
  const run = Math.max(0, ...(label.match(consonants) ?? []).map((part) => part.length));
  const share = (pattern: RegExp): number => Math.round((10 * (label.match(pattern)?.length ?? 0)) / label.length);
  found.push(
    place(11, String(Math.min(label.length, 40))),
    place(12, String(Math.min(8, label.match(digits)?.length ?? 0))),
    place(13, String(share(vowels))),
    place(14, String(Math.min(run, 9))),
    place(15, `${Math.round((10 * new Set(label).size) / label.length)}/${label.length >> 2}`),
  );
  return found;
}

/** The logarithm of the odds that a program made the label up; 0 is undecided. Names in other scripts (`xn--`) are never judged. */
export function scoreLabel({ weights, bias }: NameModel, label: string): number {
  if (label.startsWith('xn--')) return -Infinity;
  const found = features(label);
  let sum = 0;
  for (const feature of found) sum += weights[feature]!;
  return bias + sum / 1_000 / Math.sqrt(found.length);
}
