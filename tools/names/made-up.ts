/**
 * Names as programs make them up, by generators of our own: no name and no algorithm of any malware is in here, only the kinds of chance that
 * descriptions of such programs tell of (Plohmann et al., "A Comprehensive Measurement Study of Domain Generating Malware", USENIX Security
 * 2016, table 1: arithmetic, hash, permutation; word lists are left out, they cannot be told from names by their letters).
 */

import type { Random } from '@forewarn/prepare/random';

const letters = 'abcdefghijklmnopqrstuvwxyz';
const alphanumeric = `${letters}0123456789`;

const of = (random: Random, alphabet: string, length: number): string => {
  let text = '';
  for (let i = 0; i < length; i++) text += alphabet[random.whole(0, alphabet.length - 1)]!;
  return text;
};

/** Letters of chance; a part of the alphabet; letters and digits; a hash; syllables of chance that are harder to say than words. */
const kinds: readonly ((random: Random) => string)[] = [
  (random) => of(random, letters, random.whole(6, 26)),
  (random) => of(random, letters, random.whole(6, 14)),
  (random) => of(random, letters.slice(0, 25), random.whole(7, 16)),
  (random) => of(random, letters.slice(0, random.whole(12, 24)), random.whole(8, 20)),
  (random) => of(random, alphanumeric, random.whole(8, 28)),
  (random) => of(random, '0123456789abcdef', random.whole(8, 32)),
  (random) => of(random, 'bcdfghjklmnpqrstvwxz', 1) + of(random, letters, random.whole(5, 12)),
  (random) =>
    Array.from(
      { length: random.whole(3, 6) },
      () =>
        of(random, 'bcdfghjklmnpqrstvwxz', 1) +
        of(random, 'aeiouy', random.whole(0, 1)) +
        (random.chance(0.4) ? of(random, letters, 1) : ''),
    ).join(''),
];

export function madeUp(random: Random, count: number): string[] {
  return Array.from({ length: count }, () => random.pick(kinds)(random)).filter(
    (label) => label.length >= 5 && label.length <= 63,
  );
}
