/** Bytes of strangers as text that does nothing: no markup, no control, no letter that turns a line round. */

const dot = '·';

/** Base64 into bytes. */
export function bytesOf(base64: string): Uint8Array {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** One byte as ASCII; what does not print is a dot. */
export function letterOf(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : dot;
}

/** Two digits in hexadecimal. */
export function hexOf(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/**
 * Bytes as UTF-8. Lines stay lines and tabs tabs; what is no UTF-8, and every control, format, private or unassigned character – those that
 * change a line's direction or hide among others with them – is a dot.
 */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true })
    .decode(bytes)
    .replaceAll('\r\n', '\n')
    .replaceAll(/[^\P{C}\n\t]|[\p{Zl}\p{Zp}\uFFFD]/gu, dot);
}

/** Sixteen bytes a line: place, bytes, letters – as every hex dump since the sixties. */
export function dumpOf(bytes: Uint8Array, from = 0): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte, i) => hexOf(byte) + (i === 7 ? ' ' : '')).join(' ');
    lines.push(`${(from + at).toString(16).padStart(6, '0')}  ${hex.padEnd(48)}  ${row.map(letterOf).join('')}`);
  }
  return lines.join('\n');
}
