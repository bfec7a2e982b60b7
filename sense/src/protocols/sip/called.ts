/**
 * Where a call goes, as coarsely as charging does: the country code of ITU-T E.164, and in the shared code 1 the area behind it. A subscriber's number is
 * not written by it: a code stands for a country or a service of the world.
 */

/** Country codes of two digits (ITU-T E.164, list of assigned codes); 1 and 7 have one, all others three. */
const ofTwo = new Set(
  '20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98'.split(
    ' ',
  ),
);

/** A URI's user part is looked at so far: a number has at most 15 digits, and separators among them. */
const userCharactersMax = 40;

/** `sip:+252…@gateway` → `+252`, `tel:+1-876-…` → `+1876`; `undefined` where no international number is called. */
export function calledCode(uri: string): string | undefined {
  const colon = uri.indexOf(':');
  if (colon < 0 || colon > 4) return undefined;
  const user = uri.slice(colon + 1, colon + 1 + userCharactersMax);
  let digits = '';
  for (let i = 0; i < user.length; i++) {
    const code = user.charCodeAt(i);
    if (code >= 48 && code <= 57) digits += user[i]!;
    else if (code === 43 && i === 0) digits = '+';
    // RFC 3966 §5.1.1: separators for the eye.
    else if (code !== 45 && code !== 46 && code !== 40 && code !== 41) break;
  }
  // 00 is the prefix that E.164 recommends; others are a country's own.
  const number = digits.startsWith('+') ? digits.slice(1) : digits.startsWith('00') ? digits.slice(2) : '';
  if (number.length < 7 || number.length > 15 || number.startsWith('0')) return undefined;
  const length = number.startsWith('1') ? 4 : number.startsWith('7') ? 1 : ofTwo.has(number.slice(0, 2)) ? 2 : 3;
  return `+${number.slice(0, length)}`;
}
