/** Pages of HTML of a wanted size. The words of all pages are cut from one text, so that a plan of thousands holds none. */

import { bodyOf, joinBodies, textBody, type Body } from '../packets/body.ts';
import { Random } from '../random.ts';

const words =
  'the service ward plan water list open today report form visit care line number team notice page contact help room week table'.split(
    ' ',
  );

/** Long enough that two pages seldom look alike. */
const corpusBytes = 1 << 19;

const makeCorpus = (): Uint8Array => {
  const random = new Random('pages');
  const parts: string[] = [];
  for (let length = 0; length < corpusBytes;) {
    const part = random.pick(words) + (random.chance(0.06) ? '.\n' : ' ');
    parts.push(part);
    length += part.length;
  }
  return new TextEncoder().encode(parts.join(''));
};

let corpus: Uint8Array | undefined;

/** So many bytes of words. */
export function wordsBody(random: Random, bytes: number): Body {
  corpus ??= makeCorpus();
  const pieces: Body[] = [];
  for (let left = bytes; left > 0;) {
    const length = Math.min(left, corpus.length);
    const start = random.whole(0, corpus.length - length);
    pieces.push(bodyOf(corpus.subarray(start, start + length)));
    left -= length;
  }
  return pieces.length === 0 ? textBody('') : joinBodies(pieces);
}

/** What a page asks to be filled in. */
export const signInForm =
  '<form method="post" action="/session"><input name="user"><input name="code" type="password"><button>Sign in</button></form>';

/** A page of about so many bytes, with markup of the caller's in it. */
export function page(random: Random, bytes: number, markup = ''): Body {
  const head = `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${random.pick(words)}</title></head><body>${markup}<p>`;
  const tail = '</p></body></html>\n';
  return joinBodies([textBody(head), wordsBody(random, Math.max(20, bytes - head.length - tail.length)), textBody(tail)]);
}
