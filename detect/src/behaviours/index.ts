/** The one list of behaviours. */

import type { Behaviour } from './behaviour.ts';
import { beacon } from './beacon/beacon.ts';
import { bruteForce } from './brute-force/brute-force.ts';
import { innerSignalling } from './inner-signalling/inner-signalling.ts';
import { newWriter } from './new-writer/new-writer.ts';
import { outboundTransfer } from './outbound-transfer/outbound-transfer.ts';
import { platformBurst } from './platform-burst/platform-burst.ts';
import { refusedSignalling } from './refused-signalling/refused-signalling.ts';
import { scan } from './scan/scan.ts';

export const behaviours: readonly Behaviour[] = [
  scan,
  beacon,
  bruteForce,
  outboundTransfer,
  newWriter,
  innerSignalling,
  refusedSignalling,
  platformBurst,
];
