/** `conn.history`: one letter for each kind of event, capitals for what the originator did (Zeek base/protocols/conn). */

import { history, historyLength, historyLettersMax, historySeen, stride } from './layout.ts';

/** Kinds that are written once a direction, as bits of `historySeen`; the responder's stand 16 bits higher. */
export const seenSyn = 1;
export const seenFin = 2;
export const seenRst = 4;
export const seenFinRst = 8;
export const seenData = 0x10;
export const seenAck = 0x20;
export const seenMultiFlag = 0x40;

/** Appends a letter, given as its capital's code; the responder's is written small. 24 letters are kept. */
export function addHistory(words: Int32Array, slot: number, direction: 0 | 1, code: number): void {
  const base = slot * stride;
  const length = words[base + historyLength]!;
  if (length >= historyLettersMax) return;
  const letter = direction === 0 || code === 94 ? code : code | 0x20;
  words[base + history + (length >> 2)]! |= letter << ((length & 3) * 8);
  words[base + historyLength] = length + 1;
}

/** Appends the letter unless the direction had one of its kind; answers whether it had. */
export function checkHistory(words: Int32Array, slot: number, direction: 0 | 1, mask: number, code: number): boolean {
  const bit = direction === 0 ? mask : mask << 16;
  const at = slot * stride + historySeen;
  const seen = words[at]!;
  if (seen & bit) return true;
  words[at] = seen | bit;
  addHistory(words, slot, direction, code);
  return false;
}

/** Counts an event; appends its letter at the first, tenth, hundredth … of them. `at` is the counter's word. */
export function scaleHistory(words: Int32Array, slot: number, direction: 0 | 1, at: number, code: number): void {
  const count = words[at]! + 1;
  words[at] = count;
  if (count === 1) addHistory(words, slot, direction, code);
  else if (count % 10 === 0) {
    let power = count;
    while (power % 10 === 0) power /= 10;
    if (power === 1) addHistory(words, slot, direction, code);
  }
}

/** Writes the history anew after originator and responder changed places: `^` in front, capitals and small exchanged. */
export function flipHistory(words: Int32Array, slot: number): void {
  const base = slot * stride;
  const before = historyText(words, slot);
  words.fill(0, base + history, base + history + historyLettersMax / 4);
  words[base + historyLength] = 0;
  const seen = words[base + historySeen]!;
  words[base + historySeen] = (seen << 16) | (seen >>> 16);
  addHistory(words, slot, 0, 94);
  for (let i = 0; i < before.length; i++) {
    const letter = before.charCodeAt(i);
    if (letter === 94) addHistory(words, slot, 0, 94);
    else addHistory(words, slot, letter & 0x20 ? 0 : 1, letter & ~0x20);
  }
}

/** The letters as text. */
export function historyText(words: Int32Array, slot: number): string {
  const base = slot * stride;
  const length = words[base + historyLength]!;
  let text = '';
  for (let i = 0; i < length; i++) text += String.fromCharCode((words[base + history + (i >> 2)]! >> ((i & 3) * 8)) & 0x7f);
  return text;
}
