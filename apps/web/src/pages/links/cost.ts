/** What keeping packets takes, before somebody decides it. */

/** Of each packet the capture keeps sixteen bytes of its own; packets of a mixed line have about 800. */
const overhead = 1 + 16 / 800;

export type Cost = {
  /** Bytes that so many hours of the present traffic, and of a full line, would take. */
  present: number;
  full: number;
  /** Seconds that the bytes hold at the present traffic, and at a full line; null: nothing passes. */
  holdsPresent: number | null;
  holdsFull: number;
};

/** The cost of a policy on a line: its capacity, and the bytes a second that pass at present. */
export function costOf(
  policy: { keepHours: number; keepBytes: number },
  line: { capacityMbps: number; bytesPerSecond: number },
): Cost {
  const fullRate = ((line.capacityMbps * 1e6) / 8) * overhead;
  const presentRate = line.bytesPerSecond * overhead;
  const seconds = policy.keepHours * 3600;
  return {
    present: presentRate * seconds,
    full: fullRate * seconds,
    holdsPresent: presentRate > 0 ? policy.keepBytes / presentRate : null,
    holdsFull: policy.keepBytes / fullRate,
  };
}
