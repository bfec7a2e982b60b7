/** Instants as sources of vulnerabilities write them. */

import { parseInstant, type Seconds } from '@forewarn/base/time';

/** A day alone, or an instant; older CVE records carry no zone and mean UTC. Null: it is none. */
export function instantOf(written: string | undefined): Seconds | null {
  if (written === undefined) return null;
  const whole = /^\d{4}-\d{2}-\d{2}$/.test(written) ? `${written}T00:00:00` : written;
  try {
    return parseInstant(/(?:Z|[+-]\d\d:\d\d)$/.test(whole) ? whole : `${whole}Z`);
  } catch {
    return null;
  }
}
