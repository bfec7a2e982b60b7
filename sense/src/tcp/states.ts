/** States of an endpoint of TCP, as Zeek tells them apart. */

export const inactive = 0;
export const synSent = 1;
export const synAckSent = 2;
export const partialState = 3;
export const established = 4;
export const closed = 5;
export const reset = 6;
