/**
 * The book of open findings. Many records show the same thing: they become one finding that grows, told once when it opens, then at
 * most once in a while, and a last time when it closes. Its id is made of rule, subject and window, so that the
 * same evidence gives the same finding again.
 */

import { createHash } from 'node:crypto';
import type { Seconds } from '@forewarn/base/time';
import type { Finding, RecordReference } from '@forewarn/model/finding';

/** What a rule saw, before it is a finding. Lists may be longer than a finding's; the ledger keeps the first. */
export type Sighting = {
  rule: Finding['rule'];
  /** Whom and what it is about, within the rule; the same subject in the same window is the same finding. */
  subject: string;
  /** Start of the window, seconds. */
  window: Seconds;
  from: Seconds;
  to: Seconds;
  technique: readonly string[];
  tactic: readonly string[];
  level: Finding['level'];
  confidence: number;
  /** What can be said now; a later sighting of the same finding replaces it. */
  explanation: Finding['explanation'];
  source: string;
  targets: Iterable<string>;
  names: Iterable<string>;
  records: Iterable<RecordReference>;
  /** Records that this sighting adds. */
  recordCount: number;
  harm: Finding['harm'];
};

export type FindingSink = (finding: Finding) => void;

export type Ledger = {
  sight(sighting: Sighting): void;
  /** Tells what has changed and closes what has ended, at record time. */
  advance(ts: Seconds): void;
  /** Tells all that has changed, and forgets everything. */
  end(): void;
  readonly counts: { findings: number; told: number; evictedEarly: number };
};

/** A growing finding is told again after this many seconds of record time: often enough to watch, seldom enough to store. */
const tellAgainAfter = 60;

/** A finding that nobody adds to is closed; longer than any window and lateness of the behaviours. */
const closeAfter = 7_200;

/**
 * Findings open at once, about 5 KB each when full of records: 100,000 are 500 MB at the very worst and 50 MB as a rule. Beyond it the
 * longest untouched is told and closed early; should it be seen again, its count starts anew under the same id.
 */
const openMax = 100_000;

const recordsMax = 100;
const targetsMax = 1_000;
const namesMax = 100;

const levels = ['informational', 'low', 'medium', 'high', 'critical'] as const;

type Open = {
  finding: Finding;
  targets: Set<string>;
  names: Set<string>;
  references: Set<string>;
  toldAt: Seconds;
  touchedAt: Seconds;
  changed: boolean;
};

/** Ids of 32 hexadecimal digits: with a billion findings two of them would meet with a chance of 10⁻²¹. */
export function findingId(rule: string, subject: string, window: Seconds): string {
  return createHash('sha256')
    .update(JSON.stringify([rule, subject, window]))
    .digest('hex')
    .slice(0, 32);
}

export function createLedger(sink: FindingSink): Ledger {
  // A Map keeps the order of insertion; touching moves to the end, so the first is the longest untouched.
  const open = new Map<string, Open>();
  const counts = { findings: 0, told: 0, evictedEarly: 0 };
  let now = -Infinity;

  const tell = (entry: Open): void => {
    entry.toldAt = now;
    entry.changed = false;
    counts.told++;
    const { finding } = entry;
    sink({ ...finding, targets: [...entry.targets], names: [...entry.names], records: [...finding.records] });
  };

  const fill = (entry: Open, sighting: Sighting): void => {
    const { finding } = entry;
    for (const target of sighting.targets) {
      if (entry.targets.size >= targetsMax) break;
      entry.targets.add(target);
    }
    for (const name of sighting.names) {
      if (entry.names.size >= namesMax) break;
      entry.names.add(name.slice(0, 300));
    }
    for (const { log, uid, ts } of sighting.records) {
      if (finding.records.length >= recordsMax) break;
      const key = `${log} ${uid} ${ts}`;
      if (entry.references.has(key)) continue;
      entry.references.add(key);
      finding.records.push({ log, uid, ts });
    }
  };

  return {
    counts,
    sight(sighting) {
      now = Math.max(now, sighting.to);
      const id = findingId(sighting.rule.id, sighting.subject, sighting.window);
      const known = open.get(id);
      if (!known) {
        if (open.size >= openMax) {
          const [oldId, old] = open.entries().next().value!;
          open.delete(oldId);
          counts.evictedEarly++;
          if (old.changed) tell(old);
        }
        const entry: Open = {
          finding: {
            id,
            from: sighting.from,
            to: sighting.to,
            rule: sighting.rule,
            technique: [...sighting.technique],
            tactic: [...sighting.tactic],
            level: sighting.level,
            confidence: sighting.confidence,
            explanation: sighting.explanation,
            source: sighting.source,
            targets: [],
            names: [],
            records: [],
            recordCount: Math.max(1, sighting.recordCount),
            harm: sighting.harm,
          },
          targets: new Set(),
          names: new Set(),
          references: new Set(),
          toldAt: now,
          touchedAt: now,
          changed: true,
        };
        fill(entry, sighting);
        open.set(id, entry);
        counts.findings++;
        tell(entry);
        return;
      }
      const { finding } = known;
      const graver =
        levels.indexOf(sighting.level) > levels.indexOf(finding.level) || (finding.harm === null && sighting.harm !== null);
      finding.from = Math.min(finding.from, sighting.from);
      finding.to = Math.max(finding.to, sighting.to);
      finding.recordCount += sighting.recordCount;
      finding.explanation = sighting.explanation;
      finding.confidence = Math.max(finding.confidence, sighting.confidence);
      if (levels.indexOf(sighting.level) > levels.indexOf(finding.level)) finding.level = sighting.level;
      finding.harm ??= sighting.harm;
      for (const technique of sighting.technique) if (!finding.technique.includes(technique)) finding.technique.push(technique);
      for (const tactic of sighting.tactic) if (!finding.tactic.includes(tactic)) finding.tactic.push(tactic);
      fill(known, sighting);
      known.changed = true;
      known.touchedAt = now;
      open.delete(id);
      open.set(id, known);
      if (graver || now - known.toldAt >= tellAgainAfter) tell(known);
    },
    advance(ts) {
      now = Math.max(now, ts);
      for (const [id, entry] of open) {
        if (entry.changed && now - entry.toldAt >= tellAgainAfter) tell(entry);
        if (now - entry.touchedAt >= closeAfter) open.delete(id);
      }
    },
    end() {
      for (const entry of open.values()) if (entry.changed) tell(entry);
      open.clear();
    },
  };
}
