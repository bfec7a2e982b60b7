/** Text of UTF-16, little end first, as the protocols of Windows carry it. */

/** Zeek 8 cuts text fields of its logs at 4,096 bytes (Log::default_max_field_string_bytes): so many units here. */
const unitsMax = 4_096;

/** Reads `bytes[start, end)` up to a NUL; a half pair becomes U+FFFD, an odd last byte is left out. */
export function utf16Of(bytes: Uint8Array, start: number, end: number): string {
  let stop = start;
  const last = Math.min(end, bytes.length, start + 2 * unitsMax) - 1;
  while (stop < last && (bytes[stop] !== 0 || bytes[stop + 1] !== 0)) stop += 2;
  if (stop <= start) return '';
  return Buffer.prototype.ucs2Slice.call(bytes, start, stop).toWellFormed();
}
