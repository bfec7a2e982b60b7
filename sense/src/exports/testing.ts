/** Messages of exporters, built byte by byte for tests and the fuzzer. */

export const bytesOf = (...parts: readonly (readonly number[])[]): Uint8Array => Uint8Array.from(parts.flat());
export const n16 = (value: number): number[] => [(value >>> 8) & 0xff, value & 0xff];
export const n32 = (value: number): number[] => [...n16(value >>> 16), ...n16(value & 0xffff)];
export const n64 = (value: number): number[] => [...n32(Math.floor(value / 0x1_0000_0000)), ...n32(value >>> 0)];

/** A set with its length before its contents. */
export const set = (id: number, ...contents: readonly (readonly number[])[]): number[] => {
  const body = contents.flat();
  return [...n16(id), ...n16(body.length + 4), ...body];
};

export type Heading = { at?: number; sequence?: number; domain?: number };

export const ipfixMessage = (
  { at = 1_700_000_000, sequence = 0, domain = 7 }: Heading,
  ...sets: readonly (readonly number[])[]
) => {
  const body = sets.flat();
  return bytesOf(n16(10), n16(16 + body.length), n32(at), n32(sequence), n32(domain), body);
};

export const netflow9 = ({ at = 1_700_000_000, sequence = 0, domain = 7 }: Heading, ...sets: readonly (readonly number[])[]) =>
  bytesOf(n16(9), n16(sets.length), n32(600_000), n32(at), n32(sequence), n32(domain), sets.flat());

/** A template of `[element, length]`, of an enterprise where a third number stands. */
export const template = (id: number, fields: readonly (readonly number[])[]): number[] => [
  ...n16(id),
  ...n16(fields.length),
  ...fields.flatMap(([element, length, enterprise]) =>
    enterprise === undefined
      ? [...n16(element!), ...n16(length!)]
      : [...n16(element! | 0x8000), ...n16(length!), ...n32(enterprise)],
  ),
];

/** One datagram of version 5 with so many flows, each of 100 packets. */
export function netflow5(
  count: number,
  { at = 1_700_000_000, sequence = 0, domain = 0 }: Heading = {},
  sampling = 0,
): Uint8Array {
  const flow = (n: number): number[] => [
    192,
    0,
    2,
    n,
    198,
    51,
    100,
    n,
    203,
    0,
    113,
    1,
    ...n16(1),
    ...n16(2),
    ...n32(100),
    ...n32(6_400),
    ...n32(590_000),
    ...n32(599_000),
    ...n16(40_000 + n),
    ...n16(443),
    0,
    0x1b,
    6,
    0,
    ...n16(64_500),
    ...n16(64_501),
    24,
    25,
    0,
    0,
  ];
  const flows = Array.from({ length: count }, (_, n) => flow(n + 1)).flat();
  return bytesOf(n16(5), n16(count), n32(600_000), n32(at), n32(0), n32(sequence), n16(domain), n16(sampling), flows);
}
