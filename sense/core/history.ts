/** `conn.history`: one letter for each kind of event, capitals for what the originator did (Zeek base/protocols/conn). */

import { history, historyLength, historyLettersMax, historySeen, stride } from '../src/flow/layout';
import { setW, w } from './memory';

/** Kinds that are written once a direction, as bits of `historySeen`; the responder's stand 16 bits higher. */
export const seenSyn: i32 = 1;
export const seenFin: i32 = 2;
export const seenRst: i32 = 4;
export const seenFinRst: i32 = 8;
export const seenData: i32 = 0x10;
export const seenAck: i32 = 0x20;
export const seenMultiFlag: i32 = 0x40;

/** Appends a letter, given as its capital's code; the responder's is written small. 24 letters are kept. */
export function addHistory(slot: i32, direction: i32, code: i32): void {
  const base = slot * stride;
  const length = w(base + historyLength);
  if (length >= historyLettersMax) return;
  const letter = direction == 0 || code == 94 ? code : code | 0x20;
  const place = base + history + (length >> 2);
  setW(place, w(place) | (letter << ((length & 3) << 3)));
  setW(base + historyLength, length + 1);
}

/** Appends the letter unless the direction had one of its kind; answers whether it had. */
export function checkHistory(slot: i32, direction: i32, mask: i32, code: i32): bool {
  const bit = direction == 0 ? mask : mask << 16;
  const at = slot * stride + historySeen;
  const seen = w(at);
  if (seen & bit) return true;
  setW(at, seen | bit);
  addHistory(slot, direction, code);
  return false;
}

/** Counts an event; appends its letter at the first, tenth, hundredth … of them. `at` is the counter's word. */
export function scaleHistory(slot: i32, direction: i32, at: i32, code: i32): void {
  const count = w(at) + 1;
  setW(at, count);
  if (count == 1) addHistory(slot, direction, code);
  else if (count % 10 == 0) {
    let power = count;
    while (power % 10 == 0) power /= 10;
    if (power == 1) addHistory(slot, direction, code);
  }
}

const letters = memory.data(historyLettersMax);

/** Writes the history anew after originator and responder changed places: `^` in front, capitals and small exchanged. */
export function flipHistory(slot: i32): void {
  const base = slot * stride;
  const length = w(base + historyLength);
  for (let i = 0; i < length; i++) {
    store<u8>(letters + <usize>i, <u8>((w(base + history + (i >> 2)) >> ((i & 3) << 3)) & 0x7f));
  }
  for (let i = 0; i < historyLettersMax / 4; i++) setW(base + history + i, 0);
  setW(base + historyLength, 0);
  const seen = w(base + historySeen);
  setW(base + historySeen, (seen << 16) | (seen >>> 16));
  addHistory(slot, 0, 94);
  for (let i = 0; i < length; i++) {
    const letter: i32 = load<u8>(letters + <usize>i);
    if (letter == 94) addHistory(slot, 0, 94);
    else addHistory(slot, letter & 0x20 ? 0 : 1, letter & ~0x20);
  }
}
