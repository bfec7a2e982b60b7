/**
 * The one memory that the core and its host look at (`src/core/places.ts`). Places of a flow are word offsets into the flow table, as
 * `flow/layout.ts` names them.
 */

import * as places from '../src/core/places';

export const keyAt: usize = places.keyAt;
export const nowAt: usize = places.nowAt;
export const serversAt: usize = places.serversAt;
export const wheelAt: usize = places.wheelAt;
export const indexAt: usize = places.indexAt;
export const tableAt: usize = places.tableAt;

/** A word of the flow table. */
export function w(at: i32): i32 {
  return load<i32>(tableAt + ((<usize>at) << 2));
}
export function setW(at: i32, value: i32): void {
  store<i32>(tableAt + ((<usize>at) << 2), value);
}
/** A 64-bit value of the flow table; `at` is a word offset all the same. */
export function f(at: i32): f64 {
  return load<f64>(tableAt + ((<usize>at) << 2));
}
export function setF(at: i32, value: f64): void {
  store<f64>(tableAt + ((<usize>at) << 2), value);
}
export function key(i: i32): i32 {
  return load<i32>(keyAt + ((<usize>i) << 2));
}
export function setKey(i: i32, value: i32): void {
  store<i32>(keyAt + ((<usize>i) << 2), value);
}
export function byte(at: usize): i32 {
  return load<u8>(at);
}
export function be16(at: usize): i32 {
  return bswap<u16>(load<u16>(at));
}
export function be32(at: usize): i32 {
  return bswap<i32>(load<i32>(at));
}
