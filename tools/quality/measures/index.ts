/** The one list of measures. */

import { beacons } from './beacon.ts';
import { guesses } from './brute-force.ts';
import { controls } from './control.ts';
import { tunnels } from './dns-tunnel.ts';
import { floods } from './floods.ts';
import { generatedNames } from './generated-names.ts';
import { habits } from './habits.ts';
import type { Measure } from './measure.ts';
import { ndpi } from './ndpi.ts';
import { operators } from './operators.ts';
import { routes } from './routes.ts';
import { scans } from './scan.ts';
import { transfers } from './outbound-transfer.ts';
import { slips } from './slips.ts';
import { telecoms } from './telecom.ts';
import { things } from './things.ts';
import { stealth } from './stealth.ts';

export const measures: readonly Measure[] = [
  ...scans,
  ...beacons,
  ...guesses,
  ...transfers,
  ...tunnels,
  ...generatedNames,
  ...controls,
  ...floods,
  ...routes,
  ...telecoms,
  ...operators,
  ...things,
  ...slips,
  ...ndpi,
  ...stealth,
  ...habits,
];
