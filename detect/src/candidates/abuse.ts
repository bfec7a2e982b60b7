/**
 * Abuse of own systems against others: a host that floods, reflects, probes or sends fraud, one that answers to a stranger's botnet, one
 * that hosts a fraud. It counts although nothing of one's own is lost.
 */

import type { Finding } from '@forewarn/model/finding';
import type { Inside } from '../inside.ts';
import type { CandidateSettings } from './settings.ts';

export type Abused = { kind: string; hosts: string[] };

/** Which abuse a finding shows and whose; `undefined` for what is none, or where nobody outside is met. */
export function abuseOf(finding: Finding, { abuse }: CandidateSettings, inside: Inside): Abused | undefined {
  if (finding.level === 'informational') return undefined;
  const source = inside(finding.source);
  const named = (listed: readonly string[]): boolean =>
    finding.technique.some((one) => listed.includes(one) || listed.includes(one.split('.')[0]!));
  for (const { id, whose, techniques, by } of abuse) {
    if (!named(techniques) || (by && !by.includes(finding.rule.id))) continue;
    if (whose === 'either') {
      const own = [finding.source, ...finding.targets].filter((host) => inside(host) === 'inside');
      return { kind: id, hosts: own.length > 0 ? own : [finding.source] };
    }
    if (whose === 'source') {
      // Where only a name was met, it stands for the host outside that has it.
      const outward =
        finding.targets.some((target) => inside(target) === 'outside') ||
        (finding.targets.length === 0 && finding.names.length > 0);
      if (source === 'inside' && outward) return { kind: id, hosts: [finding.source] };
    } else if (source === 'outside') {
      const hosts = finding.targets.filter((target) => inside(target) === 'inside');
      if (hosts.length > 0) return { kind: id, hosts };
    }
  }
  return undefined;
}
