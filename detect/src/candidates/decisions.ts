/**
 * What people decided stands above what grouping proposes. A finding that somebody put into an incident stays there, one that was taken out
 * stays out, and what a split-off host does next goes to the part that was split off.
 */

import type { Finding } from '@forewarn/model/finding';

export type Decided = {
  /** Where people put findings: an incident, or null for none. */
  placements: ReadonlyMap<string, string | null>;
  /** The incident of the group, when there is one. */
  home: string | undefined;
  /** What is in that incident now. */
  members: ReadonlySet<string>;
};

export type Divided = {
  /** What the group still is. */
  home: string[];
  /** What belongs to other incidents. */
  others: Map<string, string[]>;
  /** What a person took out. */
  out: string[];
};

/** Divides a group's findings by what people decided. Every finding is in exactly one part. */
export function divide(findings: readonly Pick<Finding, 'id' | 'source'>[], { placements, home, members }: Decided): Divided {
  const divided: Divided = { home: [], others: new Map(), out: [] };
  const stays = new Set<string>();
  const follows = new Map<string, string>();
  for (const { id, source } of findings) {
    const placed = placements.get(id);
    if (placed === undefined ? members.has(id) : placed === home) stays.add(source);
    else if (placed !== undefined && placed !== null) follows.set(source, placed);
  }
  for (const { id, source } of findings) {
    const placed = placements.get(id);
    const incident = placed !== undefined ? placed : members.has(id) || stays.has(source) ? home : (follows.get(source) ?? home);
    if (incident === null) divided.out.push(id);
    else if (incident === home) divided.home.push(id);
    else divided.others.set(incident!, [...(divided.others.get(incident!) ?? []), id]);
  }
  return divided;
}
