/** `conn.history`: one letter for each kind of event, capitals for what the originator did (Zeek base/protocols/conn). */

import { history, historyLength, stride } from './layout.ts';

/** The letters as text. */
export function historyText(words: Int32Array, slot: number): string {
  const base = slot * stride;
  const length = words[base + historyLength]!;
  let text = '';
  for (let i = 0; i < length; i++) text += String.fromCharCode((words[base + history + (i >> 2)]! >> ((i & 3) * 8)) & 0x7f);
  return text;
}
