import { expect, test } from 'vitest';
import { bytesOf, dumpOf, textOf } from './payload.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);

test('letters of any script stay, lines and tabs too', () => {
  expect(textOf(utf8('GET /水 HTTP/1.1\r\nHost:\tж.example\n'))).toBe('GET /水 HTTP/1.1\nHost:\tж.example\n');
});

test('controls, letters that turn a line round, and bytes that are no text are dots', () => {
  expect(textOf(utf8('a\u0000b\u001b[31mc\u202edcba\u2066x\u2028y\u200bz\rq'))).toBe('a·b·[31mc·dcba·x·y·z·q');
  expect(textOf(Uint8Array.from([0x41, 0xff, 0xfe, 0xc3, 0x28]))).toBe('A···(');
});

test('markup stays what it is: text', () => {
  expect(textOf(utf8('<script>alert(1)</script>'))).toBe('<script>alert(1)</script>');
});

test('a hex dump', () => {
  expect(dumpOf(bytesOf('SGVsbG8sIHdvcmxkIQoAAQ=='))).toBe(
    '000000  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 21 0a 00 01  Hello, world!···',
  );
  expect(dumpOf(utf8('ab'), 0x20)).toBe('000020  61 62                                             ab');
});
