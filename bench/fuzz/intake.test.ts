/** What arrives over the network from others' exporters and shippers. */

import { fuzzes } from './ci.ts';
import { intakeFamilies } from './intake.ts';

for (const family of intakeFamilies) fuzzes(family);
