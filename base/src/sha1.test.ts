import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha1Base64, sha1BytesMax } from './sha1.ts';

test('agrees with the crypto library on every length of one block', () => {
  for (let length = 0; length <= sha1BytesMax; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 255);
    expect(sha1Base64(bytes, length)).toBe(createHash('sha1').update(bytes).digest('base64'));
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: sha1BytesMax }), (bytes) => {
      expect(sha1Base64(bytes, bytes.length)).toBe(createHash('sha1').update(bytes).digest('base64'));
    }),
  );
});

test('a longer message is a fault of the caller', () => {
  expect(() => sha1Base64(new Uint8Array(60), 56)).toThrow('55');
});
