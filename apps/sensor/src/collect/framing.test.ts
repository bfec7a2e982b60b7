import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFraming } from './framing.ts';

const decoder = new TextDecoder();

function framed(bytes: Uint8Array, pieces: readonly number[] = [bytes.length]) {
  const messages: string[] = [];
  const framing = createFraming((message) => messages.push(decoder.decode(message)));
  let at = 0;
  let isOpen = true;
  for (let n = 0; at < bytes.length && isOpen; n++) {
    const piece = Math.max(1, pieces[n % pieces.length]!);
    isOpen = framing.push(bytes.subarray(at, at + piece));
    at += piece;
  }
  if (isOpen) framing.end();
  return { messages, isOpen, cut: framing.cut };
}

test('messages with their length before them and messages on lines, mixed, however they are cut', () => {
  const text = '9 <13>a\nb c<13>on a line\r\n<13>another\n11 <14>counted\n\n\n<13>without an end';
  const bytes = new TextEncoder().encode(text);
  const whole = framed(bytes);
  expect(whole.messages).toEqual(['<13>a\nb c', '<13>on a line', '<13>another', '<14>counted', '<13>without an end']);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 10 }), (pieces) => {
      expect(framed(bytes, pieces)).toEqual(whole);
    }),
    { numRuns: 200 },
  );
});

test('a stated length that is none, or too long, ends the connection', () => {
  for (const text of ['12x <13>', '99999999 <13>', '0 <13>a']) {
    expect(framed(new TextEncoder().encode(text)).isOpen).toBe(false);
  }
});

test('an endless line is cut once and passed over; nothing of it is kept, and a byte at a time costs no more', () => {
  const line = new Uint8Array(3_000_000).fill(0x61);
  const whole = framed(new Uint8Array([...line, 0x0a, ...new TextEncoder().encode('<13>next\n')]), [65_536]);
  expect(whole.cut).toBe(1);
  expect(whole.messages.map(({ length }) => length)).toEqual([1_048_576, 8]);
  const began = process.cpuUsage();
  framed(line.subarray(0, 500_000), [1]);
  expect(process.cpuUsage(began).user).toBeLessThan(20_000_000);
});
