/**
 * What an organisation sees of a finding. Whose host acts, or whose sensor saw it, sees it whole: it is its own traffic. Who was only acted
 * upon sees who acted, and of the hosts acted upon its own.
 */

import type { FindingView } from '@forewarn/model/api';
import { hideHosts, type HostShown } from './incident.ts';

/** `shown` tells the viewer's own hosts and those that are nobody's. */
export function projectFinding(finding: FindingView, whole: boolean, shown: HostShown): FindingView {
  if (whole) return finding;
  const seen: HostShown = (host) => host === finding.source || shown(host);
  return {
    ...finding,
    targets: finding.targets.filter(seen),
    explanation: hideHosts(finding.explanation, seen),
  };
}
