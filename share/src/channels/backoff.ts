/** When what did not arrive is tried again. */

/**
 * Seconds to wait after each attempt: soon, because most troubles pass in a minute; then seldom, because the others take a person. After the
 * last it is given up and told: two thirds of a day, so that a mail relay that fails in the night is mended in the morning.
 */
const waits = [10, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800] as const;

export const attemptsMax = waits.length + 1;

/** Seconds until the next attempt, `attempts` having been made; undefined: none is left. `jitter` from 0 to 1 keeps many from coming at once. */
export function waitAfter(attempts: number, jitter: number): number | undefined {
  const wait = waits[attempts - 1];
  return wait === undefined ? undefined : wait * (1 + jitter / 10);
}
