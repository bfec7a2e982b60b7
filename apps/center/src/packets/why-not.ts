/** Why there are no packets of a flow, as far as the centre can tell without asking the sensor; and what to do about it. */

import { formatInstant, type Seconds } from '@forewarn/base/time';
import { policyInForce } from '@forewarn/guard/links';
import type { Link } from '@forewarn/model/estate';
import type { NoPackets, PartReason } from '@forewarn/model/sensor';
import type { Words } from '@forewarn/model/text';
import type { PolicyEdition } from '@forewarn/store/resources/links';
import type { SensorState } from '@forewarn/store/resources/sensors';

export type Why = { reason: Words; advice: Words };

type Values = NonNullable<Words['values']>;

/** The names of all reasons; each has a sentence `center.packets.none.*` and an advice `center.packets.todo.*`. */
export type NoneReason =
  | 'file'
  | 'no-link'
  | 'secondary'
  | 'elements'
  | 'policy-younger'
  | 'expired'
  | 'too-old'
  | 'not-yet'
  | 'silent'
  | 'stopped'
  | 'unanswered'
  | 'removed'
  | 'no-room'
  | 'malformed'
  | 'full'
  | `sensor-${NoPackets['reason']}`;

export const why = (name: NoneReason, values: Values = {}): Why => ({
  reason: { text: `center.packets.none.${name}`, values },
  advice: { text: `center.packets.todo.${name}`, values },
});

export const partWords = (part: readonly PartReason[]): Words[] => part.map((name) => ({ text: `center.packets.part.${name}` }));

/** An instant in a sentence: `2026-03-01 08:00:00 UTC`. */
export function spoken(at: Seconds): string {
  try {
    return `${formatInstant(at).slice(0, 19).replace('T', ' ')} UTC`;
  } catch {
    return String(at);
  }
}

export type Standing = {
  flow: { from: Seconds; to: Seconds };
  sensor: string;
  /** The file or interface that the record was read from. */
  source: string;
  /** Of the sensor; undefined when it never reported. */
  state: SensorState | undefined;
  silent: boolean;
  /** Where the sensor stood when it saw the flow; undefined when nowhere. `editions`: of its policy, newest first. */
  link: { id: string; role: Link['role']; editions: readonly PolicyEdition[] } | undefined;
};

/**
 * The first thing that stands in the way; undefined: the sensor is to be asked. A ring that reaches over the flow counts for more than the
 * policy's age, because a recording that is replayed is older than the policy under which it was kept.
 */
export function whyNot({ flow, sensor, source, state, silent, link }: Standing): Why | undefined {
  if (!state) return why('file', { sensor, source });
  if (!link) return why('no-link', { sensor });
  if (link.role !== 'primary') return why('secondary', { link: link.id });
  const { depth, keepHours } = policyInForce(link.role, link.editions[0]);
  if (depth !== 'packets') return why('elements', { link: link.id });
  const { packets } = state.report;
  if (!packets) return why('too-old', { sensor });
  const ring = packets.ring;
  const [from, to] = [ring?.from ?? null, ring?.to ?? null];
  const reached = from !== null && to !== null && from <= flow.to && to >= flow.from;
  const began = keptSince(link.editions);
  if (!reached && flow.to < began) return why('policy-younger', { link: link.id, at: spoken(began) });
  if (!reached && from !== null && flow.to < from)
    return why('expired', { sensor, link: link.id, at: spoken(from), hours: keepHours });
  if (state.report.stopping) return why('stopped', { sensor });
  if (silent) return why('silent', { sensor, at: spoken(state.reportedAt) });
  if (!ring) return why('not-yet', { sensor, link: link.id });
  return undefined;
}

/** Since when packets are kept without a break, by the editions of the policy; the newest comes first and keeps packets. */
function keptSince(editions: readonly PolicyEdition[]): Seconds {
  const broken = editions.findIndex(({ policy }) => policy.depth !== 'packets');
  return (broken === -1 ? editions.at(-1) : editions[broken - 1])!.at;
}
