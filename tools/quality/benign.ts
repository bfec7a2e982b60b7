/**
 * False alarms: findings of all behaviours on composed traffic in which nobody does anything unsafe, per million records of each kind
 * (`npm run quality -- --benign 20`). The seeds are others than those of the table.
 */

import { createDetector } from '@forewarn/detect/detector';
import type { Finding } from '@forewarn/model/finding';
import { Random } from '@forewarn/prepare/random';
import { loadDetection } from './measure.ts';
import { plant } from './measures/control.ts';
import { siteHour } from './measures/floods.ts';
import type { Line } from './measures/measure.ts';
import { churn, ownNetworks } from './measures/routes.ts';
import { calls } from './measures/telecom.ts';
import { fleet, headend, warnings } from './measures/things.ts';

const kinds: readonly { name: string; make: (random: Random) => Line[]; localNetworks?: readonly string[] }[] = [
  { name: 'plant, four days', make: (random) => plant(random, 4) },
  { name: 'website and office', make: siteHour },
  { name: 'routes of a collector', make: churn, localNetworks: ownNetworks },
  { name: 'calls of offices', make: calls },
  { name: 'fleet of MQTT', make: fleet },
  { name: 'headend', make: headend },
  { name: 'public warnings', make: warnings },
];

export function printBenign(seeds: number): void {
  const { content } = loadDetection();
  for (const { name, make, localNetworks } of kinds) {
    const findings: Finding[] = [];
    let records = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const of = new Map<string, Finding>();
      const detector = createDetector({
        behaviours: content.behaviours,
        ...(localNetworks && { localNetworks }),
        sink: (finding) => void of.set(finding.id, finding),
      });
      const lines = make(new Random(`benign/${name}/${seed}`)).sort(
        (a, b) => (a.record['ts'] as number) - (b.record['ts'] as number),
      );
      for (const { log, record } of lines) detector.push(log, record);
      detector.end();
      records += lines.length;
      findings.push(...of.values());
    }
    const told = Object.entries(Object.groupBy(findings, ({ rule, level }) => `${rule.id.replace('behaviour:', '')} ${level}`));
    console.log(
      `${name.padEnd(24)} ${String(records).padStart(8)} records  ${((findings.length * 1e6) / records).toFixed(1).padStart(7)} findings per million  ${told.map(([rule, all]) => `${rule}: ${all!.length}`).join(', ')}`,
    );
  }
}
