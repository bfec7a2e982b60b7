/** Six bytes in hexadecimal with colons. */
export function hardwareAddress(bytes: Uint8Array, at: number): string {
  let text = '';
  for (let i = at; i < at + 6; i++) text += `${i > at ? ':' : ''}${bytes[i]! < 16 ? '0' : ''}${bytes[i]!.toString(16)}`;
  return text;
}
