import { describe, expect, test } from 'vitest';
import { base32, codeAt, otpauthUri, verifyCode } from './totp.ts';

const secret = Buffer.from('12345678901234567890');

test.each([
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
])('RFC 6238, appendix B, at %i s', (at, code) => {
  expect(codeAt(secret, Math.floor(at / 30), 8)).toBe(code);
});

test.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('RFC 4648, section 10: base32 of "%s"', (text, encoded) => {
  expect(base32(Buffer.from(text))).toBe(encoded);
});

describe('a code', () => {
  const at = 1_700_000_010;
  const step = Math.floor(at / 30);
  test('of this step and the ones beside it is taken, farther ones are not', () => {
    expect([-2, -1, 0, 1, 2].map((aside) => verifyCode(secret, codeAt(secret, step + aside), at, null))).toEqual([
      undefined,
      step - 1,
      step,
      step + 1,
      undefined,
    ]);
  });
  test('is taken once, and none before it afterwards', () => {
    expect(verifyCode(secret, codeAt(secret, step), at, step)).toBeUndefined();
    expect(verifyCode(secret, codeAt(secret, step - 1), at, step)).toBeUndefined();
    expect(verifyCode(secret, codeAt(secret, step + 1), at, step)).toBe(step + 1);
  });
  test.each(['', '12345', '1234567', 'abcdef', '１２３４５６'])('that is none is no fault: "%s"', (code) => {
    expect(verifyCode(secret, code, at, null)).toBeUndefined();
  });
});

test('the text for authenticators', () => {
  expect(otpauthUri({ issuer: 'Forewarn', account: 'a@b.test', secret })).toBe(
    'otpauth://totp/Forewarn:a%40b.test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Forewarn&algorithm=SHA1&digits=6&period=30',
  );
});
