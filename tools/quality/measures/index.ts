/** The one list of measures. */

import { beacons } from './beacon.ts';
import { guesses } from './brute-force.ts';
import { tunnels } from './dns-tunnel.ts';
import { generatedNames } from './generated-names.ts';
import type { Measure } from './measure.ts';
import { scans } from './scan.ts';
import { transfers } from './outbound-transfer.ts';

export const measures: readonly Measure[] = [...scans, ...beacons, ...guesses, ...transfers, ...tunnels, ...generatedNames];
